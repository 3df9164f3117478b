//! Who may come in: sign-ups that wait for an operator, and invites.
use crate::{
    db::{self, actors::Actor, invites::Invite, members::Member},
    domain::{Tx, members},
    error::{Error, Result},
    keys, text,
    types::ActorId,
};

/// How many people one invite lets in at most.
pub const MAX_USES: i32 = 100;
/// How long an invite holds at most, days.
pub const MAX_DAYS: i64 = 365;
/// Longest reason for turning somebody away, in characters.
const MAX_REASON: usize = 500;
/// Characters of an invite's code.
const CODE_CHARS: usize = 16;

/// Keeps an account out of sight that nobody has let in yet.
///
/// # Errors
/// `Internal` from the database.
pub(super) fn hide(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let hidden = Actor { suspended_at: Some(tx.now()), ..actor.clone() };
    tx.save_actor(&hidden)?;
    Ok(())
}

/// Shows an account that was kept out of sight, once its member may act.
///
/// # Errors
/// `Internal` from the database.
pub(super) fn show(tx: &mut Tx, member: &Member) -> Result<()> {
    if member.may_act() {
        let shown = Actor { suspended_at: None, ..tx.actor(member.actor_id)? };
        tx.save_actor(&shown)?;
    }
    Ok(())
}

/// An operator lets somebody in who waits, or whom they turned away before.
///
/// # Errors
/// `NotFound` for somebody without an account.
pub fn approve(tx: &mut Tx, by: Option<ActorId>, id: ActorId) -> Result<()> {
    let mut member = members::get(tx, id)?;
    if member.approved_at.is_some() {
        return Ok(());
    }
    member.approved_at = Some(tx.now());
    member.denied_at = None;
    member.denied_reason.clear();
    db::members::update(tx, &member)?;
    show(tx, &member)?;
    members::audit(tx, by, "approved", id)
}

/// An operator turns somebody away who waits. They read the reason when they sign in.
///
/// # Errors
/// `NotFound` for somebody without an account, `Conflict` for a member.
pub fn deny(tx: &mut Tx, by: Option<ActorId>, id: ActorId, reason: &str) -> Result<()> {
    let mut member = members::get(tx, id)?;
    if member.approved_at.is_some() {
        return Err(Error::Conflict(
            "They are a member already. Suspend or delete the account instead".into(),
        ));
    }
    member.denied_at = Some(tx.now());
    member.denied_reason = text::clean_line(reason, MAX_REASON);
    let act = match member.denied_reason.as_str() {
        "" => "denied".to_owned(),
        reason => format!("denied: {reason}"),
    };
    db::members::update(tx, &member)?;
    members::audit(tx, by, &act, id)
}

/// Makes an invite for `uses` people, good for `days`; answers its code, which is kept nowhere.
///
/// # Errors
/// `Invalid` for numbers that will not do.
pub fn invite(
    tx: &mut Tx,
    by: Option<ActorId>,
    inviter: ActorId,
    uses: i32,
    days: i64,
) -> Result<(String, Invite)> {
    if !(1..=MAX_USES).contains(&uses) {
        return Err(Error::invalid(format!("An invite is for 1 to {MAX_USES} people")));
    }
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Error::invalid(format!("An invite holds for 1 to {MAX_DAYS} days")));
    }
    let letters = keys::new_token();
    let code: String =
        letters.chars().filter(char::is_ascii_alphanumeric).take(CODE_CHARS).collect();
    let now = tx.now();
    let invite = Invite {
        code: keys::token_hash(&code),
        inviter_id: inviter,
        uses_left: uses,
        expires_at: now.plus_days(days),
        created_at: now,
    };
    db::invites::insert(tx, &invite)?;
    note(tx, by, "made an invite", &invite)?;
    Ok((code, invite))
}

/// Ends an invite, named by the beginning of its hash as lists show it.
///
/// # Errors
/// `NotFound` where there is none.
pub fn revoke(tx: &mut Tx, by: Option<ActorId>, short: &str) -> Result<()> {
    let is_hash = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if short.len() < 10 || !is_hash(short) || db::invites::delete(tx, short)? == 0 {
        return Err(Error::NotFound);
    }
    let (id, now) = (tx.new_id(), tx.now());
    db::members::audit(tx, id, by, "revoked an invite", short, now)?;
    Ok(())
}

fn note(tx: &mut Tx, by: Option<ActorId>, act: &str, invite: &Invite) -> Result<()> {
    let (id, now) = (tx.new_id(), tx.now());
    db::members::audit(tx, id, by, act, invite.short(), now)?;
    Ok(())
}

/// Uses an invite; who invited.
///
/// # Errors
/// `Invalid` when it does not hold.
pub(super) fn take_invite(tx: &mut Tx, code: &str) -> Result<ActorId> {
    let now = tx.now();
    db::invites::take(tx, &keys::token_hash(code), now)?
        .ok_or_else(|| Error::invalid("This invite does not hold any more; ask for another"))
}
