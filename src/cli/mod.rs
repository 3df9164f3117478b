//! The command line: reads what is asked, calls the library, says how it went.
//!
//! Exit codes: 0 done, 1 refused or failed, 2 wrong words or settings. `verify` has its own.
mod announcement;
mod doctor;
mod emoji;
mod group;
mod help_in;
mod invite;
mod ledger;
mod logs;
mod media;
mod member;
mod node;
mod password;
mod report;
mod serve;
mod server;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use commonhold::{app::App, config::Config, db, types::Uri};
use serde_json::json;

use report::{Failure, Report};

/// A federated node for communities that belong to their members.
///
/// Without a command the node is served. Settings come from --config and from the environment
/// (COMMONHOLD_..); `config check` shows them.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Command {
    /// Read settings from this TOML file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print what is data as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Run the node.
    Serve,
    /// Make and look after members' accounts.
    #[command(subcommand)]
    Member(member::Member),
    /// Found groups.
    #[command(subcommand)]
    Group(group::Group),
    /// Make, list and end invites.
    #[command(subcommand)]
    Invite(invite::Invite),
    /// Tell every member something.
    #[command(subcommand)]
    Announcement(announcement::Announcement),
    /// Add and remove the node's own emoji, and keep those of others from being shown.
    #[command(subcommand)]
    Emoji(emoji::Emoji),
    /// Look at what pictures, sound and film take.
    #[command(subcommand)]
    Media(media::Media),
    /// Say which other servers are kept at arm's length, or out.
    #[command(subcommand)]
    Server(server::Server),
    /// Be a witness of the ledgers of groups elsewhere.
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Look after the node's own actor.
    #[command(subcommand)]
    Node(node::Node),
    /// Bring the database's schema up to date, or to another version.
    Migrate(Migrate),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look for what is wrong with this node, and say what to do about it.
    Doctor,
    /// Check the ledger of any group: whether its count can be believed.
    Verify(verify::Verify),
}

#[derive(Args)]
struct Migrate {
    /// The migration to stop at, up or down; the newest if not given.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Only say what is to be done.
    #[arg(long)]
    pending: bool,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check all settings and show each with where it comes from; secrets stay hidden.
    Check,
}

/// Whether something is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// What every command works with.
struct Context {
    config: Config,
}

impl Context {
    /// The node's database and rules, for one change or look beside the running node.
    fn open(&self) -> Result<App, Failure> {
        Ok(App::open(self.config.clone())?)
    }

    /// `@name@domain`.
    fn handle(&self, name: &str) -> String {
        format!("@{name}@{}", self.config.domain())
    }
}

/// Does what the command line asks.
pub fn run() -> ExitCode {
    let Command { config, json, what } = Command::parse();
    let verifying = matches!(what, Some(What::Verify(_)));
    let done = load(config.as_deref()).and_then(|config| {
        let context = Context { config };
        dispatch(&context, what.unwrap_or(What::Serve))
    });
    match done {
        Ok(report) => report.print(json),
        Err(failure) if verifying => failure.code(verify::NOT_CHECKED).print(json),
        Err(failure) => failure.print(json),
    }
}

fn load(file: Option<&std::path::Path>) -> Result<Config, Failure> {
    // Variables that are no UTF-8 are none of ours.
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Config::load(file, env)?)
}

fn dispatch(context: &Context, what: What) -> Result<Report, Failure> {
    if !matches!(what, What::Serve) {
        logs::quiet();
    }
    match what {
        What::Serve => serve::run(context),
        What::Member(what) => member::run(context, what),
        What::Group(what) => group::run(context, what),
        What::Invite(what) => invite::run(context, what),
        What::Announcement(what) => announcement::run(context, what),
        What::Emoji(what) => emoji::run(context, what),
        What::Media(what) => media::run(context, what),
        What::Server(what) => server::run(context, what),
        What::Ledger(what) => ledger::run(context, &what),
        What::Node(what) => node::run(context, what),
        What::Migrate(how) => migrate(context, &how),
        What::Config(ConfigCommand::Check) => Ok(settings(context)),
        What::Doctor => Ok(doctor::run(context)),
        What::Verify(what) => verify::run(context, &what),
    }
}

fn migrate(context: &Context, how: &Migrate) -> Result<Report, Failure> {
    let url = context.config.database_url.expose();
    let (verb, names) = if how.pending {
        ("Pending", db::pending_migrations(url)?)
    } else {
        ("Done", db::migrate(url, how.to.as_deref())?)
    };
    let text = if names.is_empty() {
        "The database is up to date.".to_owned()
    } else {
        format!("{verb}: {}.", names.join(", "))
    };
    Ok(Report::new(text, json!({ "pending": how.pending, "migrations": names })))
}

fn settings(context: &Context) -> Report {
    let Config { shown, unknown_variables, .. } = &context.config;
    let mut lines: Vec<String> = shown
        .iter()
        .map(|(key, value, from)| format!("{key:<26} {:<40} {from}", format!("{value:?}")))
        .collect();
    lines.push(String::new());
    lines.push(format!(
        "The node is {} at {}{}.",
        context.config.domain(),
        Uri(context.config.origin().clone()),
        if context.config.development { ", in development mode" } else { "" }
    ));
    lines.extend(unknown_variables.iter().map(|name| format!("Warning: {name} names no setting.")));
    let settings: serde_json::Map<_, _> = shown
        .iter()
        .map(|(key, value, from)| {
            ((*key).to_owned(), json!({ "value": value, "from": from.to_string() }))
        })
        .collect();
    Report::new(
        lines.join("\n"),
        json!({ "settings": settings, "unknown_variables": unknown_variables }),
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Command::command().debug_assert();
    }
}
