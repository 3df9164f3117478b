use super::{Order, Received, restore, unban, unlock};
use crate::{
    db::{self, activities::Activity, actors::Actor},
    domain::{Fact, Tx},
    error::Result,
    types::ActivityId,
};

/// The server of a group elsewhere refused, for good, what a member here did there as a moderator:
/// they are none there any more, and what they did here alone ends here. Lists are read anew daily,
/// so pins and moderators mend themselves.
///
/// # Errors
/// `Internal` from the database.
pub fn not_taken(tx: &mut Tx, activity: ActivityId, why: &str) -> Result<()> {
    let Some(activity) = db::activities::by_id(tx, activity)? else { return Ok(()) };
    match activity.kind.as_str() {
        "Delete" | "Lock" if activity.local => about_post(tx, &activity, why),
        "Block" if activity.local => about_person(tx, &activity, why),
        _ => Ok(()),
    }
}

fn about_post(tx: &mut Tx, activity: &Activity, why: &str) -> Result<()> {
    let Some(uri) = &activity.object_uri else { return Ok(()) };
    let Some(post) = db::posts::by_ap_id(tx, uri)? else { return Ok(()) };
    let Some(group) = post.group_id else { return Ok(()) };
    let group = tx.actor(group)?;
    let Some(order) = order(tx, group, activity, why)? else { return Ok(()) };
    let removal = db::moderation::removal_of(tx, post.id)?;
    if removal.is_some_and(|removal| removal.ap_id == activity.ap_id) {
        restore(tx, &order, &post)?;
    }
    let lock = db::moderation::lock_of(tx, post.id)?;
    if lock.is_some_and(|lock| lock.ap_id == activity.ap_id) {
        unlock(tx, &order, &post)?;
    }
    Ok(())
}

fn about_person(tx: &mut Tx, activity: &Activity, why: &str) -> Result<()> {
    let Some(uri) = &activity.object_uri else { return Ok(()) };
    let Some(person) = db::actors::by_ap_id(tx, uri)? else { return Ok(()) };
    let ban = db::moderation::ban_told_by(tx, person.id, &activity.ap_id)?;
    let Some(ban) = ban else { return Ok(()) };
    let group = tx.actor(ban.group_id)?;
    let Some(order) = order(tx, group, activity, why)? else { return Ok(()) };
    unban(tx, &order, &person)?;
    tx.record(Fact::BanRefused { group: ban.group_id, ban: ban.ap_id });
    Ok(())
}

/// The end of the act, as if it came from elsewhere: nobody is told. None in a group here, where
/// nobody else has a say.
fn order(tx: &mut Tx, group: Actor, activity: &Activity, why: &str) -> Result<Option<Order>> {
    if group.local {
        return Ok(None);
    }
    let by = tx.actor(activity.actor_id)?;
    let answer = Received { id: String::new(), body: String::new() };
    Ok(Some(Order::received(group, by, why, answer)))
}
