//! The one writer of a `SQLite` database: what waits is committed together.
//!
//! A commit costs one wait for the disk, however many changes it holds. So changes queue here, up
//! to [`GROUP`] go into one transaction with a savepoint each, and every one is answered only after
//! the commit: a failed change undoes itself alone, a failed commit fails them all.
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
};

use diesel::{
    Connection as _,
    connection::{AnsiTransactionManager, TransactionManager as _},
};

use super::Conn;
use crate::error::{Error, Result};

/// The most changes in one commit.
const GROUP: usize = 256;
/// The most changes that may wait before callers are held back.
const QUEUE: usize = 4096;

/// Makes a change on the connection it is given (or hears why there is none), and returns what
/// tells its caller once the commit is known.
type Job = Box<dyn FnOnce(Result<&mut Conn, String>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

pub(super) struct Writer {
    jobs: mpsc::SyncSender<Job>,
}

impl Writer {
    /// Starts the writer on `conn`; `reconnect` makes another when that one has failed.
    pub(super) fn start(
        mut conn: Conn,
        reconnect: impl Fn() -> Result<Conn> + Send + 'static,
    ) -> Result<Self> {
        let (jobs, queue) = mpsc::sync_channel::<Job>(QUEUE);
        std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || {
            while let Ok(first) = queue.recv() {
                let group: Vec<Job> =
                    std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
                if commit(&mut conn, group).is_err() {
                    // A full disk can leave the old one inside a broken transaction.
                    match reconnect() {
                        Ok(fresh) => conn = fresh,
                        Err(error) => tracing::error!(cause = %error.cause(), "reconnecting"),
                    }
                }
            }
        })?;
        Ok(Self { jobs })
    }

    /// Blocks until the change is on disk, or has failed.
    pub(super) fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = mpsc::sync_channel::<Result<T>>(1);
        let job: Job = Box::new(move |conn| {
            let outcome = conn.map_err(Error::Internal).and_then(|conn| {
                conn.transaction(|conn| {
                    // One change that panics must not take the writer, and so all others, along.
                    catch_unwind(AssertUnwindSafe(|| f(conn)))
                        .unwrap_or_else(|_| Err(Error::internal("a change panicked")))
                })
            });
            Box::new(move |committed| {
                let outcome = match committed {
                    Ok(()) => outcome,
                    Err(cause) => outcome.and_then(|_| Err(Error::Internal(cause))),
                };
                // The caller may have gone; the change stands either way.
                let _ = tell.send(outcome);
            })
        });
        let stopped = || Error::Internal("the database writer has stopped".into());
        self.jobs.send(job).map_err(|_| stopped())?;
        told.recv().map_err(|_| stopped())?
    }
}

fn commit(conn: &mut Conn, group: Vec<Job>) -> Result<(), String> {
    let begun = begin(conn).map_err(|cause| format!("begin: {cause}"));
    let answers: Vec<Answer> =
        group.into_iter().map(|job| job(begun.clone().map(|()| &mut *conn))).collect();
    let committed = begun.and_then(|()| {
        crate::on!(conn, c => AnsiTransactionManager::commit_transaction(c))
            .map_err(|cause| format!("commit: {cause}"))
    });
    if let Err(cause) = &committed {
        tracing::error!(cause, "could not commit {} changes", answers.len());
    }
    for answer in answers {
        answer(committed.clone());
    }
    committed
}

fn begin(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        // Takes the write lock at once: a reader that turns writer midway would fail.
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        Conn::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
    }
}
