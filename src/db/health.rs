//! How groups are doing, as last computed.
use diesel::prelude::*;

use super::{Conn, schema::health_reports};
use crate::{
    on,
    types::{ActorId, Time},
};

/// A row of `health_reports`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = health_reports)]
pub struct HealthReport {
    /// Of which group.
    pub group_id: ActorId,
    /// Entries of the ledger that it rests on.
    pub size: i64,
    /// The time it speaks of.
    pub as_of: Time,
    /// JSON, as `health::Report` writes it.
    pub report: String,
}

/// The report that was computed last.
pub fn last(conn: &mut Conn, group: ActorId) -> QueryResult<Option<HealthReport>> {
    on!(conn, c => health_reports::table
        .find(group)
        .select(HealthReport::as_select())
        .first(c)
        .optional())
}

/// Keeps a report instead of the one before.
pub fn set(conn: &mut Conn, report: &HealthReport) -> QueryResult<usize> {
    on!(conn, c => diesel::insert_into(health_reports::table)
        .values(report)
        .on_conflict(health_reports::group_id)
        .do_update()
        .set(report)
        .execute(c))
}
