//! Permissions to answer.
use diesel::prelude::*;

use super::{Conn, schema::reply_approvals};
use crate::types::{PostId, Time};

/// A row of `reply_approvals`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = reply_approvals)]
#[diesel(treat_none_as_default_value = false)]
pub struct Approval {
    /// Our name for it; a part of its address.
    pub id: i64,
    /// What may be answered.
    pub post_id: PostId,
    /// By which post.
    pub reply_uri: String,
    /// When it was given.
    pub created_at: Time,
}

/// The permission for an answer; given now if there was none.
pub fn give(conn: &mut Conn, approval: &Approval) -> QueryResult<Approval> {
    crate::insert_new!(conn, reply_approvals::table, approval)?;
    reply_approvals::table
        .filter(reply_approvals::post_id.eq(approval.post_id))
        .filter(reply_approvals::reply_uri.eq(&approval.reply_uri))
        .select(Approval::as_select())
        .first(conn)
}

/// The permission of an id.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Approval>> {
    reply_approvals::table.find(id).select(Approval::as_select()).first(conn).optional()
}
