//! Telling local members. One happening is told once; nobody is told of their own doing, of what
//! they muted or blocked, or of what they may not read.
use crate::{
    db::{
        self,
        actors::Actor,
        follows::Follow,
        moderation::Deed,
        notice_rules::Verdict,
        notifications::{Notification, NotificationKind},
        posts::Post,
        reactions::Like,
        receipts::Receipt,
        reports::Report,
    },
    domain::{Fact, Tx, groups, moderation::Act, notices},
    error::Result,
    types::{ActorId, NotificationId, PostId, Time},
};

struct News {
    recipient: ActorId,
    kind: NotificationKind,
    from: ActorId,
    post: Option<PostId>,
}

impl News {
    /// The same for the same happening, whenever it is told.
    fn dedup(&self) -> String {
        let post = self.post.map_or_else(String::new, |post| post.to_string());
        format!("{}:{}:{post}", self.kind, self.from)
    }
}

fn tell(tx: &mut Tx, news: &News) -> Result<()> {
    tell_once(tx, news, news.dedup())
}

/// The same where `dedup` says which happening it is.
fn tell_once(tx: &mut Tx, news: &News, dedup: String) -> Result<()> {
    if news.recipient == news.from || db::members::by_id(tx, news.recipient)?.is_none() {
        return Ok(());
    }
    let now = tx.now();
    if db::relations::blocked_either_way(tx, news.recipient, news.from)?
        || db::relations::muted_among(tx, news.recipient, &[news.from], now)?
            .iter()
            .any(|mute| mute.notifications)
    {
        return Ok(());
    }
    let from = tx.actor(news.from)?;
    if !from.local
        && !db::standing::blocked_domains_among(tx, news.recipient, &[from.host])?.is_empty()
    {
        return Ok(());
    }
    if is_held_off(tx, news)? {
        return Ok(());
    }
    if is_in_muted_thread(tx, news)? {
        return Ok(());
    }
    let mut notification = Notification {
        id: NotificationId(tx.new_id()),
        recipient_id: news.recipient,
        kind: news.kind,
        from_id: news.from,
        post_id: news.post,
        dedup,
        created_at: now,
        filtered: false,
        group_key: group_key(news, now),
    };
    match notices::judge(tx, &notification)? {
        Verdict::Drop => return Ok(()),
        Verdict::Filter => notification.filtered = true,
        Verdict::Accept => {}
    }
    if db::notifications::insert(tx, &notification)? {
        if notification.filtered {
            return notices::wait(tx, &notification);
        }
        tx.record(Fact::Notified { notification });
    }
    Ok(())
}

/// What happens to one post, or to whom somebody is, within so long is shown as one, milliseconds.
const TOGETHER_MS: i64 = 12 * 3_600_000;

/// Likes and boosts of a post, and new followers, are shown together; other things alone.
fn group_key(news: &News, now: Time) -> String {
    use NotificationKind::{Boost, Follow, Like, Thanks};
    let span = now.0.div_euclid(TOGETHER_MS);
    match (news.kind, news.post) {
        (Like | Boost | Thanks, Some(post)) => format!("{}-{post}-{span}", news.kind),
        (Follow, _) => format!("{}-{span}", news.kind),
        _ => String::new(),
    }
}

/// Whether it is about a thread that the recipient wants to hear no more of.
fn is_in_muted_thread(tx: &mut Tx, news: &News) -> Result<bool> {
    let Some(post) = news.post else { return Ok(false) };
    let thread = db::posts::by_id(tx, post)?.thread_id;
    Ok(!db::standing::muted_threads_among(tx, news.recipient, &[thread])?.is_empty())
}

/// Whether it is the doing of somebody on a limited server whom the recipient does not follow.
/// That somebody asks to follow is always told: it waits for an answer.
fn is_held_off(tx: &mut Tx, news: &News) -> Result<bool> {
    if news.kind == NotificationKind::FollowRequest {
        return Ok(false);
    }
    let from = tx.actor(news.from)?;
    if from.local || !db::servers::is_limited(tx, &from.host)? {
        return Ok(false);
    }
    Ok(!db::follows::exists(tx, news.recipient, news.from)?)
}

fn take_back(tx: &mut Tx, news: &News) -> Result<()> {
    db::notifications::take_back(tx, news.recipient, &news.dedup())?;
    Ok(())
}

/// A new member of an open group is the group's to know; who waits at the door of another, its
/// stewards'.
pub(super) fn followed(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let kind = if follow.accepted_at.is_some() {
        NotificationKind::Follow
    } else {
        NotificationKind::FollowRequest
    };
    let (target, from) = (follow.target_id, follow.follower_id);
    let deciders = deciders(tx, target)?;
    if kind == NotificationKind::Follow {
        for recipient in deciders {
            let asked = News { recipient, kind: NotificationKind::FollowRequest, from, post: None };
            take_back(tx, &asked)?;
        }
        return tell(tx, &News { recipient: target, kind, from, post: None });
    }
    for recipient in deciders {
        tell(tx, &News { recipient, kind, from, post: None })?;
    }
    Ok(())
}

/// Whose word a request waits for: of one to join a group, its stewards'.
fn deciders(tx: &mut Tx, target: ActorId) -> Result<Vec<ActorId>> {
    let stewards = groups::stewards(tx, target)?;
    Ok(if stewards.is_empty() { vec![target] } else { stewards })
}

pub(super) fn unfollowed(tx: &mut Tx, follow: &Follow) -> Result<()> {
    let from = follow.follower_id;
    let followed =
        News { recipient: follow.target_id, kind: NotificationKind::Follow, from, post: None };
    take_back(tx, &followed)?;
    for recipient in deciders(tx, follow.target_id)? {
        let kind = NotificationKind::FollowRequest;
        take_back(tx, &News { recipient, kind, from, post: None })?;
    }
    Ok(())
}

pub(super) fn posted(tx: &mut Tx, post: &Post, author: &Actor) -> Result<()> {
    let mut mentioned =
        db::posts::mentions_of(tx, &[post.id])?.remove(&post.id).unwrap_or_default();
    if let Some(parent) = post.in_reply_to_id {
        mentioned.push(db::posts::by_id(tx, parent)?.author_id);
    }
    mentioned.sort_unstable();
    mentioned.dedup();
    for recipient in &mentioned {
        // An answer reaches whom it answers, but not past its own addressees.
        if post.visibility.is_open() || db::timelines::may_read(tx, Some(*recipient), post.id)? {
            let kind = NotificationKind::Mention;
            let (recipient, from) = (*recipient, author.id);
            tell(tx, &News { recipient, kind, from, post: Some(post.id) })?;
        }
    }
    for recipient in db::follows::local_followers_to_notify(tx, author.id)? {
        let new = !mentioned.contains(&recipient) && post.in_reply_to_id.is_none();
        if new && db::timelines::may_read(tx, Some(recipient), post.id)? {
            let kind = NotificationKind::Status;
            tell(tx, &News { recipient, kind, from: author.id, post: Some(post.id) })?;
        }
    }
    Ok(())
}

/// Who boosted or quotes a post hears that it is another one now.
pub(super) fn edited(tx: &mut Tx, post: &Post) -> Result<()> {
    for (quoting, recipient) in db::quotes::local_of(tx, post.id)? {
        let (kind, from) = (NotificationKind::QuotedUpdate, post.author_id);
        tell(tx, &News { recipient, kind, from, post: Some(quoting) })?;
    }
    for boost in db::posts::boosts_of(tx, post.id)? {
        let (kind, from) = (NotificationKind::Update, post.author_id);
        tell(tx, &News { recipient: boost.author_id, kind, from, post: Some(post.id) })?;
    }
    Ok(())
}

/// Whose post is quoted hears of it, if they may read where.
pub(super) fn quoted(tx: &mut Tx, post: &Post, quoted: &Post) -> Result<()> {
    let recipient = quoted.author_id;
    if !db::timelines::may_read(tx, Some(recipient), post.id)? {
        return Ok(());
    }
    let kind = NotificationKind::Quote;
    tell(tx, &News { recipient, kind, from: post.author_id, post: Some(post.id) })
}

pub(super) fn unquoted(tx: &mut Tx, post: &Post, quoted: &Post) -> Result<()> {
    let (recipient, kind) = (quoted.author_id, NotificationKind::Quote);
    take_back(tx, &News { recipient, kind, from: post.author_id, post: Some(post.id) })
}

/// A group's boost of its member's post is how groups work, and no news.
pub(super) fn boosted(tx: &mut Tx, booster: &Actor, original: &Post) -> Result<()> {
    if booster.is_group() {
        return Ok(());
    }
    let (kind, from) = (NotificationKind::Boost, booster.id);
    tell(tx, &News { recipient: original.author_id, kind, from, post: Some(original.id) })
}

pub(super) fn unboosted(tx: &mut Tx, boost: &Post, original: &Post) -> Result<()> {
    let (kind, from) = (NotificationKind::Boost, boost.author_id);
    take_back(tx, &News { recipient: original.author_id, kind, from, post: Some(original.id) })
}

pub(super) fn liked(tx: &mut Tx, like: &Like, post: &Post) -> Result<()> {
    let (kind, from) = (NotificationKind::Like, like.actor_id);
    tell(tx, &News { recipient: post.author_id, kind, from, post: Some(post.id) })
}

pub(super) fn unliked(tx: &mut Tx, like: &Like, post: &Post) -> Result<()> {
    let (kind, from) = (NotificationKind::Like, like.actor_id);
    take_back(tx, &News { recipient: post.author_id, kind, from, post: Some(post.id) })
}

/// The helper hears of it, counted or not. Thanks by 🙏 are told as thanks, not as a like too.
pub(super) fn thanked(tx: &mut Tx, receipt: &Receipt) -> Result<()> {
    let (recipient, from) = (receipt.helper_id, receipt.receiver_id);
    let post = Some(receipt.reply_id.unwrap_or(receipt.thread_id));
    take_back(tx, &News { recipient, kind: NotificationKind::Like, from, post })?;
    tell(tx, &News { recipient, kind: NotificationKind::Thanks, from, post })
}

pub(super) fn thanks_undone(tx: &mut Tx, receipt: &Receipt) -> Result<()> {
    let (recipient, from) = (receipt.helper_id, receipt.receiver_id);
    let post = Some(receipt.reply_id.unwrap_or(receipt.thread_id));
    take_back(tx, &News { recipient, kind: NotificationKind::Thanks, from, post })
}

/// Whose post was taken out of a group, or who may not write there any more, hears of it. The group
/// is the one who says so, and its log says why.
pub(super) fn moderated(tx: &mut Tx, act: &Act) -> Result<()> {
    if !matches!(act.deed, Deed::Remove | Deed::Ban) || act.quiet || act.by.id == act.person.id {
        return Ok(());
    }
    let (recipient, from) = (act.person.id, act.group.id);
    let news = News { recipient, kind: NotificationKind::Moderation, from, post: None };
    tell_once(tx, &news, format!("{}:{}", news.kind, act.ap_id))
}

/// Stewards of the group hear of a report, else the operators.
pub(super) fn reported(tx: &mut Tx, report: &Report) -> Result<()> {
    let group = match report.group_id {
        Some(group) => db::groups::by_id(tx, group)?,
        None => None,
    };
    let mut recipients: Vec<ActorId> = match &group {
        Some(group) => {
            let uris = db::moderation::moderators_of(tx, group.actor_id)?;
            tx.actors_called(&uris)?.iter().map(|actor| actor.id).collect()
        }
        None => db::members::operators(tx)?.iter().map(|actor| actor.id).collect(),
    };
    recipients.extend(group.map(|group| group.founder_id));
    let (kind, from) = (NotificationKind::Report, report.target_id);
    for recipient in recipients {
        let news = News { recipient, kind, from, post: None };
        tell_once(tx, &news, format!("{kind}:{}", report.id))?;
    }
    Ok(())
}

/// Who asked and who voted hear the result.
pub(super) fn poll_ended(tx: &mut Tx, post: &Post) -> Result<()> {
    let (kind, from) = (NotificationKind::Poll, post.author_id);
    for recipient in db::polls::voters(tx, post.id)? {
        tell(tx, &News { recipient, kind, from, post: Some(post.id) })?;
    }
    Ok(())
}
