//! Permissions to quote.
use diesel::prelude::*;

use super::{Conn, schema::quote_stamps};
use crate::types::{PostId, Time};

/// A row of `quote_stamps`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = quote_stamps)]
#[diesel(treat_none_as_default_value = false)]
pub struct Stamp {
    /// Our name for it; a part of its address.
    pub id: i64,
    /// What may be quoted.
    pub post_id: PostId,
    /// In which post.
    pub quote_uri: String,
    /// When it was given.
    pub created_at: Time,
}

/// The permission for a quote; given now if there was none.
pub fn give(conn: &mut Conn, stamp: &Stamp) -> QueryResult<Stamp> {
    crate::insert_new!(conn, quote_stamps::table, stamp)?;
    quote_stamps::table
        .filter(quote_stamps::post_id.eq(stamp.post_id))
        .filter(quote_stamps::quote_uri.eq(&stamp.quote_uri))
        .select(Stamp::as_select())
        .first(conn)
}

/// The permission of an id.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Stamp>> {
    quote_stamps::table.find(id).select(Stamp::as_select()).first(conn).optional()
}
