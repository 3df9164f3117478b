//! What is still to be sent: one row per activity and inbox.
use diesel::prelude::*;

use super::{
    Conn,
    schema::{activities, deliveries, servers},
};
use crate::{
    on,
    types::{ActivityId, ActorId, Time},
};

/// A row of `deliveries`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries)]
#[diesel(treat_none_as_default_value = false)]
pub struct Delivery {
    /// In this order within a host.
    pub id: i64,
    /// What.
    pub activity_id: ActivityId,
    /// In whose name it is signed.
    pub signer_id: ActorId,
    /// Which server.
    pub host: String,
    /// Which inbox there.
    pub inbox: String,
    /// Since when it waits.
    pub created_at: Time,
}

/// New deliveries; those that are there already are left as they are.
pub fn insert_all(conn: &mut Conn, rows: &[Delivery]) -> QueryResult<()> {
    for rows in rows.chunks(1_000) {
        on!(conn, c => diesel::insert_into(deliveries::table)
            .values(rows).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// Hosts with something to send whose time has come, the longest waiting first.
pub fn due_hosts(
    conn: &mut Conn,
    now: Time,
    except: &[String],
    limit: i64,
) -> QueryResult<Vec<String>> {
    deliveries::table
        .left_join(servers::table.on(servers::host.eq(deliveries::host)))
        .filter(servers::retry_at.le(now).or(servers::retry_at.is_null()).assume_not_null())
        .filter(deliveries::host.ne_all(except.to_vec()))
        .group_by(deliveries::host)
        .order(diesel::dsl::min(deliveries::id).asc())
        .select(deliveries::host)
        .limit(limit)
        .load(conn)
}

/// The next deliveries of a host, in order, each with the JSON text to send.
pub fn next_of_host(
    conn: &mut Conn,
    host: &str,
    limit: i64,
) -> QueryResult<Vec<(Delivery, String)>> {
    deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(deliveries::host.eq(host))
        .order(deliveries::id.asc())
        .limit(limit)
        .select((Delivery::as_select(), activities::body))
        .load(conn)
}

/// These arrived, or never will.
pub fn delete(conn: &mut Conn, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(deliveries::table.filter(deliveries::id.eq_any(ids))).execute(conn)
}

/// Gives up what has waited for a host since before `before`; how many.
pub fn give_up(conn: &mut Conn, host: &str, before: Time) -> QueryResult<usize> {
    diesel::delete(
        deliveries::table.filter(deliveries::host.eq(host).and(deliveries::created_at.lt(before))),
    )
    .execute(conn)
}

/// Forgets what waits for a host, but for activities of one kind.
pub fn drop_for(conn: &mut Conn, host: &str, but: &str) -> QueryResult<usize> {
    let kept = activities::table
        .filter(activities::id.eq(deliveries::activity_id).and(activities::kind.eq(but)))
        .select(activities::id);
    diesel::delete(
        deliveries::table
            .filter(deliveries::host.eq(host))
            .filter(diesel::dsl::not(diesel::dsl::exists(kept))),
    )
    .execute(conn)
}

/// How many wait, for which hosts.
pub fn waiting(conn: &mut Conn) -> QueryResult<i64> {
    deliveries::table.count().get_result(conn)
}

/// How many wait for each of `hosts`.
pub fn waiting_for(conn: &mut Conn, hosts: &[String]) -> QueryResult<Vec<(String, i64)>> {
    deliveries::table
        .filter(deliveries::host.eq_any(hosts))
        .group_by(deliveries::host)
        .select((deliveries::host, diesel::dsl::count_star()))
        .load(conn)
}
