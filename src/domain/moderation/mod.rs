//! What stewards do in a group, and what follows for those who write there.
//!
//! The same functions serve both directions: an act of a steward here, and one that came from
//! elsewhere and was found to be somebody's to do. Doing an act twice is doing it once.
mod bans;
mod posts;
mod refused;
mod reports;
mod stewards;

pub use bans::{ban, hide_posts_of_banned, show_posts_of_banned, unban};
pub use posts::{erase_removed, lock, pin, remove, restore, unlock, unpin};
pub use refused::not_taken;
pub use reports::{NewReport, report, resolve};
pub use stewards::{appoint, dismiss, is_steward, mirror, mirror_pins, require_steward};

use crate::{
    db::{
        self,
        actors::Actor,
        moderation::{Deed, Entry},
        posts::Post,
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    text,
    types::Time,
};

/// Longest reason that is kept, in characters.
pub const MAX_REASON: usize = 500;

/// Who acts where, and why.
#[derive(Clone, Debug)]
pub struct Order {
    /// In which group.
    pub group: Actor,
    /// Who: found to be theirs to do.
    pub by: Actor,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// The activity that says so, where it came from elsewhere.
    pub received: Option<Received>,
}

/// An activity that came from elsewhere.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its id; empty where it has none.
    pub id: String,
    /// All of it, JSON.
    pub body: String,
}

/// What a steward did.
#[derive(Clone, Debug)]
pub struct Act {
    /// What.
    pub deed: Deed,
    /// In which group.
    pub group: Actor,
    /// Who.
    pub by: Actor,
    /// Id of the activity; of an end that of what it ends.
    pub ap_id: String,
    /// The post it is about, as it is now.
    pub post: Option<Post>,
    /// Whom it is about: the author, the banned, the new steward.
    pub person: Actor,
    /// The boosts that went with a removed post.
    pub boosts: Vec<Post>,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// When it ends.
    pub ends_at: Option<Time>,
    /// What the banned person wrote goes too.
    pub remove_posts: bool,
    /// Part of a larger act, which other servers are told as a whole.
    pub quiet: bool,
    /// The activity as it came, JSON.
    pub received: Option<String>,
}

impl Order {
    /// A steward's order here.
    pub fn new(group: Actor, by: Actor, reason: &str) -> Self {
        let reason = text::clean_line(&text::plain(reason), MAX_REASON);
        Self { group, by, reason, received: None }
    }

    /// An order from elsewhere.
    pub fn received(group: Actor, by: Actor, reason: &str, received: Received) -> Self {
        Self { received: Some(received), ..Self::new(group, by, reason) }
    }

    /// The id of its activity: as it came, else a new one of ours.
    fn ap_id(&self, tx: &Tx) -> Result<String> {
        match &self.received {
            Some(received) => Ok(received.id.clone()),
            None => Ok(tx.node().uri(&format!("a/act/{}", tx.new_id()))?.to_string()),
        }
    }

    fn act(&self, deed: Deed, ap_id: String, person: Actor, post: Option<Post>) -> Act {
        Act {
            deed,
            group: self.group.clone(),
            by: self.by.clone(),
            ap_id,
            post,
            person,
            boosts: Vec::new(),
            reason: self.reason.clone(),
            ends_at: None,
            remove_posts: false,
            quiet: false,
            received: self.received.as_ref().map(|received| received.body.clone()),
        }
    }
}

/// Writes an act into the group's log and says that it happened.
fn done(tx: &mut Tx, act: Act) -> Result<()> {
    let entry = Entry {
        id: tx.new_id(),
        group_id: act.group.id,
        by_id: act.by.id,
        deed: act.deed,
        person_id: Some(act.person.id),
        post_id: act.post.as_ref().map(|post| post.id),
        reason: act.reason.clone(),
        ends_at: act.ends_at,
        created_at: tx.now(),
    };
    db::moderation::log(tx, &entry)?;
    tx.record(Fact::Moderated { act: Box::new(act) });
    Ok(())
}

/// Whether somebody may write in a group just now; says why not. A group elsewhere judges by itself:
/// of it only our own people are told here what they would be told there.
///
/// # Errors
/// `Internal` from the database.
pub fn shut_out(
    tx: &mut Tx,
    author: &Actor,
    group: &Actor,
    parent: Option<&Post>,
) -> Result<Option<&'static str>> {
    if !group.local && !author.local {
        return Ok(None);
    }
    let now = tx.now();
    if group.local && db::moderation::ban_of(tx, group.id, author.id, now)?.is_some() {
        return Ok(Some("You may not write in this group: a steward banned you"));
    }
    let Some(thread) = parent.map(|parent| parent.thread_id) else { return Ok(None) };
    if db::moderation::removal_of(tx, thread)?.is_some() {
        return Ok(Some("This thread was removed from its group"));
    }
    let locked = db::moderation::lock_of(tx, thread)?.is_some();
    if locked && !is_steward(tx, group, author)? {
        return Ok(Some("This thread is locked: it takes no more answers"));
    }
    Ok(None)
}

/// The post of an act, which must belong to the group.
fn in_group(order: &Order, post: &Post) -> Result<()> {
    if post.group_id == Some(order.group.id) && !post.is_boost() {
        Ok(())
    } else {
        Err(Error::forbidden("This post is not in the group"))
    }
}
