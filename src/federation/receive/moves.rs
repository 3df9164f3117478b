use super::{Fetched, Need, Received, Step, Stop, forbidden, nobody_here};
use crate::{
    db::{self, actors::Actor},
    domain::{Tx, moves},
    types::Uri,
};

/// An actor says where it went: `Move`, of a person or a group. Believed where both say so, one step
/// and no further. `NodeBB` moves topics this way too.
pub fn receive(tx: &mut Tx, received: &Received, object: &Uri, target: Option<&Uri>) -> Step {
    if *object != received.actor.ap_id {
        let known = db::actors::by_ap_id(tx, object.as_str())?.is_some();
        return Err(if known {
            forbidden("an actor moves itself alone")
        } else {
            Stop::Ignore("something moved that is no actor")
        });
    }
    let target = target.ok_or(Stop::Ignore("a move to nowhere"))?;
    if target == object {
        return Err(Stop::Ignore("a move to where it was"));
    }
    let old = as_it_is_now(tx, received, object)?;
    if old.moved_to.as_deref() != Some(target.as_str()) {
        return Err(Stop::Ignore("its own server does not say that it moved there"));
    }
    let new = as_it_is_now(tx, received, target)?;
    if new.moved_to.is_some() || old.is_group() != new.is_group() {
        return Err(Stop::Ignore("a move to somebody who moved on, or to something else"));
    }
    if !db::aliases::has(tx, new.id, old.ap_id.as_str())? {
        return Err(Stop::Ignore("where it moved to nobody knows it"));
    }
    Ok(moves::receive(tx, &old, &new)?)
}

/// An actor, read from its server just now; or one of ours.
fn as_it_is_now(tx: &mut Tx, received: &Received, uri: &Uri) -> Step<Actor> {
    if !tx.node().owns(uri) {
        match received.found.get(uri) {
            None => return Err(Stop::Need(Need::Refresh(uri.clone()))),
            Some(Fetched::Document(_)) => {}
            Some(Fetched::Gone | Fetched::Never) => {
                return Err(Stop::Ignore("one of the two is not there"));
            }
        }
    }
    let actor = db::actors::by_ap_id(tx, uri.as_str())?.filter(Actor::is_active);
    actor.ok_or_else(nobody_here)
}
