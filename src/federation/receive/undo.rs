use super::{Received, Step, Stop, Way, block, chosen, forbidden, like, moderation};
use crate::{
    activitypub::{
        Activity, Reference,
        activity::{self, Delete, Incoming},
        json,
    },
    db::{self, activities},
    domain::{Tx, follows, posts},
    types::Uri,
};

/// Takes something back: `Undo`, with what it undoes embedded or named. Everyone undoes only what
/// they did themselves.
pub fn receive(tx: &mut Tx, received: &Received, object: &Reference) -> Step {
    if let Some(undone) = embedded(received, object)? {
        return apply(tx, received, &undone);
    }
    let id = object.require_id()?;
    if !received.actor.ap_id.same_origin(id) {
        return Err(forbidden("a server speaks for what it hosts alone"));
    }
    if let Some(stored) = activities::by_ap_id(tx, id.as_str())? {
        if stored.actor_id != received.actor.id {
            return Err(forbidden("everyone undoes only their own"));
        }
        let undone = activity::read(&json::parse(stored.body.as_bytes())?)?;
        return apply(tx, received, &undone);
    }
    by_traces(tx, received, id)
}

/// What is undone, where it came along. It may lack what an activity needs to be one.
fn embedded(received: &Received, object: &Reference) -> Step<Option<Incoming>> {
    let Some(embedded) = &object.embedded else { return Ok(None) };
    let by_another = json::id(embedded, "actor").is_some_and(|by| by != received.actor.ap_id);
    if by_another {
        return Err(forbidden("everyone undoes only their own"));
    }
    Ok(activity::read(embedded).ok())
}

fn apply(tx: &mut Tx, received: &Received, undone: &Incoming) -> Step {
    if undone.actor != received.actor.ap_id {
        return Err(forbidden("everyone undoes only their own"));
    }
    match &undone.activity {
        Activity::Follow { object } | Activity::Join { object } => unfollow(tx, received, object),
        Activity::Like(liked) => like::undo(tx, received, &liked.object, liked.content.as_deref()),
        Activity::EmojiReact { object, content } => like::undo(tx, received, object, Some(content)),
        Activity::Dislike { object } => like::undo_dislike(tx, received, object),
        Activity::ChooseAnswer { object } => chosen::receive(tx, received, object, true),
        Activity::Announce { objects } => {
            let object = objects.first().and_then(|object| object.id.as_ref());
            unboost(tx, received, undone.id.as_ref(), object)
        }
        Activity::Block(blocked) => block::undo(tx, received, blocked),
        // Only a moderator's removal is taken back; what its author deleted is gone.
        act @ (Activity::Delete(Delete { summary: Some(_), .. }) | Activity::Lock { .. }) => {
            moderation::receive(tx, received, act, Way::Direct, true)
        }
        Activity::Accept { .. }
        | Activity::Reject { .. }
        | Activity::Undo { .. }
        | Activity::Create { .. }
        | Activity::Update { .. }
        | Activity::Delete(_)
        | Activity::Flag { .. }
        | Activity::Add { .. }
        | Activity::Remove { .. }
        | Activity::Move { .. }
        | Activity::Forget { .. }
        | Activity::Resolve { .. }
        | Activity::Leave { .. }
        | Activity::PollVote { .. }
        | Activity::QuoteRequest { .. }
        | Activity::ReplyRequest { .. }
        | Activity::Unknown { .. } => Err(Stop::Ignore("nothing that is undone here")),
    }
}

/// A follow ends; Mobilizon says `Leave`.
pub fn unfollow(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let target = db::actors::by_ap_id(tx, object.as_str())?.filter(|target| target.local);
    let target = target.ok_or(Stop::Ignore("an end of following nobody here"))?;
    follows::unfollow(tx, received.actor.id, target.id)?;
    Ok(())
}

/// By the boost's own id, else by what was boosted.
fn unboost(tx: &mut Tx, received: &Received, id: Option<&Uri>, object: Option<&Uri>) -> Step {
    let boost = match id {
        Some(id) => db::posts::by_ap_id(tx, id.as_str())?,
        None => None,
    };
    let own = boost.filter(|boost| boost.author_id == received.actor.id);
    let original = match (own.and_then(|boost| boost.boost_of_id), object) {
        (Some(original), _) => original,
        (None, Some(object)) => super::Received::known_post(tx, object)?.id,
        (None, None) => return Err(Stop::Ignore("an end of no boost")),
    };
    posts::unboost(tx, received.actor.id, original)?;
    Ok(())
}

/// What an id alone stands for, when the activity itself is not kept any more.
fn by_traces(tx: &mut Tx, received: &Received, id: &Uri) -> Step {
    if let Some(follow) = db::follows::by_ap_id(tx, received.actor.id, id.as_str())? {
        follows::unfollow(tx, follow.follower_id, follow.target_id)?;
        return Ok(());
    }
    let boost = db::posts::by_ap_id(tx, id.as_str())?;
    match boost.filter(|post| post.is_boost() && post.author_id == received.actor.id) {
        Some(_) => unboost(tx, received, Some(id), None),
        None if is_below_another(tx, received, id)? => {
            Err(forbidden("everyone undoes only their own"))
        }
        None => Err(Stop::Ignore("nothing is known of what this undoes")),
    }
}

/// Whether an id is one of those that somebody else gives: it begins with their own.
fn is_below_another(tx: &mut Tx, received: &Received, id: &Uri) -> Step<bool> {
    let text = id.as_str();
    let above: Vec<String> = text
        .match_indices(['/', '#'])
        .filter_map(|(at, _)| text.get(..at))
        .map(str::to_owned)
        .collect();
    let known = tx.actors_called(&above)?;
    Ok(known.iter().any(|actor| actor.id != received.actor.id))
}
