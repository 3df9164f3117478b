//! Browser sessions. Only a hash of the cookie is kept.
use diesel::prelude::*;

use super::{Conn, schema::sessions};
use crate::{
    on,
    types::{ActorId, Time},
};

/// A row of `sessions`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
#[diesel(treat_none_as_default_value = false)]
pub struct Session {
    /// Hex SHA-256 of the cookie.
    pub token_hash: String,
    /// Who signed in.
    pub actor_id: ActorId,
    /// What form tokens of this session are made with.
    pub csrf_secret: String,
    /// When signed in.
    pub created_at: Time,
    /// Until when it holds.
    pub expires_at: Time,
    /// Last used, to the hour.
    pub seen_at: Time,
    /// The browser, by its own word.
    pub agent: String,
}

impl Session {
    /// What it is called in lists: the beginning of its hash.
    pub fn short(&self) -> &str {
        self.token_hash.get(..16).unwrap_or(&self.token_hash)
    }
}

/// Most sessions of a member that are listed.
const MOST_LISTED: i64 = 100;

/// The sessions of a member that hold, the last used first.
pub fn of(conn: &mut Conn, actor: ActorId, now: Time) -> QueryResult<Vec<Session>> {
    on!(conn, c => sessions::table
        .filter(sessions::actor_id.eq(actor).and(sessions::expires_at.gt(now)))
        .order((sessions::seen_at.desc(), sessions::token_hash.asc()))
        .limit(MOST_LISTED)
        .select(Session::as_select())
        .load(c))
}

/// The session of a cookie, if it holds.
pub fn by_hash(conn: &mut Conn, hash: &str, now: Time) -> QueryResult<Option<Session>> {
    on!(conn, c => sessions::table
        .find(hash)
        .filter(sessions::expires_at.gt(now))
        .select(Session::as_select())
        .first(c)
        .optional())
}

/// A new session.
pub fn insert(conn: &mut Conn, session: &Session) -> QueryResult<usize> {
    diesel::insert_into(sessions::table).values(session).execute(conn)
}

/// Notes that a session is in use, and for how long it holds now.
pub fn touch(conn: &mut Conn, hash: &str, now: Time, expires_at: Time) -> QueryResult<usize> {
    diesel::update(sessions::table.find(hash))
        .set((sessions::seen_at.eq(now), sessions::expires_at.eq(expires_at)))
        .execute(conn)
}

/// Ends one session.
pub fn delete(conn: &mut Conn, hash: &str) -> QueryResult<usize> {
    diesel::delete(sessions::table.find(hash)).execute(conn)
}

/// Ends every session of an actor but `keep`.
pub fn delete_of_actor(conn: &mut Conn, actor: ActorId, keep: Option<&str>) -> QueryResult<usize> {
    diesel::delete(
        sessions::table
            .filter(sessions::actor_id.eq(actor))
            .filter(sessions::token_hash.ne(keep.unwrap_or_default().to_owned())),
    )
    .execute(conn)
}

/// Forgets what has expired.
pub fn prune(conn: &mut Conn, now: Time) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(conn)
}
