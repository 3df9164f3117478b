//! Posts below posts: whole threads, and what is done to them.
use diesel::prelude::*;

use crate::{
    db::{Conn, among::Among as _, posts::Post, schema::posts},
    on,
    types::{ActorId, PostId},
};

/// All posts of a thread that are there, oldest first; at most `limit`.
pub fn thread(conn: &mut Conn, root: PostId, limit: i64) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::thread_id.eq(root).and(posts::boost_of_id.is_null()))
        .filter(posts::deleted_at.is_null())
        .order(posts::id.asc())
        .limit(limit)
        .select(Post::as_select())
        .load(c))
}

/// Posts that came before their parent: those that answer `parent_uri`.
pub fn orphans(conn: &mut Conn, parent_uri: &str) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::in_reply_to_uri.eq(parent_uri))
        .limit(500)
        .select(Post::as_select())
        .load(c))
}

/// Posts whose parent was not known now have one: it, its group and its thread.
pub fn adopt(conn: &mut Conn, child: PostId, parent: &Post) -> QueryResult<usize> {
    diesel::update(posts::table.find(child))
        .set((
            posts::in_reply_to_id.eq(parent.id),
            posts::in_reply_to_uri.eq(None::<String>),
            posts::group_id.eq(parent.group_id),
        ))
        .execute(conn)
}

/// Moves a whole tree below another top-level post.
pub fn move_thread(
    conn: &mut Conn,
    from: PostId,
    to: PostId,
    group: Option<ActorId>,
) -> QueryResult<usize> {
    diesel::update(posts::table.filter(posts::thread_id.eq(from)))
        .set((posts::thread_id.eq(to), posts::group_id.eq(group)))
        .execute(conn)
}

/// Marks a reply as one that helped, or takes the mark back.
pub fn set_helped(conn: &mut Conn, id: PostId, helped: bool) -> QueryResult<usize> {
    diesel::update(posts::table.find(id)).set(posts::helped.eq(helped)).execute(conn)
}

/// Those of `roots` in whose threads a reply helped.
pub fn helped_among(conn: &mut Conn, roots: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => posts::table
        .filter(posts::thread_id.among(roots.iter().copied()).and(posts::helped.eq(true)))
        .filter(posts::deleted_at.is_null())
        .select(posts::thread_id)
        .distinct()
        .load(c))
}
