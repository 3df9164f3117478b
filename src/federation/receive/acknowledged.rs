//! What somebody elsewhere signed when they thanked: a receipt by it is *proof*, since this node does
//! not hold their key (`product.md`, R7; `docs/help-receipts.md`).
use super::{Fetched, Received, Step, Stop, stamp::stamp};
use crate::{
    activitypub::acknowledgement::Acknowledgement,
    db::posts::Post,
    domain::{Tx, help, reactions::Acknowledged},
    types::Uri,
};

/// Servers' clocks may differ by so much, seconds.
const CLOCKS_SECS: i64 = 3_600;

/// Judges the acknowledgement `id` that goes with somebody's thanks for `reply`. It is looked up only
/// where the receipt is written here.
pub fn judge(tx: &mut Tx, received: &Received, reply: &Post, id: &Uri) -> Step<Acknowledged> {
    let Some(question) = help::asked(tx, reply, received.actor.id)? else {
        return Ok(Acknowledged::Unsigned);
    };
    let Some(group) = reply.group_id else { return Ok(Acknowledged::Unsigned) };
    if !tx.actor(group)?.local {
        return Ok(Acknowledged::Unsigned);
    }
    if !id.same_origin(&received.actor.ap_id) {
        return Ok(Acknowledged::Falsely);
    }
    let document = match received.document(id) {
        Ok(document) => document,
        Err(Stop::Ignore(_)) => {
            let taken_back = matches!(received.found.get(id), Some(Fetched::Gone));
            let outcome = if taken_back { Acknowledged::Falsely } else { Acknowledged::Unsigned };
            return Ok(outcome);
        }
        Err(stop) => return Err(stop),
    };
    let Ok(said) = Acknowledgement::read(document) else { return Ok(Acknowledged::Falsely) };
    let helper = tx.actor(reply.author_id)?.ap_id;
    let before = said.published.is_some_and(|at| at < reply.created_at.plus_secs(-CLOCKS_SECS));
    let fits = said.id == *id
        && said.receiver == received.actor.ap_id
        && said.helper == helper
        && said.question == question.ap_id
        && said.reply == reply.ap_id
        && !before;
    if !fits {
        return Ok(Acknowledged::Falsely);
    }
    let stamp = stamp(tx, received, said.document, &said.proof)?;
    Ok(stamp.map_or(Acknowledged::Falsely, Acknowledged::Signed))
}
