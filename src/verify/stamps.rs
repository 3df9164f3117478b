//! What people signed themselves: acknowledgements of help, and requests to be forgotten.
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Keys;
use crate::{
    activitypub::{json, proof::Proof},
    keys::PublicKey,
    ledger::{Id, entry::Receipt},
    types::Time,
};

/// Keys that are remembered; then all are looked up anew.
const MAX_KEYS: usize = 50_000;

/// What a signature turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    /// By the key that the signer's own server names.
    Well,
    /// By the key that was given with it; nobody else was asked.
    ByGivenKey,
    /// Nobody knows the key.
    Unchecked,
    /// It does not hold, or says something else; how.
    Badly(&'static str),
}

/// Keys that were read already; `None` where there is none.
#[derive(Default)]
pub(super) struct Known {
    /// By their ids, as their owners' servers name them.
    named: HashMap<String, Option<PublicKey>>,
    /// By their own text, as they were given.
    given: HashMap<String, Option<PublicKey>>,
}

impl Known {
    /// Judges a signature by the key that `method` names, or by the one that was given.
    pub fn judge(
        &mut self,
        keys: &mut dyn Keys,
        (owner, method): (&str, &str),
        given: Option<&str>,
        is_by: impl Fn(&PublicKey) -> bool,
    ) -> Signed {
        let by = |key: &PublicKey, well| {
            if is_by(key) { well } else { Signed::Badly("its signature does not hold") }
        };
        if let Some(key) = once(&mut self.named, method, || keys.key(owner, method)) {
            return by(key, Signed::Well);
        }
        let Some(given) = given else { return Signed::Unchecked };
        match once(&mut self.given, given, || PublicKey::read(given).ok()) {
            None => Signed::Badly("the key beside it is none"),
            Some(key) => by(key, Signed::ByGivenKey),
        }
    }

    /// A document that `owner` signed: with a proof of theirs, of any age.
    pub fn document(
        &mut self,
        keys: &mut dyn Keys,
        owner: &Id,
        document: &Value,
        given: Option<&str>,
    ) -> Signed {
        let created = document.pointer("/proof/created").and_then(Value::as_str);
        let created = created.and_then(Time::parse);
        let (Some(created), Some(actor)) = (created, json::uri(owner.as_str())) else {
            return Signed::Badly("it is not signed as such documents are");
        };
        match Proof::of(document, &actor, created) {
            Ok(Some(proof)) => {
                let by = (owner.as_str(), proof.method.as_str());
                self.judge(keys, by, given, |key| proof.is_by(key))
            }
            Ok(None) | Err(_) => Signed::Badly("it is not signed as such documents are"),
        }
    }

    /// The receiver's acknowledgement: that it is of this receipt, and theirs.
    pub fn acknowledgement(
        &mut self,
        keys: &mut dyn Keys,
        receipt: &Receipt,
        stamp: &Value,
        given: Option<&str>,
    ) -> Signed {
        let Receipt { thread, reply, helper, receiver, .. } = receipt;
        let says = |name: &str, id: &Id| json::text(stamp, name) == Some(id.as_str());
        let in_thread = says("context", thread) || says("interactingObject", thread);
        let of_reply = reply.as_ref().is_none_or(|reply| says("interactionTarget", reply));
        let kind = json::is(stamp, "HelpAcknowledgement");
        if !(kind && says("attributedTo", receiver) && says("helper", helper)) {
            return Signed::Badly("it acknowledges the help of other people");
        }
        if !(in_thread && of_reply) {
            return Signed::Badly("it acknowledges help in another place");
        }
        self.document(keys, receiver, stamp, given)
    }

    /// Somebody's request to be forgotten in `group`.
    pub fn request(
        &mut self,
        keys: &mut dyn Keys,
        group: &Id,
        request: &Map<String, Value>,
        given: Option<&str>,
    ) -> Signed {
        let request = Value::Object(request.clone());
        if !json::is(&request, "Forget") {
            return Signed::Badly("it is no request to be forgotten");
        }
        let Some(person) = json::text(&request, "actor").map(Id::from) else {
            return Signed::Badly("it does not say who asks");
        };
        if json::text(&request, "object") != Some(group.as_str()) {
            return Signed::Badly("it is about another group");
        }
        self.document(keys, &person, &request, given)
    }
}

/// What is known under a name; asked for the first time only.
fn once<'a>(
    known: &'a mut HashMap<String, Option<PublicKey>>,
    name: &str,
    ask: impl FnOnce() -> Option<PublicKey>,
) -> Option<&'a PublicKey> {
    if known.len() >= MAX_KEYS {
        known.clear();
    }
    if !known.contains_key(name) {
        known.insert(name.to_owned(), ask());
    }
    known.get(name).and_then(Option::as_ref)
}
