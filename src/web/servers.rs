//! `/operator/servers`: how things stand with every other server.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    ledgers, operator,
    reader::Reader,
    show::Lens,
    views::{
        operator::{ServerLine, ServerState, ServersPage},
        words,
    },
};
use crate::{
    db::{
        Conn, deliveries,
        servers::{self, Server, ServerPolicy},
    },
    error::Result,
};

/// How many servers stand on a page.
const PAGE: i64 = 50;

/// Which part of the list.
#[derive(serde::Deserialize)]
pub struct Query {
    #[serde(default)]
    after: String,
    #[serde(default)]
    show: String,
}

/// The table of servers, by name.
///
/// # Errors
/// `Forbidden` for everyone but operators.
pub async fn show(reader: Reader, query: web::Query<Query>) -> Result<HttpResponse> {
    operator::operator(&reader)?;
    let Query { after, show } = query.into_inner();
    let (lens, begun, trouble) = (reader.lens(), !after.is_empty(), show == "trouble");
    let (servers, next, known, waiting, faults) = reader
        .app
        .read(move |conn| {
            let (servers, next) = part(conn, &lens, &after, trouble)?;
            let faults = ledgers::all_faults(conn, &lens)?;
            Ok((servers, next, servers::count(conn)?, deliveries::waiting(conn)?, faults))
        })
        .await?;
    let n = |n: i64| u64::try_from(n).unwrap_or_default();
    let known = words::count(n(known), "server", "servers");
    let waiting = match n(waiting) {
        0 => "Nothing waits to be sent.".to_owned(),
        n => format!("{} to be sent.", words::count(n, "activity waits", "activities wait")),
    };
    reader.html(&ServersPage {
        page: operator::frame(&reader, "Other servers"),
        faults,
        summary: format!("This server knows {known}. {waiting}"),
        servers,
        trouble,
        next,
        begun,
    })
}

fn part(
    conn: &mut Conn,
    lens: &Lens,
    after: &str,
    trouble: bool,
) -> Result<(Vec<ServerLine>, String)> {
    let mut rows = if trouble {
        servers::in_trouble(conn, after, PAGE + 1)?
    } else {
        servers::list(conn, after, PAGE + 1)?
    };
    let most = usize::try_from(PAGE).unwrap_or_default();
    let more = rows.len() > most;
    rows.truncate(most);
    let hosts: Vec<String> = rows.iter().map(|row| row.host.clone()).collect();
    let waiting: BTreeMap<String, i64> =
        deliveries::waiting_for(conn, &hosts)?.into_iter().collect();
    let next = rows.last().filter(|_| more).map(|row| {
        let host = utf8_percent_encode(&row.host, NON_ALPHANUMERIC);
        let show = if trouble { "&show=trouble" } else { "" };
        format!("/operator/servers?after={host}{show}")
    });
    let line = |row: &Server| line(lens, row, waiting.get(&row.host).copied().unwrap_or(0));
    Ok((rows.iter().map(line).collect(), next.unwrap_or_default()))
}

fn line(lens: &Lens, row: &Server, waiting: i64) -> ServerLine {
    let state = match () {
        () if row.is_blocked() => ServerState::Blocked,
        () if row.is_dead(lens.now) => ServerState::Dead,
        () if row.failing_since.is_some() => ServerState::Failing,
        () if row.last_success_at.is_some() => ServerState::Well,
        () => ServerState::New,
    };
    let failing = matches!(state, ServerState::Failing | ServerState::Dead);
    ServerLine {
        host: row.host.clone(),
        software: format!("{} {}", row.software, row.version).trim().to_owned(),
        state,
        limited: row.policy == ServerPolicy::Limited,
        since: row.failing_since.map(|at| words::when(at, lens.now)).unwrap_or_default(),
        next_try: if failing && row.retry_at > lens.now {
            words::until(row.retry_at, lens.now)
        } else {
            String::new()
        },
        last_success: row.last_success_at.map(|at| words::when(at, lens.now)),
        waiting: words::grouped(u64::try_from(waiting).unwrap_or_default()),
        last_error: row.last_error.clone(),
    }
}
