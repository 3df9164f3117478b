//! What must not come twice: a post with the same key, an object that was deleted.
use diesel::prelude::*;

use crate::{
    db::{
        Conn,
        schema::{idempotency_keys, tombstones},
    },
    insert_new, on,
    types::{ActorId, PostId, Time},
};

/// The post that this member already made with this key since `since`.
pub fn by_idempotency_key(
    conn: &mut Conn,
    actor: ActorId,
    key: &str,
    since: Time,
) -> QueryResult<Option<PostId>> {
    on!(conn, c => idempotency_keys::table
        .find((actor, key))
        .filter(idempotency_keys::created_at.ge(since))
        .select(idempotency_keys::post_id)
        .first(c)
        .optional())
}

/// Remembers a key; one older than its hour is replaced.
pub fn insert_idempotency_key(
    conn: &mut Conn,
    actor: ActorId,
    key: &str,
    post: PostId,
    now: Time,
) -> QueryResult<()> {
    diesel::delete(idempotency_keys::table.find((actor, key))).execute(conn)?;
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::actor_id.eq(actor),
            idempotency_keys::idempotency_key.eq(key),
            idempotency_keys::post_id.eq(post),
            idempotency_keys::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets keys older than `before`.
pub fn prune_idempotency_keys(conn: &mut Conn, before: Time) -> QueryResult<usize> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
        .execute(conn)
}

/// Remembers that a remote object was deleted, whether it was here or not.
pub fn insert_tombstone(conn: &mut Conn, ap_id: &str, now: Time) -> QueryResult<bool> {
    insert_new!(
        conn,
        tombstones::table,
        (tombstones::ap_id.eq(ap_id), tombstones::deleted_at.eq(now))
    )
}

/// Whether a remote object was deleted before it came.
pub fn has_tombstone(conn: &mut Conn, ap_id: &str) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(tombstones::table.find(ap_id))).get_result(c))
}

/// Forgets tombstones older than `before`.
pub fn prune_tombstones(conn: &mut Conn, before: Time) -> QueryResult<usize> {
    diesel::delete(tombstones::table.filter(tombstones::deleted_at.lt(before))).execute(conn)
}
