//! What is not counted, though said and shown (R4).
use super::super::Tx;
use crate::{
    db::{self, actors::Actor, groups::Group, receipts::Reason},
    error::Result,
    types::{ActorId, PostId, Time},
};

/// Receipts of one pair: one in these days ..
const PAIR_DAYS: i64 = 7;
/// .. and three in these.
const PAIR_LONG_DAYS: i64 = 90;
const PAIR_LONG_MAX: i64 = 3;
/// Receipts one receiver gives out in a day.
const RECEIVER_DAY_MAX: i64 = 5;

/// Why a receipt from `receiver` for `helper` in a thread is not counted; `None`: it is.
///
/// `now` is the time of the group's ledger, by which the rules are checked again.
/// In this order, so that the reason a person sees is the one they can least change.
pub(super) fn refuse(
    tx: &mut Tx,
    group: &Group,
    thread: PostId,
    (receiver, helper): (&Actor, &Actor),
    now: Time,
) -> Result<Option<Reason>> {
    if receiver.id == helper.id {
        return Ok(Some(Reason::Oneself));
    }
    if receiver.is_bot() || helper.is_bot() || receiver.is_group() || helper.is_group() {
        return Ok(Some(Reason::Bot));
    }
    if !db::follows::exists(tx, receiver.id, group.actor_id)? {
        return Ok(Some(Reason::NotAMember));
    }
    if receiver.created_at > now.plus_days(-i64::from(group.min_account_age_days)) {
        return Ok(Some(Reason::TooNew));
    }
    for person in [receiver, helper] {
        if db::members::by_id(tx, person.id)?.is_some_and(|member| member.opted_out) {
            return Ok(Some(Reason::OptedOut));
        }
    }
    if db::relations::blocked_either_way(tx, receiver.id, helper.id)? {
        return Ok(Some(Reason::Blocked));
    }
    let standing = db::receipts::standing(tx, thread, receiver.id, helper.id)?;
    if standing.is_some_and(|receipt| receipt.counted)
        || db::restored::in_thread(tx, thread, receiver.id, helper.id)?
    {
        return Ok(Some(Reason::OnePerThread));
    }
    let since = |days: i64| now.plus_days(-days);
    if of_pair(tx, receiver.id, helper.id, since(PAIR_DAYS))? >= 1 {
        return Ok(Some(Reason::OnePerWeek));
    }
    if of_pair(tx, receiver.id, helper.id, since(PAIR_LONG_DAYS))? >= PAIR_LONG_MAX {
        return Ok(Some(Reason::ThreePerQuarter));
    }
    let today = db::receipts::counted_of_receiver(tx, receiver.id, since(1))?
        + db::restored::of_receiver(tx, receiver.id, since(1))?;
    Ok((today >= RECEIVER_DAY_MAX).then_some(Reason::FivePerDay))
}

/// Counted receipts of a pair, those too that came back after a loss.
fn of_pair(tx: &mut Tx, receiver: ActorId, helper: ActorId, since: Time) -> Result<i64> {
    let restored = db::restored::of_pair(tx, receiver, helper, since)?;
    Ok(db::receipts::counted_of_pair(tx, receiver, helper, since)? + restored)
}
