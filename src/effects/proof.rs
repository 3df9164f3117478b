//! The author's own signature inside an activity, for what others pass on: they need not be
//! believed, and who gets it need not ask us ([FEP-8b32](https://w3id.org/fep/8b32)).
use serde_json::Value;

use crate::{
    activitypub::proof,
    db::{self, actors::Actor, posts::Post},
    domain::Tx,
    error::Result,
    keys::SigningKey,
};

/// What a local member does to a post, with a proof where the post is in a group, which passes it
/// on. Made once, wherever it goes.
pub(super) fn proven(tx: &mut Tx, post: &Post, actor: &Actor, activity: Value) -> Result<Value> {
    if post.group_id.is_none() { Ok(activity) } else { signed(tx, actor, activity) }
}

/// A document with a proof by a local actor.
pub(super) fn signed(tx: &mut Tx, actor: &Actor, activity: Value) -> Result<Value> {
    let keys = db::actors::keys(tx, actor.id)?;
    let key = SigningKey::from_seed(&keys.ed25519_private)?;
    proof::with_proof(activity, &keys.ed25519_id(actor), &key, tx.now())
}
