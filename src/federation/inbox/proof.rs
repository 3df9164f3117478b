//! Who sent an activity, as far as a signature proves it.
use actix_web::HttpRequest;

use crate::{
    activitypub::{Activity, Incoming, activity::Delete, json},
    app::App,
    db::{actors, actors::Actor, posts},
    error::{Error, Result},
    federation::{
        actors::{KeyOwner, by_key, refetch_key},
        receive::Attempt,
    },
    signature::{self, Claim},
    tasks::{self, Task},
};

/// The signature of a request, with everything checked but its key.
pub fn claim(app: &App, request: &HttpRequest, body: &[u8]) -> Result<Claim> {
    let path_and_query = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let incoming = signature::Incoming {
        method: request.method().as_str(),
        path_and_query,
        headers: request.headers(),
        origin: app.origin(),
        body,
    };
    Claim::read(&incoming, app.now()).map_err(|why| {
        tracing::info!(%why, "a signature does not hold");
        Error::Unauthorized
    })
}

/// Who signed. `None` where somebody is gone who was never known here: servers tell everyone of
/// every account they delete, and there is no key to ask for any more.
pub async fn actor(app: &App, claim: &Claim, incoming: &Incoming) -> Result<Option<Actor>> {
    let leaves = matches!(
        &incoming.activity,
        Activity::Delete(Delete { object, .. }) if *object == incoming.actor
    );
    let id = incoming.actor.clone();
    let known = app.read(move |conn| Ok(actors::by_ap_id(conn, id.as_str())?)).await?;
    if leaves && known.as_ref().is_none_or(|actor| actor.deleted_at.is_some()) {
        return Ok(None);
    }
    let owner = match by_key(app, &claim.key_id).await {
        Ok(owner) => owner,
        // That the key is gone with its owner says what the activity says.
        Err(Error::Gone) if leaves && claim.key_id.starts_with(incoming.actor.as_str()) => {
            return Ok(known);
        }
        Err(error) => return Err(no_key(claim, error)),
    };
    if owner.actor.local {
        return Err(Error::forbidden("our own people do not come from elsewhere"));
    }
    verified(app, claim, owner).await.map(Some)
}

/// The owner of a key that fits; a key that does not fit may have been changed since.
///
/// # Errors
/// `Unauthorized` where it does not fit.
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
fn no_key(claim: &Claim, error: Error) -> Error {
    match error {
        Error::Unreachable(_) | Error::TooMany(_) | Error::Internal(_) => error,
        other => {
            tracing::info!(key = claim.key_id, why = %other.cause(), "a key cannot be had");
            Error::Unauthorized
        }
    }
}

/// An activity that somebody else hands on, as Mastodon does with replies it got (it carries the
/// author's own signature in the older form): what it says counts for nothing, but where it points
/// at a reply in a thread that is here, the reply is read where it lives.
pub async fn forwarded(app: &App, incoming: &Incoming) -> Result<Attempt> {
    let Activity::Create { objects } = &incoming.activity else { return Err(Error::Unauthorized) };
    let signed = incoming.raw.get("signature").is_some() || incoming.raw.get("proof").is_some();
    let [object] = objects.as_slice() else { return Err(Error::Unauthorized) };
    let own = object.id.clone().filter(|id| signed && id.same_origin(&incoming.actor));
    let parent = object.embedded.as_ref().and_then(|object| json::id(object, "inReplyTo"));
    let (Some(uri), Some(parent)) = (own, parent) else { return Err(Error::Unauthorized) };
    app.write(move |tx| {
        if posts::by_ap_id(tx, parent.as_str())?.is_none() {
            return Err(Error::Unauthorized);
        }
        tasks::enqueue(tx, &Task::FetchPost { uri })?;
        Ok(Attempt::Ignored("handed on; read where it lives"))
    })
    .await
}
