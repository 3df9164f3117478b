//! What a member writes, and what the node asks of it: its length, its pace.
use serde::{Deserialize, Serialize};

use crate::{
    db::{self, actors::Actor},
    domain::{Node, Tx, polls::NewPoll, quotes::Quoters},
    error::{Error, Result},
    text,
    types::{ActorId, AppId, MediaId, PostId, Visibility},
};

/// A flood: so many posts ..
const FLOOD_POSTS: usize = 30;
/// .. in so many seconds.
const FLOOD_SECS: i64 = 600;
/// The same text again so soon, in seconds, is a slip of the finger or spam.
const DUPLICATE_SECS: i64 = 60;
/// An account is new for so many days, and then mentions at most this many people in a post.
const NEW_DAYS: i64 = 1;
const NEW_MENTIONS: usize = 8;

/// A post before it has an id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Markdown.
    pub source: String,
    /// Of a new thread; plain text.
    pub title: Option<String>,
    /// Content warning, plain text.
    pub spoiler_text: String,
    /// Media are folded; a content warning implies it.
    pub sensitive: bool,
    /// Who may see it; the member's default if not said.
    pub visibility: Option<Visibility>,
    /// ISO 639 code; the member's default if not said.
    pub language: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<PostId>,
    /// The group it starts a thread in; one that it mentions otherwise.
    pub group: Option<ActorId>,
    /// It asks for help.
    pub ask: bool,
    /// Pictures uploaded before, in order.
    pub media: Vec<MediaId>,
    /// Choices to tick.
    pub poll: Option<NewPoll>,
    /// Who may quote it.
    pub quoters: Quoters,
    /// What it quotes.
    pub quotes: Option<PostId>,
    /// The app it was written with.
    pub app: Option<AppId>,
    /// The same key within an hour gives the same post.
    pub idempotency_key: Option<String>,
}

/// `has_more` than words and pictures: a poll, a quote.
pub(super) fn check(node: &Node, draft: &Draft, has_more: bool) -> Result<()> {
    if draft.source.trim().is_empty() && draft.media.is_empty() && !has_more {
        return Err(Error::invalid("Validation failed: Text can't be blank"));
    }
    let chars = text::char_count(&draft.source) + draft.spoiler_text.chars().count();
    if chars > node.max_post_chars {
        return Err(Error::invalid(format!(
            "Validation failed: Text has {chars} characters, {} are allowed",
            node.max_post_chars
        )));
    }
    if draft.media.len() > node.max_attachments {
        return Err(Error::invalid(format!(
            "Validation failed: a post carries at most {} pictures",
            node.max_attachments
        )));
    }
    Ok(())
}

/// Whether a draft could be published as it is, but for its pace: for one that goes out later.
///
/// # Errors
/// `Invalid` for what has to be changed, `NotFound` for a parent that the author may not read.
pub fn check_draft(tx: &mut Tx, author: ActorId, draft: &Draft) -> Result<()> {
    let node = tx.node();
    check(&node, draft, draft.poll.is_some() || draft.quotes.is_some())?;
    if let Some(parent) = draft.in_reply_to {
        super::readable(tx, Some(author), parent)?;
    }
    let media = db::media::of_owner(tx, author, &draft.media)?;
    if media.len() != draft.media.len() || media.iter().any(|row| row.post_id.is_some()) {
        return Err(Error::invalid("Validation failed: a picture is not there, or used already"));
    }
    Ok(())
}

pub(super) fn check_pace(tx: &mut Tx, node: &Node, author: &Actor, draft: &Draft) -> Result<()> {
    if !node.limits {
        return Ok(());
    }
    let now = tx.now();
    let limit = i64::try_from(FLOOD_POSTS).map_err(Error::internal)?;
    let recent = db::posts::recent_of(tx, author.id, now.plus_secs(-FLOOD_SECS), limit)?;
    if recent.len() >= FLOOD_POSTS {
        let oldest = recent.last().map_or(now, |post| post.created_at);
        let wait = oldest.plus_secs(FLOOD_SECS).secs() - now.secs();
        return Err(Error::TooMany(u64::try_from(wait).unwrap_or(0).max(1)));
    }
    let again = recent.iter().any(|post| {
        post.created_at > now.plus_secs(-DUPLICATE_SECS)
            && post.source.as_deref() == Some(&*draft.source)
            && post.in_reply_to_id == draft.in_reply_to
            && draft.media.is_empty()
    });
    if again {
        return Err(Error::invalid("You posted just this a moment ago"));
    }
    Ok(())
}

/// A new account does not call a crowd together.
pub(super) fn check_mentions(tx: &mut Tx, node: &Node, author: &Actor, many: usize) -> Result<()> {
    let is_new = author.created_at > tx.now().plus_days(-NEW_DAYS);
    if node.limits && is_new && many > NEW_MENTIONS {
        return Err(Error::invalid(format!(
            "A new account mentions at most {NEW_MENTIONS} people in one post"
        )));
    }
    Ok(())
}
