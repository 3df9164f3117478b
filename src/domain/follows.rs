//! Following people, and joining groups: for a group, a member is whose follow is accepted.
use crate::{
    db::{
        self,
        actors::{Actor, Counts},
        follows::Follow,
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    types::{ActorId, FollowId},
};

/// How a follower wants to follow; `None` leaves it as it is, or at its default.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The target's boosts show in the follower's home.
    pub show_boosts: Option<bool>,
    /// The follower is notified of every post.
    pub notify: Option<bool>,
    /// Only posts in these languages come home; none given: all.
    pub languages: Option<Vec<String>>,
}

/// Most languages of a follow.
const MAX_LANGUAGES: usize = 20;

/// As a row keeps them.
fn languages(codes: &[String]) -> Result<String> {
    let is_code = |code: &String| {
        (2..=15).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if codes.len() > MAX_LANGUAGES || !codes.iter().all(is_code) {
        return Err(Error::invalid(
            "Validation failed: Languages contains an invalid language code",
        ));
    }
    Ok(if codes.is_empty() { String::new() } else { format!(",{},", codes.join(",")) })
}

/// The activity by which a remote actor asks, to be answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id, where it has one.
    pub ap_id: Option<String>,
    /// The whole of it, JSON.
    pub body: String,
}

/// A local member follows `target`, or joins it. Doing it twice is doing it once.
///
/// # Errors
/// `Forbidden` for oneself, across a block, or when the target is gone.
#[expect(clippy::needless_pass_by_value, reason = "how to follow is said once")]
pub fn follow(tx: &mut Tx, follower: ActorId, target: &Actor, options: Options) -> Result<Follow> {
    start(tx, follower, target, &options, None)
}

/// A remote actor asks to follow somebody, or join a group, that lives here. Always answered, a
/// repeated request too.
///
/// # Errors
/// As [`follow`].
pub fn receive(tx: &mut Tx, follower: ActorId, target: &Actor, request: Request) -> Result<Follow> {
    start(tx, follower, target, &Options::default(), Some(request))
}

fn start(
    tx: &mut Tx,
    follower: ActorId,
    target: &Actor,
    options: &Options,
    request: Option<Request>,
) -> Result<Follow> {
    if follower == target.id {
        return Err(Error::forbidden("You can't follow yourself"));
    }
    if !target.is_active() {
        return Err(Error::forbidden("This account is gone"));
    }
    super::actors::used(tx, target)?;
    if db::relations::blocked_either_way(tx, follower, target.id)? {
        return Err(Error::forbidden("One of you blocks the other"));
    }
    let now = tx.now();
    let joins = target.local && target.is_group();
    if joins && db::moderation::ban_of(tx, target.id, follower, now)?.is_some() {
        return Err(Error::forbidden("A steward of this group banned you"));
    }
    let (ap_id, body) = request.map_or((None, None), |request| (request.ap_id, Some(request.body)));
    if let Some(mut known) = db::follows::between(tx, follower, target.id)? {
        known.show_boosts = options.show_boosts.unwrap_or(known.show_boosts);
        known.notify = options.notify.unwrap_or(known.notify);
        if let Some(codes) = &options.languages {
            known.languages = languages(codes)?;
        }
        db::follows::set_options(tx, &known)?;
        if let Some(ap_id) = ap_id {
            db::follows::set_ap_id(tx, known.id, &ap_id)?;
            known.ap_id = Some(ap_id);
        }
        if body.is_some() {
            tx.record(Fact::Followed { follow: known.clone(), request: body });
        }
        return Ok(known);
    }
    let at_once = target.local && !target.locked && !is_from_limited(tx, follower)?;
    let follow = Follow {
        id: FollowId(tx.new_id()),
        follower_id: follower,
        target_id: target.id,
        accepted_at: at_once.then(|| tx.now()),
        ap_id,
        show_boosts: options.show_boosts.unwrap_or(true),
        notify: options.notify.unwrap_or(false),
        created_at: tx.now(),
        languages: languages(options.languages.as_deref().unwrap_or_default())?,
    };
    db::follows::insert(tx, &follow)?;
    if at_once {
        count(tx, &follow, 1);
    }
    tx.record(Fact::Followed { follow: follow.clone(), request: body });
    Ok(follow)
}

/// Whether somebody lives on a server that is kept at arm's length.
fn is_from_limited(tx: &mut Tx, actor: ActorId) -> Result<bool> {
    let actor = tx.actor(actor)?;
    Ok(!actor.local && db::servers::is_limited(tx, &actor.host)?)
}

/// Asks anew for a follow that nobody answered; nothing happens where somebody did.
///
/// # Errors
/// `Internal` from the database.
pub fn ask_again(tx: &mut Tx, id: FollowId, time: u8) -> Result<()> {
    let waiting = db::follows::by_id(tx, id)?.filter(|follow| follow.accepted_at.is_none());
    let Some(follow) = waiting else { return Ok(()) };
    let target = tx.actor(follow.target_id)?;
    if target.local || !target.is_active() {
        return Ok(());
    }
    let ap_id = tx.node().url(&format!("a/follow/{id}/{time}"));
    tx.record(Fact::FollowRepeated { follow: Follow { ap_id: Some(ap_id), ..follow } });
    Ok(())
}

fn count(tx: &mut Tx, follow: &Follow, by: i64) {
    tx.count(follow.follower_id, Counts { following: by, ..Counts::default() });
    tx.count(follow.target_id, Counts { followers: by, ..Counts::default() });
}

/// The followed lets a waiting follower in.
///
/// # Errors
/// `NotFound` when nobody waits.
pub fn accept(tx: &mut Tx, target: ActorId, follower: ActorId) -> Result<Follow> {
    let mut follow = db::follows::between(tx, follower, target)?.ok_or(Error::NotFound)?;
    if follow.accepted_at.is_none() {
        follow.accepted_at = Some(tx.now());
        let now = tx.now();
        db::follows::accept(tx, follow.id, now)?;
        count(tx, &follow, 1);
        tx.record(Fact::FollowAccepted { follow: follow.clone() });
    }
    Ok(follow)
}

/// The followed says no, or shows a follower the door.
///
/// # Errors
/// `NotFound` when there is no follow.
pub fn reject(tx: &mut Tx, target: ActorId, follower: ActorId) -> Result<()> {
    let follow = db::follows::between(tx, follower, target)?.ok_or(Error::NotFound)?;
    remove(tx, &follow)?;
    tx.record(Fact::FollowRejected { follow });
    Ok(())
}

/// The follower ends it; nothing happens where there is no follow.
///
/// # Errors
/// `Internal` from the database.
pub fn unfollow(tx: &mut Tx, follower: ActorId, target: ActorId) -> Result<()> {
    if let Some(follow) = db::follows::between(tx, follower, target)? {
        remove(tx, &follow)?;
        tx.record(Fact::Unfollowed { follow });
    }
    Ok(())
}

/// Tells the server of `target` that `follower`, whom it takes for a follower, is none; nothing
/// happens where there is a follow.
///
/// # Errors
/// `Internal` from the database.
pub fn deny(tx: &mut Tx, follower: ActorId, target: ActorId) -> Result<()> {
    if db::follows::between(tx, follower, target)?.is_some() {
        return Ok(());
    }
    let follow = Follow {
        id: FollowId(tx.new_id()),
        follower_id: follower,
        target_id: target,
        accepted_at: None,
        ap_id: None,
        show_boosts: false,
        notify: false,
        created_at: tx.now(),
        languages: String::new(),
    };
    tx.record(Fact::Unfollowed { follow });
    Ok(())
}

/// Takes a follow away without telling anyone.
///
/// # Errors
/// `Internal` from the database.
pub fn remove(tx: &mut Tx, follow: &Follow) -> Result<()> {
    if db::follows::delete(tx, follow.id)? == 1 && follow.accepted_at.is_some() {
        count(tx, follow, -1);
    }
    // Lists hold whom one follows.
    db::lists::remove_everywhere(tx, follow.follower_id, follow.target_id)?;
    Ok(())
}
