//! Streams over a WebSocket: any number on one connection, begun and ended by frames.
use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{Message, MessageStream, Session};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{
    listener::Listener,
    stream::{Stream, Wanted},
};
use crate::{
    error::{Error, Result},
    hub::News,
};

/// So often the client is asked whether it is there.
const PING: Duration = Duration::from_secs(30);
/// Whoever says nothing for so long, not even pong, is gone.
const SILENCE: Duration = Duration::from_secs(100);
/// Whoever takes so long to take one frame is too slow.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest frame a client has reason to send.
const MAX_FRAME_BYTES: usize = 16 << 10;

/// Answers the handshake and listens until either side hangs up.
///
/// `protocol` is what the client offered as subprotocol, its token: browsers hang up when it is not
/// said back to them.
pub(super) fn respond(
    request: &HttpRequest,
    body: web::Payload,
    listener: Listener,
    protocol: Option<&str>,
) -> Result<HttpResponse> {
    let protocols: Vec<&str> = protocol.into_iter().collect();
    let (response, session, messages) = actix_ws::handle_with_protocols(request, body, &protocols)
        .map_err(|e| Error::Malformed(e.to_string()))?;
    let messages = messages.max_frame_size(MAX_FRAME_BYTES);
    actix_web::rt::spawn(listen(Socket { session, listener }, messages));
    Ok(response)
}

struct Socket {
    session: Session,
    listener: Listener,
}

/// A connection that is over, whoever ended it.
struct Over;

async fn listen(mut socket: Socket, mut messages: MessageStream) {
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_of = Instant::now();
    loop {
        let step = tokio::select! {
            message = messages.recv() => match message {
                Some(Ok(message)) => {
                    heard_of = Instant::now();
                    socket.message(message).await
                }
                Some(Err(_)) | None => Err(Over),
            },
            change = socket.listener.change() => match change {
                Some(news) => socket.pass_on(news).await,
                None => Err(Over),
            },
            _ = ping.tick() => socket.ping(heard_of).await,
        };
        if step.is_err() {
            break;
        }
    }
    let _ = timeout(PATIENCE, socket.session.close(None)).await; // it is over either way
}

/// What a client asks for.
#[derive(Debug, Deserialize, JsonSchema)]
struct Request {
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    wanted: Wanted,
}

impl Socket {
    async fn pass_on(&mut self, news: Arc<Vec<News>>) -> Result<(), Over> {
        for frame in self.listener.frames(news).await {
            self.say(frame.text()).await?;
        }
        Ok(())
    }

    async fn say(&mut self, text: String) -> Result<(), Over> {
        match timeout(PATIENCE, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over),
        }
    }

    async fn ping(&mut self, heard_of: Instant) -> Result<(), Over> {
        if heard_of.elapsed() > SILENCE || !self.listener.may_stay().await {
            return Err(Over);
        }
        match timeout(PATIENCE, self.session.ping(b"")).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over),
        }
    }

    async fn message(&mut self, message: Message) -> Result<(), Over> {
        match message {
            Message::Text(text) => match self.obey(&text) {
                Ok(()) => Ok(()),
                Err((error, status)) => {
                    self.say(json!({ "error": error, "status": status }).to_string()).await
                }
            },
            Message::Ping(bytes) => timeout(PATIENCE, self.session.pong(&bytes))
                .await
                .ok()
                .and_then(Result::ok)
                .ok_or(Over),
            Message::Close(_) => Err(Over),
            Message::Pong(_) | Message::Binary(_) | Message::Continuation(_) | Message::Nop => {
                Ok(())
            }
        }
    }

    fn obey(&mut self, text: &str) -> Result<(), (String, u16)> {
        if text.trim().is_empty() {
            return Ok(()); // some clients keep the line warm with these
        }
        let bad = |why: &str| (why.to_owned(), 400);
        let request: Request =
            serde_json::from_str(text).map_err(|_| bad("The message is not valid JSON"))?;
        let stream = Stream::wanted(&request.wanted).map_err(bad)?;
        match request.kind.as_str() {
            "subscribe" => self.listener.subscribe(stream).map_err(|error| {
                let status = actix_web::ResponseError::status_code(&error).as_u16();
                (error.to_string(), status)
            }),
            "unsubscribe" => {
                self.listener.unsubscribe(&stream);
                Ok(())
            }
            _ => Err(bad("Unknown message type")),
        }
    }
}
