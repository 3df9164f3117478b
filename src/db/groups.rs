//! What makes a local actor of kind Group a community.
use diesel::prelude::*;

use super::{Conn, among::Among as _, schema::groups};
use crate::{
    on,
    types::{ActorId, Time},
};

/// A row of `groups`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = groups)]
#[diesel(treat_none_as_default_value = false)]
pub struct Group {
    /// The actor it is.
    pub actor_id: ActorId,
    /// Why it exists, one sentence, plain text.
    pub purpose: String,
    /// Its rules, plain text; may be empty.
    pub rules: String,
    /// Who founded it.
    pub founder_id: ActorId,
    /// Hashtags that say thanks, lower case, separated by spaces.
    pub thanks_words: String,
    /// Hashtags that mark an ask, lower case, separated by spaces.
    pub ask_words: String,
    /// How long an account must be known here before its thanks count (R4).
    pub min_account_age_days: i32,
    /// When it was founded.
    pub created_at: Time,
    /// It sums up each month in a post of its own.
    pub monthly_summary: bool,
}

impl Group {
    /// Whether one of `tags` (lower case) says thanks here.
    pub fn says_thanks<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> bool {
        tags.into_iter().any(|tag| self.thanks_words.split(' ').any(|word| word == tag))
    }

    /// Whether one of `tags` (lower case) marks an ask here.
    pub fn marks_ask<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> bool {
        tags.into_iter().any(|tag| self.ask_words.split(' ').any(|word| word == tag))
    }
}

/// The group of an actor; `None` for anything else, and for remote groups.
pub fn by_id(conn: &mut Conn, id: ActorId) -> QueryResult<Option<Group>> {
    on!(conn, c => groups::table.find(id).select(Group::as_select()).first(c).optional())
}

/// Those of `ids` that are local groups.
pub fn by_ids(conn: &mut Conn, ids: &[ActorId]) -> QueryResult<Vec<Group>> {
    on!(conn, c => groups::table
        .filter(groups::actor_id.among(ids.iter().copied()))
        .select(Group::as_select())
        .load(c))
}

/// The groups that `actor` looks after, oldest first.
pub fn stewarded_by(conn: &mut Conn, actor: ActorId, limit: i64) -> QueryResult<Vec<ActorId>> {
    groups::table
        .filter(groups::founder_id.eq(actor))
        .order(groups::actor_id.asc())
        .limit(limit)
        .select(groups::actor_id)
        .load(conn)
}

/// A new group.
pub fn insert(conn: &mut Conn, group: &Group) -> QueryResult<usize> {
    diesel::insert_into(groups::table).values(group).execute(conn)
}

/// Writes the row anew.
pub fn update(conn: &mut Conn, group: &Group) -> QueryResult<usize> {
    diesel::update(groups::table.find(group.actor_id)).set(group).execute(conn)
}

/// The groups that sum up their months, oldest first.
pub fn with_summaries(conn: &mut Conn, limit: i64) -> QueryResult<Vec<ActorId>> {
    groups::table
        .filter(groups::monthly_summary.eq(true))
        .order(groups::actor_id.asc())
        .limit(limit)
        .select(groups::actor_id)
        .load(conn)
}

/// How many groups an actor founded here since `since`; for limits.
pub fn founded_since(conn: &mut Conn, founder: ActorId, since: Time) -> QueryResult<i64> {
    on!(conn, c => groups::table
        .filter(groups::founder_id.eq(founder).and(groups::created_at.ge(since)))
        .count()
        .get_result(c))
}
