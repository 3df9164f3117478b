//! Copies of files of other servers.
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};

use super::{Conn, among::Among as _, schema::cached_files};
use crate::{on, types::Time};

/// A row of `cached_files`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cached_files)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct CachedFile {
    /// SHA-256 of its address, hex.
    pub digest: String,
    /// Of the copy, in the store; none where it could not be fetched.
    pub path: Option<String>,
    /// Of the copy.
    pub size_bytes: i64,
    /// When it was.
    pub fetched_at: Time,
    /// When somebody last wanted it, exact to the hour.
    pub used_at: Time,
    /// Where it could not be fetched: not before this.
    pub retry_at: Time,
}

/// What is known of an address.
pub fn find(conn: &mut Conn, digest: &str) -> QueryResult<Option<CachedFile>> {
    on!(conn, c => cached_files::table
        .find(digest)
        .select(CachedFile::as_select())
        .first(c)
        .optional())
}

/// Writes down what became of fetching.
pub fn set(conn: &mut Conn, row: &CachedFile) -> QueryResult<usize> {
    on!(conn, c => diesel::insert_into(cached_files::table)
        .values(row)
        .on_conflict(cached_files::digest)
        .do_update()
        .set(row)
        .execute(c))
}

/// Somebody wanted it.
pub fn used(conn: &mut Conn, digest: &str, now: Time) -> QueryResult<usize> {
    diesel::update(cached_files::table.find(digest))
        .set(cached_files::used_at.eq(now))
        .execute(conn)
}

/// Bytes of all copies together.
pub fn total_bytes(conn: &mut Conn) -> QueryResult<i64> {
    cached_files::table
        .select(sql::<BigInt>("CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT)"))
        .first(conn)
}

/// Those that were fetched before `before`, oldest first.
pub fn older(conn: &mut Conn, before: Time, limit: i64) -> QueryResult<Vec<CachedFile>> {
    on!(conn, c => cached_files::table
        .filter(cached_files::fetched_at.lt(before))
        .order(cached_files::fetched_at)
        .limit(limit)
        .select(CachedFile::as_select())
        .load(c))
}

/// Those that nobody wanted for longest.
pub fn least_used(conn: &mut Conn, limit: i64) -> QueryResult<Vec<CachedFile>> {
    on!(conn, c => cached_files::table
        .filter(cached_files::path.is_not_null())
        .order((cached_files::used_at, cached_files::digest))
        .limit(limit)
        .select(CachedFile::as_select())
        .load(c))
}

/// Forgets these.
pub fn delete(conn: &mut Conn, digests: &[String]) -> QueryResult<usize> {
    diesel::delete(cached_files::table.filter(cached_files::digest.among(digests.iter().cloned())))
        .execute(conn)
}
