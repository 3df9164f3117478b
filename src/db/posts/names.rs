//! Whom a post mentions, and its tags.
use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::{
    db::{
        Conn,
        among::Among as _,
        schema::{mentions, post_tags},
    },
    on,
    types::{ActorId, PostId},
};

/// Remembers who is mentioned.
pub fn insert_mentions(conn: &mut Conn, post: PostId, actors: &[ActorId]) -> QueryResult<()> {
    let rows: Vec<_> =
        actors.iter().map(|a| (mentions::post_id.eq(post), mentions::actor_id.eq(*a))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(mentions::table)
        .values(&rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Who is mentioned in each of `posts`.
pub fn mentions_of(
    conn: &mut Conn,
    posts: &[PostId],
) -> QueryResult<BTreeMap<PostId, Vec<ActorId>>> {
    let rows: Vec<(PostId, ActorId)> = mentions::table
        .filter(mentions::post_id.among(posts.iter().copied()))
        .order((mentions::post_id, mentions::actor_id))
        .load(conn)?;
    Ok(gather(rows))
}

/// Whether the actor is mentioned in a post.
pub fn mentions_actor(conn: &mut Conn, post: PostId, actor: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(mentions::table.find((post, actor)))).get_result(c))
}

/// Forgets who is mentioned.
pub fn delete_mentions(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(mentions::table.filter(mentions::post_id.eq(post))).execute(conn)
}

/// Remembers the tags of a post: lower case, and as written.
pub fn insert_tags(conn: &mut Conn, post: PostId, tags: &[(String, String)]) -> QueryResult<()> {
    let rows: Vec<_> = tags
        .iter()
        .map(|(tag, written)| {
            (post_tags::tag.eq(tag), post_tags::post_id.eq(post), post_tags::written.eq(written))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(post_tags::table)
        .values(&rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The tags of each of `posts`: lower case, and as written.
pub fn tags_of(
    conn: &mut Conn,
    posts: &[PostId],
) -> QueryResult<BTreeMap<PostId, Vec<(String, String)>>> {
    let rows: Vec<(PostId, (String, String))> = post_tags::table
        .filter(post_tags::post_id.among(posts.iter().copied()))
        .order((post_tags::post_id, post_tags::tag))
        .select((post_tags::post_id, (post_tags::tag, post_tags::written)))
        .load(conn)?;
    Ok(gather(rows))
}

/// Tags that begin with `prefix` (lower case), the most used first.
pub fn search_tags(conn: &mut Conn, prefix: &str, limit: i64) -> QueryResult<Vec<String>> {
    let pattern =
        format!("{}%", prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    post_tags::table
        .filter(post_tags::tag.like(pattern).escape('\\'))
        .group_by(post_tags::tag)
        .order(diesel::dsl::count(post_tags::post_id).desc())
        .limit(limit)
        .select(post_tags::tag)
        .load(conn)
}

/// Forgets the tags of a post.
pub fn delete_tags(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(post_tags::table.filter(post_tags::post_id.eq(post))).execute(conn)
}

fn gather<K: Ord, V>(rows: Vec<(K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut all: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in rows {
        all.entry(key).or_default().push(value);
    }
    all
}
