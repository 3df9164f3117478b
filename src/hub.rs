//! Facts, once stored, to open streams.
use std::sync::Arc;

use tokio::sync::broadcast;

use crate::domain::Fact;

/// How many changes a slow listener may lag behind before it misses some.
const BACKLOG: usize = 1_024;

/// Passes facts on to whoever listens. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Hub(broadcast::Sender<Arc<Vec<Fact>>>);

impl Default for Hub {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Hub {
    /// Tells of the facts of one change.
    pub fn tell(&self, facts: Vec<Fact>) {
        if !facts.is_empty() {
            // An error only means that nobody listens.
            let _ = self.0.send(Arc::new(facts));
        }
    }

    /// Hears of every change from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Vec<Fact>>> {
        self.0.subscribe()
    }
}
