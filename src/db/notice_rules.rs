//! Which notifications a member wants to see at once, and which wait for them to ask:
//! <https://docs.joinmastodon.org/methods/notifications/#get-policy>
use diesel::prelude::*;

use super::{
    Conn,
    page::Page,
    schema::{
        notification_permissions, notification_policies, notification_requests, notifications,
    },
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, NoticeRequestId, PostId, Time},
};

text_enum! {
    /// What becomes of a notification, in Mastodon's words.
    Verdict {
        /// It is shown.
        Accept = "accept",
        /// It waits in a request.
        Filter = "filter",
        /// It is not even kept.
        Drop = "drop",
    }
}

/// A row of `notification_policies`: what becomes of those from whom.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notification_policies)]
pub struct Policy {
    /// Whose.
    pub actor_id: ActorId,
    /// People the member does not follow.
    pub not_following: Verdict,
    /// People who do not follow the member.
    pub not_followers: Verdict,
    /// Accounts made in the last 30 days.
    pub new_accounts: Verdict,
    /// Direct messages that nobody asked for.
    pub private_mentions: Verdict,
    /// Accounts on servers that the operator limits.
    pub limited_accounts: Verdict,
}

impl Policy {
    /// Everything is shown.
    pub fn open(actor: ActorId) -> Self {
        Self {
            actor_id: actor,
            not_following: Verdict::Accept,
            not_followers: Verdict::Accept,
            new_accounts: Verdict::Accept,
            private_mentions: Verdict::Accept,
            limited_accounts: Verdict::Accept,
        }
    }
}

/// A row of `notification_requests`: what waits of one account.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = notification_requests)]
#[diesel(treat_none_as_default_value = false)]
pub struct Request {
    /// Its name in the API.
    pub id: NoticeRequestId,
    /// Who is asked.
    pub actor_id: ActorId,
    /// From whom it comes.
    pub from_id: ActorId,
    /// The last post among it.
    pub last_post_id: Option<PostId>,
    /// How many wait.
    pub notifications_count: i64,
    /// Since when.
    pub created_at: Time,
    /// When the last came.
    pub updated_at: Time,
}

/// A member's policy, if they have one.
pub fn policy(conn: &mut Conn, actor: ActorId) -> QueryResult<Option<Policy>> {
    on!(conn, c => notification_policies::table
        .find(actor)
        .select(Policy::as_select())
        .first(c)
        .optional())
}

/// Writes a member's policy.
pub fn set_policy(conn: &mut Conn, policy: &Policy) -> QueryResult<()> {
    let changed = diesel::update(notification_policies::table.find(policy.actor_id))
        .set(policy)
        .execute(conn)?;
    if changed == 0 {
        on!(conn, c => diesel::insert_into(notification_policies::table).values(policy).execute(c))?;
    }
    Ok(())
}

/// Whether a member lets everything of somebody through.
pub fn is_permitted(conn: &mut Conn, actor: ActorId, from: ActorId) -> QueryResult<bool> {
    on!(conn, c => notification_permissions::table
        .find((actor, from))
        .select(notification_permissions::actor_id)
        .first::<ActorId>(c)
        .optional())
    .map(|found| found.is_some())
}

/// A member lets everything of somebody through from now on.
pub fn permit(conn: &mut Conn, actor: ActorId, from: ActorId) -> QueryResult<bool> {
    insert_new!(
        conn,
        notification_permissions::table,
        (notification_permissions::actor_id.eq(actor), notification_permissions::from_id.eq(from))
    )
}

/// One more waits.
pub fn wait(conn: &mut Conn, row: &Request) -> QueryResult<()> {
    if insert_new!(conn, notification_requests::table, row)? {
        return Ok(());
    }
    diesel::update(
        notification_requests::table
            .filter(notification_requests::actor_id.eq(row.actor_id))
            .filter(notification_requests::from_id.eq(row.from_id)),
    )
    .set((
        notification_requests::notifications_count
            .eq(notification_requests::notifications_count + 1),
        notification_requests::last_post_id.eq(row.last_post_id),
        notification_requests::updated_at.eq(row.updated_at),
    ))
    .execute(conn)
    .map(drop)
}

/// What waits for a member, by id.
pub fn requests(conn: &mut Conn, actor: ActorId, page: &Page) -> QueryResult<Vec<Request>> {
    let query = notification_requests::table
        .filter(notification_requests::actor_id.eq(actor))
        .select(Request::as_select())
        .into_boxed();
    crate::paged!(query, notification_requests::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// One request of a member's.
pub fn request(
    conn: &mut Conn,
    actor: ActorId,
    id: NoticeRequestId,
) -> QueryResult<Option<Request>> {
    on!(conn, c => notification_requests::table
        .find(id)
        .filter(notification_requests::actor_id.eq(actor))
        .select(Request::as_select())
        .first(c)
        .optional())
}

/// How many requests wait, and how many notifications in them.
pub fn waiting(conn: &mut Conn, actor: ActorId) -> QueryResult<(i64, i64)> {
    let rows: Vec<i64> = on!(conn, c => notification_requests::table
        .filter(notification_requests::actor_id.eq(actor))
        .select(notification_requests::notifications_count)
        .load(c))?;
    Ok((i64::try_from(rows.len()).unwrap_or(i64::MAX), rows.iter().sum()))
}

/// A request is answered.
pub fn end_request(conn: &mut Conn, id: NoticeRequestId) -> QueryResult<usize> {
    diesel::delete(notification_requests::table.find(id)).execute(conn)
}

/// What waited of somebody is shown.
pub fn show_filtered(conn: &mut Conn, actor: ActorId, from: ActorId) -> QueryResult<usize> {
    diesel::update(
        notifications::table
            .filter(notifications::recipient_id.eq(actor))
            .filter(notifications::from_id.eq(from).and(notifications::filtered.eq(true))),
    )
    .set(notifications::filtered.eq(false))
    .execute(conn)
}

/// What waited of somebody is forgotten.
pub fn drop_filtered(conn: &mut Conn, actor: ActorId, from: ActorId) -> QueryResult<usize> {
    diesel::delete(
        notifications::table
            .filter(notifications::recipient_id.eq(actor))
            .filter(notifications::from_id.eq(from).and(notifications::filtered.eq(true))),
    )
    .execute(conn)
}

/// All of this by and about somebody who is gone.
pub fn forget(conn: &mut Conn, actor: ActorId) -> QueryResult<()> {
    diesel::delete(notification_policies::table.find(actor)).execute(conn)?;
    diesel::delete(notification_requests::table.filter(
        notification_requests::actor_id.eq(actor).or(notification_requests::from_id.eq(actor)),
    ))
    .execute(conn)?;
    diesel::delete(
        notification_permissions::table.filter(
            notification_permissions::actor_id
                .eq(actor)
                .or(notification_permissions::from_id.eq(actor)),
        ),
    )
    .execute(conn)
    .map(drop)
}
