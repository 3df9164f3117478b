use super::{Received, Step, Stop, Way, moderation};
use crate::{
    activitypub::{Activity, activity::Block},
    db::actors,
    domain::{Tx, relations},
};

/// Somebody elsewhere blocks one of our people: `Block` without a target. With one it is a
/// ban from a group.
pub fn receive(tx: &mut Tx, received: &Received, block: &Block) -> Step {
    if block.target.is_some() {
        return ban(tx, received, block, false);
    }
    apply(tx, received, block, false)
}

fn ban(tx: &mut Tx, received: &Received, block: &Block, undone: bool) -> Step {
    let act = Activity::Block(block.clone());
    moderation::receive(tx, received, &act, Way::Direct, undone)
}

/// And no longer: `Undo` of it.
pub fn undo(tx: &mut Tx, received: &Received, block: &Block) -> Step {
    if block.target.is_some() {
        return ban(tx, received, block, true);
    }
    apply(tx, received, block, true)
}

fn apply(tx: &mut Tx, received: &Received, block: &Block, undone: bool) -> Step {
    let target = actors::by_ap_id(tx, block.object.as_str())?.filter(|target| target.local);
    let target = target.ok_or(Stop::Ignore("a block of nobody here"))?;
    relations::receive_block(tx, received.actor.id, target.id, undone)?;
    Ok(())
}
