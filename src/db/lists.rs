//! Lists of accounts that a member keeps: <https://docs.joinmastodon.org/methods/lists/>
//!
//! A joined group is a list too, but has no row here.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    page::Page,
    schema::{actors, list_members, lists},
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, ListId, Time},
};

text_enum! {
    /// Which replies of those in a list it shows, in Mastodon's words.
    Replies {
        /// Those to anybody the owner follows.
        Followed = "followed",
        /// Those to others in the list.
        List = "list",
        /// None.
        None = "none",
    }
}

/// A row of `lists`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lists)]
pub struct List {
    /// Its name in the API.
    pub id: ListId,
    /// Whose.
    pub owner_id: ActorId,
    /// Plain text.
    pub title: String,
    /// Which replies it shows.
    pub replies: Replies,
    /// What it shows is left out of the owner's home.
    pub exclusive: bool,
    /// When it was made.
    pub created_at: Time,
}

/// A new list.
pub fn insert(conn: &mut Conn, list: &List) -> QueryResult<()> {
    on!(conn, c => diesel::insert_into(lists::table).values(list).execute(c)).map(drop)
}

/// Writes a list anew.
pub fn update(conn: &mut Conn, list: &List) -> QueryResult<usize> {
    diesel::update(lists::table.find(list.id)).set(list).execute(conn)
}

/// A list with all that is in it.
pub fn delete(conn: &mut Conn, id: ListId) -> QueryResult<()> {
    diesel::delete(list_members::table.filter(list_members::list_id.eq(id))).execute(conn)?;
    diesel::delete(lists::table.find(id)).execute(conn).map(drop)
}

/// A list of a member's.
pub fn by_id(conn: &mut Conn, owner: ActorId, id: ListId) -> QueryResult<Option<List>> {
    on!(conn, c => lists::table
        .find(id)
        .filter(lists::owner_id.eq(owner))
        .select(List::as_select())
        .first(c)
        .optional())
}

/// A member's lists, oldest first; `most` of them.
pub fn of_owner(conn: &mut Conn, owner: ActorId, most: i64) -> QueryResult<Vec<List>> {
    on!(conn, c => lists::table
        .filter(lists::owner_id.eq(owner))
        .order(lists::id.asc())
        .limit(most)
        .select(List::as_select())
        .load(c))
}

/// The lists of a member that an account is in.
pub fn with(conn: &mut Conn, owner: ActorId, account: ActorId) -> QueryResult<Vec<List>> {
    on!(conn, c => lists::table
        .inner_join(list_members::table.on(list_members::list_id.eq(lists::id)))
        .filter(lists::owner_id.eq(owner).and(list_members::actor_id.eq(account)))
        .order(lists::id.asc())
        .select(List::as_select())
        .load(c))
}

/// Puts an account in a list; `false` if it is there.
pub fn add(conn: &mut Conn, id: i64, list: ListId, account: ActorId) -> QueryResult<bool> {
    insert_new!(
        conn,
        list_members::table,
        (
            list_members::id.eq(id),
            list_members::list_id.eq(list),
            list_members::actor_id.eq(account),
        )
    )
}

/// Takes accounts out of a list.
pub fn remove(conn: &mut Conn, list: ListId, accounts: &[ActorId]) -> QueryResult<usize> {
    diesel::delete(
        list_members::table
            .filter(list_members::list_id.eq(list))
            .filter(list_members::actor_id.among(accounts.iter().copied())),
    )
    .execute(conn)
}

/// Takes an account out of every list of a member: they follow it no longer.
pub fn remove_everywhere(conn: &mut Conn, owner: ActorId, account: ActorId) -> QueryResult<usize> {
    let mine = lists::table.filter(lists::owner_id.eq(owner)).select(lists::id);
    diesel::delete(
        list_members::table
            .filter(list_members::actor_id.eq(account))
            .filter(list_members::list_id.eq_any(mine)),
    )
    .execute(conn)
}

/// Who is in a list, each with the id by which it is paged.
pub fn accounts(conn: &mut Conn, list: ListId, page: &Page) -> QueryResult<Vec<(i64, Actor)>> {
    let query = list_members::table
        .inner_join(actors::table.on(actors::id.eq(list_members::actor_id)))
        .filter(list_members::list_id.eq(list).and(actors::deleted_at.is_null()))
        .select((list_members::id, Actor::as_select()))
        .into_boxed();
    crate::paged!(query, list_members::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// How many are in a list.
pub fn size(conn: &mut Conn, list: ListId) -> QueryResult<i64> {
    list_members::table.filter(list_members::list_id.eq(list)).count().get_result(conn)
}

/// Every list of somebody who is gone, and them from the lists of others.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<()> {
    let mine = lists::table.filter(lists::owner_id.eq(actor)).select(lists::id);
    diesel::delete(
        list_members::table
            .filter(list_members::actor_id.eq(actor).or(list_members::list_id.eq_any(mine))),
    )
    .execute(conn)?;
    diesel::delete(lists::table.filter(lists::owner_id.eq(actor))).execute(conn).map(drop)
}
