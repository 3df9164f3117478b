use super::{audit, declare, require_operator};
use crate::{
    db::{
        self,
        actors::Actor,
        petitions::{Petition, PetitionState},
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    text,
    types::{ActorId, PetitionId, Time},
};

/// So many voters make a petition stand.
pub const ENOUGH: i64 = 3;
/// For so long a petition waits for enough of them, days.
const GATHER_DAYS: i64 = 30;
/// For so long the operator may think about it, days.
pub const ANSWER_DAYS: i64 = 14;
/// For so long nobody asks again after a no, or after silence, days.
const AGAIN_DAYS: i64 = 90;
/// In so many open petitions one person may ask.
pub const MOST_OPEN: i64 = 3;
/// Who has been a member for so long votes, days.
pub const VOTER_DAYS: i64 = 30;
/// Longest statement, in characters.
const MAX_STATEMENT: usize = 500;

/// What an operator answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// They are staff: this declares them.
    Staff,
    /// They are not, with a sentence for the group.
    NotStaff(String),
}

/// Whether somebody votes in a group here.
///
/// The group's roll is to say so; until there is one, it is who has been a member for 30 days and is
/// no staff. Whatever asks who votes asks here.
///
/// # Errors
/// `Internal` from the database.
pub fn is_voter(conn: &mut db::Conn, group: &Actor, who: &Actor, now: Time) -> Result<bool> {
    if !group.local || who.is_bot() || !who.is_active() {
        return Ok(false);
    }
    let since = db::follows::between(conn, who.id, group.id)?.and_then(|follow| follow.accepted_at);
    let long = since.is_some_and(|since| since <= now.plus_days(-VOTER_DAYS));
    Ok(long && db::members::staff_among(conn, &[who.id])?.is_empty())
}

/// A voter asks whether `person` is staff, first or along with others.
///
/// # Errors
/// `Forbidden` for who does not vote here, `Invalid` for somebody of whom it makes no sense to ask,
/// `Conflict` where it is answered, or was asked lately.
pub fn ask(tx: &mut Tx, voter: ActorId, group: &Actor, person: &Actor) -> Result<Petition> {
    let (voter, now) = (tx.actor(voter)?, tx.now());
    if !voter.local || !is_voter(tx, group, &voter, now)? {
        return Err(Error::forbidden(format!(
            "Who has been a member of this group for {VOTER_DAYS} days, and is no staff, can ask this"
        )));
    }
    may_be_asked_about(tx, group, person, &voter)?;
    let id = match db::petitions::open_about(tx, group.id, person.id)? {
        Some(id) => id,
        None => begin(tx, group, person)?,
    };
    let mut petition = db::petitions::held(tx, id)?.ok_or(Error::NotFound)?;
    if db::petitions::signs(tx, id, voter.id)? {
        return Ok(petition);
    }
    if petition.state != PetitionState::Gathering {
        return Err(Error::Conflict("Enough ask this already; the operator is to answer".into()));
    }
    if db::petitions::open_of(tx, voter.id)? >= MOST_OPEN {
        return Err(Error::Conflict(format!(
            "You ask about {MOST_OPEN} people already; wait for an answer first"
        )));
    }
    db::petitions::sign(tx, id, voter.id, now)?;
    if db::petitions::signers(tx, id)? >= ENOUGH {
        petition.state = PetitionState::Standing;
        petition.stands_since = Some(now);
        petition.due_at = Some(now.plus_days(ANSWER_DAYS));
        db::petitions::advance(tx, &petition)?;
        tx.record(Fact::PetitionCame { petition: Box::new(petition.clone()) });
    }
    Ok(petition)
}

/// A voter asks no longer, as long as too few do.
///
/// # Errors
/// `NotFound` where they do not ask, `Conflict` once enough ask: then it is the group's question.
pub fn ask_no_longer(tx: &mut Tx, voter: ActorId, id: PetitionId) -> Result<Petition> {
    let mut petition = db::petitions::held(tx, id)?.ok_or(Error::NotFound)?;
    if !db::petitions::signs(tx, id, voter)? {
        return Err(Error::NotFound);
    }
    if petition.state != PetitionState::Gathering {
        return Err(Error::Conflict("Enough ask this; it cannot be taken back any more".into()));
    }
    db::petitions::unsign(tx, id, voter)?;
    if db::petitions::signers(tx, id)? == 0 {
        petition.state = PetitionState::Lapsed;
        petition.closed_at = Some(tx.now());
        db::petitions::advance(tx, &petition)?;
    }
    Ok(petition)
}

fn may_be_asked_about(tx: &mut Tx, group: &Actor, person: &Actor, voter: &Actor) -> Result<()> {
    if person.is_group() || !person.is_active() {
        return Err(Error::NotFound);
    }
    if person.id == voter.id {
        return Err(Error::invalid("That is you"));
    }
    if !db::members::staff_among(tx, &[person.id])?.is_empty() {
        return Err(Error::Conflict("They are declared as staff already".into()));
    }
    let takes_part = db::follows::exists(tx, person.id, group.id)?
        || db::receipts::helped_in(tx, group.id, person.id)?;
    if !takes_part {
        return Err(Error::invalid("They are no member of this group, and helped nobody in it"));
    }
    let again = db::petitions::last_refusal(tx, group.id, person.id)?;
    match again.map(|last| last.plus_days(AGAIN_DAYS)).filter(|again| *again > tx.now()) {
        Some(again) => Err(Error::Conflict(format!(
            "This was asked lately; it can be asked again from {} on",
            again.date()
        ))),
        None => Ok(()),
    }
}

/// The first one asks.
fn begin(tx: &mut Tx, group: &Actor, person: &Actor) -> Result<PetitionId> {
    let petition = Petition {
        id: PetitionId(tx.new_id()),
        group_id: group.id,
        person_id: person.id,
        state: PetitionState::Gathering,
        statement: String::new(),
        answered_by: None,
        created_at: tx.now(),
        stands_since: None,
        due_at: None,
        closed_at: None,
    };
    if db::petitions::insert(tx, &petition)? {
        let id = petition.id;
        tx.record(Fact::PetitionCame { petition: Box::new(petition) });
        return Ok(id);
    }
    // Somebody else was first, just now.
    db::petitions::open_about(tx, group.id, person.id)?.ok_or(Error::NotFound)
}

/// An operator answers a petition that stands. That somebody is staff answers every other group that
/// asks about them, too.
///
/// # Errors
/// `Forbidden` for everyone but operators, `NotFound` where nothing waits for an answer, `Invalid` for
/// a no without a sentence.
pub fn respond(tx: &mut Tx, by: Option<ActorId>, id: PetitionId, answer: &Answer) -> Result<()> {
    require_operator(tx, by)?;
    let petition = db::petitions::held(tx, id)?.ok_or(Error::NotFound)?;
    if petition.state != PetitionState::Standing {
        return Err(Error::NotFound);
    }
    match answer {
        Answer::Staff => declare(tx, by, petition.person_id, true).map(drop),
        Answer::NotStaff(statement) => {
            let statement = text::clean_line(statement, MAX_STATEMENT);
            if statement.is_empty() {
                return Err(Error::invalid("Say in a sentence how they stand to you"));
            }
            let person = tx.actor(petition.person_id)?;
            audit(tx, by, "denied that they are staff", &person)?;
            close(tx, id, PetitionState::Denied, by, &statement)
        }
    }
}

/// The time of a petition is over: for those who ask if `standing` is false, else for the operator, whose
/// silence is written down. Nothing happens to one that went on, or was answered.
///
/// # Errors
/// `Internal` from the database.
pub fn end(tx: &mut Tx, id: PetitionId, standing: bool) -> Result<()> {
    let Some(petition) = db::petitions::held(tx, id)? else { return Ok(()) };
    let now = tx.now();
    match petition.state {
        PetitionState::Gathering
            if !standing && petition.created_at.plus_days(GATHER_DAYS) <= now =>
        {
            close(tx, id, PetitionState::Lapsed, None, "")
        }
        PetitionState::Standing if standing && petition.due_at.is_some_and(|due| due <= now) => {
            close(tx, id, PetitionState::Silent, None, "")
        }
        PetitionState::Gathering
        | PetitionState::Lapsed
        | PetitionState::Standing
        | PetitionState::Declared
        | PetitionState::Denied
        | PetitionState::Silent => Ok(()),
    }
}

/// Ends what no task ended in time: one that failed too often is given up.
///
/// # Errors
/// `Internal` from the database.
pub fn end_overdue(tx: &mut Tx) -> Result<()> {
    let now = tx.now();
    for petition in db::petitions::overdue(tx, now, now.plus_days(-GATHER_DAYS))? {
        end(tx, petition.id, petition.state == PetitionState::Standing)?;
    }
    Ok(())
}

/// When the time of an open petition is over.
pub fn ends_at(petition: &Petition) -> Time {
    petition.due_at.unwrap_or(petition.created_at.plus_days(GATHER_DAYS))
}

/// Closes a petition, once.
pub(super) fn close(
    tx: &mut Tx,
    id: PetitionId,
    state: PetitionState,
    by: Option<ActorId>,
    statement: &str,
) -> Result<()> {
    let Some(mut petition) = db::petitions::held(tx, id)? else { return Ok(()) };
    petition.state = state;
    petition.answered_by = by;
    statement.clone_into(&mut petition.statement);
    petition.closed_at = Some(tx.now());
    if db::petitions::advance(tx, &petition)? {
        tx.record(Fact::PetitionCame { petition: Box::new(petition) });
    }
    Ok(())
}
