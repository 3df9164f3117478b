use super::{Received, Step, Stop};
use crate::{
    db::actors,
    domain::{Tx, follows},
    types::{ActorKind, Uri},
};

/// Somebody elsewhere follows a person here, or joins a group: `Follow`. Always answered, a repeated
/// one too, since the first answer may have been lost.
pub fn receive(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let target = actors::by_ap_id(tx, object.as_str())?.filter(|target| target.local);
    // Friendica follows posts this way.
    let target = target.ok_or(Stop::Ignore("a follow of something that is no actor here"))?;
    if target.kind == ActorKind::Application {
        return Err(Stop::Ignore("nobody follows the node itself"));
    }
    let request = follows::Request {
        ap_id: received.incoming.id.as_ref().map(Uri::to_string),
        body: received.body.to_owned(),
    };
    follows::receive(tx, received.actor.id, &target, request)?;
    Ok(())
}
