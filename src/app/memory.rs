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
}

impl Default for Memory {
    fn default() -> Self {
        Self { new_actors: lasting(3_600), read_anew: lasting(300), heard: lasting(60) }
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
        assert_eq!((memory.times_heard("oak"), memory.new_actors("elm")), (1, 1));
        assert!(memory.may_read_anew("k") && !memory.may_read_anew("k"));
    }
}
