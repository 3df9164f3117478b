//! Who sent an activity, as far as a signature proves it.
use super::Sender;
use crate::{
    activitypub::{Activity, Incoming, activity::Delete, json, proof::Proof},
    app::App,
    db::{actors::Actor, posts},
    error::{Error, Result},
    federation::{
        actors::{KeyOwner, by_key, known_or_read, refetch_key},
        receive::Attempt,
        signed::{no_key, verified},
    },
    signature::Claim,
    tasks::{self, Task},
};

/// Who signed. `None` where somebody is gone who was never known here: servers tell everyone of
/// every account they delete, and there is no key to ask for any more.
pub async fn actor(
    app: &App,
    claim: &Claim,
    incoming: &Incoming,
    sender: Sender,
) -> Result<Option<Actor>> {
    let leaves = matches!(
        &incoming.activity,
        Activity::Delete(Delete { object, .. }) if *object == incoming.actor
    );
    let Sender { actor: known, key } = sender;
    if leaves && known.as_ref().is_none_or(|actor| actor.deleted_at.is_some()) {
        return Ok(None);
    }
    let owner = match known_or_read(app, &claim.key_id, key).await {
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

/// The actor of an activity that somebody else hands on, where the actor's own signature is inside
/// of it. It counts like a delivery by the actor then, and nothing has to be looked up.
pub async fn proven(app: &App, incoming: &Incoming) -> Result<Option<Actor>> {
    // What has no id could be handed on again and again.
    if incoming.id.is_none() {
        return Ok(None);
    }
    let proof = match Proof::of(&incoming.raw, &incoming.actor, app.now()) {
        Ok(Some(proof)) => proof,
        Ok(None) => return Ok(None),
        Err(why) => {
            tracing::info!(%why, "a proof does not hold");
            return Ok(None);
        }
    };
    let key_id = proof.method.as_str();
    let holds = |owner: &KeyOwner| owner.actor.ap_id == incoming.actor && proof.is_by(&owner.key);
    let owner = match by_key(app, key_id).await {
        Ok(owner) if !holds(&owner) && !owner.fresh => refetch_key(app, key_id).await,
        other => other,
    };
    match owner {
        Ok(owner) if holds(&owner) => Ok(Some(owner.actor)),
        Err(error @ (Error::Unreachable(_) | Error::Internal(_))) => Err(error),
        Ok(_) | Err(_) => {
            tracing::info!(key = key_id, "a proof does not hold");
            Ok(None)
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
