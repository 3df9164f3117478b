//! How often signing in failed lately, by whatever is counted.
use diesel::prelude::*;

use super::{Conn, schema::sign_in_tries};
use crate::{insert_new, on, types::Time};

/// A row of `sign_in_tries`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_tries)]
pub struct Tries {
    /// Hex SHA-256 of what is counted.
    pub subject: String,
    /// How many in a row, the one under way counted.
    pub failures: i32,
    /// The last one.
    pub last_at: Time,
    /// When the next one is taken.
    pub free_at: Time,
}

/// How it stands with a subject, which nobody else changes until this transaction ends.
pub fn hold(conn: &mut Conn, subject: &str, now: Time) -> QueryResult<Tries> {
    let none =
        Tries { subject: subject.to_owned(), failures: 0, last_at: now, free_at: Time::default() };
    insert_new!(conn, sign_in_tries::table, &none)?;
    // Writing a row locks it: on PostgreSQL two at once would both read the same number.
    diesel::update(sign_in_tries::table.find(subject))
        .set(sign_in_tries::failures.eq(sign_in_tries::failures))
        .execute(conn)?;
    on!(conn, c => sign_in_tries::table.find(subject).select(Tries::as_select()).first(c))
}

/// Writes down how it stands now.
pub fn put(conn: &mut Conn, tries: &Tries) -> QueryResult<usize> {
    diesel::update(sign_in_tries::table.find(&tries.subject))
        .set((
            sign_in_tries::failures.eq(tries.failures),
            sign_in_tries::last_at.eq(tries.last_at),
            sign_in_tries::free_at.eq(tries.free_at),
        ))
        .execute(conn)
}

/// Forgets a subject.
pub fn forget(conn: &mut Conn, subject: &str) -> QueryResult<usize> {
    diesel::delete(sign_in_tries::table.find(subject)).execute(conn)
}

/// One try of a subject did not fail after all.
pub fn take_back(conn: &mut Conn, subject: &str) -> QueryResult<usize> {
    diesel::update(sign_in_tries::table.find(subject).filter(sign_in_tries::failures.gt(0)))
        .set((
            sign_in_tries::failures.eq(sign_in_tries::failures - 1),
            sign_in_tries::free_at.eq(Time::default()),
        ))
        .execute(conn)
}

/// Forgets those whose last try is older than `old`.
pub fn prune(conn: &mut Conn, old: Time) -> QueryResult<usize> {
    diesel::delete(sign_in_tries::table.filter(sign_in_tries::last_at.le(old))).execute(conn)
}
