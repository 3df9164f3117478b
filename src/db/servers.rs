//! Other servers: what they run, and how deliveries to them go.
use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    prepared::Prepared,
    schema::{servers, waiting_hosts},
};
use crate::{insert_new, on, text_enum, types::Time};

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

text_enum! {
    /// How a server is dealt with here.
    ServerPolicy {
        /// Like any other.
        Open = "open",
        /// Its people show to those who follow them, and ask before they follow or join.
        Limited = "limited",
        /// Nothing is taken from it, nothing sent to it, nothing of it shown.
        Blocked = "blocked",
    }
}
/// A server that did not answer for so many days is taken for dead.
const DEAD_DAYS: i64 = 7;

/// A row of `servers`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = servers)]
#[diesel(treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false)]
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
    /// How it is dealt with.
    pub policy: ServerPolicy,
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
    /// Since when it is dealt with like this.
    pub policy_at: Option<Time>,
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
            policy: ServerPolicy::Open,
            failures: 0,
            failing_since: None,
            retry_at: Time(0),
            last_success_at: None,
            last_error: String::new(),
            created_at: now,
            policy_at: None,
        }
    }
}

impl Server {
    /// It has not answered for a week: nothing new is kept for it, and it is tried once a day.
    pub fn is_dead(&self, now: Time) -> bool {
        self.failing_since.is_some_and(|since| since < now.plus_days(-DEAD_DAYS))
    }

    /// Nothing is taken from it, nothing sent to it.
    pub fn is_blocked(&self) -> bool {
        self.policy == ServerPolicy::Blocked
    }
}

/// A host without its port, and every domain above it that could stand for it.
fn with_parents(host: &str) -> Vec<String> {
    let bare = host.split(':').next().unwrap_or(host);
    let dots = bare.match_indices('.').filter_map(|(at, _)| bare.get(at + 1..));
    let parents = dots.filter(|parent| parent.contains('.')).take(8);
    let mut all = vec![host.to_owned(), bare.to_owned()];
    all.extend(parents.map(str::to_owned));
    all.dedup();
    all
}

/// Those of `hosts` that are dealt with at least as strictly as `least`, by what was said of
/// themselves or of a domain above them.
pub fn restricted(
    conn: &mut Conn,
    hosts: &[String],
    least: ServerPolicy,
) -> QueryResult<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for hosts in hosts.chunks(1_000) {
        let names: Vec<String> = hosts.iter().flat_map(|host| with_parents(host)).collect();
        let said: Vec<(String, ServerPolicy)> = servers::table
            .filter(servers::host.among(names).and(servers::policy.ne(ServerPolicy::Open)))
            .select((servers::host, servers::policy))
            .load(conn)?;
        let strict: Vec<String> =
            said.into_iter().filter(|(_, policy)| *policy >= least).map(|(host, _)| host).collect();
        let is_strict = |host: &&String| with_parents(host).iter().any(|n| strict.contains(n));
        found.extend(hosts.iter().filter(|_| !strict.is_empty()).filter(is_strict).cloned());
    }
    Ok(found)
}

/// What is known of `hosts`, and whether one of them, or a domain above it, is blocked.
pub fn standing(conn: &mut Conn, hosts: &[String]) -> QueryResult<(Vec<Server>, bool)> {
    let names: Vec<String> = hosts.iter().flat_map(|host| with_parents(host)).collect();
    let mut known = by_hosts(conn, &names)?;
    let blocked = known.iter().any(Server::is_blocked);
    known.retain(|server| hosts.contains(&server.host));
    Ok((known, blocked))
}

/// Whether nothing is taken from this host and nothing sent to it.
pub fn is_blocked(conn: &mut Conn, host: &str) -> QueryResult<bool> {
    Ok(!restricted(conn, &[host.to_owned()], ServerPolicy::Blocked)?.is_empty())
}

/// Whether the people of this host show only to those who follow them.
pub fn is_limited(conn: &mut Conn, host: &str) -> QueryResult<bool> {
    Ok(!restricted(conn, &[host.to_owned()], ServerPolicy::Limited)?.is_empty())
}

/// Writes down how a host is dealt with.
pub fn set_policy(
    conn: &mut Conn,
    host: &str,
    policy: ServerPolicy,
    since: Option<Time>,
) -> QueryResult<usize> {
    diesel::update(servers::table.find(host))
        .set((servers::policy.eq(policy), servers::policy_at.eq(since)))
        .execute(conn)
}

/// What is known of a host.
pub fn by_host(conn: &mut Conn, host: &str) -> QueryResult<Option<Server>> {
    on!(conn, c => servers::table.find(host).select(Server::as_select()).first(c).optional())
}

/// What is known of `hosts`.
pub fn by_hosts(conn: &mut Conn, hosts: &[String]) -> QueryResult<Vec<Server>> {
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    on!(conn, c => servers::table
        .filter(servers::host.among(hosts.iter().map(String::as_str)))
        .select(Server::as_select())
        .load(c))
}

/// Those of `hosts` that are dead: see [`Server::is_dead`].
pub fn dead_among(conn: &mut Conn, hosts: &[String], now: Time) -> QueryResult<Vec<String>> {
    on!(conn, c => servers::table
        .filter(servers::host.among(hosts.iter().map(String::as_str)))
        .filter(servers::failing_since.lt(now.plus_days(-DEAD_DAYS)))
        .select(servers::host)
        .load(c))
}

/// A host and those known below it.
pub fn at_or_below(conn: &mut Conn, host: &str) -> QueryResult<Vec<Server>> {
    let below = format!("%.{}", host.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    servers::table
        .filter(servers::host.eq(host).or(servers::host.like(below).escape('\\')))
        .select(Server::as_select())
        .load(conn)
}

/// What is known of a host; written down if it is new, and then dealt with like the domain above it.
pub fn meet(conn: &mut Conn, host: &str, now: Time) -> QueryResult<Server> {
    if let Some(known) = by_host(conn, host)? {
        return Ok(known);
    }
    let mut server = Server::new(host, now);
    let above: Vec<Server> = by_hosts(conn, &with_parents(host))?;
    if let Some(strict) = above.into_iter().max_by_key(|server| server.policy) {
        (server.policy, server.policy_at) = (strict.policy, strict.policy_at);
    }
    insert_new!(conn, servers::table, &server)?;
    Ok(by_host(conn, host)?.unwrap_or(server))
}

/// Writes down what a server runs, and what that makes it; `None`: it says nothing of that.
///
/// What it sends says more than what it calls itself, and may say so at the same moment: what was learnt
/// from that stays.
pub fn set_software(
    conn: &mut Conn,
    host: &str,
    class: Option<ServerClass>,
    software: &str,
    version: &str,
    now: Time,
) -> QueryResult<usize> {
    let server = servers::table.find(host);
    if let Some(class) = class {
        set_class(conn, host, class)?;
    } else {
        diesel::update(server.filter(servers::class.eq(ServerClass::Unknown)))
            .set(servers::class.eq(ServerClass::Microblog))
            .execute(conn)?;
    }
    diesel::update(server)
        .set((
            servers::software.eq(software),
            servers::version.eq(version),
            servers::checked_at.eq(now),
        ))
        .execute(conn)
}

/// A server showed by what it sent that it wants whole activities; what kind it is beyond that may be
/// found out at the same moment, and stays.
pub fn takes_activities(conn: &mut Conn, host: &str) -> QueryResult<usize> {
    let unknown = [ServerClass::Unknown, ServerClass::Microblog];
    diesel::update(servers::table.find(host).filter(servers::class.eq_any(unknown)))
        .set(servers::class.eq(ServerClass::Group))
        .execute(conn)
}

fn set_class(conn: &mut Conn, host: &str, class: ServerClass) -> QueryResult<usize> {
    diesel::update(servers::table.find(host)).set(servers::class.eq(class)).execute(conn)
}

/// A delivery arrived (or was refused for good, which is an answer too).
pub fn succeeded(conn: &mut Conn, host: &str, now: Time) -> QueryResult<usize> {
    Prepared::new(
        "UPDATE servers SET failures = 0, failing_since = NULL, retry_at = 0, last_success_at = ? \
         WHERE host = ?",
    )
    .number(now.0)
    .text(host)
    .run(conn)
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
    diesel::update(waiting_hosts::table.find(host))
        .set(waiting_hosts::due_at.eq(Time(0)))
        .execute(conn)?;
    diesel::update(servers::table.find(host).filter(servers::retry_at.gt(Time(0))))
        .set(servers::retry_at.eq(Time(0)))
        .execute(conn)
}

/// Known servers, by name.
pub fn list(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<Server>> {
    on!(conn, c => servers::table
        .filter(servers::host.gt(after.to_owned()))
        .order(servers::host.asc())
        .limit(limit)
        .select(Server::as_select())
        .load(c))
}

/// Those that fail or are blocked, by name.
pub fn in_trouble(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<Server>> {
    servers::table
        .filter(servers::host.gt(after.to_owned()))
        .filter(servers::failing_since.is_not_null().or(servers::policy.ne(ServerPolicy::Open)))
        .order(servers::host.asc())
        .limit(limit)
        .select(Server::as_select())
        .load(conn)
}

/// How many servers are known.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, c => servers::table.count().get_result(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_stands_for_what_is_below_it() {
        let names = with_parents("a.b.evil.example:8080");
        assert_eq!(
            names,
            ["a.b.evil.example:8080", "a.b.evil.example", "b.evil.example", "evil.example"]
        );
        assert_eq!(with_parents("evil.example"), ["evil.example"]);
        assert_eq!(with_parents("localhost:1"), ["localhost:1", "localhost"]);
        assert!(ServerPolicy::Blocked > ServerPolicy::Limited);
    }
}
