//! Reading an acknowledgement of help: what somebody elsewhere signed of who helped them
//! (`docs/help-receipts.md`).
use serde_json::{Map, Value};

use super::{Refusal, json, proof::Proof};
use crate::{
    ledger::canonical,
    types::{Time, Uri},
};

/// Largest document that people sign for a ledger, bytes: it stands there for good.
const MAX_BYTES: usize = 4_096;
/// Everything that may stand in an acknowledgement.
const FIELDS: [&str; 10] = [
    "@context",
    "id",
    "type",
    "attributedTo",
    "interactingObject",
    "interactionTarget",
    "helper",
    "context",
    "published",
    "proof",
];

/// Whether what somebody signed may stand in a ledger: these properties, no others, and not long. What
/// else somebody signs is not kept for the world to read.
///
/// # Errors
/// Says why not.
pub fn may_be_kept(value: &Value, fields: &[&str]) -> Result<(), Refusal> {
    let document = value.as_object().ok_or("it is no object")?;
    if document.keys().any(|key| !fields.contains(&key.as_str())) {
        return Err("there is something else in what is signed".into());
    }
    let text = canonical::write(value).map_err(|why| Refusal::from(why.to_string()))?;
    if text.len() > MAX_BYTES { Err("what is signed is too long".into()) } else { Ok(()) }
}

/// An acknowledgement as it says it is. Whether it is true, its proof shows.
#[derive(Clone, Debug)]
pub struct Acknowledgement<'a> {
    /// Its id.
    pub id: Uri,
    /// Who was helped and says so.
    pub receiver: Uri,
    /// Who helped.
    pub helper: Uri,
    /// What was asked.
    pub question: Uri,
    /// What helped.
    pub reply: Uri,
    /// When it was said.
    pub published: Option<Time>,
    /// The receiver's proof.
    pub proof: Proof<'a>,
    /// The whole.
    pub document: &'a Map<String, Value>,
}

impl<'a> Acknowledgement<'a> {
    /// Reads one, at whatever age: it says something about the past.
    ///
    /// # Errors
    /// Of another kind, too large, with anything else in it, or not signed by who was helped.
    pub fn read(value: &'a Value) -> Result<Self, Refusal> {
        let document = value.as_object().ok_or("it is no object")?;
        if !json::is(value, "HelpAcknowledgement") {
            return Err("it is no acknowledgement of help".into());
        }
        may_be_kept(value, &FIELDS)?;
        let uri = |name: &'static str| {
            json::text(value, name).and_then(json::uri).ok_or(Refusal::from(name))
        };
        let receiver = uri("attributedTo")?;
        let created = value.pointer("/proof/created").and_then(Value::as_str);
        let created = created.and_then(Time::parse).ok_or("it is not signed")?;
        let proof = Proof::of(value, &receiver, created)?.ok_or("it is not signed")?;
        Ok(Self {
            id: uri("id")?,
            receiver,
            helper: uri("helper")?,
            question: uri("interactingObject")?,
            reply: uri("interactionTarget")?,
            published: json::time(value, "published"),
            proof,
            document,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        activitypub::{
            proof::with_proof,
            write::{Vocabulary, document},
        },
        keys::SigningKey,
    };

    fn signed(change: impl FnOnce(&mut Value)) -> Value {
        let mut body = json!({
            "id": "https://elm.example/ack/7", "type": "HelpAcknowledgement",
            "attributedTo": "https://elm.example/u/ben", "helper": "https://oak.example/u/ana",
            "interactingObject": "https://elm.example/p/1",
            "interactionTarget": "https://oak.example/p/2", "published": "2026-11-22T10:00:00Z",
        });
        change(&mut body);
        let key = SigningKey::from_seed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let body = document(body, Vocabulary::Help);
        let at = Time::parse("2026-11-22T10:00:00Z").unwrap();
        with_proof(body, "https://elm.example/u/ben#ed25519", &key, at).unwrap()
    }

    #[test]
    fn what_was_signed_is_read() {
        let whole = signed(|_| ());
        let read = Acknowledgement::read(&whole).unwrap();
        assert_eq!(read.receiver.as_str(), "https://elm.example/u/ben");
        assert_eq!(read.reply.as_str(), "https://oak.example/p/2");
        assert_eq!(read.proof.method.as_str(), "https://elm.example/u/ben#ed25519");
    }

    #[test]
    fn nothing_else_is_kept() {
        let changes: [fn(&mut Value); 6] = [
            |body| body["content"] = json!("buy this"),
            |body| body["helper"] = json!(["https://oak.example/u/ana"]),
            |body| body["context"] = json!("x".repeat(5_000)),
            |body| body["type"] = json!("Note"),
            |body| body["attributedTo"] = json!("https://other.example/u/ben"),
            |body| body["published"] = json!(1.5),
        ];
        for change in changes {
            let whole = signed(change);
            assert!(Acknowledgement::read(&whole).is_err(), "{whole}");
        }
        let mut unsigned = signed(|_| ());
        unsigned.as_object_mut().unwrap().remove("proof");
        assert!(Acknowledgement::read(&unsigned).is_err());
    }
}
