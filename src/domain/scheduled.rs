//! Posts that go out later.
use crate::{
    db::{self, scheduled::Scheduled},
    domain::{
        Tx,
        posts::{self, Draft},
    },
    error::{Error, Result},
    types::{ActorId, ScheduledId, Time},
};

/// A post is planned at least so long before, seconds; what is nearer goes out at once.
pub const MIN_AHEAD_SECS: i64 = 300;
/// And at most so long before, days.
const MAX_AHEAD_DAYS: i64 = 5 * 366;
/// Most posts that a member has planned, and most of them for one day.
const MAX_ALL: i64 = 300;
const MAX_A_DAY: i64 = 25;

/// What is planned.
///
/// # Errors
/// `Internal` where the row holds something else.
pub fn draft_of(row: &Scheduled) -> Result<Draft> {
    serde_json::from_str(&row.draft).map_err(Error::internal)
}

fn check_time(tx: &mut Tx, member: ActorId, due_at: Time) -> Result<()> {
    let now = tx.now();
    if due_at < now.plus_secs(MIN_AHEAD_SECS) {
        return Err(Error::invalid(
            "Validation failed: Scheduled at must be at least 5 minutes in the future",
        ));
    }
    if due_at > now.plus_days(MAX_AHEAD_DAYS) {
        return Err(Error::invalid("Validation failed: Scheduled at is too far in the future"));
    }
    let day = Time(due_at.0.div_euclid(86_400_000).saturating_mul(86_400_000));
    if db::scheduled::count_due(tx, member, day, day.plus_days(1))? >= MAX_A_DAY {
        return Err(Error::invalid(format!(
            "Validation failed: You have exceeded the limit of {MAX_A_DAY} scheduled posts for that day"
        )));
    }
    if db::scheduled::count_due(tx, member, Time(0), Time(i64::MAX))? >= MAX_ALL {
        return Err(Error::invalid(format!(
            "Validation failed: You have exceeded the limit of {MAX_ALL} scheduled posts"
        )));
    }
    Ok(())
}

/// Plans a post. The same idempotency key gives the same one.
///
/// # Errors
/// `Invalid` for a time or draft that will not do.
pub fn plan(tx: &mut Tx, member: ActorId, draft: &Draft, due_at: Time) -> Result<Scheduled> {
    let mine = db::page::Page::newest(MAX_ALL);
    if let Some(key) = &draft.idempotency_key {
        for known in db::scheduled::list(tx, member, &mine)? {
            if draft_of(&known)?.idempotency_key.as_ref() == Some(key) {
                return Ok(known);
            }
        }
    }
    check_time(tx, member, due_at)?;
    posts::check_draft(tx, member, draft)?;
    let row = Scheduled {
        id: ScheduledId(tx.new_id()),
        actor_id: member,
        due_at,
        draft: serde_json::to_string(draft).map_err(Error::internal)?,
        problem: None,
        created_at: tx.now(),
    };
    db::scheduled::insert(tx, &row)?;
    for media in &draft.media {
        if !db::scheduled::hold(tx, row.id, *media)? {
            return Err(Error::invalid(
                "Validation failed: a picture waits for another post already",
            ));
        }
    }
    tx.record(super::Fact::Planned { scheduled: row.id, due_at });
    Ok(row)
}

/// A planned post of a member's.
///
/// # Errors
/// `NotFound` where there is none.
pub fn get(conn: &mut db::Conn, member: ActorId, id: ScheduledId) -> Result<Scheduled> {
    db::scheduled::by_id(conn, member, id)?.ok_or(Error::NotFound)
}

/// A planned post goes out at another time.
///
/// # Errors
/// As [`get`] and [`plan`].
pub fn put_off(tx: &mut Tx, member: ActorId, id: ScheduledId, due_at: Time) -> Result<Scheduled> {
    let row = get(tx, member, id)?;
    check_time(tx, member, due_at)?;
    let row = Scheduled { due_at, problem: None, ..row };
    db::scheduled::update(tx, &row)?;
    tx.record(super::Fact::Planned { scheduled: row.id, due_at });
    Ok(row)
}

/// A planned post does not go out.
///
/// # Errors
/// As [`get`].
pub fn cancel(tx: &mut Tx, member: ActorId, id: ScheduledId) -> Result<()> {
    get(tx, member, id)?;
    Ok(db::scheduled::delete(tx, id)?)
}

/// Sends a post out whose time has come. One that cannot go out any more stays, with the reason.
///
/// # Errors
/// `Internal` from the database; it is tried again then.
pub fn send(tx: &mut Tx, id: ScheduledId, due_at: Time) -> Result<()> {
    // Put off, cancelled or out already: another task, or nothing, is left to do.
    let row = db::scheduled::find(tx, id)?;
    let Some(row) = row.filter(|row| row.due_at == due_at && row.problem.is_none()) else {
        return Ok(());
    };
    let draft = draft_of(&row)?;
    let author = tx.actor(row.actor_id)?;
    if !author.is_active() {
        return Ok(db::scheduled::delete(tx, id)?);
    }
    db::scheduled::delete(tx, id)?;
    posts::publish(tx, &author, draft).map(drop)
}

/// Notes why a post did not go out.
///
/// # Errors
/// `Internal` from the database.
pub fn failed(tx: &mut Tx, id: ScheduledId, due_at: Time, problem: String) -> Result<()> {
    let row = db::scheduled::find(tx, id)?.filter(|row| row.due_at == due_at);
    if let Some(row) = row {
        db::scheduled::update(tx, &Scheduled { problem: Some(problem), ..row })?;
    }
    Ok(())
}
