//! Who asks for what is not for everyone, as far as a signature proves it.
use actix_web::HttpRequest;

use super::{actors::by_key, signed};
use crate::{
    app::App,
    db::{self, actors::Actor, posts::Post},
    domain::posts,
    error::{Error, Result},
    types::ActorKind,
};

/// Whoever signed a request; nobody where it is not signed, or by nobody who counts.
///
/// # Errors
/// `Unreachable`, `TooMany` or `Internal` where that cannot be found out just now.
pub async fn asker(app: &App, request: &HttpRequest) -> Result<Option<Actor>> {
    let Ok(claim) = signed::read(app, request, b"") else { return Ok(None) };
    let owner = match by_key(app, &claim.key_id).await {
        Ok(owner) => owner,
        Err(error) => return passing(error),
    };
    let actor = match signed::verified(app, &claim, owner).await {
        Ok(actor) => actor,
        Err(error) => return passing(error),
    };
    let host = actor.host.clone();
    let blocked = app.read(move |conn| Ok(db::servers::is_blocked(conn, &host)?)).await?;
    Ok((!actor.local && actor.is_active() && !blocked).then_some(actor))
}

/// What may be found out later is an error; anything else is nobody.
fn passing(error: Error) -> Result<Option<Actor>> {
    match error {
        Error::Unreachable(_) | Error::TooMany(_) | Error::Internal(_) => Err(error),
        _ => Ok(None),
    }
}

/// Whether whoever signed a request may read a post that is not for everyone: one of those it is
/// for, or the server (its own actor) of one of them, which has the post already.
///
/// # Errors
/// As [`asker`].
pub async fn may_read(app: &App, request: &HttpRequest, post: &Post) -> Result<bool> {
    let Some(asker) = asker(app, request).await? else { return Ok(false) };
    let post = post.clone();
    app.read(move |conn| {
        if db::timelines::may_read(conn, Some(asker.id), post.id)? {
            return Ok(true);
        }
        let is_server = asker.kind == ActorKind::Application;
        Ok(is_server && posts::is_for_host(conn, &post, &asker.host)?)
    })
    .await
}
