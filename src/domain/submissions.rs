//! What members here write for somebody elsewhere to let in, and what becomes of it: a post in a
//! group that lives elsewhere stands here at once, and everywhere else when the group passes it on.
use crate::{
    db::{
        self,
        posts::Post,
        submissions::{Submission, SubmissionState},
    },
    domain::{Fact, Tx},
    error::Result,
    text,
    types::{ActivityId, ActorId, PostId},
};

/// How long nothing may be heard of a submission before that is its answer, days.
pub const PATIENCE_DAYS: i64 = 3;
/// Longest reason that is kept, in characters.
const MAX_REASON: usize = 200;

/// A post goes to who judges it. Doing it twice is doing it once.
///
/// # Errors
/// `Internal` from the database.
pub fn begin(tx: &mut Tx, post: &Post, judge: ActorId) -> Result<()> {
    let submission = Submission {
        post_id: post.id,
        judge_id: judge,
        state: SubmissionState::Pending,
        reason: None,
        approval: None,
        sent_at: tx.now(),
        settled_at: None,
    };
    if db::submissions::insert(tx, &submission)? {
        tx.record(Fact::Submitted { submission });
    }
    Ok(())
}

/// The judge let a post in, maybe with an approval of that id; `false` where it was not asked.
///
/// # Errors
/// `Internal` from the database.
pub fn confirm(
    tx: &mut Tx,
    judge: ActorId,
    post: PostId,
    approval: Option<String>,
) -> Result<bool> {
    let Some(known) = db::submissions::between(tx, post, judge)? else { return Ok(false) };
    let same = known.state == SubmissionState::Confirmed && known.approval == approval;
    if !same {
        let state = SubmissionState::Confirmed;
        settle(tx, Submission { state, reason: None, approval, ..known })?;
    }
    Ok(true)
}

/// The judge, or its server, said no, now or after a yes; `false` where it was not asked.
///
/// # Errors
/// `Internal` from the database.
pub fn refuse(tx: &mut Tx, judge: ActorId, post: PostId, reason: Option<&str>) -> Result<bool> {
    let Some(known) = db::submissions::between(tx, post, judge)? else { return Ok(false) };
    if known.state != SubmissionState::Refused {
        let reason = reason.map(|reason| text::clean_line(&text::plain(reason), MAX_REASON));
        let reason = reason.filter(|reason| !reason.is_empty());
        let state = SubmissionState::Refused;
        settle(tx, Submission { state, reason, approval: None, ..known })?;
    }
    Ok(true)
}

/// The server at `inbox` refused, for good, what carried a post of ours there.
///
/// # Errors
/// `Internal` from the database.
pub fn not_taken(tx: &mut Tx, activity: ActivityId, inbox: &str, why: &str) -> Result<()> {
    let Some(activity) = db::activities::by_id(tx, activity)? else { return Ok(()) };
    let uri = match activity.kind.as_str() {
        "Create" => activity.object_uri,
        "ReplyRequest" => instrument(&activity.body),
        _ => None,
    };
    let Some(uri) = uri.filter(|_| activity.local) else { return Ok(()) };
    let Some(post) = db::posts::by_ap_id(tx, &uri)? else { return Ok(()) };
    for known in db::submissions::of_posts(tx, &[post.id])?.into_values().flatten() {
        let judge = tx.actor(known.judge_id)?;
        if known.state == SubmissionState::Pending && judge.best_inbox().as_str() == inbox {
            refuse(tx, judge.id, post.id, Some(why))?;
        }
    }
    Ok(())
}

/// The id of the answer in a request to answer.
fn instrument(request: &str) -> Option<String> {
    let request: serde_json::Value = serde_json::from_str(request).ok()?;
    Some(request.get("instrument")?.get("id")?.as_str()?.to_owned())
}

/// Nothing was heard for [`PATIENCE_DAYS`]: nothing happens where something was.
///
/// # Errors
/// `Internal` from the database.
pub fn doubt(tx: &mut Tx, judge: ActorId, post: PostId) -> Result<()> {
    let known = db::submissions::between(tx, post, judge)?;
    match known.filter(|known| known.state == SubmissionState::Pending) {
        Some(known) => {
            settle(tx, Submission { state: SubmissionState::Unanswered, ..known }).map(drop)
        }
        None => Ok(()),
    }
}

fn settle(tx: &mut Tx, submission: Submission) -> Result<()> {
    let submission = Submission { settled_at: Some(tx.now()), ..submission };
    db::submissions::settle(tx, &submission)?;
    let post = db::posts::by_id(tx, submission.post_id)?;
    tx.record(Fact::Settled { submission, post });
    Ok(())
}
