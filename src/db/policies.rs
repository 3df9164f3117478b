//! Who may do what with a post, where its author said so.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Conn, among::Among as _, schema::policies};
use crate::types::PostId;

/// A row of `policies`: lists of ids as JSON; nothing means everyone.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = policies)]
#[diesel(treat_none_as_default_value = false)]
pub struct Policy {
    /// Of which post.
    pub post_id: PostId,
    /// Who may answer at once.
    pub can_reply: Option<String>,
    /// Who may pass it on at once.
    pub can_announce: Option<String>,
    /// Who may quote it at once. Of a post from elsewhere nothing means that nobody was said to.
    pub can_quote: Option<String>,
    /// Who may answer once its author has said yes.
    pub ask_reply: Option<String>,
    /// Who may quote it once its author has said yes.
    pub ask_quote: Option<String>,
}

/// The policy of a post, if it has one.
pub fn of(conn: &mut Conn, post: PostId) -> QueryResult<Option<Policy>> {
    policies::table.find(post).select(Policy::as_select()).first(conn).optional()
}

/// The policies of those of `posts` that have one.
pub fn of_posts(conn: &mut Conn, posts: &[PostId]) -> QueryResult<BTreeMap<PostId, Policy>> {
    let rows: Vec<Policy> = policies::table
        .filter(policies::post_id.among(posts.iter().copied()))
        .select(Policy::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|policy| (policy.post_id, policy)).collect())
}

/// Writes the policy of a new post down.
pub fn insert(conn: &mut Conn, policy: &Policy) -> QueryResult<bool> {
    crate::insert_new!(conn, policies::table, policy)
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
