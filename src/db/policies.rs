//! Who may do what with a post, where its author said so.
use diesel::prelude::*;

use super::{Conn, schema::policies};
use crate::types::PostId;

/// A row of `policies`: lists of ids as JSON; nothing means everyone.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = policies)]
pub struct Policy {
    /// Of which post.
    pub post_id: PostId,
    /// Who may answer at once.
    pub can_reply: Option<String>,
    /// Who may pass it on at once.
    pub can_announce: Option<String>,
    /// Who may quote it at once.
    pub can_quote: Option<String>,
}

/// The policy of a post, if it has one.
pub fn of(conn: &mut Conn, post: PostId) -> QueryResult<Option<Policy>> {
    policies::table.find(post).select(Policy::as_select()).first(conn).optional()
}

/// Writes a policy down.
pub fn set(conn: &mut Conn, policy: &Policy) -> QueryResult<()> {
    forget(conn, policy.post_id)?;
    diesel::insert_into(policies::table).values(policy).execute(conn)?;
    Ok(())
}

/// From now on everyone may.
pub fn forget(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(policies::table.find(post)).execute(conn)
}
