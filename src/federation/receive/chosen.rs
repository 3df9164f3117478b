use super::{Received, Step, Stop, forbidden};
use crate::{
    db::{self, actors::Actor},
    domain::{Tx, help},
    types::Uri,
};

/// `PieFed`'s mark for the reply that answers: `ChooseAnswer`, by who asked or a steward; and its
/// end. Only from who asked is it thanks as well (R2).
pub fn receive(tx: &mut Tx, received: &Received, reply: &Uri, undone: bool) -> Step {
    let reply = Received::known_post(tx, reply)?;
    let body = Some(received.body.to_owned());
    if undone {
        help::unchoose(tx, received.actor, &reply, body)?;
    } else {
        let cause = received.incoming.id.as_ref().map(Uri::to_string);
        help::choose(tx, received.actor, &reply, cause, body)?;
    }
    Ok(())
}

/// The same in a group elsewhere, which passes it on: shown here, counted there.
pub fn passed_on(tx: &mut Tx, group: &Actor, by: &Uri, reply: &Uri, undone: bool) -> Step {
    let reply = Received::known_post(tx, reply)?;
    if reply.group_id != Some(group.id) {
        return Err(Stop::Ignore("a reply in another group"));
    }
    let root = db::posts::by_id(tx, reply.thread_id)?;
    let asker = tx.actor(root.author_id)?;
    // Who else may choose is the group's own server's to know.
    if asker.ap_id != *by && !group.ap_id.same_origin(by) {
        return Err(forbidden("only who asked can say what answers"));
    }
    db::posts::set_helped(tx, reply.id, !undone)?;
    Ok(())
}
