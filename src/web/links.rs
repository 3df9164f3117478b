//! Links that came by mail, or from an operator: to confirm an address, to choose a new password; and
//! the page that asks for one.
//!
//! Opening a link changes nothing, since programs that look through mail do that too: the page has a
//! button.
use actix_web::{HttpResponse, web};

use super::{
    posted::Posted,
    reader::Reader,
    refusal,
    views::{
        FlashKind, Form,
        pages::{ConfirmPage, MessagePage},
        signing_in::{ForgotPage, ResetPage},
    },
};
use crate::{
    domain::{
        account_links::{self, Purpose},
        members,
    },
    error::{Error, Result},
    keys,
};

/// The token of a link.
#[derive(serde::Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// "Forgot your password?"
///
/// # Errors
/// `Internal` only.
pub async fn forgot_form(reader: Reader) -> Result<HttpResponse> {
    let config = reader.app.config();
    reader.html(&ForgotPage {
        page: reader.form_page("A new password"),
        mail: config.smtp_url.is_some(),
        contact: config.contact_email.clone().unwrap_or_default(),
        form: Form::default(),
    })
}

/// Sends a link. The answer is the same whether there is such an account or not.
///
/// # Errors
/// `Internal` only.
pub async fn forgot(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    if reader.app.config().smtp_url.is_none() {
        return Ok(reader.go("/auth/forgot"));
    }
    let login = posted.trimmed("login").to_owned();
    reader.app.write(move |tx| account_links::forgot(tx, &login)).await?;
    reader.html(&MessagePage {
        page: reader.form_page("Look into your mail"),
        heading: "Look into your mail".into(),
        lines: vec![
            "If there is such an account here, a link to choose a new password is on its way to its e-mail address. It works for two hours.".into(),
            "It can take a few minutes, and it may lie among the spam. If nothing comes, check the name, or ask the people who run this server.".into(),
        ],
        link: "/auth/sign_in".into(),
        link_words: "Back to signing in".into(),
    })
}

/// Whose account a link opens.
async fn name(reader: &Reader, token: &str, purpose: Purpose) -> Result<String> {
    let (token, now) = (token.to_owned(), reader.app.now());
    reader
        .app
        .read(move |conn| {
            let link = account_links::look(conn, &token, purpose, now)?;
            Ok(crate::db::actors::by_id(conn, link.actor_id)?.name)
        })
        .await
}

/// The form to choose a new password.
///
/// # Errors
/// `Forbidden` for a link that does not work any more.
pub async fn reset_form(reader: Reader, link: web::Query<Link>) -> Result<HttpResponse> {
    let token = link.into_inner().token;
    let name = name(&reader, &token, Purpose::Reset).await?;
    reset_page(&reader, name, token, Form::default())
}

fn reset_page(reader: &Reader, name: String, token: String, form: Form) -> Result<HttpResponse> {
    let again = !form.is_fine();
    let page = ResetPage { page: reader.form_page("Choose a new password"), name, token, form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Takes the new password. Everything signed in ends, and a code is asked for as ever.
///
/// # Errors
/// `Forbidden` for a link that does not work any more.
pub async fn reset(posted: Posted) -> Result<HttpResponse> {
    let (reader, token) = (&posted.reader, posted.value("token").to_owned());
    let name = name(reader, &token, Purpose::Reset).await?;
    let new = posted.value("new_password").to_owned();
    let wrong = refusal::of(members::check_password(&new))?;
    if !wrong.is_empty() {
        let form = Form::default().with_problem("new_password", wrong);
        return reset_page(reader, name, token, form);
    }
    let hash = web::block(move || keys::hash_password(&new)).await.map_err(Error::internal)??;
    reader.app.write(move |tx| account_links::reset(tx, &token, hash)).await?;
    let words = "Your password is changed. Sign in with it.";
    Ok(reader.go_saying("/auth/sign_in", FlashKind::Done, words))
}

/// The question whether an address is theirs.
///
/// # Errors
/// `Forbidden` for a link that does not work any more.
pub async fn confirm_form(reader: Reader, link: web::Query<Link>) -> Result<HttpResponse> {
    let token = link.into_inner().token;
    let name = name(&reader, &token, Purpose::Confirm).await?;
    reader.html(&ConfirmPage {
        page: reader.form_page("Confirm your e-mail address"),
        heading: "Is this e-mail address yours?".into(),
        lines: vec![format!("Then it belongs to the account {name} here.")],
        action: format!("/auth/confirm?token={}", urlencoded(&token)),
        button: "Yes, confirm it".into(),
        dangerous: false,
        back: "/".into(),
        back_words: "No".into(),
    })
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Confirms the address.
///
/// # Errors
/// `Forbidden` for a link that does not work any more, `Conflict` where somebody else has the address.
pub async fn confirm(posted: Posted, link: web::Query<Link>) -> Result<HttpResponse> {
    let (reader, token) = (&posted.reader, link.into_inner().token);
    let member = reader.app.write(move |tx| account_links::confirm(tx, &token)).await?;
    let (path, words) = if reader.me.is_some() {
        ("/settings/account", "Your e-mail address is confirmed.")
    } else if member.may_act() {
        ("/auth/sign_in", "Your e-mail address is confirmed. You can sign in now.")
    } else {
        let words = "Your e-mail address is confirmed. Someone who runs this server has still to let you in.";
        ("/auth/sign_in", words)
    };
    Ok(reader.go_saying(path, FlashKind::Done, words))
}
