//! Invites: who has the code may sign up. Only a hash of it is kept.
use diesel::prelude::*;

use super::{Conn, schema::invites};
use crate::types::{ActorId, Time};

/// A row of `invites`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = invites)]
pub struct Invite {
    /// Hash of the code, hex.
    pub code: String,
    /// Who invites.
    pub inviter_id: ActorId,
    /// How many may still come with it.
    pub uses_left: i32,
    /// Until when it holds.
    pub expires_at: Time,
    /// When it was made.
    pub created_at: Time,
}

impl Invite {
    /// What it is called where the code must not be shown.
    pub fn short(&self) -> &str {
        self.code.get(..10).unwrap_or(&self.code)
    }
}

/// A new invite.
pub fn insert(conn: &mut Conn, invite: &Invite) -> QueryResult<usize> {
    diesel::insert_into(invites::table).values(invite).execute(conn)
}

/// Uses an invite once; who invited, or `None` if it does not hold.
pub fn take(conn: &mut Conn, hash: &str, now: Time) -> QueryResult<Option<ActorId>> {
    diesel::update(
        invites::table
            .filter(invites::code.eq(hash).and(invites::uses_left.gt(0)))
            .filter(invites::expires_at.gt(now)),
    )
    .set(invites::uses_left.eq(invites::uses_left - 1))
    .returning(invites::inviter_id)
    .get_result(conn)
    .optional()
}

/// Invites that still hold, newest first.
pub fn open(conn: &mut Conn, now: Time, limit: i64) -> QueryResult<Vec<Invite>> {
    invites::table
        .filter(invites::uses_left.gt(0).and(invites::expires_at.gt(now)))
        .order(invites::created_at.desc())
        .limit(limit)
        .select(Invite::as_select())
        .load(conn)
}

/// Ends the invite whose hash begins with `short`, which is hex; how many that were.
pub fn delete(conn: &mut Conn, short: &str) -> QueryResult<usize> {
    diesel::delete(invites::table.filter(invites::code.like(format!("{short}%")))).execute(conn)
}
