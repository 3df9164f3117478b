//! Whom the operator declares as their own. Who is staff in all, operators with them, says
//! [`members::staff_among`](super::members::staff_among).
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    schema::{actors, staff},
};
use crate::{
    insert_new, on,
    types::{ActorId, Time},
};

/// A row of `staff`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff)]
#[diesel(treat_none_as_default_value = false)]
pub struct Declared {
    /// Who is staff, here or elsewhere.
    pub actor_id: ActorId,
    /// Since when.
    pub since: Time,
    /// Which operator said so; none for the command line.
    pub declared_by: Option<ActorId>,
}

/// Declares somebody; `false` if they are declared.
pub fn declare(conn: &mut Conn, row: &Declared) -> QueryResult<bool> {
    insert_new!(conn, staff::table, row)
}

/// Ends a declaration.
pub fn end(conn: &mut Conn, actor: ActorId) -> QueryResult<usize> {
    diesel::delete(staff::table.find(actor)).execute(conn)
}

/// Who is declared, the longest first; at most `limit`.
pub fn list(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(Declared, Actor)>> {
    on!(conn, c => staff::table
        .inner_join(actors::table.on(actors::id.eq(staff::actor_id)))
        .filter(actors::deleted_at.is_null())
        .order((staff::since.asc(), staff::actor_id.asc()))
        .limit(limit)
        .select((Declared::as_select(), Actor::as_select()))
        .load(c))
}
