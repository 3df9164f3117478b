//! Writing, receiving, changing and passing on posts: the same rules for both origins.
mod approval;
mod boost;
mod by_group;
mod change;
mod draft;
mod publish;
mod reading;
mod receive;

pub use approval::answers_freely;
pub use boost::{boost, passed_on, receive_boost, unboost};
pub use by_group::{Letter, by_group};
pub use change::{Change, RemoteChange, delete, edit, erase, own, receive_delete, receive_edit};
pub use draft::{Draft, check_draft};
pub use publish::publish;
pub use receive::{RemoteMedia, RemotePost, Rules, receive};

use crate::{
    db::{
        self,
        actors::{Actor, Counts},
        groups::Group,
        posts::Post,
    },
    domain::{Fact, Tx, help, moderation},
    error::{Error, Result},
    types::{ActorId, PostId, Visibility},
};

/// A post that `viewer` may read.
///
/// # Errors
/// `NotFound` for what is deleted or not for their eyes.
pub fn readable(tx: &mut Tx, viewer: Option<ActorId>, id: PostId) -> Result<Post> {
    if db::timelines::may_read(tx, viewer, id)? {
        Ok(db::posts::by_id(tx, id)?)
    } else {
        Err(Error::NotFound)
    }
}

/// What a new post brings along besides its row.
#[derive(Debug, Default)]
struct Company {
    /// Whom it mentions, the group among them.
    mentioned: Vec<ActorId>,
    /// Its tags: lower case, and as written.
    tags: Vec<(String, String)>,
    /// The activity that brought it, JSON.
    received: Option<String>,
    /// It came long after it was written.
    backfill: bool,
}

/// Stores a new post with its company; `false` if its id is known already.
fn store(tx: &mut Tx, author: &Actor, post: &Post, company: Company) -> Result<bool> {
    if !db::posts::insert(tx, post)? {
        return Ok(false);
    }
    let Company { mentioned, tags, received, backfill } = company;
    db::posts::insert_mentions(tx, post.id, &mentioned)?;
    db::posts::insert_tags(tx, post.id, &tags)?;
    tx.count(
        author.id,
        Counts { posts: 1, last_post_at: Some(post.created_at), ..Counts::default() },
    );
    if let Some(parent) = post.in_reply_to_id {
        db::counters::post(tx, parent, 1, 0, 0)?;
    }
    tx.record(Fact::Posted {
        post: post.clone(),
        author: Box::new(author.clone()),
        received,
        backfill,
    });
    help::by_post(tx, post, &tags, &mentioned)?;
    Ok(true)
}

/// The group a new post belongs to: its parent's, or the first named one that takes it.
fn group_for(
    tx: &mut Tx,
    author: &Actor,
    parent: Option<&Post>,
    named: &[ActorId],
) -> Result<Option<Actor>> {
    if let Some(parent) = parent {
        return Ok(match parent.group_id {
            Some(group) => Some(tx.actor(group)?),
            None => None,
        });
    }
    for id in named {
        let group = tx.actor(*id)?;
        if group.is_group() && group.is_active() && takes(tx, &group, author)? {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

/// Whether a group takes posts of an author: a private one only those of members, a remote one
/// judges by itself.
fn takes(tx: &mut Tx, group: &Actor, author: &Actor) -> Result<bool> {
    if !group.local {
        return Ok(true);
    }
    if db::relations::blocks(tx, group.id, author.id)?
        || moderation::shut_out(tx, author, group, None)?.is_some()
    {
        return Ok(false);
    }
    let for_members = group.locked || !author.local && db::servers::is_limited(tx, &author.host)?;
    Ok(!for_members || db::follows::exists(tx, author.id, group.id)?)
}

/// Whether a post that belongs to a group is also for the group: what is between a few, or for an
/// author's followers alone, is not, though it stands in the group's thread.
pub fn is_for_group(group: &Actor, visibility: Visibility) -> bool {
    visibility.is_open() || (visibility == Visibility::Followers && group.is_private_group())
}

/// Whether a post that is not open is for somebody who lives on `host`.
///
/// # Errors
/// `Internal` from the database.
pub fn is_for_host(conn: &mut db::Conn, post: &Post, host: &str) -> Result<bool> {
    let mentioned = db::posts::mentions_of(conn, &[post.id])?.remove(&post.id).unwrap_or_default();
    if db::actors::by_ids(conn, &mentioned)?.iter().any(|actor| actor.host == host) {
        return Ok(true);
    }
    if post.visibility != Visibility::Followers {
        return Ok(false);
    }
    let group = post.group_id.map(|id| db::actors::by_id(conn, id)).transpose()?;
    let readers = match group.filter(Actor::is_private_group) {
        Some(group) => group.id,
        None => post.author_id,
    };
    Ok(!db::follows::followers_on(conn, readers, host)?.is_empty())
}

/// Of those a post in a private group here mentions, only members are mentioned: who is outside
/// could read it otherwise.
fn inside_only(tx: &mut Tx, group: Option<&Actor>, mentioned: &mut Vec<ActorId>) -> Result<()> {
    let Some(group) = group.filter(|group| group.local && group.is_private_group()) else {
        return Ok(());
    };
    let follows = db::follows::from(tx, group.id, mentioned)?;
    let is_member = |id: &ActorId| {
        follows.iter().any(|follow| follow.follower_id == *id && follow.accepted_at.is_some())
    };
    mentioned.retain(|id| *id == group.id || is_member(id));
    Ok(())
}

/// Whether a top-level post asks for help: marked so, or tagged with one of the group's words.
fn is_ask(group: Option<&Group>, marked: bool, tags: &[(String, String)]) -> bool {
    let tagged = group.is_some_and(|group| group.marks_ask(tags.iter().map(|(tag, _)| &**tag)));
    marked || tagged
}
