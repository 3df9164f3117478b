//! Streams as server-sent events: one per connection, named by the path.
use std::{collections::VecDeque, convert::Infallible, time::Duration};

use actix_web::{HttpResponse, http::header, web::Bytes};
use futures_util::stream;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::listener::Listener;

/// So often something is said, lest somebody in between takes the line for dead.
const BEAT: Duration = Duration::from_secs(15);

/// An answer that goes on for as long as its reader listens.
pub(super) fn respond(listener: Listener) -> HttpResponse {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let line = Line { listener, beat, waiting: VecDeque::new() };
    let body = stream::unfold(line, |mut line| async move {
        let text = line.next().await?;
        Some((Ok::<Bytes, Infallible>(text.into()), line))
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        // Neither compressed here nor collected by a proxy: each event goes out at once.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body)
}

struct Line {
    listener: Listener,
    beat: Interval,
    waiting: VecDeque<String>,
}

impl Line {
    /// What goes out next. Nothing is read from the hub while the reader takes nothing; who falls
    /// too far behind is let go.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(text) = self.waiting.pop_front() {
                return Some(text);
            }
            tokio::select! {
                change = self.listener.change() => {
                    let frames = self.listener.frames(change?).await;
                    self.waiting.extend(frames.iter().map(super::hear::Frame::server_sent));
                }
                _ = self.beat.tick() => {
                    return self.listener.may_stay().await.then(|| ":thump\n".to_owned());
                }
            }
        }
    }
}
