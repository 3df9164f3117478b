//! What members are told of, and how far they have read.
use diesel::{prelude::*, sql_types::Bool};

use super::{
    Conn, MultiBackend,
    among::Among as _,
    page::Page,
    schema::{markers, notifications},
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, NotificationId, PostId, Time},
};

text_enum! {
    /// What happened, in the words of the Mastodon API (and `thanks`, ours).
    NotificationKind {
        /// Somebody mentioned or answered you.
        Mention = "mention",
        /// Somebody you asked to hear of posted.
        Status = "status",
        /// Your post was boosted.
        Boost = "reblog",
        /// Somebody follows you.
        Follow = "follow",
        /// Somebody asks to follow you.
        FollowRequest = "follow_request",
        /// Somebody likes your post.
        Like = "favourite",
        /// A poll you voted in, or made, ended.
        Poll = "poll",
        /// A post you boosted was edited.
        Update = "update",
        /// Somebody quotes your post.
        Quote = "quote",
        /// A post that you quote was edited.
        QuotedUpdate = "quoted_update",
        /// Somebody says that you helped; clients see a favourite.
        Thanks = "thanks",
        /// Stewards removed what you wrote, or banned you from their group.
        Moderation = "moderation_warning",
        /// Somebody reported something in your group, or on your node.
        Report = "admin.report",
    }
}

/// A row of `notifications`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = notifications)]
#[diesel(treat_none_as_default_value = false)]
pub struct Notification {
    /// Our name for it.
    pub id: NotificationId,
    /// Who is told.
    pub recipient_id: ActorId,
    /// What.
    pub kind: NotificationKind,
    /// Who did it.
    pub from_id: ActorId,
    /// Which post it is about.
    pub post_id: Option<PostId>,
    /// The same happening is told once.
    pub dedup: String,
    /// When.
    pub created_at: Time,
    /// It waits until the member asks for it.
    pub filtered: bool,
    /// Those with the same are shown as one; empty for one that stands alone.
    pub group_key: String,
}

/// Which of a member's notifications.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of these kinds.
    pub kinds: Vec<NotificationKind>,
    /// By this account only.
    pub from: Option<ActorId>,
    /// Those that wait, too.
    pub filtered: bool,
}

/// A row of `markers`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = markers)]
pub struct Marker {
    /// home or notifications.
    pub timeline: String,
    /// As the client said.
    pub last_read_id: String,
    /// Counts the changes.
    pub version: i32,
    /// When last moved.
    pub updated_at: Time,
}

/// A new notification; `false` if it was told already.
pub fn insert(conn: &mut Conn, row: &Notification) -> QueryResult<bool> {
    insert_new!(conn, notifications::table, row)
}

/// So few kinds are asked for one by one, each in the order of an index: among a hundred thousand likes
/// the three mentions need not be looked for.
const FEW_KINDS: usize = 3;

/// A member's notifications, newest first.
pub fn list(
    conn: &mut Conn,
    recipient: ActorId,
    wanted: &Wanted,
    page: &Page,
) -> QueryResult<Vec<Notification>> {
    let every = wanted.kinds.len() >= NotificationKind::ALL.len();
    let mut rows = Vec::new();
    if wanted.kinds.len() <= FEW_KINDS {
        for kind in &wanted.kinds {
            let of_kind = Box::new(notifications::kind.eq(*kind));
            rows.extend(some(conn, recipient, wanted, Some(of_kind), page)?);
        }
        rows.sort_unstable_by_key(|row: &Notification| row.id);
        if !page.upward() {
            rows.reverse();
        }
        rows.truncate(usize::try_from(page.limit).unwrap_or_default());
    } else {
        // Not by an index, which would gather all of them first.
        let among = || -> OfKinds {
            let kinds = wanted.kinds.iter().copied();
            Box::new(notifications::kind.concat("").among(kinds.map(NotificationKind::as_str)))
        };
        rows = some(conn, recipient, wanted, (!every).then(among), page)?;
    }
    Ok(page.in_order(rows))
}

type OfKinds = Box<dyn BoxableExpression<notifications::table, MultiBackend, SqlType = Bool>>;

/// A page of them in the order of reading.
fn some(
    conn: &mut Conn,
    recipient: ActorId,
    wanted: &Wanted,
    of_kinds: Option<OfKinds>,
    page: &Page,
) -> QueryResult<Vec<Notification>> {
    let mut query = notifications::table
        .filter(notifications::recipient_id.eq(recipient))
        .select(Notification::as_select())
        .into_boxed();
    if let Some(of_kinds) = of_kinds {
        query = query.filter(of_kinds);
    }
    if let Some(from) = wanted.from {
        query = query.filter(notifications::from_id.eq(from));
    }
    if !wanted.filtered {
        query = query.filter(notifications::filtered.eq(false));
    }
    crate::paged!(query, notifications::id, page).load(conn)
}

/// How many notifications are one with that of a group key, counted to `most`, and who the newest few
/// are from.
pub fn in_group(
    conn: &mut Conn,
    recipient: ActorId,
    group_key: &str,
    page: &Page,
) -> QueryResult<Vec<Notification>> {
    let query = notifications::table
        .filter(notifications::recipient_id.eq(recipient))
        .filter(notifications::group_key.eq(group_key.to_owned()))
        .filter(notifications::filtered.eq(false))
        .select(Notification::as_select())
        .into_boxed();
    crate::paged!(query, notifications::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// How many notifications have a group key.
pub fn count_in_group(conn: &mut Conn, recipient: ActorId, group_key: &str) -> QueryResult<i64> {
    notifications::table
        .filter(notifications::recipient_id.eq(recipient))
        .filter(notifications::group_key.eq(group_key.to_owned()))
        .filter(notifications::filtered.eq(false))
        .count()
        .get_result(conn)
}

/// Forgets all with a group key.
pub fn dismiss_group(conn: &mut Conn, recipient: ActorId, group_key: &str) -> QueryResult<usize> {
    diesel::delete(
        notifications::table
            .filter(notifications::recipient_id.eq(recipient))
            .filter(notifications::group_key.eq(group_key.to_owned())),
    )
    .execute(conn)
}

/// One notification of a member.
pub fn by_id(
    conn: &mut Conn,
    recipient: ActorId,
    id: NotificationId,
) -> QueryResult<Option<Notification>> {
    on!(conn, c => notifications::table
        .find(id)
        .filter(notifications::recipient_id.eq(recipient))
        .select(Notification::as_select())
        .first(c)
        .optional())
}

/// How many are newer than `since`; counts to `limit` at most.
pub fn count_since(
    conn: &mut Conn,
    recipient: ActorId,
    since: NotificationId,
    limit: i64,
) -> QueryResult<i64> {
    let ids: Vec<NotificationId> = notifications::table
        .filter(notifications::recipient_id.eq(recipient).and(notifications::id.gt(since)))
        .filter(notifications::filtered.eq(false))
        .select(notifications::id)
        .limit(limit)
        .load(conn)?;
    Ok(i64::try_from(ids.len()).unwrap_or(limit))
}

/// Forgets one.
pub fn dismiss(conn: &mut Conn, recipient: ActorId, id: NotificationId) -> QueryResult<usize> {
    diesel::delete(notifications::table.find(id).filter(notifications::recipient_id.eq(recipient)))
        .execute(conn)
}

/// Forgets all of a member's.
pub fn clear(conn: &mut Conn, recipient: ActorId) -> QueryResult<usize> {
    diesel::delete(notifications::table.filter(notifications::recipient_id.eq(recipient)))
        .execute(conn)
}

/// Takes back the notification of a happening that was undone.
pub fn take_back(conn: &mut Conn, recipient: ActorId, dedup: &str) -> QueryResult<usize> {
    diesel::delete(
        notifications::table
            .filter(notifications::recipient_id.eq(recipient).and(notifications::dedup.eq(dedup))),
    )
    .execute(conn)
}

/// Forgets every notification about a post.
pub fn delete_of_post(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(notifications::table.filter(notifications::post_id.eq(post))).execute(conn)
}

/// The markers of a member for `timelines`.
pub fn markers(conn: &mut Conn, actor: ActorId, timelines: &[String]) -> QueryResult<Vec<Marker>> {
    on!(conn, c => markers::table
        .filter(
            markers::actor_id
                .eq(actor)
                .and(markers::timeline.among(timelines.iter().map(String::as_str))),
        )
        .select(Marker::as_select())
        .load(c))
}

/// Moves a marker.
pub fn set_marker(
    conn: &mut Conn,
    actor: ActorId,
    timeline: &str,
    last_read_id: &str,
    now: Time,
) -> QueryResult<()> {
    let changed = diesel::update(markers::table.find((actor, timeline)))
        .set((
            markers::last_read_id.eq(last_read_id),
            markers::version.eq(markers::version + 1),
            markers::updated_at.eq(now),
        ))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(markers::table)
            .values((
                markers::actor_id.eq(actor),
                markers::timeline.eq(timeline),
                markers::last_read_id.eq(last_read_id),
                markers::version.eq(1),
                markers::updated_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}
