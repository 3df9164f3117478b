//! `commonhold invite ..`
use clap::Subcommand;
use commonhold::{
    app::App,
    db::{self, actors::Actor},
    domain::sign_ups,
};
use serde_json::json;

use super::{
    Context, member,
    report::{Failure, Report},
};

#[derive(Subcommand)]
pub enum Invite {
    /// Make an invite and print its link, as the last word; it is shown this once.
    Create {
        /// How many people may come with it.
        #[arg(long, default_value_t = 1)]
        uses: i32,
        /// For how many days it holds.
        #[arg(long, value_name = "DAYS", default_value_t = 7)]
        expires: i64,
        /// The member who invites; the first operator if not given.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// List the invites that still hold.
    List,
    /// End an invite.
    Revoke {
        /// What `invite list` calls it.
        id: String,
    },
}

pub fn run(context: &Context, what: Invite) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = match what {
        Invite::Create { uses, expires, by } => create(&app, by.as_deref(), uses, expires),
        Invite::List => list(&app),
        Invite::Revoke { id } => revoke(&app, &id),
    };
    app.close();
    done
}

fn create(app: &App, by: Option<&str>, uses: i32, days: i64) -> Result<Report, Failure> {
    let inviter: Actor = match by {
        Some(name) => member::find(app, name)?,
        None => {
            app.read_now(|conn| Ok(db::members::operators(conn)?))?.into_iter().next().ok_or_else(
                || Failure::new("nobody runs this node yet: say who invites with --by"),
            )?
        }
    };
    let (code, invite) =
        app.write_now(move |tx| sign_ups::invite(tx, None, inviter.id, uses, days))?;
    let link = format!("{}auth/sign_up?invite={code}", app.origin());
    let until = invite.expires_at.rfc3339();
    Ok(Report::new(
        format!("Invite {} for {uses}, until {until}: {link}", invite.short()),
        json!({
            "id": invite.short(), "uses_left": uses, "expires_at": until, "code": code,
            "link": link,
        }),
    ))
}

/// Most invites that are listed at once.
const MOST: i64 = 1_000;

fn list(app: &App) -> Result<Report, Failure> {
    let now = app.now();
    let rows = app.read_now(|conn| {
        let invites = db::invites::open(conn, now, MOST)?;
        let ids: Vec<_> = invites.iter().map(|invite| invite.inviter_id).collect();
        Ok((invites, db::actors::by_ids(conn, &ids)?))
    })?;
    let (invites, people) = rows;
    let by = |invite: &db::invites::Invite| {
        let found = people.iter().find(|actor| actor.id == invite.inviter_id);
        found.map(|actor| actor.name.clone()).unwrap_or_default()
    };
    let mut lines: Vec<String> = invites
        .iter()
        .map(|invite| {
            let until = invite.expires_at.rfc3339();
            format!(
                "{}  by {}  {} left  until {until}",
                invite.short(),
                by(invite),
                invite.uses_left
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push("No invite holds.".to_owned());
    }
    let data: Vec<_> = invites
        .iter()
        .map(|invite| {
            json!({
                "id": invite.short(), "by": by(invite), "uses_left": invite.uses_left,
                "expires_at": invite.expires_at.rfc3339(),
            })
        })
        .collect();
    Ok(Report::new(lines.join("\n"), json!(data)))
}

fn revoke(app: &App, id: &str) -> Result<Report, Failure> {
    let wanted = id.to_owned();
    match app.write_now(move |tx| sign_ups::revoke(tx, None, &wanted)) {
        Ok(()) => Ok(Report::new(format!("Invite {id} has ended."), json!({ "id": id }))),
        Err(commonhold::error::Error::NotFound) => {
            Err(Failure::new(format!("there is no invite {id}: see `invite list`")))
        }
        Err(error) => Err(error.into()),
    }
}
