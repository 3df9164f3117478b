//! Tags that members follow, and tags that they show on their profile.
use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    page::Page,
    schema::{featured_tags, followed_tags, post_tags, posts},
};
use crate::{
    insert_new, on,
    types::{ActorId, FeaturedTagId, Time, Visibility},
};

/// A row of `featured_tags`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = featured_tags)]
pub struct Featured {
    /// Its name in the API.
    pub id: FeaturedTagId,
    /// Whose.
    pub actor_id: ActorId,
    /// In its normal form.
    pub tag: String,
    /// As the member writes it.
    pub written: String,
}

/// Follows a tag; `false` if it is followed.
pub fn follow(conn: &mut Conn, id: i64, actor: ActorId, tag: &str) -> QueryResult<bool> {
    insert_new!(
        conn,
        followed_tags::table,
        (followed_tags::id.eq(id), followed_tags::actor_id.eq(actor), followed_tags::tag.eq(tag))
    )
}

/// Follows a tag no longer.
pub fn unfollow(conn: &mut Conn, actor: ActorId, tag: &str) -> QueryResult<usize> {
    diesel::delete(
        followed_tags::table
            .filter(followed_tags::actor_id.eq(actor).and(followed_tags::tag.eq(tag))),
    )
    .execute(conn)
}

/// The tags a member follows, each with the id by which it is paged.
pub fn followed(conn: &mut Conn, actor: ActorId, page: &Page) -> QueryResult<Vec<(i64, String)>> {
    let query = followed_tags::table
        .filter(followed_tags::actor_id.eq(actor))
        .select((followed_tags::id, followed_tags::tag))
        .into_boxed();
    crate::paged!(query, followed_tags::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// All tags that a member follows.
pub fn all_followed(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<String>> {
    followed_tags::table
        .filter(followed_tags::actor_id.eq(actor))
        .select(followed_tags::tag)
        .load(conn)
}

/// How many tags a member follows.
pub fn count_followed(conn: &mut Conn, actor: ActorId) -> QueryResult<i64> {
    followed_tags::table.filter(followed_tags::actor_id.eq(actor)).count().get_result(conn)
}

/// Which of `tags` a member follows.
pub fn followed_among(
    conn: &mut Conn,
    actor: ActorId,
    tags: &[String],
) -> QueryResult<Vec<String>> {
    on!(conn, c => followed_tags::table
        .filter(followed_tags::actor_id.eq(actor))
        .filter(followed_tags::tag.among(tags.iter().map(String::as_str)))
        .select(followed_tags::tag)
        .load(c))
}

/// Shows a tag on the member's profile; `false` if it is there.
pub fn feature(conn: &mut Conn, row: &Featured) -> QueryResult<bool> {
    insert_new!(conn, featured_tags::table, row)
}

/// Takes a tag off the profile.
pub fn unfeature(conn: &mut Conn, actor: ActorId, id: FeaturedTagId) -> QueryResult<usize> {
    diesel::delete(featured_tags::table.find(id).filter(featured_tags::actor_id.eq(actor)))
        .execute(conn)
}

/// The tags that an account shows.
pub fn featured(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<Featured>> {
    on!(conn, c => featured_tags::table
        .filter(featured_tags::actor_id.eq(actor))
        .order(featured_tags::id.asc())
        .select(Featured::as_select())
        .load(c))
}

/// How many open posts of an account have a tag, and when the last was written.
pub fn used_by(conn: &mut Conn, actor: ActorId, tag: &str) -> QueryResult<(i64, Option<Time>)> {
    let all = || {
        post_tags::table
            .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
            .filter(post_tags::tag.eq(tag.to_owned()).and(posts::author_id.eq(actor)))
            .filter(posts::deleted_at.is_null())
            .filter(posts::visibility.among([Visibility::Public, Visibility::Unlisted]))
    };
    let count = all().count().get_result(conn)?;
    let last = all().select(diesel::dsl::max(posts::created_at)).first(conn)?;
    Ok((count, last))
}

/// The tags that somebody used most in their last `recent` open posts, the most used first; for
/// suggestions.
pub fn recent_of(conn: &mut Conn, actor: ActorId, recent: i64) -> QueryResult<Vec<String>> {
    let ids: Vec<crate::types::PostId> = posts::table
        .filter(posts::author_id.eq(actor).and(posts::deleted_at.is_null()))
        .filter(posts::visibility.among([Visibility::Public, Visibility::Unlisted]))
        .order(posts::id.desc())
        .limit(recent)
        .select(posts::id)
        .load(conn)?;
    let rows: Vec<String> = on!(conn, c => post_tags::table
        .filter(post_tags::post_id.among(ids.iter().copied()))
        .select(post_tags::tag)
        .load(c))?;
    let mut counted: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for tag in rows {
        *counted.entry(tag).or_default() += 1;
    }
    let mut counted: Vec<(String, usize)> = counted.into_iter().collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(counted.into_iter().map(|(tag, _)| tag).collect())
}

/// All tags of somebody who is gone.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<()> {
    diesel::delete(followed_tags::table.filter(followed_tags::actor_id.eq(actor))).execute(conn)?;
    diesel::delete(featured_tags::table.filter(featured_tags::actor_id.eq(actor)))
        .execute(conn)
        .map(drop)
}
