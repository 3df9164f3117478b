//! Asking with choices.
use std::collections::BTreeSet;

use crate::{
    db::{
        self,
        polls::{Choice, Poll},
        posts::Post,
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    text,
    types::{ActorId, PollId, PostId, Time},
};

/// Most choices of a poll made here.
pub const MAX_OPTIONS: usize = 8;
/// Longest choice, in characters.
pub const MAX_OPTION_CHARS: usize = 100;
/// Shortest and longest time a poll made here is open, seconds.
pub const DURATION_SECS: std::ops::RangeInclusive<i64> = 300..=2_629_746;

/// A poll before it has an id.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct NewPoll {
    /// The choices, plain text.
    pub options: Vec<String>,
    /// How long it is open, seconds.
    pub expires_in_secs: i64,
    /// More than one may be ticked.
    pub multiple: bool,
    /// How often each choice was ticked is shown to nobody before the end.
    #[serde(default)]
    pub hide_totals: bool,
}

/// Adds a member's poll to their new post.
///
/// # Errors
/// `Invalid` for choices or times that will not do.
pub(super) fn add(tx: &mut Tx, post: PostId, new: &NewPoll) -> Result<()> {
    let titles: Vec<String> =
        new.options.iter().map(|o| text::clean_line(o, MAX_OPTION_CHARS + 1)).collect();
    if !(2..=MAX_OPTIONS).contains(&titles.len()) {
        return Err(Error::invalid(format!(
            "Validation failed: a poll has 2 to {MAX_OPTIONS} choices"
        )));
    }
    if titles.iter().any(|t| t.is_empty() || t.chars().count() > MAX_OPTION_CHARS) {
        return Err(Error::invalid(format!(
            "Validation failed: a choice has 1 to {MAX_OPTION_CHARS} characters"
        )));
    }
    if titles.iter().collect::<BTreeSet<_>>().len() != titles.len() {
        return Err(Error::invalid("Validation failed: choices differ from each other"));
    }
    if !DURATION_SECS.contains(&new.expires_in_secs) {
        return Err(Error::invalid("Validation failed: a poll is open for 5 minutes to a month"));
    }
    let ends_at = tx.now().plus_secs(new.expires_in_secs);
    let choices: Vec<Choice> = titles.into_iter().map(|title| Choice { title, votes: 0 }).collect();
    let poll = Poll {
        id: PollId(tx.new_id()),
        post_id: post,
        multiple: new.multiple,
        options: serde_json::to_string(&choices).map_err(Error::internal)?,
        voters_count: Some(0),
        ends_at: Some(ends_at),
        closed_at: None,
        hide_totals: new.hide_totals,
    };
    db::polls::insert(tx, &poll)?;
    Ok(())
}

/// A poll as its author's server tells of it: display values, never trusted as state.
#[derive(Clone, Debug)]
pub struct RemotePoll {
    /// Choices and how often each was ticked.
    pub choices: Vec<Choice>,
    /// More than one may be ticked.
    pub multiple: bool,
    /// When it ends.
    pub ends_at: Option<Time>,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// How many voted.
    pub voters_count: Option<i64>,
    /// Its author's server does not say how often each was ticked.
    pub hide_totals: bool,
}

/// Writes down, or brings up to date, the poll of a remote post.
///
/// # Errors
/// `Internal` from the database.
pub(super) fn receive(tx: &mut Tx, post: PostId, remote: &RemotePoll) -> Result<()> {
    let options = serde_json::to_string(&remote.choices).map_err(Error::internal)?;
    let known = db::polls::of_posts(tx, &[post])?.remove(&post);
    let id = known.as_ref().map_or_else(|| PollId(tx.new_id()), |poll| poll.id);
    let poll = Poll {
        id,
        post_id: post,
        multiple: remote.multiple,
        options,
        voters_count: remote.voters_count,
        ends_at: remote.ends_at,
        closed_at: remote.closed_at,
        hide_totals: remote.hide_totals,
    };
    if known.is_some() {
        db::polls::update(tx, &poll)?;
    } else {
        db::polls::insert(tx, &poll)?;
    }
    Ok(())
}

/// Somebody ticks choices, by index. In a remote poll the vote also travels to its author.
///
/// # Errors
/// `Invalid` when it is over, was voted in already, or a choice does not exist.
pub fn vote(tx: &mut Tx, voter: ActorId, poll: PollId, choices: &[usize]) -> Result<Poll> {
    let mut poll = db::polls::by_id(tx, poll)?.ok_or(Error::NotFound)?;
    let post = db::posts::by_id(tx, poll.post_id)?;
    let now = tx.now();
    if poll.is_over(now) {
        return Err(Error::invalid("Validation failed: The poll has already ended"));
    }
    if post.author_id == voter {
        return Err(Error::invalid("Validation failed: You can't vote in your own poll"));
    }
    db::lock(tx, poll.id.0)?;
    if !db::polls::votes_of(tx, voter, &[poll.id])?.is_empty() {
        return Err(Error::invalid("Validation failed: You have already voted on this poll"));
    }
    let wanted: BTreeSet<usize> = choices.iter().copied().collect();
    let mut all = poll.choices();
    if wanted.is_empty() || wanted.iter().any(|i| *i >= all.len()) {
        return Err(Error::invalid("Validation failed: The chosen vote option does not exist"));
    }
    if wanted.len() > 1 && !poll.multiple {
        return Err(Error::invalid("Validation failed: Only one choice may be ticked"));
    }
    let mut titles = Vec::new();
    for (index, choice) in all.iter_mut().enumerate().filter(|(i, _)| wanted.contains(i)) {
        let number = i32::try_from(index).map_err(Error::internal)?;
        db::polls::vote(tx, poll.id, voter, number, now)?;
        choice.votes += 1;
        titles.push(choice.title.clone());
    }
    poll.voters_count = poll.voters_count.map(|n| n + 1);
    poll.options = serde_json::to_string(&all).map_err(Error::internal)?;
    db::polls::update(tx, &poll)?;
    tx.record(Fact::Voted { voter, post: Box::new(post), choices: titles });
    Ok(poll)
}

/// A vote from elsewhere in a poll of ours: one choice, by its title. Nothing happens where it
/// cannot count: no such choice, over, or ticked already.
///
/// # Errors
/// `Internal` from the database.
pub fn receive_vote(tx: &mut Tx, voter: ActorId, post: &Post, title: &str) -> Result<bool> {
    let Some(mut poll) = db::polls::of_posts(tx, &[post.id])?.remove(&post.id) else {
        return Ok(false);
    };
    let now = tx.now();
    let mut all = poll.choices();
    let Some(index) = all.iter().position(|choice| choice.title == title) else {
        return Ok(false);
    };
    db::lock(tx, poll.id.0)?;
    let before = db::polls::votes_of(tx, voter, &[poll.id])?;
    let is_first = before.is_empty();
    if poll.is_over(now) || !post.local || (!is_first && !poll.multiple) {
        return Ok(false);
    }
    let number = i32::try_from(index).map_err(Error::internal)?;
    if !db::polls::vote(tx, poll.id, voter, number, now)? {
        return Ok(false);
    }
    if let Some(choice) = all.get_mut(index) {
        choice.votes += 1;
    }
    poll.voters_count = poll.voters_count.map(|n| n + i64::from(is_first));
    poll.options = serde_json::to_string(&all).map_err(Error::internal)?;
    db::polls::update(tx, &poll)?;
    Ok(true)
}

/// Acts on the end of a poll of ours, once: everyone who got it hears the result.
///
/// # Errors
/// `Internal` from the database.
pub fn close(tx: &mut Tx, post: PostId) -> Result<()> {
    let Some(mut poll) = db::polls::of_posts(tx, &[post])?.remove(&post) else { return Ok(()) };
    let post = db::posts::by_id(tx, post)?;
    let now = tx.now();
    if poll.closed_at.is_some() || post.deleted_at.is_some() || !poll.is_over(now) {
        return Ok(());
    }
    poll.closed_at = Some(now);
    db::polls::update(tx, &poll)?;
    let author = Box::new(tx.actor(post.author_id)?);
    tx.record(Fact::PollEnded { post, author });
    Ok(())
}
