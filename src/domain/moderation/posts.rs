use super::{Order, done, in_group};
use crate::{
    db::{
        self,
        actors::{Actor, Counts},
        moderation::{Deed, Lock, Removal},
        posts::Post,
    },
    domain::{Tx, posts},
    error::{Error, Result},
};

/// Most threads a group shows first.
const MAX_PINS: usize = 10;

/// Takes a post out of the group. It is hidden, not erased: it can be put back.
///
/// # Errors
/// `Forbidden` for a post of another group.
pub fn remove(tx: &mut Tx, order: &Order, post: &Post) -> Result<()> {
    in_group(order, post)?;
    if post.deleted_at.is_some() {
        return Ok(());
    }
    let author = tx.actor(post.author_id)?;
    hide(tx, order, post, &author, None)
}

/// The same; with a `ban` that other servers are told of as a whole.
pub(super) fn hide(
    tx: &mut Tx,
    order: &Order,
    post: &Post,
    author: &Actor,
    ban: Option<&str>,
) -> Result<()> {
    let ap_id = order.ap_id(tx)?;
    let now = tx.now();
    let row = Removal {
        post_id: post.id,
        by_id: order.by.id,
        ap_id: ap_id.clone(),
        reason: order.reason.clone(),
        created_at: now,
        ban_ap_id: ban.map(str::to_owned),
    };
    if !db::moderation::insert_removal(tx, &row)? {
        return Ok(());
    }
    let boosts = db::posts::boosts_of(tx, post.id)?;
    for boost in &boosts {
        posts::erase(tx, boost)?;
    }
    db::moderation::set_hidden(tx, post.id, Some(now))?;
    db::posts::unpin(tx, order.group.id, post.id)?;
    db::notifications::delete_of_post(tx, post.id)?;
    count(tx, post, -1)?;
    let mut act = order.act(Deed::Remove, ap_id, author.clone(), Some(post.clone()));
    act.boosts = boosts;
    act.quiet = ban.is_some();
    done(tx, act)
}

/// Puts a post back that was taken out.
///
/// # Errors
/// `Forbidden` for a post of another group.
pub fn restore(tx: &mut Tx, order: &Order, post: &Post) -> Result<()> {
    put_back(tx, order, post, false)
}

/// The same where other servers heard of nothing.
pub(super) fn restore_quietly(tx: &mut Tx, order: &Order, post: &Post) -> Result<()> {
    put_back(tx, order, post, true)
}

fn put_back(tx: &mut Tx, order: &Order, post: &Post, quiet: bool) -> Result<()> {
    in_group(order, post)?;
    let Some(removal) = db::moderation::removal_of(tx, post.id)? else { return Ok(()) };
    db::moderation::delete_removal(tx, post.id)?;
    db::moderation::set_hidden(tx, post.id, None)?;
    let post = db::posts::by_id(tx, post.id)?;
    count(tx, &post, 1)?;
    let author = tx.actor(post.author_id)?;
    let mut act = order.act(Deed::Restore, removal.ap_id, author, Some(post));
    act.quiet = quiet;
    done(tx, act)
}

fn count(tx: &mut Tx, post: &Post, by: i64) -> Result<()> {
    if let Some(parent) = post.in_reply_to_id {
        db::counters::post(tx, parent, by, 0, 0)?;
    }
    tx.count(post.author_id, Counts { posts: by, ..Counts::default() });
    Ok(())
}

/// The author of a post that is out of its group deletes it: nothing of it is kept. `false` where it
/// is not out of a group.
///
/// # Errors
/// `Internal` from the database.
pub fn erase_removed(tx: &mut Tx, post: &Post) -> Result<bool> {
    if db::moderation::delete_removal(tx, post.id)? == 0 {
        return Ok(false);
    }
    // It was counted out when it was hidden.
    count(tx, post, 1)?;
    posts::erase(tx, post)?;
    Ok(true)
}

/// Takes no more answers to a thread.
///
/// # Errors
/// `Forbidden` for a post of another group, `Invalid` for an answer.
pub fn lock(tx: &mut Tx, order: &Order, thread: &Post) -> Result<()> {
    begins_a_thread(order, thread)?;
    let ap_id = order.ap_id(tx)?;
    let now = tx.now();
    let row =
        Lock { post_id: thread.id, by_id: order.by.id, ap_id: ap_id.clone(), created_at: now };
    if !db::moderation::lock(tx, &row)? {
        return Ok(());
    }
    let author = tx.actor(thread.author_id)?;
    let act = order.act(Deed::Lock, ap_id, author, Some(thread.clone()));
    done(tx, act)
}

/// Takes answers again.
///
/// # Errors
/// As [`lock`].
pub fn unlock(tx: &mut Tx, order: &Order, thread: &Post) -> Result<()> {
    begins_a_thread(order, thread)?;
    let Some(known) = db::moderation::lock_of(tx, thread.id)? else { return Ok(()) };
    db::moderation::unlock(tx, thread.id)?;
    let author = tx.actor(thread.author_id)?;
    let act = order.act(Deed::Unlock, known.ap_id, author, Some(thread.clone()));
    done(tx, act)
}

fn begins_a_thread(order: &Order, post: &Post) -> Result<()> {
    in_group(order, post)?;
    if post.is_root() {
        Ok(())
    } else {
        Err(Error::invalid("This is an answer, not the beginning of a thread"))
    }
}

/// Shows a thread first.
///
/// # Errors
/// As [`lock`]; `Invalid` where too many are shown first already.
pub fn pin(tx: &mut Tx, order: &Order, thread: &Post) -> Result<()> {
    begins_a_thread(order, thread)?;
    let pinned = db::posts::pinned(tx, order.group.id)?;
    if pinned.iter().any(|known| known.id == thread.id) {
        return Ok(());
    }
    if order.group.local && pinned.len() >= MAX_PINS {
        return Err(Error::invalid(format!("A group pins at most {MAX_PINS} threads")));
    }
    let now = tx.now();
    db::posts::pin(tx, order.group.id, thread.id, now)?;
    let author = tx.actor(thread.author_id)?;
    let act = order.act(Deed::Pin, order.ap_id(tx)?, author, Some(thread.clone()));
    done(tx, act)
}

/// And no longer.
///
/// # Errors
/// `Internal` from the database.
pub fn unpin(tx: &mut Tx, order: &Order, thread: &Post) -> Result<()> {
    let pinned = db::posts::pinned(tx, order.group.id)?;
    if pinned.iter().all(|known| known.id != thread.id) {
        return Ok(());
    }
    db::posts::unpin(tx, order.group.id, thread.id)?;
    let author = tx.actor(thread.author_id)?;
    let act = order.act(Deed::Unpin, order.ap_id(tx)?, author, Some(thread.clone()));
    done(tx, act)
}
