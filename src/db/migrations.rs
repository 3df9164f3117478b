//! The schema's history, compiled in: one SQL text for both databases.
use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _,
    sql_types::Text,
};

use super::Conn;
use crate::error::{Error, Result};

/// One step, both ways.
struct Migration {
    name: &'static str,
    up: &'static str,
    down: &'static str,
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => { &[$(Migration {
        name: $name,
        up: include_str!(concat!("../../migrations/", $name, "/up.sql")),
        down: include_str!(concat!("../../migrations/", $name, "/down.sql")),
    }),+] };
}

/// Oldest first.
const ALL: &[Migration] = migrations![
    "2026-11-22-000000_first_light",
    "2026-11-22-010010_moderation",
    "2026-11-22-010011_reports_and_votes",
    "2026-11-22-010012_moves_and_quotes",
    "2026-11-22-010020_submissions",
    "2026-11-22-010021_server_policies",
    "2026-11-22-010022_thread_looks",
    "2026-11-22-010030_keys",
    "2026-11-22-010040_turned_away",
    "2026-11-22-010050_delivery_queue",
    "2026-11-22-010060_quotes",
    "2026-11-22-010061_removals_by_ban",
    "2026-11-22-010080_ledger",
    "2026-11-22-010081_witnesses",
    "2026-11-22-010082_health",
    "2026-11-22-010083_acknowledgements",
    "2026-11-22-010084_restored_receipts",
    "2026-11-22-010090_staff",
    "2026-11-22-010091_staff_petitions",
    "2026-11-22-010092_monthly_summary",
    "2026-11-22-010100_second_steps",
    "2026-11-22-010101_account_links",
    "2026-11-22-010102_sign_in_tries",
    "2026-11-22-010110_film_and_sound",
    "2026-11-22-010111_cached_files",
    "2026-11-22-010120_push",
    "2026-11-22-010121_post_words",
    "2026-11-22-010130_a_members_own",
    "2026-11-22-010131_notices_and_talks",
    "2026-11-22-010140_emojis",
    "2026-11-22-010150_profiles_polls_weeks",
    "2026-11-22-010160_rare_posts",
];

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Text)]
    name: String,
}

/// On `SQLite` only `INTEGER PRIMARY KEY` makes an id the row's own key (and FTS5 needs one). What
/// stands behind `--sqlite` or `--postgres` is for that database alone.
fn dialect(conn: &Conn, sql: &str) -> String {
    match conn {
        Conn::Sqlite(_) => {
            sql.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY").replace("--sqlite ", "")
        }
        Conn::Postgres(_) => sql.replace("--postgres ", ""),
    }
}

fn applied(conn: &mut Conn) -> Result<Vec<String>> {
    conn.batch_execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY)",
    )?;
    let done: Vec<Done> =
        diesel::sql_query("SELECT name FROM schema_migrations ORDER BY name").load(conn)?;
    Ok(done.into_iter().map(|done| done.name).collect())
}

/// Names of the migrations still to be run.
pub(super) fn pending(conn: &mut Conn) -> Result<Vec<String>> {
    let done = applied(conn)?;
    Ok(ALL.iter().map(|m| m.name.to_owned()).filter(|name| !done.contains(name)).collect())
}

/// Runs what has not been run yet.
pub(super) fn up(conn: &mut Conn) -> Result<()> {
    to(conn, None).map(drop)
}

/// Goes up or down until `target` is the newest applied; see `db::migrate`.
pub(super) fn to(conn: &mut Conn, target: Option<&str>) -> Result<Vec<String>> {
    let keep = match target {
        None => ALL.len(),
        Some("0" | "none") => 0,
        Some(target) => {
            let at = ALL.iter().position(|m| m.name.starts_with(target)).ok_or_else(|| {
                let names: Vec<_> = ALL.iter().map(|m| m.name).collect();
                Error::invalid(format!("no migration {target:?}; there are {}", names.join(", ")))
            })?;
            at + 1
        }
    };
    let done = applied(conn)?;
    if let Some(stranger) = done.iter().find(|name| ALL.iter().all(|m| m.name != **name)) {
        return Err(Error::invalid(format!(
            "the database has had {stranger}, which this version does not know; \
             use the newer version, or go down with it first"
        )));
    }
    let mut ran = Vec::new();
    for migration in ALL.iter().skip(keep).rev().filter(|m| done.iter().any(|d| d == m.name)) {
        let forget = format!("DELETE FROM schema_migrations WHERE name = '{}'", migration.name);
        step(conn, migration.name, migration.down, &forget)?;
        ran.push(format!("down {}", migration.name));
    }
    for migration in ALL.iter().take(keep).filter(|m| done.iter().all(|d| d != m.name)) {
        let note = format!("INSERT INTO schema_migrations (name) VALUES ('{}')", migration.name);
        step(conn, migration.name, migration.up, &note)?;
        ran.push(format!("up {}", migration.name));
    }
    Ok(ran)
}

fn step(conn: &mut Conn, name: &str, sql: &str, note: &str) -> Result<()> {
    let sql = dialect(conn, sql);
    conn.transaction(|conn| {
        conn.batch_execute(&sql)?;
        conn.batch_execute(note)
    })
    .map_err(|e: diesel::result::Error| Error::internal(format_args!("migration {name}: {e}")))
}
