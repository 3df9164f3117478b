use super::{Received, Step, Stop, forbidden};
use crate::{
    activitypub::Reference,
    domain::{Tx, replies},
    types::Uri,
};

/// Somebody asks to answer a post of ours ([interaction
/// controls](https://docs.gotosocial.org/en/latest/federation/interaction_controls/)): answered at
/// once, by who may answer it. The answer itself comes as any other does.
pub fn receive(
    tx: &mut Tx,
    received: &Received,
    object: &Uri,
    instrument: Option<&Reference>,
) -> Step {
    let reply = instrument.and_then(|reply| reply.id.as_ref());
    let reply = reply.ok_or(Stop::Ignore("a request to answer with nothing"))?;
    if !reply.same_origin(&received.actor.ap_id) {
        return Err(forbidden("everyone asks for what they wrote themselves"));
    }
    let parent = received.readable_post(tx, object)?;
    if !parent.local {
        return Err(Stop::Ignore("its author is asked elsewhere"));
    }
    replies::ask(tx, received.actor, &parent, reply, received.body)?;
    Ok(())
}
