//! Signing in and out. Every sign-in is a new session; an old cookie is worth nothing afterwards.
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};

use super::{
    cookies::{self, Purpose},
    guard,
    posted::Posted,
    reader::Reader,
    second_steps,
    views::{
        Form, Page,
        pages::{ConfirmPage, MessagePage, SignInPage},
    },
};
use crate::{
    db::{members::Member, oauth},
    domain::{
        account_links, second_step, sessions,
        tries::{self, Subject},
    },
    error::{Error, Result},
    keys,
};

/// Where to go after signing in.
#[derive(serde::Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

impl Next {
    /// As it stands in the address, which anyone can write.
    pub fn path(&self) -> &str {
        &self.next
    }
}

/// The form to sign in; also for who is signed in already and wants to be someone else.
///
/// # Errors
/// `Internal` only.
pub async fn sign_in_form(reader: Reader, next: web::Query<Next>) -> Result<HttpResponse> {
    let form = Form::default().with("next", local_path(&next.next));
    sign_in_page(&reader, form, StatusCode::OK).await
}

/// Signs in, or asks for a code first.
///
/// # Errors
/// `Internal` only; what is wrong with name or password is said on the page.
pub async fn sign_in(posted: Posted) -> Result<HttpResponse> {
    let (reader, login) = (&posted.reader, login(&posted));
    let asked = login.clone();
    let found = reader.app.read(move |conn| sessions::find_login(conn, &asked)).await?;
    // Who waits to be let in is kept out of sight, and still may ask how it stands.
    let known = found.filter(|(member, actor)| {
        actor.deleted_at.is_none() && (actor.is_active() || !member.may_act())
    });
    let subjects = subjects(reader, known.as_ref().map(|(member, _)| member), &login);
    let counted = subjects.clone();
    if let Some(secs) = reader.app.write(move |tx| tries::begin(tx, &counted)).await? {
        return too_early(&posted, secs).await;
    }
    let password = posted.value("password").to_owned();
    let hash = known.as_ref().map(|(member, _)| member.password_hash.clone());
    let right = web::block(move || match hash {
        Some(hash) => keys::verify_password(&password, &hash),
        None => keys::verify_nobody(&password),
    })
    .await
    .map_err(Error::internal)?;
    let member = match known {
        Some((member, _)) if right => member,
        _ => {
            let words = "This name and password do not go together. Check both, and whether capitals are locked.";
            let form = posted.form().with_problem("username", words);
            return sign_in_page(reader, form, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    if !member.may_act() {
        reader.app.write(move |tx| tries::succeed(tx, &subjects)).await?;
        return not_let_in(reader, &member).await;
    }
    enter(&posted, &member, subjects).await
}

/// The name or e-mail address that was typed.
fn login(posted: &Posted) -> String {
    let login = posted.trimmed("username").trim_start_matches('@').to_lowercase();
    // People type their whole address, too.
    match login.split_once('@') {
        Some((name, host)) if host == posted.reader.app.domain() && !name.is_empty() => {
            name.to_owned()
        }
        _ => login,
    }
}

/// What this try is counted by; the address last.
fn subjects(reader: &Reader, member: Option<&Member>, login: &str) -> Vec<Subject> {
    let account = match member {
        None => Subject::nobody(login),
        Some(member) => match known_mark(reader, member) {
            Some(mark) => Subject::browser(member.actor_id, mark),
            None => Subject::member(member.actor_id),
        },
    };
    vec![account, Subject::address(reader.address().network())]
}

/// What marks this browser as one in which the member signed in before; their next password ends it.
fn known_mark<'r>(reader: &'r Reader, member: &Member) -> Option<&'r str> {
    let (mark, proof) = reader.known()?.split_once('.')?;
    keys::mac_ok(&member.password_hash, &format!("known browser {mark}"), proof).then_some(mark)
}

/// The password was right and the member may act: in, or on to the code.
async fn enter(posted: &Posted, member: &Member, subjects: Vec<Subject>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (id, agent) = (member.actor_id, reader.agent().to_owned());
    let old = reader.me.as_ref().map(|me| me.cookie.clone());
    let entered = reader.app.write(move |tx| {
        tries::succeed(tx, &subjects)?;
        if second_step::on_since(tx, id)?.is_some() {
            return Ok(Entered::Halfway(second_step::halfway(tx, id)?));
        }
        if let Some(old) = old {
            sessions::end(tx, &old)?;
        }
        Ok(Entered::In(sessions::begin(tx, id, &agent)?))
    });
    let next = local_path(posted.value("next"));
    match entered.await? {
        Entered::In(cookie) => Ok(opened_by(reader, member, cookie, next)),
        Entered::Halfway(cookie) => Ok(second_steps::ask(reader, cookie, next)),
    }
}

/// How far a right password leads.
enum Entered {
    /// In, with the session's cookie.
    In(String),
    /// A code is asked for; the cookie says of whom.
    Halfway(String),
}

/// Too many wrong passwords: the form again, and when it is taken.
async fn too_early(posted: &Posted, secs: u64) -> Result<HttpResponse> {
    let words = format!(
        "Too often in a row name and password did not go together. Try again in {}. A browser in which \
         you signed in before does not have to wait for what others try.",
        guard::wait(secs)
    );
    let form = posted.form().with_problem("username", words);
    let mut page = sign_in_page(&posted.reader, form, StatusCode::TOO_MANY_REQUESTS).await?;
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
    Ok(page)
}

/// How it stands with somebody who has not been let in.
async fn not_let_in(reader: &Reader, member: &Member) -> Result<HttpResponse> {
    if member.confirmed_at.is_none() {
        let id = member.actor_id;
        reader.app.write(move |tx| account_links::send_confirmation(tx, id)).await?;
        return to_confirm(reader, &member.email);
    }
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

/// What to do who has yet to confirm their address.
///
/// # Errors
/// `Internal` when the template fails.
pub fn to_confirm(reader: &Reader, email: &str) -> Result<HttpResponse> {
    reader.html(&MessagePage {
        page: reader.form_page("Look into your mail"),
        heading: "Look into your mail".into(),
        lines: vec![
            format!("We sent a letter with a link to {email}. Open the link, and you are in."),
            "It can take a few minutes, and it may lie among the spam. Sign in again to have it sent once more; ask the people who run this server if it never comes.".into(),
        ],
        link: "/auth/sign_in".into(),
        link_words: "Sign in".into(),
    })
}

/// The same as [`opened`]; from now on this browser is one that the member is known in.
pub fn opened_by(reader: &Reader, member: &Member, cookie: String, path: &str) -> HttpResponse {
    let mut response = opened(reader, cookie, path);
    let mark = match known_mark(reader, member) {
        Some(mark) => mark.to_owned(),
        None => keys::new_token(),
    };
    let proof = keys::mac(&member.password_hash, &format!("known browser {mark}"));
    let known = cookies::set(Purpose::Known, reader.app.origin(), format!("{mark}.{proof}"));
    if let Err(error) = response.add_cookie(&known) {
        // Without it they may have to wait another time.
        tracing::error!(cause = %error, "a cookie cannot be set");
    }
    response
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

async fn sign_in_page(reader: &Reader, form: Form, status: StatusCode) -> Result<HttpResponse> {
    let app = waiting_app(reader, form.value("next")).await?;
    reader.html_as(status, &SignInPage { page: reader.form_page("Sign in"), app, form })
}

/// The name of the app for whose sake someone signs in.
///
/// # Errors
/// `Internal` from the database.
pub async fn waiting_app(reader: &Reader, next: &str) -> Result<String> {
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
