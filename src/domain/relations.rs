//! Keeping somebody at a distance.
use crate::{
    db::{self, relations::Mute},
    domain::{Fact, Tx, follows},
    error::{Error, Result},
    types::{ActorId, Time},
};

/// A member blocks somebody: both stop following each other. Doing it twice is doing it once.
///
/// # Errors
/// `Forbidden` for oneself.
pub fn block(tx: &mut Tx, actor: ActorId, target: ActorId) -> Result<()> {
    if actor == target {
        return Err(Error::forbidden("You can't block yourself"));
    }
    for (from, to) in [(actor, target), (target, actor)] {
        if let Some(follow) = db::follows::between(tx, from, to)? {
            follows::remove(tx, &follow)?;
            tx.record(if from == actor {
                Fact::Unfollowed { follow }
            } else {
                Fact::FollowRejected { follow }
            });
        }
    }
    let (id, now) = (tx.new_id(), tx.now());
    if db::relations::insert_block(tx, id, actor, target, None, now)? {
        tx.record(Fact::Blocked { actor, target, undone: false });
    }
    Ok(())
}

/// Ends a block.
///
/// # Errors
/// `Internal` from the database.
pub fn unblock(tx: &mut Tx, actor: ActorId, target: ActorId) -> Result<()> {
    if db::relations::delete_block(tx, actor, target)?.is_some() {
        tx.record(Fact::Blocked { actor, target, undone: true });
    }
    Ok(())
}

/// A remote actor blocks a local one, or no longer.
///
/// # Errors
/// `Internal` from the database.
pub fn receive_block(tx: &mut Tx, actor: ActorId, target: ActorId, undone: bool) -> Result<()> {
    if undone {
        db::relations::delete_block(tx, actor, target)?;
        return Ok(());
    }
    for (from, to) in [(actor, target), (target, actor)] {
        if let Some(follow) = db::follows::between(tx, from, to)? {
            follows::remove(tx, &follow)?;
        }
    }
    let (id, now) = (tx.new_id(), tx.now());
    db::relations::insert_block(tx, id, actor, target, None, now)?;
    Ok(())
}

/// A member mutes somebody, for ever or until `expires_at`.
///
/// # Errors
/// `Forbidden` for oneself.
pub fn mute(
    tx: &mut Tx,
    actor: ActorId,
    target: ActorId,
    notifications: bool,
    expires_at: Option<Time>,
) -> Result<()> {
    if actor == target {
        return Err(Error::forbidden("You can't mute yourself"));
    }
    let mute = Mute {
        id: tx.new_id(),
        actor_id: actor,
        target_id: target,
        notifications,
        expires_at,
        created_at: tx.now(),
    };
    db::relations::set_mute(tx, &mute)?;
    Ok(())
}

/// Ends a mute.
///
/// # Errors
/// `Internal` from the database.
pub fn unmute(tx: &mut Tx, actor: ActorId, target: ActorId) -> Result<()> {
    db::relations::delete_mute(tx, actor, target)?;
    Ok(())
}
