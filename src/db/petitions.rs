//! What voters of groups ask the operator about: whether somebody is staff.
use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{staff_petitioners, staff_petitions},
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, PetitionId, Time},
};

text_enum! {
    /// How far a petition got.
    PetitionState {
        /// Too few ask yet.
        Gathering = "gathering",
        /// Too few asked in time.
        Lapsed = "lapsed",
        /// Enough ask: the operator is to answer.
        Standing = "standing",
        /// The operator says that the person is staff.
        Declared = "declared",
        /// The operator says that they are not.
        Denied = "denied",
        /// The operator said nothing in time.
        Silent = "silent",
    }
}

/// A row of `staff_petitions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = staff_petitions)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Petition {
    /// Our name for it.
    pub id: PetitionId,
    /// Whose voters ask.
    pub group_id: ActorId,
    /// About whom.
    pub person_id: ActorId,
    /// How far it got.
    pub state: PetitionState,
    /// What the operator says to it, plain text; may be empty.
    pub statement: String,
    /// The operator who answered; none for the command line, and before an answer.
    pub answered_by: Option<ActorId>,
    /// When the first one asked.
    pub created_at: Time,
    /// Since when enough ask.
    pub stands_since: Option<Time>,
    /// Until when the operator may answer.
    pub due_at: Option<Time>,
    /// When it was answered, or its time was over.
    pub closed_at: Option<Time>,
}

/// A new petition; `false` if there is an open one of this group about this person.
pub fn insert(conn: &mut Conn, petition: &Petition) -> QueryResult<bool> {
    insert_new!(conn, staff_petitions::table, petition)
}

/// Writes down what became of an open petition; `false` if it is closed already.
pub fn advance(conn: &mut Conn, petition: &Petition) -> QueryResult<bool> {
    let open = staff_petitions::table
        .filter(staff_petitions::id.eq(petition.id))
        .filter(staff_petitions::closed_at.is_null());
    Ok(diesel::update(open).set(petition).execute(conn)? == 1)
}

/// A petition, held until this change ends: those that two changes are about are decided one by one.
pub fn held(conn: &mut Conn, id: PetitionId) -> QueryResult<Option<Petition>> {
    let row = staff_petitions::table.find(id);
    match conn {
        Conn::Sqlite(c) => row.select(Petition::as_select()).first(c).optional(),
        Conn::Postgres(c) => row.select(Petition::as_select()).for_update().first(c).optional(),
    }
}

/// The open petition of a group about a person.
pub fn open_about(
    conn: &mut Conn,
    group: ActorId,
    person: ActorId,
) -> QueryResult<Option<PetitionId>> {
    on!(conn, c => staff_petitions::table
        .filter(staff_petitions::group_id.eq(group).and(staff_petitions::person_id.eq(person)))
        .filter(staff_petitions::closed_at.is_null())
        .select(staff_petitions::id)
        .first(c)
        .optional())
}

/// The open petitions about a person, in any group; always in the same order.
pub fn all_open_about(conn: &mut Conn, person: ActorId) -> QueryResult<Vec<PetitionId>> {
    on!(conn, c => staff_petitions::table
        .filter(staff_petitions::person_id.eq(person))
        .filter(staff_petitions::closed_at.is_null())
        .order(staff_petitions::id.asc())
        .select(staff_petitions::id)
        .load(c))
}

/// When a group was last refused an answer about a person, or got none.
pub fn last_refusal(conn: &mut Conn, group: ActorId, person: ActorId) -> QueryResult<Option<Time>> {
    let last: Option<Option<Time>> = on!(conn, c => staff_petitions::table
        .filter(staff_petitions::group_id.eq(group).and(staff_petitions::person_id.eq(person)))
        .filter(staff_petitions::state.eq(PetitionState::Denied)
            .or(staff_petitions::state.eq(PetitionState::Silent)))
        .order(staff_petitions::closed_at.desc())
        .select(staff_petitions::closed_at)
        .first(c)
        .optional())?;
    Ok(last.flatten())
}

/// Somebody asks too; `false` if they do already.
pub fn sign(conn: &mut Conn, id: PetitionId, who: ActorId, now: Time) -> QueryResult<bool> {
    insert_new!(
        conn,
        staff_petitioners::table,
        (
            staff_petitioners::petition_id.eq(id),
            staff_petitioners::actor_id.eq(who),
            staff_petitioners::created_at.eq(now),
        ),
    )
}

/// Somebody asks no longer.
pub fn unsign(conn: &mut Conn, id: PetitionId, who: ActorId) -> QueryResult<usize> {
    diesel::delete(staff_petitioners::table.find((id, who))).execute(conn)
}

/// How many ask.
pub fn signers(conn: &mut Conn, id: PetitionId) -> QueryResult<i64> {
    on!(conn, c => staff_petitioners::table
        .filter(staff_petitioners::petition_id.eq(id))
        .count()
        .get_result(c))
}

/// Whether somebody asks.
pub fn signs(conn: &mut Conn, id: PetitionId, who: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        staff_petitioners::table.find((id, who)).select(staff_petitioners::actor_id),
    ))
    .get_result(c))
}

/// In how many open petitions somebody asks.
pub fn open_of(conn: &mut Conn, who: ActorId) -> QueryResult<i64> {
    on!(conn, c => staff_petitioners::table
        .inner_join(staff_petitions::table.on(staff_petitions::id.eq(staff_petitioners::petition_id)))
        .filter(staff_petitioners::actor_id.eq(who))
        .filter(staff_petitions::closed_at.is_null())
        .count()
        .get_result(c))
}

/// Petitions of a group in one of these states, the newest first; at most `limit`.
pub fn of_group(
    conn: &mut Conn,
    group: ActorId,
    states: &[PetitionState],
    limit: i64,
) -> QueryResult<Vec<Petition>> {
    on!(conn, c => staff_petitions::table
        .filter(staff_petitions::group_id.eq(group))
        .filter(staff_petitions::state.among(states.iter().copied()))
        .order(staff_petitions::id.desc())
        .limit(limit)
        .select(Petition::as_select())
        .load(c))
}

/// Petitions that wait for the operator, the most urgent first; at most `limit`.
pub fn standing(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Petition>> {
    on!(conn, c => staff_petitions::table
        .filter(staff_petitions::state.eq(PetitionState::Standing))
        .order((staff_petitions::due_at.asc(), staff_petitions::id.asc()))
        .limit(limit)
        .select(Petition::as_select())
        .load(c))
}

/// Open petitions whose time was over before `due`, or that too few asked since before `begun`.
pub fn overdue(conn: &mut Conn, due: Time, begun: Time) -> QueryResult<Vec<Petition>> {
    let forgotten = staff_petitions::state
        .eq(PetitionState::Gathering)
        .and(staff_petitions::created_at.le(begun));
    let unanswered =
        staff_petitions::state.eq(PetitionState::Standing).and(staff_petitions::due_at.le(due));
    on!(conn, c => staff_petitions::table
        .filter(staff_petitions::closed_at.is_null())
        .filter(forgotten.or(unanswered.assume_not_null()))
        .order(staff_petitions::id.asc())
        .limit(500)
        .select(Petition::as_select())
        .load(c))
}

/// How many wait for the operator.
pub fn standing_count(conn: &mut Conn) -> QueryResult<i64> {
    staff_petitions::table
        .filter(staff_petitions::state.eq(PetitionState::Standing))
        .count()
        .get_result(conn)
}

/// Drops petitions of a group about somebody, and that they asked in others.
pub fn forget(conn: &mut Conn, group: ActorId, person: ActorId) -> QueryResult<()> {
    let here = staff_petitions::table
        .filter(staff_petitions::group_id.eq(group))
        .select(staff_petitions::id);
    let about = here.filter(staff_petitions::person_id.eq(person));
    diesel::delete(staff_petitioners::table.filter(staff_petitioners::petition_id.eq_any(about)))
        .execute(conn)?;
    diesel::delete(
        staff_petitioners::table
            .filter(staff_petitioners::actor_id.eq(person))
            .filter(staff_petitioners::petition_id.eq_any(here)),
    )
    .execute(conn)?;
    diesel::delete(
        staff_petitions::table
            .filter(staff_petitions::group_id.eq(group).and(staff_petitions::person_id.eq(person))),
    )
    .execute(conn)?;
    Ok(())
}
