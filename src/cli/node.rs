//! `commonhold node ..`
use clap::Subcommand;
use commonhold::{
    app::App,
    db::{self, actors::Actor},
    domain::actors::NODE_NAME,
};
use serde_json::json;

use super::{
    Context, member,
    report::{Failure, Report},
};

#[derive(Clone, Copy, Subcommand)]
pub enum Node {
    /// Give the node itself new keys: those it asks other servers with, and reports in its name.
    RotateKeys {
        /// Somebody else may have the old keys: nothing signed with them counts any more.
        #[arg(long)]
        at_once: bool,
    },
}

pub fn run(context: &Context, what: Node) -> Result<Report, Failure> {
    match what {
        Node::RotateKeys { at_once } => rotate_keys(context, at_once),
    }
}

fn rotate_keys(context: &Context, at_once: bool) -> Result<Report, Failure> {
    let actor = member::new_keys(context, at_once, own_actor)?;
    Ok(Report::new(
        format!("{} has new keys; other servers look them up.", context.config.domain()),
        json!({ "key_id": actor.key_id, "at_once": at_once }),
    ))
}

/// The node's own actor.
fn own_actor(app: &App) -> Result<Actor, Failure> {
    let found = app.read_now(|conn| Ok(db::actors::local_by_name(conn, NODE_NAME)?))?;
    found.ok_or_else(|| Failure::new("the node makes its keys when it first runs; it has not yet"))
}
