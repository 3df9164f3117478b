//! Who follows whom; following a group is being a member of it.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    page::Page,
    schema::{actors, follows},
};
use crate::{
    insert_new, on,
    types::{ActorId, FollowId, Time},
};

/// A row of `follows`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = follows)]
#[diesel(treat_none_as_default_value = false)]
pub struct Follow {
    /// Our name for it; lists are paged by it.
    pub id: FollowId,
    /// Who follows.
    pub follower_id: ActorId,
    /// Whom, or which group.
    pub target_id: ActorId,
    /// Empty while it waits.
    pub accepted_at: Option<Time>,
    /// Id of the Follow activity, where there is one.
    pub ap_id: Option<String>,
    /// Boosts of the target show in the follower's home.
    pub show_boosts: bool,
    /// The follower is notified of new posts.
    pub notify: bool,
    /// When asked for.
    pub created_at: Time,
    /// Only posts in these languages come home: codes between commas, as in `,de,en,`; empty for all.
    pub languages: String,
}

/// A new follow; `false` if there is one between the two already.
pub fn insert(conn: &mut Conn, follow: &Follow) -> QueryResult<bool> {
    insert_new!(conn, follows::table, follow)
}

/// The follow of an id, if it still stands or waits.
pub fn by_id(conn: &mut Conn, id: FollowId) -> QueryResult<Option<Follow>> {
    on!(conn, c => follows::table.find(id).select(Follow::as_select()).first(c).optional())
}

/// The follow between two, accepted or waiting.
pub fn between(conn: &mut Conn, follower: ActorId, target: ActorId) -> QueryResult<Option<Follow>> {
    on!(conn, c => follows::table
        .filter(follows::follower_id.eq(follower).and(follows::target_id.eq(target)))
        .select(Follow::as_select())
        .first(c)
        .optional())
}

/// The follow that was asked for with this activity.
pub fn by_ap_id(conn: &mut Conn, follower: ActorId, ap_id: &str) -> QueryResult<Option<Follow>> {
    on!(conn, c => follows::table
        .filter(follows::follower_id.eq(follower).and(follows::ap_id.eq(ap_id)))
        .select(Follow::as_select())
        .first(c)
        .optional())
}

/// Whether `follower`'s follow of `target` is accepted.
pub fn exists(conn: &mut Conn, follower: ActorId, target: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        follows::table
            .filter(follows::follower_id.eq(follower).and(follows::target_id.eq(target)))
            .filter(follows::accepted_at.is_not_null())
            .select(follows::id),
    ))
    .get_result(c))
}

/// Accepts a waiting follow.
pub fn accept(conn: &mut Conn, id: FollowId, now: Time) -> QueryResult<usize> {
    diesel::update(follows::table.find(id)).set(follows::accepted_at.eq(now)).execute(conn)
}

/// Notes under which activity a follow was last asked for.
pub fn set_ap_id(conn: &mut Conn, id: FollowId, ap_id: &str) -> QueryResult<usize> {
    diesel::update(follows::table.find(id)).set(follows::ap_id.eq(ap_id)).execute(conn)
}

/// Changes what a follower wants to see.
pub fn set_options(conn: &mut Conn, follow: &Follow) -> QueryResult<usize> {
    diesel::update(follows::table.find(follow.id))
        .set((
            follows::show_boosts.eq(follow.show_boosts),
            follows::notify.eq(follow.notify),
            follows::languages.eq(&follow.languages),
        ))
        .execute(conn)
}

/// Ends a follow.
pub fn delete(conn: &mut Conn, id: FollowId) -> QueryResult<usize> {
    diesel::delete(follows::table.find(id)).execute(conn)
}

/// Remote followers of `target`, at most `limit` beyond the follow `after`.
pub fn remote_followers(conn: &mut Conn, target: ActorId) -> QueryResult<Vec<Actor>> {
    on!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(follows::accepted_at.is_not_null()))
        .filter(actors::local.eq(false).and(actors::deleted_at.is_null()))
        .select(Actor::as_select())
        .load(c))
}

/// Inboxes of the remote followers of `target`, shared where they are: `(host, inbox)`, each once.
pub fn remote_inboxes(conn: &mut Conn, target: ActorId) -> QueryResult<Vec<(String, String)>> {
    let rows: Vec<(String, Option<String>, String)> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(follows::accepted_at.is_not_null()))
        .filter(actors::local.eq(false).and(actors::deleted_at.is_null()))
        .select((actors::host, actors::shared_inbox, actors::inbox))
        .distinct()
        .load(conn)?;
    let mut inboxes: Vec<_> =
        rows.into_iter().map(|(host, shared, own)| (host, shared.unwrap_or(own))).collect();
    inboxes.sort();
    inboxes.dedup();
    Ok(inboxes)
}

/// Local followers of `target` who want a notification of each post.
pub fn local_followers_to_notify(conn: &mut Conn, target: ActorId) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(follows::notify.eq(true)))
        .filter(follows::accepted_at.is_not_null().and(actors::local))
        .select(follows::follower_id)
        .load(c))
}

/// Whether anybody here follows `target`.
pub fn has_local_follower(conn: &mut Conn, target: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        follows::table
            .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
            .filter(follows::target_id.eq(target).and(actors::local))
            .select(follows::id),
    ))
    .get_result(c))
}

/// Followers of `target`, with the follow's id.
pub fn followers(conn: &mut Conn, target: ActorId, page: &Page) -> QueryResult<Vec<(i64, Actor)>> {
    let query = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(follows::accepted_at.is_not_null()))
        .filter(actors::deleted_at.is_null())
        .select((follows::id, Actor::as_select()))
        .into_boxed();
    let rows: Vec<(FollowId, Actor)> = crate::paged!(query, follows::id, page).load(conn)?;
    Ok(page.in_order(rows.into_iter().map(|(id, actor)| (id.0, actor)).collect()))
}

/// Whom `follower` follows, with the follow's id.
pub fn following(
    conn: &mut Conn,
    follower: ActorId,
    page: &Page,
) -> QueryResult<Vec<(i64, Actor)>> {
    let query = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
        .filter(follows::follower_id.eq(follower).and(follows::accepted_at.is_not_null()))
        .filter(actors::deleted_at.is_null())
        .select((follows::id, Actor::as_select()))
        .into_boxed();
    let rows: Vec<(FollowId, Actor)> = crate::paged!(query, follows::id, page).load(conn)?;
    Ok(page.in_order(rows.into_iter().map(|(id, actor)| (id.0, actor)).collect()))
}

/// Who waits for the approval of one of `targets`, with the follow's id.
pub fn requests(
    conn: &mut Conn,
    targets: &[ActorId],
    page: &Page,
) -> QueryResult<Vec<(i64, Actor)>> {
    let query = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq_any(targets.to_vec()).and(follows::accepted_at.is_null()))
        .filter(actors::deleted_at.is_null())
        .select((follows::id, Actor::as_select()))
        .into_boxed();
    let rows: Vec<(FollowId, Actor)> = crate::paged!(query, follows::id, page).load(conn)?;
    Ok(page.in_order(rows.into_iter().map(|(id, actor)| (id.0, actor)).collect()))
}

/// The accepted followers of `target` who live here, with their follows; at most `limit`.
pub fn local_followers(
    conn: &mut Conn,
    target: ActorId,
    limit: i64,
) -> QueryResult<Vec<(Follow, Actor)>> {
    follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(follows::accepted_at.is_not_null()))
        .filter(actors::local.and(actors::deleted_at.is_null()))
        .order(follows::id.asc())
        .limit(limit)
        .select((Follow::as_select(), Actor::as_select()))
        .load(conn)
}

/// Ids of the accepted followers of `target` who live on `host`, in order.
pub fn followers_on(conn: &mut Conn, target: ActorId, host: &str) -> QueryResult<Vec<String>> {
    follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target).and(follows::accepted_at.is_not_null()))
        .filter(actors::host.eq(host).and(actors::deleted_at.is_null()))
        .order(actors::ap_id.asc())
        .select(actors::ap_id)
        .load(conn)
}

/// All follows of, or by, an actor; for its deletion. At most `limit` at a time.
pub fn some_of_actor(conn: &mut Conn, actor: ActorId, limit: i64) -> QueryResult<Vec<Follow>> {
    on!(conn, c => follows::table
        .filter(follows::follower_id.eq(actor).or(follows::target_id.eq(actor)))
        .limit(limit)
        .select(Follow::as_select())
        .load(c))
}

/// Of those whom `reader` follows, some who follow `target`.
pub fn familiar(
    conn: &mut Conn,
    reader: ActorId,
    target: ActorId,
    limit: i64,
) -> QueryResult<Vec<Actor>> {
    let theirs = diesel::alias!(follows as theirs);
    on!(conn, c => theirs
        .inner_join(actors::table.on(actors::id.eq(theirs.field(follows::follower_id))))
        .filter(theirs.field(follows::target_id).eq(target))
        .filter(theirs.field(follows::accepted_at).is_not_null())
        .filter(diesel::dsl::exists(
            follows::table
                .filter(follows::follower_id.eq(reader).and(follows::accepted_at.is_not_null()))
                .filter(follows::target_id.eq(theirs.field(follows::follower_id)))
                .select(follows::id),
        ))
        .order(theirs.field(follows::id).desc())
        .limit(limit)
        .select(Actor::as_select())
        .load(c))
}

/// Some follows between the actor and those who live on a server, either way.
pub fn some_with_host(
    conn: &mut Conn,
    actor: ActorId,
    host: &str,
    limit: i64,
) -> QueryResult<Vec<Follow>> {
    let mut found: Vec<Follow> = on!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
        .filter(follows::follower_id.eq(actor))
        .filter(actors::host.eq(host).and(actors::local.eq(false)))
        .limit(limit)
        .select(Follow::as_select())
        .load(c))?;
    found.extend::<Vec<Follow>>(on!(conn, c => follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(actor))
        .filter(actors::host.eq(host).and(actors::local.eq(false)))
        .limit(limit)
        .select(Follow::as_select())
        .load(c))?);
    Ok(found)
}

/// Follows of the actor towards any of `others`, accepted or waiting.
pub fn towards(conn: &mut Conn, follower: ActorId, others: &[ActorId]) -> QueryResult<Vec<Follow>> {
    on!(conn, c => follows::table
        .filter(
            follows::follower_id.eq(follower).and(follows::target_id.among(others.iter().copied())),
        )
        .select(Follow::as_select())
        .load(c))
}

/// Follows of the actor by any of `others`, accepted or waiting.
pub fn from(conn: &mut Conn, target: ActorId, others: &[ActorId]) -> QueryResult<Vec<Follow>> {
    on!(conn, c => follows::table
        .filter(
            follows::target_id.eq(target).and(follows::follower_id.among(others.iter().copied())),
        )
        .select(Follow::as_select())
        .load(c))
}

/// Follows by people here of those who live on a host, or have their handle there; at most `limit`.
pub fn local_towards_host(conn: &mut Conn, host: &str, limit: i64) -> QueryResult<Vec<Follow>> {
    let followers = diesel::alias!(actors as followers);
    let below = format!("%.{host}");
    follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
        .inner_join(followers.on(followers.field(actors::id).eq(follows::follower_id)))
        .filter(followers.field(actors::local).eq(true).and(actors::local.eq(false)))
        .filter(actors::host.eq(host).or(actors::host.like(below)))
        .limit(limit)
        .select(Follow::as_select())
        .load(conn)
}

/// On how many servers the members of a group are; this one counts as one if any is local.
pub fn member_hosts(conn: &mut Conn, group: ActorId) -> QueryResult<i64> {
    let hosts: Vec<String> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(group).and(follows::accepted_at.is_not_null()))
        .select(actors::host)
        .distinct()
        .load(conn)?;
    Ok(i64::try_from(hosts.len()).unwrap_or(i64::MAX))
}

/// How many ask to follow each of `targets`, or to join it; those with none are left out.
pub fn waiting_for(conn: &mut Conn, targets: &[ActorId]) -> QueryResult<Vec<(ActorId, i64)>> {
    follows::table
        .filter(
            follows::target_id.among(targets.iter().copied()).and(follows::accepted_at.is_null()),
        )
        .group_by(follows::target_id)
        .select((follows::target_id, diesel::dsl::count_star()))
        .load(conn)
}
