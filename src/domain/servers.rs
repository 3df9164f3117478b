//! How other servers are dealt with here: like any other, at arm's length, or not at all.
//!
//! What is said of a domain holds for all below it.
use url::Url;

use crate::{
    db::{self, servers::ServerPolicy},
    domain::{Tx, follows},
    error::{Error, Result},
};

/// How many follows are ended in one change.
const PIECE: i64 = 500;

/// A host as it is stored: lower case, without scheme; a port where it has one.
///
/// # Errors
/// `Invalid` for what is no name of a host, or this node's own.
pub fn check_host(own: &str, text: &str) -> Result<String> {
    let bare = text.trim().trim_start_matches("https://").trim_end_matches('/');
    let wrong = || Error::invalid(format!("{text:?} is not the name of a server"));
    if bare.is_empty() || bare.contains(['/', '@', '?', '#']) {
        return Err(wrong());
    }
    let url = Url::parse(&format!("https://{bare}/")).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    if host == own || own.ends_with(&format!(".{host}")) {
        return Err(Error::invalid("This is where the node itself lives"));
    }
    Ok(host)
}

/// Ends what members here follow on a server that is about to be blocked, so that it hears of it
/// while it still may; `true` while more is left.
///
/// # Errors
/// `Internal` from the database.
pub fn part(tx: &mut Tx, host: &str) -> Result<bool> {
    let ours = db::follows::local_towards_host(tx, host, PIECE)?;
    for follow in &ours {
        follows::unfollow(tx, follow.follower_id, follow.target_id)?;
    }
    Ok(!ours.is_empty())
}

/// From now on a server is dealt with like this.
///
/// Blocked: nothing is taken from it or sent to it, and its people and what they wrote are hidden.
/// Who followed or joined from there is so again when it is allowed again.
///
/// # Errors
/// `Internal` from the database.
pub fn set_policy(tx: &mut Tx, host: &str, policy: ServerPolicy) -> Result<()> {
    let now = tx.now();
    db::servers::meet(tx, host, now)?;
    for server in db::servers::at_or_below(tx, host)? {
        if let Some(since) = server.policy_at {
            db::actors::show_host(tx, &server.host, since)?;
            tx.forget_actors();
        }
        let since = (policy != ServerPolicy::Open).then_some(now);
        db::servers::set_policy(tx, &server.host, policy, since)?;
        if policy == ServerPolicy::Blocked {
            db::actors::hide_host(tx, &server.host, now)?;
            tx.forget_actors();
            db::deliveries::drop_for(tx, &server.host, "Undo")?;
        }
    }
    let (id, subject) = (tx.new_id(), format!("server {host}"));
    db::members::audit(tx, id, None, word(policy), &subject, now)?;
    Ok(())
}

fn word(policy: ServerPolicy) -> &'static str {
    match policy {
        ServerPolicy::Open => "allowed",
        ServerPolicy::Limited => "limited",
        ServerPolicy::Blocked => "blocked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_people_write_them() {
        let read = |text| check_host("oak.example", text).ok();
        assert_eq!(read(" Evil.Example "), Some("evil.example".into()));
        assert_eq!(read("https://evil.example/"), Some("evil.example".into()));
        assert_eq!(read("münchen.example"), Some("xn--mnchen-3ya.example".into()));
        assert_eq!(read("localhost:8081"), Some("localhost:8081".into()));
        for wrong in ["", "a b", "evil.example/u/x", "@ana@evil.example", "oak.example", "https://"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(check_host("oak.example.org", "example.org").is_err(), "would block itself");
    }
}
