//! What an access token may do: <https://docs.joinmastodon.org/api/oauth-scopes/>
use std::fmt;

use crate::error::{Error, Result};

/// A list of scopes, each once, in the order they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

/// What `follow`, the oldest scope, stands for.
const FOLLOW: [&str; 3] = ["follows", "blocks", "mutes"];

impl Scopes {
    /// Reads `read write:statuses push`. Nothing at all means `read`.
    ///
    /// # Errors
    /// `Invalid`, naming a scope that does not exist.
    pub fn parse(text: &str) -> Result<Self> {
        let mut scopes = Vec::new();
        for scope in text.split([' ', '+', ',', '\n']).filter(|scope| !scope.is_empty()) {
            if !exists(scope) {
                return Err(Error::invalid(format!("The scope {scope:?} does not exist")));
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        if scopes.is_empty() {
            scopes.push("read".to_owned());
        }
        Ok(Self(scopes))
    }

    /// Whether these allow what needs `scope`; `a b` asks for either of two.
    pub fn cover(&self, scope: &str) -> bool {
        scope.split(' ').any(|scope| self.0.iter().any(|held| covers(held, scope)))
    }

    /// Whether everything that these allow is allowed by `others`, too.
    pub fn within(&self, others: &Self) -> bool {
        self.0.iter().all(|scope| {
            let follow = || FOLLOW.iter().all(|part| others.cover(&format!("write:{part}")));
            others.cover(scope) || (scope == "follow" && follow())
        })
    }

    /// Each by itself.
    pub fn list(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

fn exists(scope: &str) -> bool {
    match scope.split_once(':') {
        Some(("read" | "write", part)) => {
            !part.is_empty()
                && part.len() <= 30
                && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        }
        Some(_) => false,
        None => matches!(scope, "read" | "write" | "follow" | "push" | "profile"),
    }
}

fn covers(held: &str, wanted: &str) -> bool {
    let (verb, part) = wanted.split_once(':').unwrap_or((wanted, ""));
    held == wanted
        || (held == verb && matches!(verb, "read" | "write"))
        || (held == "follow" && matches!(verb, "read" | "write") && FOLLOW.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_written() {
        let scopes = Scopes::parse("read write  follow+push read profile").unwrap();
        assert_eq!(scopes.to_string(), "read write follow push profile");
        assert_eq!(Scopes::parse("").unwrap().to_string(), "read");
        for bad in ["admin:read", "all", "read:", "read:<b>", "push:x"] {
            assert!(Scopes::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wide_scope_covers_its_parts_and_not_the_other_way_round() {
        for (held, wanted, expected) in [
            ("read", "read:statuses", true),
            ("read", "write:statuses", false),
            ("write:statuses", "write:statuses", true),
            ("write:statuses", "write", false),
            ("write:media", "write:statuses", false),
            ("follow", "write:follows", true),
            ("follow", "read:blocks", true),
            ("follow", "write:statuses", false),
            ("profile", "read:accounts", false),
            ("profile", "profile read:accounts", true),
            ("push", "push", true),
            ("read write", "push", false),
        ] {
            assert_eq!(Scopes::parse(held).unwrap().cover(wanted), expected, "{held} {wanted}");
        }
    }

    #[test]
    fn a_token_asks_for_no_more_than_its_app() {
        for (token, app, expected) in [
            ("read", "read write", true),
            ("read:statuses write", "read write", true),
            ("read write push", "read write", false),
            ("follow", "read write", true),
            ("follow", "read write:follows", false),
            ("write", "write:statuses", false),
        ] {
            let (token, app) = (Scopes::parse(token).unwrap(), Scopes::parse(app).unwrap());
            assert_eq!(token.within(&app), expected, "{token} in {app}");
        }
    }
}
