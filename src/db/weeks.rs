//! How lively a node is, by the week.
use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{actors, posts, weeks},
};
use crate::{
    insert_new,
    types::{ActorId, ActorKind, PostId, Time},
};

/// One member more was here in the week that began at `week`.
pub fn add_member(conn: &mut Conn, week: Time) -> QueryResult<()> {
    insert_new!(conn, weeks::table, (weeks::week.eq(week), weeks::members.eq(0)))?;
    diesel::update(weeks::table.find(week))
        .set(weeks::members.eq(weeks::members + 1))
        .execute(conn)
        .map(drop)
}

/// In which weeks since `since` how many members were here; without those in which nobody was.
pub fn members(conn: &mut Conn, since: Time) -> QueryResult<Vec<(Time, i64)>> {
    weeks::table
        .filter(weeks::week.ge(since))
        .order(weeks::week.desc())
        .select((weeks::week, weeks::members))
        .load(conn)
}

/// Forgets what was before `before`.
pub fn prune(conn: &mut Conn, before: Time) -> QueryResult<usize> {
    diesel::delete(weeks::table.filter(weeks::week.lt(before))).execute(conn)
}

/// Ids from `from` to `to`: ids begin with the time.
fn ids(from: Time, to: Time) -> (i64, i64) {
    (from.0.saturating_mul(1 << 16), to.0.saturating_mul(1 << 16))
}

/// How many posts were written here between two times, no boosts.
pub fn posts(conn: &mut Conn, from: Time, to: Time) -> QueryResult<i64> {
    let (from, to) = ids(from, to);
    posts::table
        .filter(posts::local.and(posts::boost_of_id.is_null()))
        .filter(posts::id.ge(PostId(from)))
        .filter(posts::id.lt(PostId(to)))
        .count()
        .get_result(conn)
}

/// How many people came to live here between two times.
pub fn sign_ups(conn: &mut Conn, from: Time, to: Time) -> QueryResult<i64> {
    let (from, to) = ids(from, to);
    actors::table
        .filter(actors::local)
        .filter(actors::kind.among([ActorKind::Person, ActorKind::Service]))
        .filter(actors::id.ge(ActorId(from)))
        .filter(actors::id.lt(ActorId(to)))
        .count()
        .get_result(conn)
}
