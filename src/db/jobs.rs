//! Work to do later, kept with the data it belongs to.
use diesel::prelude::*;

use super::{Conn, among::Among as _, schema::jobs};
use crate::{
    insert_new, on,
    types::{JobId, Time},
};

/// A row of `jobs`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs)]
#[diesel(treat_none_as_default_value = false)]
pub struct Job {
    /// Our name for it.
    pub id: JobId,
    /// JSON of `tasks::Task`.
    pub task: String,
    /// Two jobs with the same key are one job.
    pub dedup: String,
    /// How often it was begun.
    pub attempts: i32,
    /// Not before this.
    pub due_at: Time,
    /// Why the last attempt failed.
    pub last_error: String,
}

/// A new job; `false` if it is there already.
pub fn insert(conn: &mut Conn, job: &Job) -> QueryResult<bool> {
    insert_new!(conn, jobs::table, job)
}

/// Takes due jobs, hiding them from other workers until `lease_until`.
pub fn claim(conn: &mut Conn, now: Time, lease_until: Time, limit: i64) -> QueryResult<Vec<Job>> {
    let due: Vec<Job> = match conn {
        Conn::Postgres(c) => jobs::table
            .filter(jobs::due_at.le(now))
            .order((jobs::due_at, jobs::id))
            .limit(limit)
            .select(Job::as_select())
            .for_update()
            .skip_locked()
            .load(c)?,
        Conn::Sqlite(c) => jobs::table
            .filter(jobs::due_at.le(now))
            .order((jobs::due_at, jobs::id))
            .limit(limit)
            .select(Job::as_select())
            .load(c)?,
    };
    let ids: Vec<JobId> = due.iter().map(|job| job.id).collect();
    diesel::update(jobs::table.filter(jobs::id.among(ids.iter().copied())))
        .set((jobs::due_at.eq(lease_until), jobs::attempts.eq(jobs::attempts + 1)))
        .execute(conn)?;
    Ok(due)
}

/// Whether anything is due.
pub fn is_due(conn: &mut Conn, now: Time) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(jobs::table.filter(jobs::due_at.le(now)).select(jobs::id)))
        .get_result(c))
}

/// Done.
pub fn delete(conn: &mut Conn, id: JobId) -> QueryResult<usize> {
    diesel::delete(jobs::table.find(id)).execute(conn)
}

/// Puts a job off.
pub fn postpone(conn: &mut Conn, id: JobId, until: Time, error: &str) -> QueryResult<usize> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::due_at.eq(until),
            jobs::last_error.eq(error.chars().take(500).collect::<String>()),
        ))
        .execute(conn)
}

/// How many wait, due or not.
pub fn waiting(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, c => jobs::table.count().get_result(c))
}
