//! Threads that began elsewhere: when they were looked through there, and where they are listed.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{posts, thread_looks},
};
use crate::{
    insert_new, on,
    types::{PostId, Time, Visibility},
};

/// A row of `thread_looks`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = thread_looks)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Look {
    /// The post that begins the thread.
    pub thread_id: PostId,
    /// When it was looked through; zero where it never was.
    pub looked_at: Time,
    /// The collection of the whole thread, as its root says.
    pub context: Option<String>,
}

/// What is known of a thread.
pub fn look(conn: &mut Conn, thread: PostId) -> QueryResult<Option<Look>> {
    on!(conn, c => thread_looks::table.find(thread).select(Look::as_select()).first(c).optional())
}

/// Writes down what is known of a thread.
pub fn set_look(conn: &mut Conn, look: &Look) -> QueryResult<()> {
    let new = insert_new!(conn, thread_looks::table, look)?;
    if !new {
        diesel::update(thread_looks::table.find(look.thread_id)).set(look).execute(conn)?;
    }
    Ok(())
}

/// Forgets what is known of a thread.
pub fn forget_look(conn: &mut Conn, thread: PostId) -> QueryResult<usize> {
    diesel::delete(thread_looks::table.find(thread)).execute(conn)
}

/// Ids of the posts of a thread that everyone may read, in order; at most `limit`.
pub fn open_ids(conn: &mut Conn, thread: PostId, limit: i64) -> QueryResult<Vec<String>> {
    on!(conn, c => posts::table
        .filter(posts::thread_id.eq(thread).and(posts::boost_of_id.is_null()))
        .filter(posts::deleted_at.is_null())
        .filter(posts::visibility.among([Visibility::Public, Visibility::Unlisted]))
        .order(posts::id.asc())
        .limit(limit)
        .select(posts::ap_id)
        .load(c))
}

/// Ids of the direct answers to a post that everyone may read, in order; at most `limit`.
pub fn open_reply_ids(conn: &mut Conn, parent: PostId, limit: i64) -> QueryResult<Vec<String>> {
    on!(conn, c => posts::table
        .filter(posts::in_reply_to_id.eq(parent).and(posts::deleted_at.is_null()))
        .filter(posts::visibility.among([Visibility::Public, Visibility::Unlisted]))
        .order(posts::id.asc())
        .limit(limit)
        .select(posts::ap_id)
        .load(c))
}

/// Those of `ids` that are known here, deleted ones too, each with its thread.
pub fn known_among(conn: &mut Conn, ids: &[String]) -> QueryResult<BTreeMap<String, PostId>> {
    let rows: Vec<(String, PostId)> = posts::table
        .filter(posts::ap_id.among(ids.iter().map(String::as_str)))
        .select((posts::ap_id, posts::thread_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
