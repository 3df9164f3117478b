//! What follows from each fact, inside the same transaction. Read this file to know every
//! consequence in the node.
mod acknowledge;
pub mod ledger;
mod notify;
mod outbox;
mod proof;
mod send;

use crate::{
    db::{follows::Follow, moderation::Deed, posts::Post},
    domain::{Fact, Tx, conversations, posts, pushes, search, staff, submissions, threads},
    error::Result,
    ledger::entry::Undoer,
    tasks::{self, Task},
};

/// Does what follows from the facts of `tx`, and returns them in order for those who listen.
///
/// # Errors
/// `Internal` from the database; the whole change is undone then.
pub fn follow_up(tx: &mut Tx) -> Result<Vec<Fact>> {
    let mut done = Vec::new();
    while let Some(fact) = tx.next_fact() {
        follow(tx, &fact)?;
        done.push(fact);
    }
    Ok(done)
}

fn follow(tx: &mut Tx, fact: &Fact) -> Result<()> {
    match fact {
        Fact::Followed { follow, request } => {
            outbox::followed(tx, follow, request.as_deref())?;
            ask_again_later(tx, follow)?;
            ledger::followed(tx, follow)?;
            notify::followed(tx, follow)
        }
        Fact::FollowRepeated { follow } => outbox::followed(tx, follow, None),
        Fact::FollowAccepted { follow } => {
            outbox::follow_accepted(tx, follow)?;
            look_around(tx, follow)?;
            ledger::followed(tx, follow)?;
            notify::followed(tx, follow)
        }
        Fact::FollowRejected { follow } => {
            outbox::follow_rejected(tx, follow)?;
            ledger::unfollowed(tx, follow)?;
            notify::unfollowed(tx, follow)
        }
        Fact::Unfollowed { follow } => {
            outbox::unfollowed(tx, follow)?;
            ledger::unfollowed(tx, follow)?;
            notify::unfollowed(tx, follow)
        }
        Fact::Posted { post, author, received, backfill } => {
            search::keep_words(tx, post, true)?;
            outbox::written(tx, post, author, outbox::Telling::New, received.as_deref())?;
            pass_on(tx, post)?;
            look_through_if_old(tx, post)?;
            close_poll_in_time(tx, post)?;
            if *backfill {
                return Ok(());
            }
            ledger::posted(tx, post, author)?;
            conversations::go_on(tx, post)?;
            notify::posted(tx, post, author)
        }
        Fact::CreateCame { post, received } => {
            let author = tx.actor(post.author_id)?;
            outbox::written(tx, post, &author, outbox::Telling::New, Some(received))
        }
        Fact::Edited { post, author, received } => {
            search::keep_words(tx, post, false)?;
            outbox::written(tx, post, author, outbox::Telling::Edited, received.as_deref())?;
            notify::edited(tx, post)
        }
        Fact::Deleted { post, author, mentioned, boosts, received } => {
            outbox::deleted(tx, post, author, mentioned, received.as_deref())?;
            outbox::boosts_gone(tx, post, boosts)
        }
        Fact::Boosted { boost, booster, original } => {
            outbox::boosted(tx, boost, booster, original)?;
            notify::boosted(tx, booster, original)
        }
        Fact::Unboosted { boost, original } => {
            outbox::unboosted(tx, boost, original)?;
            notify::unboosted(tx, boost, original)
        }
        Fact::Liked { like, post, received } => {
            outbox::liked(tx, like, post, false, received.as_deref())?;
            notify::liked(tx, like, post)
        }
        Fact::Unliked { like, post, received } => {
            outbox::liked(tx, like, post, true, received.as_deref())?;
            notify::unliked(tx, like, post)
        }
        Fact::Thanked { receipt, stamp } => {
            ledger::thanked(tx, receipt, stamp.as_ref());
            notify::thanked(tx, receipt)
        }
        Fact::ForgetAsked { person, group } => outbox::forget_asked(tx, *person, group),
        Fact::ThanksUndone { receipt } => {
            ledger::undone(tx, receipt, Undoer::Receiver);
            notify::thanks_undone(tx, receipt)
        }
        Fact::Declined { receipt } => {
            ledger::undone(tx, receipt, Undoer::Helper);
            Ok(())
        }
        Fact::CountedOtherwise { actor } => ledger::marked(tx, *actor),
        Fact::PetitionCame { petition } => {
            if petition.closed_at.is_none() {
                let (id, standing) = (petition.id, petition.due_at.is_some());
                let task = Task::EndPetition { petition: id, standing };
                tasks::enqueue_at(tx, &task, staff::ends_at(petition))?;
            }
            ledger::petitioned(tx, petition)
        }
        Fact::SummaryPlanned { group, at } => {
            tasks::enqueue_at(tx, &Task::Summarize { group: *group, due: *at }, *at)
        }
        Fact::Voted { voter, post, choices } => outbox::voted(tx, *voter, post, choices),
        Fact::PollEnded { post, author } => {
            outbox::written(tx, post, author, outbox::Telling::Edited, None)?;
            notify::poll_ended(tx, post)
        }
        Fact::ProfileChanged { actor } => outbox::profile_changed(tx, actor),
        Fact::FileDescribed { post } => search::keep_words(tx, post, false),
        Fact::PicturesDropped { paths } => {
            tasks::enqueue(tx, &Task::DeleteFiles { paths: paths.clone() })
        }
        Fact::LinkDue { actor, link, due } => {
            let task = Task::ReadLink { actor: *actor, link: link.clone(), due: *due };
            tasks::enqueue_at(tx, &task, *due)
        }
        Fact::KeysReplaced { actor, former } => ledger::rekeyed(tx, actor, former),
        Fact::ActorDeleted { actor } => {
            outbox::actor_deleted(tx, actor)?;
            tasks::enqueue(tx, &Task::EraseActor { actor: actor.id })
        }
        Fact::Moved { old, new } => {
            outbox::moved(tx, old, new)?;
            tasks::enqueue(tx, &Task::MoveFollowers { from: old.id, to: new.id })
        }
        Fact::QuotersChanged { post, author } => {
            outbox::written(tx, post, author, outbox::Telling::Edited, None)
        }
        Fact::RequestAnswered { permission, author, asker, request } => {
            outbox::request_answered(tx, permission.as_ref(), author, asker, request)
        }
        Fact::QuoteAsked { post, quoted } => outbox::quote_asked(tx, post, quoted),
        Fact::Quoted { post, quoted } => notify::quoted(tx, post, quoted),
        Fact::QuoteSettled { post } => {
            if !post.local {
                return Ok(());
            }
            let author = tx.actor(post.author_id)?;
            outbox::written(tx, post, &author, outbox::Telling::Edited, None)
        }
        Fact::QuoteRevoked { stamp, quoted, author, post } => {
            notify::unquoted(tx, post, quoted)?;
            match stamp {
                Some(stamp) => outbox::quote_revoked(tx, stamp, quoted, author, post),
                None => Ok(()),
            }
        }
        Fact::Reported { report, target, posts } => {
            outbox::reported(tx, report, target, posts)?;
            notify::reported(tx, report)
        }
        Fact::Disliked { actor, id, post, undone, received } => {
            let vote = outbox::Dislike { actor: *actor, id: *id, undone: *undone };
            outbox::disliked(tx, &vote, post, received.as_deref())
        }
        Fact::Chosen { by, reply, undone, received } => {
            outbox::chosen(tx, by, reply, *undone, received.as_deref())
        }
        Fact::Moderated { act } => {
            outbox::moderated(tx, act)?;
            ledger::moderated(tx, act);
            match &act.post {
                Some(post) if act.deed == Deed::Restore => pass_on(tx, post)?,
                _ => {}
            }
            if act.deed == Deed::Ban && act.remove_posts {
                let (group, person) = (act.group.id, act.person.id);
                tasks::enqueue(tx, &Task::HidePosts { group, person })?;
            }
            notify::moderated(tx, act)
        }
        Fact::BanRefused { group, ban } => {
            tasks::enqueue(tx, &Task::ShowPosts { group: *group, ban: ban.clone() })
        }
        Fact::Blocked { actor, target, undone } => outbox::blocked(tx, *actor, *target, *undone),
        Fact::ThreadStale { thread } => tasks::enqueue(tx, &Task::LookThrough { thread: *thread }),
        Fact::ActorStale { actor } => tasks::enqueue(tx, &Task::RefreshActor { actor: *actor }),
        Fact::Submitted { submission } => {
            let task = Task::Doubt { post: submission.post_id, judge: submission.judge_id };
            let end = submission.sent_at.plus_days(submissions::PATIENCE_DAYS);
            tasks::enqueue_at(tx, &task, end)
        }
        Fact::Settled { submission, post } => {
            if submission.approval.is_some() {
                let author = tx.actor(post.author_id)?;
                outbox::written(tx, post, &author, outbox::Telling::Approved, None)
            } else {
                Ok(())
            }
        }
        Fact::Planned { scheduled, due_at } => {
            let task = Task::SendScheduled { scheduled: *scheduled, due: *due_at };
            tasks::enqueue_at(tx, &task, *due_at)
        }
        Fact::AppsSignedOut { actor: _ }
        | Fact::NoticesMerged { member: _ }
        | Fact::FiltersChanged { owner: _ }
        | Fact::Conversed { conversation: _ }
        | Fact::Announced { announcement: _, gone: _ }
        | Fact::AnnouncementReacted { announcement: _, name: _ } => Ok(()),
        Fact::LetterDue { letter } => tasks::enqueue(tx, &Task::SendLetter { letter: *letter }),
        Fact::Notified { notification } => pushes::told(tx, notification),
    }
}

/// A follow of somebody elsewhere is asked for again after an hour and after a day: what carries it
/// there, or its answer back, may be lost.
fn ask_again_later(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let target = tx.actor(follow.target_id)?;
    if target.local || follow.accepted_at.is_some() {
        return Ok(());
    }
    for (time, wait_secs) in [(1, 3_600), (2, 86_400)] {
        let task = Task::AskAgain { follow: follow.id, time };
        tasks::enqueue_at(tx, &task, follow.created_at.plus_secs(wait_secs))?;
    }
    Ok(())
}

/// What a group elsewhere shows first, and who moderates it, is of interest to who got in.
fn look_around(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let target = tx.actor(follow.target_id)?;
    if target.local || !target.is_group() {
        return Ok(());
    }
    tasks::enqueue(tx, &Task::ReadLists { group: target.id })?;
    tasks::enqueue(tx, &Task::Witness { group: target.id })
}

/// A local group boosts a new thread, for everyone who follows it from a microblog or from here.
fn pass_on(tx: &mut Tx, post: &Post) -> Result<()> {
    let Some(group) = post.group_id.filter(|_| post.is_root()) else { return Ok(()) };
    let group = tx.actor(group)?;
    if group.local && posts::is_for_group(&group, post.visibility) {
        posts::passed_on(tx, &group, post)?;
    }
    Ok(())
}

/// A group gets a thread that is not new: there may be answers to it already.
fn look_through_if_old(tx: &mut Tx, post: &Post) -> Result<()> {
    let old = post.created_at < tx.now().plus_secs(-threads::FRESH_SECS);
    if old && !post.local && post.group_id.is_some() && post.is_root() {
        threads::look_through(tx, post.id)?;
    }
    Ok(())
}

fn close_poll_in_time(tx: &mut Tx, post: &Post) -> Result<()> {
    if !post.local {
        return Ok(());
    }
    let poll = crate::db::polls::of_posts(tx, &[post.id])?.remove(&post.id);
    match poll.and_then(|poll| poll.ends_at) {
        Some(end) => tasks::enqueue_at(tx, &Task::ClosePoll { post: post.id }, end),
        None => Ok(()),
    }
}
