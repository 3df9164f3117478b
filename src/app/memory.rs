//! What is remembered of other servers while the process runs; nothing is lost with it.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use super::App;

/// Most hosts, and most keys, that are remembered.
const KEPT: u64 = 10_000;

/// Counts and notes about hosts and keys, each for its time.
pub struct Memory {
    /// How many actors of a host were new in the last hour.
    new_actors: Cache<String, Arc<AtomicU32>>,
    /// Keys that were read anew within five minutes.
    read_anew: Cache<String, ()>,
    /// How often a host spoke in the last minute.
    heard: Cache<String, Arc<AtomicU32>>,
    /// How many pages that profiles lead to were read in the last hour: of a host, and for profiles of
    /// a host.
    links_read: Cache<String, Arc<AtomicU32>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            new_actors: lasting(3_600),
            read_anew: lasting(300),
            heard: lasting(60),
            links_read: lasting(3_600),
        }
    }
}

fn lasting<V: Clone + Send + Sync + 'static>(secs: u64) -> Cache<String, V> {
    Cache::builder().max_capacity(KEPT).time_to_live(Duration::from_secs(secs)).build()
}

impl Memory {
    /// How many actors of this host are new within an hour, this one counted.
    pub fn new_actors(&self, host: &str) -> u32 {
        count(&self.new_actors, host)
    }

    /// How often this host spoke within a minute, this time counted.
    pub fn times_heard(&self, host: &str) -> u32 {
        count(&self.heard, host)
    }

    /// How many pages of this host were read within an hour, or for profiles of the host `of`,
    /// whichever are more; this one counted.
    pub fn links_read(&self, host: &str, of: Option<&str>) -> u32 {
        let pages = count(&self.links_read, host);
        // A name that no host has.
        let profiles = of.map(|of| count(&self.links_read, &format!("for {of}")));
        pages.max(profiles.unwrap_or_default())
    }

    /// Whether this key may be read anew; within five minutes only the first who asks may.
    pub fn may_read_anew(&self, key_id: &str) -> bool {
        self.read_anew.entry_by_ref(key_id).or_insert(()).is_fresh()
    }
}

fn count(counts: &Cache<String, Arc<AtomicU32>>, key: &str) -> u32 {
    let count = counts.get_with(key.to_owned(), Arc::default);
    count.fetch_add(1, Ordering::Relaxed).saturating_add(1)
}

impl App {
    /// What is remembered of other servers.
    pub fn memory(&self) -> &Memory {
        &self.0.memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_keys_are_counted_apart() {
        let memory = Memory::default();
        assert_eq!((memory.times_heard("elm"), memory.times_heard("elm")), (1, 2));
        assert_eq!((memory.links_read("elm", None), memory.links_read("elm", Some("oak"))), (1, 2));
        assert_eq!((memory.links_read("ash", Some("oak")), memory.links_read("oak", None)), (2, 1));
        assert_eq!((memory.times_heard("oak"), memory.new_actors("elm")), (1, 1));
        assert!(memory.may_read_anew("k") && !memory.may_read_anew("k"));
    }
}
