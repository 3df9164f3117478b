//! The ledger of a group that lives here: what happens in it is written down in the transaction in
//! which it happens (`product.md`, L1 and L5).
//!
//! What is to be written is noted while a change is made. When all else is done the notes become
//! entries: so the group's ledger is held only as long as it takes to add them.
mod append;
pub mod copy;
mod forget;
mod grow;
mod notes;
mod open;
mod people;
mod restore;

pub use append::settle;
pub use forget::{ask_to_forget, forget};
pub use notes::{Note, Stamp};
pub use restore::{Outcome, take_back};

use crate::{
    db::{self, actors::Actor, receipts::Receipt},
    domain::Tx,
    error::{Error, Result},
    ledger::{Event, Hash, canonical},
    types::{ActorId, Time},
};

/// A week, in milliseconds.
const WEEK_MS: i64 = 7 * 86_400_000;
/// Monday 1970-01-05, from which weeks are counted.
const FIRST_MONDAY_MS: i64 = 4 * 86_400_000;

/// The week of a time: whole weeks since Monday 1970-01-05 00:00 UTC.
pub fn week(at: Time) -> u32 {
    u32::try_from((at.0 - FIRST_MONDAY_MS).div_euclid(WEEK_MS)).unwrap_or_default()
}

/// The time at which an entry would be written into a ledger now: its entries never go back.
///
/// # Errors
/// `Internal` from the database.
pub fn time(tx: &mut Tx, group: ActorId) -> Result<Time> {
    let last = db::ledger::state(tx, group)?.map(|state| state.last_at);
    Ok(last.map_or(tx.now(), |last| last.max(tx.now())))
}

/// Notes something for the ledger of `group`, if that lives here.
pub fn note(tx: &mut Tx, group: &Actor, note: Note) {
    if group.local && group.is_group() {
        tx.note(group.id, note);
    }
}

/// Notes something for every ledger in which a person stands.
///
/// # Errors
/// `Internal` from the database.
pub fn note_everywhere(tx: &mut Tx, person: ActorId, note: &Note) -> Result<()> {
    for group in db::ledger::ledgers_of(tx, person)? {
        tx.note(group, note.clone());
    }
    Ok(())
}

/// The charter of a group that lives here says something else from here on.
///
/// # Errors
/// `Internal` from the database.
pub fn charter_changed(tx: &mut Tx, group: &Actor) -> Result<()> {
    let row = db::groups::by_id(tx, group.id)?.ok_or(Error::NotFound)?;
    let founder = append::id_of(tx, row.founder_id)?;
    let charter = open::charter(group, &row, founder);
    note(tx, group, Note::Event(Box::new(Event::Charter(charter)), Vec::new()));
    Ok(())
}

/// What a row of `receipts` hashes to: everything in it that never changes, with a number nobody is
/// told, so that a hash in public tells nothing about a row that is not.
///
/// # Errors
/// `Internal` for a row that cannot be written as JSON.
pub fn row_hash(row: &Receipt) -> Result<Hash> {
    // A receipt that was declined later was counted when it was written.
    let declined = row.declined_at.is_some();
    let value = serde_json::json!({
        "id": row.id.to_string(),
        "group": row.group_id.to_string(),
        "thread": row.thread_id.to_string(),
        "reply": row.reply_id.map(|id| id.to_string()),
        "helper": row.helper_id.to_string(),
        "receiver": row.receiver_id.to_string(),
        "via": row.via,
        "cause": row.cause_uri,
        "counted": row.counted || declined,
        "reason": row.reason.filter(|_| !declined),
        "staff": row.staff,
        "across_nodes": row.across_nodes,
        "created_at": row.created_at,
        "nonce": row.nonce,
    });
    let text = canonical::write(&value).map_err(Error::internal)?;
    Ok(Hash::of(&[text.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let at = |text: &str| Time::parse(text).unwrap();
        assert_eq!(week(at("1970-01-05T00:00:00Z")), 0);
        assert_eq!(week(at("1970-01-11T23:59:59Z")), 0);
        assert_eq!(week(at("1970-01-12T00:00:00Z")), 1);
        assert_eq!(week(at("2026-11-22T23:59:59Z")) + 1, week(at("2026-11-23T00:00:00Z")));
    }
}
