//! What happens, as it happens: <https://docs.joinmastodon.org/methods/streaming/>
mod events;
mod hear;
mod listener;
mod socket;
mod stream;
#[cfg(test)]
mod tests;

use actix_web::{HttpRequest, http::header, web};
use schemars::JsonSchema;
use serde::Deserialize;

use self::{
    listener::Listener,
    stream::{Stream, Wanted},
};
use super::access::{Ctx, bearer};
use super::describe::{Api, Events};
use crate::error::{Error, Result};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get(
        "/api/v1/streaming",
        open,
        "What happens as it happens: a WebSocket, or server-sent events of the stream in the query",
    )
    .get("/api/v1/streaming/health", health, "Whether streams are to be had")
    .get(
        "/api/v1/streaming/{stream:.*}",
        named,
        "Server-sent events of the stream in the path",
    );
}

async fn health() -> &'static str {
    "OK"
}

/// What may stand in the address.
#[derive(Debug, Deserialize, JsonSchema)]
struct Asked {
    access_token: Option<String>,
    only_media: Option<String>,
    stream: Option<String>,
    tag: Option<String>,
    list: Option<String>,
}

impl Asked {
    fn wanted(&self, stream: &str) -> Wanted {
        let only_media = self
            .only_media
            .as_deref()
            .is_some_and(|flag| matches!(flag, "true" | "1" | "on" | "t"));
        let media = if only_media && stream.starts_with("public") { ":media" } else { "" };
        Wanted {
            stream: format!("{stream}{media}"),
            tag: self.tag.clone(),
            list: self.list.clone(),
        }
    }
}

/// A WebSocket, or, as old clients do, server-sent events of the stream in the query.
async fn open(
    request: HttpRequest,
    body: web::Payload,
    asked: web::Query<Asked>,
    ctx: Ctx,
) -> Result<Events> {
    let offered = protocol(&request);
    let token =
        bearer(&request)?.or_else(|| asked.access_token.clone()).or_else(|| offered.clone());
    let mut listener = Listener::new(&ctx, token).await?;
    if let Some(stream) = asked.stream.as_deref().filter(|stream| !stream.is_empty()) {
        let stream =
            Stream::wanted(&asked.wanted(stream)).map_err(|why| Error::Malformed(why.into()))?;
        listener.subscribe(stream)?;
    }
    if request.headers().contains_key(header::UPGRADE) {
        socket::respond(&request, body, listener, offered.as_deref()).map(Events)
    } else if asked.stream.is_some() {
        Ok(Events(events::respond(listener)))
    } else {
        Err(Error::Malformed("This address speaks WebSocket; ask for an upgrade".into()))
    }
}

/// Server-sent events of the stream in the path.
async fn named(
    request: HttpRequest,
    path: web::Path<String>,
    asked: web::Query<Asked>,
    ctx: Ctx,
) -> Result<Events> {
    let name = path.trim_end_matches('/');
    let stream = Stream::wanted(&asked.wanted(name)).map_err(|why| match why {
        "Unknown stream type" => Error::NotFound,
        why => Error::Malformed(why.into()),
    })?;
    let token = bearer(&request)?.or_else(|| asked.access_token.clone());
    let mut listener = Listener::new(&ctx, token).await?;
    listener.subscribe(stream)?;
    Ok(Events(events::respond(listener)))
}

/// What a browser offers as subprotocol: its token, since it cannot set other headers.
fn protocol(request: &HttpRequest) -> Option<String> {
    let offered = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let first = offered.split(',').next()?.trim();
    (!first.is_empty()).then(|| first.to_owned())
}
