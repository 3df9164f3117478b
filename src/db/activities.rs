//! Activities exactly as they went over the wire, sent and received.
use diesel::prelude::*;

use super::{Conn, among::Among as _, page::Page, schema::activities};
use crate::{
    insert_new, on,
    types::{ActivityId, ActorId, Time},
};

/// A row of `activities`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = activities)]
#[diesel(treat_none_as_default_value = false)]
pub struct Activity {
    /// Our name for it.
    pub id: ActivityId,
    /// Its id everywhere.
    pub ap_id: String,
    /// Follow, Create ..
    pub kind: String,
    /// Who does it.
    pub actor_id: ActorId,
    /// Id of its object.
    pub object_uri: Option<String>,
    /// Made here.
    pub local: bool,
    /// May be read by anyone who asks for its id.
    pub open: bool,
    /// The JSON text, byte for byte.
    pub body: String,
    /// When made, or received.
    pub created_at: Time,
}

/// `false` if this activity was seen before: the one place where duplicates end.
pub fn insert(conn: &mut Conn, activity: &Activity) -> QueryResult<bool> {
    insert_new!(conn, activities::table, activity)
}

/// The activity of an id.
pub fn by_id(conn: &mut Conn, id: ActivityId) -> QueryResult<Option<Activity>> {
    on!(conn, c => activities::table.find(id).select(Activity::as_select()).first(c).optional())
}

/// The activity that everyone calls `ap_id`.
pub fn by_ap_id(conn: &mut Conn, ap_id: &str) -> QueryResult<Option<Activity>> {
    on!(conn, c => activities::table
        .filter(activities::ap_id.eq(ap_id))
        .select(Activity::as_select())
        .first(c)
        .optional())
}

/// The newest activity of a kind by `actor` about `object`, for an Undo that names no id.
pub fn latest(
    conn: &mut Conn,
    actor: ActorId,
    kind: &str,
    object: &str,
) -> QueryResult<Option<Activity>> {
    on!(conn, c => activities::table
        .filter(activities::object_uri.eq(object).and(activities::actor_id.eq(actor)))
        .filter(activities::kind.eq(kind))
        .order(activities::id.desc())
        .select(Activity::as_select())
        .first(c)
        .optional())
}

/// Whether an actor did something of a kind to `object` in another activity than `ap_id`.
pub fn did_otherwise(
    conn: &mut Conn,
    actor: ActorId,
    kind: &str,
    object: &str,
    ap_id: Option<&str>,
) -> QueryResult<bool> {
    let found: Vec<String> = on!(conn, c => activities::table
        .filter(activities::object_uri.eq(object).and(activities::actor_id.eq(actor)))
        .filter(activities::kind.eq(kind))
        .select(activities::ap_id)
        .limit(2)
        .load(c))?;
    Ok(found.iter().any(|other| Some(&**other) != ap_id))
}

/// Local, open activities of an actor of a kind, newest first: its outbox.
pub fn outbox(
    conn: &mut Conn,
    actor: ActorId,
    kinds: &[&str],
    page: &Page,
) -> QueryResult<Vec<Activity>> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let query = activities::table
        .filter(activities::actor_id.eq(actor).and(activities::local))
        .filter(activities::open.eq(true).and(activities::kind.among(kinds)))
        .select(Activity::as_select())
        .into_boxed();
    crate::paged!(query, activities::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Forgets activities older than `before` that nothing waits for; at most `limit`.
pub fn prune(conn: &mut Conn, before: Time, limit: i64) -> QueryResult<usize> {
    use super::schema::deliveries;
    let old: Vec<ActivityId> = activities::table
        .filter(activities::created_at.lt(before).and(activities::local.eq(false)))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            deliveries::table
                .filter(deliveries::activity_id.eq(activities::id))
                .select(deliveries::id),
        )))
        .select(activities::id)
        .limit(limit)
        .load(conn)?;
    diesel::delete(activities::table.filter(activities::id.among(old))).execute(conn)
}
