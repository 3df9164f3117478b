use super::{Fetched, Need, Received, Step, Stop, create, forbidden, moderation, post, quote};
use crate::{
    activitypub::{
        Object, Reference, json,
        object::{Family, family},
    },
    db,
    domain::{
        Tx,
        posts::{self, RemoteChange},
    },
    types::Uri,
};

/// How young a post must be that is first heard of by its change, seconds.
const NEW_SECS: i64 = 86_400;

/// A post, or the sender itself, is another than before: `Update`.
pub fn receive(tx: &mut Tx, received: &Received, object: &Reference) -> Step {
    let id = object.require_id()?;
    if *id == received.actor.ap_id {
        return actor(received, id);
    }
    let embedded = object.embedded.as_ref();
    if let Some(Family::Actor) = embedded.and_then(family) {
        return Err(Stop::Ignore("an actor is changed by itself alone"));
    }
    if !received.actor.ap_id.same_origin(id) {
        return not_theirs(tx, id);
    }
    let document = match embedded {
        Some(document) => document,
        None => received.document(id)?,
    };
    if matches!(family(document), Some(Family::Collection | Family::Activity)) {
        return Err(Stop::Ignore("a change of something that is no post"));
    }
    let object = Object::read(document)?;
    if post::must_be_by(&object, &received.actor.ap_id).is_err() {
        return not_theirs(tx, id);
    }
    change(tx, received, &object)?;
    match json::flag(document, "repliesEnabled").or(json::flag(document, "commentsEnabled")) {
        Some(enabled) => match db::posts::by_ap_id(tx, id.as_str())? {
            Some(post) => moderation::answers_enabled(tx, received, &post, enabled),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

/// A change by somebody else: moderators elsewhere make them, and they are not followed.
fn not_theirs(tx: &mut Tx, id: &Uri) -> Step {
    match db::posts::by_ap_id(tx, id.as_str())? {
        Some(_) => Err(forbidden("a post is changed by its author")),
        None => Err(Stop::Ignore("a change of a post that is not known here")),
    }
}

/// What it says of itself is read where it lives.
fn actor(received: &Received, id: &Uri) -> Step {
    match received.found.get(id) {
        None => Err(Stop::Need(Need::Refresh(id.clone()))),
        Some(Fetched::Document(_)) => Ok(()),
        Some(Fetched::Gone | Fetched::Never) => Err(Stop::Ignore("the changed actor is not there")),
    }
}

fn change(tx: &mut Tx, received: &Received, object: &Object) -> Step {
    let Some(known) = db::posts::by_ap_id(tx, object.id.as_str())? else {
        return heard_late(tx, received, object);
    };
    if object.updated.is_some_and(|updated| updated < known.created_at) {
        return Err(Stop::Ignore("a change from before the post"));
    }
    let mut post = post::remote_post(tx, received.actor, object, Some(received.body))?;
    post.quote = quote::seen(tx, received, object, received.actor, true)?;
    posts::receive_edit(tx, received.actor, RemoteChange { post, silent: false })?;
    Ok(())
}

/// A change of a post that never came: the post itself, if it is news.
fn heard_late(tx: &mut Tx, received: &Received, object: &Object) -> Step {
    let now = tx.now();
    let is_new = object.published.is_some_and(|at| at > now.plus_secs(-NEW_SECS));
    if is_new && object.visibility(&[]).is_open() {
        create::put(tx, received, object)
    } else {
        Err(Stop::Ignore("a change of a post that is not known here"))
    }
}
