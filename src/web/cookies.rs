//! The cookies: who is signed in or halfway, which form a visitor was given, what just happened, and
//! in which browser somebody signed in before.
//!
//! With https their names begin with `__Host-`, so that no other site of the domain can set them.
//! Without, they carry the port, because two nodes on one machine would share them.
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use url::Url;

use super::views::{Flash, FlashKind};
use crate::keys;

/// How long a session lasts since it was last used.
pub const SESSION_DAYS: i64 = 60;
/// How long a browser is known.
const KNOWN_DAYS: i64 = 365;

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Names the session of a member.
    Session,
    /// A visitor's secret behind the tokens of their forms.
    Guest,
    /// A notice for the next page.
    Flash,
    /// Who gave the right password and has yet to give a code.
    Halfway,
    /// A member signed in here before, so others' wrong passwords do not hold this browser up.
    Known,
}

/// The cookie's name on the node at `origin`.
pub fn name(purpose: Purpose, origin: &Url) -> String {
    let word = match purpose {
        Purpose::Session => "session",
        Purpose::Guest => "guest",
        Purpose::Flash => "flash",
        Purpose::Halfway => "halfway",
        Purpose::Known => "known",
    };
    if origin.scheme() == "https" {
        format!("__Host-{word}")
    } else {
        format!("{word}-{}", origin.port_or_known_default().unwrap_or_default())
    }
}

/// The value that came with a request; none if empty.
pub fn value(req: &HttpRequest, purpose: Purpose, origin: &Url) -> Option<String> {
    let cookie = req.cookie(&name(purpose, origin))?;
    Some(cookie.value().to_owned()).filter(|value| !value.is_empty())
}

/// A cookie to set; those of a session and a known browser last, the others until the browser closes.
pub fn set(purpose: Purpose, origin: &Url, value: String) -> Cookie<'static> {
    let mut cookie = Cookie::build(name(purpose, origin), value)
        .path("/")
        .http_only(true)
        .secure(origin.scheme() == "https")
        .same_site(SameSite::Lax)
        .finish();
    match purpose {
        Purpose::Session => cookie.set_max_age(Duration::days(SESSION_DAYS)),
        Purpose::Known => cookie.set_max_age(Duration::days(KNOWN_DAYS)),
        Purpose::Guest | Purpose::Flash | Purpose::Halfway => {}
    }
    cookie
}

/// A cookie that takes the one of this purpose away.
pub fn gone(purpose: Purpose, origin: &Url) -> Cookie<'static> {
    let mut cookie = set(purpose, origin, String::new());
    cookie.make_removal();
    cookie
}

/// A notice as a cookie's value, so that only who holds `secret` could have written it.
pub fn seal_flash(flash: &Flash, secret: &str) -> String {
    let kind = match flash.kind {
        FlashKind::Done => 'd',
        FlashKind::Help => 'h',
        FlashKind::Wrong => 'w',
    };
    let text = hex::encode(&flash.text);
    let proof = keys::mac(secret, &format!("flash {kind}{text}"));
    format!("{kind}{text}.{proof}")
}

/// The notice in a cookie's value, if it is ours.
pub fn open_flash(value: &str, secret: &str) -> Option<Flash> {
    let (body, proof) = value.split_once('.')?;
    if !keys::mac_ok(secret, &format!("flash {body}"), proof) {
        return None;
    }
    let (kind, text) = body.split_at_checked(1)?;
    let kind = match kind {
        "h" => FlashKind::Help,
        "w" => FlashKind::Wrong,
        _ => FlashKind::Done,
    };
    Some(Flash { kind, text: String::from_utf8(hex::decode(text).ok()?).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_comes_back_only_to_whom_it_was_given() {
        let flash = Flash { kind: FlashKind::Help, text: "Chloé helped you.".into() };
        let sealed = seal_flash(&flash, "one");
        let opened = open_flash(&sealed, "one").unwrap();
        assert_eq!((opened.kind, opened.text.as_str()), (FlashKind::Help, "Chloé helped you."));
        assert!(open_flash(&sealed, "other").is_none());
        assert!(open_flash("", "one").is_none());
        assert!(open_flash("é.x", "one").is_none());
    }

    #[test]
    fn two_nodes_on_one_machine_have_cookies_of_their_own() {
        let (a, b) =
            ("http://localhost:8081".parse().unwrap(), "http://localhost:8082".parse().unwrap());
        assert_ne!(name(Purpose::Session, &a), name(Purpose::Session, &b));
        let safe: Url = "https://oak.example".parse().unwrap();
        assert_eq!(name(Purpose::Session, &safe), "__Host-session");
        let cookie = set(Purpose::Session, &safe, "x".into()).to_string();
        assert!(
            cookie.contains("Secure")
                && cookie.contains("HttpOnly")
                && cookie.contains("SameSite=Lax")
        );
    }
}
