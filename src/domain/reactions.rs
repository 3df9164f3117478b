//! Likes, reactions and bookmarks.
use crate::{
    db::{
        self,
        posts::Post,
        reactions::{Like, Mark},
    },
    domain::{
        Fact, Tx,
        emojis::{self, RemoteEmoji},
        help,
        ledger::Stamp,
    },
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
    /// Of an emoji that is a picture: what is said of that.
    pub emoji: Option<RemoteEmoji>,
    /// The whole activity, JSON.
    pub body: String,
    /// What goes with one that says thanks.
    pub acknowledged: Acknowledged,
}

/// Whether who says thanks signed it, with a key of theirs.
#[derive(Clone, Debug, Default)]
pub enum Acknowledged {
    /// Nothing was signed, or it cannot be had: the word of their server stands for it.
    #[default]
    Unsigned,
    /// They did.
    Signed(Stamp),
    /// What is named as signed says something else, or was taken back: it is just a reaction.
    Falsely,
}

/// A member likes a post they may read. Doing it twice is doing it once.
///
/// # Errors
/// `NotFound` for what they may not read.
pub fn like(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let post = super::posts::readable(tx, Some(actor), post)?;
    put(tx, actor, &post, Reaction::default(), None).map(drop)
}

/// A member reacts with 🙏, by thanking; a plain like becomes one.
pub(super) fn thank(tx: &mut Tx, actor: ActorId, post: &Post) -> Result<Like> {
    let hands = Reaction { content: Some(HANDS.into()), ..Reaction::default() };
    put(tx, actor, post, hands, None)
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
    let Received { ap_id, content, emoji, body, acknowledged } = received;
    let owner = tx.actor(actor)?.ap_id;
    emojis::receive(tx, &owner, emoji.as_slice())?;
    let emoji_url = emoji.filter(|emoji| emojis::is_shown(&owner, &emoji.url));
    let emoji_url = emoji_url.map(|emoji| emoji.url.to_string());
    put(tx, actor, post, Reaction { ap_id, content, emoji_url }, Some(body))?;
    let stamp = match acknowledged {
        Acknowledged::Unsigned => None,
        Acknowledged::Signed(stamp) => Some(stamp),
        Acknowledged::Falsely => return Ok(()),
    };
    if thanks {
        help::by_reaction(tx, actor, post, cause, stamp)?;
    }
    Ok(())
}

/// Whether a reaction says thanks: 🙏 in any skin.
pub fn is_thanks(content: &str) -> bool {
    content.trim().starts_with(HANDS)
}

/// What kind of like.
#[derive(Clone, Debug, Default)]
struct Reaction {
    ap_id: Option<String>,
    content: Option<String>,
    emoji_url: Option<String>,
}

fn put(
    tx: &mut Tx,
    actor: ActorId,
    post: &Post,
    reaction: Reaction,
    received: Option<String>,
) -> Result<Like> {
    let Reaction { ap_id, content, emoji_url } = reaction;
    // One vote each: the newest.
    db::reactions::delete_dislike(tx, actor, post.id)?;
    if let Some(known) = db::reactions::like_by(tx, actor, post.id)? {
        if known.content == content || (content.is_none() && received.is_none()) {
            return Ok(known);
        }
        // Another reaction takes the place of the one before.
        db::reactions::delete_like(tx, known.id)?;
        db::counters::post(tx, post.id, 0, -1, 0)?;
    }
    let like = Like {
        id: tx.new_id(),
        actor_id: actor,
        post_id: post.id,
        ap_id,
        content,
        created_at: tx.now(),
        emoji_url,
    };
    db::reactions::insert_like(tx, &like)?;
    db::counters::post(tx, post.id, 0, 1, 0)?;
    tx.record(Fact::Liked { like: like.clone(), post: Box::new(post.clone()), received });
    Ok(like)
}

/// A member votes a post down. A like they gave ends with it.
///
/// # Errors
/// `NotFound` for what they may not read.
pub fn dislike(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let post = super::posts::readable(tx, Some(actor), post)?;
    put_down(tx, actor, &post, None)
}

/// Somebody elsewhere votes a post down.
///
/// # Errors
/// `Forbidden` when author and voter block each other.
pub fn receive_dislike(tx: &mut Tx, actor: ActorId, post: &Post, body: String) -> Result<()> {
    if db::relations::blocked_either_way(tx, actor, post.author_id)? {
        return Err(Error::forbidden("One of the two blocks the other"));
    }
    put_down(tx, actor, post, Some(body))
}

fn put_down(tx: &mut Tx, actor: ActorId, post: &Post, received: Option<String>) -> Result<()> {
    if let Some(like) = db::reactions::like_by(tx, actor, post.id)? {
        if like.content.as_deref().is_some_and(is_thanks) {
            help::reaction_gone(tx, actor, post)?;
        }
        // The downvote itself tells others that the like is over.
        db::reactions::delete_like(tx, like.id)?;
        db::counters::post(tx, post.id, 0, -1, 0)?;
    }
    let mark = mark(tx, actor, post);
    if db::reactions::insert_dislike(tx, mark)? {
        let (id, post) = (mark.id, Box::new(post.clone()));
        tx.record(Fact::Disliked { actor, id, post, undone: false, received });
    }
    Ok(())
}

fn mark(tx: &mut Tx, actor: ActorId, post: &Post) -> Mark {
    Mark { id: tx.new_id(), actor_id: actor, post_id: post.id, created_at: tx.now() }
}

/// Takes a downvote back; nothing happens where there is none.
///
/// # Errors
/// `Internal` from the database.
pub fn undislike(
    tx: &mut Tx,
    actor: ActorId,
    post: PostId,
    received: Option<String>,
) -> Result<()> {
    let post = db::posts::by_id(tx, post)?;
    if let Some(id) = db::reactions::delete_dislike(tx, actor, post.id)? {
        let post = Box::new(post);
        tx.record(Fact::Disliked { actor, id, post, undone: true, received });
    }
    Ok(())
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
    db::counters::post(tx, post.id, 0, -1, 0)?;
    tx.record(Fact::Unliked { like, post: Box::new(post.clone()), received });
    Ok(())
}

/// A member keeps a post for later.
///
/// # Errors
/// `NotFound` for what they may not read.
pub fn bookmark(tx: &mut Tx, actor: ActorId, post: PostId) -> Result<()> {
    let post = super::posts::readable(tx, Some(actor), post)?;
    let mark = mark(tx, actor, &post);
    db::reactions::insert_bookmark(tx, mark)?;
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
