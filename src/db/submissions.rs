//! What members here wrote for somebody elsewhere to let in, and what became of it.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Conn, among::Among as _, schema::submissions};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, PostId, Time},
};

text_enum! {
    /// How far a submission got.
    SubmissionState {
        /// Sent, and nothing heard of it yet.
        Pending = "pending",
        /// The judge let it in.
        Confirmed = "confirmed",
        /// The judge, or its server, said no.
        Refused = "refused",
        /// Nothing was heard for so long that nothing will be.
        Unanswered = "unanswered",
    }
}

/// A row of `submissions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = submissions)]
#[diesel(treat_none_as_default_value = false)]
pub struct Submission {
    /// What was written here.
    pub post_id: PostId,
    /// The group it was sent to, or the author who has to approve of it.
    pub judge_id: ActorId,
    /// How far it got.
    pub state: SubmissionState,
    /// What the judge, or its server, said; plain text.
    pub reason: Option<String>,
    /// Id of the approval, where one was given.
    pub approval: Option<String>,
    /// When it was sent.
    pub sent_at: Time,
    /// When its state changed last.
    pub settled_at: Option<Time>,
}

/// A new submission; `false` if there is one already.
pub fn insert(conn: &mut Conn, submission: &Submission) -> QueryResult<bool> {
    insert_new!(conn, submissions::table, submission)
}

/// What became of a post with one judge.
pub fn between(conn: &mut Conn, post: PostId, judge: ActorId) -> QueryResult<Option<Submission>> {
    on!(conn, c => submissions::table.find((post, judge)).select(Submission::as_select()).first(c).optional())
}

/// Writes down what became of one.
pub fn settle(conn: &mut Conn, submission: &Submission) -> QueryResult<usize> {
    diesel::update(submissions::table.find((submission.post_id, submission.judge_id)))
        .set((
            submissions::state.eq(submission.state),
            submissions::reason.eq(&submission.reason),
            submissions::approval.eq(&submission.approval),
            submissions::settled_at.eq(submission.settled_at),
        ))
        .execute(conn)
}

/// What became of each of `posts`, those that wait or were refused before those let in.
pub fn of_posts(
    conn: &mut Conn,
    posts: &[PostId],
) -> QueryResult<BTreeMap<PostId, Vec<Submission>>> {
    let rows: Vec<Submission> = submissions::table
        .filter(submissions::post_id.among(posts.iter().copied()))
        .order((submissions::post_id, submissions::state.desc(), submissions::judge_id))
        .select(Submission::as_select())
        .load(conn)?;
    let mut all: BTreeMap<PostId, Vec<Submission>> = BTreeMap::new();
    for row in rows {
        all.entry(row.post_id).or_default().push(row);
    }
    Ok(all)
}

/// Forgets what became of a post.
pub fn delete_of_post(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(submissions::table.filter(submissions::post_id.eq(post))).execute(conn)
}
