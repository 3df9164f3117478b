//! Whether an answer may stand: what it answers may be for a few, or answered by a few alone.
use serde_json::Value;

use super::{Received, Step, Stop};
use crate::{
    activitypub::{Object, json},
    db::{self, actors::Actor, posts::Post},
    domain::{Tx, posts},
    types::Uri,
};

/// Whether `author` may answer what a post answers: at once, or by an approval that its author's
/// own server shows. What answers nothing known may stand.
pub fn may_stand(tx: &mut Tx, received: &Received, object: &Object, author: &Actor) -> Step<bool> {
    let Some(parent) = &object.in_reply_to else { return Ok(true) };
    let Some(parent) = db::posts::by_ap_id(tx, parent.as_str())? else { return Ok(true) };
    if !parent.visibility.is_open() {
        // Who got what is for a few elsewhere is known there, not here.
        return Ok(!parent.local || db::timelines::may_read(tx, Some(author.id), parent.id)?);
    }
    if posts::answers_freely(tx, &parent, author)? {
        return Ok(true);
    }
    match &object.approved_by {
        Some(approval) => is_approved(tx, received, &object.id, &parent, approval),
        None => Ok(false),
    }
}

/// Whether the approval that an answer names was given: by the author of `parent`, for this answer.
fn is_approved(
    tx: &mut Tx,
    received: &Received,
    answer: &Uri,
    parent: &Post,
    approval: &Uri,
) -> Step<bool> {
    let giver = tx.actor(parent.author_id)?.ap_id;
    if !approval.same_origin(&giver) {
        return Ok(false);
    }
    match received.document(approval) {
        Ok(document) => Ok(gives(document, approval, &giver, answer)),
        Err(Stop::Ignore(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// Whether a document is this approval, by `giver`, for `answer`: an object of its own, in the words of
/// `GoToSocial` 0.19 or 0.20, or the very `Accept`.
pub fn gives(document: &Value, id: &Uri, giver: &Uri, answer: &Uri) -> bool {
    let (by, of) = if json::is(document, "Accept") {
        ("actor", "object")
    } else if json::is(document, "ReplyAuthorization") {
        ("attributedTo", "interactingObject")
    } else {
        ("attributedTo", "object")
    };
    json::id_of(document).as_ref() == Some(id)
        && json::id(document, by).as_ref() == Some(giver)
        && json::id(document, of).as_ref() == Some(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_approval_is_for_one_answer_by_one_author() {
        let uri = |text: &str| Uri::parse(text).unwrap();
        let (id, giver) = (uri("https://g.example/a/1"), uri("https://g.example/u/gus"));
        let answer = uri("https://oak.example/p/1");
        let document = json!({"id": id, "type": "ReplyApproval", "attributedTo": giver,
            "object": answer, "target": "https://g.example/s/1"});
        assert!(gives(&document, &id, &giver, &answer));
        let newer = json!({"id": id, "type": "ReplyAuthorization", "attributedTo": giver,
            "interactingObject": answer, "interactionTarget": "https://g.example/s/1"});
        assert!(gives(&newer, &id, &giver, &answer));
        let accept = json!({"id": id, "type": "Accept", "actor": giver, "object": answer});
        assert!(gives(&accept, &id, &giver, &answer));
        let no = json!({"id": id, "type": "Accept", "actor": giver, "object": giver});
        assert!(!gives(&no, &id, &giver, &answer));
        assert!(!gives(&document, &id, &giver, &uri("https://oak.example/p/2")));
        assert!(!gives(&document, &id, &uri("https://g.example/u/eve"), &answer));
        assert!(!gives(&document, &uri("https://g.example/a/2"), &giver, &answer));
    }
}
