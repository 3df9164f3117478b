use super::{Received, Step, Stop, quote};
use crate::{
    activitypub::{Reference, json, write},
    db::{
        activities, actors, follows,
        posts::{self, Post},
        submissions::between as submission,
    },
    domain::{self, Tx, submissions},
    types::{ActorId, Uri},
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
    if let Some(post) = asked_for(tx, object, "QuoteRequest", write::QUOTE_REQUEST)? {
        return quote::answered(tx, received, &post, says);
    }
    if let Some(post) = submitted(tx, object)? {
        return judged(tx, received, &post, says);
    }
    let follower = follower(tx, received, object)?;
    let target = received.actor.id;
    follows::between(tx, follower, target)?.ok_or(Stop::Ignore("an answer nobody waits for"))?;
    match says {
        Says::Yes => domain::follows::accept(tx, target, follower).map(drop)?,
        Says::No => domain::follows::reject(tx, target, follower)?,
    }
    Ok(())
}

/// The post of ours that a request was about: by the request's id, which begins with the post's, or
/// as the request came back.
fn asked_for(tx: &mut Tx, object: &Reference, kind: &str, end: &str) -> Step<Option<Post>> {
    let by_id = object.id.as_ref().and_then(|id| id.as_str().strip_suffix(end)).map(str::to_owned);
    let instrument = || {
        let request = object.embedded.as_ref().filter(|request| json::is(request, kind))?;
        Some(json::id(request, "instrument")?.to_string())
    };
    let Some(post) = by_id.or_else(instrument) else { return Ok(None) };
    Ok(posts::by_ap_id(tx, &post)?.filter(|post| post.local && post.deleted_at.is_none()))
}

/// The post of ours that is let in or turned away: named itself, as `GoToSocial` does, or by the
/// Create or the request that carried it.
fn submitted(tx: &mut Tx, object: &Reference) -> Step<Option<Post>> {
    if let Some(post) = asked_for(tx, object, "ReplyRequest", write::REPLY_REQUEST)? {
        return Ok(Some(post));
    }
    let Some(id) = &object.id else { return Ok(None) };
    let uri = match activities::by_ap_id(tx, id.as_str())? {
        // Mbin got it under another id, see `effects::send`.
        Some(create) if create.local && create.kind == "Create" => create.object_uri,
        Some(_) => None,
        None => Some(id.to_string()),
    };
    let Some(uri) = uri else { return Ok(None) };
    Ok(posts::by_ap_id(tx, &uri)?.filter(|post| post.local && post.deleted_at.is_none()))
}

/// Whom a post of ours waits for says yes, with an approval that everyone can look up, or no.
fn judged(tx: &mut Tx, received: &Received, post: &Post, says: Says) -> Step {
    let judge = received.actor.id;
    let raw = &received.incoming.raw;
    let known = match (says, json::id(raw, "result")) {
        (Says::No, _) => submissions::refuse(tx, judge, post.id, json::text(raw, "summary"))?,
        (Says::Yes, None) => {
            let approval =
                received.incoming.id.as_ref().filter(|id| is_approval(received, id, post));
            submissions::confirm(tx, judge, post.id, approval.map(Uri::to_string))?
        }
        (Says::Yes, Some(approval)) => {
            if submission(tx, post.id, judge)?.is_none() {
                return Err(Stop::Ignore("a judgement that nobody asked for"));
            }
            approves(received, &approval, post)?;
            submissions::confirm(tx, judge, post.id, Some(approval.to_string()))?
        }
    };
    if known { Ok(()) } else { Err(Stop::Ignore("a judgement that nobody asked for")) }
}

/// Whether somebody's yes to an answer is the approval itself, as `GoToSocial` (0.20) has it. That of a
/// group is none: it passes on what it lets in.
fn is_approval(received: &Received, id: &Uri, post: &Post) -> bool {
    let giver = received.actor;
    !giver.is_group()
        && super::approval::gives(&received.incoming.raw, id, &giver.ap_id, &post.ap_id)
}

/// The approval stands where the one who gives it lives, is theirs, and is for this post.
fn approves(received: &Received, approval: &Uri, post: &Post) -> Step {
    let giver = &received.actor.ap_id;
    if !approval.same_origin(giver) {
        return Err(Stop::Ignore("an approval of somebody elsewhere"));
    }
    let document = received.document(approval)?;
    if super::approval::gives(document, approval, giver, &post.ap_id) {
        Ok(())
    } else {
        Err(Stop::Ignore("an approval of something else"))
    }
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
