//! Letting others answer what was written here, where their servers ask for it.
use crate::{
    db::{self, actors::Actor, approvals::Approval, posts::Post},
    domain::{Fact, Tx, moderation, posts},
    error::Result,
    types::Uri,
};

/// The address of an approval that was given here.
///
/// # Errors
/// `Internal` where there can be none.
pub fn address(tx: &Tx, approval: &Approval) -> Result<Uri> {
    tx.node().uri(&format!("p/{}/approvals/{}", approval.post_id, approval.id))
}

/// Somebody elsewhere asks to answer a post of ours that they may read. `request` is the activity,
/// JSON.
///
/// # Errors
/// `Internal` from the database.
pub fn ask(tx: &mut Tx, asker: &Actor, parent: &Post, reply: &Uri, request: &str) -> Result<()> {
    let author = tx.actor(parent.author_id)?;
    let permission = if may_answer(tx, asker, parent)? {
        let approval = Approval {
            id: tx.new_id(),
            post_id: parent.id,
            reply_uri: reply.to_string(),
            created_at: tx.now(),
        };
        let approval = db::approvals::give(tx, &approval)?;
        Some(address(tx, &approval)?)
    } else {
        None
    };
    tx.record(Fact::RequestAnswered {
        permission,
        author: Box::new(author),
        asker: Box::new(asker.clone()),
        request: request.to_owned(),
    });
    Ok(())
}

fn may_answer(tx: &mut Tx, asker: &Actor, parent: &Post) -> Result<bool> {
    if db::relations::blocked_either_way(tx, asker.id, parent.author_id)?
        || !posts::answers_freely(tx, parent, asker)?
    {
        return Ok(false);
    }
    let Some(group) = parent.group_id else { return Ok(true) };
    let group = tx.actor(group)?;
    let member = !group.is_private_group() || db::follows::exists(tx, asker.id, group.id)?;
    Ok(member && moderation::shut_out(tx, asker, &group, Some(parent))?.is_none())
}
