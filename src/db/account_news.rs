//! What happened to a member's account, for them alone to see.
use diesel::prelude::*;

use super::{Conn, schema::account_news};
use crate::{
    on,
    types::{ActorId, Time},
};

/// A row of `account_news`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_news)]
pub struct AccountNews {
    /// Our name for it.
    pub id: i64,
    /// Whose account.
    pub actor_id: ActorId,
    /// `domain::account_news::What`, as a word.
    pub what: String,
    /// The browser's word for itself, or empty.
    pub detail: String,
    /// When.
    pub created_at: Time,
}

/// Writes something down.
pub fn insert(conn: &mut Conn, news: &AccountNews) -> QueryResult<usize> {
    diesel::insert_into(account_news::table).values(news).execute(conn)
}

/// What happened lately, newest first.
pub fn of(conn: &mut Conn, id: ActorId, limit: i64) -> QueryResult<Vec<AccountNews>> {
    on!(conn, c => account_news::table
        .filter(account_news::actor_id.eq(id))
        .order(account_news::id.desc())
        .limit(limit)
        .select(AccountNews::as_select())
        .load(c))
}

/// Erases what is known of a member who goes.
pub fn erase(conn: &mut Conn, id: ActorId) -> QueryResult<usize> {
    diesel::delete(account_news::table.filter(account_news::actor_id.eq(id))).execute(conn)
}

/// Forgets what is older than `old`.
pub fn prune(conn: &mut Conn, old: Time) -> QueryResult<usize> {
    diesel::delete(account_news::table.filter(account_news::created_at.le(old))).execute(conn)
}
