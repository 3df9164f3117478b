use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{notes::Note, open, people, row_hash};
use crate::{
    db::{
        self,
        ledger::{Entry as Row, Name, Node, State},
        moderation::Deed,
        posts::Post,
        receipts::Receipt,
    },
    domain::{Tx, moderation::Act},
    error::{Error, Result},
    keys,
    ledger::{
        Entry, Event, Id, Salt,
        entry::{self, Undoer, Via},
        tree::{self, Frontier, STEP},
    },
    types::{ActorId, PostId, ReceiptId, Time},
};

/// Entries to be, in order.
#[derive(Default)]
pub(super) struct Draft {
    entries: Vec<Drafted>,
}

struct Drafted {
    event: Event,
    names: Vec<ActorId>,
    receipt: Option<ReceiptId>,
    signed_with: Option<String>,
}

impl Draft {
    /// One more, with whom it names.
    pub(super) fn add(&mut self, event: Event, names: &[ActorId]) {
        let names = names.to_vec();
        self.entries.push(Drafted { event, names, receipt: None, signed_with: None });
    }

    /// One more that somebody signed, with which key.
    pub(super) fn add_signed(&mut self, event: Event, signed_with: Option<String>) {
        self.entries.push(Drafted { event, names: Vec::new(), receipt: None, signed_with });
    }

    /// One more that records a receipt; `signed_with` is the key of its stamp.
    fn add_receipt(&mut self, event: Event, row: &Receipt, signed_with: Option<String>) {
        let names = if row.counted { vec![row.helper_id, row.receiver_id] } else { Vec::new() };
        self.entries.push(Drafted { event, names, receipt: Some(row.id), signed_with });
    }
}

/// Writes everything that was noted into its ledgers.
///
/// # Errors
/// `Internal` from the database.
pub fn settle(tx: &mut Tx) -> Result<()> {
    for (group, notes) in tx.take_notes() {
        let mut draft = Draft::default();
        let state = match db::ledger::locked_state(tx, group)? {
            Some(state) => state,
            None => open::open(tx, group, &mut draft)?,
        };
        for note in notes {
            translate(tx, group, note, &mut draft)?;
        }
        append(tx, &state, draft)?;
    }
    Ok(())
}

/// What a note says, as entries; none where the ledger says so already.
pub(super) fn translate(tx: &mut Tx, group: ActorId, note: Note, draft: &mut Draft) -> Result<()> {
    match note {
        Note::Joined(who) => people::changed(tx, group, who, draft, |person| person.member = true),
        Note::Left(who) => {
            // Who was forgotten leaves without a trace.
            if db::ledger::person(tx, group, who)?.is_none() {
                return Ok(());
            }
            people::changed(tx, group, who, draft, |person| person.member = false)
        }
        Note::Marked(who) => people::changed(tx, group, who, draft, |_| ()),
        Note::Active(who) => people::active(tx, group, who, draft),
        Note::Began { thread, uri, by, ask } => {
            let first = people::began(tx, group, by, draft)?;
            if ask || first {
                db::ledger::watch(tx, thread)?;
                let thread = Id(uri.to_string());
                draft.add(Event::Thread { thread, by: id_of(tx, by)?, ask, first }, &[by]);
            }
            Ok(())
        }
        Note::Answered { thread, by } => answered(tx, group, thread, by, draft),
        Note::Thanked(row, stamp) => {
            people::active(tx, group, row.receiver_id, draft)?;
            if row.counted {
                people::named(tx, group, row.helper_id, draft)?;
                let (stamp, key) = stamp.map(|stamp| (stamp.document, stamp.key)).unzip();
                let event = Event::Receipt(receipt(tx, &row, stamp)?);
                draft.add_receipt(event, &row, key.flatten());
            } else {
                draft.add_receipt(Event::Uncounted { row: row_hash(&row)? }, &row, None);
            }
            Ok(())
        }
        Note::Undone { receipt, by } => undone(tx, receipt, by, draft),
        Note::Moderated(act) => moderated(tx, &act, draft),
        Note::Event(event, names) => {
            draft.add(*event, &names);
            Ok(())
        }
    }
}

/// The id of an actor as ledgers write it.
pub(super) fn id_of(tx: &mut Tx, actor: ActorId) -> Result<Id> {
    Ok(Id(tx.actor(actor)?.ap_id.to_string()))
}

/// The first answer by a member who is no staff, and the first by staff.
fn answered(
    tx: &mut Tx,
    group: ActorId,
    thread: PostId,
    by: ActorId,
    draft: &mut Draft,
) -> Result<()> {
    let Some((by_member, by_staff)) = db::ledger::watched(tx, thread)? else { return Ok(()) };
    if by_member && by_staff {
        return Ok(());
    }
    let Some(person) = db::ledger::person(tx, group, by)?.filter(|p| p.member && !p.bot) else {
        return Ok(());
    };
    let root = db::posts::by_id(tx, thread)?;
    let known = if person.staff { by_staff } else { by_member };
    if known || root.author_id == by {
        return Ok(());
    }
    db::ledger::answered(tx, thread, person.staff)?;
    let by_id = id_of(tx, by)?;
    draft.add(Event::Answered { thread: post_id(&root), by: by_id }, &[by]);
    Ok(())
}

fn post_id(post: &Post) -> Id {
    Id(post.ap_id.to_string())
}

/// What the ledger says of a row of `receipts` that counts.
fn receipt(
    tx: &mut Tx,
    row: &Receipt,
    stamp: Option<Map<String, Value>>,
) -> Result<entry::Receipt> {
    let reply = match row.reply_id {
        Some(reply) => Some(post_id(&db::posts::by_id(tx, reply)?)),
        None => None,
    };
    Ok(entry::Receipt {
        receipt: row.id.to_string(),
        thread: post_id(&db::posts::by_id(tx, row.thread_id)?),
        reply,
        helper: id_of(tx, row.helper_id)?,
        receiver: id_of(tx, row.receiver_id)?,
        via: via(row.via),
        stamp,
        row: row_hash(row)?,
    })
}

fn via(via: db::receipts::Via) -> Via {
    match via {
        db::receipts::Via::Reply => Via::Reply,
        db::receipts::Via::Reaction => Via::Reaction,
        db::receipts::Via::Button => Via::Button,
        db::receipts::Via::Answer => Via::Answer,
        db::receipts::Via::Post => Via::Post,
    }
}

/// The end of a receipt, where it counted.
fn undone(tx: &mut Tx, receipt: ReceiptId, by: Undoer, draft: &mut Draft) -> Result<()> {
    let row = db::receipts::by_id(tx, receipt)?;
    let Some(row) = row.filter(|row| row.counted || row.declined_at.is_some()) else {
        return Ok(());
    };
    // One from before the ledger began is not in it.
    let Some(entry) = row.entry.and_then(|seq| u64::try_from(seq).ok()) else { return Ok(()) };
    draft.add(Event::Undone { receipt: entry, by }, &[row.receiver_id, row.helper_id]);
    Ok(())
}

fn moderated(tx: &mut Tx, act: &Act, draft: &mut Draft) -> Result<()> {
    let by = Id(act.by.ap_id.to_string());
    let person = Id(act.person.ap_id.to_string());
    if matches!(act.deed, Deed::Appoint | Deed::Dismiss) {
        let seated = act.deed == Deed::Appoint;
        // Elections come with decisions; until then founders choose who helps them.
        let why = if seated { entry::Seating::Founder } else { entry::Seating::Ended };
        draft.add(Event::Steward { person, seated, why }, &[act.person.id]);
        return Ok(());
    }
    let subject = act.post.as_ref().map_or(person, post_id);
    let event = Event::Act {
        by,
        act: act.deed.to_string(),
        subject,
        rule: act.reason.clone(),
        until: act.ends_at,
        seat: None,
    };
    draft.add(event, &[act.by.id, act.person.id]);
    people::active(tx, act.group.id, act.by.id, draft)
}

/// Adds entries at the end of a ledger that this change holds.
pub(super) fn append(tx: &mut Tx, state: &State, draft: Draft) -> Result<()> {
    if draft.entries.is_empty() {
        return Ok(());
    }
    let group_id = state.group_id;
    let mut frontier = Frontier::from_text(&state.frontier).map_err(Error::internal)?;
    if i64::try_from(frontier.size()).ok() != Some(state.size) {
        return Err(Error::internal(format_args!("the ledger of {group_id} is damaged")));
    }
    let at = tx.now().max(state.last_at);
    let (mut rows, mut names, mut nodes) = (Vec::new(), BTreeSet::new(), Vec::new());
    for Drafted { event, names: named, receipt, signed_with } in draft.entries {
        let seq = frontier.size();
        let mut row = row(group_id, &Entry { seq, at, event }, &mut frontier, &mut nodes)?;
        row.signed_with = signed_with;
        if let Some(receipt) = receipt {
            db::receipts::set_entry(tx, receipt, row.seq)?;
        }
        names.extend(named.iter().map(|&actor_id| Name { actor_id, group_id, seq: row.seq }));
        rows.push(row);
    }
    db::ledger::append(tx, &rows)?;
    let names: Vec<Name> = names.into_iter().collect();
    db::ledger::name(tx, &names)?;
    db::ledger::add_nodes(tx, &nodes)?;
    let size = i64::try_from(frontier.size()).map_err(Error::internal)?;
    let state = State { group_id, size, frontier: frontier.to_text(), last_at: at };
    db::ledger::advance(tx, &state)?;
    Ok(())
}

/// One entry as it is stored; takes its place in the tree.
fn row(
    group_id: ActorId,
    entry: &Entry,
    frontier: &mut Frontier,
    nodes: &mut Vec<Node>,
) -> Result<Row> {
    let payload = entry.payload().map_err(Error::internal)?;
    let salt = Salt(keys::random());
    let commitment = salt.commit(&payload);
    nodes.extend(kept_nodes(group_id, frontier.append(&commitment))?);
    Ok(Row {
        group_id,
        seq: i64::try_from(entry.seq).map_err(Error::internal)?,
        commitment: commitment.to_string(),
        salt: Some(salt.to_string()),
        payload: Some(payload),
        signed_with: None,
        restored: false,
    })
}

/// Of the parts of a tree that became whole those that are kept: every eighth level. The leaves are
/// the commitments of the entries themselves.
pub(super) fn kept_nodes(group_id: ActorId, whole: Vec<tree::Node>) -> Result<Vec<Node>> {
    let kept = whole.into_iter().filter(|node| node.level > 0 && node.level.is_multiple_of(STEP));
    kept.map(|node| {
        Ok(Node {
            group_id,
            level: i32::try_from(node.level).map_err(Error::internal)?,
            position: i64::try_from(node.index).map_err(Error::internal)?,
            hash: node.hash.to_string(),
        })
    })
    .collect()
}

/// A ledger that has nothing in it yet.
pub(super) fn empty(group_id: ActorId) -> State {
    State { group_id, size: 0, frontier: Frontier::default().to_text(), last_at: Time(0) }
}
