//! Links that open an account's door once: to confirm an e-mail address, to choose a new password.
use crate::{
    db::{
        self, Conn,
        account_links::{AccountLink, AddressChange},
        members::Member,
    },
    domain::{
        Tx,
        account_news::{self, What},
        letters::{self, Letter},
        members, sessions, sign_ups,
    },
    error::{Error, Result},
    keys,
    types::{ActorId, Time},
};

/// How long a link to a new password works that came by mail, seconds.
const RESET_SECS: i64 = 7_200;
/// The same where an operator hands it out.
const HANDED_OUT_SECS: i64 = 86_400;
/// How long a link works that confirms an address, seconds.
const CONFIRM_SECS: i64 = 3 * 86_400;
/// Links of a kind that are sent to a member within an hour.
const MOST_AN_HOUR: i64 = 3;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To say that an address is read.
    Confirm,
    /// To choose a new password.
    Reset,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
        }
    }
}

/// A link does not work: it was used, or is too old, or never was.
fn gone() -> Error {
    Error::forbidden("This link was used before, or is too old. Ask for a new one")
}

/// Makes a link; answers the token in it, of which a hash is kept. `email` is the address it is sent
/// to, none where it is handed out.
fn make(
    tx: &mut Tx,
    id: ActorId,
    purpose: Purpose,
    email: Option<&str>,
    secs: i64,
) -> Result<String> {
    let (token, now) = (keys::new_token(), tx.now());
    let link = AccountLink {
        token_hash: keys::token_hash(&token),
        actor_id: id,
        purpose: purpose.as_str().to_owned(),
        email_key: email.map(str::to_lowercase).unwrap_or_default(),
        created_at: now,
        expires_at: now.plus_secs(secs),
    };
    db::account_links::insert(tx, &link)?;
    Ok(token)
}

/// The account that a link opens; looking does not use it up.
///
/// # Errors
/// `Forbidden` when it does not work any more.
pub fn look(conn: &mut Conn, token: &str, purpose: Purpose, now: Time) -> Result<AccountLink> {
    let hash = keys::token_hash(token);
    db::account_links::by_hash(conn, &hash, purpose.as_str(), now)?.ok_or_else(gone)
}

fn take(tx: &mut Tx, token: &str, purpose: Purpose) -> Result<AccountLink> {
    let now = tx.now();
    let link = look(tx, token, purpose, now)?;
    if db::account_links::take(tx, &link)? { Ok(link) } else { Err(gone()) }
}

fn may_send(tx: &mut Tx, id: ActorId, purpose: Purpose) -> Result<bool> {
    let since = tx.now().plus_secs(-3_600);
    let sent = db::account_links::count_since(tx, id, purpose.as_str(), since)?;
    Ok(sent < MOST_AN_HOUR)
}

/// Somebody forgot their password. Whether there is such an account is not said.
///
/// # Errors
/// `Internal` from the database.
pub fn forgot(tx: &mut Tx, login: &str) -> Result<()> {
    let known = sessions::find_login(tx, login)?.filter(|(_, actor)| actor.deleted_at.is_none());
    if let Some((member, _)) = known
        && may_send(tx, member.actor_id, Purpose::Reset)?
    {
        let at = tx.now();
        letters::send(tx, Letter::Reset { member: member.actor_id, at });
    }
    Ok(())
}

/// Sends the link that confirms the address of a member, if they need one and did not get many.
///
/// # Errors
/// `Internal` from the database.
pub fn send_confirmation(tx: &mut Tx, id: ActorId) -> Result<()> {
    if may_send(tx, id, Purpose::Confirm)? {
        let at = tx.now();
        letters::send(tx, Letter::Confirm { member: id, at });
    }
    Ok(())
}

/// The link of a letter to reset a password, as it is sent: its token, and to which address.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn reset_link(tx: &mut Tx, id: ActorId) -> Result<(String, String)> {
    let email = members::get(tx, id)?.email;
    Ok((make(tx, id, Purpose::Reset, Some(&email), RESET_SECS)?, email))
}

/// The link of a letter to confirm an address, as it is sent: its token, and to which address. None
/// where there is nothing to confirm any more.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn confirm_link(tx: &mut Tx, id: ActorId) -> Result<Option<(String, String)>> {
    let member = members::get(tx, id)?;
    let change = db::account_links::open_change(tx, id)?;
    let email = match change {
        Some(change) => change.email,
        None if member.confirmed_at.is_none() => member.email,
        None => return Ok(None),
    };
    Ok(Some((make(tx, id, Purpose::Confirm, Some(&email), CONFIRM_SECS)?, email)))
}

/// An operator makes a link to a new password, to hand out: its token, shown this once.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn hand_out(tx: &mut Tx, by: Option<ActorId>, id: ActorId) -> Result<String> {
    members::get(tx, id)?;
    members::audit(tx, by, "made a link to a new password", id)?;
    make(tx, id, Purpose::Reset, None, HANDED_OUT_SECS)
}

/// A new password by a link; everything signed in ends. A code is asked for as ever.
///
/// # Errors
/// `Forbidden` when the link does not work any more.
pub fn reset(tx: &mut Tx, token: &str, password_hash: String) -> Result<ActorId> {
    let link = take(tx, token, Purpose::Reset)?;
    members::set_password(tx, link.actor_id, password_hash, None)?;
    Ok(link.actor_id)
}

/// Confirms the address that a link was sent to; the member as they are now.
///
/// # Errors
/// `Forbidden` when the link does not work any more or the address is not theirs now; `Conflict`
/// where somebody else has it meanwhile.
pub fn confirm(tx: &mut Tx, token: &str) -> Result<Member> {
    let link = take(tx, token, Purpose::Confirm)?;
    let id = link.actor_id;
    let mut member = members::get(tx, id)?;
    let change = db::account_links::open_change(tx, id)?;
    match change.filter(|change| change.email.to_lowercase() == link.email_key) {
        Some(change) => change_address(tx, &mut member, &change.email)?,
        None if member.email_key == link.email_key => {}
        None => return Err(gone()),
    }
    confirmed(tx, member)
}

fn confirmed(tx: &mut Tx, mut member: Member) -> Result<Member> {
    let before = member.may_act();
    member.confirmed_at = member.confirmed_at.or(Some(tx.now()));
    db::members::update(tx, &member)?;
    if !before {
        sign_ups::show(tx, &member)?;
    }
    Ok(member)
}

fn change_address(tx: &mut Tx, member: &mut Member, email: &str) -> Result<()> {
    let key = members::check_email(email)?;
    if key != member.email_key && db::members::email_taken(tx, &key)? {
        return Err(Error::Conflict("That e-mail address has an account here already".into()));
    }
    email.trim().clone_into(&mut member.email);
    member.email_key = key;
    db::account_links::settle_changes(tx, member.actor_id)?;
    // Links to a new password that lie in the old mailbox open nothing any more.
    db::account_links::forget(tx, member.actor_id, Purpose::Reset.as_str())?;
    account_news::note(tx, member.actor_id, What::AddressChanged, "")
}

/// A member wants another address. With mail it holds once it is confirmed, and the address before is
/// told; without, at once. Says whether it holds already.
///
/// # Errors
/// `Invalid` or `Conflict` for an address that will not do, `TooMany` for one change after the other.
pub fn change_email(tx: &mut Tx, id: ActorId, email: &str) -> Result<bool> {
    let mut member = members::get(tx, id)?;
    let key = members::check_email(email)?;
    if key == member.email_key {
        return Err(Error::invalid("That is your e-mail address already"));
    }
    if db::members::email_taken(tx, &key)? {
        return Err(Error::Conflict("That e-mail address has an account here already".into()));
    }
    if !tx.node().mail {
        change_address(tx, &mut member, email)?;
        db::members::update(tx, &member)?;
        return Ok(true);
    }
    if member.confirmed_at.is_none() {
        // Nobody ever read the first one: a slip in it is mended without asking it.
        change_address(tx, &mut member, email)?;
        db::members::update(tx, &member)?;
        send_confirmation(tx, id)?;
        return Ok(false);
    }
    if !may_send(tx, id, Purpose::Confirm)? {
        return Err(Error::TooMany(3_600));
    }
    let change = AddressChange {
        id: tx.new_id(),
        actor_id: id,
        former: member.email,
        email: email.trim().to_owned(),
        created_at: tx.now(),
        settled: false,
    };
    db::account_links::ask_change(tx, &change)?;
    letters::send(tx, Letter::AddressAsked { change: change.id });
    letters::send(tx, Letter::Confirm { member: id, at: change.created_at });
    Ok(false)
}

/// An operator says that a member's address is theirs.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn confirm_by_hand(tx: &mut Tx, by: Option<ActorId>, id: ActorId) -> Result<()> {
    let member = members::get(tx, id)?;
    if member.confirmed_at.is_some() {
        return Err(Error::Conflict("Their e-mail address is confirmed already".into()));
    }
    confirmed(tx, member)?;
    members::audit(tx, by, "confirmed the e-mail address", id)
}
