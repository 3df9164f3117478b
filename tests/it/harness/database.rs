//! Databases nobody used before.
use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// Which database a story's nodes keep their data in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// A new and empty one; a file lives in `folder`.
    pub fn fresh(self, folder: &Path) -> Fresh {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        match self {
            Self::Sqlite => {
                Fresh { url: format!("sqlite:{}", folder.join("commonhold.db").display()) }
            }
            Self::Postgres => {
                let server = std::env::var("COMMONHOLD_TEST_POSTGRES").expect(
                    "COMMONHOLD_TEST_POSTGRES names no server: run `scripts/test`, which starts one",
                );
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("it_{}_{count}", std::process::id());
                assert!(
                    asked(&server, &format!("CREATE DATABASE {name}")),
                    "CREATE DATABASE {name} failed"
                );
                Fresh { url: format!("{server}/{name}") }
            }
        }
    }
}

/// Asks the server for something, outside of every database of a story.
fn asked(server: &str, sql: &str) -> bool {
    let psql = Command::new("psql").args([&format!("{server}/postgres"), "-qXc", sql]).status();
    psql.expect("psql runs").success()
}

/// A database of a story's own. Its room is given back at the end, as a file's is with its folder:
/// hundreds of stories would else need gigabytes.
#[derive(Debug)]
pub struct Fresh {
    pub url: String,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let parts = self.url.rsplit_once('/').filter(|_| self.url.starts_with("postgres"));
        if let Some((server, name)) = parts
            // Whoever is still connected is a node that outlived its story.
            && !asked(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        {
            eprintln!("the room of the database {name} was not given back");
        }
    }
}

/// Changes a node's database behind its back, as who owns the machine can.
pub fn tamper(url: &str, sql: &str) {
    use diesel::{Connection as _, connection::SimpleConnection as _};
    if let Some(path) = url.strip_prefix("sqlite:") {
        let mut conn = diesel::SqliteConnection::establish(path).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        conn.batch_execute(sql).unwrap();
    } else {
        diesel::PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
    }
}
