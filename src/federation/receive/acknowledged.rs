//! What somebody elsewhere signed when they thanked: a receipt by it is *proof*, since this node does
//! not hold their key (`product.md`, R7; `docs/help-receipts.md`).
use super::{Fetched, Need, Received, Step, Stop};
use crate::{
    activitypub::acknowledgement::Acknowledgement,
    db::{self, posts::Post},
    domain::{Tx, help, ledger::Stamp, reactions::Acknowledged},
    keys::PublicKey,
    ledger::line::is_key,
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
    let Some(key) = key_of(tx, received, &said.proof.method)? else {
        return Ok(Acknowledged::Falsely);
    };
    let holds = PublicKey::read(&key).is_ok_and(|key| said.proof.is_by(&key));
    Ok(if holds {
        let key = Some(key).filter(|key| is_key(key));
        Acknowledged::Signed(Stamp { document: said.document.clone(), key })
    } else {
        Acknowledged::Falsely
    })
}

/// The sender's key of this name; looked up anew where it is not known.
pub fn key_of(tx: &mut Tx, received: &Received, method: &Uri) -> Step<Option<String>> {
    let known = db::keys::owner(tx, method.as_str())?;
    if let Some((owner, key)) = known {
        return Ok((owner.id == received.actor.id).then_some(key));
    }
    match received.found.get(&received.actor.ap_id) {
        None => Err(Stop::Need(Need::Refresh(received.actor.ap_id.clone()))),
        Some(_) => Ok(None),
    }
}
