//! Boosts, of people and of groups.
use serde_json::Value;

use crate::{
    activitypub::write,
    db::{actors::Actor, posts::Post},
    domain::Tx,
    effects::send::{Audience, Inboxes, followers_of, inbox_of, new_uri, not_before, send},
    error::Result,
    types::Visibility,
};

/// A local group takes its boost of a deleted thread back: microblogs would show it for ever.
pub(in crate::effects) fn boosts_gone(tx: &mut Tx, post: &Post, boosts: &[Post]) -> Result<()> {
    for boost in boosts.iter().filter(|boost| boost.local) {
        let booster = tx.actor(boost.author_id)?;
        if is_at_home(boost, &booster) {
            continue;
        }
        let to = if booster.is_group() {
            Audience::of(tx, booster.id)?.microblogs
        } else {
            followers_of(tx, booster.id)?
        };
        undo_boost(tx, &booster, boost, post, to)?;
    }
    Ok(())
}

/// What a private group passes on shows to its members here; members elsewhere get the post itself.
fn is_at_home(boost: &Post, booster: &Actor) -> bool {
    booster.is_group() && !boost.visibility.is_open()
}

fn boost_document(boost: &Post, booster: &Actor, original: &Post) -> Value {
    let published = not_before(boost.created_at, original.created_at);
    let open = boost.visibility.is_open();
    let document =
        write::announce_object(&boost.ap_id, &booster.ap_id, &original.ap_id, open, published);
    if original.visibility == Visibility::Unlisted { write::quietly(document) } else { document }
}

fn undo_boost(
    tx: &mut Tx,
    booster: &Actor,
    boost: &Post,
    original: &Post,
    to: Inboxes,
) -> Result<()> {
    let id = new_uri(tx)?;
    let undone = boost_document(boost, booster, original);
    let undo = write::undo(&id, &booster.ap_id, &undone);
    send(tx, booster, &undo, to)
}

pub(in crate::effects) fn boosted(
    tx: &mut Tx,
    boost: &Post,
    booster: &Actor,
    original: &Post,
) -> Result<()> {
    if !booster.local || is_at_home(boost, booster) {
        return Ok(());
    }
    let author = tx.actor(original.author_id)?;
    let to = if booster.is_group() {
        // Servers that take activities get the whole Create instead.
        Audience::of(tx, booster.id)?.microblogs
    } else {
        let mut to = followers_of(tx, booster.id)?;
        to.extend(inbox_of(&author));
        to
    };
    let document = boost_document(boost, booster, original);
    send(tx, booster, &document, to)
}

pub(in crate::effects) fn unboosted(tx: &mut Tx, boost: &Post, original: &Post) -> Result<()> {
    let booster = tx.actor(boost.author_id)?;
    if !booster.local || is_at_home(boost, &booster) {
        return Ok(());
    }
    let author = tx.actor(original.author_id)?;
    let mut to = followers_of(tx, booster.id)?;
    to.extend(inbox_of(&author));
    undo_boost(tx, &booster, boost, original, to)
}
