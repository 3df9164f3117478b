//! Acts of moderation: what a moderator does in a group, told by themselves or passed on by the
//! group. Rights in a group here are read from what is known here; those in a group elsewhere from
//! the list that its own server shows ([FEP-1b12](https://w3id.org/fep/1b12)).
use super::{Received, Step, Stop, forbidden, nobody_here};
use crate::{
    activitypub::{
        Activity, Reference,
        activity::{Block, Delete},
        json,
    },
    db::{self, actors::Actor, posts::Post},
    domain::{
        Tx,
        moderation::{self, Order},
    },
    types::Uri,
};

/// How an act came.
#[derive(Clone, Copy, Debug)]
pub enum Way<'a> {
    /// From who acts.
    Direct,
    /// From the group, which vouches for it.
    PassedOn(&'a Actor),
}

/// An act, or its end. Anything that is none is ignored.
pub fn receive(
    tx: &mut Tx,
    received: &Received,
    activity: &Activity,
    way: Way,
    undone: bool,
) -> Step {
    match activity {
        Activity::Delete(delete) => removal(tx, received, delete, way, undone),
        Activity::Lock { object } => lock(tx, received, object, way, undone),
        Activity::Block(block) => ban(tx, received, block, way, undone),
        Activity::Add { object, target: Some(target) } => {
            collection(tx, received, (object, target), way, undone)
        }
        Activity::Remove { object, target: Some(target) } => {
            collection(tx, received, (object, target), way, !undone)
        }
        Activity::Add { target: None, .. }
        | Activity::Remove { target: None, .. }
        | Activity::Follow { .. }
        | Activity::Accept { .. }
        | Activity::Reject { .. }
        | Activity::Undo { .. }
        | Activity::Create { .. }
        | Activity::Update { .. }
        | Activity::Like(_)
        | Activity::Dislike { .. }
        | Activity::EmojiReact { .. }
        | Activity::Announce { .. }
        | Activity::Flag { .. }
        | Activity::Move { .. }
        | Activity::Forget { .. }
        | Activity::ChooseAnswer { .. }
        | Activity::PollVote { .. }
        | Activity::QuoteRequest { .. }
        | Activity::ReplyRequest { .. }
        | Activity::Resolve { .. }
        | Activity::Join { .. }
        | Activity::Leave { .. }
        | Activity::Unknown { .. } => Err(Stop::Ignore("nothing that a moderator does")),
    }
}

/// The group of a post that is here, hidden or not.
fn post_and_group(tx: &mut Tx, uri: &Uri) -> Step<(Post, Actor)> {
    let known = db::posts::by_ap_id(tx, uri.as_str())?;
    let post = known.ok_or(Stop::Ignore("an act about a post that is not known here"))?;
    match post.group_id {
        Some(group) => Ok((post, tx.actor(group)?)),
        None if post.local => Err(forbidden("a post is deleted by its author")),
        None => Err(Stop::Ignore("an act about a post that is in no group")),
    }
}

/// What a moderator may do, in the words of the rules.
fn order(received: &Received, group: Actor, reason: Option<&str>) -> Order {
    let id = received.incoming.id.as_ref().map(Uri::to_string).unwrap_or_default();
    let came = moderation::Received { id, body: received.body.to_owned() };
    Order::received(group, received.actor.clone(), reason.unwrap_or_default(), came)
}

/// Refuses whoever does not moderate the group.
fn must_moderate(tx: &mut Tx, received: &Received, group: &Actor, way: Way) -> Step {
    let by = received.actor;
    if group.local {
        return match way {
            Way::Direct => Ok(moderation::require_steward(tx, group, by)?),
            Way::PassedOn(_) => Err(Stop::Ignore("a group here hears its stewards themselves")),
        };
    }
    if let Way::PassedOn(announcer) = way {
        if announcer.id != group.id {
            return Err(forbidden("a group speaks of what is in it alone"));
        }
        // Its own server knows whom it let act.
        if by.ap_id.same_origin(&group.ap_id) {
            return Ok(());
        }
    }
    if moderation::is_steward(tx, group, by)? {
        return Ok(());
    }
    let listed = moderators(tx, received, group)?;
    if listed.contains(&by.ap_id) {
        Ok(())
    } else {
        Err(forbidden("only its stewards moderate a group"))
    }
}

/// Who moderates a group elsewhere, as its server says now; remembered.
fn moderators(tx: &mut Tx, received: &Received, group: &Actor) -> Step<Vec<Uri>> {
    let list = group.moderators_uri.as_deref().and_then(|uri| Uri::parse(uri).ok());
    let list = list.filter(|list| list.same_origin(&group.ap_id));
    let list = list.ok_or_else(|| forbidden("this group does not say who moderates it"))?;
    let document = received.document(&list)?;
    let mut listed = json::ids(document, "orderedItems");
    listed.extend(json::ids(document, "items"));
    listed.truncate(500);
    moderation::mirror(tx, group, &listed)?;
    Ok(listed)
}

/// A post is out of the group: `Delete` with a summary, or `Remove` from the group itself.
fn removal(tx: &mut Tx, received: &Received, delete: &Delete, way: Way, undone: bool) -> Step {
    let (post, group) = post_and_group(tx, &delete.object)?;
    must_moderate(tx, received, &group, way)?;
    let order = order(received, group, delete.summary.as_deref());
    if undone {
        moderation::restore(tx, &order, &post)?;
    } else {
        moderation::remove(tx, &order, &post)?;
    }
    Ok(())
}

/// No more answers. Mbin lets authors close their own threads.
fn lock(tx: &mut Tx, received: &Received, object: &Uri, way: Way, undone: bool) -> Step {
    let (post, group) = post_and_group(tx, object)?;
    if post.author_id != received.actor.id {
        must_moderate(tx, received, &group, way)?;
    }
    if !post.is_root() {
        return Err(Stop::Ignore("answers are not locked here, only threads"));
    }
    let reason = json::text(&received.incoming.raw, "summary");
    let order = order(received, group, reason);
    if undone {
        moderation::unlock(tx, &order, &post)?;
    } else {
        moderation::lock(tx, &order, &post)?;
    }
    Ok(())
}

/// The author or a moderator says of a thread whether it takes answers: `commentsEnabled` of Lemmy
/// and `repliesEnabled` of `PieFed`, in an `Update`.
pub fn answers_enabled(tx: &mut Tx, received: &Received, post: &Post, enabled: bool) -> Step {
    let known = db::moderation::lock_of(tx, post.id)?;
    // Only the author's own lock is the author's to open.
    let open = known.as_ref().is_some_and(|lock| lock.by_id == received.actor.id);
    if post.group_id.is_none() || !post.is_root() || (enabled && !open) {
        return Ok(());
    }
    lock(tx, received, &post.ap_id, Way::Direct, enabled)
}

/// Somebody may not write in a group: `Block` with the group as its target.
fn ban(tx: &mut Tx, received: &Received, block: &Block, way: Way, undone: bool) -> Step {
    let target = block.target.as_ref().ok_or(Stop::Ignore("a ban from nowhere"))?;
    let group = db::actors::by_ap_id(tx, target.as_str())?.filter(Actor::is_group);
    let Some(group) = group else { return banned_from_server(tx, received, block, target) };
    must_moderate(tx, received, &group, way)?;
    if !undone && block.ends.is_some_and(|end| end <= tx.now()) {
        return Err(Stop::Ignore("a ban that is over already"));
    }
    let person = received.actor_of(tx, &block.object)?;
    let order = order(received, group, block.summary.as_deref());
    if undone {
        moderation::unban(tx, &order, &person)?;
    } else {
        moderation::ban(tx, &order, &person, block.ends, block.remove_data)?;
    }
    Ok(())
}

/// A server may shut its own people out of itself. Of others, and from here, it has nothing to say.
fn banned_from_server(tx: &Tx, received: &Received, block: &Block, target: &Uri) -> Step {
    let node = tx.node();
    let by = &received.actor.ap_id;
    if node.owns(target) || node.owns(&block.object) || !by.same_origin(target) {
        return Err(forbidden("only its own stewards and operators shut people out of a place"));
    }
    Err(Stop::Ignore("somebody is shut out of another server"))
}

/// Something is put into a collection of a group, or taken out: pinned threads, moderators.
fn collection(
    tx: &mut Tx,
    received: &Received,
    (object, target): (&Reference, &Uri),
    way: Way,
    out: bool,
) -> Step {
    let object = object.require_id()?;
    let Some((group, which)) = owner(tx, received, target, way)? else {
        let ours = tx.node().owns(target);
        return Err(if ours {
            nobody_here()
        } else {
            Stop::Ignore("a collection of nobody known")
        });
    };
    must_moderate(tx, received, &group, way)?;
    match which {
        Collection::Moderators => {
            let person = received.actor_of(tx, object)?;
            let order = order(received, group, None);
            if out {
                moderation::dismiss(tx, &order, &person)?;
            } else {
                moderation::appoint(tx, &order, &person)?;
            }
        }
        Collection::Featured => {
            let post = Received::known_post(tx, object)?;
            let order = order(received, group, None);
            if out {
                moderation::unpin(tx, &order, &post)?;
            } else {
                moderation::pin(tx, &order, &post)?;
            }
        }
        // NodeBB takes topics out of a category this way.
        Collection::Itself if out => {
            let post = Received::known_post(tx, object)?;
            let order = order(received, group, None);
            moderation::remove(tx, &order, &post)?;
        }
        Collection::Itself => return Err(Stop::Ignore("nothing is put into a group this way")),
    }
    Ok(())
}

enum Collection {
    Featured,
    Moderators,
    Itself,
}

/// The group whose collection this is: one of ours, the one that passes it on, or one that the act
/// is addressed to.
fn owner(
    tx: &mut Tx,
    received: &Received,
    target: &Uri,
    way: Way,
) -> Step<Option<(Actor, Collection)>> {
    let text = target.as_str();
    let parent = text.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    let mut named = vec![text.to_owned()];
    if let Way::PassedOn(group) = way {
        named.push(group.ap_id.to_string());
    }
    let incoming = received.incoming;
    let addressed = incoming.audience.iter().chain(&incoming.to).chain(&incoming.cc);
    named.extend(addressed.map(Uri::to_string));
    named.extend(parent);
    for group in tx.actors_called(&named)?.into_iter().filter(Actor::is_group) {
        let which = if group.ap_id == *target {
            Collection::Itself
        } else if group.featured_uri.as_deref() == Some(text) {
            Collection::Featured
        } else if group.moderators_uri.as_deref() == Some(text) {
            Collection::Moderators
        } else {
            continue;
        };
        return Ok(Some((group, which)));
    }
    Ok(None)
}
