//! A server tells that a list of answers, or of a whole thread, has changed:
//! [FEP-7458](https://w3id.org/fep/7458). It is a hint; what counts is what each post's own server
//! says.
use super::{Fetched, Need, Received, Step, Stop, thread};
use crate::{
    activitypub::{
        Object, Reference,
        object::{Family, family},
    },
    db::{self, posts::Post},
    domain::{Tx, posts},
    types::Uri,
};

/// The post whose answers, or whose thread, a collection lists; `None` for other collections.
pub fn listed_under(tx: &mut Tx, target: Option<&Uri>) -> Step<Option<Post>> {
    let Some(target) = target else { return Ok(None) };
    for ending in ["/replies", "/context"] {
        if let Some(id) = target.as_str().strip_suffix(ending)
            && let Some(post) = db::posts::by_ap_id(tx, id)?
        {
            return Ok(Some(post));
        }
    }
    Ok(None)
}

/// An answer, or another post, was put on such a list or taken off it.
pub fn receive(
    tx: &mut Tx,
    received: &Received,
    object: &Reference,
    above: &Post,
    put_on: bool,
) -> Step {
    if put_on { added(tx, received, object, above) } else { removed(tx, received, object, above) }
}

/// An answer is there that may not have come here: it is read where it lives.
fn added(tx: &mut Tx, received: &Received, object: &Reference, above: &Post) -> Step {
    if !received.actor.ap_id.same_origin(&above.ap_id) {
        return Err(Stop::Ignore("a list is changed by its own server"));
    }
    let id = object.require_id()?;
    if tx.node().owns(id) || db::posts::by_ap_id(tx, id.as_str())?.is_some() {
        return Err(Stop::Ignore("the answer is here already"));
    }
    let answer = Object::read(received.document(id)?)?;
    let parent = answer.in_reply_to.as_ref().map(|uri| db::posts::by_ap_id(tx, uri.as_str()));
    let parent = parent.transpose()?.flatten();
    if parent.is_none_or(|parent| parent.thread_id != above.thread_id) {
        return Err(Stop::Ignore("it answers something else"));
    }
    thread::ensure(tx, received, id, &mut Vec::new())?;
    Ok(())
}

/// An answer was taken off the list: if its own server says that it is gone, it is gone here too.
fn removed(tx: &mut Tx, received: &Received, object: &Reference, above: &Post) -> Step {
    let id = object.require_id()?;
    let known = super::Received::known_post(tx, id)?;
    if known.local || known.thread_id != above.thread_id {
        return Err(Stop::Ignore("it is not the list's to take away"));
    }
    let gone = match received.found.get(id) {
        None => return Err(Stop::Need(Need::Document(id.clone()))),
        Some(Fetched::Gone) => true,
        Some(Fetched::Document(document)) => family(document) == Some(Family::Tombstone),
        Some(Fetched::Never) => false,
    };
    if !gone {
        return Err(Stop::Ignore("the answer is still where it lives"));
    }
    let author = tx.actor(known.author_id)?;
    Ok(posts::receive_delete(tx, &author, id, None)?)
}
