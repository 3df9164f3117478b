//! What is written into the ledger of a group, and when.
use crate::{
    activitypub::head::{Signer, TreeHead},
    db::{
        self,
        actors::{Actor, ActorKeys},
        follows::Follow,
        ledger::{Head, State},
        petitions::{Petition, PetitionState},
        posts::Post,
        receipts::Receipt,
    },
    domain::{
        Tx,
        ledger::{self, Note, Stamp},
        moderation::Act,
        posts,
    },
    error::{Error, Result},
    keys::SigningKey,
    ledger::{Event, Id, canonical, entry::Undoer, tree::Frontier},
    types::ActorId,
};

/// Somebody is a member of a group, or waits to be.
pub(super) fn followed(tx: &mut Tx, follow: &Follow) -> Result<()> {
    if follow.accepted_at.is_none() {
        return Ok(());
    }
    let group = tx.actor(follow.target_id)?;
    ledger::note(tx, &group, Note::Joined(follow.follower_id));
    Ok(())
}

/// And no longer.
pub(super) fn unfollowed(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let group = tx.actor(follow.target_id)?;
    if follow.accepted_at.is_some() {
        ledger::note(tx, &group, Note::Left(follow.follower_id));
    }
    Ok(())
}

/// Somebody wrote in a group: once a week that makes them active.
pub(super) fn posted(tx: &mut Tx, post: &Post, author: &Actor) -> Result<()> {
    let Some(group) = post.group_id else { return Ok(()) };
    let group = tx.actor(group)?;
    if !group.local || !posts::is_for_group(&group, post.visibility) || author.is_group() {
        return Ok(());
    }
    ledger::note(tx, &group, Note::Active(author.id));
    let thread = post.thread_id;
    let note = if post.is_root() {
        Note::Began { thread, uri: post.ap_id.clone(), by: author.id, ask: post.is_ask }
    } else {
        Note::Answered { thread, by: author.id }
    };
    ledger::note(tx, &group, note);
    Ok(())
}

/// Somebody said that somebody helped, counted or not.
pub(super) fn thanked(tx: &mut Tx, receipt: &Receipt, stamp: Option<&Stamp>) {
    tx.note(receipt.group_id, Note::Thanked(Box::new(receipt.clone()), stamp.cloned()));
}

/// And took it back, or declined it.
pub(super) fn undone(tx: &mut Tx, receipt: &Receipt, by: Undoer) {
    tx.note(receipt.group_id, Note::Undone { receipt: receipt.id, by });
}

/// A steward acted.
pub(super) fn moderated(tx: &mut Tx, act: &Act) {
    ledger::note(tx, &act.group, Note::Moderated(Box::new(act.clone())));
}

/// Somebody is counted in another way.
pub(super) fn marked(tx: &mut Tx, actor: ActorId) -> Result<()> {
    ledger::note_everywhere(tx, actor, &Note::Marked(actor))
}

/// Voters asked the operator about somebody, or were answered, or not. Before enough ask it is nobody's
/// business, and who asks is in no ledger.
pub(super) fn petitioned(tx: &mut Tx, petition: &Petition) -> Result<()> {
    let act = match petition.state {
        PetitionState::Gathering | PetitionState::Lapsed => return Ok(()),
        PetitionState::Standing => "petitioned",
        // A declaration that nobody waited for stands in the ledger by its mark alone.
        PetitionState::Declared if petition.stands_since.is_none() => return Ok(()),
        PetitionState::Declared => "declared",
        PetitionState::Denied => "denied",
        PetitionState::Silent => "silent",
    };
    let (group, person) = (tx.actor(petition.group_id)?, tx.actor(petition.person_id)?);
    let staff = petition.answered_by.map(|id| tx.actor(id)).transpose()?;
    let names: Vec<ActorId> =
        std::iter::once(person.id).chain(staff.iter().map(|one| one.id)).collect();
    let event = Event::Operator {
        act: act.to_owned(),
        subject: Id(person.ap_id.to_string()),
        staff: staff.map(|one| Id(one.ap_id.to_string())),
    };
    ledger::note(tx, &group, Note::Event(Box::new(event), names));
    Ok(())
}

/// The signed head of a group's ledger as it stands now: one that is there already, or a new one.
/// `None` before there is a ledger.
///
/// # Errors
/// `Internal` from the database.
pub fn head(tx: &mut Tx, group: &Actor) -> Result<Option<Head>> {
    let Some(state) = db::ledger::locked_state(tx, group.id)? else { return Ok(None) };
    if let Some(known) = db::ledger::head(tx, group.id, state.size)? {
        return Ok(Some(known));
    }
    let keys = db::actors::keys(tx, group.id)?;
    sign(tx, group, &state, &[&keys]).map(Some)
}

/// A group signs its ledger with another key from here on: an entry says so, and the head right behind
/// it is signed by both.
pub(super) fn rekeyed(tx: &mut Tx, actor: &Actor, former: &ActorKeys) -> Result<()> {
    if !actor.is_group() || db::ledger::state(tx, actor.id)?.is_none() {
        return Ok(());
    }
    let keys = db::actors::keys(tx, actor.id)?;
    let event = Event::Key { key: keys.ed25519_public.clone() };
    ledger::note(tx, actor, Note::Event(Box::new(event), Vec::new()));
    ledger::settle(tx)?;
    let state = db::ledger::locked_state(tx, actor.id)?.ok_or(Error::NotFound)?;
    sign(tx, actor, &state, &[former, &keys]).map(drop)
}

/// Signs the head of a ledger as it stands.
fn sign(tx: &mut Tx, group: &Actor, state: &State, keys: &[&ActorKeys]) -> Result<Head> {
    let frontier = Frontier::from_text(&state.frontier).map_err(Error::internal)?;
    let head = TreeHead {
        group: group.ap_id.to_string(),
        size: frontier.size(),
        root: frontier.root(),
        at: tx.now(),
    };
    let signing = |keys: &&ActorKeys| {
        Ok((keys.ed25519_id(group), SigningKey::from_seed(&keys.ed25519_private)?))
    };
    let signing: Vec<(String, SigningKey)> = keys.iter().map(signing).collect::<Result<_>>()?;
    let signers: Vec<Signer<'_>> =
        signing.iter().map(|(method, key)| Signer { method, key }).collect();
    let document = canonical::write(&head.signed(&signers)?).map_err(Error::internal)?;
    let head = Head { group_id: group.id, size: state.size, document, created_at: head.at };
    db::ledger::add_head(tx, &head)?;
    Ok(head)
}
