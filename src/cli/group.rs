//! `commonhold group ..`
use clap::Subcommand;
use commonhold::{
    app::App,
    db::{self, actors::Actor},
    domain::{
        groups::{self, NewGroup},
        summaries,
    },
    keys::KeyPair,
};
use serde_json::json;

use super::{
    Context, Switch, member,
    report::{Failure, Report},
};

#[derive(Subcommand)]
pub enum Group {
    /// Found a group.
    Create {
        /// The handle: 3 to 20 of a-z, 0-9 and _.
        name: String,
        /// Why it exists, in one sentence.
        #[arg(long)]
        purpose: String,
        /// The member who founds it, and is its first steward.
        #[arg(long, value_name = "NAME")]
        founder: String,
        /// What it is called; the handle if not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        title: String,
        /// Only members see its posts, and joining waits for approval.
        #[arg(long)]
        private: bool,
        /// It sums up each month in a post of its own.
        #[arg(long)]
        monthly_summary: bool,
    },
    /// Change what a group's charter sets.
    Set {
        /// Which group.
        name: String,
        /// Whether it sums up each month in a post of its own.
        #[arg(long, value_enum)]
        monthly_summary: Switch,
    },
    /// Give a group new keys, and tell every server that knows it.
    RotateKeys {
        /// Which group.
        name: String,
        /// Somebody else may have the old keys: nothing signed with them counts any more.
        #[arg(long)]
        at_once: bool,
    },
}

pub fn run(context: &Context, what: Group) -> Result<Report, Failure> {
    match what {
        Group::Create { name, purpose, founder, title, private, monthly_summary } => {
            let rules = String::new();
            let new = NewGroup { name, title, purpose, rules, private, monthly_summary };
            create(context, new, &founder)
        }
        Group::Set { name, monthly_summary } => set(context, &name, monthly_summary == Switch::On),
        Group::RotateKeys { name, at_once } => member::rotate_keys(context, &name, at_once, find),
    }
}

/// The local group of that name, with or without its @.
fn find(app: &App, name: &str) -> Result<Actor, Failure> {
    let wanted = name.trim_start_matches(['@', '!']).to_lowercase();
    let found = app.read_now(move |conn| Ok(db::actors::local_by_name(conn, &wanted)?))?;
    let group = found.filter(|actor| actor.is_group() && actor.is_active());
    group.ok_or_else(|| Failure::new(format!("there is no group {name} here")))
}

fn set(context: &Context, name: &str, monthly_summary: bool) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|group| {
        app.write_now(move |tx| summaries::set(tx, None, group.id, monthly_summary))?;
        Ok(group)
    });
    app.close();
    let handle = context.handle(&done?.name);
    let text = if monthly_summary {
        format!("{handle} sums up each month, on the first of the next one at 09:00 UTC.")
    } else {
        format!("{handle} does not sum up its months.")
    };
    Ok(Report::new(text, json!({ "name": name, "monthly_summary": monthly_summary })))
}

fn create(context: &Context, new: NewGroup, founder: &str) -> Result<Report, Failure> {
    let keys = KeyPair::generate()?;
    let app = context.open()?;
    let made = member::find(&app, founder)
        .and_then(|founder| Ok(app.write_now(move |tx| groups::found(tx, &founder, new, keys))?));
    app.close();
    let group = made?;
    let handle = context.handle(&group.name);
    Ok(Report::new(
        format!("Founded {handle}, at {}", group.url),
        json!({
            "id": group.id.to_string(), "name": group.name, "handle": handle, "url": group.url,
            "founder": founder,
        }),
    ))
}
