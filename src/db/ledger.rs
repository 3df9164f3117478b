//! Ledgers: rows of entries, the nodes of their trees, signed heads. What they mean is `ledger`'s.
use std::ops::Range;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{
        ledger_entries, ledger_heads, ledger_names, ledger_nodes, ledger_people, ledger_state,
        ledger_threads,
    },
};
use crate::{
    error::{Error, Result},
    insert_new,
    ledger::{Hash, tree},
    on,
    types::{ActorId, PostId, Time},
};

/// A row of `ledger_state`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_state)]
pub struct State {
    /// Whose ledger.
    pub group_id: ActorId,
    /// Entries.
    pub size: i64,
    /// Roots of the whole subtrees on the right edge, as `ledger::Frontier` writes them.
    pub frontier: String,
    /// Time of the last entry.
    pub last_at: Time,
}

/// A row of `ledger_entries`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_entries)]
#[diesel(treat_none_as_default_value = false)]
pub struct Entry {
    /// Whose ledger.
    pub group_id: ActorId,
    /// The how many-th, from 0.
    pub seq: i64,
    /// SHA-256 of salt and payload, hex.
    pub commitment: String,
    /// 16 bytes, hex; gone with what was erased.
    pub salt: Option<String>,
    /// Canonical JSON; gone with what was erased.
    pub payload: Option<String>,
    /// With which key a person signed what stands in it, as far as this node knows; multibase.
    pub signed_with: Option<String>,
    /// It came back after a loss: its host's table says nothing of it.
    pub restored: bool,
}

/// A row of `ledger_names`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Insertable)]
#[diesel(table_name = ledger_names)]
pub struct Name {
    /// Whom an entry names.
    pub actor_id: ActorId,
    /// Whose ledger.
    pub group_id: ActorId,
    /// Which entry.
    pub seq: i64,
}

/// A row of `ledger_nodes`.
#[derive(Clone, Debug, PartialEq, Eq, Insertable)]
#[diesel(table_name = ledger_nodes)]
pub struct Node {
    /// Whose ledger.
    pub group_id: ActorId,
    /// 8: the root of 256 entries, 16: of 65,536 ..
    pub level: i32,
    /// The how many-th of its level, from 0.
    pub position: i64,
    /// Hex.
    pub hash: String,
}

/// A row of `ledger_heads`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_heads)]
pub struct Head {
    /// Whose ledger.
    pub group_id: ActorId,
    /// Entries it covers.
    pub size: i64,
    /// JSON, with its proof.
    pub document: String,
    /// When it was signed, or came here.
    pub created_at: Time,
}

/// A row of `ledger_people`: what a ledger says of a person so far.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ledger_people)]
#[expect(clippy::struct_excessive_bools, reason = "a row: each is a column of its own")]
pub struct Person {
    /// Whose ledger.
    pub group_id: ActorId,
    /// Of whom.
    pub actor_id: ActorId,
    /// A member.
    pub member: bool,
    /// A program.
    pub bot: bool,
    /// Staff of this node.
    pub staff: bool,
    /// Left out of counts.
    pub opted_out: bool,
    /// Began a thread before.
    pub wrote: bool,
    /// Last week in which they were active; -1 for none.
    pub week: i64,
}

/// How far a ledger has come; `None` where there is none.
pub fn state(conn: &mut Conn, group: ActorId) -> QueryResult<Option<State>> {
    on!(conn, c => ledger_state::table.find(group).select(State::as_select()).first(c).optional())
}

/// The same, and until this change ends nobody else appends.
pub fn locked_state(conn: &mut Conn, group: ActorId) -> QueryResult<Option<State>> {
    super::lock(conn, group.0)?;
    state(conn, group)
}

/// Begins a ledger; `false` if it has begun.
pub fn begin(conn: &mut Conn, state: &State) -> QueryResult<bool> {
    insert_new!(conn, ledger_state::table, state)
}

/// How far it has come now.
pub fn advance(conn: &mut Conn, state: &State) -> QueryResult<usize> {
    super::prepared::Prepared::new(
        "UPDATE ledger_state SET size = ?, frontier = ?, last_at = ? WHERE group_id = ?",
    )
    .number(state.size)
    .text(&state.frontier)
    .number(state.last_at.0)
    .number(state.group_id.0)
    .run(conn)
}

/// Most rows of one statement: `SQLite` takes so many marks in one.
const BATCH: usize = 1_000;

/// New entries, at the end of what is there.
pub fn append(conn: &mut Conn, entries: &[Entry]) -> QueryResult<()> {
    for some in entries.chunks(BATCH) {
        on!(conn, c => diesel::insert_into(ledger_entries::table).values(some).execute(c))?;
    }
    Ok(())
}

/// Notes whom new entries name, each once.
pub fn name(conn: &mut Conn, names: &[Name]) -> QueryResult<()> {
    for some in names.chunks(BATCH) {
        on!(conn, c => diesel::insert_into(ledger_names::table).values(some).execute(c))?;
    }
    Ok(())
}

/// Roots of subtrees that have become whole.
pub fn add_nodes(conn: &mut Conn, nodes: &[Node]) -> QueryResult<()> {
    for some in nodes.chunks(BATCH) {
        on!(conn, c => diesel::insert_into(ledger_nodes::table).values(some).execute(c))?;
    }
    Ok(())
}

/// All nodes of a level, in order; at most `limit` from `from` on.
fn nodes(
    conn: &mut Conn,
    group: ActorId,
    level: i32,
    from: i64,
    limit: i64,
) -> QueryResult<Vec<String>> {
    on!(conn, c => ledger_nodes::table
        .filter(ledger_nodes::group_id.eq(group).and(ledger_nodes::level.eq(level)))
        .filter(ledger_nodes::position.ge(from))
        .order(ledger_nodes::position.asc())
        .limit(limit)
        .select(ledger_nodes::hash)
        .load(c))
}

/// Nodes of the tree as proofs are made from them: of the leaves the commitments are kept.
///
/// # Errors
/// `Internal` from the database, and where a row holds no hash.
pub fn tree_nodes(
    conn: &mut Conn,
    group: ActorId,
    level: u32,
    range: Range<u64>,
) -> Result<Vec<Hash>> {
    let from = i64::try_from(range.start).map_err(Error::internal)?;
    let count = i64::try_from(range.end.saturating_sub(range.start)).map_err(Error::internal)?;
    let read = |text: String| {
        Hash::read(&text).ok_or_else(|| Error::internal("the ledger holds a hash that is none"))
    };
    if level == 0 {
        let found = commitments(conn, group, from, count)?;
        return found.into_iter().map(|text| read(text).map(|hash| tree::leaf(&hash))).collect();
    }
    let level = i32::try_from(level).map_err(Error::internal)?;
    nodes(conn, group, level, from, count)?.into_iter().map(read).collect()
}

/// Entries from `from` on, in order; at most `limit`.
pub fn entries(conn: &mut Conn, group: ActorId, from: i64, limit: i64) -> QueryResult<Vec<Entry>> {
    on!(conn, c => ledger_entries::table
        .filter(ledger_entries::group_id.eq(group).and(ledger_entries::seq.ge(from)))
        .order(ledger_entries::seq.asc())
        .limit(limit)
        .select(Entry::as_select())
        .load(c))
}

/// Commitments from `from` on, in order; at most `limit`.
fn commitments(conn: &mut Conn, group: ActorId, from: i64, limit: i64) -> QueryResult<Vec<String>> {
    on!(conn, c => ledger_entries::table
        .filter(ledger_entries::group_id.eq(group).and(ledger_entries::seq.ge(from)))
        .order(ledger_entries::seq.asc())
        .limit(limit)
        .select(ledger_entries::commitment)
        .load(c))
}

/// Which entries name somebody, in order.
pub fn naming(conn: &mut Conn, group: ActorId, actor: ActorId) -> QueryResult<Vec<i64>> {
    on!(conn, c => ledger_names::table
        .filter(ledger_names::actor_id.eq(actor).and(ledger_names::group_id.eq(group)))
        .order(ledger_names::seq.asc())
        .select(ledger_names::seq)
        .load(c))
}

/// In which ledgers, of those here and those that are followed, somebody is named.
pub fn naming_ledgers(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => ledger_names::table
        .filter(ledger_names::actor_id.eq(actor))
        .order(ledger_names::group_id.asc())
        .select(ledger_names::group_id)
        .distinct()
        .load(c))
}

/// Whom an entry names.
pub fn named_by(conn: &mut Conn, group: ActorId, seq: i64) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => ledger_names::table
        .filter(ledger_names::group_id.eq(group).and(ledger_names::seq.eq(seq)))
        .order(ledger_names::actor_id.asc())
        .select(ledger_names::actor_id)
        .load(c))
}

/// The entries of these numbers, in order; at most a thousand.
pub fn these(conn: &mut Conn, group: ActorId, seqs: &[i64]) -> QueryResult<Vec<Entry>> {
    on!(conn, c => ledger_entries::table
        .filter(ledger_entries::group_id.eq(group))
        .filter(ledger_entries::seq.among(seqs.iter().copied()))
        .order(ledger_entries::seq.asc())
        .select(Entry::as_select())
        .load(c))
}

/// Drops what an entry says, and leaves that there was one.
pub fn erase(conn: &mut Conn, group: ActorId, seq: i64) -> QueryResult<usize> {
    diesel::delete(
        ledger_names::table.filter(ledger_names::group_id.eq(group).and(ledger_names::seq.eq(seq))),
    )
    .execute(conn)?;
    diesel::update(ledger_entries::table.find((group, seq)))
        .set((
            ledger_entries::salt.eq(None::<String>),
            ledger_entries::payload.eq(None::<String>),
            ledger_entries::signed_with.eq(None::<String>),
        ))
        .execute(conn)
}

/// Drops what all entries of a copy say.
pub fn drop_payloads(conn: &mut Conn, group: ActorId) -> QueryResult<usize> {
    diesel::delete(ledger_names::table.filter(ledger_names::group_id.eq(group))).execute(conn)?;
    diesel::update(
        ledger_entries::table
            .filter(ledger_entries::group_id.eq(group).and(ledger_entries::payload.is_not_null())),
    )
    .set((
        ledger_entries::salt.eq(None::<String>),
        ledger_entries::payload.eq(None::<String>),
        ledger_entries::signed_with.eq(None::<String>),
    ))
    .execute(conn)
}

/// It came back after a loss.
pub fn set_restored(conn: &mut Conn, group: ActorId, seq: i64) -> QueryResult<usize> {
    diesel::update(ledger_entries::table.find((group, seq)))
        .set(ledger_entries::restored.eq(true))
        .execute(conn)
}

/// The ledger says nothing of somebody any more.
pub fn forget_person(conn: &mut Conn, group: ActorId, actor: ActorId) -> QueryResult<usize> {
    diesel::delete(ledger_people::table.find((group, actor))).execute(conn)
}

/// What a ledger says of a person so far.
pub fn person(conn: &mut Conn, group: ActorId, actor: ActorId) -> QueryResult<Option<Person>> {
    on!(conn, c => ledger_people::table
        .find((group, actor))
        .select(Person::as_select())
        .first(c)
        .optional())
}

/// Writes down what it says of them now.
pub fn set_person(conn: &mut Conn, person: &Person) -> QueryResult<usize> {
    on!(conn, c => diesel::insert_into(ledger_people::table)
        .values(person)
        .on_conflict((ledger_people::group_id, ledger_people::actor_id))
        .do_update()
        .set(person)
        .execute(c))
}

/// In which ledgers a person stands; bounded by the groups they are in.
pub fn ledgers_of(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => ledger_people::table
        .filter(ledger_people::actor_id.eq(actor))
        .order(ledger_people::group_id.asc())
        .select(ledger_people::group_id)
        .load(c))
}

/// Looks out for the first answers to a thread.
pub fn watch(conn: &mut Conn, thread: PostId) -> QueryResult<bool> {
    let row = (
        ledger_threads::thread_id.eq(thread),
        ledger_threads::by_member.eq(false),
        ledger_threads::by_staff.eq(false),
    );
    insert_new!(conn, ledger_threads::table, row)
}

/// Whether a thread is looked out for, and was answered by a member, and by staff.
pub fn watched(conn: &mut Conn, thread: PostId) -> QueryResult<Option<(bool, bool)>> {
    on!(conn, c => ledger_threads::table
        .find(thread)
        .select((ledger_threads::by_member, ledger_threads::by_staff))
        .first(c)
        .optional())
}

/// It was answered, by staff or by another member.
pub fn answered(conn: &mut Conn, thread: PostId, staff: bool) -> QueryResult<usize> {
    let row = ledger_threads::table.find(thread);
    if staff {
        diesel::update(row).set(ledger_threads::by_staff.eq(true)).execute(conn)
    } else {
        diesel::update(row).set(ledger_threads::by_member.eq(true)).execute(conn)
    }
}

/// A signed head; one of that size that is there already stays.
pub fn add_head(conn: &mut Conn, head: &Head) -> QueryResult<bool> {
    insert_new!(conn, ledger_heads::table, head)
}

/// The signed head of a size.
pub fn head(conn: &mut Conn, group: ActorId, size: i64) -> QueryResult<Option<Head>> {
    on!(conn, c => ledger_heads::table
        .find((group, size))
        .select(Head::as_select())
        .first(c)
        .optional())
}

/// The newest signed head.
pub fn newest_head(conn: &mut Conn, group: ActorId) -> QueryResult<Option<Head>> {
    on!(conn, c => ledger_heads::table
        .filter(ledger_heads::group_id.eq(group))
        .order(ledger_heads::size.desc())
        .select(Head::as_select())
        .first(c)
        .optional())
}

/// Signed heads with more than one signature: those at which a group's key was handed over.
pub fn handovers(conn: &mut Conn, group: ActorId) -> QueryResult<Vec<Head>> {
    on!(conn, c => ledger_heads::table
        .filter(ledger_heads::group_id.eq(group))
        .filter(ledger_heads::document.like("%\"proof\":[%"))
        .order(ledger_heads::size.asc())
        .select(Head::as_select())
        .load(c))
}
