//! What stewards do in the groups that live here, and members here in groups elsewhere.
use serde_json::Value;

use super::{
    actors::describe_group,
    boosts::boosts_gone,
    groups::announce,
    posts::{Telling, tell},
};
use crate::{
    activitypub::write::{self, Addressing},
    db::{self, actors::Actor, moderation::Deed, posts::Post},
    domain::{Tx, moderation::Act, posts},
    effects::send::{Audience, inbox_of, new_uri, send},
    error::{Error, Result},
    types::Uri,
};

/// Servers with groups get the act itself; microblogs what they know of it: a boost taken back, a
/// post that takes no answers, a group that looks different.
pub(in crate::effects) fn moderated(tx: &mut Tx, act: &Act) -> Result<()> {
    let local = act.group.local;
    if let Some(post) = act.post.as_ref().filter(|_| local) {
        boosts_gone(tx, post, &act.boosts)?;
    }
    let shown = |post: &Post| posts::is_for_group(&act.group, post.visibility);
    if act.quiet || !act.post.as_ref().is_none_or(shown) {
        return Ok(());
    }
    if !local {
        return hand_in(tx, act);
    }
    let audience = Audience::of(tx, act.group.id)?;
    let text = match &act.received {
        Some(received) => Some(received.clone()),
        None if act.by.local => {
            let document = document(tx, act)?;
            if is_told(tx, act)? {
                send(tx, &act.by, &document, inbox_of(&act.person).into_iter().collect())?;
            }
            Some(document.to_string())
        }
        None => None,
    };
    if let Some(text) = text {
        announce(tx, &act.group, &text, audience.groups_but(&act.by.host))?;
    }
    match act.deed {
        Deed::Lock | Deed::Unlock => match act.post.as_ref().filter(|post| post.local) {
            Some(post) => tell(tx, post, &act.person, Telling::Edited, Some(&audience)).map(drop),
            None => Ok(()),
        },
        Deed::Pin | Deed::Unpin | Deed::Appoint | Deed::Dismiss => {
            describe_group(tx, &act.group, audience.microblogs)
        }
        Deed::Remove | Deed::Restore | Deed::Ban | Deed::Unban => Ok(()),
    }
}

/// A member here who looks after a group elsewhere tells the group alone, which passes it on.
fn hand_in(tx: &mut Tx, act: &Act) -> Result<()> {
    if !act.by.local || act.received.is_some() {
        return Ok(());
    }
    let document = document(tx, act)?;
    send(tx, &act.by, &document, inbox_of(&act.group).into_iter().collect())
}

/// Whether whoever it is about hears of it directly: they have a copy of what it is about.
/// Microblogs know no deletion by others: `GoToSocial` (0.20) answers 500, and all that waits for it
/// waits longer. A ban is to them a block by the steward, which ends what the two follow of each other.
fn is_told(tx: &mut Tx, act: &Act) -> Result<bool> {
    match act.deed {
        // What becomes of a thread inside is not for who left.
        Deed::Lock | Deed::Unlock | Deed::Pin | Deed::Unpin if act.group.is_private_group() => {
            Ok(db::follows::exists(tx, act.person.id, act.group.id)?
                && takes_activities(tx, &act.person)?)
        }
        Deed::Remove
        | Deed::Restore
        | Deed::Lock
        | Deed::Unlock
        | Deed::Pin
        | Deed::Unpin
        | Deed::Ban
        | Deed::Unban
        | Deed::Appoint
        | Deed::Dismiss => takes_activities(tx, &act.person),
    }
}

/// Whether the server of an actor takes what others do to its posts.
fn takes_activities(tx: &mut Tx, actor: &Actor) -> Result<bool> {
    let known = db::servers::by_hosts(tx, std::slice::from_ref(&actor.host))?;
    Ok(known.iter().any(|server| server.class.takes_activities()))
}

/// The activity of an act of ours.
fn document(tx: &mut Tx, act: &Act) -> Result<Value> {
    let own = Uri::parse(&act.ap_id).ok().filter(|uri| tx.node().owns(uri));
    let id = match own {
        Some(id) => id,
        None => new_uri(tx)?,
    };
    let (group, members) = (&act.group.ap_id, act.group.members_uri());
    let members = members.as_deref();
    let named =
        |uri: &Option<String>, own: &str| uri.clone().unwrap_or_else(|| format!("{group}/{own}"));
    let featured = named(&act.group.featured_uri, "featured");
    let moderators = named(&act.group.moderators_uri, "moderators");
    let reason = Some(act.reason.as_str()).filter(|reason| !reason.is_empty());
    let about = act.post.as_ref().map(|post| &post.ap_id);
    let one = |kind, object, target| {
        write::act(&write::Act {
            kind,
            id: &id,
            actor: &act.by.ap_id,
            object,
            target,
            group,
            members,
            reason,
            ends: act.ends_at,
            remove_data: act.remove_posts,
        })
    };
    let post = || about.ok_or_else(|| Error::internal("an act about no post"));
    let person = &act.person.ap_id;
    let written = match act.deed {
        Deed::Remove | Deed::Restore => {
            let addressing = Addressing::within(group, members);
            write::delete(&id, &act.by.ap_id, post()?, &addressing, Some(&act.reason))
        }
        Deed::Lock | Deed::Unlock => one("Lock", post()?, None),
        Deed::Pin => one("Add", post()?, Some(featured.as_str())),
        Deed::Unpin => one("Remove", post()?, Some(featured.as_str())),
        Deed::Ban | Deed::Unban => one("Block", person, Some(group.as_str())),
        Deed::Appoint => one("Add", person, Some(moderators.as_str())),
        Deed::Dismiss => one("Remove", person, Some(moderators.as_str())),
    };
    if matches!(act.deed, Deed::Restore | Deed::Unlock | Deed::Unban) {
        let id = new_uri(tx)?;
        return Ok(write::undo(&id, &act.by.ap_id, &written));
    }
    Ok(written)
}
