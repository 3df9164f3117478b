//! Threads that began elsewhere: what of them has not come here is looked for now and then.
use crate::{
    db::{self, posts::Post, threads::Look},
    domain::{Fact, Tx},
    error::Result,
    types::{PostId, Time},
};

/// How long what was looked through is taken for whole, seconds.
pub const FRESH_SECS: i64 = 600;

/// Whether it is time to look a thread through where it lives: it began elsewhere, is open to
/// everyone, and nobody looked for ten minutes.
///
/// # Errors
/// `Internal` from the database.
pub fn is_stale(conn: &mut db::Conn, root: &Post, now: Time) -> Result<bool> {
    let open = root.visibility.is_open() && root.deleted_at.is_none();
    if root.local || !open || !root.is_root() || root.in_reply_to_uri.is_some() {
        return Ok(false);
    }
    let looked = db::threads::look(conn, root.id)?.map_or(Time(0), |look| look.looked_at);
    Ok(looked < now.plus_secs(-FRESH_SECS))
}

/// Has a thread looked through, if it is time to.
///
/// # Errors
/// `Internal` from the database.
pub fn look_through(tx: &mut Tx, thread: PostId) -> Result<()> {
    let root = db::posts::by_id(tx, thread)?;
    let now = tx.now();
    if !is_stale(tx, &root, now)? {
        return Ok(());
    }
    let context = db::threads::look(tx, thread)?.and_then(|look| look.context);
    db::threads::set_look(tx, &Look { thread_id: thread, looked_at: now, context })?;
    tx.record(Fact::ThreadStale { thread });
    Ok(())
}

/// Notes where the server of a thread lists it.
///
/// # Errors
/// `Internal` from the database.
pub fn set_context(tx: &mut Tx, thread: PostId, context: Option<String>) -> Result<()> {
    let known = db::threads::look(tx, thread)?;
    if known.as_ref().and_then(|look| look.context.clone()) == context {
        return Ok(());
    }
    let looked_at = known.map_or(Time(0), |look| look.looked_at);
    Ok(db::threads::set_look(tx, &Look { thread_id: thread, looked_at, context })?)
}
