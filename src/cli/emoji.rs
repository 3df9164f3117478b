//! `commonhold emoji ..`
use std::path::{Path, PathBuf};

use clap::Subcommand;
use commonhold::{
    app::App,
    db::{self, emojis::Emoji as Row},
    domain::{
        emojis::{self, MAX_EMOJI_BYTES, NewEmoji},
        media::size,
    },
    error::Error,
    media,
    tasks::{self, Task},
};
use serde_json::json;

use super::{
    Context, member,
    report::{Failure, Report},
};

/// Most of another server's that are listed.
const MOST_LISTED: i64 = 20_000;

#[derive(Subcommand)]
pub enum Emoji {
    /// Add an emoji, or give the one of that name another picture. Members write its name between
    /// colons.
    Add {
        /// 2 to 64 letters, digits and underscores.
        name: String,
        /// A PNG, GIF or WebP picture of 256 KiB at most.
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Add every picture in a folder; each is named after its file.
    Import {
        /// The folder. Unpack an archive first.
        folder: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// List the node's own emoji, or those known of another server.
    List {
        /// The other server.
        #[arg(long, value_name = "HOST")]
        of: Option<String>,
    },
    /// Take one away. Where it was written its name stays.
    Remove {
        /// Without colons.
        name: String,
        /// The operator in whose name this is; nobody's if not given.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Show one to nobody here, as `name` or `name@host`.
    Disable {
        /// Which.
        emoji: String,
    },
    /// Show it again.
    Enable {
        /// Which.
        emoji: String,
    },
}

#[derive(clap::Args)]
pub struct How {
    /// Under which apps show it.
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// Apps do not offer it; whoever knows its name can write it.
    #[arg(long)]
    hidden: bool,
    /// The operator in whose name this is; nobody's if not given.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub fn run(context: &Context, what: Emoji) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = match what {
        Emoji::Add { name, file, how } => add_one(&app, &name, &file, &how),
        Emoji::Import { folder, how } => import(&app, &folder, &how),
        Emoji::List { of } => list(&app, of.as_deref().unwrap_or_default()),
        Emoji::Remove { name, by } => remove(&app, &name, by.as_deref()),
        Emoji::Disable { emoji } => disable(&app, &emoji, true),
        Emoji::Enable { emoji } => disable(&app, &emoji, false),
    };
    app.close();
    done
}

fn bare(name: &str) -> &str {
    name.trim_matches(':')
}

fn add_one(app: &App, name: &str, file: &Path, how: &How) -> Result<Report, Failure> {
    let row = add(app, bare(name), file, how)?;
    Ok(Report::new(
        format!(":{}: is there ({}, {}).", row.shortcode, row.content_type, size(row.size_bytes)),
        data(app, &row),
    ))
}

fn add(app: &App, name: &str, file: &Path, how: &How) -> Result<Row, Failure> {
    emojis::check_name(name)?;
    let said = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", file.display()));
    let length = std::fs::metadata(file).map_err(|why| said(&why))?.len();
    if length > u64::try_from(MAX_EMOJI_BYTES).unwrap_or_default() {
        let most = MAX_EMOJI_BYTES >> 10;
        return Err(said(&format!("an emoji has {most} KiB at most, and this has {length} bytes")));
    }
    let bytes = std::fs::read(file).map_err(|why| said(&why))?;
    let by = how.by.as_deref().map(|name| member::find(app, name)).transpose()?;
    let by = by.map(|actor| actor.id);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let new = NewEmoji {
        shortcode: name.to_owned(),
        category: how.category.clone(),
        hidden: how.hidden,
        ..NewEmoji::default()
    };
    runtime.block_on(app.add_emoji(by, new, bytes)).map_err(|why| said(&why.cause()))
}

fn import(app: &App, folder: &Path, how: &How) -> Result<Report, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)
        .map_err(|why| Failure::new(format!("{}: {why}", folder.display())))?
    {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if path.is_file() && ["png", "gif", "webp"].contains(&&*ending.to_ascii_lowercase()) {
            files.push(path);
        }
    }
    files.sort();
    let (mut added, mut refused) = (Vec::new(), Vec::new());
    for file in &files {
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        match add(app, name, file, how) {
            Ok(row) => added.push(row.shortcode),
            Err(why) => refused.push((file.display().to_string(), why.to_string())),
        }
    }
    let mut lines: Vec<String> =
        refused.iter().map(|(file, why)| format!("Not added: {file}: {why}")).collect();
    lines.push(format!("Added {} of {} pictures.", added.len(), files.len()));
    let refused: Vec<_> =
        refused.iter().map(|(file, why)| json!({ "file": file, "why": why })).collect();
    let well = refused.is_empty();
    let data = json!({ "added": added, "refused": refused });
    Ok(Report::new(lines.join("\n"), data).well(well))
}

fn list(app: &App, host: &str) -> Result<Report, Failure> {
    let of = host.to_ascii_lowercase();
    let rows = app.read_now(move |conn| Ok(db::emojis::list(conn, &of, "", MOST_LISTED)?))?;
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut facts = vec![row.category.clone().unwrap_or_default()];
            facts.extend((row.is_local() && !row.visible_in_picker).then(|| "hidden".to_owned()));
            facts.extend(row.disabled.then(|| "disabled".to_owned()));
            facts.retain(|fact| !fact.is_empty());
            format!(":{}:  {}", row.shortcode, facts.join(", ")).trim_end().to_owned()
        })
        .collect();
    if lines.is_empty() {
        lines.push("There are none.".to_owned());
    }
    let all: Vec<_> = rows.iter().map(|row| data(app, row)).collect();
    Ok(Report::new(lines.join("\n"), json!(all)))
}

fn data(app: &App, row: &Row) -> serde_json::Value {
    json!({
        "name": row.shortcode,
        "host": Some(&row.host).filter(|host| !host.is_empty()),
        "category": row.category,
        "visible_in_picker": row.visible_in_picker,
        "disabled": row.disabled,
        "content_type": row.content_type,
        "bytes": row.size_bytes,
        "url": media::emoji(app.origin(), app.config().media.proxy, row, false),
    })
}

fn remove(app: &App, name: &str, by: Option<&str>) -> Result<Report, Failure> {
    let by = by.map(|name| member::find(app, name)).transpose()?.map(|actor| actor.id);
    let name = bare(name).to_owned();
    let gone = name.clone();
    let removed = app.write_now(move |tx| {
        let paths = emojis::remove(tx, by, &gone)?;
        tasks::enqueue(tx, &Task::DeleteFiles { paths })
    });
    match removed {
        Ok(()) => Ok(Report::new(format!(":{name}: is gone."), json!({ "name": name }))),
        Err(Error::NotFound) => {
            Err(Failure::new(format!("there is no emoji {name:?}: see `emoji list`")))
        }
        Err(error) => Err(error.into()),
    }
}

fn disable(app: &App, emoji: &str, disabled: bool) -> Result<Report, Failure> {
    let emoji = bare(emoji);
    let (name, host) = emoji.split_once('@').unwrap_or((emoji, ""));
    let (name, host) = (bare(name).to_owned(), host.to_ascii_lowercase());
    let done = app.write_now(move |tx| emojis::set_disabled(tx, None, (&host, &name), disabled));
    let what = if disabled { "is shown to nobody any more" } else { "is shown again" };
    match done {
        Ok(()) => Ok(Report::new(
            format!("{emoji} {what}."),
            json!({ "emoji": emoji, "disabled": disabled }),
        )),
        Err(Error::NotFound) => Err(Failure::new(format!(
            "there is no emoji {emoji:?}: see `emoji list`, or `emoji list --of HOST`"
        ))),
        Err(error) => Err(error.into()),
    }
}
