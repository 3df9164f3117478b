use super::{Order, done};
use crate::{
    db::{self, Conn, actors::Actor, moderation::Deed},
    domain::Tx,
    error::{Error, Result},
    types::{PostId, Time, Uri},
};

/// Whether somebody moderates a group. Of a group here: its founder, and who is on its list; they
/// may live elsewhere. Of another one: who is on its list, as its own server last said.
///
/// # Errors
/// `Internal` from the database.
pub fn is_steward(conn: &mut Conn, group: &Actor, actor: &Actor) -> Result<bool> {
    if !actor.is_active() {
        return Ok(false);
    }
    if group.local && db::groups::by_id(conn, group.id)?.is_some_and(|g| g.founder_id == actor.id) {
        return Ok(true);
    }
    Ok(db::moderation::is_moderator(conn, group.id, actor.ap_id.as_str())?)
}

/// Refuses everyone else.
///
/// # Errors
/// `Forbidden` for who is no steward of the group.
pub fn require_steward(conn: &mut Conn, group: &Actor, actor: &Actor) -> Result<()> {
    if is_steward(conn, group, actor)? {
        Ok(())
    } else {
        Err(Error::forbidden("Only stewards of the group may do this"))
    }
}

/// Makes somebody a steward.
///
/// # Errors
/// `Invalid` for a group or a program.
pub fn appoint(tx: &mut Tx, order: &Order, person: &Actor) -> Result<()> {
    if person.is_group() || !person.is_active() {
        return Err(Error::invalid("A steward is a person who is there"));
    }
    if is_steward(tx, &order.group, person)? {
        return Ok(());
    }
    let now = tx.now();
    db::moderation::insert_moderator(tx, order.group.id, person.ap_id.as_str(), now)?;
    let act = order.act(Deed::Appoint, order.ap_id(tx)?, person.clone(), None);
    done(tx, act)
}

/// And no longer. The founder stays until the group elects.
///
/// # Errors
/// `Internal` from the database.
pub fn dismiss(tx: &mut Tx, order: &Order, person: &Actor) -> Result<()> {
    if db::moderation::delete_moderator(tx, order.group.id, person.ap_id.as_str())? == 0 {
        return Ok(());
    }
    let act = order.act(Deed::Dismiss, order.ap_id(tx)?, person.clone(), None);
    done(tx, act)
}

/// Who moderates a group elsewhere, as its server says.
///
/// # Errors
/// `Internal` from the database.
pub fn mirror(tx: &mut Tx, group: &Actor, moderators: &[Uri]) -> Result<()> {
    if group.local {
        return Err(Error::internal("the stewards of a group here are known here"));
    }
    let known = db::moderation::moderators_of(tx, group.id)?;
    let same = known.len() == moderators.len()
        && moderators.iter().all(|moderator| known.iter().any(|one| one == moderator.as_str()));
    if same {
        return Ok(());
    }
    let now = tx.now();
    db::moderation::delete_moderators(tx, group.id)?;
    for moderator in moderators {
        db::moderation::insert_moderator(tx, group.id, moderator.as_str(), now)?;
    }
    Ok(())
}

/// Which threads a group elsewhere shows first, in this order, as its server says.
///
/// # Errors
/// `Internal` from the database.
pub fn mirror_pins(tx: &mut Tx, group: &Actor, threads: &[PostId]) -> Result<()> {
    if group.local {
        return Err(Error::internal("what a group here shows first is known here"));
    }
    let mut wanted = db::posts::by_ids(tx, threads)?;
    wanted.retain(|post| post.group_id == Some(group.id) && post.is_root() && !post.is_boost());
    wanted.sort_by_key(|post| threads.iter().position(|id| *id == post.id));
    let known = db::posts::pinned(tx, group.id)?;
    if known.iter().map(|post| post.id).eq(wanted.iter().map(|post| post.id)) {
        return Ok(());
    }
    for post in &known {
        db::posts::unpin(tx, group.id, post.id)?;
    }
    let now = tx.now();
    for (place, post) in (0_i64..).zip(&wanted) {
        db::posts::pin(tx, group.id, post.id, Time(now.0 - place))?;
    }
    Ok(())
}
