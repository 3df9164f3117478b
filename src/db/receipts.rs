//! Help receipts of the groups that live here, and what remote hosts say of theirs.
use std::collections::BTreeSet;

use diesel::{dsl::count_star, prelude::*};

use super::{
    Conn,
    page::Page,
    schema::{receipts, remote_figures},
};
use crate::{
    on, text_enum,
    types::{ActorId, PostId, ReceiptId, Time},
};

text_enum! {
    /// How the receiver said it (R2).
    Via {
        /// A reply with `#thanks` under the helpful one.
        Reply = "reply",
        /// A 🙏 reaction from elsewhere.
        Reaction = "reaction",
        /// The button "This helped me", or the API.
        Button = "button",
        /// `PieFed`'s mark for the reply that answers, set by who asked.
        Answer = "answer",
        /// A top-level post with `#thanks` that mentions the helper.
        Post = "post",
    }
}

text_enum! {
    /// Why a receipt is not counted (R4).
    Reason {
        /// Helper and receiver are one.
        Oneself = "oneself",
        /// One of the two is a bot.
        Bot = "bot",
        /// The receiver is not a member of the group.
        NotAMember = "not_a_member",
        /// The receiver's account is not known here long enough.
        TooNew = "too_new",
        /// One of the two wants to be left out of counts.
        OptedOut = "opted_out",
        /// One of the two blocks the other.
        Blocked = "blocked",
        /// The helper declined it.
        Declined = "declined",
        /// This pair has one in this thread.
        OnePerThread = "one_per_thread",
        /// This pair has one in these seven days.
        OnePerWeek = "one_per_week",
        /// This pair has three in these ninety days.
        ThreePerQuarter = "three_per_quarter",
        /// The receiver gave out five today.
        FivePerDay = "five_per_day",
    }
}

/// A row of `receipts`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = receipts)]
#[diesel(treat_none_as_default_value = false)]
pub struct Receipt {
    /// Our name for it.
    pub id: ReceiptId,
    /// In which group.
    pub group_id: ActorId,
    /// In which thread.
    pub thread_id: PostId,
    /// The reply that helped; none for help elsewhere.
    pub reply_id: Option<PostId>,
    /// Who helped.
    pub helper_id: ActorId,
    /// Who was helped.
    pub receiver_id: ActorId,
    /// How it was said.
    pub via: Via,
    /// Id of the post or Like that said so.
    pub cause_uri: Option<String>,
    /// Counts.
    pub counted: bool,
    /// Why it does not.
    pub reason: Option<Reason>,
    /// One of the two is staff: counted apart (R5).
    pub staff: bool,
    /// They live on different domains.
    pub across_nodes: bool,
    /// When it was said.
    pub created_at: Time,
    /// When the receiver took it back.
    pub undone_at: Option<Time>,
    /// When the helper declined it.
    pub declined_at: Option<Time>,
    /// Which entry of the ledger records it.
    pub entry: Option<i64>,
    /// Random; nobody is told.
    pub nonce: String,
}

/// What a group's page and API show of its help; sums only (R6).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    schemars::JsonSchema,
    serde::Serialize,
    serde::Deserialize,
)]
#[schemars(rename = "GroupHelp")]
pub struct Figures {
    /// Days the figures look back.
    pub window_days: i64,
    /// Counted receipts, without staff's.
    pub receipts: i64,
    /// People who helped.
    pub helpers: i64,
    /// People who were helped.
    pub helped: i64,
    /// Receipts between people on different domains.
    pub across_nodes: i64,
    /// Counted receipts with staff on either side, apart.
    pub by_staff: i64,
}

/// A new receipt.
pub fn insert(conn: &mut Conn, receipt: &Receipt) -> QueryResult<usize> {
    diesel::insert_into(receipts::table).values(receipt).execute(conn)
}

/// The receipt of an id.
pub fn by_id(conn: &mut Conn, id: ReceiptId) -> QueryResult<Option<Receipt>> {
    on!(conn, c => receipts::table.find(id).select(Receipt::as_select()).first(c).optional())
}

/// The receipt from this receiver for this helper in this thread that stands, counted or not;
/// the counted one first.
pub fn standing(
    conn: &mut Conn,
    thread: PostId,
    receiver: ActorId,
    helper: ActorId,
) -> QueryResult<Option<Receipt>> {
    on!(conn, c => receipts::table
        .filter(receipts::thread_id.eq(thread).and(receipts::receiver_id.eq(receiver)))
        .filter(receipts::helper_id.eq(helper).and(receipts::undone_at.is_null()))
        .order((receipts::counted.desc(), receipts::id.asc()))
        .select(Receipt::as_select())
        .first(c)
        .optional())
}

/// Receipts for a reply that stand.
pub fn of_reply(conn: &mut Conn, reply: PostId) -> QueryResult<Vec<Receipt>> {
    on!(conn, c => receipts::table
        .filter(receipts::reply_id.eq(reply).and(receipts::undone_at.is_null()))
        .select(Receipt::as_select())
        .load(c))
}

/// Receipts of a thread that stand, oldest first; bounded by the caps and the replies.
pub fn of_thread(conn: &mut Conn, thread: PostId) -> QueryResult<Vec<Receipt>> {
    on!(conn, c => receipts::table
        .filter(receipts::thread_id.eq(thread).and(receipts::undone_at.is_null()))
        .order(receipts::id.asc())
        .limit(2_000)
        .select(Receipt::as_select())
        .load(c))
}

/// Receipts that a post or a Like caused and that stand.
pub fn of_cause(conn: &mut Conn, cause_uri: &str) -> QueryResult<Vec<Receipt>> {
    on!(conn, c => receipts::table
        .filter(receipts::cause_uri.eq(cause_uri).and(receipts::undone_at.is_null()))
        .select(Receipt::as_select())
        .load(c))
}

/// Counted receipts of a pair since `since`, in any group here.
pub fn counted_of_pair(
    conn: &mut Conn,
    receiver: ActorId,
    helper: ActorId,
    since: Time,
) -> QueryResult<i64> {
    on!(conn, c => receipts::table
        .filter(receipts::receiver_id.eq(receiver).and(receipts::helper_id.eq(helper)))
        .filter(receipts::created_at.gt(since).and(receipts::counted.eq(true)))
        .filter(receipts::undone_at.is_null())
        .count()
        .get_result(c))
}

/// Counted receipts that a receiver gave out since `since`, in any group here.
pub fn counted_of_receiver(conn: &mut Conn, receiver: ActorId, since: Time) -> QueryResult<i64> {
    on!(conn, c => receipts::table
        .filter(receipts::receiver_id.eq(receiver).and(receipts::created_at.gt(since)))
        .filter(receipts::counted.eq(true).and(receipts::undone_at.is_null()))
        .count()
        .get_result(c))
}

/// Notes which entry of the ledger records a receipt.
pub fn set_entry(conn: &mut Conn, id: ReceiptId, seq: i64) -> QueryResult<usize> {
    super::prepared::Prepared::new("UPDATE receipts SET entry = ? WHERE id = ?")
        .number(seq)
        .number(id.0)
        .run(conn)
}

/// The receipts that entries record, of those from `from` to before `to`.
pub fn of_entries(
    conn: &mut Conn,
    group: ActorId,
    from: i64,
    to: i64,
) -> QueryResult<Vec<Receipt>> {
    on!(conn, c => receipts::table
        .filter(receipts::group_id.eq(group))
        .filter(receipts::entry.ge(from).and(receipts::entry.lt(to)))
        .order(receipts::entry.asc())
        .select(Receipt::as_select())
        .load(c))
}

/// Receipts of a group that name somebody, counted or not.
pub fn of_person_in(conn: &mut Conn, group: ActorId, person: ActorId) -> QueryResult<Vec<Receipt>> {
    on!(conn, c => receipts::table
        .filter(receipts::group_id.eq(group))
        .filter(receipts::helper_id.eq(person).or(receipts::receiver_id.eq(person)))
        .order(receipts::id.asc())
        .select(Receipt::as_select())
        .load(c))
}

/// Drops them.
pub fn forget(conn: &mut Conn, group: ActorId, person: ActorId) -> QueryResult<usize> {
    diesel::delete(
        receipts::table
            .filter(receipts::group_id.eq(group))
            .filter(receipts::helper_id.eq(person).or(receipts::receiver_id.eq(person))),
    )
    .execute(conn)
}

/// Drops what an entry that was erased recorded.
pub fn forget_entry(conn: &mut Conn, group: ActorId, entry: i64) -> QueryResult<usize> {
    diesel::delete(
        receipts::table.filter(receipts::group_id.eq(group).and(receipts::entry.eq(entry))),
    )
    .execute(conn)
}

/// The receiver takes it back.
pub fn undo(conn: &mut Conn, id: ReceiptId, now: Time) -> QueryResult<usize> {
    diesel::update(receipts::table.find(id)).set(receipts::undone_at.eq(now)).execute(conn)
}

/// The helper declines it: it stays, and is not counted.
pub fn decline(conn: &mut Conn, id: ReceiptId, now: Time) -> QueryResult<usize> {
    diesel::update(receipts::table.find(id))
        .set((
            receipts::declined_at.eq(now),
            receipts::counted.eq(false),
            receipts::reason.eq(Reason::Declined),
        ))
        .execute(conn)
}

/// Whether somebody in a group said that a person helped them, and it counts.
pub fn helped_in(conn: &mut Conn, group: ActorId, person: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(
        receipts::table
            .filter(receipts::helper_id.eq(person).and(receipts::group_id.eq(group)))
            .filter(receipts::counted.eq(true).and(receipts::undone_at.is_null()))
            .select(receipts::id),
    ))
    .get_result(c))
}

/// A person's own receipts, given and got, newest first; for their own eyes.
pub fn of_person(conn: &mut Conn, person: ActorId, page: &Page) -> QueryResult<Vec<Receipt>> {
    let query = receipts::table
        .filter(receipts::helper_id.eq(person).or(receipts::receiver_id.eq(person)))
        .select(Receipt::as_select())
        .into_boxed();
    crate::paged!(query, receipts::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// The figures of a group for what was said since `since`.
pub fn figures(
    conn: &mut Conn,
    group: ActorId,
    since: Time,
    window_days: i64,
) -> QueryResult<Figures> {
    let rows: Vec<(ActorId, ActorId, bool, bool)> = receipts::table
        .filter(receipts::group_id.eq(group).and(receipts::created_at.gt(since)))
        .filter(receipts::counted.eq(true).and(receipts::undone_at.is_null()))
        .select((
            receipts::helper_id,
            receipts::receiver_id,
            receipts::across_nodes,
            receipts::staff,
        ))
        .load(conn)?;
    let size = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let by_members: Vec<_> = rows.iter().filter(|(.., staff)| !staff).collect();
    Ok(Figures {
        window_days,
        receipts: size(by_members.len()),
        helpers: size(by_members.iter().map(|row| row.0).collect::<BTreeSet<_>>().len()),
        helped: size(by_members.iter().map(|row| row.1).collect::<BTreeSet<_>>().len()),
        across_nodes: size(by_members.iter().filter(|(_, _, across, _)| *across).count()),
        by_staff: size(rows.len() - by_members.len()),
    })
}

/// How many counted receipts there are on this node.
pub fn total(conn: &mut Conn) -> QueryResult<i64> {
    on!(conn, c => receipts::table
        .filter(receipts::counted.eq(true).and(receipts::undone_at.is_null()))
        .select(count_star())
        .first(c))
}

/// What the host of a remote group last said, and when it was asked.
pub fn remote_figures(conn: &mut Conn, group: ActorId) -> QueryResult<Option<(String, Time)>> {
    on!(conn, c => remote_figures::table
        .find(group)
        .select((remote_figures::figures, remote_figures::fetched_at))
        .first(c)
        .optional())
}

/// Writes down what the host of a remote group says.
pub fn set_remote_figures(
    conn: &mut Conn,
    group: ActorId,
    figures: &str,
    now: Time,
) -> QueryResult<()> {
    diesel::delete(remote_figures::table.find(group)).execute(conn)?;
    diesel::insert_into(remote_figures::table)
        .values((
            remote_figures::group_id.eq(group),
            remote_figures::figures.eq(figures),
            remote_figures::fetched_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}
