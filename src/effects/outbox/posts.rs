//! What is written, changed and deleted here, and what groups pass on of it.
use serde_json::Value;

use super::{
    groups::{announce, announce_written, passing_group},
    quotes::request,
};
use crate::{
    activitypub::{
        rows,
        write::{self, Permission},
    },
    db::{self, actors::Actor, posts::Post, submissions::SubmissionState},
    domain::{Tx, posts, quotes},
    effects::{
        proof::proven,
        send::{
            Audience, Inboxes, followers_of, forward, here, inbox_of, new_uri, send, send_thread,
        },
    },
    error::Result,
    types::{ActorId, PostId, Visibility},
};

/// Everyone elsewhere whom a local author tells of a post: those it names, the author it answers,
/// its group, and the author's followers where it is for them.
fn readers(tx: &mut Tx, post: &Post, mentioned: &[ActorId]) -> Result<Inboxes> {
    if let Some(judge) = waits_for(tx, post)? {
        // Nobody else hears of it until it is approved.
        return Ok(inbox_of(&judge).into_iter().collect());
    }
    let mut ids = mentioned.to_vec();
    if let Some(parent) = post.in_reply_to_id {
        ids.push(db::posts::by_id(tx, parent)?.author_id);
    }
    let mut named = tx.actors(&ids)?;
    let group = post.group_id.map(|id| tx.actor(id)).transpose()?;
    let private = group.clone().filter(Actor::is_private_group);
    if let Some(group) = &private {
        // Who left, or was never in, is not told what is said inside.
        named = members_among(tx, group, named)?;
    }
    // What is between a few stands in the group's thread, and is not the group's to read.
    named.extend(group.filter(|group| posts::is_for_group(group, post.visibility)));
    let mut inboxes: Inboxes = named.iter().filter_map(inbox_of).collect();
    match private {
        _ if post.visibility == Visibility::Direct => {}
        // Servers with groups get what the group passes on.
        // What a group says itself nobody passes on.
        Some(group) if group.id == post.author_id => {
            let audience = Audience::of(tx, group.id)?;
            inboxes.extend(audience.microblogs.into_iter().chain(audience.groups));
        }
        Some(group) if group.local => inboxes.extend(Audience::of(tx, group.id)?.microblogs),
        Some(_) => {}
        None => inboxes.extend(followers_of(tx, post.author_id)?),
    }
    Ok(inboxes)
}

fn members_among(tx: &mut Tx, group: &Actor, people: Vec<Actor>) -> Result<Vec<Actor>> {
    if !group.local {
        return Ok(people);
    }
    let ids: Vec<ActorId> = people.iter().map(|person| person.id).collect();
    let members: Vec<ActorId> = db::follows::from(tx, group.id, &ids)?
        .into_iter()
        .filter(|follow| follow.accepted_at.is_some())
        .map(|follow| follow.follower_id)
        .collect();
    Ok(people.into_iter().filter(|person| members.contains(&person.id)).collect())
}

fn mentions(tx: &mut Tx, post: PostId) -> Result<Vec<ActorId>> {
    Ok(db::posts::mentions_of(tx, &[post])?.remove(&post).unwrap_or_default())
}

/// What is told of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::effects) enum Telling {
    /// It is there.
    New,
    /// It waited for an approval, and has it: everyone it is for gets it now.
    Approved,
    /// It was changed.
    Edited,
}

pub(in crate::effects) fn written(
    tx: &mut Tx,
    post: &Post,
    author: &Actor,
    telling: Telling,
    received: Option<&str>,
) -> Result<()> {
    let passing = passing(tx, post)?;
    if author.local {
        if telling == Telling::New
            && let Some(parent) = asks_first(tx, post)?
        {
            return request(tx, Permission::Reply, post, &parent);
        }
        let audience = passing.as_ref().map(|(_, audience)| audience);
        let activity = tell(tx, post, author, telling, audience)?;
        return match passing {
            Some((group, audience)) => announce_written(tx, &group, post, &activity, &audience),
            None => Ok(()),
        };
    }
    let (Some(activity), Some((group, audience))) = (received, passing) else { return Ok(()) };
    announce(tx, &group, activity, audience.groups_but(&author.host))?;
    if telling == Telling::Edited && post.is_root() {
        let mut to = audience.microblogs;
        to.retain(|(host, _)| *host != author.host);
        forward_signed(tx, &group, activity, to)
    } else {
        Ok(())
    }
}

/// Microblogs that saw the group's boost believe an edit only where its author signed it.
fn forward_signed(tx: &mut Tx, group: &Actor, update: &str, to: Inboxes) -> Result<()> {
    let shape: Value = serde_json::from_str(update)?;
    let signed = shape.get("proof").or_else(|| shape.get("signature")).is_some();
    match shape.get("id").and_then(Value::as_str).filter(|_| signed) {
        Some(id) => forward(tx, group, id, to),
        None => Ok(()),
    }
}

/// The author's own word of a post: to all whom it is for or who have a copy, but for servers that
/// hear of it from the group.
pub(super) fn tell(
    tx: &mut Tx,
    post: &Post,
    author: &Actor,
    telling: Telling,
    audience: Option<&Audience>,
) -> Result<Value> {
    let node = tx.node();
    let object = rows::post(tx, here(&node), post)?;
    let create = |rest: &str| -> Result<Value> {
        let id = node.uri(&format!("p/{}/create{rest}", post.id))?;
        Ok(write::create(&id, &author.ap_id, &object))
    };
    let activity = match telling {
        Telling::New => create("")?,
        // The first one went to who approved it, under the usual id.
        Telling::Approved => create("/approved")?,
        Telling::Edited => write::update(&new_uri(tx)?, &author.ap_id, &object),
    };
    let activity = proven(tx, post, author, activity)?;
    let named = mentions(tx, post.id)?;
    let mut to = readers(tx, post, &named)?;
    if telling == Telling::Edited
        && let Some(quoted) = quotes::author_quoted_in(tx, post.id)?
    {
        // They got the post with the question whether it may quote them.
        to.extend(inbox_of(&tx.actor(quoted)?));
    }
    if let Some(audience) = audience.filter(|_| post.is_root()) {
        if telling == Telling::Edited {
            // Microblogs that saw the group's boost have a copy.
            to.extend(audience.microblogs.clone());
        }
        // Told directly they would file it under microblog before the group tells them better.
        to = audience.pages_and_notes(to).1;
    }
    send_thread(tx, author, post, &activity, to)?;
    Ok(activity)
}

/// The group that passes a post on, and to whom.
fn passing(tx: &mut Tx, post: &Post) -> Result<Option<(Actor, Audience)>> {
    if waits_for(tx, post)?.is_some() {
        return Ok(None);
    }
    let Some(group) = passing_group(tx, post)? else { return Ok(None) };
    let audience = Audience::of(tx, group.id)?;
    Ok(Some((group, audience)))
}

/// What an answer of ours waits to be let below, where that is asked for in so many words: its author
/// gets the answer with the request, and nothing else of it.
fn asks_first(tx: &mut Tx, post: &Post) -> Result<Option<Post>> {
    let Some(judge) = waits_for(tx, post)? else { return Ok(None) };
    let Some(parent) = post.in_reply_to_id else { return Ok(None) };
    let parent = db::posts::by_id(tx, parent)?;
    let asked = db::policies::of(tx, parent.id)?.is_some_and(|policy| policy.ask_reply.is_some());
    Ok((asked && parent.author_id == judge.id).then_some(parent))
}

/// Whose approval an answer of ours waits for.
fn waits_for(tx: &mut Tx, post: &Post) -> Result<Option<Actor>> {
    if !post.local || post.is_root() {
        return Ok(None);
    }
    let judged = db::submissions::of_posts(tx, &[post.id])?.remove(&post.id).unwrap_or_default();
    let ids: Vec<ActorId> = judged
        .iter()
        .filter(|submission| submission.state != SubmissionState::Confirmed)
        .map(|submission| submission.judge_id)
        .collect();
    Ok(tx.actors(&ids)?.into_iter().find(|judge| !judge.is_group()))
}

pub(in crate::effects) fn deleted(
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
        let node = tx.node();
        let addressing = rows::addressing(tx, here(&node), post, mentioned)?;
        let id = node.uri(&format!("p/{}/delete", post.id))?;
        let delete = write::delete(&id, &author.ap_id, &post.ap_id, &addressing, None);
        let delete = proven(tx, post, author, delete)?;
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
