//! Founding a group and changing how it is shown.
use crate::{
    db::{self, actors::Actor, groups::Group},
    domain::{Tx, actors, follows, moderation, summaries},
    error::{Error, Result},
    keys::KeyPair,
    text,
    types::{ActorId, ActorKind},
};

/// Longest purpose, in characters.
pub const MAX_PURPOSE: usize = 300;
/// Longest rules, in characters.
pub const MAX_RULES: usize = 5_000;
/// Most groups that one steward decides for.
const MOST_GROUPS: i64 = 1_000;
/// Most groups one member founds in a day, where limits are on.
const MAX_PER_DAY: i64 = 5;

/// A group before it exists.
#[derive(Clone, Debug, Default)]
pub struct NewGroup {
    /// Its handle.
    pub name: String,
    /// What it is called; its handle if empty.
    pub title: String,
    /// Why it exists: one sentence, plain text.
    pub purpose: String,
    /// Its rules, plain text; may be empty.
    pub rules: String,
    /// Only members see its posts; joining waits for approval.
    pub private: bool,
    /// It sums up each month in a post of its own.
    pub monthly_summary: bool,
}

/// `founder` founds a group, and is its first member and steward.
///
/// # Errors
/// `Invalid` for a name or purpose that will not do, `Conflict` for a taken name.
#[expect(clippy::needless_pass_by_value, reason = "a new group is founded once")]
pub fn found(tx: &mut Tx, founder: &Actor, new: NewGroup, keys: KeyPair) -> Result<Actor> {
    let name = actors::check_name(&new.name)?;
    let purpose = text::clean_line(&new.purpose, MAX_PURPOSE + 1);
    let purpose_chars = purpose.chars().count();
    if purpose_chars == 0 {
        return Err(Error::invalid("Say in one sentence why this group exists"));
    }
    if purpose_chars > MAX_PURPOSE {
        return Err(Error::invalid(format!("A purpose has at most {MAX_PURPOSE} characters")));
    }
    if new.rules.chars().count() > MAX_RULES {
        return Err(Error::invalid(format!("Rules have at most {MAX_RULES} characters")));
    }
    let (node, now) = (tx.node(), tx.now());
    if node.limits && db::groups::founded_since(tx, founder.id, now.plus_days(-1))? >= MAX_PER_DAY {
        return Err(Error::TooMany(86_400));
    }
    let title = if new.title.trim().is_empty() { &new.name } else { &new.title };
    let mut actor = actors::create(tx, ActorKind::Group, &name, title, keys)?;
    actor.summary = text::paragraphs(&purpose);
    actor.summary_source.clone_from(&purpose);
    actor.locked = new.private;
    tx.save_actor(&actor)?;
    let group = Group {
        actor_id: actor.id,
        purpose,
        rules: new.rules.trim().to_owned(),
        founder_id: founder.id,
        thanks_words: "thanks".into(),
        ask_words: "ask help".into(),
        min_account_age_days: node.min_account_age_days,
        created_at: now,
        monthly_summary: new.monthly_summary,
    };
    db::groups::insert(tx, &group)?;
    if group.monthly_summary {
        summaries::plan(tx, actor.id);
    }
    follows::follow(tx, founder.id, &actor, follows::Options::default())?;
    if actor.locked {
        follows::accept(tx, actor.id, founder.id)?;
    }
    tx.actor(actor.id)
}

/// A steward lets somebody in who asked to join a group, or does not.
///
/// # Errors
/// `Forbidden` for everyone else, `NotFound` where nobody asked.
pub fn answer(
    tx: &mut Tx,
    steward: ActorId,
    group: ActorId,
    who: ActorId,
    yes: bool,
) -> Result<()> {
    if !is_steward(tx, group, steward)? {
        return Err(Error::forbidden("Its stewards let people into this group"));
    }
    let waiting = db::follows::between(tx, who, group)?.is_some_and(|f| f.accepted_at.is_none());
    if !waiting {
        return Err(Error::NotFound);
    }
    if yes {
        follows::accept(tx, group, who)?;
        return Ok(());
    }
    follows::reject(tx, group, who)
}

/// Whether `actor` may let people in and out of a group here.
///
/// # Errors
/// `Internal` from the database.
pub fn is_steward(conn: &mut db::Conn, group: ActorId, actor: ActorId) -> Result<bool> {
    let (group, actor) = (db::actors::by_id(conn, group)?, db::actors::by_id(conn, actor)?);
    Ok(group.local && moderation::is_steward(conn, &group, &actor)?)
}

/// Who looks after a group that lives here.
///
/// # Errors
/// `Internal` from the database.
pub fn stewards(conn: &mut db::Conn, group: ActorId) -> Result<Vec<ActorId>> {
    Ok(db::groups::by_id(conn, group)?.map(|group| group.founder_id).into_iter().collect())
}

/// For whom an actor decides who may follow or join: for itself, and for the groups it looks after.
///
/// # Errors
/// `Internal` from the database.
pub fn decides_for(conn: &mut db::Conn, actor: ActorId) -> Result<Vec<ActorId>> {
    let groups = db::groups::stewarded_by(conn, actor, MOST_GROUPS)?;
    Ok(std::iter::once(actor).chain(groups).collect())
}

/// Lets somebody follow or join who waits for `decider`'s word, or does not; says whom, or what.
///
/// # Errors
/// `NotFound` where nobody of that name waits.
pub fn decide(tx: &mut Tx, decider: ActorId, follower: ActorId, let_in: bool) -> Result<ActorId> {
    for target in decides_for(tx, decider)? {
        let follow = db::follows::between(tx, follower, target)?;
        if follow.is_some_and(|follow| follow.accepted_at.is_none()) {
            if let_in {
                follows::accept(tx, target, follower)?;
            } else {
                follows::reject(tx, target, follower)?;
            }
            return Ok(target);
        }
    }
    Err(Error::NotFound)
}
