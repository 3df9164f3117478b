//! Likes, reactions and bookmarks.
use crate::{
    db::{self, posts::Post, reactions::Like},
    domain::{Fact, Tx, help},
    error::{Error, Result},
    types::{ActorId, PostId},
};

/// The reaction that says "this helped me" (R2).
pub const HANDS: &str = "🙏";

/// How a like came from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Its id, where it has one.
    pub ap_id: Option<String>,
    /// The emoji, where it is a reaction.
    pub content: Option<String>,
    /// The whole activity, JSON.
    pub body: String,
}

/// A member likes a post they may read. Doing it twice is doing it once.
///
/// # Errors
/// `NotFound` for what they may not read.
pub fn like(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let post = super::posts::readable(tx, Some(actor), post)?;
    put(tx, actor, &post, None, None, None).map(drop)
}

/// A member reacts with 🙏, by thanking; a plain like becomes one.
pub(super) fn thank(tx: &mut Tx, actor: ActorId, post: &Post) -> Result<Like> {
    put(tx, actor, post, Some(HANDS.into()), None, None)
}

/// Somebody elsewhere likes a post, or reacts to it. 🙏 by the thread's author is thanks (R2b).
///
/// # Errors
/// `Forbidden` when author and liker block each other.
pub fn receive(tx: &mut Tx, actor: ActorId, post: &Post, received: Received) -> Result<()> {
    if db::relations::blocked_either_way(tx, actor, post.author_id)? {
        return Err(Error::forbidden("One of the two blocks the other"));
    }
    let thanks = received.content.as_deref().is_some_and(is_thanks);
    let cause = received.ap_id.clone();
    put(tx, actor, post, received.content, received.ap_id, Some(received.body))?;
    if thanks {
        help::by_reaction(tx, actor, post, cause)?;
    }
    Ok(())
}

/// Whether a reaction says thanks: 🙏 in any skin.
pub fn is_thanks(content: &str) -> bool {
    content.trim().starts_with(HANDS)
}

fn put(
    tx: &mut Tx,
    actor: ActorId,
    post: &Post,
    content: Option<String>,
    ap_id: Option<String>,
    received: Option<String>,
) -> Result<Like> {
    if let Some(known) = db::reactions::like_by(tx, actor, post.id)? {
        if known.content == content || (content.is_none() && received.is_none()) {
            return Ok(known);
        }
        // Another reaction takes the place of the one before.
        db::reactions::delete_like(tx, known.id)?;
        db::posts::count(tx, post.id, 0, -1, 0)?;
    }
    let like = Like {
        id: tx.new_id(),
        actor_id: actor,
        post_id: post.id,
        ap_id,
        content,
        created_at: tx.now(),
    };
    db::reactions::insert_like(tx, &like)?;
    db::posts::count(tx, post.id, 0, 1, 0)?;
    tx.record(Fact::Liked { like: like.clone(), post: Box::new(post.clone()), received });
    Ok(like)
}

/// Takes a like back; nothing happens where there is none. Thanks given with it end too, if they
/// still may.
///
/// # Errors
/// `Internal` from the database.
pub fn unlike(tx: &mut Tx, actor: ActorId, post: PostId, received: Option<String>) -> Result<()> {
    let post = db::posts::by_id(tx, post)?;
    let Some(like) = db::reactions::like_by(tx, actor, post.id)? else { return Ok(()) };
    if like.content.as_deref().is_some_and(is_thanks) {
        help::reaction_gone(tx, actor, &post)?;
    }
    drop_like(tx, like, &post, received)
}

pub(super) fn drop_like(
    tx: &mut Tx,
    like: Like,
    post: &Post,
    received: Option<String>,
) -> Result<()> {
    db::reactions::delete_like(tx, like.id)?;
    db::posts::count(tx, post.id, 0, -1, 0)?;
    tx.record(Fact::Unliked { like, post: Box::new(post.clone()), received });
    Ok(())
}

/// A member keeps a post for later.
///
/// # Errors
/// `NotFound` for what they may not read.
pub fn bookmark(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let post = super::posts::readable(tx, Some(actor), post)?;
    let (id, now) = (tx.new_id(), tx.now());
    db::reactions::insert_bookmark(tx, id, actor, post.id, now)?;
    Ok(())
}

/// And no longer.
///
/// # Errors
/// `Internal` from the database.
pub fn unbookmark(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    db::reactions::delete_bookmark(tx, actor, post)?;
    Ok(())
}
