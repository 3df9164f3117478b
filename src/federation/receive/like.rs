use super::{Received, Step};
use crate::{
    domain::{Tx, reactions},
    types::Uri,
};

/// A favourite, an upvote or a reaction: `Like`, `EmojiReact`. One for each person and post; another
/// reaction replaces the first. 🙏 by who asked says that the post helped (R2).
pub fn receive(tx: &mut Tx, received: &Received, object: &Uri, content: Option<&str>) -> Step {
    if content.is_some_and(|content| content.starts_with('👎')) {
        return against(tx, received, object);
    }
    let post = received.readable_post(tx, object)?;
    let like = reactions::Received {
        ap_id: received.incoming.id.as_ref().map(Uri::to_string),
        content: content.filter(|content| !content.is_empty()).map(str::to_owned),
        body: received.body.to_owned(),
    };
    reactions::receive(tx, received.actor.id, &post, like)?;
    Ok(())
}

/// A downvote: `Dislike`, 👎. It is not counted here, but it takes the place of the vote before.
pub fn against(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let post = received.readable_post(tx, object)?;
    reactions::unlike(tx, received.actor.id, post.id, Some(received.body.to_owned()))?;
    Ok(())
}

/// And no longer: `Undo` of it.
pub fn undo(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let post = super::Received::known_post(tx, object)?;
    reactions::unlike(tx, received.actor.id, post.id, Some(received.body.to_owned()))?;
    Ok(())
}
