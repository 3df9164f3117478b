//! What this node saw, as a witness, of the ledgers of groups elsewhere; and who saw those from here.
use super::{
    show::{self, Lens},
    views::{FaultLine, LedgerView, words},
};
use crate::{
    db::{self, Conn, actors::Actor, witnesses::Fault},
    domain::ledger::copy,
    error::Result,
    types::Time,
};

/// Faults that are shown on a page.
const MOST: i64 = 20;

/// What is said of a group's ledger on its page.
///
/// # Errors
/// `Internal` from the database.
pub fn of_group(conn: &mut Conn, lens: &Lens, group: &Actor) -> Result<LedgerView> {
    let size = db::ledger::state(conn, group.id)?.map_or(0, |state| state.size);
    let entries = words::count(u64::try_from(size).unwrap_or_default(), "entry", "entries");
    if size == 0 {
        return Ok(LedgerView::default());
    }
    let faults = db::witnesses::faults(conn, Some(group.id), MOST)?;
    let state = if group.local {
        match u64::try_from(db::witnesses::count(conn, group.id)?).unwrap_or_default() {
            0 => format!("Its ledger has {entries}. No other server watches over it yet."),
            n => {
                let watch = words::count(n, "other server watches", "other servers watch");
                format!("Its ledger has {entries}. {watch} that none is changed.")
            }
        }
    } else {
        let seen = db::witnesses::followed(conn, group.id)?.map(|seen| seen.looked_at);
        let when = seen.filter(|at| *at > Time(0)).map(|at| words::when(at, lens.now));
        let when = when.map(|when| format!(", last compared {}", when.words)).unwrap_or_default();
        format!("This server watches over its ledger: {entries}{when}.")
    };
    let export = group.local.then(|| format!("{}/ledger/export", group.ap_id.path()));
    Ok(LedgerView {
        faults: faults.iter().map(|fault| line(lens, group, fault)).collect(),
        state,
        export: export.unwrap_or_default(),
    })
}

/// Every ledger that was found to contradict itself, for the operator.
///
/// # Errors
/// `Internal` from the database.
pub fn all_faults(conn: &mut Conn, lens: &Lens) -> Result<Vec<FaultLine>> {
    let faults = db::witnesses::faults(conn, None, MOST)?;
    let mut lines = Vec::new();
    for fault in faults {
        let group = db::actors::by_id(conn, fault.group_id)?;
        lines.push(line(lens, &group, &fault));
    }
    Ok(lines)
}

fn line(lens: &Lens, group: &Actor, fault: &Fault) -> FaultLine {
    FaultLine {
        group: show::display_name(group),
        group_url: show::actor_path(group),
        why: copy::sentence(fault.kind, &fault.subject),
        when: words::when(fault.found_at, lens.now),
        evidence: format!("/ledgers/faults/{}", fault.id),
    }
}
