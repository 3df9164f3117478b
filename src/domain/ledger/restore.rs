//! Taking back, after a backup was restored, what witnesses saw of a ledger here that is not here any
//! more (`product.md`, L3; `docs/ledger.md`).
use super::{
    append::{self, Draft},
    grow::{grow, name},
    people,
};
use crate::{
    db::{self, restored::Restored},
    domain::{Tx, members},
    error::{Error, Result},
    ledger::{Entry, Event, Hash, Id, entry::Mark, line::Line},
    types::ActorId,
};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many entries are back.
    Back(usize),
    /// What is shown does not continue what is here.
    Apart,
    /// The group's key was changed in what was lost: nobody has the newer one any more.
    Rekeyed,
}

/// Adds entries that the group once signed behind those that are here, as they were. `head` is the
/// root that the group signed after the last of them.
///
/// Receipts among them are named by an entry of their own: of those the table of receipts says
/// nothing any more.
///
/// # Errors
/// `Internal` from the database.
pub fn take_back(
    tx: &mut Tx,
    group: ActorId,
    lines: &[Line<'_>],
    head: (u64, Hash),
) -> Result<Outcome> {
    let Some(grown) = grow(tx, group, lines)? else { return Ok(Outcome::Apart) };
    if (grown.tree.size(), grown.tree.root()) != head {
        return Ok(Outcome::Apart);
    }
    if grown.entries.iter().any(|entry| matches!(entry.event, Event::Key { .. })) {
        return Ok(Outcome::Rekeyed);
    }
    let count = grown.count();
    let last_at = grown.entries.iter().map(|entry| entry.at).max();
    let state = grown.keep(tx, last_at.map_or(grown.last_at, |at| at.max(grown.last_at)))?;
    let mut rowless = Vec::new();
    for entry in grown.entries {
        let seq = entry.seq;
        if remember(tx, group, entry)? {
            rowless.push(seq);
        }
    }
    for seq in &rowless {
        db::ledger::set_restored(tx, group, i64::try_from(*seq).map_err(Error::internal)?)?;
    }
    if !rowless.is_empty() {
        let mut draft = Draft::default();
        draft.add(Event::Restored { entries: rowless }, &[]);
        append::append(tx, &state, draft)?;
    }
    members::audit(tx, None, "took a ledger back from its witnesses", group)?;
    Ok(Outcome::Back(count))
}

/// What the node has to know of an entry besides; whether the table of receipts should say something
/// of it.
fn remember(tx: &mut Tx, group: ActorId, entry: Entry) -> Result<bool> {
    let seq = i64::try_from(entry.seq).map_err(Error::internal)?;
    let mut known_here = Vec::new();
    for person in named(&entry.event) {
        known_here.extend(actor(tx, person)?);
    }
    name(tx, group, seq, known_here)?;
    match entry.event {
        Event::Joined { person, .. } => {
            known(tx, group, &person, |known| known.member = true)?;
        }
        Event::Left { person } => known(tx, group, &person, |known| known.member = false)?,
        Event::Marked { person, mark, on, .. } => {
            known(tx, group, &person, |known| match mark {
                Mark::Bot => known.bot = on,
                Mark::Staff => known.staff = on,
                Mark::OptedOut => known.opted_out = on,
            })?;
        }
        Event::Active { person, week } => {
            known(tx, group, &person, |known| known.week = known.week.max(week.into()))?;
        }
        Event::Thread { by, first: true, .. } => {
            known(tx, group, &by, |known| known.wrote = true)?;
        }
        Event::Receipt(receipt) => {
            let helper = actor(tx, &receipt.helper)?;
            let receiver = actor(tx, &receipt.receiver)?;
            if let (Some(helper_id), Some(receiver_id)) = (helper, receiver) {
                let thread = db::posts::by_ap_id(tx, receipt.thread.as_str())?;
                let thread_id = thread.map(|post| post.id);
                let row = Restored {
                    group_id: group,
                    entry: seq,
                    thread_id,
                    helper_id,
                    receiver_id,
                    created_at: entry.at,
                };
                db::restored::insert(tx, &row)?;
            }
            return Ok(true);
        }
        Event::Uncounted { .. } => return Ok(true),
        Event::Undone { receipt, .. } => {
            let receipt = i64::try_from(receipt).map_err(Error::internal)?;
            db::restored::delete(tx, group, receipt)?;
            // One that the backup still has.
            if let Some(row) = db::receipts::of_entries(tx, group, receipt, receipt + 1)?.first() {
                db::receipts::undo(tx, row.id, entry.at)?;
            }
        }
        Event::Erased(erased) => {
            for gone in erased.entries {
                let gone = i64::try_from(gone).map_err(Error::internal)?;
                db::ledger::erase(tx, group, gone)?;
                db::restored::delete(tx, group, gone)?;
                db::receipts::forget_entry(tx, group, gone)?;
            }
        }
        _ => {}
    }
    Ok(false)
}

/// Whom an entry names, to find what is to be erased.
fn named(event: &Event) -> Vec<&Id> {
    match event {
        Event::Joined { person, .. }
        | Event::Left { person }
        | Event::Marked { person, .. }
        | Event::Active { person, .. }
        | Event::Kept { person, .. }
        | Event::Steward { person, .. } => vec![person],
        Event::Thread { by, .. } | Event::Answered { by, .. } => vec![by],
        Event::Receipt(receipt) => vec![&receipt.helper, &receipt.receiver],
        Event::Act { by, subject, .. } => vec![by, subject],
        Event::Operator { subject, staff, .. } => {
            std::iter::once(subject).chain(staff.as_ref()).collect()
        }
        _ => Vec::new(),
    }
}

fn actor(tx: &mut Tx, id: &Id) -> Result<Option<ActorId>> {
    Ok(db::actors::by_ap_id(tx, id.as_str())?.map(|actor| actor.id))
}

/// Changes what is known to stand in the ledger of somebody who is known here.
fn known(
    tx: &mut Tx,
    group: ActorId,
    person: &Id,
    change: impl FnOnce(&mut db::ledger::Person),
) -> Result<()> {
    if let Some(who) = actor(tx, person)? {
        let mut row = people::known(tx, group, who)?;
        change(&mut row);
        db::ledger::set_person(tx, &row)?;
    }
    Ok(())
}
