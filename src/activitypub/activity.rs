//! What an inbox gets: the activities we understand, and `Unknown`.
use serde_json::Value;

use super::{
    Refusal,
    json::{self, addressees},
    object::Emoji,
};
use crate::types::{Time, Uri};

/// Most addressees of an activity, in each of `to`, `cc` and `audience`.
pub const MAX_ADDRESSEES: usize = 256;
/// Most things one activity is about: `PieFed` announces votes in batches, a report names posts.
pub const MAX_OBJECTS: usize = 256;
/// Most tags of a post; one with more mentions is a storm of notifications.
pub const MAX_TAGS: usize = 128;

/// A thing another one points at: its id, the whole of it, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its id; an embedded thing may have none.
    pub id: Option<Uri>,
    /// What was embedded. A claim, unless its id shares the sender's origin.
    pub embedded: Option<Value>,
}

impl Reference {
    /// Reads an id or an object.
    fn read(value: &Value) -> Option<Self> {
        let embedded = value.as_object().filter(|map| !map.is_empty()).map(|_| value.clone());
        let id = json::id_of(value);
        (id.is_some() || embedded.is_some()).then_some(Self { id, embedded })
    }

    /// Its id, which it must have.
    ///
    /// # Errors
    /// When it has none.
    pub fn require_id(&self) -> Result<&Uri, Refusal> {
        self.id.as_ref().ok_or_else(|| "the object has no id".into())
    }

    /// Whether the embedded thing is of this type.
    pub fn is(&self, kind: &str) -> bool {
        self.embedded.as_ref().is_some_and(|value| json::is(value, kind))
    }
}

/// Everything we understand of what servers send.
#[derive(Clone, Debug, PartialEq)]
pub enum Activity {
    /// Asks to follow a person or to join a group.
    Follow {
        /// Who is to be followed.
        object: Uri,
    },
    /// Says yes to a follow (or another request) of ours.
    Accept {
        /// The request: by id or embedded.
        object: Reference,
    },
    /// Says no, or ends what was accepted.
    Reject {
        /// The request: by id or embedded.
        object: Reference,
    },
    /// Takes an earlier activity back.
    Undo {
        /// That activity: by id or embedded.
        object: Reference,
    },
    /// A new post; `GoToSocial` sends several votes in one.
    Create {
        /// The posts, or one post's id. Never empty.
        objects: Vec<Reference>,
    },
    /// A post or an actor changed.
    Update {
        /// The thing as it is now.
        object: Reference,
    },
    /// A post or an actor is gone, or a moderator removed it.
    Delete(Delete),
    /// A favourite, an upvote, a reaction where there is content.
    Like(Like),
    /// A downvote.
    Dislike {
        /// The post.
        object: Uri,
    },
    /// A reaction with an emoji (Akkoma, Pleroma).
    EmojiReact {
        /// The post.
        object: Uri,
        /// The emoji, or `:shortcode:`.
        content: String,
    },
    /// A boost by a person, or a group that passes something on.
    Announce {
        /// Posts or activities: one, or a batch of votes. Never empty.
        objects: Vec<Reference>,
    },
    /// A report to moderators.
    Flag {
        /// Reported posts and actors. Never empty.
        objects: Vec<Uri>,
        /// What the reporter says: plain text or HTML.
        comment: Option<String>,
    },
    /// Something is put into a collection: pinned posts, moderators, a thread.
    Add {
        /// What is put.
        object: Reference,
        /// The collection.
        target: Option<Uri>,
    },
    /// Something is taken out of a collection.
    Remove {
        /// What is taken out.
        object: Reference,
        /// The collection.
        target: Option<Uri>,
    },
    /// No more replies to a thread.
    Lock {
        /// Its root.
        object: Uri,
    },
    /// A person blocks one of ours, or a moderator bans somebody.
    Block(Block),
    /// An actor says where it went.
    Move {
        /// The old actor.
        object: Uri,
        /// The new one; absent where something else than an actor moves.
        target: Option<Uri>,
    },
    /// A person wants a group's ledger to forget them; our own (`docs/help-receipts.md`).
    Forget {
        /// The group.
        object: Uri,
    },
    /// `PieFed`: the asker marks the reply that answers.
    ChooseAnswer {
        /// The reply.
        object: Uri,
    },
    /// `PieFed`: a vote in a poll.
    PollVote {
        /// The poll.
        object: Uri,
        /// The option's text.
        choice: String,
    },
    /// A report was dealt with, where it was made (Lemmy).
    Resolve {
        /// The `Flag`.
        object: Reference,
    },
    /// Mobilizon's way to join a group, or to come to an event.
    Join {
        /// The group or event.
        object: Uri,
    },
    /// And to leave it.
    Leave {
        /// The group or event.
        object: Uri,
    },
    /// Somebody asks to quote a post ([FEP-044f](https://w3id.org/fep/044f)).
    QuoteRequest {
        /// The quoted post.
        object: Uri,
        /// The post that quotes.
        instrument: Option<Reference>,
    },
    /// Somebody asks to answer a post (`GoToSocial` 0.20).
    ReplyRequest {
        /// What they answer.
        object: Uri,
        /// The answer.
        instrument: Option<Reference>,
    },
    /// Known or not: nothing we act on (`View`, `Read`, `Offer`, `Listen` ..).
    Unknown {
        /// Its type as it was named.
        kind: String,
    },
}

/// A post or an actor is gone, or was removed from a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// What is gone.
    pub object: Uri,
    /// Present, if maybe empty, when a moderator removed what somebody else wrote (Lemmy).
    pub summary: Option<String>,
    /// Everything the deleted actor wrote goes too (Lemmy).
    pub remove_data: bool,
    /// The replies go too (Lemmy).
    pub with_replies: bool,
}

/// A favourite, an upvote or a reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Like {
    /// The post.
    pub object: Uri,
    /// An emoji, where it is a reaction.
    pub content: Option<String>,
    /// The signed acknowledgement of help that goes with it, if any.
    pub result: Option<Uri>,
}

/// A person blocks another, or a moderator bans somebody from a group or a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Who is blocked.
    pub object: Uri,
    /// The group or server they are banned from; absent when one person blocks another.
    pub target: Option<Uri>,
    /// When it ends.
    pub ends: Option<Time>,
    /// What they wrote goes too.
    pub remove_data: bool,
    /// Why, as plain text.
    pub summary: Option<String>,
}

/// An activity as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Its id; votes, follows and what takes them back may have none.
    pub id: Option<Uri>,
    /// Who did it. Nothing is proven yet.
    pub actor: Uri,
    /// What it says.
    pub activity: Activity,
    /// Main addressees.
    pub to: Vec<Uri>,
    /// The other addressees.
    pub cc: Vec<Uri>,
    /// Groups it belongs to.
    pub audience: Vec<Uri>,
    /// When it happened, as they say.
    pub published: Option<Time>,
    /// All of it, as parsed.
    pub raw: Value,
}

impl Incoming {
    /// The name of its type, for counters and logs.
    pub fn kind(&self) -> &str {
        self.activity.kind()
    }
}

impl Activity {
    /// The name of its type.
    pub fn kind(&self) -> &str {
        match self {
            Self::Follow { .. } => "Follow",
            Self::Accept { .. } => "Accept",
            Self::Reject { .. } => "Reject",
            Self::Undo { .. } => "Undo",
            Self::Create { .. } => "Create",
            Self::Update { .. } => "Update",
            Self::Delete(_) => "Delete",
            Self::Like(_) => "Like",
            Self::Dislike { .. } => "Dislike",
            Self::EmojiReact { .. } => "EmojiReact",
            Self::Announce { .. } => "Announce",
            Self::Flag { .. } => "Flag",
            Self::Add { .. } => "Add",
            Self::Remove { .. } => "Remove",
            Self::Lock { .. } => "Lock",
            Self::Block(_) => "Block",
            Self::Move { .. } => "Move",
            Self::ChooseAnswer { .. } => "ChooseAnswer",
            Self::Forget { .. } => "Forget",
            Self::PollVote { .. } => "PollVote",
            Self::Resolve { .. } => "Resolve",
            Self::Join { .. } => "Join",
            Self::Leave { .. } => "Leave",
            Self::QuoteRequest { .. } => "QuoteRequest",
            Self::ReplyRequest { .. } => "ReplyRequest",
            Self::Unknown { kind } => kind,
        }
    }

    /// Whether it may come without an id: it is then known by who did what to what.
    fn may_lack_id(&self) -> bool {
        matches!(
            self,
            Self::Follow { .. }
                | Self::Like(_)
                | Self::Dislike { .. }
                | Self::EmojiReact { .. }
                | Self::Undo { .. }
                | Self::Delete(_)
                | Self::Leave { .. }
                | Self::Accept { .. }
                | Self::Reject { .. }
                | Self::Unknown { .. }
        )
    }
}

/// Reads an activity in any of the forms servers send.
///
/// # Errors
/// No usable type, actor, object or id, more of anything than we read, or a document that redefines
/// the words it is written in.
pub fn read(value: &Value) -> Result<Incoming, Refusal> {
    keeps_the_words_of_its_vocabulary(value)?;
    let activity = meaning(value)?;
    let id = match value.get("id") {
        None if activity.may_lack_id() => None,
        None => return Err("the activity has no id".into()),
        Some(id) => Some(id.as_str().and_then(json::uri).ok_or("the id is not an address")?),
    };
    Ok(Incoming {
        id,
        actor: one_actor(value)?,
        activity,
        to: addressees(value, "to", MAX_ADDRESSEES)?,
        cc: addressees(value, "cc", MAX_ADDRESSEES)?,
        audience: addressees(value, "audience", MAX_ADDRESSEES)?,
        published: json::time(value, "published"),
        raw: value.clone(),
    })
}

/// The one actor: an id, an object (Discourse), or a list of just one.
fn one_actor(value: &Value) -> Result<Uri, Refusal> {
    match json::many(value, "actor") {
        [one] => json::id_of(one).ok_or_else(|| "the actor is not an address".into()),
        [] => Err("the activity has no actor".into()),
        _ => Err("the activity has more than one actor".into()),
    }
}

/// A context that gives `actor`, `object`, `id` or `type` another meaning makes readers of JSON and
/// readers of JSON-LD see two different activities.
fn keeps_the_words_of_its_vocabulary(value: &Value) -> Result<(), Refusal> {
    let own = |(word, meaning): (&String, &Value)| {
        let meaning = meaning.get("@id").unwrap_or(meaning).as_str().unwrap_or_default();
        match word.as_str() {
            "id" => meaning != "@id",
            "type" => meaning != "@type",
            "actor" | "object" | "attributedTo" | "to" | "cc" => {
                meaning != format!("as:{word}") && meaning != format!("{}#{word}", super::AS)
            }
            _ => false,
        }
    };
    let redefined = json::many(value, "@context")
        .iter()
        .filter_map(Value::as_object)
        .any(|terms| terms.iter().any(own));
    if redefined { Err("the context redefines a word of ActivityStreams".into()) } else { Ok(()) }
}

/// What the activity says: the first of its types that we know.
fn meaning(value: &Value) -> Result<Activity, Refusal> {
    let mut first = None;
    for kind in json::kinds(value) {
        if let Some(known) = known(kind, value) {
            return known;
        }
        first = first.or(Some(kind));
    }
    let kind = first.ok_or("the activity has no type")?;
    Ok(Activity::Unknown { kind: kind.chars().take(64).collect() })
}

fn known(kind: &str, value: &Value) -> Option<Result<Activity, Refusal>> {
    let read: fn(&Value) -> Result<Activity, Refusal> = match kind {
        "Follow" => |v| Ok(Activity::Follow { object: object_id(v)? }),
        "Accept" => |v| Ok(Activity::Accept { object: object(v)? }),
        "Reject" => |v| Ok(Activity::Reject { object: object(v)? }),
        "Undo" => |v| Ok(Activity::Undo { object: object(v)? }),
        "Create" => |v| Ok(Activity::Create { objects: objects(v)? }),
        "Update" => |v| Ok(Activity::Update { object: object(v)? }),
        "Delete" => delete,
        "Like" => like,
        "Dislike" => |v| Ok(Activity::Dislike { object: object_id(v)? }),
        "EmojiReact" => |v| {
            let content = json::text(v, "content").unwrap_or_default();
            Ok(Activity::EmojiReact { object: object_id(v)?, content: emoji(content) })
        },
        "Announce" => |v| Ok(Activity::Announce { objects: objects(v)? }),
        "Flag" => flag,
        "Add" => |v| Ok(Activity::Add { object: object(v)?, target: json::id(v, "target") }),
        "Remove" => |v| Ok(Activity::Remove { object: object(v)?, target: json::id(v, "target") }),
        "Lock" => |v| Ok(Activity::Lock { object: object_id(v)? }),
        "Block" => block,
        "Move" => |v| Ok(Activity::Move { object: object_id(v)?, target: json::id(v, "target") }),
        "ChooseAnswer" => |v| Ok(Activity::ChooseAnswer { object: object_id(v)? }),
        "Forget" => |v| Ok(Activity::Forget { object: object_id(v)? }),
        "PollVote" => poll_vote,
        "Resolve" => |v| Ok(Activity::Resolve { object: object(v)? }),
        "Join" => |v| Ok(Activity::Join { object: object_id(v)? }),
        "Leave" => |v| Ok(Activity::Leave { object: object_id(v)? }),
        "QuoteRequest" => |v| {
            let instrument = json::first(v, "instrument").and_then(Reference::read);
            Ok(Activity::QuoteRequest { object: object_id(v)?, instrument })
        },
        "ReplyRequest" => |v| {
            let instrument = json::first(v, "instrument").and_then(Reference::read);
            Ok(Activity::ReplyRequest { object: object_id(v)?, instrument })
        },
        _ => return None,
    };
    Some(read(value))
}

/// All objects; none or an unreadable one is an error.
fn objects(value: &Value) -> Result<Vec<Reference>, Refusal> {
    let given = json::many(value, "object");
    if given.len() > MAX_OBJECTS {
        return Err("too many objects".into());
    }
    let found: Option<Vec<_>> = given.iter().map(Reference::read).collect();
    found.filter(|found| !found.is_empty()).ok_or_else(|| "the activity has no object".into())
}

/// The one object; of a list, the first.
fn object(value: &Value) -> Result<Reference, Refusal> {
    objects(value)?.into_iter().next().ok_or_else(|| "the activity has no object".into())
}

fn object_id(value: &Value) -> Result<Uri, Refusal> {
    object(value)?.id.ok_or_else(|| "the object has no id".into())
}

fn delete(value: &Value) -> Result<Activity, Refusal> {
    Ok(Activity::Delete(Delete {
        object: object_id(value)?,
        summary: json::text(value, "summary").map(str::to_owned),
        remove_data: json::flag(value, "removeData").unwrap_or(false),
        with_replies: json::flag(value, "withReplies").unwrap_or(false),
    }))
}

fn like(value: &Value) -> Result<Activity, Refusal> {
    let content = json::text(value, "content").or_else(|| json::text(value, "_misskey_reaction"));
    Ok(Activity::Like(Like {
        object: object_id(value)?,
        content: content.map(emoji).filter(|content| !content.is_empty()),
        result: json::id(value, "result"),
    }))
}

/// Of a reaction `:shortcode:` the emoji it stands for, as a tag of the activity shows it.
pub fn emoji_of(activity: &Value, content: &str) -> Option<Emoji> {
    let name = content.strip_prefix(':')?.strip_suffix(':')?;
    let name = name.split('@').next().unwrap_or(name);
    json::many(activity, "tag")
        .iter()
        .filter(|tag| json::is(tag, "Emoji"))
        .filter_map(Emoji::read)
        .find(|emoji| emoji.shortcode == name)
}

/// A reaction is one emoji or a `:shortcode:`, not a message.
fn emoji(content: &str) -> String {
    content.trim().chars().take(64).collect()
}

fn flag(value: &Value) -> Result<Activity, Refusal> {
    // Named in `object`; older software puts the post beside the person it reports.
    let objects: Vec<Uri> = objects(value)?.into_iter().filter_map(|object| object.id).collect();
    if objects.is_empty() {
        return Err("the report names nothing".into());
    }
    let comment = json::text(value, "content").or_else(|| json::text(value, "summary"));
    let comment = comment.map(|text| text.chars().take(5_000).collect());
    Ok(Activity::Flag { objects, comment })
}

fn block(value: &Value) -> Result<Activity, Refusal> {
    Ok(Activity::Block(Block {
        object: object_id(value)?,
        target: json::id(value, "target"),
        ends: json::time(value, "endTime").or_else(|| json::time(value, "expires")),
        remove_data: json::flag(value, "removeData").unwrap_or(false),
        summary: json::text(value, "summary").map(str::to_owned),
    }))
}

fn poll_vote(value: &Value) -> Result<Activity, Refusal> {
    let choice = json::text(value, "choice_text").ok_or("the vote names no choice")?;
    Ok(Activity::PollVote { object: object_id(value)?, choice: choice.to_owned() })
}
