//! Somebody elsewhere wants the ledger of a group here to forget them (`docs/help-receipts.md`).
use super::{Received, Step, Stop, forbidden, stamp::stamp};
use crate::{
    activitypub::{acknowledgement::may_be_kept, json, proof::Proof},
    db,
    domain::{Tx, ledger},
    types::Uri,
};

/// Everything that may stand in one.
const FIELDS: [&str; 8] = ["@context", "id", "type", "actor", "object", "to", "published", "proof"];

/// What somebody asks for themselves, and signed: the tombstone carries it, for everyone to check.
pub fn receive(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let group = db::actors::by_ap_id(tx, object.as_str())?;
    let group = group.filter(|group| group.local && group.is_group());
    let group = group.ok_or(Stop::Ignore("it is about no group of ours"))?;
    let raw = &received.incoming.raw;
    let fields = raw.as_object().ok_or(Stop::Ignore("it is no object"))?;
    may_be_kept(raw, &FIELDS).map_err(|why| forbidden(&why.to_string()))?;
    if json::id(raw, "object").as_ref() != Some(object) {
        return Err(forbidden("a request to be forgotten is about one group"));
    }
    let proof = Proof::of(raw, &received.actor.ap_id, tx.now())?;
    let proof =
        proof.ok_or_else(|| forbidden("a request to be forgotten carries its own proof"))?;
    let request = stamp(tx, received, fields, &proof)?;
    let request = request.ok_or_else(|| forbidden("the proof is by no key of who asks"))?;
    ledger::forget(tx, &group, received.actor, Some(request))?;
    Ok(())
}
