//! Where apps want to be told, and what is still to be told there.
use diesel::{dsl::not, prelude::*};

use super::{
    Conn,
    among::Among as _,
    schema::{actors, push_subscriptions, pushes},
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, NotificationId, SubscriptionId, Time, TokenId},
};

text_enum! {
    /// Whose doings an app is told of.
    PushPolicy {
        /// Everybody's.
        All = "all",
        /// Of those whom the member follows.
        Followed = "followed",
        /// Of those who follow the member.
        Follower = "follower",
        /// Nobody's.
        None = "none",
    }
}

/// A row of `push_subscriptions`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = push_subscriptions)]
#[diesel(treat_none_as_default_value = false)]
pub struct Subscription {
    /// Our name for it.
    pub id: SubscriptionId,
    /// The token it was made with, and goes with.
    pub token_id: TokenId,
    /// Who is told.
    pub actor_id: ActorId,
    /// Where at the push service, a URL that works like a password.
    pub endpoint: String,
    /// The app's public point, base64url.
    pub p256dh: String,
    /// The app's secret, base64url.
    pub auth: String,
    /// Sealed as RFC 8291 has it, and not as its fourth draft.
    pub standard: bool,
    /// Kinds of notifications in the words of the API, separated by spaces.
    pub alerts: String,
    /// Whose doings.
    pub policy: PushPolicy,
    /// When made.
    pub created_at: Time,
}

impl Subscription {
    /// Whether a kind of notification, in the words of the API, is wanted.
    pub fn wants(&self, kind: &str) -> bool {
        self.alerts.split(' ').any(|wanted| wanted == kind)
    }
}

/// A row of `pushes`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = pushes)]
#[diesel(treat_none_as_default_value = false)]
pub struct Push {
    /// What is told.
    pub notification_id: NotificationId,
    /// Where.
    pub subscription_id: SubscriptionId,
    /// Host of the endpoint, with a port where it has one.
    pub host: String,
    /// Not before this.
    pub due_at: Time,
    /// How often it was tried.
    pub attempts: i32,
    /// When it happened.
    pub created_at: Time,
}

/// The subscription of a token.
pub fn of_token(conn: &mut Conn, token: TokenId) -> QueryResult<Option<Subscription>> {
    on!(conn, c => push_subscriptions::table
        .filter(push_subscriptions::token_id.eq(token))
        .select(Subscription::as_select())
        .first(c)
        .optional())
}

/// A new subscription, instead of the one that its token had.
pub fn put(conn: &mut Conn, row: &Subscription) -> QueryResult<()> {
    forget_of_token(conn, row.token_id)?;
    diesel::insert_into(push_subscriptions::table).values(row).execute(conn)?;
    Ok(())
}

/// Changes what a subscription tells of.
pub fn set_wishes(
    conn: &mut Conn,
    id: SubscriptionId,
    alerts: &str,
    policy: PushPolicy,
) -> QueryResult<usize> {
    diesel::update(push_subscriptions::table.find(id))
        .set((push_subscriptions::alerts.eq(alerts), push_subscriptions::policy.eq(policy)))
        .execute(conn)
}

/// Forgets the subscription of a token, and what was to be sent there.
pub fn forget_of_token(conn: &mut Conn, token: TokenId) -> QueryResult<usize> {
    diesel::delete(push_subscriptions::table.filter(push_subscriptions::token_id.eq(token)))
        .execute(conn)
}

/// Forgets a subscription that its push service does not know any more.
pub fn forget(conn: &mut Conn, id: SubscriptionId) -> QueryResult<usize> {
    diesel::delete(push_subscriptions::table.find(id)).execute(conn)
}

/// Every subscription of a member.
pub fn of_actor(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<Subscription>> {
    on!(conn, c => push_subscriptions::table
        .filter(push_subscriptions::actor_id.eq(actor))
        .select(Subscription::as_select())
        .load(c))
}

/// Something more to send.
pub fn insert(conn: &mut Conn, push: &Push) -> QueryResult<bool> {
    insert_new!(conn, pushes::table, push)
}

/// Hosts with something to send whose time has come.
pub fn due_hosts(
    conn: &mut Conn,
    now: Time,
    except: &[String],
    limit: i64,
) -> QueryResult<Vec<String>> {
    on!(conn, c => pushes::table
        .filter(pushes::due_at.le(now))
        .filter(not(pushes::host.among(except.iter().map(String::as_str))))
        .select(pushes::host)
        .distinct()
        .limit(limit)
        .load(c))
}

/// Takes what is due for a host, hiding it from other workers until `lease_until`. What is for
/// somebody who is suspended or gone is dropped.
pub fn claim(
    conn: &mut Conn,
    host: &str,
    now: Time,
    lease_until: Time,
    limit: i64,
) -> QueryResult<Vec<(Push, Subscription)>> {
    let claimed: Vec<Push> = match conn {
        Conn::Postgres(c) => pushes::table
            .filter(pushes::host.eq(host).and(pushes::due_at.le(now)))
            .order((pushes::due_at, pushes::notification_id, pushes::subscription_id))
            .limit(limit)
            .select(Push::as_select())
            .for_update()
            .skip_locked()
            .load(c)?,
        Conn::Sqlite(c) => pushes::table
            .filter(pushes::host.eq(host).and(pushes::due_at.le(now)))
            .order((pushes::due_at, pushes::notification_id, pushes::subscription_id))
            .limit(limit)
            .select(Push::as_select())
            .load(c)?,
    };
    for push in &claimed {
        diesel::update(pushes::table.find((push.notification_id, push.subscription_id)))
            .set((pushes::due_at.eq(lease_until), pushes::attempts.eq(pushes::attempts + 1)))
            .execute(conn)?;
    }
    let ids: Vec<SubscriptionId> = claimed.iter().map(|push| push.subscription_id).collect();
    let known: Vec<Subscription> = push_subscriptions::table
        .inner_join(actors::table.on(actors::id.eq(push_subscriptions::actor_id)))
        .filter(push_subscriptions::id.among(ids.iter().copied()))
        .filter(actors::suspended_at.is_null().and(actors::deleted_at.is_null()))
        .select(Subscription::as_select())
        .load(conn)?;
    let mut found = Vec::new();
    for push in claimed {
        match known.iter().find(|known| known.id == push.subscription_id) {
            Some(to) => found.push((push, to.clone())),
            None => {
                delete(conn, &push)?;
            }
        }
    }
    Ok(found)
}

/// It arrived, or never will.
pub fn delete(conn: &mut Conn, push: &Push) -> QueryResult<usize> {
    diesel::delete(pushes::table.find((push.notification_id, push.subscription_id))).execute(conn)
}

/// Puts one off.
pub fn postpone(conn: &mut Conn, push: &Push, until: Time) -> QueryResult<usize> {
    diesel::update(pushes::table.find((push.notification_id, push.subscription_id)))
        .set(pushes::due_at.eq(until))
        .execute(conn)
}

/// Puts off everything for a host that is due before `until`.
pub fn postpone_host(conn: &mut Conn, host: &str, until: Time) -> QueryResult<usize> {
    diesel::update(pushes::table.filter(pushes::host.eq(host).and(pushes::due_at.lt(until))))
        .set(pushes::due_at.eq(until))
        .execute(conn)
}

/// Gives up what has waited since before `before`; how many.
pub fn give_up(conn: &mut Conn, before: Time) -> QueryResult<usize> {
    diesel::delete(pushes::table.filter(pushes::created_at.lt(before))).execute(conn)
}

/// How many wait.
pub fn waiting(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, c => pushes::table.count().get_result(c))
}
