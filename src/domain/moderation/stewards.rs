use super::{Order, done};
use crate::{
    db::{self, Conn, actors::Actor, moderation::Deed},
    domain::Tx,
    error::{Error, Result},
    types::Uri,
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
    let now = tx.now();
    db::moderation::delete_moderators(tx, group.id)?;
    for moderator in moderators {
        db::moderation::insert_moderator(tx, group.id, moderator.as_str(), now)?;
    }
    Ok(())
}
