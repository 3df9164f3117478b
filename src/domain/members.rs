//! Accounts of local members: how they come, how they are looked after, how they go.
use crate::{
    db::{self, actors::Actor, members::Member},
    domain::{
        Fact, Tx, account_links,
        account_news::{self, What},
        actors, ledger,
        letters::{self, Letter},
        oauth, sign_ups,
    },
    error::{Error, Result},
    keys::{self, KeyPair},
    text,
    types::{ActorId, ActorKind, SignUp, Time, Visibility},
};

/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 8;
/// Longest password, in bytes: hashing more would be a way to keep a node busy.
pub const MAX_PASSWORD: usize = 512;
/// How long a first-visit link holds, seconds.
const FIRST_VISIT_SECS: i64 = 3_600;

/// Somebody who wants an account.
#[derive(Clone, Default)]
pub struct Applicant {
    /// The handle they want.
    pub name: String,
    /// What they want to be called; may be empty.
    pub display_name: String,
    /// Their e-mail address.
    pub email: String,
    /// Hash of their password; made before, because it takes long.
    pub password_hash: String,
    /// Language of their pages.
    pub locale: String,
    /// Why they want to join, where that is asked.
    pub reason: String,
    /// An invite code, where they have one.
    pub invite: Option<String>,
}

/// Checks a password before it is hashed.
///
/// # Errors
/// `Invalid` with what is allowed.
pub fn check_password(password: &str) -> Result<()> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(Error::invalid(format!("A password has at least {MIN_PASSWORD} characters")));
    }
    if password.len() > MAX_PASSWORD {
        return Err(Error::invalid("That password is too long"));
    }
    Ok(())
}

/// An e-mail address in the form it is compared by.
///
/// # Errors
/// `Invalid` when it cannot be one.
pub fn check_email(email: &str) -> Result<String> {
    let key = email.trim().to_lowercase();
    let fits = key.len() <= 254
        && !key.contains(char::is_whitespace)
        && key.rsplit_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.starts_with('.') && !host.ends_with('.')
        });
    if fits { Ok(key) } else { Err(Error::invalid("That is no e-mail address")) }
}

/// Somebody signs up by themselves, as far as the node's sign-up mode lets them.
///
/// Where approval is asked, or the address is to be confirmed, the account is there, but may not act
/// yet.
///
/// # Errors
/// `Forbidden` where sign-up is closed or an invite is missing, `Invalid` or `Conflict` for what
/// has to be changed in the form.
pub fn sign_up(tx: &mut Tx, applicant: Applicant, keys: KeyPair) -> Result<Actor> {
    let now = tx.now();
    let mode = tx.node().sign_up;
    let invited_by = match (&applicant.invite, mode) {
        (_, SignUp::Closed) => {
            return Err(Error::forbidden("This node takes no new members at present"));
        }
        (Some(code), _) if !code.trim().is_empty() => Some(sign_ups::take_invite(tx, code.trim())?),
        (_, SignUp::Invite) => {
            return Err(Error::forbidden("You need an invite from a member to join this node"));
        }
        (_, SignUp::Open | SignUp::Approval) => None,
    };
    let approved = mode == SignUp::Open || invited_by.is_some();
    if mode == SignUp::Approval && !approved && applicant.reason.trim().is_empty() {
        return Err(Error::invalid("Say in a sentence why you would like to join"));
    }
    let confirmed_at = (!tx.node().confirm_email).then_some(now);
    let standing = Standing { approved_at: approved.then_some(now), confirmed_at };
    let actor = add(tx, applicant, keys, standing, invited_by)?;
    if confirmed_at.is_none() {
        account_links::send_confirmation(tx, actor.id)?;
    }
    Ok(actor)
}

/// How a new account begins.
#[derive(Clone, Copy)]
struct Standing {
    approved_at: Option<Time>,
    confirmed_at: Option<Time>,
}

/// An operator makes an account: confirmed and approved at once.
///
/// # Errors
/// `Invalid` or `Conflict` for a name or address that will not do.
pub fn create(tx: &mut Tx, applicant: Applicant, keys: KeyPair, operator: bool) -> Result<Actor> {
    let now = tx.now();
    let standing = Standing { approved_at: Some(now), confirmed_at: Some(now) };
    let actor = add(tx, applicant, keys, standing, None)?;
    if operator {
        set_operator(tx, actor.id)?;
    }
    Ok(actor)
}

fn add(
    tx: &mut Tx,
    applicant: Applicant,
    keys: KeyPair,
    standing: Standing,
    invited_by: Option<ActorId>,
) -> Result<Actor> {
    let name = actors::check_name(&applicant.name)?;
    let email_key = check_email(&applicant.email)?;
    if db::members::email_taken(tx, &email_key)? {
        return Err(Error::Conflict("That e-mail address has an account here already".into()));
    }
    let actor = actors::create(tx, ActorKind::Person, &name, &applicant.display_name, keys)?;
    let now = tx.now();
    let member = Member {
        actor_id: actor.id,
        email: applicant.email.trim().to_owned(),
        email_key,
        password_hash: applicant.password_hash,
        operator: false,
        confirmed_at: standing.confirmed_at,
        approved_at: standing.approved_at,
        sign_up_reason: text::clean_line(&applicant.reason, 500),
        invited_by,
        locale: if applicant.locale.is_empty() { "en".into() } else { applicant.locale },
        default_visibility: Visibility::Public,
        default_sensitive: false,
        default_language: None,
        opted_out: false,
        created_at: now,
        // Who was never here.
        last_seen_at: Time::default(),
        denied_at: None,
        denied_reason: String::new(),
    };
    db::members::insert(tx, &member)?;
    if !member.may_act() {
        sign_ups::hide(tx, &actor)?;
    }
    Ok(actor)
}

/// The member of an actor.
///
/// # Errors
/// `NotFound` when the actor has no account here.
pub fn get(tx: &mut Tx, id: ActorId) -> Result<Member> {
    db::members::by_id(tx, id)?.ok_or(Error::NotFound)
}

fn set_operator(tx: &mut Tx, id: ActorId) -> Result<()> {
    let mut member = get(tx, id)?;
    member.operator = true;
    db::members::update(tx, &member)?;
    tx.record(Fact::CountedOtherwise { actor: id });
    audit(tx, None, "made operator", id)
}

/// Writes a privileged act down; `by` is none for the command line.
///
/// # Errors
/// `Internal` from the database.
pub fn audit(tx: &mut Tx, by: Option<ActorId>, act: &str, subject: ActorId) -> Result<()> {
    let (id, now) = (tx.new_id(), tx.now());
    let name = tx.actor(subject)?.name;
    db::members::audit(tx, id, by, act, &name, now)?;
    Ok(())
}

/// A token for the link that makes the first visitor the operator; the one before ends.
/// `None` when there is an operator already.
///
/// # Errors
/// `Internal` from the database.
pub fn first_visit(tx: &mut Tx) -> Result<Option<String>> {
    if db::members::has_operator(tx)? {
        db::settings::delete(tx, "first_visit")?;
        return Ok(None);
    }
    let token = keys::new_token();
    let until = tx.now().plus_secs(FIRST_VISIT_SECS);
    db::settings::set(tx, "first_visit", &format!("{} {until}", keys::token_hash(&token)))?;
    Ok(Some(token))
}

/// Whether a first-visit token holds; looking does not use it up.
///
/// # Errors
/// `Forbidden` when it does not, or no longer.
pub fn check_first_visit(tx: &mut Tx, token: &str) -> Result<()> {
    let gone = || {
        Error::forbidden("This link has been used or has ended. Start the node again for a new one")
    };
    if db::members::has_operator(tx)? {
        return Err(gone());
    }
    let kept = db::settings::get(tx, "first_visit")?.ok_or_else(gone)?;
    let (hash, until) = kept.split_once(' ').ok_or_else(gone)?;
    let until = Time(until.parse().unwrap_or(0));
    if until <= tx.now() || !keys::same(hash, &keys::token_hash(token)) {
        return Err(gone());
    }
    Ok(())
}

/// The first visitor becomes the operator; the link ends.
///
/// # Errors
/// As [`check_first_visit`] and [`create`].
pub fn set_up(tx: &mut Tx, token: &str, applicant: Applicant, keys: KeyPair) -> Result<Actor> {
    check_first_visit(tx, token)?;
    let actor = create(tx, applicant, keys, true)?;
    db::settings::delete(tx, "first_visit")?;
    Ok(actor)
}

/// Changes a password; every session but `keep_session` ends, every app is signed out.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn set_password(
    tx: &mut Tx,
    id: ActorId,
    password_hash: String,
    keep_session: Option<&str>,
) -> Result<()> {
    let mut member = get(tx, id)?;
    member.password_hash = password_hash;
    db::members::update(tx, &member)?;
    db::sessions::delete_of_actor(tx, id, keep_session)?;
    db::second_steps::forget_halfway_of(tx, id)?;
    db::account_links::forget(tx, id, "reset")?;
    oauth::sign_out_apps(tx, id)?;
    account_news::note(tx, id, What::PasswordChanged, "")?;
    let at = tx.now();
    letters::send(tx, Letter::PasswordChanged { member: id, at });
    Ok(())
}

/// Suspends a member, or ends that: they can neither sign in nor act, and are not shown.
///
/// # Errors
/// `NotFound` for somebody without an account, `Conflict` for one who waits to be let in.
pub fn suspend(tx: &mut Tx, by: Option<ActorId>, id: ActorId, suspended: bool) -> Result<()> {
    let member = get(tx, id)?;
    if member.approved_at.is_none() {
        return Err(Error::Conflict("They wait to be let in: approve or deny them".into()));
    }
    if member.confirmed_at.is_none() {
        return Err(Error::Conflict(
            "They have not confirmed their e-mail address, so they are not in".into(),
        ));
    }
    let mut actor = tx.actor(id)?;
    actor.suspended_at = suspended.then(|| tx.now());
    tx.save_actor(&actor)?;
    if suspended {
        db::sessions::delete_of_actor(tx, id, None)?;
        db::second_steps::forget_halfway_of(tx, id)?;
        oauth::sign_out_apps(tx, id)?;
    }
    audit(tx, by, if suspended { "suspended" } else { "no longer suspended" }, id)
}

/// A member goes for good, with their posts and private data; the name stays taken.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn delete(tx: &mut Tx, by: Option<ActorId>, id: ActorId) -> Result<()> {
    get(tx, id)?;
    audit(tx, by, "deleted", id)?;
    if by == Some(id) {
        // Who goes by their own will wants to be gone: they can sign that only as long as they are.
        for group in db::ledger::naming_ledgers(tx, id)? {
            let group = tx.actor(group)?;
            ledger::ask_to_forget(tx, id, &group)?;
        }
    }
    actors::delete(tx, id)?;
    db::sessions::delete_of_actor(tx, id, None)?;
    oauth::sign_out_apps(tx, id)?;
    db::members::delete(tx, id)?;
    Ok(())
}

/// What a member prefers; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    /// Who sees their posts.
    pub visibility: Option<Visibility>,
    /// Their media are folded.
    pub sensitive: Option<bool>,
    /// Language of their posts.
    pub language: Option<Option<String>>,
    /// Language of pages.
    pub locale: Option<String>,
    /// "Leave me out of counts" (R6).
    pub opted_out: Option<bool>,
}

/// Changes what a member prefers.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn change_preferences(tx: &mut Tx, id: ActorId, change: Preferences) -> Result<Member> {
    let mut member = get(tx, id)?;
    member.default_visibility = change.visibility.unwrap_or(member.default_visibility);
    member.default_sensitive = change.sensitive.unwrap_or(member.default_sensitive);
    member.default_language = change.language.unwrap_or(member.default_language);
    member.locale = change.locale.unwrap_or(member.locale);
    if let Some(out) = change.opted_out.filter(|out| *out != member.opted_out) {
        member.opted_out = out;
        tx.record(Fact::CountedOtherwise { actor: id });
    }
    db::members::update(tx, &member)?;
    Ok(member)
}
