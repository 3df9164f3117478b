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
