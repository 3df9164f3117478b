//! Blocks and mutes.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    page::Page,
    schema::{actors, blocks, mutes},
};
use crate::{
    insert_new, on,
    types::{ActorId, Time},
};

/// A row of `mutes`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = mutes)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Mute {
    /// Lists are paged by it.
    pub id: i64,
    /// Who mutes.
    pub actor_id: ActorId,
    /// Whom.
    pub target_id: ActorId,
    /// Their notifications too.
    pub notifications: bool,
    /// When it ends.
    pub expires_at: Option<Time>,
    /// Since when.
    pub created_at: Time,
}

/// A new block; `false` if there is one already.
pub fn insert_block(
    conn: &mut Conn,
    id: i64,
    actor: ActorId,
    target: ActorId,
    ap_id: Option<&str>,
    now: Time,
) -> QueryResult<bool> {
    insert_new!(
        conn,
        blocks::table,
        (
            blocks::id.eq(id),
            blocks::actor_id.eq(actor),
            blocks::target_id.eq(target),
            blocks::ap_id.eq(ap_id),
            blocks::created_at.eq(now),
        )
    )
}

/// Ends a block; the id of its activity if there was a block.
pub fn delete_block(
    conn: &mut Conn,
    actor: ActorId,
    target: ActorId,
) -> QueryResult<Option<Option<String>>> {
    let found = blocks::table
        .filter(blocks::actor_id.eq(actor).and(blocks::target_id.eq(target)))
        .select((blocks::id, blocks::ap_id))
        .first::<(i64, Option<String>)>(conn)
        .optional()?;
    if let Some((id, _)) = &found {
        diesel::delete(blocks::table.find(*id)).execute(conn)?;
    }
    Ok(found.map(|(_, ap_id)| ap_id))
}

/// Whether either of two blocks the other.
pub fn blocked_either_way(conn: &mut Conn, a: ActorId, b: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        blocks::table
            .filter(blocks::actor_id.eq(a).and(blocks::target_id.eq(b)))
            .or_filter(blocks::actor_id.eq(b).and(blocks::target_id.eq(a)))
            .select(blocks::id),
    ))
    .get_result(c))
}

/// Whether `actor` blocks `target`.
pub fn blocks(conn: &mut Conn, actor: ActorId, target: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        blocks::table
            .filter(blocks::actor_id.eq(actor).and(blocks::target_id.eq(target)))
            .select(blocks::id),
    ))
    .get_result(c))
}

/// Which of `others` the actor blocks.
pub fn blocked_among(
    conn: &mut Conn,
    actor: ActorId,
    others: &[ActorId],
) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => blocks::table
        .filter(blocks::actor_id.eq(actor).and(blocks::target_id.among(others.iter().copied())))
        .select(blocks::target_id)
        .load(c))
}

/// Which of `others` block the actor.
pub fn blocking_among(
    conn: &mut Conn,
    actor: ActorId,
    others: &[ActorId],
) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => blocks::table
        .filter(blocks::target_id.eq(actor).and(blocks::actor_id.among(others.iter().copied())))
        .select(blocks::actor_id)
        .load(c))
}

/// Whom the actor blocks, with the block's id.
pub fn list_blocks(conn: &mut Conn, actor: ActorId, page: &Page) -> QueryResult<Vec<(i64, Actor)>> {
    let query = blocks::table
        .inner_join(actors::table.on(actors::id.eq(blocks::target_id)))
        .filter(blocks::actor_id.eq(actor))
        .select((blocks::id, Actor::as_select()))
        .into_boxed();
    crate::paged!(query, blocks::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Mutes, or changes a mute.
pub fn set_mute(conn: &mut Conn, mute: &Mute) -> QueryResult<()> {
    delete_mute(conn, mute.actor_id, mute.target_id)?;
    diesel::insert_into(mutes::table).values(mute).execute(conn)?;
    Ok(())
}

/// Ends a mute.
pub fn delete_mute(conn: &mut Conn, actor: ActorId, target: ActorId) -> QueryResult<usize> {
    diesel::delete(mutes::table.filter(mutes::actor_id.eq(actor).and(mutes::target_id.eq(target))))
        .execute(conn)
}

/// The mutes of the actor towards any of `others` that hold.
pub fn muted_among(
    conn: &mut Conn,
    actor: ActorId,
    others: &[ActorId],
    now: Time,
) -> QueryResult<Vec<Mute>> {
    on!(conn, c => mutes::table
        .filter(mutes::actor_id.eq(actor).and(mutes::target_id.among(others.iter().copied())))
        .filter(mutes::expires_at.is_null().or(mutes::expires_at.gt(now)))
        .select(Mute::as_select())
        .load(c))
}

/// Whom the actor mutes, with the mute's id and end.
pub fn list_mutes(
    conn: &mut Conn,
    actor: ActorId,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<(i64, Option<Time>, Actor)>> {
    let query = mutes::table
        .inner_join(actors::table.on(actors::id.eq(mutes::target_id)))
        .filter(mutes::actor_id.eq(actor))
        .filter(mutes::expires_at.is_null().or(mutes::expires_at.gt(now)))
        .select((mutes::id, mutes::expires_at, Actor::as_select()))
        .into_boxed();
    crate::paged!(query, mutes::id, page).load(conn).map(|rows| page.in_order(rows))
}
