//! Tags that members follow, and tags that they show on their profile.
use crate::{
    db::{self, tags::Featured},
    domain::Tx,
    error::{Error, Result},
    text,
    types::{ActorId, FeaturedTagId},
};

/// Most tags that a member follows.
const MAX_FOLLOWED: i64 = 1_000;
/// Most tags that a member shows.
pub const MAX_FEATURED: usize = 10;

/// A tag in its normal form.
///
/// # Errors
/// `NotFound` for what is none.
pub fn normal(tag: &str) -> Result<String> {
    let tag = text::normal_tag(tag);
    if tag.is_empty() || tag.chars().count() > 100 { Err(Error::NotFound) } else { Ok(tag) }
}

/// Public posts with a tag come home from now on. Doing it twice is doing it once.
///
/// # Errors
/// `Invalid` for too many.
pub fn follow(tx: &mut Tx, actor: ActorId, tag: &str) -> Result<()> {
    if db::tags::count_followed(tx, actor)? >= MAX_FOLLOWED {
        return Err(Error::invalid(format!(
            "Validation failed: You follow {MAX_FOLLOWED} hashtags, which is the most there can be"
        )));
    }
    let id = tx.new_id();
    db::tags::follow(tx, id, actor, tag)?;
    Ok(())
}

/// Ends that.
///
/// # Errors
/// `Internal` from the database.
pub fn unfollow(tx: &mut Tx, actor: ActorId, tag: &str) -> Result<()> {
    db::tags::unfollow(tx, actor, tag)?;
    Ok(())
}

fn is_of_tag(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Shows a tag, as it was written, on the member's profile.
///
/// # Errors
/// `Invalid` for what is no tag, one that is shown already, and for too many.
pub fn feature(tx: &mut Tx, actor: ActorId, written: &str) -> Result<Featured> {
    let written = written.trim().trim_start_matches('#').to_owned();
    let no_tag = || Error::invalid("Validation failed: Name is not a valid hashtag");
    // A tag is found again only under what stands in it, so nothing is left out silently.
    if !written.chars().all(|c| !c.is_ascii() && !c.is_whitespace() || is_of_tag(c)) {
        return Err(no_tag());
    }
    let tag = normal(&written).map_err(|_| no_tag())?;
    if db::tags::featured(tx, actor)?.len() >= MAX_FEATURED {
        return Err(Error::invalid(
            "Validation failed: You have already featured the maximum number of hashtags",
        ));
    }
    let row = Featured { id: FeaturedTagId(tx.new_id()), actor_id: actor, tag, written };
    if !db::tags::feature(tx, &row)? {
        return Err(Error::invalid("Validation failed: Tag has already been taken"));
    }
    Ok(row)
}

/// Takes a tag off the profile.
///
/// # Errors
/// `NotFound` where there is none.
pub fn unfeature(tx: &mut Tx, actor: ActorId, id: FeaturedTagId) -> Result<()> {
    if db::tags::unfeature(tx, actor, id)? == 0 { Err(Error::NotFound) } else { Ok(()) }
}
