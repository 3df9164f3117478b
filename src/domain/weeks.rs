//! How lively a node is, by the week: sums, and nothing of anybody.
use std::collections::BTreeMap;

use crate::{
    db::{self, Conn},
    domain::Tx,
    error::Result,
    types::{ActorId, Time},
};

/// How many weeks are told of, the one that has begun among them.
pub const SHOWN: i64 = 12;
const DAY_SECS: i64 = 86_400;

/// What happened in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday, 0:00 UTC.
    pub begins: Time,
    /// What was written here, without boosts.
    pub posts: i64,
    /// Members who were here, by an app or by the web.
    pub members: i64,
    /// Who came to live here.
    pub sign_ups: i64,
}

/// The Monday before `at`, 0:00 UTC.
fn monday(at: Time) -> Time {
    let days = at.secs().div_euclid(DAY_SECS);
    // The first day of 1970 was a Thursday.
    let monday = days - (days + 3).rem_euclid(7);
    Time(monday.saturating_mul(DAY_SECS * 1_000))
}

/// Whether it should be written down that a member is here, who was `last` before: once a day is
/// enough.
pub fn wants_note(last: Time, now: Time) -> bool {
    last.plus_secs(DAY_SECS) <= now || last < monday(now)
}

/// Notes that a member is here; each counts once in a week.
///
/// # Errors
/// `Internal` from the database.
pub fn was_here(tx: &mut Tx, id: ActorId) -> Result<()> {
    let (now, week) = (tx.now(), monday(tx.now()));
    // Somebody may have gone a moment ago.
    let Some(member) = db::members::by_id(tx, id)? else { return Ok(()) };
    if member.last_seen_at < week {
        db::weeks::add_member(tx, week)?;
    }
    db::members::seen(tx, id, now)?;
    Ok(())
}

/// The last weeks, the one that has begun first.
///
/// # Errors
/// `Internal` from the database.
pub fn last(conn: &mut Conn, now: Time) -> Result<Vec<Week>> {
    let this = monday(now);
    let members = db::weeks::members(conn, this.plus_days(-7 * SHOWN))?;
    let members: BTreeMap<Time, i64> = members.into_iter().collect();
    let week = |ago: i64| {
        let (begins, ends) = (this.plus_days(-7 * ago), this.plus_days(7 - 7 * ago));
        Ok(Week {
            begins,
            posts: db::weeks::posts(conn, begins, ends)?,
            members: members.get(&begins).copied().unwrap_or_default(),
            sign_ups: db::weeks::sign_ups(conn, begins, ends)?,
        })
    };
    (0..SHOWN).map(week).collect()
}

/// Forgets weeks that are not told of any more.
///
/// # Errors
/// `Internal` from the database.
pub fn prune(tx: &mut Tx) -> Result<()> {
    let before = monday(tx.now()).plus_days(-7 * SHOWN);
    db::weeks::prune(tx, before)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let of = |text: &str| monday(Time::parse(text).unwrap()).rfc3339();
        assert_eq!(of("2026-11-22T23:59:59Z"), "2026-11-16T00:00:00.000Z");
        assert_eq!(of("2026-11-23T00:00:00Z"), "2026-11-23T00:00:00.000Z");
        assert_eq!(of("1970-01-01T00:00:00Z"), "1969-12-29T00:00:00.000Z");
    }
}
