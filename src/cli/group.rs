//! `commonhold group ..`
use clap::Subcommand;
use commonhold::{
    domain::groups::{self, NewGroup},
    keys::KeyPair,
};
use serde_json::json;

use super::{
    Context, member,
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
    },
}

pub fn run(context: &Context, what: Group) -> Result<Report, Failure> {
    let Group::Create { name, purpose, founder, title, private } = what;
    let new = NewGroup { name, title, purpose, private, rules: String::new() };
    let keys = KeyPair::generate()?;
    let app = context.open()?;
    let made = member::find(&app, &founder)
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
