//! Whose key a signature was made with.
use super::{not_blocked, store};
use crate::{
    activitypub::{
        ActorDoc,
        actor::key_owner,
        object::{Family, family},
    },
    app::App,
    db::{self, actors::Actor},
    error::{Error, Result},
    keys::PublicKey,
    types::Uri,
};

/// A key and the actor whose document lists it.
#[derive(Clone, Debug)]
pub struct KeyOwner {
    /// Who signs with it.
    pub actor: Actor,
    /// The key.
    pub key: PublicKey,
    /// It was read just now, not remembered.
    pub fresh: bool,
}

/// The owner of the key that a signature names: as known, else read from its server.
///
/// # Errors
/// As [`super::resolve`]; `Invalid` where the owner's document does not list the key.
pub async fn by_key(app: &App, key_id: &str) -> Result<KeyOwner> {
    let id = Uri::parse(key_id)?;
    let known = app.read(move |conn| Ok(db::keys::owner(conn, id.as_str())?)).await?;
    known_or_read(app, key_id, known).await
}

/// The same where it was looked up already what is known of the key: its owner and what it is made
/// of. (By the id as it is stored: an actor that is its server's root may be written with or without
/// a slash.)
///
/// # Errors
/// As [`by_key`].
pub async fn known_or_read(
    app: &App,
    key_id: &str,
    known: Option<(Actor, String)>,
) -> Result<KeyOwner> {
    match known {
        Some((actor, _)) if actor.deleted_at.is_some() => Err(Error::Gone),
        Some((actor, material)) => {
            let key = PublicKey::read(&material)?;
            Ok(KeyOwner { actor, key, fresh: false })
        }
        None => fetch(app, key_id).await,
    }
}

/// The same, read anew because the known key did not fit: it may have been changed. At most once
/// in five minutes for each key.
///
/// # Errors
/// `Unauthorized` when it was read anew already; else as [`by_key`].
pub async fn refetch_key(app: &App, key_id: &str) -> Result<KeyOwner> {
    if !app.memory().may_read_anew(key_id) {
        return Err(Error::Unauthorized);
    }
    fetch(app, key_id).await
}

async fn fetch(app: &App, key_id: &str) -> Result<KeyOwner> {
    let id = Uri::parse(key_id)?;
    if app.node().owns(&id) {
        return Err(Error::invalid("nobody here signs what comes from elsewhere"));
    }
    not_blocked(app, &id.authority()).await?;
    let document = app.get_document(&id).await?;
    // The document is the owner's own, or a key (or stub) that names its owner.
    let whole = matches!(family(&document), Some(Family::Actor)) && document.get("inbox").is_some();
    let document = if whole {
        document
    } else {
        let owner = key_owner(&document, &id).ok_or_else(|| Error::invalid("a key of nobody"))?;
        if !owner.same_origin(&id) {
            return Err(Error::invalid("a key of somebody elsewhere"));
        }
        app.get_document(&owner).await?
    };
    let actor = ActorDoc::read(&document)?;
    let listed = actor.keys.iter().find(|key| key.id == id);
    let listed = listed.ok_or_else(|| Error::invalid("the owner does not list this key"))?;
    let key = PublicKey::read(listed.material.text())?;
    let actor = store(app, actor, None).await?;
    Ok(KeyOwner { actor, key, fresh: true })
}
