//! Which notifications a member sees at once, and which wait for them to ask.
use crate::{
    db::{
        self,
        notice_rules::{Policy, Request, Verdict},
        notifications::{Notification, NotificationKind},
        posts::Post,
    },
    domain::Tx,
    error::{Error, Result},
    types::{ActorId, NoticeRequestId, Visibility},
};

/// An account is new for so many days.
const NEW_DAYS: i64 = 30;
/// Most requests answered in one go.
pub const MAX_AT_ONCE: usize = 40;

/// A member's policy.
///
/// # Errors
/// `Internal` from the database.
pub fn policy(conn: &mut db::Conn, member: ActorId) -> Result<Policy> {
    Ok(db::notice_rules::policy(conn, member)?.unwrap_or_else(|| Policy::open(member)))
}

/// Writes a member's policy.
///
/// # Errors
/// `Internal` from the database.
pub fn set_policy(tx: &mut Tx, policy: &Policy) -> Result<()> {
    Ok(db::notice_rules::set_policy(tx, policy)?)
}

/// What becomes of a notification by the policy of its recipient.
///
/// Always shown: what stewards and the node say, what waits for an answer, what the recipient asked
/// for by following, and the doing of whom they let through. An answer to the recipient's own direct
/// message is asked for.
///
/// # Errors
/// `Internal` from the database.
pub fn judge(tx: &mut Tx, notification: &Notification) -> Result<Verdict> {
    use NotificationKind::{
        FollowRequest, Moderation, Poll, QuotedUpdate, Report, Status, Thanks, Update,
    };
    let (to, from) = (notification.recipient_id, notification.from_id);
    if matches!(
        notification.kind,
        FollowRequest | Moderation | Poll | QuotedUpdate | Report | Status | Thanks | Update
    ) {
        return Ok(Verdict::Accept);
    }
    let Some(policy) = db::notice_rules::policy(tx, to)? else { return Ok(Verdict::Accept) };
    if db::notice_rules::is_permitted(tx, to, from)? {
        return Ok(Verdict::Accept);
    }
    let post = notification.post_id.map(|id| db::posts::by_id(tx, id)).transpose()?;
    if answers_recipient(tx, notification, post.as_ref())? {
        return Ok(Verdict::Accept);
    }
    let sender = tx.actor(from)?;
    let follows = db::follows::exists(tx, to, from)?;
    let mut verdict = Verdict::Accept;
    let mut apply = |holds: bool, said: Verdict| {
        if holds {
            verdict = verdict.max(said);
        }
    };
    apply(!follows, policy.not_following);
    apply(!db::follows::exists(tx, from, to)?, policy.not_followers);
    let recent = tx.now().plus_days(-NEW_DAYS);
    apply(!follows && sender.created_at > recent, policy.new_accounts);
    let direct = post.is_some_and(|post| post.visibility == Visibility::Direct);
    apply(!follows && direct, policy.private_mentions);
    let limited = !sender.local && db::servers::is_limited(tx, &sender.host)?;
    apply(!follows && limited, policy.limited_accounts);
    Ok(verdict)
}

fn answers_recipient(tx: &mut Tx, told: &Notification, post: Option<&Post>) -> Result<bool> {
    let Some(post) = post.filter(|_| told.kind == NotificationKind::Mention) else {
        return Ok(false);
    };
    let Some(parent) = post.in_reply_to_id.filter(|_| post.visibility == Visibility::Direct) else {
        return Ok(false);
    };
    Ok(db::posts::by_id(tx, parent)?.author_id == told.recipient_id)
}

/// A notification waits in the request of who caused it.
///
/// # Errors
/// `Internal` from the database.
pub fn wait(tx: &mut Tx, notification: &Notification) -> Result<()> {
    let now = tx.now();
    let row = Request {
        id: NoticeRequestId(tx.new_id()),
        actor_id: notification.recipient_id,
        from_id: notification.from_id,
        last_post_id: notification.post_id,
        notifications_count: 1,
        created_at: now,
        updated_at: now,
    };
    Ok(db::notice_rules::wait(tx, &row)?)
}

/// A member lets through what waits of somebody, and all that comes from them; or forgets what waits.
///
/// # Errors
/// `NotFound` where nothing waits under this id.
pub fn answer(tx: &mut Tx, member: ActorId, id: NoticeRequestId, accept: bool) -> Result<()> {
    let request = db::notice_rules::request(tx, member, id)?.ok_or(Error::NotFound)?;
    if accept {
        db::notice_rules::permit(tx, member, request.from_id)?;
        db::notice_rules::show_filtered(tx, member, request.from_id)?;
    } else {
        db::notice_rules::drop_filtered(tx, member, request.from_id)?;
    }
    db::notice_rules::end_request(tx, id)?;
    if accept {
        tx.record(super::Fact::NoticesMerged { member });
    }
    Ok(())
}
