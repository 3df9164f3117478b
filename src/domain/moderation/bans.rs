use super::{
    Order, done, is_steward,
    posts::{hide, restore_quietly},
};
use crate::{
    db::{
        self,
        actors::Actor,
        moderation::{Ban, Deed},
    },
    domain::{Fact, Tx, follows},
    error::{Error, Result},
    types::{ActorId, Time},
};

/// Posts of a banned person that go in one change.
const PIECE: i64 = 50;

/// Lets somebody write in the group no more, for ever or until `ends_at`; ends their membership.
/// With `remove_posts` what they wrote there goes too, in a task of its own.
///
/// # Errors
/// `Forbidden` for a steward or a group, `Invalid` for an end that is past.
pub fn ban(
    tx: &mut Tx,
    order: &Order,
    person: &Actor,
    ends_at: Option<Time>,
    remove_posts: bool,
) -> Result<()> {
    if person.id == order.group.id || is_steward(tx, &order.group, person)? {
        return Err(Error::forbidden("A steward is not banned by another"));
    }
    let now = tx.now();
    if ends_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("This ban would be over already"));
    }
    let known = db::moderation::ban_of(tx, order.group.id, person.id, now)?;
    if known.is_some_and(|known| known.ends_at == ends_at) && !remove_posts {
        return Ok(());
    }
    let ap_id = order.ap_id(tx)?;
    let row = Ban {
        group_id: order.group.id,
        actor_id: person.id,
        by_id: order.by.id,
        ap_id: ap_id.clone(),
        reason: order.reason.clone(),
        ends_at,
        created_at: now,
    };
    db::moderation::ban(tx, &row)?;
    if order.group.local
        && let Some(follow) = db::follows::between(tx, person.id, order.group.id)?
    {
        follows::remove(tx, &follow)?;
        tx.record(Fact::FollowRejected { follow });
    }
    let mut act = order.act(Deed::Ban, ap_id, person.clone(), None);
    act.ends_at = ends_at;
    act.remove_posts = remove_posts;
    done(tx, act)
}

/// Lets somebody write in the group again; what they wrote stays as it is.
///
/// # Errors
/// `Internal` from the database.
pub fn unban(tx: &mut Tx, order: &Order, person: &Actor) -> Result<()> {
    let now = tx.now();
    let known = db::moderation::ban_of(tx, order.group.id, person.id, now)?;
    if db::moderation::unban(tx, order.group.id, person.id)? == 0 {
        return Ok(());
    }
    let Some(known) = known else { return Ok(()) };
    let act = order.act(Deed::Unban, known.ap_id, person.clone(), None);
    done(tx, act)
}

/// Takes some of what a banned person wrote out of the group; whether there is more. Each goes into
/// the log by itself, and can be put back by itself.
///
/// # Errors
/// `Internal` from the database.
pub fn hide_posts_of_banned(tx: &mut Tx, group: ActorId, person: ActorId) -> Result<bool> {
    let now = tx.now();
    let Some(ban) = db::moderation::ban_of(tx, group, person, now)? else { return Ok(false) };
    let group = tx.actor(group)?;
    let by = tx.actor(ban.by_id)?;
    let person = tx.actor(person)?;
    let order = Order::new(group, by, &ban.reason);
    let posts = db::moderation::shown_in(tx, order.group.id, person.id, PIECE)?;
    let more = i64::try_from(posts.len()).is_ok_and(|count| count == PIECE);
    for post in posts {
        hide(tx, &order, &post, &person, Some(&ban.ap_id))?;
    }
    Ok(more)
}

/// Puts some of what went with a ban back, which does not hold after all; whether there is more.
///
/// # Errors
/// `Internal` from the database.
pub fn show_posts_of_banned(tx: &mut Tx, group: ActorId, ban: &str) -> Result<bool> {
    let group = tx.actor(group)?;
    let posts = db::moderation::removed_by_ban(tx, ban, PIECE)?;
    let more = i64::try_from(posts.len()).is_ok_and(|count| count == PIECE);
    for post in posts {
        let Some(removal) = db::moderation::removal_of(tx, post.id)? else { continue };
        let by = tx.actor(removal.by_id)?;
        restore_quietly(tx, &Order::new(group.clone(), by, "the ban was refused"), &post)?;
    }
    Ok(more)
}
