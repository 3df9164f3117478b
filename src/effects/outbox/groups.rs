//! Groups that live here pass on what happens in them.
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    activitypub::{PUBLIC, write},
    db::{self, actors::Actor, posts::Post},
    domain::Tx,
    effects::send::{Inboxes, send_text},
    error::Result,
};

/// The local group of an open post, that passes on what happens to it.
pub(super) fn passing_group(tx: &mut Tx, post: &Post) -> Result<Option<Actor>> {
    let Some(id) = post.group_id.filter(|_| post.visibility.is_open()) else { return Ok(None) };
    let group = db::actors::by_id(tx, id)?;
    Ok((group.local && group.is_active()).then_some(group))
}

/// A local group embeds an activity, byte for byte, for servers that take that.
pub(super) fn announce(tx: &mut Tx, group: &Actor, inner: &str, to: Inboxes) -> Result<()> {
    let shape: Value = serde_json::from_str(inner)?;
    let inner_id = shape.get("id").and_then(Value::as_str).unwrap_or(inner);
    let hash = hex::encode(Sha256::digest(format!("{} {inner_id}", group.ap_id)));
    let short: String = hash.chars().take(32).collect();
    let id = tx.node().uri(&format!("a/announce/{short}"))?;
    let body = write::announce_activity(&id, &group.ap_id, inner, tx.now())?;
    let shape = json!({"id": id, "type": "Announce", "object": inner_id, "to": [PUBLIC]});
    send_text(tx, group, &shape, body, to)
}
