use super::is_steward;
use crate::{
    db::{self, actors::Actor, posts::Post, reports::Report},
    domain::{Fact, Tx},
    error::{Error, Result},
    text,
    types::ActorId,
};

/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 1_000;
/// Most posts of one report.
const MAX_POSTS: usize = 50;

/// A report before it is stored.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Who reports.
    pub reporter: ActorId,
    /// Who is reported.
    pub target: Actor,
    /// About what.
    pub posts: Vec<Post>,
    /// spam, legal, violation or other.
    pub category: String,
    /// Text, or HTML from elsewhere.
    pub comment: String,
    /// Other servers are to be told.
    pub forward: bool,
    /// Id of the Flag, where it came from elsewhere.
    pub ap_id: Option<String>,
}

/// Somebody reports somebody, or what they wrote: to the stewards of the group in which it stands,
/// else to the operators.
///
/// # Errors
/// `Internal` from the database.
pub fn report(tx: &mut Tx, new: NewReport) -> Result<Report> {
    let mut posts = new.posts;
    posts.truncate(MAX_POSTS);
    let group = posts.first().and_then(|post| post.group_id);
    let group = group.filter(|group| posts.iter().all(|post| post.group_id == Some(*group)));
    let comment: String = text::plain(&new.comment).chars().take(MAX_COMMENT).collect();
    let away = |post: &Post| !post.local;
    let report = Report {
        id: tx.new_id(),
        ap_id: new.ap_id,
        reporter_id: new.reporter,
        target_id: new.target.id,
        group_id: group,
        category: new.category,
        comment,
        forwarded: new.forward && (!new.target.local || posts.iter().any(away)),
        created_at: tx.now(),
        resolved_at: None,
        resolved_by: None,
    };
    let mut ids: Vec<_> = posts.iter().map(|post| post.id).collect();
    ids.sort_unstable();
    ids.dedup();
    db::reports::insert(tx, &report, &ids)?;
    let (id, now) = (tx.new_id(), tx.now());
    let subject = format!(
        "{} ({}), {} posts: {}",
        new.target.acct(),
        report.category,
        ids.len(),
        text::clean_line(&report.comment, MAX_COMMENT),
    );
    db::members::audit(tx, id, Some(new.reporter), "reported", &subject, now)?;
    tx.record(Fact::Reported { report: report.clone(), target: Box::new(new.target), posts });
    Ok(report)
}

/// A steward of the group, or an operator, has dealt with a report; who reported may take it back.
///
/// # Errors
/// `Forbidden` for anyone else.
pub fn resolve(tx: &mut Tx, report: &Report, by: &Actor) -> Result<()> {
    let steward = match report.group_id {
        Some(group) => {
            let group = tx.actor(group)?;
            is_steward(tx, &group, by)?
        }
        None => false,
    };
    let operator = db::members::by_id(tx, by.id)?.is_some_and(|member| member.operator);
    if !steward && !operator && report.reporter_id != by.id {
        return Err(Error::forbidden("Only stewards of the group may do this"));
    }
    let now = tx.now();
    db::reports::resolve(tx, report.id, by.id, now)?;
    Ok(())
}
