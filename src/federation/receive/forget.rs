//! Somebody elsewhere wants the ledger of a group here to forget them (`docs/help-receipts.md`).
use super::{Received, Step, Stop, acknowledged::key_of, forbidden};
use crate::{
    activitypub::{json, proof::Proof},
    db,
    domain::{
        Tx,
        ledger::{self, Stamp},
    },
    keys::PublicKey,
    ledger::{canonical, line::is_key},
    types::Uri,
};

/// Largest request, bytes: it stands in the ledger for good.
const MAX_BYTES: usize = 4_096;
/// Everything that may stand in one.
const FIELDS: [&str; 8] = ["@context", "id", "type", "actor", "object", "to", "published", "proof"];

/// What somebody asks for themselves, and signed: the tombstone carries it, for everyone to check.
pub fn receive(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let group = db::actors::by_ap_id(tx, object.as_str())?;
    let group = group.filter(|group| group.local && group.is_group());
    let group = group.ok_or(Stop::Ignore("it is about no group of ours"))?;
    let raw = &received.incoming.raw;
    let fields = raw.as_object().ok_or(Stop::Ignore("it is no object"))?;
    let text = canonical::write(raw).map_err(|why| forbidden(&why.to_string()))?;
    if text.len() > MAX_BYTES || fields.keys().any(|key| !FIELDS.contains(&key.as_str())) {
        return Err(forbidden("a request to be forgotten says nothing else"));
    }
    if json::id(raw, "object").as_ref() != Some(object) {
        return Err(forbidden("a request to be forgotten is about one group"));
    }
    let proof = Proof::of(raw, &received.actor.ap_id, tx.now())?;
    let proof =
        proof.ok_or_else(|| forbidden("a request to be forgotten carries its own proof"))?;
    let key = key_of(tx, received, &proof.method)?;
    let key = key.ok_or_else(|| forbidden("the proof is by somebody else"))?;
    if !PublicKey::read(&key).is_ok_and(|key| proof.is_by(&key)) {
        return Err(forbidden("the proof does not hold"));
    }
    let request = Stamp { document: fields.clone(), key: Some(key).filter(|key| is_key(key)) };
    ledger::forget(tx, &group, received.actor, Some(request))?;
    Ok(())
}
