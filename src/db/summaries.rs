//! What a group says of a month: the sums of it, and that it was said.
use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    Conn,
    posts::Post,
    schema::{actors, group_summaries, ledger_threads, posts, receipts},
};
use crate::{
    insert_new, on,
    types::{ActorId, PostId, Time, Visibility},
};

/// Notes that a month is summed up; `false` if it is already.
pub fn begin(conn: &mut Conn, group: ActorId, due_at: Time) -> QueryResult<bool> {
    insert_new!(
        conn,
        group_summaries::table,
        (group_summaries::group_id.eq(group), group_summaries::due_at.eq(due_at)),
    )
}

/// Notes by which post.
pub fn said(conn: &mut Conn, group: ActorId, due_at: Time, post: PostId) -> QueryResult<usize> {
    diesel::update(group_summaries::table.find((group, due_at)))
        .set(group_summaries::post_id.eq(post))
        .execute(conn)
}

/// Of each ask of a group that began between two times whether it was answered, as the ledger knows.
pub fn asks(conn: &mut Conn, group: ActorId, from: Time, to: Time) -> QueryResult<Vec<bool>> {
    let rows: Vec<(bool, bool)> = on!(conn, c => ledger_threads::table
        .inner_join(posts::table.on(posts::id.eq(ledger_threads::thread_id)))
        .filter(posts::group_id.eq(group).and(posts::is_ask.eq(true)))
        .filter(posts::deleted_at.is_null())
        .filter(posts::created_at.ge(from).and(posts::created_at.lt(to)))
        .select((ledger_threads::by_member, ledger_threads::by_staff))
        .load(c))?;
    Ok(rows.into_iter().map(|(by_member, by_staff)| by_member || by_staff).collect())
}

/// Help that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Helped {
    /// Receipts, without staff's.
    pub receipts: usize,
    /// Different helpers in them.
    pub helpers: usize,
    /// Different people helped in them.
    pub helped: usize,
    /// Receipts with staff on either side.
    pub by_staff: usize,
}

/// The help in a group between two times.
pub fn help(conn: &mut Conn, group: ActorId, from: Time, to: Time) -> QueryResult<Helped> {
    let rows: Vec<(ActorId, ActorId, bool)> = on!(conn, c => receipts::table
        .filter(receipts::group_id.eq(group))
        .filter(receipts::created_at.ge(from).and(receipts::created_at.lt(to)))
        .filter(receipts::counted.eq(true).and(receipts::undone_at.is_null()))
        .select((receipts::helper_id, receipts::receiver_id, receipts::staff))
        .load(c))?;
    let (by_staff, by_members): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.2);
    let different = |people: BTreeSet<ActorId>| people.len();
    Ok(Helped {
        receipts: by_members.len(),
        helpers: different(by_members.iter().map(|row| row.0).collect()),
        helped: different(by_members.iter().map(|row| row.1).collect()),
        by_staff: by_staff.len(),
    })
}

/// Asks since `since` that nobody answered, the newest first: those that everybody may read whom the
/// group is for.
pub fn unanswered(
    conn: &mut Conn,
    group: ActorId,
    private: bool,
    since: Time,
    limit: i64,
) -> QueryResult<Vec<Post>> {
    let seen_by = if private { Visibility::Followers } else { Visibility::Public };
    on!(conn, c => ledger_threads::table
        .inner_join(posts::table.on(posts::id.eq(ledger_threads::thread_id)))
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::group_id.eq(group).and(posts::is_ask.eq(true)))
        .filter(posts::deleted_at.is_null().and(posts::visibility.eq(seen_by)))
        .filter(posts::created_at.ge(since))
        .filter(ledger_threads::by_member.eq(false).and(ledger_threads::by_staff.eq(false)))
        .filter(actors::suspended_at.is_null().and(actors::deleted_at.is_null()))
        .order(posts::id.desc())
        .limit(limit)
        .select(Post::as_select())
        .load(c))
}
