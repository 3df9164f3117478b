use super::{Received, Step, Stop, moderation};
use crate::{
    activitypub::activity::Block,
    db::actors,
    domain::{Tx, relations},
};

/// Somebody elsewhere blocks one of our people: `Block` without a target. With one it is a ban,
/// which in our groups nobody elsewhere may order.
pub fn receive(tx: &mut Tx, received: &Received, block: &Block) -> Step {
    if block.target.is_some() {
        return moderation::banned(tx, block);
    }
    apply(tx, received, block, false)
}

/// And no longer: `Undo` of it.
pub fn undo(tx: &mut Tx, received: &Received, block: &Block) -> Step {
    if block.target.is_some() {
        return moderation::banned(tx, block);
    }
    apply(tx, received, block, true)
}

fn apply(tx: &mut Tx, received: &Received, block: &Block, undone: bool) -> Step {
    let target = actors::by_ap_id(tx, block.object.as_str())?.filter(|target| target.local);
    let target = target.ok_or(Stop::Ignore("a block of nobody here"))?;
    relations::receive_block(tx, received.actor.id, target.id, undone)?;
    Ok(())
}
