//! What somebody elsewhere signed with a key of their own, and what is kept of it for good.
use serde_json::{Map, Value};

use super::{Need, Received, Step, Stop};
use crate::{
    activitypub::proof::Proof,
    db,
    domain::{Tx, ledger::Stamp},
    keys::PublicKey,
    ledger::line::is_key,
    types::Uri,
};

/// A document of the sender's with the key that made its proof; `None` where no key of theirs did.
pub fn stamp(
    tx: &mut Tx,
    received: &Received,
    document: &Map<String, Value>,
    proof: &Proof<'_>,
) -> Step<Option<Stamp>> {
    let key = key_of(tx, received, &proof.method)?;
    let key = key.filter(|key| PublicKey::read(key).is_ok_and(|key| proof.is_by(&key)));
    Ok(key
        .map(|key| Stamp { document: document.clone(), key: Some(key).filter(|key| is_key(key)) }))
}

/// The sender's key of this name; looked up anew where it is not known.
fn key_of(tx: &mut Tx, received: &Received, method: &Uri) -> Step<Option<String>> {
    let known = db::keys::owner(tx, method.as_str())?;
    if let Some((owner, key)) = known {
        return Ok((owner.id == received.actor.id).then_some(key));
    }
    match received.found.get(&received.actor.ap_id) {
        None => Err(Stop::Need(Need::Refresh(received.actor.ap_id.clone()))),
        Some(_) => Ok(None),
    }
}
