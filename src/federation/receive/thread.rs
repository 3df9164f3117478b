//! What a reply answers, up to the beginning of its thread.
use super::{Fetched, Need, Received, Step, Stop, approval, post, quote};
use crate::{
    activitypub::Object,
    db,
    domain::{Tx, posts},
    error::Error,
    types::{Uri, Visibility},
};

/// Longest way up that is fetched.
const MOST_STEPS: usize = 30;

/// Sees to it that what a reply answers is here; `false` where it cannot be had.
pub fn parent(tx: &mut Tx, received: &Received, uri: &Uri, of: Visibility) -> Step<bool> {
    // What is not for everyone is not ours to look for.
    if !of.is_open() {
        return Ok(is_here(tx, uri)?.unwrap_or(false));
    }
    ensure(tx, received, uri, &mut Vec::new())
}

/// Whether a post is here; `None` where that is not yet said.
fn is_here(tx: &mut Tx, uri: &Uri) -> Step<Option<bool>> {
    if let Some(post) = db::posts::by_ap_id(tx, uri.as_str())? {
        return Ok(Some(post.deleted_at.is_none()));
    }
    let never = tx.node().owns(uri) || db::posts::has_tombstone(tx, uri.as_str())?;
    Ok(never.then_some(false))
}

/// The same for any post, with everything above it. `below` are the posts on the way here.
pub fn ensure(tx: &mut Tx, received: &Received, uri: &Uri, below: &mut Vec<Uri>) -> Step<bool> {
    if let Some(known) = is_here(tx, uri)? {
        return Ok(known);
    }
    if below.len() >= MOST_STEPS || below.contains(uri) {
        return Ok(false);
    }
    let document = match received.found.get(uri) {
        None => return Err(Stop::Need(Need::Document(uri.clone()))),
        Some(Fetched::Gone | Fetched::Never) => return Ok(false),
        Some(Fetched::Document(document)) => document,
    };
    let Some((object, author)) = open_post(document) else { return Ok(false) };
    let author = match received.actor_of(tx, &author) {
        Err(Stop::Ignore(_) | Stop::Error(Error::Malformed(_))) => return Ok(false),
        other => other?,
    };
    let asked_for = below.is_empty();
    below.push(uri.clone());
    if let Some(parent) = object.in_reply_to.clone() {
        ensure(tx, received, &parent, below)?;
    }
    if !approval::may_stand(tx, received, &object, &author)? {
        return Ok(false);
    }
    let mut remote = post::remote_post(tx, &author, &object, None)?;
    remote.quote = quote::seen(tx, received, &object, &author, asked_for)?;
    match posts::receive(tx, &author, remote) {
        Ok(_) => Ok(true),
        Err(Error::Gone | Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A post for everyone, and who wrote it.
fn open_post(document: &serde_json::Value) -> Option<(Object, Uri)> {
    let object = Object::read(document).ok()?;
    let author = object.author()?.clone();
    let shown = object.visibility(&[]).is_open() && object.has_something_to_show();
    (shown && author.same_origin(&object.id)).then_some((object, author))
}
