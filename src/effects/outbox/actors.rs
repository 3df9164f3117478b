//! What people and groups that live here do about themselves.
use serde_json::{Value, json};

use super::groups::announce;
use crate::{
    activitypub::{PUBLIC, rows, write},
    db::{self, actors::Actor},
    domain::{Tx, actors},
    effects::send::{Audience, Inboxes, followers_of, here, inbox_of, new_uri, send},
    error::{Error, Result},
    types::{ActorId, Uri},
};

/// How somebody looks now, for everyone; a private group tells its members alone.
fn look(tx: &mut Tx, actor: &Actor) -> Result<Value> {
    let node = tx.node();
    let document = rows::actor(tx, here(&node), actor)?;
    let id = new_uri(tx)?;
    let update = write::update(&id, &actor.ap_id, &document);
    Ok(if actor.is_private_group() { write::inside(update, &actor.ap_id) } else { update })
}

pub(in crate::effects) fn profile_changed(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let update = look(tx, actor)?;
    if actor.is_group() {
        let audience = Audience::of(tx, actor.id)?;
        announce(tx, actor, &update.to_string(), audience.groups)?;
        return send(tx, actor, &update, audience.microblogs);
    }
    let to = followers_of(tx, actor.id)?;
    send(tx, actor, &update, to)
}

/// Tells some servers how a group looks now.
pub(super) fn describe_group(tx: &mut Tx, group: &Actor, to: Inboxes) -> Result<()> {
    let update = look(tx, group)?;
    send(tx, group, &update, to)
}

/// Everyone who follows a member of ours elsewhere hears where they went.
pub(in crate::effects) fn moved(tx: &mut Tx, old: &Actor, new: &Actor) -> Result<()> {
    if !old.local {
        return Ok(());
    }
    let id = new_uri(tx)?;
    let document = write::moved(&id, &old.ap_id, &new.ap_id);
    let to = followers_of(tx, old.id)?;
    send(tx, old, &document, to)
}

pub(in crate::effects) fn actor_deleted(tx: &mut Tx, actor: &Actor) -> Result<()> {
    if actor.name == actors::NODE_NAME {
        return Err(Error::internal("the node's own actor cannot go"));
    }
    let mut to = followers_of(tx, actor.id)?;
    let followed = db::follows::following(tx, actor.id, &db::page::Page::newest(1_000))?;
    to.extend(followed.iter().filter_map(|(_, actor)| inbox_of(actor)));
    let id = tx.node().uri(&format!("a/{}/delete", actor.id))?;
    let delete = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "Delete",
        "actor": actor.ap_id,
        "object": actor.ap_id,
        "to": [PUBLIC],
        "cc": [],
    });
    send(tx, actor, &delete, to)
}

pub(in crate::effects) fn blocked(
    tx: &mut Tx,
    actor: ActorId,
    target: ActorId,
    undone: bool,
) -> Result<()> {
    let (actor, target) = (tx.actor(actor)?, tx.actor(target)?);
    if !actor.local || target.local {
        return Ok(());
    }
    let block = |id: &Uri| {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id,
            "type": "Block",
            "actor": actor.ap_id,
            "object": target.ap_id,
            "to": [target.ap_id],
            "cc": [],
        })
    };
    let to = inbox_of(&target).into_iter().collect();
    let id = new_uri(tx)?;
    if !undone {
        // The same two may block again later: the id of each time is its own.
        return send(tx, &actor, &block(&id), to);
    }
    // GoToSocial (0.20) finds what is undone by its id alone.
    let told = db::activities::latest(tx, actor.id, "Block", target.ap_id.as_str())?;
    let Some(told) = told else { return Ok(()) };
    let told = block(&Uri::parse(&told.ap_id)?);
    send(tx, &actor, &write::undo(&id, &actor.ap_id, &told), to)
}
