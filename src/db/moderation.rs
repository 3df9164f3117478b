//! What stewards did in groups: locks, removals, bans, and the log of it all.
use diesel::prelude::*;

use super::{
    Conn,
    page::Page,
    schema::{bans, locks, moderation_log, moderators, posts, removals},
};
use crate::{
    text_enum,
    types::{ActorId, PostId, Time},
};

text_enum! {
    /// What a steward can do.
    Deed {
        /// Take a post out of the group.
        Remove = "remove",
        /// Put it back.
        Restore = "restore",
        /// Take no more answers to a thread.
        Lock = "lock",
        /// Take them again.
        Unlock = "unlock",
        /// Show a thread first.
        Pin = "pin",
        /// And no longer.
        Unpin = "unpin",
        /// Let somebody write in the group no more.
        Ban = "ban",
        /// And again.
        Unban = "unban",
        /// Make somebody a steward.
        Appoint = "appoint",
        /// And no longer.
        Dismiss = "dismiss",
    }
}

/// A row of `locks`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = locks)]
#[diesel(treat_none_as_default_value = false)]
pub struct Lock {
    /// The thread.
    pub post_id: PostId,
    /// Who locked it.
    pub by_id: ActorId,
    /// Id of the activity.
    pub ap_id: String,
    /// When.
    pub created_at: Time,
}

/// A row of `removals`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = removals)]
#[diesel(treat_none_as_default_value = false)]
pub struct Removal {
    /// What is hidden.
    pub post_id: PostId,
    /// Who took it out.
    pub by_id: ActorId,
    /// Id of the activity.
    pub ap_id: String,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// When.
    pub created_at: Time,
    /// Id of the ban's activity, where it went with a ban.
    pub ban_ap_id: Option<String>,
}

/// A row of `bans`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = bans)]
#[diesel(treat_none_as_default_value = false)]
pub struct Ban {
    /// From which group.
    pub group_id: ActorId,
    /// Who.
    pub actor_id: ActorId,
    /// By whom.
    pub by_id: ActorId,
    /// Id of the activity.
    pub ap_id: String,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// When it ends; never, if not said.
    pub ends_at: Option<Time>,
    /// Since when.
    pub created_at: Time,
}

/// A row of `moderation_log`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = moderation_log)]
#[diesel(treat_none_as_default_value = false)]
pub struct Entry {
    /// Lists are paged by it.
    pub id: i64,
    /// In which group.
    pub group_id: ActorId,
    /// Who did it.
    pub by_id: ActorId,
    /// What.
    pub deed: Deed,
    /// Whom it is about.
    pub person_id: Option<ActorId>,
    /// Which post it is about.
    pub post_id: Option<PostId>,
    /// Why, plain text; may be empty.
    pub reason: String,
    /// When it ends.
    pub ends_at: Option<Time>,
    /// When it was done.
    pub created_at: Time,
}

/// Locks a thread; `false` if it is locked.
pub fn lock(conn: &mut Conn, row: &Lock) -> QueryResult<bool> {
    crate::insert_new!(conn, locks::table, row)
}

/// The lock of a thread.
pub fn lock_of(conn: &mut Conn, thread: PostId) -> QueryResult<Option<Lock>> {
    locks::table.find(thread).select(Lock::as_select()).first(conn).optional()
}

/// Opens a thread again.
pub fn unlock(conn: &mut Conn, thread: PostId) -> QueryResult<usize> {
    diesel::delete(locks::table.find(thread)).execute(conn)
}

/// Hides a post, as a deleted one is, or shows it again. What it says stays.
pub fn set_hidden(conn: &mut Conn, post: PostId, since: Option<Time>) -> QueryResult<usize> {
    diesel::update(posts::table.find(post)).set(posts::deleted_at.eq(since)).execute(conn)
}

/// Notes that a post is out of its group.
pub fn insert_removal(conn: &mut Conn, row: &Removal) -> QueryResult<bool> {
    crate::insert_new!(conn, removals::table, row)
}

/// How a post came to be out of its group.
pub fn removal_of(conn: &mut Conn, post: PostId) -> QueryResult<Option<Removal>> {
    removals::table.find(post).select(Removal::as_select()).first(conn).optional()
}

/// And no longer.
pub fn delete_removal(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(removals::table.find(post)).execute(conn)
}

/// Posts of an author that stewards took out, for a deletion in pieces.
pub fn removed_of(
    conn: &mut Conn,
    author: ActorId,
    limit: i64,
) -> QueryResult<Vec<super::posts::Post>> {
    removals::table
        .inner_join(posts::table.on(posts::id.eq(removals::post_id)))
        .filter(posts::author_id.eq(author))
        .limit(limit)
        .select(super::posts::Post::as_select())
        .load(conn)
}

/// Posts that went with a ban; at most `limit`.
pub fn removed_by_ban(
    conn: &mut Conn,
    ban_ap_id: &str,
    limit: i64,
) -> QueryResult<Vec<super::posts::Post>> {
    removals::table
        .inner_join(posts::table.on(posts::id.eq(removals::post_id)))
        .filter(removals::ban_ap_id.eq(ban_ap_id))
        .limit(limit)
        .select(super::posts::Post::as_select())
        .load(conn)
}

/// What somebody wrote in a group and is still shown; at most `limit`.
pub fn shown_in(
    conn: &mut Conn,
    group: ActorId,
    author: ActorId,
    limit: i64,
) -> QueryResult<Vec<super::posts::Post>> {
    posts::table
        .filter(posts::author_id.eq(author).and(posts::group_id.eq(group)))
        .filter(posts::boost_of_id.is_null().and(posts::deleted_at.is_null()))
        .order(posts::id.desc())
        .limit(limit)
        .select(super::posts::Post::as_select())
        .load(conn)
}

/// Bans somebody, or changes a ban.
pub fn ban(conn: &mut Conn, row: &Ban) -> QueryResult<()> {
    unban(conn, row.group_id, row.actor_id)?;
    diesel::insert_into(bans::table).values(row).execute(conn)?;
    Ok(())
}

/// The ban of somebody from a group that holds.
pub fn ban_of(
    conn: &mut Conn,
    group: ActorId,
    actor: ActorId,
    now: Time,
) -> QueryResult<Option<Ban>> {
    bans::table
        .find((group, actor))
        .filter(bans::ends_at.is_null().or(bans::ends_at.gt(now)))
        .select(Ban::as_select())
        .first(conn)
        .optional()
}

/// The ban of somebody that an activity told of.
pub fn ban_told_by(conn: &mut Conn, actor: ActorId, ap_id: &str) -> QueryResult<Option<Ban>> {
    bans::table
        .filter(bans::actor_id.eq(actor).and(bans::ap_id.eq(ap_id)))
        .select(Ban::as_select())
        .first(conn)
        .optional()
}

/// Who is banned from a group, the newest first.
pub fn bans_of_group(
    conn: &mut Conn,
    group: ActorId,
    now: Time,
    limit: i64,
) -> QueryResult<Vec<Ban>> {
    bans::table
        .filter(bans::group_id.eq(group))
        .filter(bans::ends_at.is_null().or(bans::ends_at.gt(now)))
        .order(bans::created_at.desc())
        .limit(limit)
        .select(Ban::as_select())
        .load(conn)
}

/// Ends a ban.
pub fn unban(conn: &mut Conn, group: ActorId, actor: ActorId) -> QueryResult<usize> {
    diesel::delete(bans::table.find((group, actor))).execute(conn)
}

/// Ids of who moderates a group besides its founder.
pub fn moderators_of(conn: &mut Conn, group: ActorId) -> QueryResult<Vec<String>> {
    moderators::table
        .filter(moderators::group_id.eq(group))
        .order(moderators::created_at.asc())
        .limit(500)
        .select(moderators::actor_uri)
        .load(conn)
}

/// Whether somebody is on that list.
pub fn is_moderator(conn: &mut Conn, group: ActorId, actor_uri: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        moderators::table.find((group, actor_uri)).select(moderators::group_id),
    ))
    .get_result(conn)
}

/// Puts somebody on the list; `false` if they are on it.
pub fn insert_moderator(
    conn: &mut Conn,
    group: ActorId,
    actor_uri: &str,
    now: Time,
) -> QueryResult<bool> {
    crate::insert_new!(
        conn,
        moderators::table,
        (
            moderators::group_id.eq(group),
            moderators::actor_uri.eq(actor_uri),
            moderators::created_at.eq(now),
        ),
    )
}

/// Takes somebody off the list.
pub fn delete_moderator(conn: &mut Conn, group: ActorId, actor_uri: &str) -> QueryResult<usize> {
    diesel::delete(moderators::table.find((group, actor_uri))).execute(conn)
}

/// Takes everybody off the list.
pub fn delete_moderators(conn: &mut Conn, group: ActorId) -> QueryResult<usize> {
    diesel::delete(moderators::table.filter(moderators::group_id.eq(group))).execute(conn)
}

/// Writes an act down.
pub fn log(conn: &mut Conn, entry: &Entry) -> QueryResult<usize> {
    diesel::insert_into(moderation_log::table).values(entry).execute(conn)
}

/// What was done in a group.
pub fn entries(conn: &mut Conn, group: ActorId, page: &Page) -> QueryResult<Vec<Entry>> {
    let query = moderation_log::table
        .filter(moderation_log::group_id.eq(group))
        .select(Entry::as_select())
        .into_boxed();
    crate::paged!(query, moderation_log::id, page).load(conn).map(|rows| page.in_order(rows))
}
