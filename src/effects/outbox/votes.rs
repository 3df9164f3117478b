//! Likes and other votes.
use serde_json::{Value, json};

use super::groups::{announce, passing_group};
use crate::{
    activitypub::write::{self, LikeParts},
    db::{self, actors::Actor, posts::Post, reactions::Like, servers::ServerClass},
    domain::{Tx, posts},
    effects::{
        acknowledge,
        proof::proven,
        send::{Audience, Inboxes, inbox_of, new_uri, send},
    },
    error::Result,
    types::ActorId,
};

/// Whom a vote concerns: the author and, where the post is for a group, the group.
fn concerned(tx: &mut Tx, post: &Post) -> Result<(Actor, Option<Actor>)> {
    let author = tx.actor(post.author_id)?;
    let group = post.group_id.map(|id| tx.actor(id)).transpose()?;
    Ok((author, group.filter(|group| posts::is_for_group(group, post.visibility))))
}

fn like_document(
    tx: &mut Tx,
    like: &Like,
    post: &Post,
    actor: &Actor,
    undone: bool,
) -> Result<(Value, Inboxes)> {
    let (author, group) = concerned(tx, post)?;
    let id = tx.node().uri(&format!("a/like/{}", like.id))?;
    let result = acknowledge::of_like(tx, like, post, actor, undone)?;
    let document = write::like(&LikeParts {
        id: &id,
        actor: &actor.ap_id,
        object: &post.ap_id,
        author: &author.ap_id,
        group: group.as_ref().map(|group| &group.ap_id),
        content: like.content.as_deref(),
        result: result.as_ref(),
        published: like.created_at,
    });
    let to = std::iter::once(&author).chain(&group).filter_map(inbox_of).collect();
    Ok((document, to))
}

/// A like, or that it is `undone`.
pub(in crate::effects) fn liked(
    tx: &mut Tx,
    like: &Like,
    post: &Post,
    undone: bool,
    received: Option<&str>,
) -> Result<()> {
    let actor = tx.actor(like.actor_id)?;
    vote(tx, post, &actor, received, |tx| {
        let (mut document, to) = like_document(tx, like, post, &actor, undone)?;
        if undone {
            document = write::undo(&new_uri(tx)?, &actor.ap_id, &document);
        }
        Ok((proven(tx, post, &actor, document)?, to))
    })
}

/// A downvote, or its end.
#[derive(Clone, Copy, Debug)]
pub(in crate::effects) struct Dislike {
    /// Who.
    pub actor: ActorId,
    /// Names the vote.
    pub id: i64,
    /// Or no longer.
    pub undone: bool,
}

pub(in crate::effects) fn disliked(
    tx: &mut Tx,
    ballot: &Dislike,
    post: &Post,
    received: Option<&str>,
) -> Result<()> {
    let actor = tx.actor(ballot.actor)?;
    vote(tx, post, &actor, received, |tx| dislike_document(tx, ballot, post, &actor))
}

fn dislike_document(
    tx: &mut Tx,
    ballot: &Dislike,
    post: &Post,
    actor: &Actor,
) -> Result<(Value, Inboxes)> {
    let (author, group) = concerned(tx, post)?;
    let id = tx.node().uri(&format!("a/dislike/{}", ballot.id))?;
    let document = write::dislike(&LikeParts {
        id: &id,
        actor: &actor.ap_id,
        object: &post.ap_id,
        author: &author.ap_id,
        group: group.as_ref().map(|group| &group.ap_id),
        content: None,
        result: None,
        published: tx.now(),
    });
    let document =
        if ballot.undone { write::undo(&new_uri(tx)?, &actor.ap_id, &document) } else { document };
    let to = std::iter::once(&author).chain(&group).filter_map(inbox_of).collect();
    Ok((document, to))
}

/// The mark for the reply that answers goes to those who know it: `PieFed`, and our own kind.
pub(in crate::effects) fn chosen(
    tx: &mut Tx,
    by: &Actor,
    reply: &Post,
    undone: bool,
    received: Option<&str>,
) -> Result<()> {
    let Some(group) = reply.group_id else { return Ok(()) };
    let group = tx.actor(group)?;
    if !posts::is_for_group(&group, reply.visibility) {
        return Ok(());
    }
    let text = if by.local {
        let fresh = new_uri(tx)?;
        let choice = write::act(&write::Act {
            kind: "ChooseAnswer",
            id: &fresh,
            actor: &by.ap_id,
            object: &reply.ap_id,
            target: None,
            group: &group.ap_id,
            members: group.members_uri().as_deref(),
            reason: None,
            ends: None,
            remove_data: false,
        });
        let document = if undone {
            let before = db::activities::latest(tx, by.id, "ChooseAnswer", reply.ap_id.as_str())?;
            let Some(before) = before else { return Ok(()) };
            write::undo(&fresh, &by.ap_id, &serde_json::from_str(&before.body)?)
        } else {
            choice
        };
        let to = knows_answers(tx, inbox_of(&group).into_iter().collect(), false)?;
        send(tx, by, &document, to)?;
        Some(document.to_string())
    } else {
        received.map(str::to_owned)
    };
    match text {
        Some(text) if group.local => {
            let all = Audience::of(tx, group.id)?.groups_but(&by.host);
            let to = knows_answers(tx, all, true)?;
            if to.is_empty() { Ok(()) } else { announce(tx, &group, &text, to) }
        }
        _ => Ok(()),
    }
}

/// Lemmy answers 400 to what it does not know. Our own kind shows what a group passes on; what it
/// counts itself it learns from the thanks.
fn knows_answers(tx: &mut Tx, mut to: Inboxes, own_kind: bool) -> Result<Inboxes> {
    let hosts: Vec<String> = to.iter().map(|(host, _)| host.clone()).collect();
    let servers = db::servers::by_hosts(tx, &hosts)?;
    to.retain(|(host, _)| {
        servers.iter().any(|server| {
            let piefed = matches!(server.software.as_str(), "piefed" | "pyfedi");
            let ours = own_kind && server.class == ServerClass::Commonhold;
            server.host == *host && (piefed || ours)
        })
    });
    Ok(to)
}

/// Without those who hear of it from the group that the post is in.
fn not_by_announcement(
    tx: &mut Tx,
    post: &Post,
    document: &Value,
    mut to: Inboxes,
) -> Result<Inboxes> {
    if let Some(group) = passing_group(tx, post)? {
        let audience = Audience::of(tx, group.id)?;
        let end = document.get("type").is_some_and(|kind| kind == "Undo");
        to.retain(|(host, _)| !audience.hears_votes(host, end));
    }
    Ok(to)
}

/// What a member says of a post, as `write` says it and to whom, or what came from elsewhere: the
/// group passes it on, for servers with groups count votes by that.
fn vote(
    tx: &mut Tx,
    post: &Post,
    actor: &Actor,
    received: Option<&str>,
    write: impl FnOnce(&mut Tx) -> Result<(Value, Inboxes)>,
) -> Result<()> {
    let text = if actor.local {
        let (document, to) = write(tx)?;
        let to = not_by_announcement(tx, post, &document, to)?;
        send(tx, actor, &document, to)?;
        Some(document.to_string())
    } else {
        received.map(str::to_owned)
    };
    match (text, passing_group(tx, post)?) {
        (Some(text), Some(group)) => {
            let to = Audience::of(tx, group.id)?.voters_but(&actor.host);
            if to.is_empty() { Ok(()) } else { announce(tx, &group, &text, to) }
        }
        _ => Ok(()),
    }
}

pub(in crate::effects) fn voted(
    tx: &mut Tx,
    voter: ActorId,
    post: &Post,
    choices: &[String],
) -> Result<()> {
    let (voter, author) = (tx.actor(voter)?, tx.actor(post.author_id)?);
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
