//! How often one may try a password or a code: a few times at once, then ever more slowly.
//!
//! Nobody can be shut out for good: the longest wait is a quarter of an hour, and a browser in which
//! the member signed in before is counted by itself, whatever others do to the account.
use std::net::IpAddr;

use crate::{
    db::{self, sign_in_tries::Tries},
    domain::Tx,
    error::Result,
    keys,
    types::{ActorId, Time},
};

/// Failures in a row that cost nothing, of an account or a known browser.
const FREE: i32 = 5;
/// The same of an address, behind which many people may sit.
const FREE_OF_ADDRESS: i32 = 20;
/// The first wait, seconds; each further one is twice as long.
const FIRST_WAIT_SECS: i64 = 30;
/// The longest wait, seconds.
const LONGEST_WAIT_SECS: i64 = 900;
/// After how long failures are forgotten, seconds.
const MEMORY_SECS: i64 = 86_400;

/// What a try is counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What is stored: neither names nor addresses.
    key: String,
    free: i32,
}

impl Subject {
    fn new(words: &str, free: i32) -> Self {
        Self { key: keys::token_hash(words), free }
    }

    /// The password of an account.
    pub fn member(id: ActorId) -> Self {
        Self::new(&format!("member {id}"), FREE)
    }

    /// A name that nobody here has: counted all the same, or one could tell.
    pub fn nobody(login: &str) -> Self {
        Self::new(&format!("nobody {login}"), FREE)
    }

    /// A browser in which this member signed in before.
    pub fn browser(id: ActorId, mark: &str) -> Self {
        Self::new(&format!("browser {id} {mark}"), FREE)
    }

    /// The codes of an account.
    pub fn codes(id: ActorId) -> Self {
        Self::new(&format!("codes {id}"), FREE)
    }

    /// Everybody behind one address; of IPv6 behind one network.
    pub fn address(network: IpAddr) -> Self {
        Self::new(&format!("address {network}"), FREE_OF_ADDRESS)
    }
}

/// Counts a try before it is looked at, so that many at once are many. Seconds to wait where it is
/// too early; then nothing is counted. The address comes last among `subjects`: always in one order,
/// so that no two wait for each other.
///
/// # Errors
/// `Internal` from the database.
pub fn begin(tx: &mut Tx, subjects: &[Subject]) -> Result<Option<u64>> {
    if !tx.node().limits {
        return Ok(None);
    }
    let now = tx.now();
    let mut held = Vec::new();
    for subject in subjects {
        let mut tries = db::sign_in_tries::hold(tx, &subject.key, now)?;
        if tries.last_at.plus_secs(MEMORY_SECS) < now {
            tries.failures = 0;
        }
        held.push((tries, subject.free));
    }
    let wait = held.iter().map(|(tries, _)| tries.free_at.secs() - now.secs()).max();
    if let Some(secs) = wait.and_then(|secs| u64::try_from(secs).ok()).filter(|secs| *secs > 0) {
        return Ok(Some(secs));
    }
    for (tries, free) in held {
        let failures = tries.failures.saturating_add(1);
        let free_at = wait_after(failures, free).map_or(Time::default(), |w| now.plus_secs(w));
        db::sign_in_tries::put(tx, &Tries { failures, last_at: now, free_at, ..tries })?;
    }
    Ok(None)
}

/// The try was right: who failed before begins anew, and the address had one failure less.
///
/// # Errors
/// `Internal` from the database.
pub fn succeed(tx: &mut Tx, subjects: &[Subject]) -> Result<()> {
    for subject in subjects {
        if subject.free == FREE_OF_ADDRESS {
            db::sign_in_tries::take_back(tx, &subject.key)?;
        } else {
            db::sign_in_tries::forget(tx, &subject.key)?;
        }
    }
    Ok(())
}

/// Seconds to wait after so many failures in a row; none while they are free.
fn wait_after(failures: i32, free: i32) -> Option<i64> {
    let doublings = u32::try_from(failures.checked_sub(free)?).ok()?.min(10);
    Some(FIRST_WAIT_SECS.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT_SECS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_have_an_end() {
        let waits: Vec<_> = (1..=12).map(|failures| wait_after(failures, FREE)).collect();
        assert_eq!(waits[..4], [None; 4]);
        assert_eq!(
            waits[4..],
            [30, 60, 120, 240, 480, 900, 900, 900].map(Some),
            "from the fifth failure on"
        );
        assert_eq!(wait_after(i32::MAX, FREE), Some(LONGEST_WAIT_SECS));
    }

    #[test]
    fn what_is_counted_names_nobody() {
        let network = "203.0.113.9".parse().unwrap();
        let subjects = [
            Subject::member(ActorId(7)),
            Subject::codes(ActorId(7)),
            Subject::nobody("ana"),
            Subject::browser(ActorId(7), "x"),
            Subject::address(network),
        ];
        for (at, one) in subjects.iter().enumerate() {
            assert!(!one.key.contains("ana") && !one.key.contains("203"), "{one:?}");
            assert!(subjects[..at].iter().all(|other| other.key != one.key), "{one:?}");
        }
    }
}
