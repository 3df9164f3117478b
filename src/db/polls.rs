//! Questions with choices.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{poll_votes, polls},
};
use crate::{
    insert_new, on,
    types::{ActorId, PollId, PostId, Time},
};

/// A row of `polls`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = polls)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Poll {
    /// Our name for it.
    pub id: PollId,
    /// The post that asks.
    pub post_id: PostId,
    /// More than one choice may be ticked.
    pub multiple: bool,
    /// JSON of `[Choice]`.
    pub options: String,
    /// How many voted, where known.
    pub voters_count: Option<i64>,
    /// When it ends.
    pub ends_at: Option<Time>,
    /// When its end was acted on.
    pub closed_at: Option<Time>,
    /// How often each choice was ticked is shown to nobody before the end.
    pub hide_totals: bool,
}

/// One choice of a poll.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, PartialEq, Eq)]
pub struct Choice {
    /// Plain text.
    pub title: String,
    /// How many ticked it.
    pub votes: i64,
}

impl Poll {
    /// Its choices, in order; none if the row is damaged.
    pub fn choices(&self) -> Vec<Choice> {
        serde_json::from_str(&self.options).unwrap_or_default()
    }
    /// Whether it may be shown how often each choice was ticked.
    pub fn shows_totals(&self, now: Time) -> bool {
        !self.hide_totals || self.is_over(now)
    }
    /// Whether votes are over.
    pub fn is_over(&self, now: Time) -> bool {
        self.closed_at.is_some() || self.ends_at.is_some_and(|end| end <= now)
    }
}

/// A new poll.
pub fn insert(conn: &mut Conn, poll: &Poll) -> QueryResult<usize> {
    diesel::insert_into(polls::table).values(poll).execute(conn)
}

/// The poll of an id.
pub fn by_id(conn: &mut Conn, id: PollId) -> QueryResult<Option<Poll>> {
    on!(conn, c => polls::table.find(id).select(Poll::as_select()).first(c).optional())
}

/// The polls of `posts`.
pub fn of_posts(conn: &mut Conn, posts: &[PostId]) -> QueryResult<BTreeMap<PostId, Poll>> {
    let rows: Vec<Poll> = polls::table
        .filter(polls::post_id.among(posts.iter().copied()))
        .select(Poll::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|poll| (poll.post_id, poll)).collect())
}

/// Writes the row anew.
pub fn update(conn: &mut Conn, poll: &Poll) -> QueryResult<usize> {
    diesel::update(polls::table.find(poll.id)).set(poll).execute(conn)
}

/// A vote; `false` if this choice was ticked by the actor already.
pub fn vote(
    conn: &mut Conn,
    poll: PollId,
    actor: ActorId,
    choice: i32,
    now: Time,
) -> QueryResult<bool> {
    insert_new!(
        conn,
        poll_votes::table,
        (
            poll_votes::poll_id.eq(poll),
            poll_votes::actor_id.eq(actor),
            poll_votes::choice.eq(choice),
            poll_votes::created_at.eq(now),
        )
    )
}

/// What the actor ticked in each of `polls`.
pub fn votes_of(
    conn: &mut Conn,
    actor: ActorId,
    polls: &[PollId],
) -> QueryResult<BTreeMap<PollId, Vec<i32>>> {
    let rows: Vec<(PollId, i32)> = poll_votes::table
        .filter(
            poll_votes::actor_id.eq(actor).and(poll_votes::poll_id.among(polls.iter().copied())),
        )
        .order((poll_votes::poll_id, poll_votes::choice))
        .select((poll_votes::poll_id, poll_votes::choice))
        .load(conn)?;
    let mut all: BTreeMap<PollId, Vec<i32>> = BTreeMap::new();
    for (poll, choice) in rows {
        all.entry(poll).or_default().push(choice);
    }
    Ok(all)
}

/// The local members who voted in a post's poll.
pub fn voters(conn: &mut Conn, post: PostId) -> QueryResult<Vec<ActorId>> {
    use super::schema::members;
    poll_votes::table
        .inner_join(polls::table.on(polls::id.eq(poll_votes::poll_id)))
        .inner_join(members::table.on(members::actor_id.eq(poll_votes::actor_id)))
        .filter(polls::post_id.eq(post))
        .select(poll_votes::actor_id)
        .distinct()
        .load(conn)
}
