//! Telling other servers. Who is told what is the table of `FEDERATION.md`, "Sending".
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::send::{
    Audience, Inboxes, followers_of, here, inbox_of, new_uri, not_before, send, send_text,
};
use crate::{
    activitypub::{
        PUBLIC, rows,
        write::{self, Addressing, LikeParts},
    },
    db::{self, actors::Actor, follows::Follow, posts::Post, reactions::Like},
    domain::{Tx, actors},
    error::{Error, Result},
    types::{ActorId, PostId, Uri},
};

fn pair(tx: &mut Tx, follow: &Follow) -> Result<(Actor, Actor)> {
    let follower = db::actors::by_id(tx, follow.follower_id)?;
    let target = db::actors::by_id(tx, follow.target_id)?;
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

pub(super) fn followed(tx: &mut Tx, follow: &Follow, request: Option<&str>) -> Result<()> {
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

pub(super) fn follow_accepted(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let pair = pair(tx, follow)?;
    if pair.1.local && !pair.0.local {
        let request = request_document(follow, None, &pair);
        accept(tx, follow, &request, &pair)?;
    }
    Ok(())
}

pub(super) fn follow_rejected(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let pair = pair(tx, follow)?;
    let (follower, target) = (&pair.0, &pair.1);
    if !target.local || follower.local {
        return Ok(());
    }
    let id = new_uri(tx)?;
    let reject = write::reject(&id, &target.ap_id, &request_document(follow, None, &pair));
    send(tx, target, &reject, inbox_of(follower).into_iter().collect())
}

pub(super) fn unfollowed(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let (follower, target) = pair(tx, follow)?;
    if !follower.local || target.local {
        return Ok(());
    }
    let undone = follow_document(tx, follow, &follower, &target)?;
    let id = new_uri(tx)?;
    let undo = write::undo(&id, &follower.ap_id, &undone);
    send(tx, &follower, &undo, inbox_of(&target).into_iter().collect())
}

/// Everyone elsewhere whom a local author tells of a post: those it names, the author it answers,
/// its group, and the author's followers where it is for them.
fn readers(tx: &mut Tx, post: &Post, mentioned: &[ActorId]) -> Result<Inboxes> {
    let mut ids = mentioned.to_vec();
    if let Some(parent) = post.in_reply_to_id {
        ids.push(db::posts::by_id(tx, parent)?.author_id);
    }
    ids.extend(post.group_id);
    let named = db::actors::by_ids(tx, &ids)?;
    let mut inboxes: Inboxes = named.iter().filter_map(inbox_of).collect();
    let in_private_group =
        named.iter().any(|actor| Some(actor.id) == post.group_id && actor.is_private_group());
    if post.visibility != crate::types::Visibility::Direct && !in_private_group {
        inboxes.extend(followers_of(tx, post.author_id)?);
    }
    Ok(inboxes)
}

fn mentions(tx: &mut Tx, post: PostId) -> Result<Vec<ActorId>> {
    Ok(db::posts::mentions_of(tx, &[post])?.remove(&post).unwrap_or_default())
}

/// The local group of an open post, that passes on what happens to it.
fn passing_group(tx: &mut Tx, post: &Post) -> Result<Option<Actor>> {
    let Some(id) = post.group_id.filter(|_| post.visibility.is_open()) else { return Ok(None) };
    let group = db::actors::by_id(tx, id)?;
    Ok((group.local && group.is_active()).then_some(group))
}

/// A local group embeds an activity, byte for byte, for servers that take that.
fn announce(tx: &mut Tx, group: &Actor, inner: &str, to: Inboxes) -> Result<()> {
    let shape: Value = serde_json::from_str(inner)?;
    let inner_id = shape.get("id").and_then(Value::as_str).unwrap_or(inner);
    let hash = hex::encode(Sha256::digest(format!("{} {inner_id}", group.ap_id)));
    let short: String = hash.chars().take(32).collect();
    let id = tx.node().uri(&format!("a/announce/{short}"))?;
    let body = write::announce_activity(&id, &group.ap_id, inner, tx.now())?;
    let shape = json!({"id": id, "type": "Announce", "object": inner_id, "to": [PUBLIC]});
    send_text(tx, group, &shape, body, to)
}

pub(super) fn posted(
    tx: &mut Tx,
    post: &Post,
    author: &Actor,
    received: Option<&str>,
) -> Result<()> {
    let create = if author.local {
        let node = tx.node();
        let object = rows::post(tx, here(&node), post)?;
        let id = node.uri(&format!("p/{}/create", post.id))?;
        let create = write::create(&id, &author.ap_id, &object);
        let named = mentions(tx, post.id)?;
        let to = readers(tx, post, &named)?;
        send(tx, author, &create, to)?;
        Some(create.to_string())
    } else {
        received.map(str::to_owned)
    };
    match (create, passing_group(tx, post)?) {
        (Some(create), Some(group)) => {
            let to = Audience::of(tx, group.id)?.groups_but(&author.host);
            announce(tx, &group, &create, to)
        }
        _ => Ok(()),
    }
}

pub(super) fn edited(
    tx: &mut Tx,
    post: &Post,
    author: &Actor,
    received: Option<&str>,
) -> Result<()> {
    let group = passing_group(tx, post)?;
    let audience = match &group {
        Some(group) => Some(Audience::of(tx, group.id)?),
        None => None,
    };
    let update = if author.local {
        let node = tx.node();
        let object = rows::post(tx, here(&node), post)?;
        let id = new_uri(tx)?;
        let update = write::update(&id, &author.ap_id, &object);
        let named = mentions(tx, post.id)?;
        let mut to = readers(tx, post, &named)?;
        // Microblogs that saw the group's boost have a copy.
        to.extend(audience.iter().filter(|_| post.is_root()).flat_map(|a| a.microblogs.clone()));
        send(tx, author, &update, to)?;
        Some(update.to_string())
    } else {
        received.map(str::to_owned)
    };
    match (update, group, audience) {
        (Some(update), Some(group), Some(audience)) => {
            announce(tx, &group, &update, audience.groups_but(&author.host))
        }
        _ => Ok(()),
    }
}

pub(super) fn deleted(
    tx: &mut Tx,
    post: &Post,
    author: &Actor,
    mentioned: &[ActorId],
    received: Option<&str>,
) -> Result<()> {
    let group = passing_group(tx, post)?;
    let audience = match &group {
        Some(group) => Some(Audience::of(tx, group.id)?),
        None => None,
    };
    let delete = if author.local {
        let addressing = Addressing {
            to: vec![PUBLIC.to_owned()],
            cc: group.iter().map(|group| group.ap_id.to_string()).collect(),
            audience: group.as_ref().map(|group| group.ap_id.clone()),
        };
        let addressing = if post.visibility.is_open() {
            addressing
        } else {
            let named = db::actors::by_ids(tx, mentioned)?;
            Addressing {
                to: named.iter().map(|actor| actor.ap_id.to_string()).collect(),
                ..Addressing::default()
            }
        };
        let id = tx.node().uri(&format!("p/{}/delete", post.id))?;
        let delete = write::delete(&id, &author.ap_id, &post.ap_id, &addressing, None);
        let mut to = readers(tx, post, mentioned)?;
        to.extend(audience.iter().filter(|_| post.is_root()).flat_map(|a| a.microblogs.clone()));
        send(tx, author, &delete, to)?;
        Some(delete.to_string())
    } else {
        received.map(str::to_owned)
    };
    let (Some(group), Some(audience)) = (group, audience) else { return Ok(()) };
    if let Some(delete) = delete {
        announce(tx, &group, &delete, audience.groups_but(&author.host))?;
    }
    Ok(())
}

/// A local group takes its boost of a deleted thread back: microblogs would show it for ever.
pub(super) fn boosts_gone(tx: &mut Tx, post: &Post, boosts: &[Post]) -> Result<()> {
    for boost in boosts.iter().filter(|boost| boost.local) {
        let booster = db::actors::by_id(tx, boost.author_id)?;
        let to = if booster.is_group() {
            Audience::of(tx, booster.id)?.microblogs
        } else {
            followers_of(tx, booster.id)?
        };
        undo_boost(tx, &booster, boost, post, to)?;
    }
    Ok(())
}

fn boost_document(boost: &Post, booster: &Actor, original: &Post) -> Value {
    let published = not_before(boost.created_at, original.created_at);
    write::announce_object(&boost.ap_id, &booster.ap_id, &original.ap_id, published)
}

fn undo_boost(
    tx: &mut Tx,
    booster: &Actor,
    boost: &Post,
    original: &Post,
    to: Inboxes,
) -> Result<()> {
    let id = new_uri(tx)?;
    let undone = boost_document(boost, booster, original);
    let undo = write::undo(&id, &booster.ap_id, &undone);
    send(tx, booster, &undo, to)
}

pub(super) fn boosted(tx: &mut Tx, boost: &Post, booster: &Actor, original: &Post) -> Result<()> {
    if !booster.local {
        return Ok(());
    }
    let author = db::actors::by_id(tx, original.author_id)?;
    let to = if booster.is_group() {
        // Servers that take activities get the whole Create instead.
        Audience::of(tx, booster.id)?.microblogs
    } else {
        let mut to = followers_of(tx, booster.id)?;
        to.extend(inbox_of(&author));
        to
    };
    let document = boost_document(boost, booster, original);
    send(tx, booster, &document, to)
}

pub(super) fn unboosted(tx: &mut Tx, boost: &Post, original: &Post) -> Result<()> {
    let booster = db::actors::by_id(tx, boost.author_id)?;
    if !booster.local {
        return Ok(());
    }
    let author = db::actors::by_id(tx, original.author_id)?;
    let mut to = followers_of(tx, booster.id)?;
    to.extend(inbox_of(&author));
    undo_boost(tx, &booster, boost, original, to)
}

/// A like tells the author and, where the post is in a group elsewhere, the group.
fn like_document(tx: &mut Tx, like: &Like, post: &Post) -> Result<(Value, Actor, Inboxes)> {
    let actor = db::actors::by_id(tx, like.actor_id)?;
    let author = db::actors::by_id(tx, post.author_id)?;
    let group = match post.group_id {
        Some(id) => Some(db::actors::by_id(tx, id)?),
        None => None,
    };
    let id = tx.node().uri(&format!("a/like/{}", like.id))?;
    let document = write::like(&LikeParts {
        id: &id,
        actor: &actor.ap_id,
        object: &post.ap_id,
        author: &author.ap_id,
        group: group.as_ref().map(|group| &group.ap_id),
        content: like.content.as_deref(),
        result: None,
        published: like.created_at,
    });
    let to = std::iter::once(&author).chain(&group).filter_map(inbox_of).collect();
    Ok((document, actor, to))
}

pub(super) fn liked(tx: &mut Tx, like: &Like, post: &Post, received: Option<&str>) -> Result<()> {
    let (document, actor, to) = like_document(tx, like, post)?;
    let text = if actor.local {
        send(tx, &actor, &document, to)?;
        Some(document.to_string())
    } else {
        received.map(str::to_owned)
    };
    pass_on_vote(tx, post, &actor, text)
}

pub(super) fn unliked(tx: &mut Tx, like: &Like, post: &Post, received: Option<&str>) -> Result<()> {
    let (document, actor, to) = like_document(tx, like, post)?;
    let text = if actor.local {
        let id = new_uri(tx)?;
        let undo = write::undo(&id, &actor.ap_id, &document);
        send(tx, &actor, &undo, to)?;
        Some(undo.to_string())
    } else {
        received.map(str::to_owned)
    };
    pass_on_vote(tx, post, &actor, text)
}

/// Servers with groups count votes by what the group passes on.
fn pass_on_vote(tx: &mut Tx, post: &Post, actor: &Actor, text: Option<String>) -> Result<()> {
    match (text, passing_group(tx, post)?) {
        (Some(text), Some(group)) => {
            let to = Audience::of(tx, group.id)?.groups_but(&actor.host);
            if to.is_empty() { Ok(()) } else { announce(tx, &group, &text, to) }
        }
        _ => Ok(()),
    }
}

pub(super) fn voted(tx: &mut Tx, voter: ActorId, post: &Post, choices: &[String]) -> Result<()> {
    let (voter, author) = (db::actors::by_id(tx, voter)?, db::actors::by_id(tx, post.author_id)?);
    if !voter.local || author.local {
        return Ok(());
    }
    for choice in choices {
        let id = tx.new_id();
        let node = tx.node();
        let ballot = json!({
            "id": node.uri(&format!("a/vote/{id}"))?,
            "type": "Note",
            "name": choice,
            "attributedTo": voter.ap_id,
            "inReplyTo": post.ap_id,
            "to": [author.ap_id],
            "cc": [],
        });
        let create =
            write::create(&node.uri(&format!("a/vote/{id}/create"))?, &voter.ap_id, &ballot);
        send(tx, &voter, &create, inbox_of(&author).into_iter().collect())?;
    }
    Ok(())
}

pub(super) fn profile_changed(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let node = tx.node();
    let document = rows::actor(tx, here(&node), actor)?;
    let id = new_uri(tx)?;
    let update = write::update(&id, &actor.ap_id, &document);
    if actor.is_group() {
        let audience = Audience::of(tx, actor.id)?;
        announce(tx, actor, &update.to_string(), audience.groups)?;
        return send(tx, actor, &update, audience.microblogs);
    }
    let to = followers_of(tx, actor.id)?;
    send(tx, actor, &update, to)
}

pub(super) fn actor_deleted(tx: &mut Tx, actor: &Actor) -> Result<()> {
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

pub(super) fn blocked(tx: &mut Tx, actor: ActorId, target: ActorId, undone: bool) -> Result<()> {
    let (actor, target) = (db::actors::by_id(tx, actor)?, db::actors::by_id(tx, target)?);
    if !actor.local || target.local {
        return Ok(());
    }
    let id = new_uri(tx)?;
    let block = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": tx.node().uri(&format!("a/block/{}-{}", actor.id, target.id))?,
        "type": "Block",
        "actor": actor.ap_id,
        "object": target.ap_id,
        "to": [target.ap_id],
        "cc": [],
    });
    let to = inbox_of(&target).into_iter().collect();
    if undone {
        return send(tx, &actor, &write::undo(&id, &actor.ap_id, &block), to);
    }
    // The same two may block again later: the id of each time is its own.
    let mut block = block;
    if let Value::Object(fields) = &mut block {
        fields.insert("id".into(), json!(id));
    }
    send(tx, &actor, &block, to)
}
