//! `commonhold doctor`: what is wrong with this node, and what to do about it.
use std::{path::Path, process::Command};

use commonhold::{
    config::{Config, FfmpegChoice, StorePlace},
    db,
    error::{Error, Result},
    fetch::Fetcher,
    media::{Ffmpeg, Store},
    types::Time,
};
use serde_json::{Value, json};
use url::Url;

use super::{Context, report::Report};

/// How one thing is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    Doubtful,
    Wrong,
}

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    state: State,
    /// What was seen, and what to do.
    words: String,
}

impl Finding {
    fn well(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, state: State::Well, words: words.into() }
    }
    fn doubtful(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, state: State::Doubtful, words: words.into() }
    }
    fn wrong(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, state: State::Wrong, words: words.into() }
    }
}

/// Looks at everything.
pub fn run(context: &Context) -> Report {
    let config = &context.config;
    let findings = [
        settings(config),
        clock(Time::now()),
        folder(&config.data_dir),
        space(&config.data_dir),
        store(config),
        ffmpeg(config),
        database(config),
        schema(config),
        operator(context),
        reachable(config),
    ];
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let mark = match finding.state {
                State::Well => "ok     ",
                State::Doubtful => "look at",
                State::Wrong => "WRONG  ",
            };
            format!("{mark}  {:<10} {}", finding.what, finding.words)
        })
        .collect();
    let well = findings.iter().all(|finding| finding.state != State::Wrong);
    let data: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let state = match finding.state {
                State::Well => "ok",
                State::Doubtful => "doubtful",
                State::Wrong => "wrong",
            };
            json!({ "what": finding.what, "state": state, "words": finding.words })
        })
        .collect();
    Report::new(lines.join("\n"), json!({ "ok": well, "findings": data })).well(well)
}

fn settings(config: &Config) -> Finding {
    let unknown = &config.unknown_variables;
    if !unknown.is_empty() {
        return Finding::doubtful(
            "settings",
            format!("{} names no setting; is it a slip of the pen?", unknown.join(", ")),
        );
    }
    let mode = if config.development { "development mode, for this machine only" } else { "live" };
    Finding::well("settings", format!("{} at {}, {mode}", config.domain(), config.origin()))
}

/// A clock that is wrong by years; seconds are found by those who refuse our signatures.
fn clock(now: Time) -> Finding {
    let year: i64 = now.date().split('-').next().and_then(|year| year.parse().ok()).unwrap_or(0);
    if (2026..2100).contains(&year) {
        Finding::well("clock", now.rfc3339())
    } else {
        Finding::wrong(
            "clock",
            format!("it is not {}; set the machine's clock, signatures depend on it", now.date()),
        )
    }
}

fn folder(path: &Path) -> Finding {
    let probe = path.join(".doctor");
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::well("data_dir", format!("{} can be written to", path.display())),
        Err(why) => Finding::wrong(
            "data_dir",
            format!("{}: {why}; give the node's user this folder", path.display()),
        ),
    }
}

fn space(path: &Path) -> Finding {
    const GIB: u64 = 1 << 20; // in blocks of 1 KiB
    match free_kib(path) {
        None => Finding::doubtful("disk", "cannot tell how much is free"),
        Some(free) if free < GIB / 8 => {
            Finding::wrong("disk", format!("only {} MiB free; make room", free >> 10))
        }
        Some(free) if free < 2 * GIB => {
            Finding::doubtful("disk", format!("{} MiB free; make room soon", free >> 10))
        }
        Some(free) => Finding::well("disk", format!("{} GiB free", free >> 20)),
    }
}

/// Asks `df`, which every system has; the standard library does not know.
fn free_kib(path: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(path).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// Keeps a small file where files are kept, reads it and deletes it.
fn store(config: &Config) -> Finding {
    let place = match &config.media.store {
        StorePlace::Disk => format!("{}", config.data_dir.join("media").display()),
        StorePlace::S3 { bucket, .. } => format!("the bucket {bucket}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let tried = match (runtime, Store::open(config)) {
        (Ok(runtime), Ok(store)) => runtime.block_on(store.check()),
        (Err(why), _) => Err(Error::internal(why)),
        (_, Err(why)) => Err(why),
    };
    match tried {
        Ok(()) => Finding::well("store", format!("files are kept, read and deleted in {place}")),
        Err(why) => Finding::wrong(
            "store",
            format!(
                "{place}: {}; is the store there, and are media_store, s3_endpoint and the key right?",
                why.cause()
            ),
        ),
    }
}

fn ffmpeg(config: &Config) -> Finding {
    match (Ffmpeg::find(&config.media.ffmpeg), &config.media.ffmpeg) {
        (Some(found), _) => Finding::well("ffmpeg", format!("{}", found.path().display())),
        (None, FfmpegChoice::Off) => Finding::well("ffmpeg", "switched off"),
        (None, FfmpegChoice::At(path)) => Finding::wrong(
            "ffmpeg",
            format!("{} is no program, or ffprobe is not beside it", path.display()),
        ),
        (None, FfmpegChoice::Auto) => Finding::doubtful(
            "ffmpeg",
            "not found: films have no still and no length, and where they were made may stay in \
             them; install ffmpeg",
        ),
    }
}

fn database(config: &Config) -> Finding {
    match db::pending_migrations(config.database_url.expose()) {
        Ok(_) => Finding::well("database", config.database_url.to_string()),
        Err(why) => Finding::wrong(
            "database",
            format!(
                "{}: {}; is it running, and is the URL right?",
                config.database_url,
                why.cause()
            ),
        ),
    }
}

fn schema(config: &Config) -> Finding {
    match db::pending_migrations(config.database_url.expose()) {
        Ok(pending) if pending.is_empty() => Finding::well("schema", "up to date"),
        Ok(pending) => Finding::doubtful(
            "schema",
            format!("{} to do; the next start or `commonhold migrate` does it", pending.join(", ")),
        ),
        Err(_) => Finding::wrong("schema", "unknown without a database"),
    }
}

fn operator(context: &Context) -> Finding {
    let found = (|| {
        // Looking must not change anything: no schema, no look.
        if !db::pending_migrations(context.config.database_url.expose())?.is_empty() {
            return Ok(false);
        }
        let app = context.open().map_err(|_| Error::NotFound)?;
        let found = app.read_now(|conn| Ok(db::members::has_operator(conn)?));
        app.close();
        found
    })();
    match found {
        Ok(true) => Finding::well("operator", "there is one"),
        Ok(false) => Finding::doubtful(
            "operator",
            "nobody runs this node; `commonhold member create NAME --email E --operator`",
        ),
        Err(_) => Finding::wrong("operator", "unknown without a database"),
    }
}

/// Asks the node what others ask it, at its public address.
fn reachable(config: &Config) -> Finding {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let asked = match runtime {
        Ok(runtime) => runtime.block_on(ask(config)),
        Err(why) => Err(Error::internal(why)),
    };
    match asked {
        Ok(()) => Finding::well("public", format!("{} answers as it should", config.origin())),
        Err(why) if config.development => Finding::doubtful(
            "public",
            format!("{} does not answer ({}); is the node running?", config.origin(), why.cause()),
        ),
        Err(why) => Finding::wrong(
            "public",
            format!(
                "{} does not answer as it should ({}); is the node running, and does the proxy \
                 pass /.well-known, /nodeinfo and Host on?",
                config.origin(),
                why.cause()
            ),
        ),
    }
}

async fn ask(config: &Config) -> Result<()> {
    let fetcher = Fetcher::new(config);
    let nodeinfo = fetcher.get_json(&config.origin().join("/.well-known/nodeinfo")?).await?;
    let link = nodeinfo.pointer("/links/0/href").and_then(Value::as_str).unwrap_or_default();
    let link = Url::parse(link)?;
    if link.origin() != config.origin().origin() {
        return Err(Error::invalid(format!("NodeInfo there belongs to {link}: another node")));
    }
    fetcher.get_json(&link).await?;
    let domain = config.domain();
    let scheme = config.origin().scheme();
    let path = format!("/.well-known/webfinger?resource=acct:{domain}@{domain}");
    let finger = fetcher.get_json(&Url::parse(&format!("{scheme}://{domain}{path}"))?).await?;
    if finger.get("links").is_some() {
        Ok(())
    } else {
        Err(Error::invalid("WebFinger answers without links"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_written_to_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        assert!(folder(dir.path()).state == State::Well);
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(folder(&file.join("below")).state == State::Wrong);
        assert!(free_kib(dir.path()).is_some());
    }

    #[test]
    fn a_clock_of_another_age_is_wrong() {
        assert!(clock(Time(0)).state == State::Wrong);
        assert!(clock(Time::now()).state == State::Well);
    }
}
