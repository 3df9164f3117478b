//! How groups are doing: computed from their ledgers, in the background where that takes long, and
//! kept for those who look.
use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::App;
use crate::{
    db::{self, health::HealthReport},
    error::{Error, Result},
    health::{Report, Tally},
    ledger::{Entry, Event, Hash, tree},
    tasks::{self, Task},
    types::{ActorId, Time},
};

/// Ledgers whose tallies are kept in memory.
const KEPT: u64 = 32;
/// Entries that are read at once.
const PIECE: i64 = 2_000;
/// A ledger that is not longer is computed while its reader waits: some milliseconds.
const SHORT: i64 = 5_000;
/// How long a report of a longer one is good enough though the ledger grew since, seconds.
const FRESH_SECS: i64 = 600;
/// How long a report of a ledger that did not grow is good enough, seconds: windows move on.
const DAY_SECS: i64 = 86_400;

/// Pictures that are kept in memory, and for how long: placing a thousand people takes some tens of
/// milliseconds.
const PICTURES: u64 = 64;
const PICTURE_SECS: u64 = 600;

/// The tallies of ledgers that were asked for, each as far as it has come, and what visitors see.
pub struct Tallies {
    kept: Cache<ActorId, Arc<Mutex<Tally>>>,
    pictures: Cache<(ActorId, u64), Arc<str>>,
}

impl Default for Tallies {
    fn default() -> Self {
        let pictures = Cache::builder().max_capacity(PICTURES);
        Self {
            kept: Cache::builder().max_capacity(KEPT).build(),
            pictures: pictures.time_to_live(Duration::from_secs(PICTURE_SECS)).build(),
        }
    }
}

impl App {
    /// How a group is doing; `None` where nothing of its ledger is known here. Of a long ledger it may
    /// be some minutes old.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn health(&self, group: ActorId) -> Result<Option<Report>> {
        let (size, last) = self
            .read(move |conn| {
                let size = db::ledger::state(conn, group)?.map_or(0, |state| state.size);
                Ok((size, db::health::last(conn, group)?))
            })
            .await?;
        if size == 0 {
            return Ok(None);
        }
        let last = last.filter(|last| last.size <= size);
        if let Some(last) = last {
            let age = self.now().secs() - last.as_of.secs();
            let fresh = if last.size == size { age < DAY_SECS } else { size > SHORT };
            if last.size < size && size > SHORT && age > FRESH_SECS || last.size == size && !fresh {
                self.write(move |tx| tasks::enqueue(tx, &Task::Health { group })).await?;
            }
            // One that another version wrote is computed anew.
            if let Some(report) = serde_json::from_str(&last.report).ok().filter(|_| fresh) {
                return Ok(Some(report));
            }
        }
        if size <= SHORT {
            return self.compute_health(group).await.map(Some);
        }
        self.write(move |tx| tasks::enqueue(tx, &Task::Health { group })).await?;
        Ok(None)
    }

    /// Computes it anew from the ledger as it stands, with all that takes long, and keeps it.
    ///
    /// # Errors
    /// `Internal` from the database, or where the ledger is damaged.
    pub async fn compute_health(&self, group: ActorId) -> Result<Report> {
        let (tally, as_of, size) = self.tally(group).await?;
        let root = self.root(group, size).await?;
        let report = tokio::task::spawn_blocking(move || {
            let mut report = tally.report(as_of, root);
            report.size = size;
            report.settle(&tally.resampled(as_of, root));
            report
        })
        .await?;
        let row = HealthReport {
            group_id: group,
            size: i64::try_from(size).map_err(Error::internal)?,
            as_of,
            report: serde_json::to_string(&report)?,
        };
        self.write(move |tx| Ok(db::health::set(tx, &row)?)).await?;
        Ok(report)
    }

    /// The picture of a group's web of help that was made of its first `size` entries, for somebody
    /// who is nowhere in it.
    pub fn picture(&self, group: ActorId, size: u64) -> Option<Arc<str>> {
        self.0.tallies.pictures.get(&(group, size))
    }

    /// Keeps one for a while.
    pub fn keep_picture(&self, group: ActorId, size: u64, picture: Arc<str>) {
        self.0.tallies.pictures.insert((group, size), picture);
    }

    /// The root of the tree of a ledger's first `size` entries.
    async fn root(&self, group: ActorId, size: u64) -> Result<Hash> {
        self.read(move |conn| {
            tree::root(&mut |level, range| db::ledger::tree_nodes(conn, group, level, range), size)
        })
        .await
    }

    /// The tally of a ledger with all its entries, and at what time and size that is.
    ///
    /// # Errors
    /// As [`App::compute_health`].
    pub async fn tally(&self, group: ActorId) -> Result<(OwnedMutexGuard<Tally>, Time, u64)> {
        let kept = self.0.tallies.kept.get_with(group, Arc::default);
        let mut tally = kept.lock_owned().await;
        let mut next = i64::try_from(tally.size()).map_err(Error::internal)?;
        let mut last_at = Time(0);
        let mut anew = next == 0;
        'read: loop {
            let entries =
                self.read(move |conn| Ok(db::ledger::entries(conn, group, next, PIECE)?)).await?;
            let Some(last) = entries.last() else { break };
            next = last.seq.saturating_add(1);
            // What was erased is passed over.
            for payload in entries.iter().filter_map(|entry| entry.payload.as_deref()) {
                let entry = Entry::read(payload).map_err(Error::internal)?;
                if matches!(entry.event, Event::Erased(_)) && !anew {
                    // Whoever reads the ledger from here on never sees what was erased; nor do we.
                    (*tally, next, anew) = (Tally::new(), 0, true);
                    continue 'read;
                }
                last_at = last_at.max(entry.at);
                tally.take(&entry);
            }
        }
        let size = u64::try_from(next).map_err(Error::internal)?;
        Ok((tally, self.now().max(last_at), size))
    }
}
