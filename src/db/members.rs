//! What only a local member's own node knows of them.
use diesel::prelude::*;

use super::{
    Conn, account_links, account_news,
    actors::Actor,
    among::Among as _,
    schema::{actors, audit_log, members, staff},
    second_steps,
};
use crate::{
    insert_new, on,
    types::{ActorId, Time, Visibility},
};

/// A row of `members`.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = members)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Member {
    /// The actor they are.
    pub actor_id: ActorId,
    /// As they wrote it.
    pub email: String,
    /// Lower case.
    pub email_key: String,
    /// argon2id, PHC string.
    pub password_hash: String,
    /// Runs this node.
    pub operator: bool,
    /// When the e-mail address was confirmed (at once where no mail is set up).
    pub confirmed_at: Option<Time>,
    /// When an operator let them in (at once where sign-up is open).
    pub approved_at: Option<Time>,
    /// Why they want to join, where that is asked.
    pub sign_up_reason: String,
    /// Who invited them.
    pub invited_by: Option<ActorId>,
    /// Language of pages and mails.
    pub locale: String,
    /// Who sees their posts unless they say otherwise.
    pub default_visibility: Visibility,
    /// Their media are folded unless they say otherwise.
    pub default_sensitive: bool,
    /// Language of their posts.
    pub default_language: Option<String>,
    /// "Leave me out of counts" (R6).
    pub opted_out: bool,
    /// When they signed up.
    pub created_at: Time,
    /// Last seen, to the day.
    pub last_seen_at: Time,
    /// When an operator turned them away.
    pub denied_at: Option<Time>,
    /// Why, in the operator's words; may be empty.
    pub denied_reason: String,
}

impl Member {
    /// May sign in and act.
    pub fn may_act(&self) -> bool {
        self.confirmed_at.is_some() && self.approved_at.is_some()
    }
}

/// The member of an actor.
pub fn by_id(conn: &mut Conn, id: ActorId) -> QueryResult<Option<Member>> {
    on!(conn, c => members::table.find(id).select(Member::as_select()).first(c).optional())
}

/// The member and actor of a name or an e-mail address, either in lower case.
pub fn by_login(conn: &mut Conn, login: &str) -> QueryResult<Option<(Member, Actor)>> {
    on!(conn, c => members::table
        .inner_join(actors::table.on(actors::id.eq(members::actor_id)))
        .filter(members::email_key.eq(login).or(actors::name.eq(login)))
        .filter(actors::local)
        .select((Member::as_select(), Actor::as_select()))
        .first(c)
        .optional())
}

/// A new member; `false` if the e-mail address is taken.
pub fn insert(conn: &mut Conn, member: &Member) -> QueryResult<bool> {
    insert_new!(conn, members::table, member)
}

/// Writes the row anew.
pub fn update(conn: &mut Conn, member: &Member) -> QueryResult<usize> {
    diesel::update(members::table.find(member.actor_id)).set(member).execute(conn)
}

/// Whether an e-mail address (lower case) is taken.
pub fn email_taken(conn: &mut Conn, email_key: &str) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        members::table.filter(members::email_key.eq(email_key)).select(members::actor_id),
    ))
    .get_result(c))
}

/// Whether anyone runs this node yet.
pub fn has_operator(conn: &mut Conn) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        members::table.filter(members::operator.eq(true)).select(members::actor_id),
    ))
    .get_result(c))
}

/// Those of `ids` who are staff: operators, and whom they declare.
pub fn staff_among(conn: &mut Conn, ids: &[ActorId]) -> QueryResult<Vec<ActorId>> {
    let mut found: Vec<ActorId> = on!(conn, c => members::table
        .filter(members::actor_id.among(ids.iter().copied()))
        .filter(members::operator.eq(true))
        .select(members::actor_id)
        .load(c))?;
    let declared: Vec<ActorId> = on!(conn, c => staff::table
        .filter(staff::actor_id.among(ids.iter().copied()))
        .select(staff::actor_id)
        .load(c))?;
    found.extend(declared);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The operators, oldest first.
pub fn operators(conn: &mut Conn) -> QueryResult<Vec<Actor>> {
    on!(conn, c => members::table
        .inner_join(actors::table.on(actors::id.eq(members::actor_id)))
        .filter(members::operator.eq(true).and(actors::deleted_at.is_null()))
        .order(members::actor_id.asc())
        .limit(100)
        .select(Actor::as_select())
        .load(c))
}

/// Sign-ups that wait for an operator, oldest first.
pub fn waiting(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(Member, Actor)>> {
    on!(conn, c => members::table
        .inner_join(actors::table.on(actors::id.eq(members::actor_id)))
        .filter(members::approved_at.is_null().and(members::denied_at.is_null()))
        .filter(actors::deleted_at.is_null())
        .order(members::actor_id.asc())
        .limit(limit)
        .select((Member::as_select(), Actor::as_select()))
        .load(c))
}

/// How many sign-ups wait for an operator.
pub fn waiting_count(conn: &mut Conn) -> QueryResult<i64> {
    members::table
        .filter(members::approved_at.is_null().and(members::denied_at.is_null()))
        .count()
        .get_result(conn)
}

/// Notes that a member was here.
pub fn seen(conn: &mut Conn, id: ActorId, now: Time) -> QueryResult<usize> {
    diesel::update(members::table.find(id)).set(members::last_seen_at.eq(now)).execute(conn)
}

/// Erases a member's private data.
pub fn delete(conn: &mut Conn, id: ActorId) -> QueryResult<usize> {
    second_steps::forget(conn, id)?;
    account_links::erase(conn, id)?;
    account_news::erase(conn, id)?;
    diesel::delete(members::table.find(id)).execute(conn)
}

/// Writes a privileged act down; `actor` is none for the command line.
pub fn audit(
    conn: &mut Conn,
    id: i64,
    actor: Option<ActorId>,
    act: &str,
    subject: &str,
    now: Time,
) -> QueryResult<usize> {
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::id.eq(id),
            audit_log::actor_id.eq(actor),
            audit_log::act.eq(act),
            audit_log::subject.eq(subject),
            audit_log::created_at.eq(now),
        ))
        .execute(conn)
}
