//! What members here signed: that a reply helped them. Each goes with a like, and ends with it.
use diesel::prelude::*;

use super::{Conn, schema::acknowledgements};
use crate::types::{PostId, Time};

/// A row of `acknowledgements`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = acknowledgements)]
#[diesel(treat_none_as_default_value = false)]
pub struct Acknowledgement {
    /// That of the like.
    pub id: i64,
    /// What helped.
    pub reply_id: PostId,
    /// JSON, with its proof; gone where it was taken back.
    pub document: Option<String>,
    /// When it was signed.
    pub created_at: Time,
}

/// A new one.
pub fn insert(conn: &mut Conn, row: &Acknowledgement) -> QueryResult<usize> {
    diesel::insert_into(acknowledgements::table).values(row).execute(conn)
}

/// The one that goes with a like, taken back or not.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Acknowledgement>> {
    acknowledgements::table.find(id).select(Acknowledgement::as_select()).first(conn).optional()
}

/// Its like is gone: so is what it says.
pub(super) fn revoke(conn: &mut Conn, id: i64) -> QueryResult<usize> {
    diesel::update(acknowledgements::table.find(id))
        .set(acknowledgements::document.eq(None::<String>))
        .execute(conn)
}
