//! Who signed a request, as far as a key proves it; and who may read what is looked up here.
use actix_web::HttpRequest;

use super::actors::{KeyOwner, by_key, refetch_key};
use crate::{
    app::App,
    db::{actors::Actor, servers},
    error::{Error, Result},
    signature::{self, Claim, Refusal},
    types::Uri,
};

/// The signature of a request, with everything checked but its key.
///
/// # Errors
/// `Unauthorized` where there is none, or one that cannot count.
pub fn claim(app: &App, request: &HttpRequest, body: &[u8]) -> Result<Claim> {
    read(app, request, body).map_err(|why| {
        tracing::info!(%why, "a signature does not hold");
        Error::Unauthorized
    })
}

/// The same, where it is nothing to be told of that there is none.
///
/// # Errors
/// Why it cannot count.
pub fn read(app: &App, request: &HttpRequest, body: &[u8]) -> Result<Claim, Refusal> {
    let path_and_query = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let incoming = signature::Incoming {
        method: request.method().as_str(),
        path_and_query,
        headers: request.headers(),
        origin: app.origin(),
        body,
    };
    Claim::read(&incoming, app.now())
}

/// The owner of a key that fits; a key that does not fit may have been changed since.
///
/// # Errors
/// `Unauthorized` where it does not fit; as [`no_key`] where it cannot be had.
pub async fn verified(app: &App, claim: &Claim, owner: KeyOwner) -> Result<Actor> {
    if claim.verify(&owner.key).is_ok() {
        return Ok(owner.actor);
    }
    if owner.fresh {
        return Err(Error::Unauthorized);
    }
    let owner = refetch_key(app, &claim.key_id).await.map_err(|error| no_key(claim, error))?;
    match claim.verify(&owner.key) {
        Ok(()) => Ok(owner.actor),
        Err(why) => {
            tracing::info!(%why, "a signature does not hold");
            Err(Error::Unauthorized)
        }
    }
}

/// What it means that a key cannot be had: later it may, or it is none.
pub fn no_key(claim: &Claim, error: Error) -> Error {
    match error {
        Error::Unreachable(_) | Error::TooMany(_) | Error::Internal(_) => error,
        other => {
            tracing::info!(key = claim.key_id, why = %other.cause(), "a key cannot be had");
            Error::Unauthorized
        }
    }
}

/// Lets in who may look things up here: everyone, but for blocked servers that say who they are;
/// in secure mode only who says so, and proves it.
///
/// # Errors
/// `Forbidden` for a blocked server, `Unauthorized` for a signature that is missing or does not
/// hold, `Unreachable` where its key cannot be had just now.
pub async fn admit(app: &App, request: &HttpRequest) -> Result<()> {
    let claim = if app.config().secure_mode {
        claim(app, request, b"")?
    } else {
        // Who signs nothing, or badly, is shown what everyone is shown.
        let Ok(claim) = read(app, request, b"") else { return Ok(()) };
        claim
    };
    let host = Uri::parse(&claim.key_id)?.authority();
    if app.read(move |conn| Ok(servers::is_blocked(conn, &host)?)).await? {
        return Err(Error::forbidden("this server is blocked here"));
    }
    if !app.config().secure_mode {
        return Ok(());
    }
    let owner = by_key(app, &claim.key_id).await.map_err(|error| no_key(&claim, error))?;
    let asker = verified(app, &claim, owner).await?;
    if asker.is_active() { Ok(()) } else { Err(Error::forbidden("this actor is suspended here")) }
}
