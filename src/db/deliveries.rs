//! What is still to be sent: one row per activity and inbox.
use diesel::{dsl::not, prelude::*};

use super::{
    Conn,
    among::Among as _,
    prepared::Prepared,
    schema::{activities, deliveries, waiting_hosts},
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
    /// In this order within a host and priority.
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
    /// [`PERSONAL`] or [`FOR_ALL`], or put aside.
    pub priority: i32,
}

/// What is for one person; it goes before what is for everyone.
pub const PERSONAL: i32 = 0;
/// What is for everyone.
pub const FOR_ALL: i32 = 1;
/// What a server fell over; nothing else waits for it any more.
const ASIDE: i32 = 2;

/// New deliveries; those that are there already are left as they are. Nobody sends them before their
/// hosts are called, see [`call_hosts`].
pub fn insert_all(conn: &mut Conn, rows: &[Delivery]) -> QueryResult<()> {
    for rows in rows.chunks(1_000) {
        on!(conn, c => diesel::insert_into(deliveries::table)
            .values(rows).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// The hosts to which these activities go are to be sent to.
///
/// Always in the order of their names and in one statement, so that two who send never wait for each
/// other. `PostgreSQL` holds the rows even where nothing changes: see `leave`.
pub fn call_hosts(conn: &mut Conn, activities: &[ActivityId]) -> QueryResult<()> {
    const ONE: &str = "INSERT INTO waiting_hosts (host, priority, due_at, since) \
        SELECT host, MIN(priority), 0, MIN(created_at) FROM deliveries WHERE activity_id = ? \
        GROUP BY host ORDER BY host \
        ON CONFLICT (host) DO UPDATE SET priority = excluded.priority \
        WHERE waiting_hosts.priority > excluded.priority";
    match activities {
        [] => Ok(()),
        [one] => Prepared::new(ONE).number(one.0).run(conn).map(drop),
        many => {
            let ids: Vec<String> = many.iter().map(|activity| activity.0.to_string()).collect();
            let among = format!("IN ({})", ids.join(", "));
            diesel::sql_query(ONE.replace("= ?", &among)).execute(conn).map(drop)
        }
    }
}

/// Hosts with something to send whose time has come: the urgent, then who has waited longest.
pub fn due_hosts(
    conn: &mut Conn,
    now: Time,
    except: &[String],
    limit: i64,
) -> QueryResult<Vec<String>> {
    on!(conn, c => waiting_hosts::table
        .filter(waiting_hosts::due_at.le(now))
        .filter(not(waiting_hosts::host.among(except.iter().map(String::as_str))))
        .order((waiting_hosts::priority, waiting_hosts::since, waiting_hosts::host))
        .select(waiting_hosts::host)
        .limit(limit)
        .load(c))
}

/// Lets everything else that waits for the host go before this.
pub fn put_aside(conn: &mut Conn, id: i64) -> QueryResult<usize> {
    diesel::update(deliveries::table.find(id)).set(deliveries::priority.eq(ASIDE)).execute(conn)
}

/// When a host is tried again.
pub fn postpone(conn: &mut Conn, host: &str, due_at: Time) -> QueryResult<usize> {
    diesel::update(waiting_hosts::table.find(host))
        .set(waiting_hosts::due_at.eq(due_at))
        .execute(conn)
}

/// Notes what still waits for a host; says whether anything does.
///
/// Whoever adds to what waits has the host's row until they commit ([`call_hosts`]), so a host that
/// is taken off the list here has nothing that anybody could be about to add unseen.
pub fn leave(conn: &mut Conn, host: &str, now: Time) -> QueryResult<bool> {
    // Takes the row, in both databases; what waits is asked after that.
    Prepared::new("UPDATE waiting_hosts SET since = ? WHERE host = ?")
        .number(now.0)
        .text(host)
        .run(conn)?;
    let next: Option<i32> = on!(conn, c => deliveries::table
        .filter(deliveries::host.eq(host))
        .order((deliveries::priority.asc(), deliveries::id.asc()))
        .select(deliveries::priority)
        .first(c)
        .optional())?;
    match next {
        Some(priority) => {
            Prepared::new("UPDATE waiting_hosts SET priority = ? WHERE host = ?")
                .number(priority.into())
                .text(host)
                .run(conn)?;
        }
        None => {
            on!(conn, c => diesel::delete(waiting_hosts::table.find(host)).execute(c))?;
        }
    }
    Ok(next.is_some())
}

/// Which of `hosts` have something waiting.
pub fn waiting_among(conn: &mut Conn, hosts: &[String]) -> QueryResult<Vec<String>> {
    on!(conn, c => waiting_hosts::table
        .filter(waiting_hosts::host.among(hosts.iter().map(String::as_str)))
        .select(waiting_hosts::host)
        .load(c))
}

/// The next deliveries of a host, in order, each with the JSON text to send.
pub fn next_of_host(
    conn: &mut Conn,
    host: &str,
    limit: i64,
) -> QueryResult<Vec<(Delivery, String)>> {
    on!(conn, c => deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(deliveries::host.eq(host))
        .order((deliveries::priority.asc(), deliveries::id.asc()))
        .limit(limit)
        .select((Delivery::as_select(), activities::body))
        .load(c))
}

/// These arrived, or never will.
pub fn delete(conn: &mut Conn, ids: &[i64]) -> QueryResult<usize> {
    on!(conn, c => diesel::delete(
        deliveries::table.filter(deliveries::id.among(ids.iter().copied()))
    )
    .execute(c))
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
    on!(conn, c => deliveries::table.count().get_result(c))
}

/// How many wait for each of `hosts`.
pub fn waiting_for(conn: &mut Conn, hosts: &[String]) -> QueryResult<Vec<(String, i64)>> {
    on!(conn, c => deliveries::table
        .filter(deliveries::host.among(hosts.iter().map(String::as_str)))
        .group_by(deliveries::host)
        .select((deliveries::host, diesel::dsl::count_star()))
        .load(c))
}
