//! What actors show first on their own pages.
use diesel::prelude::*;

use crate::{
    db::{
        Conn,
        among::Among as _,
        posts::Post,
        schema::{pins, posts},
    },
    insert_new, on,
    types::{ActorId, PostId, Time},
};

/// Pins a post of one's own; `false` if it is pinned already.
pub fn pin(conn: &mut Conn, actor: ActorId, post: PostId, now: Time) -> QueryResult<bool> {
    insert_new!(
        conn,
        pins::table,
        (pins::actor_id.eq(actor), pins::post_id.eq(post), pins::created_at.eq(now))
    )
}

/// Unpins; `false` if it was not pinned.
pub fn unpin(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<bool> {
    Ok(diesel::delete(pins::table.find((actor, post))).execute(conn)? > 0)
}

/// What an actor pinned and is there, newest pin first.
pub fn pinned(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<Post>> {
    on!(conn, c => pins::table
        .inner_join(posts::table.on(posts::id.eq(pins::post_id)))
        .filter(pins::actor_id.eq(actor).and(posts::deleted_at.is_null()))
        .order(pins::created_at.desc())
        .limit(20)
        .select(Post::as_select())
        .load(c))
}

/// Which of `ids` the actor pinned.
pub fn pinned_among(conn: &mut Conn, actor: ActorId, ids: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => pins::table
        .filter(pins::actor_id.eq(actor).and(pins::post_id.among(ids.iter().copied())))
        .select(pins::post_id)
        .load(c))
}
