//! Signing in with a browser.
use crate::{
    db::{self, actors::Actor, sessions::Session},
    domain::{
        Tx,
        account_news::{self, What},
        weeks,
    },
    error::{Error, Result},
    keys,
    types::{ActorId, Time},
};

/// How long a session holds without being used, days.
const DAYS: i64 = 60;
/// How often its use is written down, seconds.
const TOUCH_SECS: i64 = 3_600;

/// Who stands behind a login (name or e-mail address) and the hash of their password.
///
/// # Errors
/// `Internal` from the database.
pub fn find_login(
    conn: &mut db::Conn,
    login: &str,
) -> Result<Option<(db::members::Member, Actor)>> {
    let login = login.trim().trim_start_matches('@').to_lowercase();
    Ok(db::members::by_login(conn, &login)?)
}

/// Signs in somebody whose password has been checked; returns the cookie.
///
/// # Errors
/// `Forbidden` for those who may not act, with the reason.
pub fn begin(tx: &mut Tx, id: ActorId, agent: &str) -> Result<String> {
    let actor = tx.actor(id)?;
    let member = super::members::get(tx, id)?;
    if !member.may_act() {
        return Err(Error::forbidden(if member.approved_at.is_none() {
            "An operator has yet to let you in"
        } else {
            "Confirm your e-mail address first"
        }));
    }
    if !actor.is_active() {
        return Err(Error::forbidden("This account is suspended"));
    }
    let (cookie, now) = (keys::new_token(), tx.now());
    let session = Session {
        token_hash: keys::token_hash(&cookie),
        actor_id: id,
        csrf_secret: keys::new_token(),
        created_at: now,
        expires_at: now.plus_days(DAYS),
        seen_at: now,
        agent: agent.chars().take(200).collect(),
    };
    db::sessions::insert(tx, &session)?;
    weeks::was_here(tx, id)?;
    account_news::note(tx, id, What::SignedIn, agent)?;
    Ok(cookie)
}

/// Whether the use of a session should be written down now.
pub fn wants_touch(session: &Session, now: Time) -> bool {
    session.seen_at.plus_secs(TOUCH_SECS) < now
}

/// Notes that a session is in use; it holds for its whole time again.
///
/// # Errors
/// `Internal` from the database.
pub fn touch(tx: &mut Tx, session: &Session) -> Result<()> {
    let now = tx.now();
    db::sessions::touch(tx, &session.token_hash, now, now.plus_days(DAYS))?;
    weeks::was_here(tx, session.actor_id)
}

/// Signs out.
///
/// # Errors
/// `Internal` from the database.
pub fn end(tx: &mut Tx, cookie: &str) -> Result<()> {
    db::sessions::delete(tx, &keys::token_hash(cookie))?;
    Ok(())
}

/// Ends one of a member's sessions, named by the beginning of its hash as the list shows it.
///
/// # Errors
/// `NotFound` where there is none.
pub fn end_one(tx: &mut Tx, id: ActorId, short: &str) -> Result<()> {
    let now = tx.now();
    let all = db::sessions::of(tx, id, now)?;
    let session = all.iter().find(|session| session.short() == short).ok_or(Error::NotFound)?;
    db::sessions::delete(tx, &session.token_hash)?;
    Ok(())
}
