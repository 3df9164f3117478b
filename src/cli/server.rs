//! `commonhold server ..`
use clap::Subcommand;
use commonhold::{
    App, db,
    db::servers::{Server as Known, ServerPolicy},
    domain::servers,
};
use serde_json::{Value, json};

use super::{
    Context,
    report::{Failure, Report},
};

/// Servers read from the database at once.
const PIECE: i64 = 500;

#[derive(Subcommand)]
pub enum Server {
    /// List the servers this node knows, with how deliveries to them go.
    List {
        /// Only those that are limited or blocked.
        #[arg(long)]
        restricted: bool,
    },
    /// Keep a server at arm's length: its people show to their followers only, and ask before they
    /// follow or join. Holds for all below the domain.
    Limit {
        /// Its domain.
        host: String,
    },
    /// Take nothing from a server and send it nothing; hide what it wrote.
    Block {
        /// Its domain.
        host: String,
    },
    /// Deal with a server like with any other again.
    Allow {
        /// Its domain.
        host: String,
    },
}

pub fn run(context: &Context, what: Server) -> Result<Report, Failure> {
    match what {
        Server::List { restricted } => list(context, restricted),
        Server::Limit { host } => set(context, &host, ServerPolicy::Limited),
        Server::Block { host } => set(context, &host, ServerPolicy::Blocked),
        Server::Allow { host } => set(context, &host, ServerPolicy::Open),
    }
}

fn set(context: &Context, host: &str, policy: ServerPolicy) -> Result<Report, Failure> {
    let host = servers::check_host(context.config.domain(), host)?;
    let app = context.open()?;
    let done = apply(&app, &host, policy);
    app.close();
    done?;
    let words = match policy {
        ServerPolicy::Open => format!("{host} is dealt with like any other server."),
        ServerPolicy::Limited => format!("{host} is limited."),
        ServerPolicy::Blocked => format!("{host} is blocked."),
    };
    Ok(Report::new(words, json!({ "host": host, "policy": policy })))
}

fn apply(app: &App, host: &str, policy: ServerPolicy) -> Result<(), Failure> {
    if policy == ServerPolicy::Blocked {
        loop {
            let host = host.to_owned();
            if !app.write_now(move |tx| servers::part(tx, &host))? {
                break;
            }
        }
    }
    let host = host.to_owned();
    Ok(app.write_now(move |tx| servers::set_policy(tx, &host, policy))?)
}

fn list(context: &Context, restricted: bool) -> Result<Report, Failure> {
    let app = context.open()?;
    let found = read(&app, restricted);
    app.close();
    let found = found?;
    let line = |(server, waiting): &(Known, i64)| {
        format!(
            "{:<40} {:<8} {:<12} {waiting:>8} {}",
            server.host, server.policy, server.software, server.last_error
        )
    };
    let heading = format!("{:<40} {:<8} {:<12} {:>8} {}", "host", "policy", "runs", "waiting", "");
    let lines: Vec<String> =
        std::iter::once(heading.trim_end().to_owned()).chain(found.iter().map(line)).collect();
    let rows: Vec<Value> = found.iter().map(|(server, waiting)| row(server, *waiting)).collect();
    let text: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    Ok(Report::new(text.join("\n"), Value::from(rows)))
}

fn read(app: &App, restricted: bool) -> Result<Vec<(Known, i64)>, Failure> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let (servers, waiting) = app.read_now(|conn| {
            let servers = db::servers::list(conn, &from, PIECE)?;
            let hosts: Vec<String> = servers.iter().map(|server| server.host.clone()).collect();
            Ok((servers, db::deliveries::waiting_for(conn, &hosts)?))
        })?;
        let Some(last) = servers.last() else { return Ok(all) };
        after.clone_from(&last.host);
        for server in servers {
            if restricted && server.policy == ServerPolicy::Open {
                continue;
            }
            let count = waiting.iter().find(|(host, _)| *host == server.host);
            let count = count.map_or(0, |(_, count)| *count);
            all.push((server, count));
        }
    }
}

fn row(server: &Known, waiting: i64) -> Value {
    let time = |at: Option<commonhold::types::Time>| at.map(commonhold::types::Time::rfc3339);
    json!({
        "host": server.host,
        "policy": server.policy,
        "policy_since": time(server.policy_at),
        "class": server.class,
        "software": server.software,
        "version": server.version,
        "waiting": waiting,
        "last_success_at": time(server.last_success_at),
        "failing_since": time(server.failing_since),
        "last_error": server.last_error,
    })
}
