use super::{Received, Step, acknowledged};
use crate::{
    activitypub::activity,
    domain::{
        Tx,
        reactions::{self, Acknowledged},
    },
    federation::emojis::brought,
    types::Uri,
};

/// A favourite, an upvote or a reaction: `Like`, `EmojiReact`. One for each person and post; another
/// reaction replaces the first. 🙏 by who asked says that the post helped (R2); 👎 is a downvote.
pub fn receive(
    tx: &mut Tx,
    received: &Received,
    object: &Uri,
    content: Option<&str>,
    result: Option<&Uri>,
) -> Step {
    if content.is_some_and(is_down) {
        return dislike(tx, received, object);
    }
    let post = received.readable_post(tx, object)?;
    let content = content.filter(|content| !content.is_empty());
    let emoji = content.and_then(|text| activity::emoji_of(&received.incoming.raw, text));
    let emoji = brought(emoji.as_slice());
    let acknowledged = match result {
        Some(id) if content.is_some_and(reactions::is_thanks) => {
            acknowledged::judge(tx, received, &post, id)?
        }
        _ => Acknowledged::Unsigned,
    };
    let like = reactions::Received {
        ap_id: received.incoming.id.as_ref().map(Uri::to_string),
        content: content.map(str::to_owned),
        emoji: emoji.into_iter().next(),
        body: received.body.to_owned(),
        acknowledged,
    };
    reactions::receive(tx, received.actor.id, &post, like)?;
    Ok(())
}

/// Thumbs down, in any skin.
fn is_down(content: &str) -> bool {
    content.starts_with('👎')
}

/// And no longer: `Undo` of it.
pub fn undo(tx: &mut Tx, received: &Received, object: &Uri, content: Option<&str>) -> Step {
    if content.is_some_and(is_down) {
        return undo_dislike(tx, received, object);
    }
    let post = Received::known_post(tx, object)?;
    reactions::unlike(tx, received.actor.id, post.id, Some(received.body.to_owned()))?;
    Ok(())
}

/// A downvote: `Dislike`. It takes the place of a like.
pub fn dislike(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let post = received.readable_post(tx, object)?;
    reactions::receive_dislike(tx, received.actor.id, &post, received.body.to_owned())?;
    Ok(())
}

/// And no longer.
pub fn undo_dislike(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let post = Received::known_post(tx, object)?;
    reactions::undislike(tx, received.actor.id, post.id, Some(received.body.to_owned()))?;
    Ok(())
}
