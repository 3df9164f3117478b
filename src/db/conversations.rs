//! Direct messages, a row for each thread and each member in it:
//! <https://docs.joinmastodon.org/methods/conversations/>
use diesel::prelude::*;

use super::{
    Conn,
    page::Page,
    schema::{conversations, mentions, posts},
};
use crate::{
    insert_new, on,
    types::{ActorId, ConversationId, PostId, Visibility},
};

/// A row of `conversations`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = conversations)]
pub struct Conversation {
    /// Its name in the API.
    pub id: ConversationId,
    /// Whose view of it this is.
    pub actor_id: ActorId,
    /// What it is about: the post that begins it.
    pub thread_id: PostId,
    /// The last post in it; lists are paged by it.
    pub last_post_id: PostId,
    /// Whether there is something they have not seen.
    pub unread: bool,
}

/// A post came to a conversation of `row.actor_id`; answers the conversation as it is then.
pub fn moved_on(conn: &mut Conn, row: &Conversation) -> QueryResult<Conversation> {
    if insert_new!(conn, conversations::table, row)? {
        return Ok(row.clone());
    }
    diesel::update(
        conversations::table
            .filter(conversations::actor_id.eq(row.actor_id))
            .filter(conversations::thread_id.eq(row.thread_id))
            .filter(conversations::last_post_id.lt(row.last_post_id)),
    )
    .set((conversations::last_post_id.eq(row.last_post_id), conversations::unread.eq(row.unread)))
    .execute(conn)?;
    on!(conn, c => conversations::table
        .filter(conversations::actor_id.eq(row.actor_id))
        .filter(conversations::thread_id.eq(row.thread_id))
        .select(Conversation::as_select())
        .first(c))
}

/// A member's conversations, the liveliest first.
pub fn list(conn: &mut Conn, actor: ActorId, page: &Page) -> QueryResult<Vec<Conversation>> {
    let query = conversations::table
        .filter(conversations::actor_id.eq(actor))
        .select(Conversation::as_select())
        .into_boxed();
    crate::paged!(query, conversations::last_post_id, page)
        .load(conn)
        .map(|rows| page.in_order(rows))
}

/// A conversation of a member's.
pub fn by_id(
    conn: &mut Conn,
    actor: ActorId,
    id: ConversationId,
) -> QueryResult<Option<Conversation>> {
    on!(conn, c => conversations::table
        .find(id)
        .filter(conversations::actor_id.eq(actor))
        .select(Conversation::as_select())
        .first(c)
        .optional())
}

/// Marks a conversation as seen, or not.
pub fn set_unread(conn: &mut Conn, id: ConversationId, unread: bool) -> QueryResult<usize> {
    diesel::update(conversations::table.find(id))
        .set(conversations::unread.eq(unread))
        .execute(conn)
}

/// Takes a conversation off the list, until somebody goes on with it.
pub fn delete(conn: &mut Conn, id: ConversationId) -> QueryResult<usize> {
    diesel::delete(conversations::table.find(id)).execute(conn)
}

/// A post is gone: conversations that ended with it end with the one before it that their member
/// could read, or are gone too.
pub fn post_gone(conn: &mut Conn, thread: PostId, post: PostId) -> QueryResult<()> {
    let ended: Vec<Conversation> = on!(conn, c => conversations::table
        .filter(conversations::thread_id.eq(thread).and(conversations::last_post_id.eq(post)))
        .select(Conversation::as_select())
        .load(c))?;
    for conversation in ended {
        match last_before(conn, conversation.actor_id, thread, post)? {
            Some(before) => {
                diesel::update(conversations::table.find(conversation.id))
                    .set(conversations::last_post_id.eq(before))
                    .execute(conn)?;
            }
            None => {
                delete(conn, conversation.id)?;
            }
        }
    }
    Ok(())
}

fn last_before(
    conn: &mut Conn,
    reader: ActorId,
    thread: PostId,
    post: PostId,
) -> QueryResult<Option<PostId>> {
    let named = mentions::table
        .filter(mentions::post_id.eq(posts::id).and(mentions::actor_id.eq(reader)))
        .select(mentions::post_id);
    posts::table
        .filter(posts::thread_id.eq(thread).and(posts::id.lt(post)))
        .filter(posts::visibility.eq(Visibility::Direct).and(posts::deleted_at.is_null()))
        .filter(posts::author_id.eq(reader).or(diesel::dsl::exists(named)))
        .order(posts::id.desc())
        .select(posts::id)
        .first(conn)
        .optional()
}

/// The conversations of somebody who is gone.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<usize> {
    diesel::delete(conversations::table.filter(conversations::actor_id.eq(actor))).execute(conn)
}
