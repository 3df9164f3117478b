use super::{Received, Step, Stop};
use crate::{
    activitypub::{Reference, json},
    db::{activities, actors, follows},
    domain,
    domain::Tx,
    types::ActorId,
};

/// What somebody says to a follow of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// `Accept`.
    Yes,
    /// `Reject`; after a yes it ends the follow.
    No,
}

/// The followed says yes or no: `Accept` and `Reject`, with our Follow embedded or named. Only the
/// followed may; what anyone else says about it is nothing.
pub fn receive(tx: &mut Tx, received: &Received, object: &Reference, says: Says) -> Step {
    let follower = follower(tx, received, object)?;
    let target = received.actor.id;
    follows::between(tx, follower, target)?.ok_or(Stop::Ignore("an answer nobody waits for"))?;
    match says {
        Says::Yes => domain::follows::accept(tx, target, follower).map(drop)?,
        Says::No => domain::follows::reject(tx, target, follower)?,
    }
    Ok(())
}

/// Which of our members asked.
fn follower(tx: &mut Tx, received: &Received, object: &Reference) -> Step<ActorId> {
    if let Some(id) = &object.id
        && let Some(follow) = activities::by_ap_id(tx, id.as_str())?
    {
        let about = follow.object_uri.as_deref() == Some(received.actor.ap_id.as_str());
        if follow.local && follow.kind == "Follow" && about {
            return Ok(follow.actor_id);
        }
        return Err(Stop::Ignore("an answer to what was asked of somebody else"));
    }
    let embedded = object.embedded.as_ref().filter(|follow| json::is(follow, "Follow"));
    let embedded = embedded.ok_or(Stop::Ignore("an answer to what nobody asked"))?;
    if json::id(embedded, "object").as_ref() != Some(&received.actor.ap_id) {
        return Err(Stop::Ignore("an answer to what was asked of somebody else"));
    }
    let asker = json::id(embedded, "actor").ok_or(Stop::Ignore("an answer to nobody"))?;
    let asker = actors::by_ap_id(tx, asker.as_str())?.filter(|asker| asker.local);
    asker.map(|asker| asker.id).ok_or(Stop::Ignore("an answer to nobody here"))
}
