//! Links that open an account's door once, and addresses that wait to be confirmed. Only a hash of a
//! link is kept.
use diesel::prelude::*;

use super::{
    Conn,
    schema::{account_links, address_changes},
};
use crate::{
    on,
    types::{ActorId, Time},
};

/// A row of `account_links`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_links)]
pub struct AccountLink {
    /// Hex SHA-256 of the token in the link.
    pub token_hash: String,
    /// Whose account.
    pub actor_id: ActorId,
    /// `confirm` or `reset`.
    pub purpose: String,
    /// The address it was sent to, lower case; empty where an operator handed it out.
    pub email_key: String,
    /// When it was made.
    pub created_at: Time,
    /// Until when it works.
    pub expires_at: Time,
}

/// A row of `address_changes`: a member wants another e-mail address.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = address_changes)]
pub struct AddressChange {
    /// Our name for it.
    pub id: i64,
    /// Who.
    pub actor_id: ActorId,
    /// The address that holds until then.
    pub former: String,
    /// The one they want, as they wrote it.
    pub email: String,
    /// When they asked.
    pub created_at: Time,
    /// Confirmed, or asked anew.
    pub settled: bool,
}

/// A new link.
pub fn insert(conn: &mut Conn, link: &AccountLink) -> QueryResult<usize> {
    diesel::insert_into(account_links::table).values(link).execute(conn)
}

/// The link of a token, if it works.
pub fn by_hash(
    conn: &mut Conn,
    hash: &str,
    purpose: &str,
    now: Time,
) -> QueryResult<Option<AccountLink>> {
    on!(conn, c => account_links::table
        .find(hash)
        .filter(account_links::purpose.eq(purpose).and(account_links::expires_at.gt(now)))
        .select(AccountLink::as_select())
        .first(c)
        .optional())
}

/// Uses a link up, and with it all others of its purpose; `false` where it was used meanwhile.
pub fn take(conn: &mut Conn, link: &AccountLink) -> QueryResult<bool> {
    let taken = diesel::delete(account_links::table.find(&link.token_hash)).execute(conn)?;
    forget(conn, link.actor_id, &link.purpose)?;
    Ok(taken == 1)
}

/// Ends every link of this purpose to an account.
pub fn forget(conn: &mut Conn, id: ActorId, purpose: &str) -> QueryResult<usize> {
    let links = account_links::table.filter(account_links::actor_id.eq(id));
    diesel::delete(links.filter(account_links::purpose.eq(purpose))).execute(conn)
}

/// How many links of this purpose were made for an account since then.
pub fn count_since(conn: &mut Conn, id: ActorId, purpose: &str, since: Time) -> QueryResult<i64> {
    account_links::table
        .filter(account_links::actor_id.eq(id).and(account_links::purpose.eq(purpose)))
        .filter(account_links::created_at.gt(since))
        .count()
        .get_result(conn)
}

/// A member asks for another address; what they asked before counts no more.
pub fn ask_change(conn: &mut Conn, change: &AddressChange) -> QueryResult<usize> {
    settle_changes(conn, change.actor_id)?;
    diesel::insert_into(address_changes::table).values(change).execute(conn)
}

/// The change of a number.
pub fn change_by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<AddressChange>> {
    on!(conn, c => address_changes::table
        .find(id)
        .select(AddressChange::as_select())
        .first(c)
        .optional())
}

/// The change that waits to be confirmed.
pub fn open_change(conn: &mut Conn, id: ActorId) -> QueryResult<Option<AddressChange>> {
    on!(conn, c => address_changes::table
        .filter(address_changes::actor_id.eq(id).and(address_changes::settled.eq(false)))
        .order(address_changes::id.desc())
        .select(AddressChange::as_select())
        .first(c)
        .optional())
}

/// No change of this member waits any more.
pub fn settle_changes(conn: &mut Conn, id: ActorId) -> QueryResult<usize> {
    diesel::update(address_changes::table.filter(address_changes::actor_id.eq(id)))
        .set(address_changes::settled.eq(true))
        .execute(conn)
}

/// Erases everything of a member who goes.
pub fn erase(conn: &mut Conn, id: ActorId) -> QueryResult<usize> {
    diesel::delete(account_links::table.filter(account_links::actor_id.eq(id))).execute(conn)?;
    diesel::delete(address_changes::table.filter(address_changes::actor_id.eq(id))).execute(conn)
}

/// Forgets links that ended, and changes older than `old`.
pub fn prune(conn: &mut Conn, now: Time, old: Time) -> QueryResult<usize> {
    diesel::delete(account_links::table.filter(account_links::expires_at.le(now))).execute(conn)?;
    diesel::delete(address_changes::table.filter(address_changes::created_at.le(old))).execute(conn)
}
