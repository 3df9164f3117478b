//! Direct messages, as each member in them sees them.
use crate::{
    db::{self, conversations::Conversation, posts::Post},
    domain::{Fact, Tx},
    error::{Error, Result},
    types::{ActorId, ConversationId, Visibility},
};

/// A direct message came: it goes on with, or begins, a conversation of each member here that it is for.
///
/// # Errors
/// `Internal` from the database.
pub fn go_on(tx: &mut Tx, post: &Post) -> Result<()> {
    if post.visibility != Visibility::Direct {
        return Ok(());
    }
    let mut members = db::posts::mentions_of(tx, &[post.id])?.remove(&post.id).unwrap_or_default();
    members.push(post.author_id);
    members.sort_unstable();
    members.dedup();
    for member in tx.actors(&members)?.into_iter().filter(|actor| actor.local && !actor.is_group())
    {
        if db::relations::blocks(tx, member.id, post.author_id)? {
            continue;
        }
        let row = Conversation {
            id: ConversationId(tx.new_id()),
            actor_id: member.id,
            thread_id: post.thread_id,
            last_post_id: post.id,
            unread: member.id != post.author_id,
        };
        let conversation = db::conversations::moved_on(tx, &row)?;
        tx.record(Fact::Conversed { conversation });
    }
    Ok(())
}

fn get(tx: &mut Tx, member: ActorId, id: ConversationId) -> Result<Conversation> {
    db::conversations::by_id(tx, member, id)?.ok_or(Error::NotFound)
}

/// A member has seen all of a conversation, or says that they have not.
///
/// # Errors
/// `NotFound` where there is none.
pub fn mark(
    tx: &mut Tx,
    member: ActorId,
    id: ConversationId,
    unread: bool,
) -> Result<Conversation> {
    let conversation = get(tx, member, id)?;
    db::conversations::set_unread(tx, id, unread)?;
    Ok(Conversation { unread, ..conversation })
}

/// A member takes a conversation off their list, until somebody goes on with it. Its posts stay.
///
/// # Errors
/// `NotFound` where there is none.
pub fn put_away(tx: &mut Tx, member: ActorId, id: ConversationId) -> Result<()> {
    get(tx, member, id)?;
    db::conversations::delete(tx, id)?;
    Ok(())
}
