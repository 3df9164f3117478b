//! The one writer of a `SQLite` database: what waits is committed together.
//!
//! A commit costs one wait for the disk, however many changes it holds. So changes queue here, up
//! to [`GROUP`] go into one transaction with a savepoint each, and every one is answered only after
//! the commit: a failed change undoes itself alone, a failed commit fails them all.
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
};

use diesel::connection::{AnsiTransactionManager, TransactionManager as _};

use super::{Conn, prepared::Prepared};
use crate::error::{Error, Result};

/// The most changes in one commit.
const GROUP: usize = 256;
/// The most changes that may wait before callers are held back.
const QUEUE: usize = 4096;

/// Makes a change on the connection it is given (or hears why there is none), and returns what
/// tells its caller once the commit is known, and whether the connection can take another change.
type Job = Box<dyn FnOnce(Result<&mut Conn, String>) -> (Answer, bool) + Send>;
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
        let job = job(f, tell);
        let stopped = || Error::Internal("the database writer has stopped".into());
        self.jobs.send(job).map_err(|_| stopped())?;
        told.recv().map_err(|_| stopped())?
    }
}

/// A change, and whom to tell what became of it.
fn job<T: Send + 'static>(
    f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    tell: mpsc::SyncSender<Result<T>>,
) -> Job {
    Box::new(move |conn| {
        let (outcome, sound) = match conn {
            Ok(conn) => apart(conn, f),
            Err(cause) => (Err(Error::Internal(cause)), false),
        };
        let answer = Box::new(move |committed: Result<(), String>| {
            let outcome = match committed {
                Ok(()) => outcome,
                Err(cause) => outcome.and_then(|_| Err(Error::Internal(cause))),
            };
            // The caller may have gone; the change stands either way.
            let _ = tell.send(outcome);
        });
        (answer, sound)
    })
}

/// Makes one change that undoes itself alone where it fails. Says too whether the transaction around it
/// still stands: a full disk can end that one.
fn apart<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> (Result<T>, bool) {
    if let Err(error) = Prepared::new("SAVEPOINT one_change").run(conn) {
        return (Err(error.into()), false);
    }
    // One change that panics must not take the writer, and so all others, along.
    let outcome = catch_unwind(AssertUnwindSafe(|| f(conn)))
        .unwrap_or_else(|_| Err(Error::internal("a change panicked")));
    let undone = match &outcome {
        Ok(_) => Ok(0),
        Err(_) => Prepared::new("ROLLBACK TO one_change").run(conn),
    };
    match undone.and_then(|_| Prepared::new("RELEASE one_change").run(conn)) {
        Ok(_) => (outcome, true),
        Err(error) => (outcome.and_then(|_| Err(error.into())), false),
    }
}

fn commit(conn: &mut Conn, group: Vec<Job>) -> Result<(), String> {
    let mut state = begin(conn).map_err(|cause| format!("begin: {cause}"));
    let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
    for job in group {
        let (answer, sound) = job(state.clone().map(|()| &mut *conn));
        answers.push(answer);
        if !sound && state.is_ok() {
            state = Err("the transaction ended before its time".into());
        }
    }
    let committed = state.and_then(|()| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{self, Url};

    fn put(name: &'static str) -> impl FnOnce(&mut Conn) -> Result<()> + Send + 'static {
        move |conn| {
            Prepared::new("INSERT INTO settings (name, value) VALUES (?, '1')")
                .text(name)
                .run(conn)?;
            Ok(())
        }
    }

    type Change = Box<dyn FnOnce(&mut Conn) -> Result<()> + Send>;

    /// Commits changes together, and says which of them were told that they stand, and what is there.
    fn together(changes: Vec<Change>) -> (Vec<bool>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db").display().to_string();
        let mut conn = db::connect(&Url::Sqlite(path.clone())).unwrap();
        db::migrations::up(&mut conn).unwrap();
        let (mut jobs, mut answers) = (Vec::new(), Vec::new());
        for change in changes {
            let (tell, told) = mpsc::sync_channel(1);
            jobs.push(job(change, tell));
            answers.push(told);
        }
        let _ = commit(&mut conn, jobs);
        let told = answers.iter().map(|told| told.recv().unwrap().is_ok()).collect();
        let mut fresh = db::connect(&Url::Sqlite(path)).unwrap();
        let names = ["first", "second", "third"].into_iter();
        let there = |name: &&str| db::settings::get(&mut fresh, name).unwrap().is_some();
        (told, names.filter(there).map(str::to_owned).collect())
    }

    #[test]
    fn a_change_that_fails_undoes_itself_alone() {
        let fails = |conn: &mut Conn| {
            put("second")(conn)?;
            Err(Error::invalid("no"))
        };
        let panics = |conn: &mut Conn| {
            put("second")(conn)?;
            panic!("on purpose")
        };
        let (told, there) = together(vec![
            Box::new(put("first")),
            Box::new(fails),
            Box::new(panics),
            Box::new(put("third")),
        ]);
        assert_eq!(told, [true, false, false, true]);
        assert_eq!(there, ["first", "third"]);
    }

    #[test]
    fn nobody_is_told_of_success_where_the_transaction_ended_before_its_time() {
        // As a full disk ends it.
        let ends = |conn: &mut Conn| {
            Prepared::new("ROLLBACK").run(conn)?;
            Err(Error::invalid("no"))
        };
        let (told, there) =
            together(vec![Box::new(put("first")), Box::new(ends), Box::new(put("third"))]);
        assert_eq!(told, [false, false, false]);
        assert_eq!(there, Vec::<String>::new());
    }
}
