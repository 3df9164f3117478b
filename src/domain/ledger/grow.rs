//! Entries that somebody else shows, added behind those that are here: of a copy, or of what was lost.
use std::collections::BTreeSet;

use super::append::{self, kept_nodes};
use crate::{
    db::{
        self,
        ledger::{Entry as Row, Name, Node, State},
    },
    domain::Tx,
    error::{Error, Result},
    ledger::{Entry, line::Line, tree::Frontier},
    types::{ActorId, Time},
};

/// A ledger with more entries, not yet written down.
pub(super) struct Grown {
    group: ActorId,
    /// Its tree.
    pub tree: Frontier,
    /// What the new entries say, but for those that were erased.
    pub entries: Vec<Entry>,
    /// Time of the last entry before.
    pub last_at: Time,
    rows: Vec<Row>,
    nodes: Vec<Node>,
}

/// A ledger with these entries behind it; until the change ends nobody else adds to it. `None` where
/// one of them does not say what it commits to, or stands in another place.
pub(super) fn grow(tx: &mut Tx, group: ActorId, lines: &[Line<'_>]) -> Result<Option<Grown>> {
    let state = if let Some(known) = db::ledger::locked_state(tx, group)? {
        known
    } else {
        let empty = append::empty(group);
        db::ledger::begin(tx, &empty)?;
        empty
    };
    let mut tree = Frontier::from_text(&state.frontier).map_err(Error::internal)?;
    let (mut rows, mut nodes, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let seq = tree.size();
        if let Some(body) = &line.body {
            let entry = Entry::read(body.payload).ok().filter(|entry| entry.seq == seq);
            let Some(entry) = entry.filter(|_| body.salt.commit(body.payload) == line.commitment)
            else {
                return Ok(None);
            };
            entries.push(entry);
        }
        nodes.extend(kept_nodes(group, tree.append(&line.commitment))?);
        rows.push(Row {
            group_id: group,
            seq: i64::try_from(seq).map_err(Error::internal)?,
            commitment: line.commitment.to_string(),
            salt: line.body.map(|body| body.salt.to_string()),
            payload: line.body.map(|body| body.payload.to_owned()),
            signed_with: line.body.and_then(|body| body.key).map(str::to_owned),
            restored: false,
        });
    }
    Ok(Some(Grown { group, tree, entries, last_at: state.last_at, rows, nodes }))
}

impl Grown {
    /// How many entries are new.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Writes it down. `last_at` is the time of the last entry.
    pub fn keep(&self, tx: &mut Tx, last_at: Time) -> Result<State> {
        db::ledger::append(tx, &self.rows)?;
        db::ledger::add_nodes(tx, &self.nodes)?;
        let size = i64::try_from(self.tree.size()).map_err(Error::internal)?;
        let frontier = self.tree.to_text();
        let state = State { group_id: self.group, size, frontier, last_at };
        db::ledger::advance(tx, &state)?;
        Ok(state)
    }
}

/// Notes whom an entry names, each once.
pub(super) fn name(
    tx: &mut Tx,
    group_id: ActorId,
    seq: i64,
    people: impl IntoIterator<Item = ActorId>,
) -> Result<()> {
    let people: BTreeSet<ActorId> = people.into_iter().collect();
    let rows: Vec<Name> =
        people.into_iter().map(|actor_id| Name { actor_id, group_id, seq }).collect();
    Ok(db::ledger::name(tx, &rows)?)
}
