//! `commonhold ledger ..`
use clap::Subcommand;
use commonhold::{
    db::{
        self, Conn,
        actors::Actor,
        witnesses::{Fault, Followed},
    },
    domain::{self, Tx, ledger},
    error::{Error, Result},
    tasks,
    types::Time,
};
use serde_json::{Value, json};

use super::{
    Context,
    report::{Failure, Report},
};

/// Faults that are listed.
const FAULTS: i64 = 1_000;

#[derive(Subcommand)]
pub enum Ledger {
    /// List the ledgers of groups elsewhere that this node is a witness of, and what it found wrong.
    List,
    /// Look at them now. The running node does it.
    Look,
    /// Erase what the ledger of a group here says of somebody, where the law demands it and they
    /// cannot ask for it themselves. Whoever checks the ledger reads that you did it of your own
    /// accord; of more than one entry in a hundred the check fails.
    Forget {
        /// The group.
        group: String,
        /// Who: @name@host, or the address of the account.
        person: String,
    },
}

pub fn run(context: &Context, what: &Ledger) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = match what {
        Ledger::List => app.read_now(list),
        Ledger::Look => app.write_now(|tx| {
            let count = tasks::look_at_ledgers(tx)?;
            Ok(Report::new(
                format!("{count} ledgers will be looked at."),
                json!({"ledgers": count}),
            ))
        }),
        Ledger::Forget { group, person } => {
            let (group, person) = (group.clone(), person.clone());
            app.write_now(move |tx| forget(tx, &group, &person))
        }
    };
    app.close();
    Ok(done?)
}

fn forget(tx: &mut Tx, group: &str, person: &str) -> Result<Report> {
    let group = db::actors::local_by_name(tx, group.trim_start_matches('@'))?;
    let group = group.filter(Actor::is_group).ok_or(Error::NotFound)?;
    let known = match person.trim_start_matches('@').split_once('@') {
        Some((name, host)) => db::actors::remote_by_handle(tx, name, host)?,
        None if person.contains("://") => db::actors::by_ap_id(tx, person)?,
        None => db::actors::local_by_name(tx, person.trim_start_matches('@'))?,
    };
    let person = known.ok_or(Error::NotFound)?;
    let erased = ledger::forget(tx, &group, &person, None)?;
    domain::members::audit(tx, None, "erased from a ledger", person.id)?;
    Ok(Report::new(
        format!("{erased} entries of the ledger of {} are erased.", group.name),
        json!({ "erased": erased }),
    ))
}

fn list(conn: &mut Conn) -> Result<Report> {
    let (mut lines, mut rows) = (Vec::new(), Vec::new());
    for id in db::witnesses::to_follow(conn)? {
        let group = db::actors::by_id(conn, id)?;
        let size = db::ledger::state(conn, id)?.map_or(0, |state| state.size);
        let seen = db::witnesses::followed(conn, id)?;
        lines.push(line(&group, size, seen.as_ref()));
        rows.push(row(&group, size, seen.as_ref()));
    }
    let mut faults = Vec::new();
    for fault in db::witnesses::faults(conn, None, FAULTS)? {
        let group = db::actors::by_id(conn, fault.group_id)?;
        lines.push(format!(
            "FAULT {} {} {} {}",
            fault.found_at.rfc3339(),
            group.ap_id,
            fault.kind,
            fault.subject
        ));
        faults.push(accusation(&group, &fault));
    }
    let text = if lines.is_empty() { "No ledgers are followed.".into() } else { lines.join("\n") };
    Ok(Report::new(text, json!({"ledgers": rows, "faults": faults})))
}

fn line(group: &Actor, size: i64, seen: Option<&Followed>) -> String {
    let when = seen.filter(|seen| seen.looked_at > Time(0)).map(|seen| seen.looked_at.rfc3339());
    let trouble = seen.and_then(|seen| seen.trouble.clone()).unwrap_or_default();
    let when = when.unwrap_or_else(|| "never".into());
    format!("{:<60} {size:>8} {when:<24} {trouble}", group.ap_id.as_str()).trim_end().to_owned()
}

fn row(group: &Actor, size: i64, seen: Option<&Followed>) -> Value {
    json!({
        "group": group.ap_id,
        "entries": size,
        "looked_at": seen.filter(|seen| seen.looked_at > Time(0)).map(|seen| seen.looked_at.rfc3339()),
        "trouble": seen.and_then(|seen| seen.trouble.clone()),
    })
}

fn accusation(group: &Actor, fault: &Fault) -> Value {
    json!({
        "id": fault.id.to_string(),
        "group": group.ap_id,
        "kind": fault.kind,
        "subject": fault.subject,
        "found_at": fault.found_at.rfc3339(),
    })
}
