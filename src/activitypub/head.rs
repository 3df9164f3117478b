//! What a group signs of its ledger, and what witnesses sign of that: tree heads, and co-signatures
//! of them (`docs/ledger.md`).
use serde_json::{Map, Value, json};

use super::{
    Refusal,
    proof::{Proof, with_proof},
    write::{Vocabulary, document},
};
use crate::{
    error::{Error, Result},
    keys::{PublicKey, SigningKey},
    ledger::{Hash, tree},
    types::Time,
};

/// A key and what others know it by.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The id of the key: the actor's with a fragment.
    pub method: &'a str,
    /// Its private half, Ed25519.
    pub key: &'a SigningKey,
}

/// How many entries a ledger had at a time, and their root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// The group's id.
    pub group: String,
    /// How many entries.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// When it was signed.
    pub at: Time,
}

impl TreeHead {
    /// Where a group's ledger is.
    #[must_use]
    pub fn ledger(group: &str) -> String {
        format!("{group}/ledger")
    }

    /// Where the head of this size is.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/ledger/heads/{}", self.group, self.size)
    }

    /// The document, signed by each of `signers`: one, or the old and the new key where it is the
    /// first that covers a change of key.
    ///
    /// # Errors
    /// `Internal` for a key that cannot sign.
    pub fn signed(&self, signers: &[Signer]) -> Result<Value> {
        let body = json!({
            "id": self.id(),
            "type": "TreeHead",
            "ledger": Self::ledger(&self.group),
            "size": self.size,
            "root": self.root,
            "at": self.at,
        });
        signed(document(body, Vocabulary::Ledger), signers, self.at)
    }

    /// Reads a head, and who says that they signed it: see [`Proof::is_by`].
    ///
    /// # Errors
    /// For a document with other fields than [`TreeHead::signed`] writes, and for one that is not
    /// signed in the name of its group.
    pub fn read(document: &Value) -> Result<(Self, Vec<Proof<'_>>), Refusal> {
        let fields = exactly(document, "TreeHead", ["ledger", "size", "root", "at"])?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let group = text("ledger").and_then(|ledger| ledger.strip_suffix("/ledger"));
        let size = fields.get("size").and_then(Value::as_u64).filter(|size| *size <= tree::MOST);
        let at = fields.get("at").and_then(Value::as_i64).map(Time);
        let head = Self {
            group: group.ok_or("the head is of no ledger")?.to_owned(),
            size: size.ok_or("the head has no size")?,
            root: text("root").and_then(Hash::read).ok_or("the head has no root")?,
            at: at.ok_or("the head has no time")?,
        };
        if text("id") != Some(head.id().as_str()) {
            return Err("the head is not where it should be".into());
        }
        let proofs = Proof::kept(document, &head.group)?;
        Ok((head, proofs))
    }

    /// Whether a head is signed by `key`, as its only signer.
    #[must_use]
    pub fn is_signed(document: &Value, key: &PublicKey) -> bool {
        matches!(Self::read(document), Ok((_, proofs)) if matches!(&*proofs, [one] if one.is_by(key)))
    }
}

/// A witness saw a head, and that it continues the one it saw before.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The id of this co-signature.
    pub id: String,
    /// The actor of the node that signs it.
    pub witness: String,
    /// The head as the group signed it, whole.
    pub head: Value,
    /// The size it had seen before; 0 for none.
    pub from: u64,
    /// When.
    pub at: Time,
}

impl Witness {
    /// The document, signed.
    ///
    /// # Errors
    /// `Internal` for a key that cannot sign.
    pub fn signed(&self, signer: Signer) -> Result<Value> {
        let body = json!({
            "id": self.id,
            "type": "Witness",
            "witness": self.witness,
            "head": self.head,
            "from": self.from,
            "at": self.at,
        });
        signed(document(body, Vocabulary::Ledger), &[signer], self.at)
    }

    /// Reads a co-signature, and who says that they signed it. The head in it is a claim of its
    /// own: see [`TreeHead::read`].
    ///
    /// # Errors
    /// For a document with other fields than [`Witness::signed`] writes, and for one that is not
    /// signed in the witness's name.
    pub fn read(document: &Value) -> Result<(Self, Vec<Proof<'_>>), Refusal> {
        let fields = exactly(document, "Witness", ["witness", "head", "from", "at"])?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let from = fields.get("from").and_then(Value::as_u64).filter(|from| *from <= tree::MOST);
        let at = fields.get("at").and_then(Value::as_i64).map(Time);
        let witness = Self {
            id: text("id").ok_or("the co-signature has no id")?,
            witness: text("witness").ok_or("the co-signature names no witness")?,
            head: fields.get("head").cloned().unwrap_or_default(),
            from: from.ok_or("the co-signature does not say what it continues")?,
            at: at.ok_or("the co-signature has no time")?,
        };
        let proofs = Proof::kept(document, &witness.witness)?;
        Ok((witness, proofs))
    }
}

/// The fields of a document of one type, which has these, those of every signed document, and no
/// others.
fn exactly<'a>(
    document: &'a Value,
    kind: &str,
    names: [&str; 4],
) -> Result<&'a Map<String, Value>, Refusal> {
    let fields = document.as_object().ok_or("it is no object")?;
    let all = ["@context", "id", "type", "proof"];
    let has = all.iter().chain(&names).all(|name| fields.contains_key(*name));
    let is = fields.get("type").and_then(Value::as_str) == Some(kind);
    if has && is && fields.len() == all.len() + names.len() {
        Ok(fields)
    } else {
        Err(format!("it is no {kind} as they are written").into())
    }
}

fn signed(document: Value, signers: &[Signer], at: Time) -> Result<Value> {
    let proofs: Result<Vec<Value>> = signers
        .iter()
        .map(|Signer { method, key }| {
            let mut signed = with_proof(document.clone(), method, key, at)?;
            let proof = signed.get_mut("proof").map(Value::take);
            proof.ok_or_else(|| Error::internal("a proof was not added"))
        })
        .collect();
    let mut proofs = proofs?;
    let proof = if proofs.len() == 1 { proofs.pop() } else { Some(Value::Array(proofs)) };
    let Value::Object(mut fields) = document else {
        return Err(Error::internal("a head is a document"));
    };
    fields.extend(proof.map(|proof| ("proof".to_owned(), proof)));
    Ok(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyPair;

    const GROUP: &str = "https://oak.example/c/repairs";
    const METHOD: &str = "https://oak.example/c/repairs#ed25519-key";

    fn pair() -> (SigningKey, PublicKey) {
        let pair = KeyPair::generate().unwrap();
        let public = PublicKey::read(&pair.ed25519_multibase).unwrap();
        (SigningKey::from_seed(&pair.ed25519_private).unwrap(), public)
    }

    fn head() -> TreeHead {
        TreeHead { group: GROUP.into(), size: 9, root: Hash([5; 32]), at: Time(1_772_359_200_123) }
    }

    #[test]
    fn a_head_is_read_as_it_was_signed() {
        let (key, public) = pair();
        let document = head().signed(&[Signer { method: METHOD, key: &key }]).unwrap();
        let (read, proofs) = TreeHead::read(&document).unwrap();
        assert_eq!(read, head());
        assert!(proofs.len() == 1 && TreeHead::is_signed(&document, &public));
        assert!(!TreeHead::is_signed(&document, &pair().1));
        let stranger = Signer { method: "https://elm.example/c/x#ed25519-key", key: &key };
        assert!(TreeHead::read(&head().signed(&[stranger]).unwrap()).is_err());
        assert!(TreeHead::read(&head().signed(&[]).unwrap()).is_err());
    }

    #[test]
    fn nothing_can_be_added_or_left_out_of_a_head() {
        let (key, public) = pair();
        let document = head().signed(&[Signer { method: METHOD, key: &key }]).unwrap();
        let names: Vec<String> = document.as_object().unwrap().keys().cloned().collect();
        let inner: Vec<String> = document["proof"].as_object().unwrap().keys().cloned().collect();
        for name in names {
            let mut less = document.clone();
            less.as_object_mut().unwrap().remove(&name);
            assert!(!TreeHead::is_signed(&less, &public), "{name}");
        }
        for name in inner {
            let mut less = document.clone();
            less["proof"].as_object_mut().unwrap().remove(&name);
            assert!(!TreeHead::is_signed(&less, &public), "{name}");
        }
        let mut more = document.clone();
        more["extra"] = json!(1);
        assert!(!TreeHead::is_signed(&more, &public));
        let mut more = document;
        more["proof"]["extra"] = json!(1);
        assert!(!TreeHead::is_signed(&more, &public));
    }

    #[test]
    fn a_change_of_key_is_signed_by_both() {
        let ((old, old_public), (new, new_public)) = (pair(), pair());
        let newer = format!("{METHOD}-7");
        let signers = [Signer { method: METHOD, key: &old }, Signer { method: &newer, key: &new }];
        let document = head().signed(&signers).unwrap();
        let (_, proofs) = TreeHead::read(&document).unwrap();
        let by = |key: &PublicKey| proofs.iter().filter(|proof| proof.is_by(key)).count();
        assert_eq!((proofs.len(), by(&old_public), by(&new_public)), (2, 1, 1));
    }

    #[test]
    fn a_co_signature_is_read_as_it_was_signed() {
        let ((key, _), (other, public)) = (pair(), pair());
        let head = head().signed(&[Signer { method: METHOD, key: &key }]).unwrap();
        let witness = Witness {
            id: "https://elm.example/witness/7".into(),
            witness: "https://elm.example/actor".into(),
            head,
            from: 4,
            at: Time(1_772_359_200_999),
        };
        let method = "https://elm.example/actor#ed25519-key";
        let document = witness.signed(Signer { method, key: &other }).unwrap();
        let (read, proofs) = Witness::read(&document).unwrap();
        assert!(read == witness && proofs.iter().all(|proof| proof.is_by(&public)));
        let mut changed = document;
        changed["from"] = json!(5);
        let (_, proofs) = Witness::read(&changed).unwrap();
        assert!(!proofs.iter().any(|proof| proof.is_by(&public)));
    }
}
