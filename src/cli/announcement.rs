//! `commonhold announcement ..`
use clap::Subcommand;
use commonhold::{
    app::App,
    db,
    domain::announcements::{self, MAX_SHOWN, NewAnnouncement},
    text,
    types::{AnnouncementId, Time},
};
use serde_json::json;

use super::{
    Context, member,
    report::{Failure, Report},
};

#[derive(Subcommand)]
pub enum Announcement {
    /// Tell every member something; they see it in their apps until they put it away.
    Create {
        /// What, in Markdown.
        text: String,
        /// When what it speaks of begins, as 2031-05-01T18:00:00Z.
        #[arg(long, value_name = "TIME")]
        starts: Option<String>,
        /// When it ends; it is shown until then.
        #[arg(long, value_name = "TIME")]
        ends: Option<String>,
        /// The two are days, without a time of day.
        #[arg(long)]
        all_day: bool,
        /// The operator in whose name this is; nobody's if not given.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// List what is shown now.
    List,
    /// Take one back.
    Remove {
        /// What `announcement list` calls it.
        id: i64,
    },
}

pub fn run(context: &Context, what: Announcement) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = match what {
        Announcement::Create { text, starts, ends, all_day, by } => {
            create(&app, by.as_deref(), text, [starts, ends], all_day)
        }
        Announcement::List => list(&app),
        Announcement::Remove { id } => remove(&app, AnnouncementId(id)),
    };
    app.close();
    done
}

fn time(text: &str) -> Result<Time, Failure> {
    Time::parse(text)
        .or_else(|| Time::parse(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| Failure::new(format!("{text:?} is no time: write 2031-05-01T18:00:00Z")))
}

fn create(
    app: &App,
    by: Option<&str>,
    source: String,
    [starts, ends]: [Option<String>; 2],
    all_day: bool,
) -> Result<Report, Failure> {
    let by = by.map(|name| member::find(app, name)).transpose()?.map(|actor| actor.id);
    let new = NewAnnouncement {
        source,
        starts_at: starts.as_deref().map(time).transpose()?,
        ends_at: ends.as_deref().map(time).transpose()?,
        all_day,
    };
    let row = app.write_now(move |tx| announcements::announce(tx, by, &new))?;
    Ok(Report::new(
        format!("Every member is told: announcement {}.", row.id),
        json!({ "id": row.id.to_string() }),
    ))
}

fn list(app: &App) -> Result<Report, Failure> {
    let now = app.now();
    let rows = app.read_now(|conn| Ok(db::announcements::current(conn, now, MAX_SHOWN)?))?;
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let until = row.ends_at.map_or_else(|| "taken back".to_owned(), Time::rfc3339);
            format!("{}  until {until}  {}", row.id, text::excerpt(&row.content, 60))
        })
        .collect();
    if lines.is_empty() {
        lines.push("Nothing is announced.".to_owned());
    }
    let data: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.id.to_string(), "text": row.source,
                "starts_at": row.starts_at.map(Time::rfc3339),
                "ends_at": row.ends_at.map(Time::rfc3339),
            })
        })
        .collect();
    Ok(Report::new(lines.join("\n"), json!(data)))
}

fn remove(app: &App, id: AnnouncementId) -> Result<Report, Failure> {
    match app.write_now(move |tx| announcements::withdraw(tx, None, id)) {
        Ok(()) => Ok(Report::new(
            format!("Announcement {id} is taken back."),
            json!({ "id": id.to_string() }),
        )),
        Err(commonhold::error::Error::NotFound) => {
            Err(Failure::new(format!("there is no announcement {id}: see `announcement list`")))
        }
        Err(error) => Err(error.into()),
    }
}
