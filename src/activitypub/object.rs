//! A post of any kind, as some server wrote it.
mod media;
mod poll;
mod read;

pub use media::{Attachment, Emoji, Icon};
pub use poll::{Event, Poll, PollOption};

use serde_json::Value;

use super::PUBLIC;
use crate::types::{Time, Uri, Visibility};

/// Most attachments that are kept of a post.
pub const MAX_ATTACHMENTS: usize = 32;
/// Most options that are kept of a poll.
pub const MAX_OPTIONS: usize = 64;
/// Longest title that is kept, in characters.
pub const MAX_NAME_CHARS: usize = 500;
/// Longest summary (or content warning) that is kept, in characters.
pub const MAX_SUMMARY_CHARS: usize = 20_000;

/// What kind of post; everything unknown is shown by its name or summary and a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A short post or a reply.
    Note,
    /// A link or a text with a title (Lemmy, Mbin).
    Page,
    /// A long text with a title.
    Article,
    /// A poll.
    Question,
    /// A gathering.
    Event,
    /// A film (`PeerTube`).
    Video,
    /// A recording (Funkwhale, Castopod).
    Audio,
    /// A picture as a post.
    Image,
    /// A file as a post.
    Document,
    /// A direct message of `PieFed` and Lemmy.
    ChatMessage,
    /// Anything else, by its name.
    Other(String),
}

/// Somebody who is named in a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Their id.
    pub href: Uri,
    /// As it is written: `@name@host`, `@name`, `!group`; not to be trusted.
    pub name: String,
}

/// Who may do something with a post, as its author says (`interactionPolicy`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who may reply at once; `None`: nothing is said, anyone may.
    pub can_reply: Option<Vec<Uri>>,
    /// Who may boost at once.
    pub can_announce: Option<Vec<Uri>>,
    /// Who may quote at once.
    pub can_quote: Option<Vec<Uri>>,
    /// Who may reply once the author has said yes, and is to ask with a `ReplyRequest`.
    pub ask_reply: Option<Vec<Uri>>,
    /// Who may quote once the author has said yes.
    pub ask_quote: Option<Vec<Uri>>,
}

impl Policy {
    /// Whether everyone, and with them a group, may boost it.
    pub fn boosts_are_free(&self) -> bool {
        let open = |who: &Vec<Uri>| who.iter().any(|uri| uri.as_str() == PUBLIC);
        self.can_announce.as_ref().is_none_or(open)
    }
}

/// A post as it was read. HTML in it is raw: sanitise before it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its id.
    pub id: Uri,
    /// What kind of post.
    pub kind: Kind,
    /// Authors, the first one is who answers for it; empty where none is named.
    pub attributed_to: Vec<Uri>,
    /// The post it replies to.
    pub in_reply_to: Option<Uri>,
    /// Its title, plain text (or the choice of a vote).
    pub name: Option<String>,
    /// Its text: raw HTML, or Markdown where `media_type` says so.
    pub content: Option<String>,
    /// What `content` is written in; absent: HTML.
    pub media_type: Option<String>,
    /// The Markdown it was made of.
    pub markdown: Option<String>,
    /// Content warning, or the teaser of an article: raw HTML or plain text.
    pub summary: Option<String>,
    /// Media are to be hidden at first.
    pub sensitive: bool,
    /// Main addressees.
    pub to: Vec<Uri>,
    /// The other addressees.
    pub cc: Vec<Uri>,
    /// Groups it belongs to.
    pub audience: Vec<Uri>,
    /// The collection it belongs in, or the wall it is written on.
    pub target: Option<Uri>,
    /// The people and groups it names.
    pub mentions: Vec<Mention>,
    /// Hashtags without `#`, as written.
    pub hashtags: Vec<String>,
    /// Custom emojis used in its texts.
    pub emojis: Vec<Emoji>,
    /// Pictures and other files.
    pub attachments: Vec<Attachment>,
    /// The page on which people read it.
    pub url: Option<Uri>,
    /// The link it shares (a `Page` that is about another page).
    pub link: Option<Uri>,
    /// A picture that stands for it.
    pub image: Option<Uri>,
    /// The post it quotes.
    pub quote: Option<Uri>,
    /// It says so only in words that ask nobody for permission: `quoteUrl` and the like.
    pub quote_is_legacy: bool,
    /// The permission by who wrote what it quotes ([FEP-044f](https://w3id.org/fep/044f)).
    pub quote_authorization: Option<Uri>,
    /// The collection of its whole thread ([FEP-7888](https://w3id.org/fep/7888)).
    pub context: Option<Uri>,
    /// The collection of its replies.
    pub replies: Option<Uri>,
    /// When it was published, as its author says.
    pub published: Option<Time>,
    /// When it last changed.
    pub updated: Option<Time>,
    /// Its language, BCP 47.
    pub language: Option<String>,
    /// What can be voted on.
    pub poll: Option<Poll>,
    /// When and where to meet.
    pub event: Option<Event>,
    /// Who may reply, boost, quote.
    pub policy: Policy,
    /// The approval by the author of what it answers, where that is needed.
    pub approved_by: Option<Uri>,
}

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Somebody, a group, a server.
    Actor,
    /// Something that was done.
    Activity,
    /// A list, or a page of one.
    Collection,
    /// What is left of something deleted.
    Tombstone,
    /// Anything else: a post.
    Post,
}

/// Tells what a document is about, by its type.
pub fn family(value: &Value) -> Option<Family> {
    json_kinds(value).find_map(|kind| match kind {
        "Person" | "Group" | "Application" | "Service" | "Organization" | "Feed" => {
            Some(Family::Actor)
        }
        "Collection" | "OrderedCollection" | "CollectionPage" | "OrderedCollectionPage" => {
            Some(Family::Collection)
        }
        "Tombstone" => Some(Family::Tombstone),
        "Create" | "Update" | "Delete" | "Follow" | "Accept" | "Reject" | "Undo" | "Like"
        | "Dislike" | "EmojiReact" | "Announce" | "Flag" | "Add" | "Remove" | "Lock" | "Block"
        | "Move" | "ChooseAnswer" | "Forget" | "PollVote" | "View" | "Read" | "Listen" | "Join"
        | "Leave" | "Invite" | "Offer" | "Ignore" | "Arrive" | "Travel" | "TentativeAccept"
        | "TentativeReject" | "QuoteRequest" | "ReplyRequest" | "Resolve" | "Warn" => {
            Some(Family::Activity)
        }
        "" => None,
        _ => Some(Family::Post),
    })
}

fn json_kinds(value: &Value) -> impl Iterator<Item = &str> {
    super::json::kinds(value)
}

impl Object {
    /// Who may see it, by its addressees. `followers` are the collections that stand for the
    /// author's followers and for the members of a private group.
    pub fn visibility(&self, followers: &[&Uri]) -> Visibility {
        let public = |list: &[Uri]| list.iter().any(|uri| uri.as_str() == PUBLIC);
        let known = |uri: &Uri| followers.contains(&uri) || uri.path().ends_with("/followers");
        if public(&self.to) {
            Visibility::Public
        } else if public(&self.cc) {
            Visibility::Unlisted
        } else if self.to.iter().chain(&self.cc).any(known) {
            Visibility::Followers
        } else {
            Visibility::Direct
        }
    }

    /// Every address that may be the group it is meant for, the most telling first, each once:
    /// audience, to, cc, mentions, target, context.
    pub fn groups(&self) -> Vec<&Uri> {
        let mut found: Vec<&Uri> = Vec::new();
        let mentions = self.mentions.iter().map(|mention| &mention.href);
        let all = self.audience.iter().chain(&self.to).chain(&self.cc).chain(mentions);
        for uri in all.chain(&self.target).chain(&self.context) {
            if uri.as_str() != PUBLIC && !found.contains(&uri) {
                found.push(uri);
            }
        }
        found
    }

    /// Who answers for it: the first author.
    pub fn author(&self) -> Option<&Uri> {
        self.attributed_to.first()
    }

    /// The chosen option, if this is a ballot: a name, no text, in reply to a poll.
    pub fn vote(&self) -> Option<&str> {
        let ballot = self.kind == Kind::Note && self.in_reply_to.is_some();
        if ballot && self.content.is_none() { self.name.as_deref() } else { None }
    }

    /// Whether there is anything at all to show.
    pub fn has_something_to_show(&self) -> bool {
        self.content.is_some()
            || self.name.is_some()
            || self.summary.is_some()
            || self.link.is_some()
            || !self.attachments.is_empty()
    }
}
