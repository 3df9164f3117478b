use super::{Received, Step, Stop, forbidden};
use crate::{
    activitypub::activity::Block,
    db::{actors, posts},
    domain::Tx,
    types::Uri,
};

/// Acts of moderation: `Add`, `Remove`, `Lock`, bans. In our groups only our stewards act, and they
/// are here; what others do in theirs is not followed yet.
pub fn receive<'a>(tx: &Tx, _: &Received, mut named: impl Iterator<Item = &'a Uri>) -> Step {
    let node = tx.node();
    if named.any(|uri| node.owns(uri)) {
        Err(forbidden("only its stewards moderate a group"))
    } else {
        Err(Stop::Ignore("moderation of groups elsewhere is not followed here yet"))
    }
}

/// A ban: of our own people, and from all of this node, nobody elsewhere may order one.
pub fn banned(tx: &Tx, block: &Block) -> Step {
    let node = tx.node();
    let root =
        block.target.as_ref().is_some_and(|target| node.owns(target) && target.path() == "/");
    if root || node.owns(&block.object) {
        Err(forbidden("only its stewards moderate a group"))
    } else {
        Err(Stop::Ignore("bans of people elsewhere are not followed here yet"))
    }
}

/// An actor says where it went: `Move`. `NodeBB` moves topics this way too.
pub fn moved(tx: &mut Tx, received: &Received, object: &Uri) -> Step {
    let other = *object != received.actor.ap_id && actors::by_ap_id(tx, object.as_str())?.is_some();
    if other {
        Err(forbidden("an actor moves itself alone"))
    } else {
        Err(Stop::Ignore("moving is not followed here yet"))
    }
}

/// `PieFed`'s mark for the reply that answers: `ChooseAnswer`. Only who asked may set it.
pub fn chosen(tx: &mut Tx, received: &Received, reply: &Uri) -> Step {
    let reply = super::Received::known_post(tx, reply)?;
    let root = posts::by_id(tx, reply.thread_id)?;
    if root.author_id == received.actor.id {
        Err(Stop::Ignore("marked answers are not followed here yet"))
    } else {
        Err(forbidden("only who asked can say what answers"))
    }
}
