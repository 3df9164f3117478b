//! The second step of signing in: what the member's app makes codes with, codes for when it is lost,
//! and who is halfway through the door. Of everything but the app's secret only a hash is kept.
use diesel::prelude::*;

use super::{
    Conn,
    schema::{halfway, recovery_codes, second_steps},
};
use crate::{
    insert_new, on,
    types::{ActorId, Time},
};

/// A row of `second_steps`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = second_steps)]
#[diesel(treat_none_as_default_value = false)]
pub struct SecondStep {
    /// Whose.
    pub actor_id: ActorId,
    /// What their app makes codes with, base32. Secret.
    pub secret: String,
    /// Since when it is asked for; none while it is being set up.
    pub on_since: Option<Time>,
    /// The latest time step that a code was taken of.
    pub used_step: i64,
}

/// A row of `halfway`: the password was right.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = halfway)]
pub struct Halfway {
    /// Hex SHA-256 of the cookie.
    pub token_hash: String,
    /// Who signs in.
    pub actor_id: ActorId,
    /// How many codes were wrong.
    pub failures: i32,
    /// Until when a code is taken.
    pub expires_at: Time,
}

/// The second step of a member, set up or not yet.
pub fn of(conn: &mut Conn, id: ActorId) -> QueryResult<Option<SecondStep>> {
    on!(conn, c => second_steps::table.find(id).select(SecondStep::as_select()).first(c).optional())
}

/// Keeps a new one in the place of any that was there.
pub fn put(conn: &mut Conn, step: &SecondStep) -> QueryResult<bool> {
    diesel::delete(second_steps::table.find(step.actor_id)).execute(conn)?;
    insert_new!(conn, second_steps::table, step)
}

/// It is asked for from now on.
pub fn switch_on(conn: &mut Conn, id: ActorId, now: Time) -> QueryResult<usize> {
    diesel::update(second_steps::table.find(id))
        .set(second_steps::on_since.eq(Some(now)))
        .execute(conn)
}

/// Uses a time step up; `false` where it, or a later one, was used before. One statement, so that of
/// two who bring the same code at once one is refused.
pub fn use_step(conn: &mut Conn, id: ActorId, step: i64) -> QueryResult<bool> {
    let unused = second_steps::table.find(id).filter(second_steps::used_step.lt(step));
    Ok(diesel::update(unused).set(second_steps::used_step.eq(step)).execute(conn)? == 1)
}

/// Forgets the second step of a member, with all that belongs to it.
pub fn forget(conn: &mut Conn, id: ActorId) -> QueryResult<usize> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::actor_id.eq(id))).execute(conn)?;
    forget_halfway_of(conn, id)?;
    diesel::delete(second_steps::table.find(id)).execute(conn)
}

/// Replaces a member's recovery codes, given as hashes.
pub fn put_codes(conn: &mut Conn, id: ActorId, hashes: &[String]) -> QueryResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::actor_id.eq(id))).execute(conn)?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::actor_id.eq(id), recovery_codes::code_hash.eq(hash)))
            .execute(conn)?;
    }
    Ok(())
}

/// Uses a recovery code up; `false` where there is none like it.
pub fn take_code(conn: &mut Conn, id: ActorId, hash: &str) -> QueryResult<bool> {
    let code = recovery_codes::table.find((id, hash));
    Ok(diesel::delete(code).execute(conn)? == 1)
}

/// How many recovery codes a member has left.
pub fn codes_left(conn: &mut Conn, id: ActorId) -> QueryResult<i64> {
    recovery_codes::table.filter(recovery_codes::actor_id.eq(id)).count().get_result(conn)
}

/// Somebody is halfway.
pub fn insert_halfway(conn: &mut Conn, row: &Halfway) -> QueryResult<usize> {
    diesel::insert_into(halfway::table).values(row).execute(conn)
}

/// Who is halfway with this cookie.
pub fn halfway_by_hash(conn: &mut Conn, hash: &str, now: Time) -> QueryResult<Option<Halfway>> {
    on!(conn, c => halfway::table
        .find(hash)
        .filter(halfway::expires_at.gt(now))
        .select(Halfway::as_select())
        .first(c)
        .optional())
}

/// Counts one try of a code before it is looked at; `false` where there were `most` already.
pub fn count_try(conn: &mut Conn, hash: &str, most: i32) -> QueryResult<bool> {
    let row = halfway::table.find(hash).filter(halfway::failures.lt(most));
    Ok(diesel::update(row).set(halfway::failures.eq(halfway::failures + 1)).execute(conn)? == 1)
}

/// Nobody is halfway with this cookie any more.
pub fn forget_halfway(conn: &mut Conn, hash: &str) -> QueryResult<usize> {
    diesel::delete(halfway::table.find(hash)).execute(conn)
}

/// Whoever is halfway into this account begins anew.
pub fn forget_halfway_of(conn: &mut Conn, id: ActorId) -> QueryResult<usize> {
    diesel::delete(halfway::table.filter(halfway::actor_id.eq(id))).execute(conn)
}

/// Forgets who never finished.
pub fn prune(conn: &mut Conn, now: Time) -> QueryResult<usize> {
    diesel::delete(halfway::table.filter(halfway::expires_at.le(now))).execute(conn)
}
