//! Receipts that came back from witnesses after a loss: as much of them as the rules ask for.
use diesel::{dsl::count_star, prelude::*};

use super::{Conn, schema::receipts_restored};
use crate::{
    on,
    types::{ActorId, PostId, Time},
};

/// A row of `receipts_restored`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = receipts_restored)]
#[diesel(treat_none_as_default_value = false)]
pub struct Restored {
    /// In which group.
    pub group_id: ActorId,
    /// Which entry of its ledger.
    pub entry: i64,
    /// In which thread, where that is still here.
    pub thread_id: Option<PostId>,
    /// Who helped.
    pub helper_id: ActorId,
    /// Who was helped.
    pub receiver_id: ActorId,
    /// When it was said.
    pub created_at: Time,
}

/// One more.
pub fn insert(conn: &mut Conn, row: &Restored) -> QueryResult<usize> {
    diesel::insert_into(receipts_restored::table).values(row).execute(conn)
}

/// It was taken back later, or erased.
pub fn delete(conn: &mut Conn, group: ActorId, entry: i64) -> QueryResult<usize> {
    diesel::delete(receipts_restored::table.find((group, entry))).execute(conn)
}

/// Those of a pair since `since`.
pub fn of_pair(
    conn: &mut Conn,
    receiver: ActorId,
    helper: ActorId,
    since: Time,
) -> QueryResult<i64> {
    on!(conn, c => receipts_restored::table
        .filter(receipts_restored::receiver_id.eq(receiver))
        .filter(receipts_restored::helper_id.eq(helper))
        .filter(receipts_restored::created_at.gt(since))
        .select(count_star())
        .first(c))
}

/// Those that a receiver gave out since `since`.
pub fn of_receiver(conn: &mut Conn, receiver: ActorId, since: Time) -> QueryResult<i64> {
    on!(conn, c => receipts_restored::table
        .filter(receipts_restored::receiver_id.eq(receiver))
        .filter(receipts_restored::created_at.gt(since))
        .select(count_star())
        .first(c))
}

/// Whether a pair has one in a thread.
pub fn in_thread(
    conn: &mut Conn,
    thread: PostId,
    receiver: ActorId,
    helper: ActorId,
) -> QueryResult<bool> {
    let count: i64 = on!(conn, c => receipts_restored::table
        .filter(receipts_restored::receiver_id.eq(receiver))
        .filter(receipts_restored::helper_id.eq(helper))
        .filter(receipts_restored::thread_id.eq(thread))
        .select(count_star())
        .first(c))?;
    Ok(count > 0)
}
