use super::{Fetched, Need, Received, Step, Stop, Way, forbidden, moderation, nobody_here};
use crate::{
    activitypub::{
        Activity,
        activity::Delete,
        object::{Family, family},
    },
    db::{self, posts::Post},
    domain::{self, Tx, actors, posts, quotes},
    error::Error,
    types::Uri,
};

/// A post is gone, or an actor with everything: `Delete`.
pub fn receive(tx: &mut Tx, received: &Received, delete: &Delete) -> Step {
    if delete.object == received.actor.ap_id {
        return actor(tx, received);
    }
    let known = db::posts::by_ap_id(tx, delete.object.as_str())?;
    if delete.summary.is_some()
        && let Some(post) = &known
        && (post.author_id != received.actor.id || is_steward_of(tx, received, post)?)
    {
        // A moderator took it out of the group; it may still be where it lives.
        let act = Activity::Delete(delete.clone());
        return moderation::receive(tx, received, &act, Way::Direct, false);
    }
    if tx.node().owns(&delete.object) {
        known.ok_or_else(nobody_here)?;
        return Err(forbidden("a post is deleted by its author"));
    }
    if !received.actor.ap_id.same_origin(&delete.object) {
        return match known {
            Some(_) => Err(forbidden("a server speaks for what it hosts alone")),
            None => Err(Stop::Ignore("a removal of what is not known here")),
        };
    }
    if known.is_none() && quotes::receive_end(tx, received.actor, &delete.object)? {
        return Ok(());
    }
    // Somebody else's account on the same server is not the sender's to delete.
    if let Some(other) = db::actors::by_ap_id(tx, delete.object.as_str())? {
        return Err(if other.is_group() {
            Stop::Ignore("groups elsewhere are not closed here yet")
        } else {
            forbidden(&format!("{} deletes itself alone", other.ap_id))
        });
    }
    posts::receive_delete(tx, received.actor, &delete.object, Some(received.body.to_owned()))?;
    Ok(())
}

/// Whether the sender looks after the group of a post: what a steward removes with a reason may come
/// back, their own posts too.
fn is_steward_of(tx: &mut Tx, received: &Received, post: &Post) -> Step<bool> {
    let Some(group) = post.group_id else { return Ok(false) };
    let group = tx.actor(group)?;
    Ok(domain::moderation::is_steward(tx, &group, received.actor)?)
}

/// An actor is gone, if its own server says so too when asked.
fn actor(tx: &mut Tx, received: &Received) -> Step {
    let uri: &Uri = &received.actor.ap_id;
    match received.found.get(uri) {
        Some(Fetched::Gone) => Ok(actors::remote_gone(tx, received.actor.id)?),
        Some(Fetched::Document(document)) if family(document) == Some(Family::Tombstone) => {
            Ok(actors::remote_gone(tx, received.actor.id)?)
        }
        // Who has much to delete tells first and deletes then (GoToSocial): it is asked again a
        // little later, and after some time no more.
        Some(Fetched::Document(_)) => {
            Err(Stop::Error(Error::Unreachable("the deleted actor is still there".into())))
        }
        Some(Fetched::Never) => Err(Stop::Ignore("whether the actor is gone cannot be seen")),
        None => Err(Stop::Need(Need::Document(uri.clone()))),
    }
}
