//! The operator's own people, whose help is counted apart (R5): how they are declared, and how a group
//! asks for that.
mod petitions;

pub use petitions::{
    ANSWER_DAYS, Answer, ENOUGH, MOST_OPEN, VOTER_DAYS, ask, ask_no_longer, end, end_overdue,
    ends_at, is_voter, respond,
};

use crate::{
    db::{self, actors::Actor, petitions::PetitionState, staff::Declared},
    domain::{Fact, Tx, actors},
    error::{Error, Result},
    types::ActorId,
};

/// Declares somebody as staff, here or elsewhere, or ends that; `false` where it is so already. `by` is
/// none for the command line.
///
/// Every ledger in which they stand says so from here on, and whoever asked is answered by it.
///
/// # Errors
/// `Forbidden` for everyone but operators, `Invalid` for what is no person, `Conflict` for an operator,
/// who is staff as long as they are one.
pub fn declare(tx: &mut Tx, by: Option<ActorId>, who: ActorId, on: bool) -> Result<bool> {
    require_operator(tx, by)?;
    let actor = tx.actor(who)?;
    check(tx, &actor)?;
    let now = tx.now();
    let changed = if on {
        db::staff::declare(tx, &Declared { actor_id: who, since: now, declared_by: by })?
    } else {
        db::staff::end(tx, who)? > 0
    };
    if changed {
        let act = if on { "declared as staff" } else { "staff no longer" };
        audit(tx, by, act, &actor)?;
        tx.record(Fact::CountedOtherwise { actor: who });
    }
    if on {
        for id in db::petitions::all_open_about(tx, who)? {
            petitions::close(tx, id, PetitionState::Declared, by, "")?;
        }
    }
    Ok(changed)
}

/// Refuses everyone but operators; the command line is theirs.
fn require_operator(tx: &mut Tx, by: Option<ActorId>) -> Result<()> {
    let Some(by) = by else { return Ok(()) };
    if db::members::by_id(tx, by)?.is_some_and(|member| member.operator) {
        return Ok(());
    }
    Err(Error::forbidden("Only who runs this server says who belongs to it"))
}

fn check(tx: &mut Tx, actor: &Actor) -> Result<()> {
    if !actor.is_active() || actor.name == actors::NODE_NAME && actor.local {
        return Err(Error::NotFound);
    }
    if actor.is_group() {
        return Err(Error::invalid("A group is not staff; name a person"));
    }
    if is_operator(tx, actor.id)? {
        return Err(Error::Conflict(
            "They run this server, and are staff as long as they do".into(),
        ));
    }
    Ok(())
}

fn is_operator(tx: &mut Tx, who: ActorId) -> Result<bool> {
    Ok(db::members::by_id(tx, who)?.is_some_and(|member| member.operator))
}

/// Writes down who did it.
fn audit(tx: &mut Tx, by: Option<ActorId>, act: &str, who: &Actor) -> Result<()> {
    let (id, now) = (tx.new_id(), tx.now());
    db::members::audit(tx, id, by, act, &who.acct(), now)?;
    Ok(())
}
