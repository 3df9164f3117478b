//! Storage: two doors, `read` and `write`, and one module of query functions per table.
//!
//! Nothing here knows HTTP, `ActivityPub` or the rules of the community.
pub mod account_links;
pub mod account_news;
pub mod acknowledgements;
pub mod activities;
pub mod actors;
pub mod aliases;
mod among;
pub mod announcements;
pub mod approvals;
pub mod cached_files;
#[expect(missing_docs, reason = "the derive writes items without docs")]
mod conn;
pub mod conversations;
pub mod counters;
pub mod deliveries;
pub mod emojis;
pub mod filters;
pub mod follows;
pub mod groups;
pub mod health;
pub mod invites;
pub mod jobs;
pub mod keys;
pub mod ledger;
pub mod lists;
mod literal;
pub mod media;
pub mod members;
mod migrations;
pub mod moderation;
pub mod notice_rules;
pub mod notifications;
pub mod oauth;
pub mod page;
pub mod petitions;
pub mod policies;
pub mod polls;
pub mod posts;
mod prepared;
pub mod pushes;
pub mod quotes;
pub mod reactions;
pub mod receipts;
pub mod relations;
pub mod reports;
pub mod restored;
pub mod scheduled;
#[expect(missing_docs, reason = "the tables are documented in the migrations")]
pub mod schema;
pub mod search;
pub mod second_steps;
pub mod servers;
pub mod sessions;
pub mod settings;
pub mod sign_in_tries;
pub mod staff;
pub mod standing;
pub mod submissions;
pub mod summaries;
pub mod tags;
pub mod threads;
pub mod timelines;
pub mod weeks;
pub mod witnesses;
mod writer;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, QueryResult,
    connection::SimpleConnection as _,
    r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection as _},
};

use crate::error::{Error, Result};
pub use conn::{Conn, MultiBackend};
use writer::Writer;

/// One statement, compiled once per database: for upserts, batches and what one dialect lacks.
#[macro_export]
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Postgres($c) => $body,
        }
    };
}

/// Inserts a row and says whether it is new: "already there" is an answer, not a failure.
///
/// In one statement that stays prepared; a failed insert would end the transaction on `PostgreSQL`.
#[macro_export]
macro_rules! insert_new {
    ($conn:expr, $table:expr, $values:expr $(,)?) => {
        $crate::on!($conn, c => diesel::insert_into($table)
            .values($values)
            .on_conflict_do_nothing()
            .execute(c))
        .map(|rows| rows > 0)
    };
}

/// Opens connections that only read, or that may write.
struct Manager {
    url: Url,
    read_only: bool,
}

/// Which database, as the operator wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Url {
    Sqlite(String),
    Postgres(String),
}

impl Url {
    fn parse(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else if let Some(path) = text.strip_prefix("sqlite:") {
            Ok(Self::Sqlite(path.trim_start_matches("//").to_owned()))
        } else {
            Err(Error::invalid("a database URL begins with sqlite: or postgres://"))
        }
    }
}

/// WAL, and every commit on disk before it is acknowledged; `writer` makes up for the cost.
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -4000; PRAGMA journal_size_limit = 67108864;";

/// A connection of a pool, and when it was last known to work.
struct Pooled {
    conn: Conn,
    worked_at: Instant,
}

/// A connection that worked so shortly ago is used without asking the server again whether it does:
/// on a busy node that question would be every other one.
const TRUSTED: Duration = Duration::from_secs(1);

impl Manager {
    fn open(&self) -> Result<Conn, diesel::r2d2::Error> {
        match &self.url {
            Url::Postgres(url) => {
                let mut conn = diesel::PgConnection::establish(url)?;
                if self.read_only {
                    conn.batch_execute("SET default_transaction_read_only = on")
                        .map_err(diesel::r2d2::Error::QueryError)?;
                }
                Ok(Conn::Postgres(conn))
            }
            Url::Sqlite(path) => {
                let mut conn = diesel::SqliteConnection::establish(path)?;
                conn.batch_execute(SQLITE_PRAGMAS).map_err(diesel::r2d2::Error::QueryError)?;
                if self.read_only {
                    conn.batch_execute("PRAGMA query_only = ON")
                        .map_err(diesel::r2d2::Error::QueryError)?;
                }
                Ok(Conn::Sqlite(conn))
            }
        }
    }
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        Ok(Pooled { conn: self.open()?, worked_at: Instant::now() })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Self::Error> {
        if pooled.worked_at.elapsed() > TRUSTED {
            pooled.conn.ping().map_err(diesel::r2d2::Error::QueryError)?;
        }
        pooled.worked_at = Instant::now();
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.conn.is_broken()
    }
}

/// The database. Cloning is cheap.
#[derive(Clone)]
pub struct Db {
    url: Url,
    readers: Pool<Manager>,
    writers: Writers,
}

/// How changes get in: `SQLite` has one writer that commits in groups, `PostgreSQL` a pool.
#[derive(Clone)]
enum Writers {
    Sqlite(Arc<Writer>),
    Postgres(Pool<Manager>),
}

impl Db {
    /// Opens the database (made if it is a `SQLite` file that is not there) and brings its schema
    /// up to date. Up to `connections` are kept for reading (and as many for writing on PostgreSQL).
    ///
    /// # Errors
    /// `Invalid` for a URL of another kind, `Internal` when it cannot be opened or migrated.
    pub fn open(url: &str, connections: u32) -> Result<Self> {
        let url = Url::parse(url)?;
        if let Url::Sqlite(path) = &url
            && let Some(folder) = Path::new(path).parent().filter(|f| !f.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)?;
        }
        let mut first = connect(&url)?;
        migrations::up(&mut first)?;
        let writers = match first {
            Conn::Sqlite(_) => {
                let url = url.clone();
                Writers::Sqlite(Arc::new(Writer::start(first, move || connect(&url))?))
            }
            Conn::Postgres(_) => Writers::Postgres(pool(&url, false, connections)?),
        };
        Ok(Self { readers: pool(&url, true, connections)?, writers, url })
    }

    /// Runs queries that change nothing. Blocking: call it off the async threads.
    ///
    /// # Errors
    /// What `f` returns; `Internal` when no connection is to be had.
    pub fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        f(&mut self.reader()?.conn)
    }

    fn reader(&self) -> Result<PooledConnection<Manager>> {
        self.readers.get().map_err(|e| Error::internal(format_args!("no connection: {e}")))
    }

    /// Runs one transaction: all of it happens and is on disk, or none. Blocking, as [`Db::read`].
    ///
    /// # Errors
    /// What `f` returns; `Internal` when the commit fails.
    pub fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writers {
            Writers::Sqlite(writer) => writer.write(f),
            Writers::Postgres(pool) => {
                let mut conn =
                    pool.get().map_err(|e| Error::internal(format_args!("no connection: {e}")))?;
                conn.conn.transaction(f)
            }
        }
    }
}

/// What processes with one database say to each other goes over this channel.
const CHANNEL: &str = "commonhold_news";

/// A connection of its own that hears what other processes say.
pub struct Wire(diesel::PgConnection);

impl Wire {
    /// What was said since the last time, in order.
    ///
    /// # Errors
    /// `Internal` when the connection is lost.
    pub fn letters(&mut self) -> Result<Vec<String>> {
        let letters: Result<Vec<_>, _> = self.0.notifications_iter().collect();
        Ok(letters?.into_iter().map(|letter| letter.payload).collect())
    }
}

impl Db {
    /// Whether processes that use this database can talk over it.
    pub fn has_wire(&self) -> bool {
        matches!(self.url, Url::Postgres(_))
    }

    /// Opens a wire.
    ///
    /// # Errors
    /// `Invalid` on `SQLite`, `Internal` when there is no connection to be had.
    pub fn listen(&self) -> Result<Wire> {
        match connect(&self.url)? {
            Conn::Postgres(mut conn) => {
                conn.batch_execute(&format!("LISTEN {CHANNEL}"))?;
                Ok(Wire(conn))
            }
            Conn::Sqlite(_) => Err(Error::invalid("SQLite has no wire")),
        }
    }

    /// Says something to the other processes; nothing where there is no wire. Blocking, as
    /// [`Db::read`].
    ///
    /// # Errors
    /// `Internal` when it cannot be said.
    pub fn tell(&self, letter: &str) -> Result<()> {
        if !self.has_wire() {
            return Ok(());
        }
        self.write({
            let letter = letter.to_owned();
            move |conn| {
                use diesel::{RunQueryDsl as _, sql_types::Text};
                diesel::sql_query("SELECT pg_notify($1, $2)")
                    .bind::<Text, _>(CHANNEL)
                    .bind::<Text, _>(letter)
                    .execute(conn)?;
                Ok(())
            }
        })
    }
}

/// Takes the schema of the database at `url` to `target` (a migration's name, or its number as a
/// prefix), up or down; to the newest without one. Returns the names of what was run.
///
/// # Errors
/// `Invalid` for an unknown target, `Internal` when a step fails; a step that fails leaves the
/// schema as it was before it.
pub fn migrate(url: &str, target: Option<&str>) -> Result<Vec<String>> {
    let mut conn = connect(&Url::parse(url)?)?;
    migrations::to(&mut conn, target)
}

/// The migrations this program knows that the database at `url` has not had.
///
/// # Errors
/// `Internal` when the database cannot be asked.
pub fn pending_migrations(url: &str) -> Result<Vec<String>> {
    let mut conn = connect(&Url::parse(url)?)?;
    migrations::pending(&mut conn)
}

fn connect(url: &Url) -> Result<Conn> {
    let manager = Manager { url: url.clone(), read_only: false };
    manager.open().map_err(|e| Error::internal(format_args!("opening the database: {e}")))
}

fn pool(url: &Url, read_only: bool, connections: u32) -> Result<Pool<Manager>> {
    Pool::builder()
        .max_size(connections.max(1))
        .min_idle(Some(1))
        .connection_timeout(std::time::Duration::from_secs(10))
        .build(Manager { url: url.clone(), read_only })
        .map_err(|e| Error::internal(format_args!("opening the database: {e}")))
}

/// Until this transaction ends, nobody else is in a section of the same `key`.
///
/// For rules that count before they add. `SQLite` has one writer, so there it is always so.
pub fn lock(conn: &mut Conn, key: i64) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(c) => c.batch_execute(&format!("SELECT pg_advisory_xact_lock({key})")),
    }
}
