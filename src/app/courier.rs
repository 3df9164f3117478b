//! Between the processes of one node: on PostgreSQL each tells the others what its streams hear of, and
//! that there is work (`LISTEN` and `NOTIFY`).
//!
//! It is told after the commit, by a thread of its own: a `NOTIFY` inside of a transaction would make
//! every commit of the database wait for every other. What a process that dies has not told yet, clients
//! read when they look the next time.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::App;
use crate::{
    db::{Db, Wire},
    error::{Error, Result},
    hub::{News, Note},
};

/// `PostgreSQL` takes less than 8000 bytes.
const MAX_BYTES: usize = 7_500;
/// How often what others said is looked for.
const LISTENS_EVERY: Duration = Duration::from_millis(50);
/// How long after a lost connection another one is tried.
const MENDS_AFTER: Duration = Duration::from_secs(2);

/// One letter to the other processes.
#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    /// The process that wrote it.
    from: String,
    /// There is work to do.
    work: bool,
    /// What streams hear of.
    notes: Vec<Note>,
}

/// The thread that writes letters, and what it is to write.
#[derive(Debug, Default)]
pub(super) struct Courier {
    out: Option<Sender<(bool, Vec<Note>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// For a process of this name; does nothing where the database cannot carry letters.
    pub fn start(db: &Db, from: &str) -> Self {
        if !db.has_wire() {
            return Self::default();
        }
        let (out, waiting) = channel();
        let (db, from) = (db.clone(), from.to_owned());
        let write = move || write(&db, &from, &waiting);
        match thread::Builder::new().name("courier".into()).spawn(write) {
            Ok(thread) => Self { out: Some(out), thread: Some(thread) },
            Err(error) => {
                tracing::error!(cause = %error, "other processes will not hear of this one");
                Self::default()
            }
        }
    }

    /// Something to tell the others.
    pub fn send(&self, work: bool, news: &[News]) {
        let Some(out) = &self.out else { return };
        if work || !news.is_empty() {
            // An error means that the thread is gone, which was logged.
            let _ = out.send((work, news.iter().map(News::note).collect()));
        }
    }

    /// Lets what waits be told, and ends.
    pub fn end(&mut self) {
        self.out = None;
        if let Some(thread) = self.thread.take() {
            // It logs what goes wrong by itself.
            let _ = thread.join();
        }
    }
}

/// Writes letters until nobody has anything to say any more; what comes together goes together.
fn write(db: &Db, from: &str, waiting: &Receiver<(bool, Vec<Note>)>) {
    while let Ok((mut work, mut notes)) = waiting.recv() {
        while let Ok((more_work, more)) = waiting.try_recv() {
            work |= more_work;
            notes.extend(more);
        }
        for letter in letters(from, work, notes) {
            let told = serde_json::to_string(&letter)
                .map_err(Error::internal)
                .and_then(|text| db.tell(&text));
            if let Err(error) = told {
                tracing::warn!(cause = %error.cause(), "could not tell other processes the news");
            }
        }
    }
}

/// As few letters as hold everything.
fn letters(from: &str, work: bool, notes: Vec<Note>) -> Vec<Letter> {
    let empty = |work| Letter { from: from.to_owned(), work, notes: Vec::new() };
    let (mut all, mut size) = (vec![empty(work)], from.len() + 40);
    for note in notes {
        let bytes = serde_json::to_string(&note).map_or(0, |text| text.len() + 1);
        if size + bytes > MAX_BYTES {
            all.push(empty(false));
            size = from.len() + 40;
        }
        size += bytes;
        if let Some(last) = all.last_mut() {
            last.notes.push(note);
        }
    }
    all
}

impl App {
    /// Hears of the other processes from now on, until `stopped`. Blocking: on a thread of its own.
    pub fn hear_others(&self, stopped: &Arc<AtomicBool>) {
        if !self.0.db.has_wire() {
            return;
        }
        while !stopped.load(Ordering::Relaxed) {
            let lost = match self.0.db.listen() {
                Ok(mut wire) => self.read_letters(&mut wire, stopped),
                Err(error) => Err(error),
            };
            if let Err(error) = lost {
                tracing::warn!(cause = %error.cause(), "cannot hear of other processes; trying again");
                thread::sleep(MENDS_AFTER);
            }
        }
    }

    fn read_letters(&self, wire: &mut Wire, stopped: &Arc<AtomicBool>) -> Result<()> {
        while !stopped.load(Ordering::Relaxed) {
            for text in wire.letters()? {
                match serde_json::from_str::<Letter>(&text) {
                    Ok(letter) => self.take(letter)?,
                    Err(error) => tracing::debug!(cause = %error, "a letter of another version"),
                }
            }
            thread::sleep(LISTENS_EVERY);
        }
        Ok(())
    }

    fn take(&self, letter: Letter) -> Result<()> {
        if letter.from == self.0.lease.holder {
            return Ok(());
        }
        if letter.work {
            self.0.work.notify_waiters();
        }
        let mut news = Vec::new();
        for note in letter.notes {
            match self.read_now(|conn| News::read(conn, note)) {
                Ok(one) => news.extend(one),
                // Gone since then, row and all.
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        self.0.hub.tell(news);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ActorId, NotificationId, PostId};

    #[test]
    fn letters_are_as_few_as_hold_everything_and_never_too_long() {
        let told = |n: i64| Note::Told(ActorId(i64::MAX), NotificationId(n));
        assert_eq!(letters("me", true, Vec::new()).len(), 1);
        let all = letters("me", true, (0..1_000).map(told).collect());
        assert!(all.len() > 1);
        assert!(all.iter().all(|l| serde_json::to_string(l).unwrap().len() < 8_000));
        assert_eq!(all.iter().map(|letter| letter.notes.len()).sum::<usize>(), 1_000);
        assert_eq!(all.iter().filter(|letter| letter.work).count(), 1, "work is said once");
        let crowd = Note::Gone(PostId(1), vec![ActorId(i64::MAX); 100]);
        let text = serde_json::to_string(&letters("me", false, vec![crowd])).unwrap();
        assert!(text.len() < 8_000, "the largest note fits");
    }
}
