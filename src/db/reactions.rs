//! Likes (with or without a reaction) and bookmarks.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    page::Page,
    schema::{actors, bookmarks, dislikes, likes, posts},
};
use crate::{
    insert_new, on,
    types::{ActorId, PostId, Time},
};

/// A row of `likes`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = likes)]
#[diesel(treat_none_as_default_value = false)]
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
    /// Of a reaction that is a picture: where that is.
    pub emoji_url: Option<String>,
}

/// The downvote of a post by an actor: its id.
pub fn dislike_by(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<Option<i64>> {
    dislikes::table
        .filter(dislikes::post_id.eq(post).and(dislikes::actor_id.eq(actor)))
        .select(dislikes::id)
        .first(conn)
        .optional()
}

/// What an actor puts on a post once: a downvote, a bookmark.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Lists are paged by it.
    pub id: i64,
    /// Who.
    pub actor_id: ActorId,
    /// On what.
    pub post_id: PostId,
    /// When.
    pub created_at: Time,
}

/// Puts a mark into the table of its kind; `false` if it is there already.
macro_rules! insert_mark {
    ($conn:expr, $marks:ident, $mark:expr) => {
        insert_new!(
            $conn,
            $marks::table,
            (
                $marks::id.eq($mark.id),
                $marks::actor_id.eq($mark.actor_id),
                $marks::post_id.eq($mark.post_id),
                $marks::created_at.eq($mark.created_at),
            ),
        )
    };
}

/// A new downvote; `false` if the actor voted the post down already.
pub fn insert_dislike(conn: &mut Conn, mark: Mark) -> QueryResult<bool> {
    let new = insert_mark!(conn, dislikes, mark)?;
    if new {
        count_dislikes(conn, mark.post_id, 1)?;
    }
    Ok(new)
}

/// Takes a downvote away; its id, if there was one.
pub fn delete_dislike(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<Option<i64>> {
    let known = dislike_by(conn, actor, post)?;
    if let Some(id) = known {
        diesel::delete(dislikes::table.find(id)).execute(conn)?;
        count_dislikes(conn, post, -1)?;
    }
    Ok(known)
}

fn count_dislikes(conn: &mut Conn, post: PostId, by: i64) -> QueryResult<usize> {
    diesel::update(posts::table.find(post))
        .set(posts::dislikes_count.eq(posts::dislikes_count + by))
        .execute(conn)
}

/// Takes every downvote of a post away.
pub fn delete_dislikes_of_post(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(dislikes::table.filter(dislikes::post_id.eq(post))).execute(conn)
}

/// A new like; `false` if the actor likes the post already.
pub fn insert_like(conn: &mut Conn, like: &Like) -> QueryResult<bool> {
    insert_new!(conn, likes::table, like)
}

/// The like of a post by an actor.
pub fn like_by(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<Option<Like>> {
    on!(conn, c => likes::table
        .filter(likes::post_id.eq(post).and(likes::actor_id.eq(actor)))
        .select(Like::as_select())
        .first(c)
        .optional())
}

/// Reactions to a post: likes that are more than one, and who sent them; the newest first.
pub fn reactions_to(conn: &mut Conn, post: PostId, most: i64) -> QueryResult<Vec<(Like, Actor)>> {
    on!(conn, c => likes::table
        .inner_join(actors::table.on(actors::id.eq(likes::actor_id)))
        .filter(likes::post_id.eq(post).and(likes::content.is_not_null()))
        .filter(actors::deleted_at.is_null())
        .order(likes::id.desc())
        .limit(most)
        .select((Like::as_select(), Actor::as_select()))
        .load(c))
}

/// Takes a like away.
pub fn delete_like(conn: &mut Conn, id: i64) -> QueryResult<usize> {
    super::acknowledgements::revoke(conn, id)?;
    diesel::delete(likes::table.find(id)).execute(conn)
}

/// Which of `posts` the actor likes.
pub fn liked_among(conn: &mut Conn, actor: ActorId, posts: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => likes::table
        .filter(likes::actor_id.eq(actor).and(likes::post_id.among(posts.iter().copied())))
        .select(likes::post_id)
        .load(c))
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
pub fn insert_bookmark(conn: &mut Conn, mark: Mark) -> QueryResult<bool> {
    insert_mark!(conn, bookmarks, mark)
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
    on!(conn, c => bookmarks::table
        .filter(bookmarks::actor_id.eq(actor).and(bookmarks::post_id.among(posts.iter().copied())))
        .select(bookmarks::post_id)
        .load(c))
}
