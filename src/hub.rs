//! Facts, once stored, to open streams.
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::broadcast;

use crate::domain::Fact;

/// How many changes a slow listener may lag behind before it misses some.
const BACKLOG: usize = 1_024;

/// The facts of one change.
type Change = Arc<Vec<Fact>>;

/// Passes facts on to whoever listens. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Hub(Arc<RwLock<Option<broadcast::Sender<Change>>>>);

impl Default for Hub {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(Some(broadcast::channel(BACKLOG).0))))
    }
}

impl Hub {
    /// Tells of the facts of one change.
    pub fn tell(&self, facts: Vec<Fact>) {
        if facts.is_empty() {
            return;
        }
        if let Some(sender) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            // An error only means that nobody listens.
            let _ = sender.send(Arc::new(facts));
        }
    }

    /// Hears of every change from now on; of none once the hub is closed.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Some(sender) => sender.subscribe(),
            None => broadcast::channel(1).1,
        }
    }

    /// Ends every stream, so that a node that stops need not wait for those who listen.
    pub fn close(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::error::RecvError;

    use super::*;

    #[tokio::test]
    async fn a_closed_hub_ends_what_was_opened_before_and_after() {
        let hub = Hub::default();
        let mut before = hub.listen();
        hub.close();
        let mut after = hub.listen();
        assert!(matches!(before.recv().await, Err(RecvError::Closed)));
        assert!(matches!(after.recv().await, Err(RecvError::Closed)));
    }
}
