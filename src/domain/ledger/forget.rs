//! Being forgotten: what a ledger says of a person goes, that something stood there stays
//! (`product.md`, L2; `docs/ledger.md`).
use std::collections::BTreeSet;

use super::{
    append::{self, Draft},
    notes::Stamp,
};
use crate::{
    db::{self, actors::Actor, receipts::Receipt},
    domain::{Fact, Tx, follows},
    error::{Error, Result},
    keys,
    ledger::{
        Entry, Event, Hash, Id,
        entry::{Erased, Side},
    },
    types::ActorId,
};

/// Entries that are read at once.
const PIECE: usize = 500;
/// Most entries that one tombstone names.
const MOST_NAMED: usize = 50_000;

/// A member wants to be forgotten in a group, here or elsewhere: they leave it, and sign that they
/// ask for it.
///
/// # Errors
/// `Invalid` for what is no group; `Internal` from the database.
pub fn ask_to_forget(tx: &mut Tx, person: ActorId, group: &Actor) -> Result<()> {
    if !group.is_group() {
        return Err(Error::invalid("Only groups keep ledgers"));
    }
    follows::unfollow(tx, person, group.id)?;
    tx.record(Fact::ForgetAsked { person, group: Box::new(group.clone()) });
    Ok(())
}

/// Erases what the ledger of a group that lives here says of somebody, who leaves the group if they
/// are in it. How many entries that were. What somebody did as a steward stays: others have a right
/// to know it.
///
/// Of each receipt the other side keeps a half that names only them. Without a signed `request` a
/// reader is told that the host erased it of its own accord.
///
/// # Errors
/// `Internal` from the database, or where the ledger is damaged.
pub fn forget(tx: &mut Tx, group: &Actor, person: &Actor, request: Option<Stamp>) -> Result<usize> {
    follows::unfollow(tx, person.id, group.id)?;
    // What happened before in this change comes first.
    super::settle(tx)?;
    let Some(state) = db::ledger::locked_state(tx, group.id)? else { return Ok(0) };
    let receipts = db::receipts::of_person_in(tx, group.id, person.id)?;
    let mut named: BTreeSet<i64> =
        db::ledger::naming(tx, group.id, person.id)?.into_iter().collect();
    named.extend(receipts.iter().filter_map(|receipt| receipt.entry));
    let id = Id(person.ap_id.to_string());
    let (mut gone, mut halves) = (Vec::new(), Vec::new());
    let named: Vec<i64> = named.into_iter().collect();
    for some in named.chunks(PIECE) {
        for row in db::ledger::these(tx, group.id, some)? {
            let Some(payload) = &row.payload else { continue };
            let entry = Entry::read(payload).map_err(Error::internal)?;
            if stays(&entry.event, &id) {
                continue;
            }
            let known = receipts.iter().find(|receipt| receipt.entry == Some(row.seq));
            if let Event::Receipt(receipt) = &entry.event
                && known.is_none_or(stands)
            {
                let helped = receipt.helper == id;
                let side = if helped { Side::Receiver } else { Side::Helper };
                let other = if helped { &receipt.receiver } else { &receipt.helper };
                halves.push((entry.seq, side, other.clone()));
            }
            gone.push(entry.seq);
        }
    }
    if gone.is_empty() {
        return Ok(0);
    }
    bury(tx, &state, &id, &gone, halves, request)?;
    for seq in &gone {
        let seq = i64::try_from(*seq).map_err(Error::internal)?;
        db::ledger::erase(tx, group.id, seq)?;
        db::restored::delete(tx, group.id, seq)?;
    }
    db::receipts::forget(tx, group.id, person.id)?;
    db::petitions::forget(tx, group.id, person.id)?;
    db::ledger::forget_person(tx, group.id, person.id)?;
    Ok(gone.len())
}

/// What was done in an office, and who began a group.
fn stays(event: &Event, person: &Id) -> bool {
    match event {
        Event::Opened { .. } | Event::Charter(_) | Event::Steward { .. } | Event::Erased(_) => true,
        Event::Act { by, .. } => by == person,
        Event::Operator { staff, .. } => staff.as_ref() == Some(person),
        _ => false,
    }
}

/// It counted to the end.
fn stands(receipt: &Receipt) -> bool {
    receipt.counted && receipt.undone_at.is_none() && receipt.declined_at.is_none()
}

/// Writes the tombstone, and what the others keep.
fn bury(
    tx: &mut Tx,
    state: &db::ledger::State,
    person: &Id,
    gone: &[u64],
    halves: Vec<(u64, Side, Id)>,
    request: Option<Stamp>,
) -> Result<()> {
    let (request, key) = request.map(|request| (request.document, request.key)).unzip();
    let mut draft = Draft::default();
    for some in gone.chunks(MOST_NAMED) {
        // Nobody learns the salt: so nobody can try names until one fits.
        let salt: [u8; 32] = keys::random();
        let erased = Erased {
            entries: some.to_vec(),
            person_hash: Hash::of(&[&salt, person.as_str().as_bytes()]),
            request: request.clone(),
        };
        draft.add_signed(Event::Erased(erased), key.clone().flatten());
    }
    for (receipt, side, person) in halves {
        let known = db::actors::by_ap_id(tx, person.as_str())?;
        let names: Vec<ActorId> = known.iter().map(|actor| actor.id).collect();
        draft.add(Event::Kept { receipt, side, person }, &names);
    }
    append::append(tx, state, draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ledger::entry::Seating, types::Time};

    #[test]
    fn what_was_done_in_an_office_stays() {
        let (ana, ben) = (Id::from("https://oak.example/u/ana"), Id::from("https://o.example/u/b"));
        let act = Event::Act {
            by: ana.clone(),
            act: "ban".into(),
            subject: ben.clone(),
            rule: "1".into(),
            until: Some(Time(5)),
            seat: None,
        };
        assert!(stays(&act, &ana) && !stays(&act, &ben));
        let answer = Event::Operator {
            act: "denied".into(),
            subject: ben.clone(),
            staff: Some(ana.clone()),
        };
        assert!(stays(&answer, &ana) && !stays(&answer, &ben));
        let seat = Event::Steward { person: ana.clone(), seated: true, why: Seating::Founder };
        assert!(stays(&seat, &ana));
        assert!(!stays(&Event::Left { person: ana.clone() }, &ana));
    }
}
