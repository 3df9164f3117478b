use serde_json::{Map, Value};

use crate::{
    db::receipts::Receipt,
    domain::moderation,
    ledger::{Event, entry::Undoer},
    types::{ActorId, PostId, ReceiptId, Uri},
};

/// A receiver's acknowledgement of help, signed with a key that the group's node does not hold: what
/// makes a receipt *proof* (`product.md`, R7).
#[derive(Clone, Debug)]
pub struct Stamp {
    /// It, with its proof.
    pub document: Map<String, Value>,
    /// The key, multibase, where it is known in that form.
    pub key: Option<String>,
}

/// Something to be written into a ledger when the change ends.
#[derive(Clone, Debug)]
pub enum Note {
    /// Somebody became a member.
    Joined(ActorId),
    /// Somebody is no member any more.
    Left(ActorId),
    /// Somebody is seen in another way than before: a program, staff, left out of counts.
    Marked(ActorId),
    /// Somebody wrote, thanked or voted.
    Active(ActorId),
    /// Somebody began a thread.
    Began {
        /// Which.
        thread: PostId,
        /// Its id.
        uri: Uri,
        /// Who.
        by: ActorId,
        /// Whether it seeks help.
        ask: bool,
    },
    /// Somebody answered in a thread.
    Answered {
        /// Which.
        thread: PostId,
        /// Who.
        by: ActorId,
    },
    /// Somebody said that somebody helped, counted or not.
    Thanked(Box<Receipt>, Option<Stamp>),
    /// A receipt was taken back.
    Undone {
        /// Which.
        receipt: ReceiptId,
        /// By whom.
        by: Undoer,
    },
    /// A steward acted.
    Moderated(Box<moderation::Act>),
    /// Anything else, with whom it names.
    Event(Box<Event>, Vec<ActorId>),
}
