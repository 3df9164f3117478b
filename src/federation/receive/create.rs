use serde_json::Value;

use super::{Received, Step, Stop, approval, forbidden, post, quote, thread};
use crate::{
    activitypub::{Object, Reference, json},
    db::{self, actors, follows, posts::Post},
    domain::{Fact, Tx, moderation, polls, posts},
    error::Error,
    types::Uri,
};

/// Somebody elsewhere writes: `Create` of a post, or of votes (several at once from `GoToSocial`).
pub fn receive(tx: &mut Tx, received: &Received, objects: &[Reference]) -> Step {
    for object in objects {
        one(tx, received, object)?;
    }
    Ok(())
}

/// What is written, but cannot be kept: it has no place or no kind.
fn unplaceable(document: &Value) -> Option<&'static str> {
    match document.get("id") {
        None | Some(Value::Null) => return Some("a post that nobody can point at"),
        Some(_) => {}
    }
    if json::kinds(document).next().is_none() {
        return Some("a thing of no kind");
    }
    let parents = json::many(document, "inReplyTo").len();
    (parents > 1).then_some("a reply to several posts")
}

fn one(tx: &mut Tx, received: &Received, reference: &Reference) -> Step {
    if let Some(why) = reference.embedded.as_ref().and_then(unplaceable) {
        return Err(Stop::Ignore(why));
    }
    let id = reference.require_id()?;
    if !received.actor.ap_id.same_origin(id) {
        return Err(Stop::Error(Error::Malformed("the post is not of its author's server".into())));
    }
    let document = match &reference.embedded {
        Some(document) => document,
        None => received.document(id)?,
    };
    let object = Object::read(document)?;
    post::must_be_by(&object, &received.actor.ap_id)?;
    if let (Some(choice), Some(poll)) = (object.vote(), &object.in_reply_to) {
        return vote(tx, received, poll, choice);
    }
    put(tx, received, &object)
}

/// A ballot in a poll of ours: one choice. Votes in polls elsewhere are counted there.
pub fn vote(tx: &mut Tx, received: &Received, poll: &Uri, choice: &str) -> Step {
    let poll = received.readable_post(tx, poll)?;
    if polls::receive_vote(tx, received.actor.id, &poll, choice)? {
        Ok(())
    } else {
        Err(Stop::Ignore("a vote that cannot count"))
    }
}

/// Stores a post that somebody here has a reason to see; also what it answers.
pub fn put(tx: &mut Tx, received: &Received, object: &Object) -> Step {
    if let Some(known) = db::posts::by_ap_id(tx, object.id.as_str())? {
        return late(tx, received, known);
    }
    if db::posts::has_tombstone(tx, object.id.as_str())? {
        return Err(Stop::Ignore("the post was deleted before it came"));
    }
    if !object.has_something_to_show() {
        return Err(Stop::Ignore("a post without anything to show"));
    }
    let mut remote = post::remote_post(tx, received.actor, object, Some(received.body))?;
    let wanted = wanted(tx, received, object, &remote)?;
    if wanted == Wanted::No {
        return Err(Stop::Ignore("nobody here asked for this post"));
    }
    if let Some(parent) = &object.in_reply_to {
        if *parent == object.id {
            return Err(Stop::Error(Error::Malformed("a reply to itself".into())));
        }
        let there = thread::parent(tx, received, parent, remote.visibility)?;
        if !there && wanted == Wanted::ByGroup {
            return Err(Stop::Ignore("a reply in a thread that cannot be found"));
        }
    }
    if !approval::may_stand(tx, received, object, received.actor)? {
        return Err(Stop::Ignore("who wrote what it answers did not approve it"));
    }
    remote.quote = quote::seen(tx, received, object, received.actor, true)?;
    match posts::receive(tx, received.actor, remote) {
        Ok(_) => Ok(()),
        Err(Error::Gone) => Err(Stop::Ignore("its author is not welcome any more")),
        Err(error) => Err(error.into()),
    }
}

/// A post that was looked up before its own `Create` came: what answers or quotes it was here first. The
/// group it is in can pass it on only now.
fn late(tx: &mut Tx, received: &Received, known: Post) -> Step {
    let already = Stop::Ignore("the post is here already");
    if known.author_id != received.actor.id || known.deleted_at.is_some() {
        return Err(already);
    }
    let id = received.incoming.id.as_ref().map(|id| id.as_str());
    let object = known.ap_id.to_string();
    if db::activities::did_otherwise(tx, known.author_id, "Create", &object, id)? {
        return Err(already);
    }
    let received = received.body.to_owned();
    tx.record(Fact::CreateCame { post: Box::new(known), received });
    Ok(())
}

/// Why a post is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Nobody here would see it.
    No,
    /// A group that is followed here is named.
    ByGroup,
    /// It answers what is here.
    ByThread,
    /// Somebody here follows the author, or is named.
    ByPeople,
}

fn wanted(
    tx: &mut Tx,
    received: &Received,
    object: &Object,
    remote: &posts::RemotePost,
) -> Step<Wanted> {
    let addressed: Vec<String> = object.to.iter().chain(&object.cc).map(Uri::to_string).collect();
    let addressed = tx.actors_called(&addressed)?;
    let mentioned = tx.actors(&remote.mentioned)?;
    let is_ours = |actor: &actors::Actor| actor.local && !actor.is_group();
    if addressed.iter().chain(&mentioned).any(is_ours)
        || follows::has_local_follower(tx, received.actor.id)?
    {
        return Ok(Wanted::ByPeople);
    }
    if let Some(parent) = &object.in_reply_to
        && db::posts::by_ap_id(tx, parent.as_str())?.is_some_and(|post| post.deleted_at.is_none())
    {
        return Ok(Wanted::ByThread);
    }
    for group in &remote.groups {
        let group = tx.actor(*group)?;
        if let Some(why) = moderation::shut_out(tx, received.actor, &group, None)? {
            return Err(forbidden(why));
        }
        if group.local || follows::has_local_follower(tx, group.id)? {
            return Ok(Wanted::ByGroup);
        }
    }
    Ok(Wanted::No)
}
