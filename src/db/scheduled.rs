//! Posts that go out later: <https://docs.joinmastodon.org/methods/scheduled_statuses/>
use diesel::prelude::*;

use super::{
    Conn,
    page::Page,
    schema::{scheduled_media, scheduled_posts},
};
use crate::{
    insert_new, on,
    types::{ActorId, MediaId, ScheduledId, Time},
};

/// A row of `scheduled_posts`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = scheduled_posts)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Scheduled {
    /// Its name in the API.
    pub id: ScheduledId,
    /// Whose.
    pub actor_id: ActorId,
    /// When it goes out.
    pub due_at: Time,
    /// What, JSON.
    pub draft: String,
    /// Why it did not go out when it was due.
    pub problem: Option<String>,
    /// When it was planned.
    pub created_at: Time,
}

/// A new one.
pub fn insert(conn: &mut Conn, row: &Scheduled) -> QueryResult<()> {
    on!(conn, c => diesel::insert_into(scheduled_posts::table).values(row).execute(c)).map(drop)
}

/// Writes one anew.
pub fn update(conn: &mut Conn, row: &Scheduled) -> QueryResult<usize> {
    diesel::update(scheduled_posts::table.find(row.id)).set(row).execute(conn)
}

/// One of a member's.
pub fn by_id(conn: &mut Conn, actor: ActorId, id: ScheduledId) -> QueryResult<Option<Scheduled>> {
    on!(conn, c => scheduled_posts::table
        .find(id)
        .filter(scheduled_posts::actor_id.eq(actor))
        .select(Scheduled::as_select())
        .first(c)
        .optional())
}

/// Whoever's.
pub fn find(conn: &mut Conn, id: ScheduledId) -> QueryResult<Option<Scheduled>> {
    on!(conn, c => scheduled_posts::table
        .find(id)
        .select(Scheduled::as_select())
        .first(c)
        .optional())
}

/// A member's, by id.
pub fn list(conn: &mut Conn, actor: ActorId, page: &Page) -> QueryResult<Vec<Scheduled>> {
    let query = scheduled_posts::table
        .filter(scheduled_posts::actor_id.eq(actor))
        .select(Scheduled::as_select())
        .into_boxed();
    crate::paged!(query, scheduled_posts::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// How many a member has, due between `from` and `to`.
pub fn count_due(conn: &mut Conn, actor: ActorId, from: Time, to: Time) -> QueryResult<i64> {
    scheduled_posts::table
        .filter(scheduled_posts::actor_id.eq(actor))
        .filter(scheduled_posts::due_at.ge(from).and(scheduled_posts::due_at.lt(to)))
        .count()
        .get_result(conn)
}

/// Keeps media for a post that goes out later; `false` if another one has it.
pub fn hold(conn: &mut Conn, id: ScheduledId, media: MediaId) -> QueryResult<bool> {
    insert_new!(
        conn,
        scheduled_media::table,
        (scheduled_media::media_id.eq(media), scheduled_media::scheduled_id.eq(id))
    )
}

/// Takes one away, and lets go of its media.
pub fn delete(conn: &mut Conn, id: ScheduledId) -> QueryResult<()> {
    diesel::delete(scheduled_media::table.filter(scheduled_media::scheduled_id.eq(id)))
        .execute(conn)?;
    diesel::delete(scheduled_posts::table.find(id)).execute(conn).map(drop)
}

/// All of somebody who is gone.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<()> {
    let ids: Vec<ScheduledId> = scheduled_posts::table
        .filter(scheduled_posts::actor_id.eq(actor))
        .select(scheduled_posts::id)
        .load(conn)?;
    for id in ids {
        delete(conn, id)?;
    }
    Ok(())
}
