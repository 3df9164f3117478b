//! Where other servers hand in activities: read within limits, proven, stored once, acted on.
//!
//! The answer tells a sender whether trying again makes sense: 202 stored (or known, or nothing we
//! act on), 400 for what cannot be understood, 401 for a signature that does not hold, 403 for who
//! is not welcome, 408 for too slow, 413 and 429 for too much, 503 where a key cannot be had just now. Never 410:
//! `PieFed` takes that for the end of the whole node.
mod proof;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::RETRY_AFTER},
    web::{self, Bytes, BytesMut},
};
use futures_util::StreamExt as _;

use super::{
    followers,
    receive::{Arrival, Attempt, arrive},
    signed,
};
use crate::{
    activitypub::{Activity, Incoming, activity, json},
    app::{App, Ctx},
    db::{
        actors::{self, Actor},
        keys, servers,
    },
    error::{Error, Result},
    types::Uri,
};

/// Largest body that is read.
const BODY_BYTES: usize = 1_048_576;
/// So much more is taken from the wire, unread, so that the sender gets to hear the answer.
const DRAIN_BYTES: usize = 4 * 1_048_576;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most activities of one host in a minute.
const PER_MINUTE: u32 = 600;

/// The inbox of everyone, and everyone's own. Whom an activity is for is said in it.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/inbox", web::post().to(shared))
        .route("/actor/inbox", web::post().to(shared))
        .route("/u/{name}/inbox", web::post().to(personal))
        .route("/c/{name}/inbox", web::post().to(personal));
}

async fn shared(app: Ctx, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    match tokio::time::timeout(PATIENCE, body(payload)).await {
        Ok(Ok(body)) => answer(receive(&app, &request, &body).await),
        Ok(Err(error)) => answer(Err(error)),
        // A sender that is merely slow may try again; one that means to be holds nothing here.
        Err(_) => HttpResponse::RequestTimeout().force_close().body("the body took too long"),
    }
}

async fn personal(app: Ctx, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let id = super::here(&app).url(request.path().trim_end_matches("/inbox"));
    let owner = app.read(move |conn| Ok(actors::by_ap_id(conn, &id)?)).await;
    match owner {
        Ok(Some(owner)) if owner.local && owner.deleted_at.is_none() => {
            shared(app, request, payload).await
        }
        Ok(_) => HttpResponse::NotFound().body("nobody here has this inbox"),
        Err(error) => answer(Err(error)),
    }
}

/// The body, up to its limit.
async fn body(mut payload: web::Payload) -> Result<Bytes> {
    let (mut body, mut length) = (BytesMut::new(), 0_usize);
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|error| Error::Malformed(error.to_string()))?;
        length = length.saturating_add(piece.len());
        if length > DRAIN_BYTES {
            break;
        }
        if length <= BODY_BYTES {
            body.extend_from_slice(&piece);
        }
    }
    if length > BODY_BYTES {
        return Err(Error::TooLarge(format!("more than {BODY_BYTES} bytes")));
    }
    Ok(body.freeze())
}

/// What a sender is told.
fn answer(outcome: Result<Attempt>) -> HttpResponse {
    let Err(error) = outcome else { return HttpResponse::Accepted().finish() };
    let status = match &error {
        Error::Malformed(_) | Error::Invalid(_) | Error::NotFound | Error::Conflict(_) => {
            StatusCode::BAD_REQUEST
        }
        Error::Unauthorized | Error::Gone => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(cause) => {
            tracing::error!(cause, "an activity could not be taken");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let mut response = HttpResponse::build(status);
    if let Error::TooMany(after_secs) = &error {
        response.insert_header((RETRY_AFTER, after_secs.to_string()));
    }
    // An account's error speaks of tokens; a server's key is meant here.
    let text = match &error {
        Error::Unauthorized | Error::Gone => "the request is not signed by who it says".into(),
        other => other.to_string(),
    };
    response.content_type("text/plain; charset=utf-8").body(text)
}

/// The whole way of an activity; each step says no before the next costs anything.
async fn receive(app: &App, request: &HttpRequest, body: &Bytes) -> Result<Attempt> {
    let outcome = take(app, request, body).await;
    match &outcome {
        Ok(attempt) => tracing::debug!(?attempt, "took an activity"),
        Err(Error::Internal(_)) => {}
        Err(error) => {
            metrics::counter!("activities_refused").increment(1);
            let from = request.connection_info().realip_remote_addr().unwrap_or("").to_owned();
            tracing::info!(from, why = %error.cause(), "refused an activity");
        }
    }
    outcome
}

async fn take(app: &App, request: &HttpRequest, body: &Bytes) -> Result<Attempt> {
    let claim = signed::claim(app, request, body)?;
    let incoming = activity::read(&json::parse(body)?)?;
    one_origin(app, &incoming)?;
    let sender = sender(app, &incoming.actor, &claim.key_id).await?;
    let Some(actor) = proof::actor(app, &claim, &incoming, sender).await? else {
        return Ok(Attempt::Ignored("nothing is known here of who is gone"));
    };
    if !actor.is_active() {
        return Err(Error::forbidden("this actor is suspended here"));
    }
    count(&incoming);
    let text = std::str::from_utf8(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    let text = text.map_err(|error| Error::Malformed(error.to_string()))?;
    let actor = if actor.ap_id == incoming.actor {
        if request.headers().contains_key(followers::HEADER) {
            followers::compare(app, request.headers(), &actor).await?;
        }
        actor
    } else {
        match proof::proven(app, &incoming).await? {
            Some(actor) if actor.is_active() => actor,
            Some(_) => return Err(Error::forbidden("this actor is suspended here")),
            None => return proof::forwarded(app, &incoming).await,
        }
    };
    let arrival = Arrival { incoming: Arc::new(incoming), actor, body: text.into() };
    arrive(app, arrival).await
}

/// The activity, its actor and a proof that is said to be the actor's live in one place; and that is
/// not here.
fn one_origin(app: &App, incoming: &Incoming) -> Result<()> {
    if app.node().owns(&incoming.actor) {
        return Err(Error::forbidden("our own people do not come from elsewhere"));
    }
    if incoming.id.as_ref().is_some_and(|id| !id.same_origin(&incoming.actor)) {
        return Err(Error::Malformed("the activity is not of its actor's server".into()));
    }
    let method = incoming.raw.get("proof").and_then(|proof| json::id(proof, "verificationMethod"));
    if method.is_some_and(|method| !method.same_origin(&incoming.actor)) {
        return Err(Error::Unauthorized);
    }
    Ok(())
}

/// Who an activity is said to be from, as far as that is known here.
struct Sender {
    /// Its actor.
    actor: Option<Actor>,
    /// The owner of the key it is signed with, and what the key is made of.
    key: Option<(Actor, String)>,
}

/// Looks up at once whether the servers of actor and key may speak here, and not too often, and who
/// they are.
async fn sender(app: &App, actor: &Uri, key_id: &str) -> Result<Sender> {
    let key_id = Uri::parse(key_id)?;
    let mut hosts = vec![actor.authority(), key_id.authority()];
    hosts.dedup();
    let (speaker, id) = (hosts.clone(), actor.clone());
    let (servers, sender) = app
        .read(move |conn| {
            let (servers, blocked) = servers::standing(conn, &hosts)?;
            if blocked {
                return Err(Error::forbidden("this server is blocked here"));
            }
            let key = keys::owner(conn, key_id.as_str())?;
            let actor = match &key {
                Some((owner, _)) if owner.ap_id == id => Some(owner.clone()),
                _ => actors::by_ap_id(conn, id.as_str())?,
            };
            Ok((servers, Sender { actor, key }))
        })
        .await?;
    for host in speaker.iter().filter(|_| app.config().rate_limits) {
        if app.memory().times_heard(host) > PER_MINUTE {
            return Err(Error::TooMany(60));
        }
    }
    // Who speaks is there again: what waits for it may be tried at once.
    for server in servers.into_iter().filter(|server| server.retry_at.0 > 0) {
        app.write(move |tx| {
            servers::is_back(tx, &server.host)?;
            tx.rouse();
            Ok(())
        })
        .await?;
    }
    Ok(sender)
}

fn count(incoming: &Incoming) {
    let kind = match &incoming.activity {
        Activity::Unknown { .. } => "other".to_owned(),
        known => known.kind().to_owned(),
    };
    metrics::counter!("activities_received", "kind" => kind).increment(1);
}
