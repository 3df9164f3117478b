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
    /// The URL of a new and empty one; a file lives in `folder`.
    pub fn fresh(self, folder: &Path) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("commonhold.db").display()),
            Self::Postgres => {
                let server = std::env::var("COMMONHOLD_TEST_POSTGRES").expect(
                    "COMMONHOLD_TEST_POSTGRES names no server: run `scripts/test`, which starts one",
                );
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("it_{}_{count}", std::process::id());
                let made = Command::new("psql")
                    .args([
                        &format!("{server}/postgres"),
                        "-qXc",
                        &format!("CREATE DATABASE {name}"),
                    ])
                    .status()
                    .expect("psql runs");
                assert!(made.success(), "CREATE DATABASE {name} failed");
                format!("{server}/{name}")
            }
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
