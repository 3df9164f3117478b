//! Likes (with or without a reaction) and bookmarks.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    insert_once,
    page::Page,
    schema::{actors, bookmarks, likes},
};
use crate::types::{ActorId, PostId, Time};

/// A row of `likes`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = likes)]
pub struct Like {
    /// Lists are paged by it.
    pub id: i64,
    /// Who likes.
    pub actor_id: ActorId,
    /// What.
    pub post_id: PostId,
    /// Id of the activity, where it has one.
    pub ap_id: Option<String>,
    /// The reaction, where it is more than a like.
    pub content: Option<String>,
    /// When.
    pub created_at: Time,
}

/// A new like; `false` if the actor likes the post already.
pub fn insert_like(conn: &mut Conn, like: &Like) -> QueryResult<bool> {
    insert_once(conn, |conn| diesel::insert_into(likes::table).values(like).execute(conn))
}

/// The like of a post by an actor.
pub fn like_by(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<Option<Like>> {
    likes::table
        .filter(likes::post_id.eq(post).and(likes::actor_id.eq(actor)))
        .select(Like::as_select())
        .first(conn)
        .optional()
}

/// Takes a like away.
pub fn delete_like(conn: &mut Conn, id: i64) -> QueryResult<usize> {
    diesel::delete(likes::table.find(id)).execute(conn)
}

/// Which of `posts` the actor likes.
pub fn liked_among(conn: &mut Conn, actor: ActorId, posts: &[PostId]) -> QueryResult<Vec<PostId>> {
    likes::table
        .filter(likes::actor_id.eq(actor).and(likes::post_id.among(posts.iter().copied())))
        .select(likes::post_id)
        .load(conn)
}

/// Who likes a post, with the like's id.
pub fn likers(conn: &mut Conn, post: PostId, page: &Page) -> QueryResult<Vec<(i64, Actor)>> {
    let query = likes::table
        .inner_join(actors::table.on(actors::id.eq(likes::actor_id)))
        .filter(likes::post_id.eq(post).and(actors::deleted_at.is_null()))
        .select((likes::id, Actor::as_select()))
        .into_boxed();
    crate::paged!(query, likes::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Takes every like of a post away.
pub fn delete_likes_of_post(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(likes::table.filter(likes::post_id.eq(post))).execute(conn)
}

/// Bookmarks a post; `false` if it is already.
pub fn insert_bookmark(
    conn: &mut Conn,
    id: i64,
    actor: ActorId,
    post: PostId,
    now: Time,
) -> QueryResult<bool> {
    insert_once(conn, |conn| {
        diesel::insert_into(bookmarks::table)
            .values((
                bookmarks::id.eq(id),
                bookmarks::actor_id.eq(actor),
                bookmarks::post_id.eq(post),
                bookmarks::created_at.eq(now),
            ))
            .execute(conn)
    })
}

/// Takes a bookmark away.
pub fn delete_bookmark(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<usize> {
    diesel::delete(
        bookmarks::table.filter(bookmarks::post_id.eq(post).and(bookmarks::actor_id.eq(actor))),
    )
    .execute(conn)
}

/// Which of `posts` the actor bookmarked.
pub fn bookmarked_among(
    conn: &mut Conn,
    actor: ActorId,
    posts: &[PostId],
) -> QueryResult<Vec<PostId>> {
    bookmarks::table
        .filter(bookmarks::actor_id.eq(actor).and(bookmarks::post_id.among(posts.iter().copied())))
        .select(bookmarks::post_id)
        .load(conn)
}
