//! Other servers: what they run, and how deliveries to them go.
use diesel::prelude::*;

use super::{Conn, insert_once, schema::servers};
use crate::{text_enum, types::Time};

text_enum! {
    /// What a server wants from a group's Announce (`FEDERATION.md`, peer classes).
    ServerClass {
        /// Not known yet: treated as microblog.
        Unknown = "unknown",
        /// Mastodon and all that show a boost: the id of a post.
        Microblog = "microblog",
        /// Lemmy and all that speak FEP-1b12: the whole activity.
        Group = "group",
        /// Our own kind: the whole activity, and the post's author too.
        Commonhold = "commonhold",
    }
}

impl ServerClass {
    /// Wants activities embedded in a group's Announce.
    pub fn takes_activities(self) -> bool {
        matches!(self, Self::Group | Self::Commonhold)
    }
}

/// A row of `servers`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = servers)]
#[diesel(treat_none_as_null = true)]
pub struct Server {
    /// Host, with a port where it has one.
    pub host: String,
    /// What it wants.
    pub class: ServerClass,
    /// `software.name` of its `NodeInfo`.
    pub software: String,
    /// `software.version` of its `NodeInfo`.
    pub version: String,
    /// When that was read.
    pub checked_at: Time,
    /// open or blocked.
    pub policy: String,
    /// Failed deliveries in a row.
    pub failures: i32,
    /// Since when all failed.
    pub failing_since: Option<Time>,
    /// Not before this is the next try.
    pub retry_at: Time,
    /// Of the last delivery that arrived.
    pub last_success_at: Option<Time>,
    /// Why the last one did not.
    pub last_error: String,
    /// First heard of.
    pub created_at: Time,
}

impl Server {
    /// A server we only know the name of.
    pub fn new(host: &str, now: Time) -> Self {
        Self {
            host: host.to_owned(),
            class: ServerClass::Unknown,
            software: String::new(),
            version: String::new(),
            checked_at: Time(0),
            policy: "open".into(),
            failures: 0,
            failing_since: None,
            retry_at: Time(0),
            last_success_at: None,
            last_error: String::new(),
            created_at: now,
        }
    }

    /// Nothing is taken from it, nothing sent to it.
    pub fn is_blocked(&self) -> bool {
        self.policy == "blocked"
    }
}

/// What is known of a host.
pub fn by_host(conn: &mut Conn, host: &str) -> QueryResult<Option<Server>> {
    servers::table.find(host).select(Server::as_select()).first(conn).optional()
}

/// What is known of `hosts`.
pub fn by_hosts(conn: &mut Conn, hosts: &[String]) -> QueryResult<Vec<Server>> {
    servers::table.filter(servers::host.eq_any(hosts)).select(Server::as_select()).load(conn)
}

/// What is known of a host; written down if it is new.
pub fn meet(conn: &mut Conn, host: &str, now: Time) -> QueryResult<Server> {
    if let Some(known) = by_host(conn, host)? {
        return Ok(known);
    }
    let server = Server::new(host, now);
    insert_once(conn, |conn| diesel::insert_into(servers::table).values(&server).execute(conn))?;
    Ok(by_host(conn, host)?.unwrap_or(server))
}

/// Writes down what a server runs.
pub fn set_software(
    conn: &mut Conn,
    host: &str,
    class: ServerClass,
    software: &str,
    version: &str,
    now: Time,
) -> QueryResult<usize> {
    diesel::update(servers::table.find(host))
        .set((
            servers::class.eq(class),
            servers::software.eq(software),
            servers::version.eq(version),
            servers::checked_at.eq(now),
        ))
        .execute(conn)
}

/// Writes down what a server wants, as it showed by what it sent.
pub fn set_class(conn: &mut Conn, host: &str, class: ServerClass) -> QueryResult<usize> {
    diesel::update(servers::table.find(host)).set(servers::class.eq(class)).execute(conn)
}

/// A delivery arrived (or was refused for good, which is an answer too).
pub fn succeeded(conn: &mut Conn, host: &str, now: Time) -> QueryResult<usize> {
    diesel::update(servers::table.find(host))
        .set((
            servers::failures.eq(0),
            servers::failing_since.eq(None::<Time>),
            servers::retry_at.eq(Time(0)),
            servers::last_success_at.eq(now),
        ))
        .execute(conn)
}

/// A delivery failed and is to be tried again at `retry_at`.
pub fn failed(
    conn: &mut Conn,
    host: &str,
    error: &str,
    now: Time,
    retry_at: Time,
) -> QueryResult<usize> {
    diesel::update(servers::table.find(host).filter(servers::failing_since.is_null()))
        .set(servers::failing_since.eq(now))
        .execute(conn)?;
    diesel::update(servers::table.find(host))
        .set((
            servers::failures.eq(servers::failures + 1),
            servers::retry_at.eq(retry_at),
            servers::last_error.eq(error.chars().take(500).collect::<String>()),
        ))
        .execute(conn)
}

/// A server that was given up has spoken to us: it may be tried again at once.
pub fn is_back(conn: &mut Conn, host: &str) -> QueryResult<usize> {
    diesel::update(servers::table.find(host).filter(servers::retry_at.gt(Time(0))))
        .set(servers::retry_at.eq(Time(0)))
        .execute(conn)
}

/// Known servers, by name.
pub fn list(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<Server>> {
    servers::table
        .filter(servers::host.gt(after.to_owned()))
        .order(servers::host.asc())
        .limit(limit)
        .select(Server::as_select())
        .load(conn)
}

/// How many servers are known.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    servers::table.count().get_result(conn)
}
