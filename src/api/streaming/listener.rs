//! Somebody with a stream open, whichever way it is carried.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    hear::{Ear, Frame},
    stream::Stream,
};
use crate::{
    api::{access::Caller, entities::View},
    app::App,
    error::{Error, Result},
    hub::News,
};

/// Streams open at once on one process.
const MAX_OPEN: usize = 4_096;
/// Streams on one connection.
const MAX_STREAMS: usize = 64;

/// A connection that listens.
pub(super) struct Listener {
    app: App,
    token: Option<String>,
    caller: Option<Caller>,
    news: Receiver<Arc<Vec<News>>>,
    ear: Ear,
    _open: Open,
}

impl Listener {
    /// Somebody who listens to nothing yet; `token` says who.
    ///
    /// # Errors
    /// `Unauthorized` for a token that does not hold, `TooMany` when the node has its hands full.
    pub async fn new(app: &App, token: Option<String>) -> Result<Self> {
        let open = Open::new()?;
        let caller = match token.clone() {
            None => None,
            Some(token) => Some(app.read(move |conn| Caller::of_token(conn, &token)).await?),
        };
        let reader = caller.as_ref().and_then(|caller| caller.token.actor_id);
        let notifications = caller.as_ref().is_some_and(|c| c.check("read:notifications").is_ok());
        Ok(Self {
            news: app.listen(),
            ear: Ear { view: View::new(app, reader), notifications, streams: Vec::new() },
            app: app.clone(),
            token,
            caller,
            _open: open,
        })
    }

    /// Listens to one more stream.
    ///
    /// # Errors
    /// `Unauthorized` without a token where one is needed, `Forbidden` when it does not allow it.
    pub fn subscribe(&mut self, stream: Stream) -> Result<()> {
        match &self.caller {
            Some(caller) if caller.actor.is_some() || !stream.is_personal() => {
                caller.check(stream.scope())?;
            }
            None if !stream.is_personal() => {}
            Some(_) | None => return Err(Error::Unauthorized),
        }
        if self.ear.streams.len() >= MAX_STREAMS {
            return Err(Error::invalid("Too many streams on one connection"));
        }
        if !self.ear.streams.contains(&stream) {
            self.ear.streams.push(stream);
        }
        Ok(())
    }

    /// Listens no longer.
    pub fn unsubscribe(&mut self, stream: &Stream) {
        self.ear.streams.retain(|known| known != stream);
    }

    /// The next change that may concern them; `None` when it is time to hang up: the node stops,
    /// their token ended, or they are too slow to follow.
    pub async fn change(&mut self) -> Option<Arc<Vec<News>>> {
        loop {
            match self.news.recv().await {
                Ok(news) => {
                    let ended = news.iter().any(|one| self.may_end(one));
                    if ended && !self.may_stay().await {
                        return None;
                    }
                    if news.iter().any(|one| self.ear.may_hear(one)) {
                        return Some(news);
                    }
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "a stream was too slow and is closed");
                    return None;
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Whether it may mean that their token holds no longer.
    fn may_end(&self, news: &News) -> bool {
        matches!(news, News::SignedOut(actor) if Some(*actor) == self.ear.view.reader)
    }

    /// The frames in which they hear of a change.
    pub async fn frames(&mut self, news: Arc<Vec<News>>) -> Vec<Frame> {
        self.ear.view.now = self.app.now();
        let ear = self.ear.clone();
        let heard = self.app.read(move |conn| {
            let mut frames = Vec::new();
            for one in news.iter().filter(|one| ear.may_hear(one)) {
                frames.extend(ear.hear(conn, one)?);
            }
            Ok(frames)
        });
        heard.await.unwrap_or_else(|error| {
            tracing::error!(cause = %error.cause(), "a stream missed something");
            Vec::new()
        })
    }

    /// Whether the token still holds.
    pub async fn may_stay(&self) -> bool {
        let Some(token) = self.token.clone() else { return true };
        self.app.read(move |conn| Caller::of_token(conn, &token).map(|_| ())).await.is_ok()
    }
}

/// Counts one open stream while it lives.
struct Open;

static OPEN: AtomicUsize = AtomicUsize::new(0);

impl Open {
    fn new() -> Result<Self> {
        let gauge = metrics::gauge!("commonhold_streams_open");
        gauge.increment(1.0);
        if OPEN.fetch_add(1, Ordering::Relaxed) < MAX_OPEN {
            return Ok(Self);
        }
        drop(Self);
        Err(Error::TooMany(60))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("commonhold_streams_open").decrement(1.0);
    }
}
