use serde_json::Value;

use super::{
    Fetched, Need, Received, Step, Stop, Way, approval, chosen, like, moderation, post, quote,
    thread, undo,
};
use crate::{
    activitypub::{
        Activity, Object, Reference,
        activity::{self, Delete, Incoming},
        json,
        object::{Family, family},
        proof::Proof,
    },
    db::{self, actors, actors::Actor, follows, posts::Post, servers},
    domain::{self, Tx, posts, submissions},
    error::Error,
    keys::PublicKey,
    types::{Uri, Visibility},
};

/// Somebody passes something on: `Announce`. A person boosts a post; a group passes on posts or what
/// its members did ([FEP-1b12](https://w3id.org/fep/1b12)), one thing or many at once.
pub fn receive(tx: &mut Tx, received: &Received, objects: &[Reference]) -> Step {
    let mut ignored = None;
    for object in objects {
        match one(tx, received, object) {
            Err(Stop::Ignore(why)) => ignored = Some(why),
            // Of many things at once a bad one does not spoil the others.
            Err(Stop::Error(error))
                if objects.len() > 1 && !matches!(error, Error::Internal(_)) =>
            {
                tracing::info!(why = %error.cause(), "one of many things is refused");
            }
            other => other?,
        }
    }
    match ignored {
        Some(why) if objects.len() == 1 => Err(Stop::Ignore(why)),
        _ => Ok(()),
    }
}

fn one(tx: &mut Tx, received: &Received, object: &Reference) -> Step {
    let embedded = object.embedded.as_ref();
    let is_activity = embedded.and_then(family) == Some(Family::Activity);
    if !is_activity {
        return boost(tx, received, object.require_id()?);
    }
    let Some(Ok(inner)) = embedded.map(activity::read) else {
        return Err(Stop::Ignore("it passes on what cannot be read"));
    };
    if received.actor.is_group() {
        note_class(tx, received.actor)?;
        return passed_on(tx, received, &inner);
    }
    // A person who boosts the act of writing means what was written.
    match &inner.activity {
        Activity::Create { objects } => match objects.as_slice() {
            [Reference { id: Some(id), .. }] => boost(tx, received, id),
            _ => Err(Stop::Ignore("it passes on nothing that is a post")),
        },
        _ => Err(Stop::Ignore("only groups pass on what others did")),
    }
}

/// A server whose group passes on activities wants them from us too.
fn note_class(tx: &mut Tx, group: &Actor) -> Step {
    let now = tx.now();
    let known = servers::meet(tx, &group.host, now)?;
    if !known.class.takes_activities() {
        servers::takes_activities(tx, &group.host)?;
    }
    Ok(())
}

/// A boost of a post, by a person or a group: only of what somebody here wrote or somebody here
/// follows the booster for.
fn boost(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let id = received.incoming.id.as_ref().ok_or(Stop::Ignore("a boost without an id"))?;
    if id == object {
        return Err(Stop::Ignore("it passes on itself"));
    }
    let known = db::posts::by_ap_id(tx, object.as_str())?;
    if known.is_none() && !follows::has_local_follower(tx, received.actor.id)? {
        return Err(Stop::Ignore("nobody here follows who boosts"));
    }
    let original = fetched_post(tx, received, object)?;
    let is_let_in = submissions::confirm(tx, received.actor.id, original.id, None)?;
    // An answer stands in the group's thread, where everybody looks for it.
    if received.actor.is_group()
        && original.group_id == Some(received.actor.id)
        && !original.is_root()
    {
        return if is_let_in { Ok(()) } else { Err(Stop::Ignore("the answer is here already")) };
    }
    match posts::receive_boost(tx, received.actor, &original, id.clone()) {
        Ok(_) => Ok(()),
        Err(Error::Conflict(_)) => Err(Stop::Ignore("the boost is known, or was taken back")),
        Err(error) => Err(error.into()),
    }
}

/// A post, from here or from where it lives.
fn fetched_post(tx: &mut Tx, received: &Received, uri: &Uri) -> Step<Post> {
    if thread::ensure(tx, received, uri, &mut Vec::new())? {
        return super::Received::known_post(tx, uri);
    }
    // It may be known under another name of the same server.
    if let Some(Fetched::Document(document)) = received.found.get(uri)
        && let Some(id) = json::id_of(document).filter(|id| id != uri && id.same_origin(uri))
        && let Some(post) = db::posts::by_ap_id(tx, id.as_str())?
    {
        return Ok(post);
    }
    Err(Stop::Ignore("it passes on a post that cannot be had"))
}

/// A remote group passes on what somebody did in it. It vouches for delivery, not for authorship:
/// what another server wrote is fetched there before it counts
/// ([FEP-fe34](https://w3id.org/fep/fe34)).
fn passed_on(tx: &mut Tx, received: &Received, inner: &Incoming) -> Step {
    if inner.id.as_ref().is_some_and(|id| !id.same_origin(&inner.actor)) {
        return Err(Stop::Ignore("it passes on what belongs to two servers"));
    }
    match &inner.activity {
        Activity::Create { objects } => {
            for object in objects {
                written(tx, received, inner, object)?;
            }
            Ok(())
        }
        Activity::Update { object } if object.id.as_ref() == Some(&received.actor.ap_id) => {
            match received.found.get(&received.actor.ap_id) {
                None => Err(Stop::Need(Need::Refresh(received.actor.ap_id.clone()))),
                Some(_) => Ok(()),
            }
        }
        Activity::Update { object } => changed(tx, received, inner, object),
        Activity::Delete(Delete { object, summary: Some(_), .. })
            if is_removal(tx, received, inner, object)? =>
        {
            moderated(tx, received, inner, &inner.activity, false)
        }
        Activity::Delete(deleted) => gone(tx, received, inner, &deleted.object),
        act @ (Activity::Lock { .. }
        | Activity::Block(_)
        | Activity::Add { .. }
        | Activity::Remove { .. }) => moderated(tx, received, inner, act, false),
        Activity::Like(liked) => {
            let member = Member::of(tx, received, inner)?;
            let (content, result) = (liked.content.as_deref(), liked.result.as_ref());
            like::receive(tx, &member.received(received), &liked.object, content, result)
        }
        Activity::EmojiReact { object, content } => {
            let member = Member::of(tx, received, inner)?;
            like::receive(tx, &member.received(received), object, Some(content), None)
        }
        Activity::Dislike { object } => {
            let member = Member::of(tx, received, inner)?;
            like::dislike(tx, &member.received(received), object)
        }
        Activity::ChooseAnswer { object } => {
            chosen::passed_on(tx, received.actor, &inner.actor, object, false)
        }
        Activity::Undo { object }
            if ["Like", "EmojiReact", "Dislike"].iter().any(|kind| object.is(kind)) =>
        {
            let member = Member::of(tx, received, inner)?;
            undo::receive(tx, &member.received(received), object)
        }
        Activity::Undo { object } if object.embedded.is_some() => {
            let undone = object.embedded.as_ref().map(activity::read);
            match undone {
                Some(Ok(undone)) if undone.actor == inner.actor => match &undone.activity {
                    Activity::ChooseAnswer { object } => {
                        chosen::passed_on(tx, received.actor, &inner.actor, object, true)
                    }
                    act => moderated(tx, received, inner, act, true),
                },
                _ => Err(Stop::Ignore("it takes back what cannot be read")),
            }
        }
        Activity::Follow { .. }
        | Activity::Accept { .. }
        | Activity::Reject { .. }
        | Activity::Undo { .. }
        | Activity::Announce { .. }
        | Activity::Flag { .. }
        | Activity::Move { .. }
        | Activity::Forget { .. }
        | Activity::Resolve { .. }
        | Activity::Join { .. }
        | Activity::Leave { .. }
        | Activity::PollVote { .. }
        | Activity::QuoteRequest { .. }
        | Activity::ReplyRequest { .. }
        | Activity::Unknown { .. } => Err(Stop::Ignore("nothing that a group passes on to us")),
    }
}

/// An act of moderation in a remote group, which it passes on.
fn moderated(
    tx: &mut Tx,
    received: &Received,
    inner: &Incoming,
    act: &Activity,
    undone: bool,
) -> Step {
    if tx.node().owns(&inner.actor) {
        return Err(Stop::Ignore("what a member of ours did there, coming home"));
    }
    let actor = received.actor_of(tx, &inner.actor)?;
    let member = Member { actor, inner, body: inner.raw.to_string() };
    let way = Way::PassedOn(received.actor);
    moderation::receive(tx, &member.received(received), act, way, undone)
}

/// Whether a deletion with a reason takes a post out of the group: always that of another's post,
/// and that of one's own where its author is a steward, who may put it back.
fn is_removal(tx: &mut Tx, received: &Received, inner: &Incoming, object: &Uri) -> Step<bool> {
    let Some(post) = db::posts::by_ap_id(tx, object.as_str())? else { return Ok(true) };
    let author = tx.actor(post.author_id)?;
    let by_author = author.ap_id == inner.actor;
    Ok(!by_author || domain::moderation::is_steward(tx, received.actor, &author)?)
}

/// Whether the server of what is passed on wrote this itself: the group's own, whose signature
/// covers it, or another one whose proof is inside.
fn is_proven(tx: &mut Tx, received: &Received, inner: &Incoming, object: &Uri) -> Step<bool> {
    if !inner.actor.same_origin(object) {
        return Ok(false);
    }
    Ok(received.actor.ap_id.same_origin(&inner.actor) || is_signed(tx, received, inner)?)
}

/// Whether the member signed what the group passes on
/// ([FEP-8b32](https://w3id.org/fep/8b32)).
fn is_signed(tx: &mut Tx, received: &Received, inner: &Incoming) -> Step<bool> {
    // What our own people do is known here without anybody's word.
    if tx.node().owns(&inner.actor) {
        return Ok(false);
    }
    let proof = match Proof::of(&inner.raw, &inner.actor, tx.now()) {
        Ok(Some(proof)) if inner.id.is_some() => proof,
        _ => return Ok(false),
    };
    match received.actor_of(tx, &inner.actor) {
        Err(Stop::Ignore(_)) => return Ok(false),
        actor => actor?,
    };
    match db::keys::owner(tx, proof.method.as_str())? {
        Some((owner, key)) if owner.ap_id == inner.actor => {
            Ok(PublicKey::read(&key).is_ok_and(|key| proof.is_by(&key)))
        }
        // A key that is newer than what we know of its owner.
        None if received.found.get(&inner.actor).is_none() => {
            Err(Stop::Need(Need::Refresh(inner.actor.clone())))
        }
        Some(_) | None => Ok(false),
    }
}

/// The post that the group passes on: as it came where its own server sent it, else as its own
/// server shows it.
fn origin_copy(
    tx: &mut Tx,
    received: &Received,
    inner: &Incoming,
    object: &Reference,
) -> Step<Object> {
    let id = object.require_id()?;
    let document = match &object.embedded {
        Some(embedded) if is_proven(tx, received, inner, id)? => embedded,
        _ => received.document(id)?,
    };
    let read = Object::read(document)?;
    if read.id != *id {
        return Err(Stop::Ignore("the post is not what the group passed on"));
    }
    post::must_be_by(&read, &inner.actor)?;
    if !read.id.same_origin(&inner.actor) {
        return Err(Stop::Ignore("the post is not of its author's server"));
    }
    Ok(read)
}

fn written(tx: &mut Tx, received: &Received, inner: &Incoming, object: &Reference) -> Step {
    let id = object.require_id()?;
    if let Some(known) = db::posts::by_ap_id(tx, id.as_str())? {
        // Our own member's post, coming home, or one that its author sent us too.
        return shown(tx, received, &known);
    }
    if tx.node().owns(id) {
        return Err(Stop::Ignore("a post of ours that is not there"));
    }
    if db::posts::has_tombstone(tx, id.as_str())? {
        return Err(Stop::Ignore("the post was deleted before it came"));
    }
    if !follows::has_local_follower(tx, received.actor.id)? {
        return Err(Stop::Ignore("nobody here follows the group"));
    }
    let read = origin_copy(tx, received, inner, object)?;
    let to_members = received.actor.is_private_group()
        && read.visibility(&[]) == Visibility::Followers
        && read.groups().contains(&&received.actor.ap_id);
    let for_us = read.visibility(&[]).is_open() || to_members;
    if !for_us || !read.has_something_to_show() || read.vote().is_some() {
        return Err(Stop::Ignore("it passes on what is not for everyone"));
    }
    let author = received.actor_of(tx, &inner.actor)?;
    if let Some(parent) = &read.in_reply_to {
        thread::ensure(tx, received, parent, &mut vec![read.id.clone()])?;
    }
    if !approval::may_stand(tx, received, &read, &author)? {
        return Err(Stop::Ignore("who wrote what it answers did not approve it"));
    }
    let mut remote = post::remote_post(tx, &author, &read, None)?;
    if !remote.groups.is_empty() && !remote.groups.contains(&received.actor.id) {
        return Err(Stop::Ignore("it passes on a post of another group"));
    }
    remote.quote = quote::seen(tx, received, &read, &author, true)?;
    match posts::receive(tx, &author, remote) {
        Ok(post) => shown(tx, received, &post),
        Err(Error::Gone) => Err(Stop::Ignore("its author is not welcome any more")),
        Err(error) => Err(error.into()),
    }
}

/// A thread that a group passes on is its boost to those who follow it here, as it is where groups
/// pass on nothing but addresses.
fn shown(tx: &mut Tx, received: &Received, post: &Post) -> Step {
    let Some(id) = received.incoming.id.as_ref() else { return Ok(()) };
    if submissions::confirm(tx, received.actor.id, post.id, None)? && !post.is_root() {
        return Ok(());
    }
    let is_its_thread = post.is_root() && post.group_id == Some(received.actor.id);
    let shows = posts::is_for_group(received.actor, post.visibility);
    if !is_its_thread || !shows || post.deleted_at.is_some() {
        return Err(Stop::Ignore("the post is here already"));
    }
    match posts::receive_boost(tx, received.actor, post, id.clone()) {
        Ok(_) | Err(Error::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn changed(tx: &mut Tx, received: &Received, inner: &Incoming, object: &Reference) -> Step {
    let id = object.require_id()?;
    if tx.node().owns(id) {
        return Err(Stop::Ignore("our own member's change, coming home"));
    }
    let Some(known) = db::posts::by_ap_id(tx, id.as_str())? else {
        return Err(Stop::Ignore("a change of a post that is not known here"));
    };
    if known.group_id.is_some_and(|group| group != received.actor.id) {
        return Err(Stop::Ignore("a change of a post of another group"));
    }
    // With a proof inside anybody can pass on an old change once more: the post is looked up then.
    let elsewhere = !received.actor.ap_id.same_origin(&inner.actor);
    let latest = known.edited_at.unwrap_or(known.created_at);
    let is_news = |embedded: &Value| {
        !elsewhere || json::time(embedded, "updated").is_some_and(|at| at > latest)
    };
    let embedded = object.embedded.clone().filter(is_news);
    let object = &Reference { id: Some(id.clone()), embedded };
    let read = origin_copy(tx, received, inner, object)?;
    let author = received.actor_of(tx, &inner.actor)?;
    let mut remote = post::remote_post(tx, &author, &read, None)?;
    remote.quote = quote::seen(tx, received, &read, &author, true)?;
    posts::receive_edit(tx, &author, posts::RemoteChange { post: remote, silent: false })?;
    Ok(())
}

/// A post is deleted where it lives, or it is still there and only out of the group's sight.
fn gone(tx: &mut Tx, received: &Received, inner: &Incoming, object: &Uri) -> Step {
    let known = super::Received::known_post(tx, object)?;
    if known.local {
        let Activity::Delete(deleted) = &inner.activity else { return Ok(()) };
        let why = Some(deleted.summary.as_deref().unwrap_or_default());
        if inner.actor.same_origin(&received.actor.ap_id)
            && submissions::refuse(tx, received.actor.id, known.id, why)?
        {
            return Ok(());
        }
        return Err(Stop::Ignore("what was written here is deleted here"));
    }
    if known.group_id != Some(received.actor.id) {
        return Err(Stop::Ignore("a post of another group"));
    }
    let author = tx.actor(known.author_id)?;
    let proven = inner.actor == author.ap_id && is_proven(tx, received, inner, object)?;
    let gone = match received.found.get(object) {
        Some(Fetched::Gone) => true,
        Some(Fetched::Document(document)) => family(document) == Some(Family::Tombstone),
        Some(Fetched::Never) => false,
        None if proven => true,
        None => return Err(Stop::Need(Need::Document(object.clone()))),
    };
    if gone {
        Ok(posts::receive_delete(tx, &author, object, None)?)
    } else {
        Err(Stop::Ignore("the deleted post is still where it lives"))
    }
}

/// Somebody on the group's own server, whose votes the group's signature covers, or whose own
/// proof came along; the votes of others count when their own servers send them.
struct Member<'a> {
    actor: Actor,
    inner: &'a Incoming,
    body: String,
}

impl<'a> Member<'a> {
    fn of(tx: &mut Tx, received: &Received, inner: &'a Incoming) -> Step<Self> {
        let own_server = received.actor.ap_id.same_origin(&inner.actor);
        if !own_server && !is_signed(tx, received, inner)? {
            return Err(Stop::Ignore("a vote that its own server did not send"));
        }
        let about = match &inner.activity {
            Activity::Undo { object } => {
                object.embedded.as_ref().and_then(|undone| json::id(undone, "object"))
            }
            _ => json::id(&inner.raw, "object"),
        };
        if let Some(about) = about
            && let Some(post) = db::posts::by_ap_id(tx, about.as_str())?
            && post.group_id != Some(received.actor.id)
        {
            return Err(Stop::Ignore("a vote in another group"));
        }
        let actor = actors::by_ap_id(tx, inner.actor.as_str())?;
        let actor = actor.filter(|actor| actor.is_active() && !actor.is_group());
        let actor = actor.ok_or(Stop::Ignore("a vote of somebody who is not known here"))?;
        Ok(Self { actor, inner, body: inner.raw.to_string() })
    }

    /// The vote as if the member had sent it.
    fn received<'b>(&'b self, by_group: &'b Received) -> Received<'b> {
        Received {
            incoming: self.inner,
            actor: &self.actor,
            body: &self.body,
            found: by_group.found,
        }
    }
}
