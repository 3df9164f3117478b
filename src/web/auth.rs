//! Signing in and out. Every sign-in is a new session; an old cookie is worth nothing afterwards.
use actix_web::{HttpResponse, web};

use super::{
    cookies::{self, Purpose},
    posted::Posted,
    reader::Reader,
    views::{
        Form, Page,
        pages::{ConfirmPage, MessagePage, SignInPage},
    },
};
use crate::{
    db::{members::Member, oauth},
    domain::sessions,
    error::{Error, Result},
    keys,
    types::ActorId,
};

/// Where to go after signing in.
#[derive(serde::Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// The form to sign in; also for who is signed in already and wants to be someone else.
///
/// # Errors
/// `Internal` only.
pub async fn sign_in_form(reader: Reader, next: web::Query<Next>) -> Result<HttpResponse> {
    let form = Form::default().with("next", local_path(&next.next));
    sign_in_page(&reader, form, false).await
}

/// Signs in.
///
/// # Errors
/// `Internal` only; what is wrong with name or password is said on the page.
pub async fn sign_in(posted: Posted) -> Result<HttpResponse> {
    let login = posted.trimmed("username").trim_start_matches('@').to_lowercase();
    // People type their whole address, too.
    let login = match login.split_once('@') {
        Some((name, host)) if host == posted.reader.app.domain() && !name.is_empty() => {
            name.to_owned()
        }
        _ => login,
    };
    let password = posted.value("password").to_owned();
    let app = posted.reader.app.clone();
    let found = app.read(move |conn| sessions::find_login(conn, &login)).await?;
    // Who waits to be let in is kept out of sight, and still may ask how it stands.
    let known = found.filter(|(member, actor)| {
        actor.deleted_at.is_none() && (actor.is_active() || !member.may_act())
    });
    let hash = known.as_ref().map(|(member, _)| member.password_hash.clone());
    let right = web::block(move || match hash {
        Some(hash) => keys::verify_password(&password, &hash),
        None => keys::verify_nobody(&password),
    })
    .await
    .map_err(Error::internal)?;
    let (member, actor) = match known {
        Some(known) if right => known,
        _ => {
            let words = "This name and password do not go together. Check both, and whether capitals are locked.";
            let form = posted.form().with_problem("username", words);
            return sign_in_page(&posted.reader, form, true).await;
        }
    };
    if !member.may_act() {
        return not_let_in(&posted.reader, &member);
    }
    if let Some(old) = posted.reader.me.as_ref().map(|me| me.cookie.clone()) {
        app.write(move |tx| sessions::end(tx, &old)).await?;
    }
    open(&posted.reader, actor.id, local_path(posted.value("next"))).await
}

/// How it stands with somebody who has not been let in.
fn not_let_in(reader: &Reader, member: &Member) -> Result<HttpResponse> {
    let denied = member.denied_at.is_some();
    let heading = if denied { "You were not let in" } else { "Not yet" };
    let lines = if denied {
        let why = match member.denied_reason.as_str() {
            "" => "They gave no reason.".to_owned(),
            why => format!("They say: \u{201c}{why}\u{201d}"),
        };
        vec!["Someone who runs this server read your request.".to_owned(), why]
    } else {
        vec![
            "Your name and password are right. Someone who runs this server has still to let you in.".to_owned(),
            "Come back later. You lose nothing by waiting.".to_owned(),
        ]
    };
    reader.html(&MessagePage {
        page: reader.form_page(heading),
        heading: heading.into(),
        lines,
        link: "/".into(),
        link_words: "Look around".into(),
    })
}

/// Begins a session for `actor` in this browser and goes on to `path`.
///
/// # Errors
/// `Forbidden` for those who may not act.
pub async fn open(reader: &Reader, actor: ActorId, path: &str) -> Result<HttpResponse> {
    let agent = reader.agent().to_owned();
    let cookie = reader.app.write(move |tx| sessions::begin(tx, actor, &agent)).await?;
    Ok(opened(reader, cookie, path))
}

/// On to `path` with a new session.
pub fn opened(reader: &Reader, cookie: String, path: &str) -> HttpResponse {
    let origin = reader.app.origin();
    let mut response = reader.going(path);
    response.cookie(cookies::set(Purpose::Session, origin, cookie));
    response.cookie(cookies::gone(Purpose::Guest, origin));
    response.finish()
}

/// Only paths of this node: `next` comes from the address, which anyone can write.
pub fn local_path(path: &str) -> &str {
    let plain = path.bytes().all(|byte| byte > 0x20 && byte != b'\\' && byte != 0x7f);
    if path.starts_with('/') && !path.starts_with("//") && plain { path } else { "/" }
}

async fn sign_in_page(reader: &Reader, form: Form, again: bool) -> Result<HttpResponse> {
    let app = waiting_app(reader, form.value("next")).await?;
    let page = SignInPage { page: reader.form_page("Sign in"), app, form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// The name of the app for whose sake someone signs in.
async fn waiting_app(reader: &Reader, next: &str) -> Result<String> {
    let Some(query) = next.strip_prefix("/oauth/authorize?") else { return Ok(String::new()) };
    let client = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "client_id")
        .map(|(_, id)| id.into_owned());
    let Some(client) = client else { return Ok(String::new()) };
    let app = reader.app.read(move |conn| Ok(oauth::app_by_client_id(conn, &client)?)).await?;
    Ok(app.map(|app| app.name).unwrap_or_default())
}

/// Asks before signing out, for those who follow the link.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn sign_out_form(reader: Reader) -> Result<HttpResponse> {
    reader.member()?;
    reader.html(&ConfirmPage {
        page: Page { unlisted: true, ..reader.page("Sign out") },
        heading: "Sign out?".into(),
        lines: vec![
            "In this browser you need your password to come back. Apps stay signed in.".into(),
        ],
        action: "/auth/sign_out".into(),
        button: "Sign out".into(),
        dangerous: false,
        back: "/".into(),
        back_words: "Stay".into(),
    })
}

/// Signs out in this browser.
///
/// # Errors
/// `Internal` only.
pub async fn sign_out(posted: Posted) -> Result<HttpResponse> {
    if let Some(cookie) = posted.reader.me.as_ref().map(|me| me.cookie.clone()) {
        posted.reader.app.write(move |tx| sessions::end(tx, &cookie)).await?;
    }
    Ok(posted.reader.signed_out("You are signed out."))
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn after_signing_in_one_stays_on_this_node() {
        for good in ["/", "/@repairs/1", "/oauth/authorize?client_id=a&redirect_uri=b%3A%2F%2Fc"] {
            assert_eq!(local_path(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:x",
        ] {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
    }
}
