use crate::{
    db::{
        self,
        actors::{Actor, Counts},
        posts::Post,
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    types::{ActorId, PostId, Uri, Visibility},
};

/// A member passes a post on to their followers. Doing it twice is doing it once.
///
/// # Errors
/// `NotFound` for what they may not read, `Forbidden` for what is not for everyone.
pub fn boost(tx: &mut Tx, booster: &Actor, id: PostId) -> Result<Post> {
    let mut post = super::readable(tx, Some(booster.id), id)?;
    if let Some(original) = post.boost_of_id {
        post = super::readable(tx, Some(booster.id), original)?;
    }
    // What is said in a private group stays there, also for who said it.
    let own = post.author_id == booster.id
        && post.visibility == Visibility::Followers
        && !is_in_private_group(tx, &post)?;
    if !post.visibility.is_open() && !own {
        return Err(Error::forbidden("This post is not for everyone"));
    }
    if !may_pass_on(tx, booster, &post)? {
        return Err(Error::forbidden("Its author does not want this post passed on"));
    }
    let ap_id = tx.node().uri(&format!("u/{}/boost/{}", booster.name, post.id))?;
    put(tx, booster, &post, ap_id)
}

/// A local group passes a thread of its own on, where its author lets it: for followers on
/// microblogs, its boost.
///
/// # Errors
/// `Internal` from the database.
pub fn passed_on(tx: &mut Tx, group: &Actor, thread: &Post) -> Result<Option<Post>> {
    if !may_pass_on(tx, group, thread)? {
        return Ok(None);
    }
    let ap_id = Uri(group.ap_id.join(&format!("/c/{}/boost/{}", group.name, thread.id))?);
    put(tx, group, thread, ap_id).map(Some)
}

/// Whether the author of a post is in good standing here and lets `booster` pass it on. What one
/// group says another does not repeat: two that follow each other would never stop.
fn may_pass_on(tx: &mut Tx, booster: &Actor, post: &Post) -> Result<bool> {
    if post.author_id == booster.id {
        return Ok(!booster.is_group());
    }
    let author = tx.actor(post.author_id)?;
    if !author.is_active() || (booster.is_group() && author.is_group()) {
        return Ok(false);
    }
    let policy = db::policies::of(tx, post.id)?.and_then(|policy| policy.can_announce);
    let Some(who) = policy else { return Ok(true) };
    let who: Vec<String> = serde_json::from_str(&who).unwrap_or_default();
    let names = |uri: &str| who.iter().any(|one| one == uri);
    if names(booster.ap_id.as_str()) {
        return Ok(true);
    }
    let for_followers = author.followers_uri.as_deref().is_some_and(names);
    Ok(for_followers && db::follows::exists(tx, booster.id, author.id)?)
}

/// Somebody elsewhere, or a group there, passes a post on.
///
/// # Errors
/// `Forbidden` for what is not for everyone, or an id that is not the booster's to give.
pub fn receive_boost(tx: &mut Tx, booster: &Actor, post: &Post, ap_id: Uri) -> Result<Post> {
    let to_members = booster.is_private_group()
        && post.group_id == Some(booster.id)
        && post.visibility == Visibility::Followers;
    if !post.visibility.is_open() && !to_members {
        return Err(Error::forbidden("This post is not for everyone"));
    }
    if !booster.ap_id.same_origin(&ap_id) {
        return Err(Error::forbidden("A boost comes from the server of who boosts"));
    }
    put(tx, booster, post, ap_id)
}

fn is_in_private_group(tx: &mut Tx, post: &Post) -> Result<bool> {
    let Some(group) = post.group_id else { return Ok(false) };
    Ok(tx.actor(group)?.is_private_group())
}

/// Stores a boost; there is one of each booster and post.
fn put(tx: &mut Tx, booster: &Actor, post: &Post, ap_id: Uri) -> Result<Post> {
    let mut boost = row(tx, booster, post, ap_id);
    if !db::posts::insert(tx, &boost)? {
        if let Some(known) = db::posts::boost_by(tx, booster.id, post.id)? {
            return Ok(known);
        }
        // After an undo the same address may come again; it was emptied, and another one is filled.
        let before = db::posts::by_ap_id(tx, boost.ap_id.as_str())?;
        if before.is_some_and(|row| row.boost_of_id != Some(post.id)) {
            return Err(Error::Conflict("This id names something else".into()));
        }
        boost.ap_id = Uri(boost.ap_id.join(&format!("{}-{}", boost.ap_id.path(), boost.id))?);
        if !db::posts::insert(tx, &boost)? {
            return db::posts::boost_by(tx, booster.id, post.id)?
                .ok_or_else(|| Error::Conflict("This boost was taken back".into()));
        }
    }
    db::counters::post(tx, post.id, 0, 0, 1)?;
    tx.count(booster.id, Counts::posts(1));
    tx.record(Fact::Boosted {
        boost: boost.clone(),
        booster: Box::new(booster.clone()),
        original: Box::new(post.clone()),
    });
    Ok(boost)
}

fn row(tx: &Tx, booster: &Actor, post: &Post, ap_id: Uri) -> Post {
    let open = post.visibility != Visibility::Followers;
    Post {
        kind: "Announce".into(),
        boost_of_id: Some(post.id),
        visibility: if open { Visibility::Public } else { Visibility::Followers },
        ..Post::new(PostId(tx.new_id()), ap_id, booster, tx.now())
    }
}

/// Takes a boost back; nothing happens where there is none.
///
/// # Errors
/// `Internal` from the database.
pub fn unboost(tx: &mut Tx, booster: ActorId, original: PostId) -> Result<()> {
    let Some(boost) = db::posts::boost_by(tx, booster, original)? else { return Ok(()) };
    let original = db::posts::by_id(tx, original)?;
    super::erase(tx, &boost)?;
    tx.record(Fact::Unboosted { boost, original: Box::new(original) });
    Ok(())
}
