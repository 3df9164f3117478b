use super::{
    append::{Draft, id_of},
    week,
};
use crate::{
    db::{self, ledger::Person},
    domain::Tx,
    error::Result,
    ledger::{Event, entry::Mark},
    types::ActorId,
};

/// What the ledger of `group` says of somebody so far.
pub(super) fn known(tx: &mut Tx, group_id: ActorId, actor_id: ActorId) -> Result<Person> {
    Ok(db::ledger::person(tx, group_id, actor_id)?.unwrap_or(Person {
        group_id,
        actor_id,
        member: false,
        bot: false,
        staff: false,
        opted_out: false,
        wrote: false,
        week: -1,
    }))
}

/// Writes what is different about somebody after `change`: membership, and how they are marked, which
/// is read anew.
pub(super) fn changed(
    tx: &mut Tx,
    group: ActorId,
    who: ActorId,
    draft: &mut Draft,
    change: impl FnOnce(&mut Person),
) -> Result<()> {
    let before = known(tx, group, who)?;
    let mut now = before.clone();
    change(&mut now);
    let actor = tx.actor(who)?;
    now.bot = actor.is_bot();
    let account = if actor.local { db::members::by_id(tx, who)? } else { None };
    // Whoever is gone stays what they were.
    if account.is_some() || !actor.local {
        now.staff = !db::members::staff_among(tx, &[who])?.is_empty();
    }
    if let Some(account) = account {
        now.opted_out = account.opted_out;
    }
    if now == before {
        return Ok(());
    }
    let person = id_of(tx, who)?;
    if now.member && !before.member {
        let known_since = actor.created_at;
        draft.add(Event::Joined { person: person.clone(), known_since }, &[who]);
    }
    let marks = [
        (Mark::Bot, before.bot, now.bot),
        (Mark::Staff, before.staff, now.staff),
        (Mark::OptedOut, before.opted_out, now.opted_out),
    ];
    for (mark, before, on) in marks {
        if before != on {
            let operator = (mark == Mark::Staff).then(|| tx.node().domain.clone());
            draft.add(Event::Marked { person: person.clone(), mark, on, operator }, &[who]);
        }
    }
    if before.member && !now.member {
        draft.add(Event::Left { person }, &[who]);
    }
    db::ledger::set_person(tx, &now)?;
    Ok(())
}

/// Somebody is named, member or not: from here on the ledger says how they are counted.
pub(super) fn named(tx: &mut Tx, group: ActorId, who: ActorId, draft: &mut Draft) -> Result<()> {
    if db::ledger::person(tx, group, who)?.is_none() {
        let nothing_yet = known(tx, group, who)?;
        db::ledger::set_person(tx, &nothing_yet)?;
    }
    changed(tx, group, who, draft, |_| ())
}

/// Writes that somebody is active, once a week.
pub(super) fn active(tx: &mut Tx, group: ActorId, who: ActorId, draft: &mut Draft) -> Result<()> {
    let week = week(tx.now());
    if known(tx, group, who)?.week >= i64::from(week) {
        return Ok(());
    }
    changed(tx, group, who, draft, |person| person.week = i64::from(week))?;
    let person = id_of(tx, who)?;
    draft.add(Event::Active { person, week }, &[who]);
    Ok(())
}

/// Notes that somebody begins a thread; whether it is their first in the group.
pub(super) fn began(tx: &mut Tx, group: ActorId, who: ActorId, draft: &mut Draft) -> Result<bool> {
    let first = !known(tx, group, who)?.wrote;
    if first {
        changed(tx, group, who, draft, |person| person.wrote = true)?;
    }
    Ok(first)
}
