//! Accounts that are the same somebody, and who moved from one to another.
use diesel::prelude::*;

use super::{
    Conn,
    schema::{actors, aliases, follows, moves},
};
use crate::types::{ActorId, Time};

/// The other accounts that an actor says are its own.
pub fn of(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<String>> {
    aliases::table
        .filter(aliases::actor_id.eq(actor))
        .order(aliases::uri.asc())
        .select(aliases::uri)
        .load(conn)
}

/// Whether an actor says so of this one.
pub fn has(conn: &mut Conn, actor: ActorId, uri: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(aliases::table.find((actor, uri)).select(aliases::actor_id)))
        .get_result(conn)
}

/// Writes down all that an actor says of itself.
pub fn set(conn: &mut Conn, actor: ActorId, uris: &[String]) -> QueryResult<()> {
    diesel::delete(aliases::table.filter(aliases::actor_id.eq(actor))).execute(conn)?;
    for uri in uris {
        crate::insert_new!(
            conn,
            aliases::table,
            (aliases::actor_id.eq(actor), aliases::uri.eq(uri)),
        )?;
    }
    Ok(())
}

/// When an actor last moved.
pub fn last_move(conn: &mut Conn, actor: ActorId) -> QueryResult<Option<Time>> {
    moves::table
        .filter(moves::actor_id.eq(actor))
        .order(moves::created_at.desc())
        .select(moves::created_at)
        .first(conn)
        .optional()
}

/// Writes a move down.
pub fn insert_move(
    conn: &mut Conn,
    id: i64,
    actor: ActorId,
    target: &str,
    now: Time,
) -> QueryResult<usize> {
    diesel::insert_into(moves::table)
        .values((
            moves::id.eq(id),
            moves::actor_id.eq(actor),
            moves::target_uri.eq(target),
            moves::created_at.eq(now),
        ))
        .execute(conn)
}

/// Local followers of an actor, accepted or waiting; at most `limit`.
pub fn local_followers(
    conn: &mut Conn,
    target: ActorId,
    limit: i64,
) -> QueryResult<Vec<super::follows::Follow>> {
    follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(actors::local))
        .order(follows::id.asc())
        .limit(limit)
        .select(super::follows::Follow::as_select())
        .load(conn)
}
