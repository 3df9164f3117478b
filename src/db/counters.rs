//! Figures that are changed with nearly every activity.
use diesel::QueryResult;

use super::{Conn, actors::Counts, prepared::Prepared};
use crate::types::{ActorId, PostId};

/// Changes the figures of an actor.
pub fn actor(conn: &mut Conn, id: ActorId, change: Counts) -> QueryResult<usize> {
    let Counts { followers, following, posts, last_post_at } = change;
    Prepared::new(
        "UPDATE actors SET followers_count = followers_count + ?, \
         following_count = following_count + ?, posts_count = posts_count + ?, \
         last_post_at = COALESCE(?, last_post_at) WHERE id = ?",
    )
    .number(followers)
    .number(following)
    .number(posts)
    .maybe(last_post_at.map(|at| at.0))
    .number(id.0)
    .run(conn)
}

/// Changes the figures of a post; any of the three may be zero or negative.
pub fn post(
    conn: &mut Conn,
    id: PostId,
    replies: i64,
    likes: i64,
    boosts: i64,
) -> QueryResult<usize> {
    Prepared::new(
        "UPDATE posts SET replies_count = replies_count + ?, likes_count = likes_count + ?, \
         boosts_count = boosts_count + ? WHERE id = ?",
    )
    .number(replies)
    .number(likes)
    .number(boosts)
    .number(id.0)
    .run(conn)
}
