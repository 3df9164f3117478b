//! This process's share of the ids: several processes that use one database never make the same.
//!
//! A share is given back at the end. Who is killed cannot do that, and a node that is killed again and
//! again would soon find all of them taken; so a share of a process that is gone can be had at once.
#[cfg(target_os = "linux")]
use std::os::unix::fs::MetadataExt as _;

use crate::{
    db::{self, Db},
    error::{Error, Result},
    keys,
    types::{Ids, Time},
};

/// How long a share is a process's own without a word from it, seconds.
pub(super) const LEASE_SECS: i64 = 120;

/// A share, and the name under which it is held.
pub(super) struct Lease {
    pub slot: i32,
    pub holder: String,
}

/// Takes a share. Blocking.
///
/// # Errors
/// `Internal` when all are held by processes that may live.
pub(super) fn take(db: &Db) -> Result<(Lease, Ids)> {
    let holder = format!("{} {}", keys::new_token(), this_process().unwrap_or_default());
    let name = holder.clone();
    let slot = db.write(move |conn| {
        let now = Time::now();
        let until = now.plus_secs(LEASE_SECS);
        Ok(db::settings::take_lease(conn, &name, now, until, is_gone)?)
    })?;
    let slot = slot.ok_or_else(|| {
        Error::internal(
            "64 processes use this database already; what was killed counts for two minutes",
        )
    })?;
    let ids = Ids::new(u8::try_from(slot).map_err(Error::internal)?);
    Ok((Lease { slot, holder }, ids))
}

/// Which process this is, as another one of the same machine and user can find out.
fn this_process() -> Option<String> {
    let pid = std::process::id();
    Some(format!("{}/{pid}/{}", neighbourhood()?, started(pid)?))
}

/// Whether a holder was a process that another one here would see, and is not there any more.
fn is_gone(holder: &str) -> bool {
    let Some((_, process)) = holder.split_once(' ') else { return false };
    let mut parts = process.rsplitn(3, '/');
    let (Some(began), Some(pid), Some(place)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Ok(pid) = pid.parse() else { return false };
    neighbourhood().is_some_and(|here| here == place) && started(pid).as_deref() != Some(began)
}

/// The processes that see each other: of one start of a machine, one container, one user.
#[cfg(target_os = "linux")]
fn neighbourhood() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let user = std::fs::metadata("/proc/self").ok()?.uid();
    Some(format!("{}/{}/{user}", boot.trim(), space.display()))
}

/// When a process began, in ticks since the machine did: numbers of processes come again.
#[cfg(target_os = "linux")]
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; the time is field 22.
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19).map(str::to_owned)
}

/// Elsewhere nobody is known to be gone; a share runs out by itself.
#[cfg(not(target_os = "linux"))]
fn neighbourhood() -> Option<String> {
    None
}

#[cfg(not(target_os = "linux"))]
fn started(_: u32) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lives_is_not_gone_and_who_may_live_is_not_either() {
        let this = this_process().unwrap();
        assert!(!is_gone(&format!("token {this}")));
        assert!(!is_gone("token") && !is_gone("token ") && !is_gone("token elsewhere/1/7"));
        let (place, _) = this.rsplit_once('/').unwrap();
        assert!(is_gone(&format!("token {place}/1")), "its number is another's now");
    }

    #[test]
    fn a_share_of_the_dead_can_be_had_when_none_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("db").display());
        let db = Db::open(&url, 1).unwrap();
        let leases: Vec<Lease> = (0..64).map(|_| take(&db).unwrap().0).collect();
        assert!(take(&db).is_err(), "all are held");
        let this = this_process().unwrap();
        let (place, _) = this.rsplit_once('/').unwrap();
        let dead = format!("token {place}/1");
        let slot = leases[7].slot;
        db.write(move |conn| {
            db::settings::drop_lease(conn, slot, &leases[7].holder)?;
            let (now, until) = (Time::now(), Time::now().plus_secs(LEASE_SECS));
            let again = db::settings::take_lease(conn, &dead, now, until, |_| false)?;
            assert_eq!(again, Some(slot));
            Ok(())
        })
        .unwrap();
        assert_eq!(take(&db).unwrap().0.slot, slot);
        assert!(take(&db).is_err());
    }
}
