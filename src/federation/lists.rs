//! What a group elsewhere says of itself in lists: who moderates it, which threads it shows first.
//! So its rights and pins are known before anybody acts on them.
use super::{actors as others, posts as found};
use crate::{
    activitypub::{
        Object,
        collection::{Collection, More},
        json,
    },
    app::App,
    db::{self, actors::Actor},
    domain::moderation,
    error::{Error, Result},
    types::{ActorId, PostId, Uri},
};

/// Most pages of one list that are read.
const MOST_PAGES: usize = 5;
/// Most moderators that are remembered.
const MOST_MODERATORS: usize = 500;
/// Most pinned threads that are looked up.
const MOST_PINS: usize = 10;

/// Reads both lists of a group where it lives. A list that is not there, or is none, says nothing:
/// what is known stays.
///
/// # Errors
/// `Internal`, `TooMany` or `Unreachable` when it is to be tried again.
pub async fn read(app: &App, group: ActorId) -> Result<()> {
    let (group, followed) = app
        .read(move |conn| {
            let followed = db::follows::has_local_follower(conn, group)?;
            Ok((db::actors::by_id(conn, group)?, followed))
        })
        .await?;
    if group.local || !group.is_group() || !group.is_active() {
        return Ok(());
    }
    said(moderators(app, &group).await)?;
    // Who is not in shows nobody what is first there.
    if let Some(list) = own_list(&group, group.featured_uri.as_deref()).filter(|_| followed) {
        said(pins(app, &group, &list).await)?;
    }
    Ok(())
}

/// A group speaks for itself where it lives and nowhere else.
fn own_list(group: &Actor, uri: Option<&str>) -> Option<Uri> {
    uri.and_then(|uri| Uri::parse(uri).ok()).filter(|uri| uri.same_origin(&group.ap_id))
}

fn said(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error @ (Error::Internal(_) | Error::Unreachable(_) | Error::TooMany(_))) => Err(error),
        Err(error) => {
            tracing::debug!(cause = %error.cause(), "a list of a group says nothing");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// A group that does not say who moderates it has nobody act for it.
async fn moderators(app: &App, group: &Actor) -> Result<()> {
    let listed = match own_list(group, group.moderators_uri.as_deref()) {
        Some(list) => entries(app, &list, MOST_MODERATORS).await?,
        None => Vec::new(),
    };
    let group = group.clone();
    app.write(move |tx| moderation::mirror(tx, &group, &listed)).await
}

async fn pins(app: &App, group: &Actor, list: &Uri) -> Result<()> {
    let mut threads = Vec::new();
    for uri in entries(app, list, MOST_PINS).await? {
        match thread(app, &uri).await {
            Ok(Some(thread)) => threads.push(thread),
            Err(error @ Error::Internal(_)) => return Err(error),
            // One that cannot be had is not shown first here.
            Ok(None) | Err(_) => {}
        }
    }
    let group = group.clone();
    app.write(move |tx| moderation::mirror_pins(tx, &group, &threads)).await
}

/// A pinned thread: one that is here, or one for everyone that is read where it lives.
async fn thread(app: &App, uri: &Uri) -> Result<Option<PostId>> {
    let id = uri.clone();
    let known = app.read(move |conn| Ok(db::posts::by_ap_id(conn, id.as_str())?)).await?;
    if let Some(known) = known {
        return Ok(Some(known.id).filter(|_| known.deleted_at.is_none()));
    }
    if app.node().owns(uri) {
        return Ok(None);
    }
    let document = others::document(app, uri).await?;
    let object = Object::read(&document)?;
    let begins = object.in_reply_to.is_none() && object.visibility(&[]).is_open();
    if !begins || json::id_of(&document).as_ref() != Some(uri) {
        return Ok(None);
    }
    Ok(Some(found::keep(app, uri, document).await?.id))
}

/// What a list and its pages name, in order, each once.
async fn entries(app: &App, list: &Uri, most: usize) -> Result<Vec<Uri>> {
    let mut entries: Vec<Uri> = Vec::new();
    let mut next = Some(More::At(list.clone()));
    let mut pages_left = MOST_PAGES;
    while let Some(more) = next.take() {
        let page = match more {
            More::Here(page) => *page,
            More::At(uri) if pages_left > 0 && uri.same_origin(list) => {
                pages_left -= 1;
                Collection::read(&others::document(app, &uri).await?)?
            }
            More::At(_) => break,
        };
        for item in page.items {
            if entries.len() < most && !entries.contains(&item) {
                entries.push(item);
            }
        }
        next = page.more.filter(|_| entries.len() < most);
    }
    Ok(entries)
}
