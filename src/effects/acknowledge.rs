//! What a member here signs when they say that a reply helped: whoever counts it need not take this
//! node's word for it (`product.md`, R2c and R7).
use super::proof::proven;
use crate::{
    activitypub::write::{self, Acknowledgement},
    db::{self, actors::Actor, posts::Post, reactions::Like},
    domain::{Tx, help, reactions},
    error::Result,
    types::Uri,
};

/// The acknowledgement that goes with a like, where it says thanks for an answer in a group: signed
/// when it is first told, and named again when the like is `undone`.
pub(super) fn of_like(
    tx: &mut Tx,
    like: &Like,
    reply: &Post,
    actor: &Actor,
    undone: bool,
) -> Result<Option<Uri>> {
    let thanks = like.content.as_deref().is_some_and(reactions::is_thanks);
    if !thanks || !actor.local || reply.author_id == actor.id {
        return Ok(None);
    }
    let id = tx.node().uri(&format!("ack/{}", like.id))?;
    if db::acknowledgements::by_id(tx, like.id)?.is_some() {
        return Ok(Some(id));
    }
    if undone {
        return Ok(None);
    }
    let Some(question) = help::asked(tx, reply, actor.id)? else { return Ok(None) };
    let helper = tx.actor(reply.author_id)?;
    let document = write::acknowledgement(&Acknowledgement {
        id: &id,
        asker: &actor.ap_id,
        helper: &helper.ap_id,
        question: &question.ap_id,
        reply: &reply.ap_id,
        context: None,
        published: like.created_at,
    });
    let document = proven(tx, reply, actor, document)?.to_string();
    let row = db::acknowledgements::Acknowledgement {
        id: like.id,
        reply_id: reply.id,
        document: Some(document),
        created_at: like.created_at,
    };
    db::acknowledgements::insert(tx, &row)?;
    Ok(Some(id))
}
