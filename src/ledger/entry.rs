//! What a ledger says: one entry for each thing that happened, in the words of `docs/ledger.md`.
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

use super::{Hash, Malformed, canonical};
use crate::types::Time;

/// Longest payload that is written or read, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// The id of an actor, a post or another object: an address, compared letter by letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub String);

impl Id {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The server it names, with its port where one is given; empty where it names none.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }
}
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// One entry's payload: where it stands, when it was written, and what happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its place, from 0.
    pub seq: u64,
    /// When it was written; never earlier than the entry before.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Entry {
    /// The payload as it is hashed, stored and sent: canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// For what a ledger does not take: fractions, integers beyond 2^53 - 1, more than
    /// [`MAX_PAYLOAD_BYTES`].
    pub fn payload(&self) -> Result<String, Malformed> {
        let value = serde_json::to_value(self).map_err(|why| Malformed::from(why.to_string()))?;
        let text = canonical::write(&value)?;
        if text.len() > MAX_PAYLOAD_BYTES {
            return Err("the entry is too long".into());
        }
        Ok(text)
    }

    /// Reads what [`Entry::payload`] wrote, byte for byte: the same entry in any other spelling is
    /// refused, and so is one of a known type with a field too many or too few.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(payload: &str) -> Result<Self, Malformed> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err("the entry is too long".into());
        }
        Self::from_value(canonical::read(payload)?)
    }

    /// The entry in a JSON object that was read already.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn from_value(payload: Value) -> Result<Self, Malformed> {
        let Value::Object(mut fields) = payload else { return Err("not an object".into()) };
        let seq = fields.remove("seq").as_ref().and_then(Value::as_u64);
        let at = fields.remove("at").as_ref().and_then(Value::as_i64);
        let seq = seq.filter(|seq| *seq <= canonical::MOST).ok_or("it has no seq")?;
        let at = at.filter(|at| *at >= 0).map(Time).ok_or("it has no time")?;
        Ok(Self { seq, at, event: Event::read(fields)? })
    }
}
impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// What may be absent is absent, never `null`: one way to say it.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// What happened. The names of the variants in lower case are the types on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Event {
    /// The ledger begins; always entry 0.
    Opened {
        /// The group.
        group: Id,
        /// Its Ed25519 key as a Multikey (`z6Mk..`).
        key: String,
        /// The domain of the node that hosts it.
        host: String,
    },
    /// The group signs with another key from here on.
    Key {
        /// The next key (`z6Mk..`); the first head that covers this entry is signed by both.
        key: String,
    },
    /// The charter was given, or changed by vote.
    Charter(Charter),
    /// Somebody became a member.
    Joined {
        /// Who.
        person: Id,
        /// When the group's node first saw the account.
        known_since: Time,
    },
    /// Somebody is no member any more.
    Left {
        /// Who.
        person: Id,
    },
    /// Somebody is counted in another way from here on.
    Marked {
        /// Who.
        person: Id,
        /// As what.
        mark: Mark,
        /// Whether it begins or ends.
        on: bool,
        /// For staff: the operator they belong to, by domain.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        operator: Option<String>,
    },
    /// Somebody posted, replied, thanked or voted in a week; at most one per person and week.
    Active {
        /// Who.
        person: Id,
        /// Whole weeks since Monday 1970-01-05 00:00 UTC.
        week: u32,
    },
    /// An ask, or somebody's first thread here.
    Thread {
        /// The post that began it.
        thread: Id,
        /// Who wrote it.
        by: Id,
        /// Whether it seeks help.
        ask: bool,
        /// Whether it is their first thread in this group.
        first: bool,
    },
    /// The first reply by a member, or the first by staff, in such a thread.
    Answered {
        /// The thread.
        thread: Id,
        /// Who replied; not who asked.
        by: Id,
    },
    /// A person said that another one helped them, and it counts.
    Receipt(Receipt),
    /// A receipt was taken back.
    Undone {
        /// The receipt's entry.
        receipt: u64,
        /// Who took it back.
        by: Undoer,
    },
    /// A thanks that does not count; nothing else is said in public.
    Uncounted {
        /// What the node's table held of it then, hashed.
        row: Hash,
    },
    /// The other side of a receipt that was erased, naming only themselves.
    Kept {
        /// The receipt's entry.
        receipt: u64,
        /// Which side they are.
        side: Side,
        /// Who.
        person: Id,
    },
    /// A steward took or left a seat.
    Steward {
        /// Who.
        person: Id,
        /// Whether they sit now.
        seated: bool,
        /// How it came.
        why: Seating,
    },
    /// A steward, or the operator in a group's own matters, acted on a person or post.
    Act {
        /// The steward, or `operator`.
        by: Id,
        /// What was done: `remove`, `restore`, `lock`, `unlock`, `ban`, `unban` and others.
        act: String,
        /// On whom or what.
        subject: Id,
        /// The rule that was cited.
        rule: String,
        /// When it ends by itself.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
        /// The seat of the steward.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        seat: Option<u32>,
    },
    /// The operator acted on the node, and the group is touched by it.
    Operator {
        /// What was done.
        act: String,
        /// On whom or what.
        subject: Id,
        /// Who of the staff.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        staff: Option<Id>,
    },
    /// Somebody was forgotten: what these entries said is gone, their commitments stay.
    Erased(Erased),
    /// Entries that were taken back after a loss and that nobody else had seen.
    Restored {
        /// Which.
        entries: Vec<u64>,
    },
    /// Of a type that this version knows nothing of, or only carries on.
    #[serde(untagged, skip_deserializing)]
    Other(Other),
}

/// What an `operator` entry says of a petition whether somebody is staff: that it was asked, and how it
/// was answered. None of it is an act of moderation.
pub const PETITION_ACTS: [&str; 4] = ["petitioned", "declared", "denied", "silent"];

/// Types that are read strictly; every other one is [`Event::Other`].
const KNOWN: [&str; 18] = [
    "opened",
    "key",
    "charter",
    "joined",
    "left",
    "marked",
    "active",
    "thread",
    "answered",
    "receipt",
    "undone",
    "uncounted",
    "kept",
    "steward",
    "act",
    "operator",
    "erased",
    "restored",
];

impl Event {
    fn read(mut fields: Map<String, Value>) -> Result<Self, Malformed> {
        let kind = fields.get("type").and_then(Value::as_str).ok_or("it has no type")?;
        if !KNOWN.contains(&kind) {
            let kind = kind.to_owned();
            let fields = fields.into_iter().filter(|(name, _)| name != "type").collect();
            return Ok(Self::Other(Other { kind, fields }));
        }
        // What people signed is long and kept as it is: it need not go through the reader of types.
        let signed = match kind {
            "receipt" => fields.remove("stamp"),
            "erased" => fields.remove("request"),
            _ => None,
        };
        let read = Self::deserialize(Value::Object(fields));
        let mut event = read.map_err(|why| Malformed::from(why.to_string()))?;
        match (signed, &mut event) {
            (None, _) => {}
            (Some(Value::Object(signed)), Self::Receipt(receipt)) => receipt.stamp = Some(signed),
            (Some(Value::Object(signed)), Self::Erased(erased)) => erased.request = Some(signed),
            (Some(_), _) => return Err("what is signed in it is no object".into()),
        }
        Ok(event)
    }

    /// The type on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Key { .. } => "key",
            Self::Charter(_) => "charter",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::Marked { .. } => "marked",
            Self::Active { .. } => "active",
            Self::Thread { .. } => "thread",
            Self::Answered { .. } => "answered",
            Self::Receipt(_) => "receipt",
            Self::Undone { .. } => "undone",
            Self::Uncounted { .. } => "uncounted",
            Self::Kept { .. } => "kept",
            Self::Steward { .. } => "steward",
            Self::Act { .. } => "act",
            Self::Operator { .. } => "operator",
            Self::Erased(_) => "erased",
            Self::Restored { .. } => "restored",
            Self::Other(other) => &other.kind,
        }
    }
}

/// What a group is for and how it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// Its name.
    pub name: String,
    /// Its purpose, in one sentence.
    pub purpose: String,
    /// Its rules, plain text.
    pub rules: Vec<String>,
    /// Who founded it.
    pub founders: Vec<Id>,
    /// What can be set.
    pub parameters: Parameters,
}

/// What a charter sets. Parameters of later versions are carried on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// How many days ago the group's node must have seen who says thanks, for it to count.
    pub min_account_age_days: u32,
    /// The hashtags that say thanks, without `#`.
    pub thanks_words: Vec<String>,
    /// All others.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// How a person is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A program.
    Bot,
    /// One of an operator's people: one party with all others of that operator.
    Staff,
    /// Wants to be left out of all counts.
    OptedOut,
}

/// A help receipt that counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Its id; says nothing by itself.
    pub receipt: String,
    /// The thread in which the help was given or told of.
    pub thread: Id,
    /// The reply that helped.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub reply: Option<Id>,
    /// Who helped.
    pub helper: Id,
    /// Who was helped and says so.
    pub receiver: Id,
    /// How they said it.
    pub via: Via,
    /// The receiver's acknowledgement, signed by a key that the group's host does not hold; where
    /// there is none the receipt is *attested*, by the word of the group's node alone.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Map<String, Value>>,
    /// What the node's table held of it when it was written, hashed.
    pub row: Hash,
}

/// How thanks was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// A reply with one of the group's words.
    Reply,
    /// A reaction with 🙏.
    Reaction,
    /// The button of a page or app.
    Button,
    /// The mark of the chosen answer.
    Answer,
    /// A post of its own, for help given elsewhere.
    Post,
}

/// Who takes a receipt back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Undoer {
    /// Who was helped.
    Receiver,
    /// Who helped, and declines it.
    Helper,
    /// The group's node, because of what became known later.
    Host,
}

/// A side of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Who helped.
    Helper,
    /// Who was helped.
    Receiver,
}

/// How a steward came to a seat, or away from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seating {
    /// A founder, until the first election.
    Founder,
    /// By vote.
    Elected,
    /// Recalled by vote.
    Recalled,
    /// The term is over, or they left.
    Ended,
}

/// A tombstone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// The entries whose payload and salt are gone.
    pub entries: Vec<u64>,
    /// SHA-256 of a salt, which nobody is told, and the person's id.
    pub person_hash: Hash,
    /// The person's signed request; where there is none the host erased it of its own accord.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub request: Option<Map<String, Value>>,
}

/// An entry that is kept and covered, and that nothing here counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Other {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// All other fields, without `seq`, `at` and `type`.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// One of each type, with and without what may be absent.
    fn every_type() -> Vec<String> {
        [
            r#"{"at":1,"group":"https://h/c/g","host":"h","key":"z6Mk","seq":0,"type":"opened"}"#,
            r#"{"at":1,"key":"z6Mk","seq":1,"type":"key"}"#,
            concat!(
                r#"{"at":1,"founders":["https://h/u/a"],"name":"n","parameters":{"later":[1],"#,
                r#""min_account_age_days":3,"thanks_words":["thanks"]},"purpose":"p","#,
                r#""rules":["Be kind"],"seq":1,"type":"charter"}"#
            ),
            r#"{"at":1,"known_since":0,"person":"p","seq":1,"type":"joined"}"#,
            r#"{"at":1,"person":"p","seq":1,"type":"left"}"#,
            r#"{"at":1,"mark":"opted_out","on":true,"person":"p","seq":1,"type":"marked"}"#,
            concat!(
                r#"{"at":1,"mark":"staff","on":false,"operator":"h","person":"p","seq":1,"#,
                r#""type":"marked"}"#
            ),
            r#"{"at":1,"person":"p","seq":1,"type":"active","week":2900}"#,
            r#"{"ask":true,"at":1,"by":"p","first":false,"seq":1,"thread":"t","type":"thread"}"#,
            r#"{"at":1,"by":"p","seq":1,"thread":"t","type":"answered"}"#,
            concat!(
                r#"{"at":1,"helper":"p","receipt":"7","receiver":"q","reply":"r","#,
                r#""row":"HASH","seq":1,"stamp":{"type":"HelpAcknowledgement"},"thread":"t","#,
                r#""type":"receipt","via":"button"}"#
            ),
            concat!(
                r#"{"at":1,"helper":"p","receipt":"7","receiver":"q","row":"HASH","seq":1,"#,
                r#""thread":"t","type":"receipt","via":"post"}"#
            ),
            r#"{"at":1,"by":"helper","receipt":4,"seq":5,"type":"undone"}"#,
            r#"{"at":1,"row":"HASH","seq":5,"type":"uncounted"}"#,
            r#"{"at":1,"person":"p","receipt":4,"seq":5,"side":"receiver","type":"kept"}"#,
            r#"{"at":1,"person":"p","seated":true,"seq":5,"type":"steward","why":"founder"}"#,
            concat!(
                r#"{"act":"ban","at":1,"by":"p","rule":"1","seat":2,"seq":5,"subject":"q","#,
                r#""type":"act","until":9}"#
            ),
            r#"{"act":"lock","at":1,"by":"operator","rule":"1","seq":5,"subject":"q","type":"act"}"#,
            r#"{"act":"block","at":1,"seq":5,"subject":"s","type":"operator"}"#,
            r#"{"at":1,"entries":[1,2],"person_hash":"HASH","seq":5,"type":"erased"}"#,
            r#"{"at":1,"entries":[3],"seq":5,"type":"restored"}"#,
            r#"{"at":1,"choice":{"b":null,"ü":["x",false,-3]},"seq":5,"type":"ballot"}"#,
        ]
        .into_iter()
        .map(|text| text.replace("HASH", HASH))
        .collect()
    }

    #[test]
    fn every_type_is_written_as_it_was_read() {
        for text in every_type() {
            let entry = Entry::read(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
            assert_eq!(entry.payload().unwrap(), text);
            let again: Entry = serde_json::from_str(&text).unwrap();
            assert_eq!(again, entry);
            let known = KNOWN.contains(&entry.event.kind());
            assert_eq!(known, !matches!(entry.event, Event::Other(_)), "{text}");
        }
        let texts = every_type().join("\n");
        for kind in KNOWN {
            assert!(texts.contains(&format!("\"type\":\"{kind}\"")), "{kind} is not tried");
        }
    }

    #[test]
    fn a_known_type_has_its_fields_and_no_others() {
        for text in every_type().iter().filter(|text| !text.contains("ballot")) {
            let more = text.replace("\"seq\":", "\"sec\":0,\"seq\":");
            assert!(Entry::read(&more).is_err(), "{more}");
        }
        for text in [
            r#"{"at":1,"seq":1,"type":"left"}"#,
            r#"{"at":1,"person":5,"seq":1,"type":"left"}"#,
            r#"{"at":-1,"person":"p","seq":1,"type":"left"}"#,
            r#"{"at":1,"person":"p","seq":-1,"type":"left"}"#,
            r#"{"at":1,"person":"p","type":"left"}"#,
            r#"{"at":1,"person":"p","seq":1}"#,
            r#"{"at":1,"entries":[-1],"seq":5,"type":"restored"}"#,
            r#"{"at":1,"row":"AA","seq":5,"type":"uncounted"}"#,
            &every_type()[10].replace("{\"type\":\"HelpAcknowledgement\"}", "null"),
            &every_type()[10].replace("{\"type\":\"HelpAcknowledgement\"}", "5"),
            "[]",
        ] {
            assert!(Entry::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn another_spelling_of_the_same_entry_is_refused() {
        for text in [
            r#"{"at":1, "person":"p","seq":1,"type":"left"}"#,
            r#"{"person":"p","at":1,"seq":1,"type":"left"}"#,
            r#"{"at":1,"at":1,"person":"p","seq":1,"type":"left"}"#,
            r#"{"at":1,"person":"\u0070","seq":1,"type":"left"}"#,
            r#"{"at":1e0,"person":"p","seq":1,"type":"left"}"#,
            r#"{"at":1.0,"person":"p","seq":1,"type":"left"}"#,
            r#"{"at":1,"mark":"bot","on":true,"operator":null,"person":"p","seq":1,"type":"marked"}"#,
        ] {
            assert!(Entry::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_tells_its_server() {
        assert_eq!(Id::from("https://oak.example:8443/u/ana").host(), "oak.example:8443");
        assert_eq!(Id::from("https://oak.example?x").host(), "oak.example");
        assert_eq!(Id::from("operator").host(), "");
    }
}
