//! What the operator tells every member: <https://docs.joinmastodon.org/methods/announcements/>
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{announcement_reactions, announcement_reads, announcements},
};
use crate::{
    insert_new, on,
    types::{ActorId, AnnouncementId, Time},
};

/// A row of `announcements`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = announcements)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Announcement {
    /// Its name in the API.
    pub id: AnnouncementId,
    /// Markdown.
    pub source: String,
    /// Sanitized HTML.
    pub content: String,
    /// When what it speaks of begins.
    pub starts_at: Option<Time>,
    /// When it ends; it is shown until then.
    pub ends_at: Option<Time>,
    /// The two are days.
    pub all_day: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// How often somebody reacted in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub name: String,
    /// How many.
    pub count: i64,
    /// The reader too.
    pub me: bool,
}

/// A new one.
pub fn insert(conn: &mut Conn, row: &Announcement) -> QueryResult<()> {
    on!(conn, c => diesel::insert_into(announcements::table).values(row).execute(c)).map(drop)
}

/// One, with all that hangs on it; `false` if there is none.
pub fn delete(conn: &mut Conn, id: AnnouncementId) -> QueryResult<bool> {
    diesel::delete(
        announcement_reactions::table.filter(announcement_reactions::announcement_id.eq(id)),
    )
    .execute(conn)?;
    diesel::delete(announcement_reads::table.filter(announcement_reads::announcement_id.eq(id)))
        .execute(conn)?;
    Ok(diesel::delete(announcements::table.find(id)).execute(conn)? > 0)
}

/// The one of an id.
pub fn by_id(conn: &mut Conn, id: AnnouncementId) -> QueryResult<Option<Announcement>> {
    on!(conn, c => announcements::table
        .find(id)
        .select(Announcement::as_select())
        .first(c)
        .optional())
}

/// Those that hold at `now`, newest first; `most` of them.
pub fn current(conn: &mut Conn, now: Time, most: i64) -> QueryResult<Vec<Announcement>> {
    on!(conn, c => announcements::table
        .filter(announcements::ends_at.is_null().or(announcements::ends_at.gt(now)))
        .order(announcements::id.desc())
        .limit(most)
        .select(Announcement::as_select())
        .load(c))
}

/// Which of `ids` a member has put away.
pub fn read_among(
    conn: &mut Conn,
    actor: ActorId,
    ids: &[AnnouncementId],
) -> QueryResult<Vec<AnnouncementId>> {
    on!(conn, c => announcement_reads::table
        .filter(announcement_reads::actor_id.eq(actor))
        .filter(announcement_reads::announcement_id.among(ids.iter().copied()))
        .select(announcement_reads::announcement_id)
        .load(c))
}

/// A member puts one away.
pub fn mark_read(conn: &mut Conn, actor: ActorId, id: AnnouncementId) -> QueryResult<bool> {
    insert_new!(
        conn,
        announcement_reads::table,
        (announcement_reads::announcement_id.eq(id), announcement_reads::actor_id.eq(actor))
    )
}

/// A member reacts; `false` if they did in this way.
pub fn react(conn: &mut Conn, actor: ActorId, id: AnnouncementId, name: &str) -> QueryResult<bool> {
    insert_new!(
        conn,
        announcement_reactions::table,
        (
            announcement_reactions::announcement_id.eq(id),
            announcement_reactions::name.eq(name),
            announcement_reactions::actor_id.eq(actor),
        )
    )
}

/// Or no longer.
pub fn unreact(
    conn: &mut Conn,
    actor: ActorId,
    id: AnnouncementId,
    name: &str,
) -> QueryResult<usize> {
    diesel::delete(announcement_reactions::table.find((id, name, actor))).execute(conn)
}

/// The reactions to each of `ids`, in the order of their names.
pub fn reactions(
    conn: &mut Conn,
    reader: Option<ActorId>,
    ids: &[AnnouncementId],
) -> QueryResult<BTreeMap<AnnouncementId, Vec<Reaction>>> {
    use diesel::dsl::count_star;
    let rows: Vec<(AnnouncementId, String, i64)> = on!(conn, c => announcement_reactions::table
        .filter(announcement_reactions::announcement_id.among(ids.iter().copied()))
        .group_by((announcement_reactions::announcement_id, announcement_reactions::name))
        .order((announcement_reactions::announcement_id, announcement_reactions::name))
        .select((announcement_reactions::announcement_id, announcement_reactions::name, count_star()))
        .load(c))?;
    let mine: Vec<(AnnouncementId, String)> = match reader {
        Some(reader) => on!(conn, c => announcement_reactions::table
            .filter(announcement_reactions::actor_id.eq(reader))
            .filter(announcement_reactions::announcement_id.among(ids.iter().copied()))
            .select((announcement_reactions::announcement_id, announcement_reactions::name))
            .load(c))?,
        None => Vec::new(),
    };
    let mut all: BTreeMap<AnnouncementId, Vec<Reaction>> = BTreeMap::new();
    for (id, name, count) in rows {
        let me = mine.iter().any(|(of, by)| *of == id && *by == name);
        all.entry(id).or_default().push(Reaction { name, count, me });
    }
    Ok(all)
}

/// What somebody who is gone read and how they reacted.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<()> {
    diesel::delete(
        announcement_reactions::table.filter(announcement_reactions::actor_id.eq(actor)),
    )
    .execute(conn)?;
    diesel::delete(announcement_reads::table.filter(announcement_reads::actor_id.eq(actor)))
        .execute(conn)
        .map(drop)
}
