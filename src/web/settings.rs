//! A member's own settings: how they are shown, their password, their sessions.
use actix_web::{HttpResponse, web};

use super::{
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
        actors::{self, ProfileChange},
        members::{self, Preferences},
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

/// Password and sessions.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn account_form(reader: Reader) -> Result<HttpResponse> {
    account_page(&reader, Form::default(), false).await
}

async fn account_page(reader: &Reader, form: Form, again: bool) -> Result<HttpResponse> {
    let SignedIn { actor, member, .. } = reader.member()?;
    let id = actor.id;
    let used = reader.app.read(move |conn| Ok(db::media::used_bytes(conn, id)?)).await?;
    let page = AccountSettingsPage {
        page: reader.page("Settings"),
        email: member.email.clone(),
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
    let SignedIn { actor, member, session, .. } = posted.reader.member()?.clone();
    let (old, new) = (posted.value("password").to_owned(), posted.value("new_password").to_owned());
    let mut form = Form::default();
    let right = web::block(move || keys::verify_password(&old, &member.password_hash));
    if !right.await.map_err(Error::internal)? {
        form.wrong("password", "This is not your password until now.");
    }
    let wrong = refusal::of(members::check_password(&new))?;
    if !wrong.is_empty() {
        form.wrong("new_password", wrong);
    }
    if !form.is_fine() {
        return account_page(&posted.reader, form, true).await;
    }
    let hash = web::block(move || keys::hash_password(&new)).await.map_err(Error::internal)??;
    let (id, keep) = (actor.id, session.token_hash);
    posted.reader.app.write(move |tx| members::set_password(tx, id, hash, Some(&keep))).await?;
    let words = "Your password is changed. Everywhere else you sign in again.";
    Ok(posted.reader.go_saying("/settings/account", FlashKind::Done, words))
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
    let typed = posted.value("leave_password").to_owned();
    let right = web::block(move || keys::verify_password(&typed, &member.password_hash));
    if !right.await.map_err(Error::internal)? {
        let form = Form::default().with_problem("leave_password", "This is not your password.");
        return account_page(&posted.reader, form, true).await;
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
            db::oauth::revoke_tokens_of(tx, me)?;
            Ok(())
        })
        .await?;
    Ok(posted.reader.signed_out("You are signed out everywhere."))
}
