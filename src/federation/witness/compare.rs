//! Whether what a host shows now fits what it showed before.
use std::ops::Range;

use serde_json::{Value, json};

use super::{Stop, Wrong, host, kept_head, of};
use crate::{
    activitypub::head::TreeHead,
    app::App,
    db::{self, Conn, actors::Actor, witnesses::FaultKind},
    domain::ledger::copy,
    error::{Error, Result},
    ledger::{
        Hash,
        tree::{self, Frontier},
    },
    types::ActorId,
};

/// Pages of known entries that are read anew in one round; where there are more they take turns.
const PAGES_AGAIN: usize = 4;

/// Whether a head that is not longer than the copy is a part of it.
pub(super) async fn fits(
    app: &App,
    group: &Actor,
    known: &Frontier,
    head: &TreeHead,
    document: &Value,
) -> Result<(), Stop> {
    if head.size > known.size() {
        return Ok(());
    }
    let (id, size) = (group.id, head.size);
    let root = app.read(move |conn| root_at(conn, id, size)).await?;
    let kind = match (root == head.root, size == known.size()) {
        (true, true) => return Ok(()),
        (true, false) => FaultKind::Rewound,
        (false, _) => FaultKind::Forked,
    };
    let evidence = json!({
        "head": document, "known": kept_head(app, group).await?, "knownRoot": root,
    });
    Err(Stop::Wrong(Box::new(Wrong { kind, subject: size.to_string(), evidence })))
}

/// The root of the copy as it was with its first `size` entries.
pub(super) fn root_at(conn: &mut Conn, group: ActorId, size: u64) -> Result<Hash> {
    tree::root(
        &mut |level, range: Range<u64>| db::ledger::tree_nodes(conn, group, level, range),
        size,
    )
}

/// A longer ledger that does not continue the copy: the first entry at which it differs, where that
/// can be seen, else the two heads.
pub(super) async fn contradiction(
    app: &App,
    group: &Actor,
    known: u64,
    document: &Value,
) -> Result<Wrong, Stop> {
    let mut from = 0;
    while from < known {
        let read = compared(app, group, from, known).await?;
        if let Some(wrong) = read.wrong {
            return Ok(wrong);
        }
        from = read.next;
    }
    let evidence = json!({"head": document, "known": kept_head(app, group).await?});
    Ok(Wrong { kind: FaultKind::Forked, subject: known.to_string(), evidence })
}

/// Reads known entries anew: a host that changes one and leaves its tree as it was is found so.
pub(super) async fn again(app: &App, group: &Actor, head: &TreeHead) -> Result<(), Stop> {
    let id = group.id;
    let row = app.read(move |conn| of(conn, id)).await?;
    let mut from = u64::try_from(row.read_again).unwrap_or_default();
    if from >= head.size {
        from = 0;
    }
    for _ in 0..PAGES_AGAIN {
        let read = compared(app, group, from, head.size).await?;
        if let Some(wrong) = read.wrong {
            return Err(Stop::Wrong(Box::new(wrong)));
        }
        from = if read.next < head.size { read.next } else { 0 };
        if from == 0 {
            break;
        }
    }
    let read_again = i64::try_from(from).unwrap_or_default();
    app.write(move |tx| {
        let row = db::witnesses::Followed { read_again, ..of(tx, id)? };
        db::witnesses::set_followed(tx, &row)?;
        Ok(())
    })
    .await?;
    Ok(())
}

struct Read {
    wrong: Option<Wrong>,
    /// The entry after those that were compared.
    next: u64,
}

/// Compares a page of what the host shows with the copy.
async fn compared(app: &App, group: &Actor, from: u64, size: u64) -> Result<Read, Stop> {
    let shown = host::page(app, group, from).await?;
    let (id, start) = (group.id, i64::try_from(from).map_err(Error::internal)?);
    let limit = i64::try_from(shown.len()).map_err(Error::internal)?;
    let copies = app.read(move |conn| Ok(db::ledger::entries(conn, id, start, limit)?)).await?;
    if shown.is_empty() || copies.is_empty() {
        return Ok(Read { wrong: None, next: size });
    }
    for (copy, (value, item)) in copies.iter().zip(&shown) {
        let why = match item {
            Some(item) => copy::difference(copy, &item.line()),
            None => Some("it cannot be read"),
        };
        if let Some(why) = why {
            let erased = item.as_ref().is_some_and(host::Item::is_gone) && copy.payload.is_some();
            if erased && host::head(app, group).await?.0.size > size {
                // It was erased while we read: the entry that says so comes with the next round.
                return Ok(Read { wrong: None, next: size });
            }
            let head = kept_head(app, group).await?;
            let evidence = if group.is_private_group() {
                // What members said among themselves is no evidence for everyone.
                json!({"why": why, "head": head, "known": {"commitment": copy.commitment}})
            } else {
                let was = copy.payload.as_deref().map(serde_json::from_str::<Value>);
                let was = was.transpose().map_err(Error::internal)?;
                json!({
                    "why": why, "shown": value, "head": head,
                    "known": {"commitment": copy.commitment, "payload": was, "salt": copy.salt},
                })
            };
            let subject = copy.seq.to_string();
            let wrong = Wrong { kind: FaultKind::Rewritten, subject, evidence };
            return Ok(Read { wrong: Some(wrong), next: from });
        }
    }
    let read = u64::try_from(copies.len().min(shown.len())).map_err(Error::internal)?;
    Ok(Read { wrong: None, next: from.saturating_add(read) })
}
