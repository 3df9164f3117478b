//! What else a member says of others, for themselves: notes, endorsements, servers they want nothing
//! of, threads they have heard enough of.
use crate::{
    db,
    domain::{Fact, Tx, follows},
    error::{Error, Result},
    types::{ActorId, PostId},
};

/// Longest note, in characters.
const MAX_NOTE: usize = 2_000;
/// Most servers that a member wants nothing of.
const MAX_DOMAINS: usize = 5_000;

/// Keeps a note about somebody; an empty one is none.
///
/// # Errors
/// `Invalid` for one that is too long.
pub fn note(tx: &mut Tx, actor: ActorId, target: ActorId, note: &str) -> Result<()> {
    let note = note.trim();
    if note.chars().count() > MAX_NOTE {
        return Err(Error::invalid(format!(
            "Validation failed: Comment is too long (maximum is {MAX_NOTE} characters)"
        )));
    }
    Ok(db::standing::set_note(tx, actor, target, note)?)
}

/// Shows somebody on the member's profile.
///
/// # Errors
/// `Invalid` for somebody whom they do not follow.
pub fn endorse(tx: &mut Tx, actor: ActorId, target: ActorId) -> Result<()> {
    if !db::follows::exists(tx, actor, target)? {
        return Err(Error::invalid("Validation failed: You must be already following the person"));
    }
    let id = tx.new_id();
    db::standing::endorse(tx, id, actor, target)?;
    Ok(())
}

/// Ends that.
///
/// # Errors
/// `Internal` from the database.
pub fn unendorse(tx: &mut Tx, actor: ActorId, target: ActorId) -> Result<()> {
    db::standing::unendorse(tx, actor, target)?;
    Ok(())
}

/// The host of a server that a member names, as actors carry it.
fn host_of(name: &str) -> Result<String> {
    let invalid = || Error::invalid("Validation failed: Domain is not a valid domain name");
    let name = name.trim().trim_start_matches('@').to_lowercase();
    let url = url::Url::parse(&format!("https://{name}")).map_err(|_| invalid())?;
    let host = url.host_str().ok_or_else(invalid)?;
    if url.path() != "/"
        || !url.username().is_empty()
        || !(host.contains('.') || url.port().is_some())
    {
        return Err(invalid());
    }
    Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// A member wants nothing of a server: who lives there does not follow them any more, nor they them,
/// and nothing from there is shown to them.
///
/// # Errors
/// `Invalid` for what is no host, or this one.
pub fn block_domain(tx: &mut Tx, actor: ActorId, name: &str) -> Result<()> {
    let host = host_of(name)?;
    if host == tx.node().domain {
        return Err(Error::invalid("Validation failed: Domain is this server"));
    }
    let page = db::page::Page::newest(i64::try_from(MAX_DOMAINS).map_err(Error::internal)?);
    if db::standing::blocked_domains(tx, actor, &page)?.len() >= MAX_DOMAINS {
        return Err(Error::invalid("Validation failed: you block too many domains"));
    }
    let id = tx.new_id();
    if !db::standing::block_domain(tx, id, actor, &host)? {
        return Ok(());
    }
    loop {
        let some = db::follows::some_with_host(tx, actor, &host, 200)?;
        if some.is_empty() {
            return Ok(());
        }
        for follow in some {
            follows::remove(tx, &follow)?;
            tx.record(if follow.follower_id == actor {
                Fact::Unfollowed { follow }
            } else {
                Fact::FollowRejected { follow }
            });
        }
    }
}

/// Ends that.
///
/// # Errors
/// `Internal` from the database.
pub fn unblock_domain(tx: &mut Tx, actor: ActorId, name: &str) -> Result<()> {
    // What was kept is taken away however it is written.
    let host = host_of(name).unwrap_or_else(|_| name.trim().to_lowercase());
    db::standing::unblock_domain(tx, actor, &host)?;
    Ok(())
}

/// A member hears no more of the thread that a post is in.
///
/// # Errors
/// `NotFound` where there is no such post.
pub fn mute_thread(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let thread = db::posts::by_id(tx, post)?.thread_id;
    db::standing::mute_thread(tx, actor, thread)?;
    Ok(())
}

/// Or hears of it again.
///
/// # Errors
/// As [`mute_thread`].
pub fn unmute_thread(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let thread = db::posts::by_id(tx, post)?.thread_id;
    db::standing::unmute_thread(tx, actor, thread)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_host() {
        assert_eq!(host_of(" Evil.Example ").unwrap(), "evil.example");
        assert_eq!(host_of("@bücher.example").unwrap(), "xn--bcher-kva.example");
        assert_eq!(host_of("evil.example:8443").unwrap(), "evil.example:8443");
        for bad in ["", "localhost", "evil.example/path", "a b", "user@evil.example", "://"] {
            assert!(host_of(bad).is_err(), "{bad}");
        }
    }
}
