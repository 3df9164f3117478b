//! Everybody elsewhere: found by id, by handle or by key, kept fresh, believed only about themselves.
mod keys;
mod store;

use url::Url;

use crate::{
    activitypub::{ActorDoc, discovery},
    app::App,
    db::{
        actors::{self, Actor},
        servers,
    },
    domain,
    error::{Error, Result},
    types::{ActorId, Uri},
};

pub use keys::{KeyOwner, by_key, known_or_read, refetch_key};
pub(super) use store::store;

/// How many actors of one host may be new here within an hour.
const NEW_PER_HOST: u32 = 100;

/// The actor with this id: known, or read from its server.
///
/// Nobody waits for what is known already: where it is a day old it is read anew soon after.
///
/// # Errors
/// `Gone` or `NotFound` where there is none (any more), `Forbidden` where its server is blocked,
/// `TooMany` where it brings too many new ones, `Unreachable` where it may be there later,
/// `Malformed` or `Invalid` for a document that is no actor.
pub async fn resolve(app: &App, uri: &Uri) -> Result<Actor> {
    let id = uri.clone();
    let known = app.read(move |conn| Ok(actors::by_ap_id(conn, id.as_str())?)).await?;
    if app.node().owns(uri) {
        return known.filter(|actor| actor.local).ok_or(Error::NotFound);
    }
    match known {
        Some(actor) if actor.deleted_at.is_some() => Err(Error::Gone),
        Some(actor) => {
            let used = actor.clone();
            app.write(move |tx| domain::actors::used(tx, &used)).await?;
            Ok(actor)
        }
        None => refresh(app, uri).await,
    }
}

/// Reads anew what was known of somebody for a day, as far as their server says anything: whatever
/// comes of it, it is not asked again before another day is over.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn read_anew(app: &App, id: ActorId) -> Result<()> {
    let actor = app.read(move |conn| Ok(actors::by_id(conn, id)?)).await?;
    if !domain::actors::is_stale(&actor, app.now()) {
        return Ok(());
    }
    match refresh(app, &actor.ap_id).await {
        Ok(_) => Ok(()),
        Err(error @ Error::Internal(_)) => Err(error),
        Err(error) => {
            tracing::debug!(actor.id = %actor.ap_id, cause = %error.cause(), "not read anew");
            app.write(move |tx| {
                let now = tx.now();
                Ok(actors::set_refreshed(tx, id, now)?)
            })
            .await
        }
    }
}

/// Reads an actor from its server, known or not.
///
/// # Errors
/// As [`resolve`].
pub async fn refresh(app: &App, uri: &Uri) -> Result<Actor> {
    // Of our own people nothing is learnt from outside.
    if app.node().owns(uri) {
        let id = uri.clone();
        let own = app.read(move |conn| Ok(actors::by_ap_id(conn, id.as_str())?)).await?;
        return own.filter(|actor| actor.local).ok_or(Error::NotFound);
    }
    let document = read(app, uri).await?;
    store(app, document, None).await
}

/// The actor's document, from its own server.
async fn read(app: &App, uri: &Uri) -> Result<ActorDoc> {
    Ok(ActorDoc::read(&document(app, uri).await?)?)
}

/// Any document, from its own server, if that is not blocked here.
///
/// # Errors
/// As [`resolve`].
pub async fn document(app: &App, uri: &Uri) -> Result<serde_json::Value> {
    not_blocked(app, &uri.authority()).await?;
    app.get_document(uri).await
}

/// Refuses to ask a server that is blocked here.
pub(super) async fn not_blocked(app: &App, host: &str) -> Result<()> {
    let host = host.to_owned();
    if app.read(move |conn| Ok(servers::is_blocked(conn, &host)?)).await? {
        Err(Error::forbidden("its server is blocked here"))
    } else {
        Ok(())
    }
}

/// The actor called `@name@host`, found by `WebFinger`.
///
/// # Errors
/// As [`resolve`]; `NotFound` where the host knows nobody of that name.
pub async fn resolve_handle(app: &App, name: &str, host: &str) -> Result<Actor> {
    let (name, host) = (name.trim_start_matches(['@', '!']).to_owned(), host.to_ascii_lowercase());
    if host == app.domain() {
        let name = name.to_ascii_lowercase();
        let found = app.read(move |conn| Ok(actors::local_by_name(conn, &name)?)).await?;
        return found.filter(Actor::is_active).ok_or(Error::NotFound);
    }
    let handle = (name.clone(), host.clone());
    let known =
        app.read(move |conn| Ok(actors::remote_by_handle(conn, &handle.0, &handle.1)?)).await?;
    let now = app.now();
    if let Some(actor) = known.as_ref().filter(|actor| !domain::actors::is_stale(actor, now)) {
        return Ok(actor.clone());
    }
    match (look_up(app, &name, &host).await, known) {
        (Err(Error::Unreachable(_)), Some(actor)) => Ok(actor),
        (found, _) => found,
    }
}

async fn look_up(app: &App, name: &str, host: &str) -> Result<Actor> {
    not_blocked(app, host).await?;
    let jrd = webfinger(app, name, host).await?;
    let id = discovery::self_link(&jrd).ok_or(Error::NotFound)?;
    if app.node().owns(&id) {
        return Err(Error::NotFound);
    }
    let document = read(app, &id).await?;
    let host = host_of_handle(app, &document, host).await;
    store(app, document, Some(host)).await
}

/// The host an actor's handle shows: another one than its id's only where both sides say so.
async fn host_of_handle(app: &App, actor: &ActorDoc, claimed: &str) -> String {
    let own = actor.id.authority();
    if own == claimed {
        return own;
    }
    let said = webfinger(app, &actor.preferred_username, &own).await.ok();
    match said.as_ref().and_then(discovery::subject) {
        Some((name, host)) if host == claimed && name == actor.preferred_username => host,
        _ => own,
    }
}

/// Asks a host whom it calls `name`; in development mode by plain http too.
async fn webfinger(app: &App, name: &str, host: &str) -> Result<serde_json::Value> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Error::NotFound);
    }
    let ask = async |scheme: &str| {
        let url = format!("{scheme}://{host}/.well-known/webfinger?resource=acct:{name}@{host}");
        app.fetcher().get_json(&Url::parse(&url)?).await
    };
    if !app.config().development {
        return ask("https").await;
    }
    // A neighbour with a port speaks http; one that a test plays may speak https.
    let (first, second) = if host.contains(':') { ("http", "https") } else { ("https", "http") };
    match ask(first).await {
        Err(Error::Unreachable(_) | Error::Internal(_)) => ask(second).await,
        answer => answer,
    }
}

/// Counts a new actor of a host against what one host may bring.
fn admit(app: &App, host: &str) -> Result<()> {
    if app.config().rate_limits && app.memory().new_actors(host) > NEW_PER_HOST {
        return Err(Error::TooMany(3_600));
    }
    Ok(())
}
