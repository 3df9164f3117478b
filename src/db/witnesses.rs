//! What this node saw of ledgers elsewhere, and what witnesses say of the ledgers here.
use diesel::prelude::*;

use super::{
    Conn,
    schema::{
        actors, follows, ledger_faults, ledger_followed, ledger_peers, ledger_witnesses, servers,
    },
    servers::ServerClass,
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, ActorKind, Time},
};

text_enum! {
    /// How a ledger contradicts itself.
    FaultKind {
        /// An entry says something else than it did.
        Rewritten = "rewritten",
        /// It is shorter than it was.
        Rewound = "rewound",
        /// Its host signed two ledgers that do not fit together.
        Forked = "forked",
        /// Its head is not signed by the group's key.
        Signature = "signature",
    }
}

/// A row of `ledger_followed`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ledger_followed)]
#[diesel(treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false)]
pub struct Followed {
    /// Whose ledger.
    pub group_id: ActorId,
    /// Up to which entry the copy was compared anew.
    pub read_again: i64,
    /// When the host last showed it.
    pub looked_at: Time,
    /// Why it could not be read last time.
    pub trouble: Option<String>,
}

/// A row of `ledger_witnesses`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_witnesses)]
pub struct CoSignature {
    /// Whose ledger.
    pub group_id: ActorId,
    /// Id of the witness's own actor.
    pub witness: String,
    /// Entries it covers.
    pub size: i64,
    /// JSON, with its proof.
    pub document: String,
    /// The witness's key then, multibase.
    pub signed_with: String,
    /// When it came.
    pub created_at: Time,
}

/// A row of `ledger_faults`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_faults)]
pub struct Fault {
    /// Our name for it.
    pub id: i64,
    /// Whose ledger.
    pub group_id: ActorId,
    /// How it contradicts itself.
    pub kind: FaultKind,
    /// Which entry or size.
    pub subject: String,
    /// JSON: what shows it.
    pub evidence: String,
    /// When it was found.
    pub found_at: Time,
}

/// What is noted of a ledger elsewhere that is followed.
pub fn followed(conn: &mut Conn, group: ActorId) -> QueryResult<Option<Followed>> {
    on!(conn, c => ledger_followed::table
        .find(group)
        .select(Followed::as_select())
        .first(c)
        .optional())
}

/// Notes it.
pub fn set_followed(conn: &mut Conn, followed: &Followed) -> QueryResult<usize> {
    on!(conn, c => diesel::insert_into(ledger_followed::table)
        .values(followed)
        .on_conflict(ledger_followed::group_id)
        .do_update()
        .set(followed)
        .execute(c))
}

/// Groups elsewhere that people here are members of, on servers that keep ledgers, by id.
pub fn to_follow(conn: &mut Conn) -> QueryResult<Vec<ActorId>> {
    let members = diesel::alias!(actors as members);
    follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
        .inner_join(members.on(members.field(actors::id).eq(follows::follower_id)))
        .inner_join(servers::table.on(servers::host.eq(actors::host)))
        .filter(actors::kind.eq(ActorKind::Group).and(actors::local.eq(false)))
        .filter(members.field(actors::local).eq(true).and(actors::deleted_at.is_null()))
        .filter(servers::class.eq(ServerClass::Commonhold).and(follows::accepted_at.is_not_null()))
        .order(actors::id.asc())
        .select(actors::id)
        .distinct()
        .load(conn)
}

/// Copies of which nobody here is a member, and that were looked at last before `before`.
pub fn abandoned(conn: &mut Conn, before: Time) -> QueryResult<Vec<ActorId>> {
    let members = diesel::alias!(actors as members);
    let followed = follows::table
        .inner_join(members.on(members.field(actors::id).eq(follows::follower_id)))
        .filter(follows::target_id.eq(ledger_followed::group_id))
        .filter(members.field(actors::local).eq(true).and(follows::accepted_at.is_not_null()));
    ledger_followed::table
        .filter(ledger_followed::looked_at.lt(before))
        .filter(diesel::dsl::not(diesel::dsl::exists(followed)))
        .order(ledger_followed::group_id.asc())
        .select(ledger_followed::group_id)
        .load(conn)
}

/// A server on which members of a group live; `false` if it is known.
pub fn add_peer(conn: &mut Conn, group: ActorId, origin: &str) -> QueryResult<bool> {
    let row = (ledger_peers::group_id.eq(group), ledger_peers::origin.eq(origin));
    insert_new!(conn, ledger_peers::table, row)
}

/// Servers on which members of a group live, in order; at most `limit`.
pub fn peers(conn: &mut Conn, group: ActorId, limit: i64) -> QueryResult<Vec<String>> {
    on!(conn, c => ledger_peers::table
        .filter(ledger_peers::group_id.eq(group))
        .order(ledger_peers::origin.asc())
        .limit(limit)
        .select(ledger_peers::origin)
        .load(c))
}

/// A co-signature; `false` if it is there.
pub fn add(conn: &mut Conn, signature: &CoSignature) -> QueryResult<bool> {
    insert_new!(conn, ledger_witnesses::table, signature)
}

/// Lets go of all but the newest `keep` co-signatures of a witness.
pub fn trim(conn: &mut Conn, group: ActorId, witness: &str, keep: i64) -> QueryResult<usize> {
    let of = ledger_witnesses::group_id.eq(group).and(ledger_witnesses::witness.eq(witness));
    let last: Option<i64> = on!(conn, c => ledger_witnesses::table
        .filter(of)
        .order(ledger_witnesses::size.desc())
        .offset(keep)
        .limit(1)
        .select(ledger_witnesses::size)
        .first(c)
        .optional())?;
    let Some(last) = last else { return Ok(0) };
    diesel::delete(ledger_witnesses::table.filter(of).filter(ledger_witnesses::size.le(last)))
        .execute(conn)
}

/// The newest co-signature of a witness.
pub fn newest_of(
    conn: &mut Conn,
    group: ActorId,
    witness: &str,
) -> QueryResult<Option<CoSignature>> {
    on!(conn, c => ledger_witnesses::table
        .filter(ledger_witnesses::group_id.eq(group).and(ledger_witnesses::witness.eq(witness)))
        .order(ledger_witnesses::size.desc())
        .select(CoSignature::as_select())
        .first(c)
        .optional())
}

/// How many nodes co-signed a ledger.
pub fn count(conn: &mut Conn, group: ActorId) -> QueryResult<i64> {
    on!(conn, c => ledger_witnesses::table
        .filter(ledger_witnesses::group_id.eq(group))
        .select(diesel::dsl::count(ledger_witnesses::witness).aggregate_distinct())
        .first(c))
}

/// Groups that live here and whose ledgers others co-signed.
pub fn witnessed(conn: &mut Conn) -> QueryResult<Vec<ActorId>> {
    ledger_witnesses::table
        .inner_join(actors::table.on(actors::id.eq(ledger_witnesses::group_id)))
        .filter(actors::local.eq(true))
        .order(ledger_witnesses::group_id.asc())
        .select(ledger_witnesses::group_id)
        .distinct()
        .load(conn)
}

/// Who co-signed a ledger; at most `limit`.
pub fn names(conn: &mut Conn, group: ActorId, limit: i64) -> QueryResult<Vec<String>> {
    on!(conn, c => ledger_witnesses::table
        .filter(ledger_witnesses::group_id.eq(group))
        .order(ledger_witnesses::witness.asc())
        .select(ledger_witnesses::witness)
        .distinct()
        .limit(limit)
        .load(c))
}

/// All co-signatures of a ledger, of the largest size first; at most `limit`.
pub fn all(conn: &mut Conn, group: ActorId, limit: i64) -> QueryResult<Vec<CoSignature>> {
    on!(conn, c => ledger_witnesses::table
        .filter(ledger_witnesses::group_id.eq(group))
        .order((ledger_witnesses::size.desc(), ledger_witnesses::witness.asc()))
        .limit(limit)
        .select(CoSignature::as_select())
        .load(c))
}

/// A fault; `false` if it is noted.
pub fn add_fault(conn: &mut Conn, fault: &Fault) -> QueryResult<bool> {
    insert_new!(conn, ledger_faults::table, fault)
}

/// The fault of an id.
pub fn fault(conn: &mut Conn, id: i64) -> QueryResult<Option<Fault>> {
    on!(conn, c => ledger_faults::table.find(id).select(Fault::as_select()).first(c).optional())
}

/// Faults of a ledger, or of all, the newest first; at most `limit`.
pub fn faults(conn: &mut Conn, group: Option<ActorId>, limit: i64) -> QueryResult<Vec<Fault>> {
    let mut query = ledger_faults::table.select(Fault::as_select()).into_boxed();
    if let Some(group) = group {
        query = query.filter(ledger_faults::group_id.eq(group));
    }
    query.order(ledger_faults::id.desc()).limit(limit).load(conn)
}
