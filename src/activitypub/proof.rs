//! Proofs that travel inside a document: [FEP-8b32](https://w3id.org/fep/8b32), cryptosuite
//! `eddsa-jcs-2022` of [vc-di-eddsa](https://www.w3.org/TR/vc-di-eddsa/).
//!
//! Who hands a document on need not be believed: its proof says who made it. Signed are the
//! document without `proof` and the proof without `proofValue`, both as canonical JSON (RFC 8785).
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{Refusal, json};
use crate::{
    error::{Error, Result},
    keys::{Algorithm, PublicKey, SigningKey, multibase},
    ledger::canonical,
    types::{Time, Uri},
};

const SUITE: &str = "eddsa-jcs-2022";
/// A proof may be dated so far ahead of us, seconds.
const AHEAD_SECS: i64 = 3_600;
/// How old a proof may be, days: as long as servers try to deliver. What is older is looked up
/// where it lives, since by then it may have been taken back.
const MAX_AGE_DAYS: i64 = 7;
/// Most proofs of one document that is kept.
const MAX_KEPT: usize = 2;

/// A proof whose every statement holds, if its key does.
#[derive(Clone, Debug)]
pub struct Proof<'a> {
    document: &'a Map<String, Value>,
    options: &'a Map<String, Value>,
    /// The key it says it was made with; on its actor's origin.
    pub method: Uri,
    signature: Vec<u8>,
}

impl<'a> Proof<'a> {
    /// The proof by `actor` in a document; `None` where there is none of a kind that is checked
    /// here.
    ///
    /// # Errors
    /// For another purpose, by somebody else, out of time, or about another context.
    pub fn of(document: &'a Value, actor: &Uri, now: Time) -> Result<Option<Self>, Refusal> {
        let proofs = json::many(document, "proof").iter();
        let known = |proof: &&Value| {
            json::is(proof, "DataIntegrityProof") && json::text(proof, "cryptosuite") == Some(SUITE)
        };
        let found = proofs.take(8).find(known).and_then(Value::as_object);
        let (Some(options), Some(document)) = (found, document.as_object()) else {
            return Ok(None);
        };
        let word = |name: &str| options.get(name).and_then(Value::as_str);
        if word("proofPurpose") != Some("assertionMethod") {
            return Err("the proof is for another purpose".into());
        }
        let method = word("verificationMethod").and_then(json::uri);
        let method = method.filter(|method| method.same_origin(actor));
        let method = method.ok_or("the proof is by somebody else")?;
        in_time(word("created"), options.get("expires"), now)?;
        if !begins_with(document.get("@context"), options.get("@context")) {
            return Err("the proof has another context".into());
        }
        let signature = word("proofValue").and_then(multibase::decode);
        let signature = signature.filter(|bytes| bytes.len() == 64).ok_or("the proof is broken")?;
        Ok(Some(Self { document, options, method, signature }))
    }

    /// All proofs in a document that is kept as evidence, at whatever age: each by a key of `owner`,
    /// in the one form in which [`with_proof`] writes them, so that no part of it is optional.
    ///
    /// # Errors
    /// Where there is none, or another one.
    pub fn kept(document: &'a Value, owner: &str) -> Result<Vec<Self>, Refusal> {
        let proofs = json::many(document, "proof");
        if proofs.is_empty() || proofs.len() > MAX_KEPT {
            return Err("it is not signed".into());
        }
        let document = document.as_object().ok_or("it is no object")?;
        proofs
            .iter()
            .map(|options| {
                let options = options.as_object().ok_or("its proof is no object")?;
                let word = |name: &str| options.get(name).and_then(Value::as_str);
                let plain = options.len() == 7
                    && word("type") == Some("DataIntegrityProof")
                    && word("cryptosuite") == Some(SUITE)
                    && word("proofPurpose") == Some("assertionMethod")
                    && word("created").and_then(Time::parse).is_some()
                    && options.get("@context").is_some()
                    && options.get("@context") == document.get("@context");
                let method = word("verificationMethod").filter(|method| {
                    method.split_once('#').is_some_and(|(actor, _)| actor == owner)
                });
                let method = method.and_then(json::uri).filter(|_| plain);
                let method = method.ok_or("its proof is of another kind, or by somebody else")?;
                let signature = word("proofValue").and_then(multibase::decode);
                let signature = signature.filter(|bytes| bytes.len() == 64);
                let signature = signature.ok_or("its proof is broken")?;
                Ok(Self { document, options, method, signature })
            })
            .collect()
    }

    /// Whether `key` made it.
    pub fn is_by(&self, key: &PublicKey) -> bool {
        let context = self.options.get("@context").or(self.document.get("@context"));
        let document = Part { of: self.document, without: "proof", context }.hash();
        let Ok(document) = document else {
            return false;
        };
        // Fedify 2.3 and others sign options that have the document's context, and leave it out of
        // what they send; Mitra 4 and the text of the FEP sign them as they are sent.
        let sent = self.options.get("@context");
        [sent, self.document.get("@context").filter(|_| sent.is_none())]
            .into_iter()
            .enumerate()
            .filter(|(at, context)| *at == 0 || context.is_some())
            .any(|(_, context)| {
                let part = Part { of: self.options, without: "proofValue", context };
                part.hash().is_ok_and(|options| {
                    let message = [options, document].concat();
                    key.verify(Algorithm::Ed25519, &message, &self.signature)
                })
            })
    }
}

fn in_time(created: Option<&str>, expires: Option<&Value>, now: Time) -> Result<(), Refusal> {
    let created = created.and_then(Time::parse).ok_or("the proof has no date")?;
    if created > now.plus_secs(AHEAD_SECS) || created < now.plus_days(-MAX_AGE_DAYS) {
        return Err("the proof is too old, or from the future".into());
    }
    match expires {
        None => Ok(()),
        Some(expires) => match expires.as_str().and_then(Time::parse) {
            Some(expires) if expires >= now => Ok(()),
            _ => Err("the proof has expired".into()),
        },
    }
}

/// Whether the contexts of a document are those of its proof, or begin with them.
fn begins_with(document: Option<&Value>, proof: Option<&Value>) -> bool {
    fn list(value: &Value) -> &[Value] {
        value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
    }
    match (document, proof) {
        (_, None) => true,
        (Some(document), Some(proof)) => list(document).starts_with(list(proof)),
        (None, Some(_)) => false,
    }
}

/// `document` with a proof by `key`, which others know as `method`.
///
/// # Errors
/// `Internal` for what is no object, and for a key that cannot sign.
pub fn with_proof(document: Value, method: &str, key: &SigningKey, now: Time) -> Result<Value> {
    let Value::Object(mut document) = document else {
        return Err(Error::internal("a proof is for documents"));
    };
    let context = document.get("@context").cloned();
    // Whole seconds: Fedify 2.3 writes the date anew before it checks.
    let created = now.date_time().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut proof = Map::new();
    proof.extend(context.map(|context| ("@context".to_owned(), context)));
    let fields = [
        ("type", "DataIntegrityProof"),
        ("cryptosuite", SUITE),
        ("created", &created),
        ("proofPurpose", "assertionMethod"),
        ("verificationMethod", method),
    ];
    proof.extend(fields.map(|(name, value)| (name.to_owned(), json!(value))));
    let message = [canonical_hash(&proof)?, canonical_hash(&document)?].concat();
    proof.insert("proofValue".into(), json!(multibase::encode(&key.sign(&message)?)));
    document.insert("proof".into(), Value::Object(proof));
    Ok(Value::Object(document))
}

/// An object without one of its entries, and with this `@context`.
struct Part<'a> {
    of: &'a Map<String, Value>,
    without: &'static str,
    context: Option<&'a Value>,
}

impl Part<'_> {
    fn hash(&self) -> serde_json::Result<[u8; 32]> {
        let fields = self.of.iter().map(|(name, value)| (name.as_str(), value));
        let fields = fields.filter(|(name, _)| *name != self.without && *name != "@context");
        match canonical::fields(fields.chain(self.context.map(|value| ("@context", value)))) {
            Some(text) => Ok(Sha256::digest(&text).into()),
            // With fractions in it.
            None => hash(self),
        }
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.of {
            if key != self.without && key != "@context" {
                map.serialize_entry(key, value)?;
            }
        }
        if let Some(context) = self.context {
            map.serialize_entry("@context", context)?;
        }
        map.end()
    }
}

fn canonical_hash(map: &Map<String, Value>) -> Result<[u8; 32]> {
    hash(map).map_err(Error::internal)
}

fn hash(value: &impl Serialize) -> serde_json::Result<[u8; 32]> {
    let text = serde_json_canonicalizer::to_vec(value)?;
    Ok(Sha256::digest(&text).into())
}

#[cfg(test)]
mod tests;
