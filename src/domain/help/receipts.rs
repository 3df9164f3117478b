//! Saying that somebody helped, in every way there is (R2), and taking it back (R3).
use super::caps;
use crate::{
    db::{
        self,
        actors::Actor,
        groups::Group,
        posts::Post,
        receipts::{Reason, Receipt, Via},
    },
    domain::{
        Fact, Tx,
        ledger::{self, Stamp},
        moderation, posts, reactions,
    },
    error::{Error, Result},
    keys,
    ledger::Salt,
    text,
    types::{ActorId, PostId, ReceiptId, Time},
};

/// How long thanks may be taken back, days.
const UNDO_DAYS: i64 = 30;
/// Words that say thanks in groups that live elsewhere, whose own words are not known.
const THANKS: &str = "thanks";

/// What became of somebody's thanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Counted,
    /// It is shown to the two, and does not count.
    NotCounted(Reason),
    /// The group lives on another node, which counts or does not.
    Elsewhere,
}

/// What is said: by whom, about whose help, where.
struct Thanks<'a> {
    receiver: ActorId,
    helper: ActorId,
    thread: PostId,
    reply: Option<&'a Post>,
    via: Via,
    cause: Option<String>,
    stamp: Option<Stamp>,
}

/// The button "This helped me": the thread's author thanks for a reply (R2c).
///
/// # Errors
/// `NotFound` for a post they may not read, `Invalid` outside of a group, `Forbidden` for anyone
/// but the thread's author.
pub fn by_button(tx: &mut Tx, receiver: ActorId, reply: PostId) -> Result<Outcome> {
    let reply = posts::readable(tx, Some(receiver), reply)?;
    let root = started_by(tx, &reply, receiver)?;
    if root.id == reply.id {
        return Err(Error::invalid("Thank for a reply: this is the question itself"));
    }
    let like = (reply.author_id != receiver)
        .then(|| reactions::thank(tx, receiver, &reply))
        .transpose()?;
    let cause = like.map(|like| format!("like:{}", like.id));
    let thanks = Thanks {
        receiver,
        helper: reply.author_id,
        thread: root.id,
        reply: Some(&reply),
        via: Via::Button,
        cause,
        stamp: None,
    };
    write(tx, &thanks)
}

/// The top-level post of a reply's thread, if it is in a group and `person` wrote it.
fn started_by(tx: &mut Tx, reply: &Post, person: ActorId) -> Result<Post> {
    if reply.group_id.is_none() {
        return Err(Error::invalid("Help is counted in groups; this thread is in none"));
    }
    let root = db::posts::by_id(tx, reply.thread_id)?;
    if root.author_id == person {
        Ok(root)
    } else {
        Err(Error::forbidden("Only who asked can say that it helped"))
    }
}

/// What `person` asked in a group, if `reply` is an answer to it.
///
/// # Errors
/// `Internal` from the database.
pub fn asked(tx: &mut Tx, reply: &Post, person: ActorId) -> Result<Option<Post>> {
    if reply.group_id.is_none() || reply.is_root() {
        return Ok(None);
    }
    let root = db::posts::by_id(tx, reply.thread_id)?;
    Ok((root.author_id == person).then_some(root))
}

/// A 🙏 reaction from elsewhere (R2b), or a press of another node's button with what its member
/// signed (R2c); by anyone but the thread's author it is just a reaction.
///
/// # Errors
/// `Internal` from the database.
pub fn by_reaction(
    tx: &mut Tx,
    receiver: ActorId,
    reply: &Post,
    cause: Option<String>,
    stamp: Option<Stamp>,
) -> Result<Option<Outcome>> {
    let Some(root) = asked(tx, reply, receiver)? else { return Ok(None) };
    let thanks = Thanks {
        receiver,
        helper: reply.author_id,
        thread: root.id,
        reply: Some(reply),
        via: if stamp.is_some() { Via::Button } else { Via::Reaction },
        cause,
        stamp,
    };
    write(tx, &thanks).map(Some)
}

/// Who asked, or a steward of the group, says which reply answers (R2e). Only from who asked is it
/// thanks as well.
///
/// # Errors
/// `Forbidden` for anyone else, `Invalid` outside of a group or for the asker's own words.
pub fn choose(
    tx: &mut Tx,
    by: &Actor,
    reply: &Post,
    cause: Option<String>,
    received: Option<String>,
) -> Result<()> {
    let root = may_choose(tx, by, reply)?;
    if root.author_id == by.id {
        let thanks = Thanks {
            receiver: by.id,
            helper: reply.author_id,
            thread: root.id,
            reply: Some(reply),
            via: Via::Answer,
            cause,
            stamp: None,
        };
        write(tx, &thanks)?;
    } else {
        db::posts::set_helped(tx, reply.id, true)?;
    }
    let (by, reply) = (Box::new(by.clone()), Box::new(reply.clone()));
    tx.record(Fact::Chosen { by, reply, undone: false, received });
    Ok(())
}

/// And no longer.
///
/// # Errors
/// As [`choose`].
pub fn unchoose(tx: &mut Tx, by: &Actor, reply: &Post, received: Option<String>) -> Result<()> {
    may_choose(tx, by, reply)?;
    for receipt in db::receipts::of_reply(tx, reply.id)? {
        let own = receipt.receiver_id == by.id && receipt.via == Via::Answer;
        if own && is_young(tx, &receipt)? {
            undo(tx, receipt)?;
        }
    }
    if db::receipts::of_reply(tx, reply.id)?.is_empty() {
        db::posts::set_helped(tx, reply.id, false)?;
    }
    let (by, reply) = (Box::new(by.clone()), Box::new(reply.clone()));
    tx.record(Fact::Chosen { by, reply, undone: true, received });
    Ok(())
}

/// The question to which somebody may choose this reply.
fn may_choose(tx: &mut Tx, by: &Actor, reply: &Post) -> Result<Post> {
    let Some(group) = reply.group_id else {
        return Err(Error::invalid("Answers are chosen in groups; this thread is in none"));
    };
    let root = db::posts::by_id(tx, reply.thread_id)?;
    if root.author_id != by.id {
        let group = tx.actor(group)?;
        if !group.local || !moderation::is_steward(tx, &group, by)? {
            return Err(Error::forbidden("only who asked can say what answers"));
        }
    }
    if root.id == reply.id || reply.author_id == root.author_id {
        return Err(Error::invalid("An answer is what somebody else wrote"));
    }
    Ok(root)
}

/// A local asker's thanks for a reply mark it as the answer, and their end the other way round: for
/// servers that know answers.
fn tell_choice(tx: &mut Tx, receiver: ActorId, reply: PostId, undone: bool) -> Result<()> {
    let by = tx.actor(receiver)?;
    if by.local {
        let (by, reply) = (Box::new(by), Box::new(db::posts::by_id(tx, reply)?));
        tx.record(Fact::Chosen { by, reply, undone, received: None });
    }
    Ok(())
}

/// A new post with `#thanks`: under a reply it thanks for that reply (R2a), at the top of a thread
/// whom it mentions (R2d). Any other post is none of our business.
///
/// # Errors
/// `Internal` from the database.
pub fn by_post(
    tx: &mut Tx,
    post: &Post,
    tags: &[(String, String)],
    mentioned: &[ActorId],
) -> Result<()> {
    let Some(group) = post.group_id else { return Ok(()) };
    // Lemmy and others know no hashtags: to them they are words.
    let spoken = if post.local { Vec::new() } else { text::spoken_tags(&post.content) };
    if tags.is_empty() && spoken.is_empty() {
        return Ok(());
    }
    let mut words = tags.iter().map(|(tag, _)| &**tag).chain(spoken.iter().map(|tag| &**tag));
    let says_thanks = match db::groups::by_id(tx, group)? {
        Some(group) => group.says_thanks(words),
        None => words.any(|word| word == THANKS),
    };
    if !says_thanks {
        return Ok(());
    }
    let cause = Some(post.ap_id.to_string());
    let Some(parent) = post.in_reply_to_id else {
        for helper in tx.actors(mentioned)? {
            if !helper.is_group() {
                let thanks = Thanks {
                    receiver: post.author_id,
                    helper: helper.id,
                    thread: post.id,
                    reply: None,
                    via: Via::Post,
                    cause: cause.clone(),
                    stamp: None,
                };
                write(tx, &thanks)?;
            }
        }
        return Ok(());
    };
    let parent = db::posts::by_id(tx, parent)?;
    let Some(root) = asked(tx, &parent, post.author_id)? else { return Ok(()) };
    let thanks = Thanks {
        receiver: post.author_id,
        helper: parent.author_id,
        thread: root.id,
        reply: Some(&parent),
        via: Via::Reply,
        cause,
        stamp: None,
    };
    write(tx, &thanks).map(drop)
}

fn write(tx: &mut Tx, thanks: &Thanks) -> Result<Outcome> {
    if let Some(reply) = thanks.reply.filter(|reply| reply.author_id != thanks.receiver) {
        db::posts::set_helped(tx, reply.id, true)?;
        if !reply.helped && thanks.via != Via::Answer {
            tell_choice(tx, thanks.receiver, reply.id, false)?;
        }
    }
    let thread = db::posts::by_id(tx, thanks.thread)?;
    let Some(group_id) = thread.group_id else { return Ok(Outcome::Elsewhere) };
    let Some(group) = db::groups::by_id(tx, group_id)? else { return Ok(Outcome::Elsewhere) };
    // Rules that count before they add: nobody else adds to this group meanwhile.
    db::lock(tx, group_id.0)?;
    if let Some(known) = same(tx, thanks)? {
        return Ok(outcome(&known));
    }
    let receiver = tx.actor(thanks.receiver)?;
    let helper = tx.actor(thanks.helper)?;
    let at = ledger::time(tx, group_id)?;
    let pair = (&receiver, &helper);
    let reason = caps::refuse(tx, &group, thanks.thread, pair, at)?;
    let receipt = receipt(tx, &group, thanks, pair, (at, reason))?;
    db::receipts::insert(tx, &receipt)?;
    tx.record(Fact::Thanked { receipt: receipt.clone(), stamp: thanks.stamp.clone() });
    Ok(outcome(&receipt))
}

/// The receipt that says just this already.
fn same(tx: &mut Tx, thanks: &Thanks) -> Result<Option<Receipt>> {
    let standing = db::receipts::standing(tx, thanks.thread, thanks.receiver, thanks.helper)?;
    Ok(standing.filter(|known| known.reply_id == thanks.reply.map(|reply| reply.id)))
}

fn receipt(
    tx: &mut Tx,
    group: &Group,
    thanks: &Thanks,
    (receiver, helper): (&Actor, &Actor),
    (at, reason): (Time, Option<Reason>),
) -> Result<Receipt> {
    let staff = !db::members::staff_among(tx, &[receiver.id, helper.id])?.is_empty();
    Ok(Receipt {
        id: ReceiptId(tx.new_id()),
        group_id: group.actor_id,
        thread_id: thanks.thread,
        reply_id: thanks.reply.map(|reply| reply.id),
        helper_id: helper.id,
        receiver_id: receiver.id,
        via: thanks.via,
        cause_uri: thanks.cause.clone(),
        counted: reason.is_none(),
        reason,
        staff,
        across_nodes: receiver.host != helper.host,
        created_at: at,
        undone_at: None,
        declined_at: None,
        entry: None,
        nonce: Salt(keys::random()).to_string(),
    })
}

fn outcome(receipt: &Receipt) -> Outcome {
    match receipt.reason {
        Some(reason) if !receipt.counted => Outcome::NotCounted(reason),
        _ => Outcome::Counted,
    }
}

/// The receiver takes thanks for a reply back, whichever way they were given.
///
/// # Errors
/// `NotFound` for a post they may not read, `Invalid` outside of a group or after 30 days,
/// `Forbidden` for anyone but the thread's author.
pub fn take_back(tx: &mut Tx, receiver: ActorId, reply: PostId) -> Result<()> {
    let reply = posts::readable(tx, Some(receiver), reply)?;
    started_by(tx, &reply, receiver)?;
    let receipts: Vec<Receipt> = db::receipts::of_reply(tx, reply.id)?
        .into_iter()
        .filter(|receipt| receipt.receiver_id == receiver)
        .collect();
    for receipt in &receipts {
        if !is_young(tx, receipt)? {
            return Err(Error::invalid("Thanks can be taken back for 30 days; these are older"));
        }
    }
    for receipt in receipts {
        undo(tx, receipt)?;
    }
    if let Some(like) = db::reactions::like_by(tx, receiver, reply.id)?
        && like.content.as_deref().is_some_and(reactions::is_thanks)
    {
        reactions::drop_like(tx, like, &reply, None)?;
    }
    unmark(tx, receiver, reply.id)
}

/// Whether it may still be taken back.
fn is_young(tx: &mut Tx, receipt: &Receipt) -> Result<bool> {
    let now = ledger::time(tx, receipt.group_id)?;
    Ok(receipt.created_at >= now.plus_days(-UNDO_DAYS))
}

fn undo(tx: &mut Tx, receipt: Receipt) -> Result<()> {
    let now = tx.now();
    db::receipts::undo(tx, receipt.id, now)?;
    let receipt = Receipt { undone_at: Some(now), ..receipt };
    tx.record(Fact::ThanksUndone { receipt });
    Ok(())
}

fn unmark(tx: &mut Tx, receiver: ActorId, reply: PostId) -> Result<()> {
    if !db::receipts::of_reply(tx, reply)?.is_empty() {
        return Ok(());
    }
    let was = db::posts::by_id(tx, reply)?.helped;
    db::posts::set_helped(tx, reply, false)?;
    if was { tell_choice(tx, receiver, reply, true) } else { Ok(()) }
}

/// The post that said thanks is gone: so are the thanks, while they may be taken back.
///
/// # Errors
/// `Internal` from the database.
pub fn cause_gone(tx: &mut Tx, post: &Post) -> Result<()> {
    for receipt in db::receipts::of_cause(tx, post.ap_id.as_str())? {
        if is_young(tx, &receipt)? {
            let (reply, receiver) = (receipt.reply_id, receipt.receiver_id);
            undo(tx, receipt)?;
            if let Some(reply) = reply {
                unmark(tx, receiver, reply)?;
            }
        }
    }
    Ok(())
}

/// The 🙏 reaction that said thanks was taken back.
///
/// # Errors
/// `Internal` from the database.
pub fn reaction_gone(tx: &mut Tx, receiver: ActorId, reply: &Post) -> Result<()> {
    for receipt in db::receipts::of_reply(tx, reply.id)? {
        let by_reaction = matches!(receipt.via, Via::Reaction | Via::Button);
        if receipt.receiver_id == receiver && by_reaction && is_young(tx, &receipt)? {
            undo(tx, receipt)?;
        }
    }
    unmark(tx, receiver, reply.id)
}

/// The helper does not want a receipt: it stays for the two to see, and is not counted (R4).
///
/// # Errors
/// `NotFound` for a receipt about somebody else's help.
pub fn decline(tx: &mut Tx, helper: ActorId, id: ReceiptId) -> Result<()> {
    let receipt = db::receipts::by_id(tx, id)?
        .filter(|receipt| receipt.helper_id == helper)
        .ok_or(Error::NotFound)?;
    let now = tx.now();
    db::receipts::decline(tx, receipt.id, now)?;
    if receipt.counted {
        let receipt = Receipt {
            declined_at: Some(now),
            counted: false,
            reason: Some(Reason::Declined),
            ..receipt
        };
        tx.record(Fact::Declined { receipt });
    }
    Ok(())
}
