//! A member's own settings: how they are shown, their password, their e-mail address.
use actix_web::{HttpResponse, web};

use super::{
    passwords,
    posted::Posted,
    reader::{Reader, SignedIn},
    refusal,
    views::{
        FlashKind, Form,
        pages::{AccountSettingsPage, ProfileSettingsPage},
        words,
    },
};
use crate::{
    db,
    domain::{
        account_links,
        actors::{self, ProfileChange},
        members::{self, Preferences},
        oauth,
    },
    error::{Error, Result},
    keys,
    media::{self, Purpose},
    types::Visibility,
};

/// How one is shown.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn profile_form(reader: Reader) -> Result<HttpResponse> {
    let me = reader.member()?;
    let form = Form::default()
        .with("display_name", me.actor.display_name.clone())
        .with("bio", me.actor.summary_source.clone())
        .with("visibility", me.member.default_visibility.as_str())
        .with("locked", if me.actor.locked { "1" } else { "" });
    profile_page(&reader, form, false)
}

fn profile_page(reader: &Reader, form: Form, again: bool) -> Result<HttpResponse> {
    let page = ProfileSettingsPage { page: reader.page("Settings"), form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Changes how one is shown.
///
/// # Errors
/// `Unauthorized` for visitors; what is wrong is said on the form.
pub async fn profile(mut posted: Posted) -> Result<HttpResponse> {
    let me = posted.reader.member()?.actor.id;
    let app = posted.reader.app.clone();
    let mut form = posted.form();
    let mut avatar = None;
    if let Some(file) = posted.take_file("avatar") {
        match media::receive(app.store(), file.bytes, Purpose::Avatar).await {
            Ok(kept) => avatar = Some(Some(kept.path)),
            Err(error) => form.wrong("avatar", refusal::sentence(error)?),
        }
    }
    if !form.is_fine() {
        return profile_page(&posted.reader, form, true);
    }
    let change = ProfileChange {
        display_name: Some(posted.trimmed("display_name").to_owned()),
        note: Some(posted.value("bio").to_owned()),
        avatar,
        locked: Some(form.ticked("locked")),
        ..ProfileChange::default()
    };
    let preferences = Preferences {
        visibility: Visibility::from_word(posted.value("visibility")),
        ..Preferences::default()
    };
    let changed = app
        .write(move |tx| {
            members::change_preferences(tx, me, preferences)?;
            actors::change_profile(tx, me, change)
        })
        .await;
    match changed {
        Ok(_) => Ok(posted.reader.go_saying("/settings", FlashKind::Done, "Saved.")),
        Err(error) => {
            let why = refusal::sentence(error)?;
            form.wrong(if why.contains("display name") { "display_name" } else { "bio" }, why);
            profile_page(&posted.reader, form, true)
        }
    }
}

/// Password and e-mail address.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn account_form(reader: Reader) -> Result<HttpResponse> {
    account_page(&reader, Form::default()).await
}

async fn account_page(reader: &Reader, form: Form) -> Result<HttpResponse> {
    let member = &reader.member()?.member;
    let id = member.actor_id;
    let change = reader.app.read(move |conn| Ok(db::account_links::open_change(conn, id)?)).await?;
    let used = reader.app.read(move |conn| Ok(db::media::used_bytes(conn, id)?)).await?;
    let again = !form.is_fine();
    let page = AccountSettingsPage {
        page: reader.page("Settings"),
        email: member.email.clone(),
        wanted: change.map(|change| change.email).unwrap_or_default(),
        operator: member.operator,
        room: words::room(used, reader.app.config().media.quota_bytes),
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Changes the password. Every other session, and every app, signs in again.
///
/// # Errors
/// `Unauthorized` for visitors; what is wrong is said on the form.
pub async fn password(posted: Posted) -> Result<HttpResponse> {
    let SignedIn { actor, session, .. } = posted.reader.member()?.clone();
    let new = posted.value("new_password").to_owned();
    let mut form = Form::default();
    for (field, wrong) in [
        ("password", passwords::check(&posted.reader, posted.value("password")).await?),
        ("new_password", refusal::of(members::check_password(&new))?),
    ] {
        if !wrong.is_empty() {
            form.wrong(field, wrong);
        }
    }
    if !form.is_fine() {
        return account_page(&posted.reader, form).await;
    }
    let hash = web::block(move || keys::hash_password(&new)).await.map_err(Error::internal)??;
    let (id, keep) = (actor.id, session.token_hash);
    posted.reader.app.write(move |tx| members::set_password(tx, id, hash, Some(&keep))).await?;
    let words = "Your password is changed. Everywhere else you sign in again.";
    Ok(posted.reader.go_saying("/settings/account", FlashKind::Done, words))
}

/// Changes the e-mail address: at once, or once the new one is confirmed.
///
/// # Errors
/// `Unauthorized` for visitors; what is wrong is said on the form.
pub async fn email(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let id = reader.member()?.actor.id;
    let typed = posted.trimmed("new_email").to_owned();
    let form = Form::default().with("new_email", typed.clone());
    let wrong = passwords::check(reader, posted.value("email_password")).await?;
    if !wrong.is_empty() {
        return account_page(reader, form.with_problem("email_password", wrong)).await;
    }
    match reader.app.write(move |tx| account_links::change_email(tx, id, &typed)).await {
        Ok(at_once) => {
            let words = if at_once {
                "Your e-mail address is changed."
            } else {
                "We sent a letter to the new address. It holds once you open the link in it."
            };
            Ok(reader.go_saying("/settings/account", FlashKind::Done, words))
        }
        Err(error) => {
            let why = refusal::sentence(error)?;
            account_page(reader, form.with_problem("new_email", why)).await
        }
    }
}

/// A member goes for good.
///
/// # Errors
/// `Unauthorized` for visitors; `Forbidden` for those who run the node.
pub async fn leave(posted: Posted) -> Result<HttpResponse> {
    let SignedIn { actor, member, .. } = posted.reader.member()?.clone();
    if member.operator {
        return Err(Error::forbidden("You run this server. Make someone else its operator first."));
    }
    let wrong = passwords::check(&posted.reader, posted.value("leave_password")).await?;
    if !wrong.is_empty() {
        let form = Form::default().with_problem("leave_password", wrong);
        return account_page(&posted.reader, form).await;
    }
    let id = actor.id;
    posted.reader.app.write(move |tx| members::delete(tx, Some(id), id)).await?;
    Ok(posted.reader.signed_out("Your account is deleted. Thank you for having been here."))
}

/// Signs every browser and every app out.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn sign_out_everywhere(posted: Posted) -> Result<HttpResponse> {
    let me = posted.reader.member()?.actor.id;
    posted
        .reader
        .app
        .write(move |tx| {
            db::sessions::delete_of_actor(tx, me, None)?;
            db::second_steps::forget_halfway_of(tx, me)?;
            oauth::sign_out_apps(tx, me)
        })
        .await?;
    Ok(posted.reader.signed_out("You are signed out everywhere."))
}
