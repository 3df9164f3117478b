//! Likes and other votes.
use serde_json::{Value, json};

use super::groups::{announce, passing_group};
use crate::{
    activitypub::write::{self, LikeParts},
    db::{self, actors::Actor, posts::Post, reactions::Like},
    domain::{Tx, posts},
    effects::send::{Audience, Inboxes, inbox_of, new_uri, send},
    error::Result,
    types::ActorId,
};

/// A like tells the author and, where the post is in a group elsewhere, the group.
fn like_document(tx: &mut Tx, like: &Like, post: &Post) -> Result<(Value, Actor, Inboxes)> {
    let actor = db::actors::by_id(tx, like.actor_id)?;
    let author = db::actors::by_id(tx, post.author_id)?;
    let group = post.group_id.map(|id| db::actors::by_id(tx, id)).transpose()?;
    let group = group.filter(|group| posts::is_for_group(group, post.visibility));
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

pub(in crate::effects) fn liked(
    tx: &mut Tx,
    like: &Like,
    post: &Post,
    received: Option<&str>,
) -> Result<()> {
    let (document, actor, to) = like_document(tx, like, post)?;
    let text = if actor.local {
        send(tx, &actor, &document, to)?;
        Some(document.to_string())
    } else {
        received.map(str::to_owned)
    };
    pass_on_vote(tx, post, &actor, text)
}

pub(in crate::effects) fn unliked(
    tx: &mut Tx,
    like: &Like,
    post: &Post,
    received: Option<&str>,
) -> Result<()> {
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
