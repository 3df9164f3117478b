//! The ledger of a group elsewhere as this node saw it.
use super::grow::{grow, name};
use crate::{
    db::{
        self,
        ledger::Entry as Row,
        witnesses::{Fault, FaultKind},
    },
    domain::Tx,
    error::{Error, Result},
    ledger::{
        Entry, Event, Hash, Id,
        line::Line,
        tree::{self, Frontier},
    },
    types::{ActorId, Uri},
};

/// For how long a copy is kept whole that nobody here needs, days.
const ABANDONED_DAYS: i64 = 30;

/// Entries that a host showed: each line is what [`Line::read`] read.
pub struct Shown<'a> {
    /// In order, from the first that is not known.
    pub lines: Vec<Line<'a>>,
    /// How many entries its head covers, and their root.
    pub head: (u64, Hash),
    /// Where these are not all of them: that they are the beginning of what the head covers.
    pub proof: Vec<Hash>,
}

impl Shown<'_> {
    /// Whether a tree that ends with these entries is the beginning of what was signed.
    fn leads_to_head(&self, tree: &Frontier) -> bool {
        let (size, root) = &self.head;
        let own = tree.root();
        if tree.size() == *size {
            return own == *root;
        }
        tree::continues((&own, tree.size()), (root, *size), &self.proof)
    }
}

/// How far the copy of a ledger has come; an empty one where there is none.
///
/// # Errors
/// `Internal` from the database, and where the copy is damaged.
pub fn known(conn: &mut db::Conn, group: ActorId) -> Result<Frontier> {
    match db::ledger::state(conn, group)? {
        Some(state) => Ok(Frontier::from_text(&state.frontier).map_err(Error::internal)?),
        None => Ok(Frontier::default()),
    }
}

/// Adds entries to the copy. `false`, and nothing is added, where they do not lead to the head that
/// was signed, or do not say what they commit to.
///
/// # Errors
/// `Internal` from the database.
pub fn extend(tx: &mut Tx, group: ActorId, shown: &Shown<'_>) -> Result<bool> {
    let Some(grown) = grow(tx, group, &shown.lines)? else { return Ok(false) };
    if !shown.leads_to_head(&grown.tree) {
        return Ok(false);
    }
    let now = tx.now();
    grown.keep(tx, now)?;
    for entry in grown.entries {
        follow(tx, group, entry.seq, entry.event)?;
    }
    Ok(true)
}

/// What an entry means for who keeps a copy: erased is erased here too, where members live others
/// keep copies, and people here find their own receipts.
fn follow(tx: &mut Tx, group: ActorId, seq: u64, event: Event) -> Result<()> {
    match event {
        Event::Restored { entries } => {
            for seq in entries {
                let seq = i64::try_from(seq).map_err(Error::internal)?;
                db::ledger::set_restored(tx, group, seq)?;
            }
        }
        Event::Receipt(receipt) => name_ours(tx, group, seq, &[receipt.helper, receipt.receiver])?,
        Event::Kept { person, .. } => name_ours(tx, group, seq, &[person])?,
        Event::Undone { receipt, .. } => {
            let receipt = i64::try_from(receipt).map_err(Error::internal)?;
            let seq = i64::try_from(seq).map_err(Error::internal)?;
            let both = db::ledger::named_by(tx, group, receipt)?;
            name(tx, group, seq, both)?;
        }
        Event::Erased(erased) => {
            for seq in erased.entries {
                db::ledger::erase(tx, group, i64::try_from(seq).map_err(Error::internal)?)?;
            }
        }
        Event::Joined { person, .. } => {
            name_ours(tx, group, seq, std::slice::from_ref(&person))?;
            if let Ok(uri) = Uri::parse(person.as_str()) {
                let origin = uri.origin().ascii_serialization();
                db::witnesses::add_peer(tx, group, &origin)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What the copy here says of a member who asks its host to forget them goes at once: with the last
/// member gone nobody here would read that it was heard.
///
/// # Errors
/// `Internal` from the database.
pub fn forget(tx: &mut Tx, group: ActorId, person: ActorId) -> Result<()> {
    for seq in db::ledger::naming(tx, group, person)? {
        db::ledger::erase(tx, group, seq)?;
    }
    Ok(())
}

/// Lets go of what copies say of which nobody here is a member any more, for so long that nobody comes
/// back: people may have been forgotten there since. The trees stay, as evidence.
///
/// # Errors
/// `Internal` from the database.
pub fn let_go(tx: &mut Tx) -> Result<()> {
    let before = tx.now().plus_days(-ABANDONED_DAYS);
    for group in db::witnesses::abandoned(tx, before)? {
        db::ledger::drop_payloads(tx, group)?;
    }
    Ok(())
}

/// Notes which people of ours an entry names.
fn name_ours(tx: &mut Tx, group: ActorId, seq: u64, people: &[Id]) -> Result<()> {
    let seq = i64::try_from(seq).map_err(Error::internal)?;
    let mut ours = Vec::new();
    for person in people {
        if Uri::parse(person.as_str()).is_ok_and(|uri| tx.node().owns(&uri)) {
            ours.extend(db::actors::by_ap_id(tx, person.as_str())?.map(|actor| actor.id));
        }
    }
    name(tx, group, seq, ours)
}

/// How an entry that is shown now differs from the copy; `None`: not at all.
#[must_use]
pub fn difference(copy: &Row, now: &Line<'_>) -> Option<&'static str> {
    if copy.commitment != now.commitment.to_string() {
        return Some("it stands for something else");
    }
    match (&copy.payload, &now.body) {
        (Some(_), None) => Some("it is gone, and no entry says that it was erased"),
        (_, Some(body)) if body.salt.commit(body.payload) != now.commitment => {
            Some("it says something else")
        }
        (_, Some(body)) => {
            let entry = Entry::read(body.payload).map(|entry| entry.event);
            let row = match entry {
                Ok(Event::Receipt(receipt)) => Some(receipt.row),
                Ok(Event::Uncounted { row }) => Some(row),
                _ => None,
            };
            let lost = copy.restored && body.row.is_none();
            let changed = row.is_some() && row != body.row && !lost;
            changed.then_some("the receipt behind it was changed")
        }
        (None, None) => None,
    }
}

/// How a ledger contradicts itself, in a sentence; `subject` is which entry or size.
#[must_use]
pub fn sentence(kind: FaultKind, subject: &str) -> String {
    match kind {
        FaultKind::Rewritten => format!("Entry {subject} was changed after it was written."),
        FaultKind::Rewound => format!("It was cut back to {subject} entries."),
        FaultKind::Forked => {
            format!("Its host signed two different ledgers of {subject} entries.")
        }
        FaultKind::Signature => "It is not signed with the group's key.".to_owned(),
    }
}

/// Notes that a ledger contradicts itself; once for each thing. Says whether it is new.
///
/// # Errors
/// `Internal` from the database.
pub fn fault(
    tx: &mut Tx,
    group_id: ActorId,
    kind: FaultKind,
    subject: &str,
    evidence: &serde_json::Value,
) -> Result<bool> {
    let fault = Fault {
        id: tx.new_id(),
        group_id,
        kind,
        subject: subject.to_owned(),
        evidence: evidence.to_string(),
        found_at: tx.now(),
    };
    Ok(db::witnesses::add_fault(tx, &fault)?)
}
