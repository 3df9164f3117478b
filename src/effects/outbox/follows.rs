//! Asking to follow, and answering those who ask.
use serde_json::{Value, json};

use crate::{
    activitypub::write,
    db::{self, actors::Actor, follows::Follow},
    domain::Tx,
    effects::send::{inbox_of, new_uri, send},
    error::Result,
    types::Uri,
};

fn pair(tx: &mut Tx, follow: &Follow) -> Result<(Actor, Actor)> {
    let follower = tx.actor(follow.follower_id)?;
    let target = tx.actor(follow.target_id)?;
    Ok((follower, target))
}

/// Our Follow, as it was or would be sent.
fn follow_document(
    tx: &mut Tx,
    follow: &Follow,
    follower: &Actor,
    target: &Actor,
) -> Result<Value> {
    let id = match follow.ap_id.as_deref().map(Uri::parse) {
        Some(Ok(id)) => id,
        _ => tx.node().uri(&format!("a/follow/{}", follow.id))?,
    };
    Ok(write::follow(&id, &follower.ap_id, &target.ap_id))
}

/// Their Follow: as it came if that is known, else as much of it as is known.
fn request_document(follow: &Follow, request: Option<&str>, pair: &(Actor, Actor)) -> Value {
    let stored = request.and_then(|body| serde_json::from_str(body).ok());
    stored.unwrap_or_else(|| {
        let (follower, target) = pair;
        let mut request =
            json!({"type": "Follow", "actor": follower.ap_id, "object": target.ap_id});
        if let (Some(id), Value::Object(fields)) = (&follow.ap_id, &mut request) {
            fields.insert("id".into(), json!(id));
        }
        request
    })
}

pub(in crate::effects) fn followed(
    tx: &mut Tx,
    follow: &Follow,
    request: Option<&str>,
) -> Result<()> {
    let pair = pair(tx, follow)?;
    let (follower, target) = (&pair.0, &pair.1);
    if follower.local && !target.local {
        let document = follow_document(tx, follow, follower, target)?;
        if let Some(id) = document.get("id").and_then(Value::as_str) {
            db::follows::set_ap_id(tx, follow.id, id)?;
        }
        return send(tx, follower, &document, inbox_of(target).into_iter().collect());
    }
    if target.local && !follower.local && follow.accepted_at.is_some() {
        return accept(tx, follow, &request_document(follow, request, &pair), &pair);
    }
    Ok(())
}

fn accept(
    tx: &mut Tx,
    _: &Follow,
    request: &Value,
    (follower, target): &(Actor, Actor),
) -> Result<()> {
    let id = new_uri(tx)?;
    let accept = write::accept(&id, &target.ap_id, request);
    send(tx, target, &accept, inbox_of(follower).into_iter().collect())
}

pub(in crate::effects) fn follow_accepted(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let pair = pair(tx, follow)?;
    if pair.1.local && !pair.0.local {
        let request = request_document(follow, None, &pair);
        accept(tx, follow, &request, &pair)?;
    }
    Ok(())
}

pub(in crate::effects) fn follow_rejected(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let pair = pair(tx, follow)?;
    let (follower, target) = (&pair.0, &pair.1);
    if !target.local || follower.local {
        return Ok(());
    }
    let id = new_uri(tx)?;
    let reject = write::reject(&id, &target.ap_id, &request_document(follow, None, &pair));
    send(tx, target, &reject, inbox_of(follower).into_iter().collect())
}

pub(in crate::effects) fn unfollowed(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let (follower, target) = pair(tx, follow)?;
    if !follower.local || target.local {
        return Ok(());
    }
    let undone = follow_document(tx, follow, &follower, &target)?;
    let id = new_uri(tx)?;
    let undo = write::undo(&id, &follower.ap_id, &undone);
    send(tx, &follower, &undo, inbox_of(&target).into_iter().collect())
}
