//! What people report to stewards and operators.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    page::Page,
    schema::{report_posts, reports},
};
use crate::types::{ActorId, PostId, Time};

/// A row of `reports`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = reports)]
#[diesel(treat_none_as_default_value = false)]
pub struct Report {
    /// Lists are paged by it.
    pub id: i64,
    /// Id of the Flag, where it came from elsewhere.
    pub ap_id: Option<String>,
    /// Who reports; from elsewhere often just a server.
    pub reporter_id: ActorId,
    /// Who is reported.
    pub target_id: ActorId,
    /// Whose stewards are asked; none: the operators.
    pub group_id: Option<ActorId>,
    /// spam, legal, violation or other.
    pub category: String,
    /// Plain text.
    pub comment: String,
    /// Other servers are told.
    pub forwarded: bool,
    /// When.
    pub created_at: Time,
    /// When it was dealt with.
    pub resolved_at: Option<Time>,
    /// By whom.
    pub resolved_by: Option<ActorId>,
}

/// A new report about posts, or about nobody's posts in particular.
pub fn insert(conn: &mut Conn, report: &Report, posts: &[PostId]) -> QueryResult<()> {
    diesel::insert_into(reports::table).values(report).execute(conn)?;
    for post in posts {
        diesel::insert_into(report_posts::table)
            .values((report_posts::report_id.eq(report.id), report_posts::post_id.eq(*post)))
            .execute(conn)?;
    }
    Ok(())
}

/// The report of an id.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Report>> {
    reports::table.find(id).select(Report::as_select()).first(conn).optional()
}

/// The report that came with a Flag.
pub fn by_ap_id(conn: &mut Conn, ap_id: &str) -> QueryResult<Option<Report>> {
    reports::table
        .filter(reports::ap_id.eq(ap_id))
        .select(Report::as_select())
        .first(conn)
        .optional()
}

/// Reports for the stewards of a group.
pub fn of_group(conn: &mut Conn, group: ActorId, page: &Page) -> QueryResult<Vec<Report>> {
    let query =
        reports::table.filter(reports::group_id.eq(group)).select(Report::as_select()).into_boxed();
    crate::paged!(query, reports::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// The posts that each of `ids` is about.
pub fn posts_of(conn: &mut Conn, ids: &[i64]) -> QueryResult<BTreeMap<i64, Vec<PostId>>> {
    let rows: Vec<(i64, PostId)> = report_posts::table
        .filter(report_posts::report_id.eq_any(ids.to_vec()))
        .order((report_posts::report_id, report_posts::post_id))
        .load(conn)?;
    let mut all: BTreeMap<i64, Vec<PostId>> = BTreeMap::new();
    for (report, post) in rows {
        all.entry(report).or_default().push(post);
    }
    Ok(all)
}

/// It was dealt with; `0` if it was already.
pub fn resolve(conn: &mut Conn, id: i64, by: ActorId, now: Time) -> QueryResult<usize> {
    diesel::update(reports::table.find(id).filter(reports::resolved_at.is_null()))
        .set((reports::resolved_at.eq(now), reports::resolved_by.eq(by)))
        .execute(conn)
}
