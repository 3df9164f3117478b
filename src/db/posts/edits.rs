//! Earlier forms of edited posts.
use diesel::prelude::*;

use crate::{
    db::{Conn, schema::post_edits},
    on,
    types::{PostId, Time},
};

/// An earlier form of an edited post.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = post_edits)]
#[diesel(treat_none_as_default_value = false)]
pub struct Edit {
    /// Sorts by time.
    pub id: i64,
    /// Whose.
    pub post_id: PostId,
    /// As in [`Post`](super::Post).
    pub title: Option<String>,
    /// As in [`Post`](super::Post).
    pub content: String,
    /// As in [`Post`](super::Post).
    pub source: Option<String>,
    /// As in [`Post`](super::Post).
    pub spoiler_text: String,
    /// As in [`Post`](super::Post).
    pub sensitive: bool,
    /// When this form was written.
    pub created_at: Time,
}

/// Keeps an earlier form of a post.
pub fn insert_edit(conn: &mut Conn, edit: &Edit) -> QueryResult<usize> {
    diesel::insert_into(post_edits::table).values(edit).execute(conn)
}

/// Earlier forms of a post, oldest first.
pub fn edits(conn: &mut Conn, post: PostId) -> QueryResult<Vec<Edit>> {
    on!(conn, c => post_edits::table
        .filter(post_edits::post_id.eq(post))
        .order(post_edits::id)
        .limit(100)
        .select(Edit::as_select())
        .load(c))
}

/// Forgets the earlier forms of a post.
pub fn delete_edits(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(post_edits::table.filter(post_edits::post_id.eq(post))).execute(conn)
}
