//! Joining and leaving groups, following people; and founding a group.
use actix_web::{HttpResponse, web};

use super::{
    named,
    posted::Posted,
    reader::Reader,
    refusal, show,
    views::{FlashKind, Form, operator::NewGroupPage},
};
use crate::{
    db::actors::Actor,
    domain::{
        actors, follows,
        groups::{self, NewGroup},
    },
    error::{Error, Result},
    keys::KeyPair,
};

/// Joins the group, or follows the person, at `/@name`.
///
/// # Errors
/// `Unauthorized`, `NotFound`, or `Forbidden` across a block.
pub async fn follow(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, domain, acct) =
        (reader.member()?.actor.id, reader.app.domain().to_owned(), path.into_inner());
    let (target, accepted) = reader
        .app
        .write(move |tx| {
            let target = named::find(tx, &acct, &domain)?;
            let follow = follows::follow(tx, me, &target, follows::Options::default())?;
            Ok((target, follow.accepted_at.is_some()))
        })
        .await?;
    let name = show::display_name(&target);
    let words = match (target.is_group(), accepted) {
        (true, true) => format!("You are a member of {name} now."),
        (true, false) => {
            format!("You asked to join {name}. Its server has to answer; that can take a moment.")
        }
        (false, true) => format!("You follow {name} now."),
        (false, false) => {
            format!("You asked to follow {name}. They, or their server, have to answer.")
        }
    };
    Ok(reader.go_saying(&show::actor_path(&target), FlashKind::Done, words))
}

/// Leaves the group, or stops following the person, at `/@name`.
///
/// # Errors
/// `Unauthorized`, or `NotFound`.
pub async fn unfollow(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, domain, acct) =
        (reader.member()?.actor.id, reader.app.domain().to_owned(), path.into_inner());
    let target: Actor = reader
        .app
        .write(move |tx| {
            let target = named::find(tx, &acct, &domain)?;
            follows::unfollow(tx, me, target.id)?;
            Ok(target)
        })
        .await?;
    let name = show::display_name(&target);
    let words = if target.is_group() {
        format!("You left {name}. You can come back any time.")
    } else {
        format!("You no longer follow {name}.")
    };
    Ok(reader.go_saying(&show::actor_path(&target), FlashKind::Done, words))
}

/// The form that begins a group: the why first.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn found_form(reader: Reader) -> Result<HttpResponse> {
    reader.member()?;
    found_page(&reader, Form::default().with("private", "no"), false)
}

fn found_page(reader: &Reader, form: Form, again: bool) -> Result<HttpResponse> {
    let page = NewGroupPage {
        page: reader.page("Start a group"),
        address_hint: format!(
            "It becomes @name@{}. 3 to 20 letters a to z, digits and underscores.",
            reader.app.domain()
        ),
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Founds a group.
///
/// # Errors
/// `Unauthorized` for visitors; what is wrong is said on the form.
pub async fn found(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let founder = reader.member()?.actor.clone();
    let mut form = posted.form();
    if posted.trimmed("purpose").is_empty() {
        form.wrong("purpose", "Say in one sentence why this group should exist.");
    }
    if posted.trimmed("title").is_empty() {
        form.wrong("title", "Give the group a name.");
    }
    let wrong = refusal::of(actors::check_name(posted.value("name")))?;
    if !wrong.is_empty() {
        form.wrong("name", wrong);
    }
    if !form.is_fine() {
        return found_page(reader, form, true);
    }
    let new = NewGroup {
        name: posted.trimmed("name").to_owned(),
        title: posted.trimmed("title").to_owned(),
        purpose: posted.trimmed("purpose").to_owned(),
        private: posted.value("private") == "yes",
        monthly_summary: posted.value("monthly_summary") == "1",
        ..NewGroup::default()
    };
    let keys = web::block(KeyPair::generate).await.map_err(Error::internal)??;
    match reader.app.write(move |tx| groups::found(tx, &founder, new, keys)).await {
        Ok(group) => {
            let words = format!("{} exists. You are its first member.", show::display_name(&group));
            Ok(reader.go_saying(&show::actor_path(&group), FlashKind::Done, words))
        }
        Err(error) => {
            let why = refusal::sentence(error)?;
            let field = if why.contains("name") { "name" } else { "purpose" };
            form.wrong(field, why);
            found_page(reader, form, true)
        }
    }
}
