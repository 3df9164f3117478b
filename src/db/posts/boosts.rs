//! Posts passed on.
use diesel::prelude::*;

use crate::{
    db::{Conn, among::Among as _, page::Page, posts::Post, schema::posts},
    on,
    types::{ActorId, PostId},
};

/// The boost of `original` by `actor`, if there is one.
pub fn boost_by(conn: &mut Conn, actor: ActorId, original: PostId) -> QueryResult<Option<Post>> {
    on!(conn, c => posts::table
        .filter(posts::boost_of_id.eq(original).and(posts::author_id.eq(actor)))
        .filter(posts::deleted_at.is_null())
        .select(Post::as_select())
        .first(c)
        .optional())
}

/// Every boost of `original` that stands.
pub fn boosts_of(conn: &mut Conn, original: PostId) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::boost_of_id.eq(original).and(posts::deleted_at.is_null()))
        .select(Post::as_select())
        .load(c))
}

/// Who boosted a post; paged by the boost's id.
pub fn boosters(conn: &mut Conn, post: PostId, page: &Page) -> QueryResult<Vec<(i64, ActorId)>> {
    let query = posts::table
        .filter(posts::boost_of_id.eq(post).and(posts::deleted_at.is_null()))
        .select((posts::id, posts::author_id))
        .into_boxed();
    let rows: Vec<(PostId, ActorId)> = crate::paged!(query, posts::id, page).load(conn)?;
    Ok(page.in_order(rows.into_iter().map(|(id, actor)| (id.0, actor)).collect()))
}

/// Which of `ids` the actor boosted: original and boost.
pub fn boosted_by(conn: &mut Conn, actor: ActorId, ids: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => posts::table
        .filter(posts::author_id.eq(actor).and(posts::deleted_at.is_null()))
        .filter(posts::boost_of_id.among(ids.iter().copied()))
        .select(posts::boost_of_id.assume_not_null())
        .load(c))
}
