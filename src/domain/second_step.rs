//! Two-factor: after the password a code from an app on the member's phone, or a recovery code.
use crate::{
    db::{
        self, Conn,
        second_steps::{Halfway, SecondStep},
    },
    domain::{
        Tx,
        account_news::{self, What},
        letters::{self, Letter},
        members, sessions,
        tries::{self, Subject},
    },
    error::{Error, Result},
    keys::{self, one_time},
    types::{ActorId, Time},
};

/// How many recovery codes a member gets.
pub const RECOVERY_CODES: usize = 10;
/// How long somebody may be halfway through the door, seconds.
const HALFWAY_SECS: i64 = 600;
/// Codes one may try after one password.
const MOST_TRIES: i32 = 5;

/// Since when a code is asked of a member; none if it is not.
///
/// # Errors
/// `Internal` from the database.
pub fn on_since(conn: &mut Conn, id: ActorId) -> Result<Option<Time>> {
    Ok(db::second_steps::of(conn, id)?.and_then(|step| step.on_since))
}

/// Begins to set it up: a new secret for the app, base32. Nothing is asked for yet.
///
/// # Errors
/// `Conflict` where it is on already.
pub fn set_up(tx: &mut Tx, id: ActorId) -> Result<String> {
    if on_since(tx, id)?.is_some() {
        return Err(Error::Conflict("Two-factor is on already".into()));
    }
    let secret = one_time::new_app_secret();
    let step = SecondStep { actor_id: id, secret: secret.clone(), on_since: None, used_step: 0 };
    db::second_steps::put(tx, &step)?;
    Ok(secret)
}

/// The secret of what is being set up; none where nothing is, or where it is on.
///
/// # Errors
/// `Internal` from the database.
pub fn unfinished(conn: &mut Conn, id: ActorId) -> Result<Option<String>> {
    let step = db::second_steps::of(conn, id)?;
    Ok(step.filter(|step| step.on_since.is_none()).map(|step| step.secret))
}

/// Switches it on, once the app made the right code; the recovery codes, shown this once. None where
/// the code is wrong.
///
/// # Errors
/// `Conflict` where nothing is being set up.
pub fn switch_on(tx: &mut Tx, id: ActorId, typed: &str) -> Result<Option<Vec<String>>> {
    let step = db::second_steps::of(tx, id)?.filter(|step| step.on_since.is_none());
    let step = step.ok_or_else(|| Error::Conflict("Begin again: nothing is set up".into()))?;
    if !app_code(tx, &step, typed)? {
        return Ok(None);
    }
    let now = tx.now();
    db::second_steps::switch_on(tx, id, now)?;
    account_news::note(tx, id, What::SecondStepOn, "")?;
    put_codes(tx, id).map(Some)
}

fn put_codes(tx: &mut Tx, id: ActorId) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| one_time::new_recovery_code()).collect();
    let hashes: Vec<String> = codes.iter().map(|code| hash(code)).collect();
    db::second_steps::put_codes(tx, id, &hashes)?;
    Ok(codes)
}

fn hash(code: &str) -> String {
    keys::token_hash(&one_time::plain_code(code))
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It was right, and is used up.
    Right,
    /// It was wrong, too old, or used before.
    Wrong,
    /// Too many were wrong: not before so many seconds.
    Wait(u64),
}

/// Checks a code of the app, or a recovery code; either works once.
///
/// # Errors
/// `Internal` from the database.
pub fn check(tx: &mut Tx, id: ActorId, typed: &str) -> Result<Checked> {
    let subject = [Subject::codes(id)];
    if let Some(secs) = tries::begin(tx, &subject)? {
        return Ok(Checked::Wait(secs));
    }
    let step = db::second_steps::of(tx, id)?.filter(|step| step.on_since.is_some());
    let Some(step) = step else { return Ok(Checked::Wrong) };
    let right = app_code(tx, &step, typed)? || recovery_code(tx, id, typed)?;
    if !right {
        return Ok(Checked::Wrong);
    }
    tries::succeed(tx, &subject)?;
    Ok(Checked::Right)
}

fn app_code(tx: &mut Tx, step: &SecondStep, typed: &str) -> Result<bool> {
    let now = tx.now().secs();
    match one_time::step_of(&step.secret, &one_time::plain_code(typed), now)? {
        Some(at) => Ok(db::second_steps::use_step(tx, step.actor_id, at)?),
        None => Ok(false),
    }
}

fn recovery_code(tx: &mut Tx, id: ActorId, typed: &str) -> Result<bool> {
    let right = db::second_steps::take_code(tx, id, &hash(typed))?;
    if right {
        account_news::note(tx, id, What::RecoveryCodeUsed, "")?;
    }
    Ok(right)
}

/// New recovery codes, shown this once; those before work no more.
///
/// # Errors
/// `Conflict` where it is not on.
pub fn new_codes(tx: &mut Tx, id: ActorId) -> Result<Vec<String>> {
    if on_since(tx, id)?.is_none() {
        return Err(Error::Conflict("Two-factor is not on".into()));
    }
    account_news::note(tx, id, What::RecoveryCodesMade, "")?;
    put_codes(tx, id)
}

/// Asks for no code any more. `by` is the member, an operator, or none for the command line: whoever
/// does it for somebody else is written down.
///
/// # Errors
/// `Conflict` where it is not on.
pub fn switch_off(tx: &mut Tx, by: Option<ActorId>, id: ActorId) -> Result<()> {
    members::get(tx, id)?;
    if on_since(tx, id)?.is_none() {
        return Err(Error::Conflict("Two-factor is not on".into()));
    }
    db::second_steps::forget(tx, id)?;
    account_news::note(tx, id, What::SecondStepOff, "")?;
    let at = tx.now();
    letters::send(tx, Letter::SecondStepOff { member: id, at });
    if by == Some(id) { Ok(()) } else { members::audit(tx, by, "switched two-factor off", id) }
}

/// The password was right: the cookie with which a code is taken.
///
/// # Errors
/// `Internal` from the database.
pub fn halfway(tx: &mut Tx, id: ActorId) -> Result<String> {
    let cookie = keys::new_token();
    let row = Halfway {
        token_hash: keys::token_hash(&cookie),
        actor_id: id,
        failures: 0,
        expires_at: tx.now().plus_secs(HALFWAY_SECS),
    };
    db::second_steps::insert_halfway(tx, &row)?;
    Ok(cookie)
}

/// Where somebody stands who brought a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// In: who, and the session's cookie.
    In(ActorId, String),
    /// Not yet.
    Wrong,
    /// Too many codes of this account were wrong: not before so many seconds.
    Wait(u64),
    /// They waited too long, or tried too often: the password is asked for again.
    Over,
}

/// Whether somebody is halfway with this cookie.
///
/// # Errors
/// `Internal` from the database.
pub fn is_halfway(conn: &mut Conn, cookie: &str, now: Time) -> Result<bool> {
    let hash = keys::token_hash(cookie);
    Ok(db::second_steps::halfway_by_hash(conn, &hash, now)?.is_some())
}

/// Takes the code of somebody who is halfway.
///
/// # Errors
/// `Forbidden` for those who may not act any more.
pub fn arrive(tx: &mut Tx, cookie: &str, typed: &str, agent: &str) -> Result<Arrived> {
    let (hash, now) = (keys::token_hash(cookie), tx.now());
    let Some(row) = db::second_steps::halfway_by_hash(tx, &hash, now)? else {
        return Ok(Arrived::Over);
    };
    if !db::second_steps::count_try(tx, &hash, MOST_TRIES)? {
        db::second_steps::forget_halfway(tx, &hash)?;
        return Ok(Arrived::Over);
    }
    match check(tx, row.actor_id, typed)? {
        Checked::Right => {
            db::second_steps::forget_halfway(tx, &hash)?;
            let cookie = sessions::begin(tx, row.actor_id, agent)?;
            Ok(Arrived::In(row.actor_id, cookie))
        }
        Checked::Wrong if row.failures + 1 >= MOST_TRIES => {
            db::second_steps::forget_halfway(tx, &hash)?;
            Ok(Arrived::Over)
        }
        Checked::Wrong => Ok(Arrived::Wrong),
        Checked::Wait(secs) => Ok(Arrived::Wait(secs)),
    }
}
