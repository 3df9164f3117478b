//! People and groups that go from one server to another.
use crate::{
    db::{self, actors::Actor},
    domain::{Fact, Tx, follows},
    error::{Error, Result},
    types::ActorId,
};

/// Most other accounts a member names as their own.
const MAX_ALIASES: usize = 10;
/// How long after a move a member may move again, days.
const COOL_DOWN_DAYS: i64 = 7;
/// Followers that are moved in one change.
const PIECE: i64 = 50;

/// An actor elsewhere moved, as both servers say: who follows it here follows it there. What it
/// wrote stays where it is.
///
/// # Errors
/// `Internal` from the database.
pub fn receive(tx: &mut Tx, old: &Actor, new: &Actor) -> Result<()> {
    tx.record(Fact::Moved { old: Box::new(old.clone()), new: Box::new(new.clone()) });
    Ok(())
}

/// Lets some local followers of `from` follow `to` instead; whether there are more.
///
/// # Errors
/// `Internal` from the database.
pub fn move_followers(tx: &mut Tx, from: ActorId, to: ActorId) -> Result<bool> {
    let target = tx.actor(to)?;
    let some = db::aliases::local_followers(tx, from, PIECE)?;
    let more = i64::try_from(some.len()).is_ok_and(|count| count == PIECE);
    for follow in some {
        let options = follows::Options {
            show_boosts: Some(follow.show_boosts),
            notify: Some(follow.notify),
            languages: None,
        };
        match follows::follow(tx, follow.follower_id, &target, options) {
            // Who blocks, or is the new account, just loses the old one.
            Ok(_) | Err(Error::Forbidden(_)) => {}
            Err(error) => return Err(error),
        }
        follows::unfollow(tx, follow.follower_id, from)?;
    }
    Ok(more)
}

/// A member names their other accounts: those may move here.
///
/// # Errors
/// `Invalid` for too many, or for oneself.
pub fn set_aliases(tx: &mut Tx, member: &Actor, others: &[Actor]) -> Result<()> {
    if others.len() > MAX_ALIASES || others.iter().any(|other| other.id == member.id) {
        return Err(Error::invalid(format!(
            "A member names at most {MAX_ALIASES} other accounts, and not this one"
        )));
    }
    let uris: Vec<String> = others.iter().map(|other| other.ap_id.to_string()).collect();
    db::aliases::set(tx, member.id, &uris)?;
    let mut actor = tx.actor(member.id)?;
    actor.refreshed_at = tx.now();
    tx.save_actor(&actor)?;
    tx.record(Fact::ProfileChanged { actor: Box::new(actor) });
    Ok(())
}

/// A member moves to another account, which names this one as its own.
///
/// # Errors
/// `Invalid` where it does not, or where the last move is too fresh.
pub fn move_to(tx: &mut Tx, member: &Actor, target: &Actor) -> Result<()> {
    let now = tx.now();
    if target.id == member.id || target.is_group() || target.moved_to.is_some() {
        return Err(Error::invalid("Nobody moves there"));
    }
    if !db::aliases::has(tx, target.id, member.ap_id.as_str())? {
        return Err(Error::invalid(
            "The other account has to name this one as its own (alsoKnownAs) first",
        ));
    }
    let last = db::aliases::last_move(tx, member.id)?;
    if last.is_some_and(|last| last > now.plus_days(-COOL_DOWN_DAYS)) {
        return Err(Error::invalid(format!(
            "An account moves once in {COOL_DOWN_DAYS} days at most"
        )));
    }
    let id = tx.new_id();
    db::aliases::insert_move(tx, id, member.id, target.ap_id.as_str(), now)?;
    let mut actor = tx.actor(member.id)?;
    actor.moved_to = Some(target.ap_id.to_string());
    actor.refreshed_at = now;
    tx.save_actor(&actor)?;
    tx.record(Fact::ProfileChanged { actor: Box::new(actor.clone()) });
    tx.record(Fact::Moved { old: Box::new(actor), new: Box::new(target.clone()) });
    Ok(())
}
