//! Who asks for what is not for everyone, as far as a signature proves it.
use actix_web::HttpRequest;

use super::{actors::by_key, signed};
use crate::{
    app::App,
    db::{self, Conn, actors::Actor, posts::Post},
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
    app.read(move |conn| is_for(conn, &asker, &post)).await
}

/// Those of some posts that are for everyone, or for whoever signed a request.
///
/// # Errors
/// As [`asker`].
pub async fn readable(app: &App, request: &HttpRequest, posts: Vec<Post>) -> Result<Vec<Post>> {
    if posts.iter().all(|post| post.visibility.is_open()) {
        return Ok(posts);
    }
    let asker = asker(app, request).await?;
    app.read(move |conn| {
        let mut shown = Vec::new();
        for post in posts {
            let meant = match &asker {
                Some(asker) => is_for(conn, asker, &post)?,
                None => false,
            };
            if meant || post.visibility.is_open() {
                shown.push(post);
            }
        }
        Ok(shown)
    })
    .await
}

fn is_for(conn: &mut Conn, asker: &Actor, post: &Post) -> Result<bool> {
    if db::timelines::may_read(conn, Some(asker.id), post.id)? {
        return Ok(true);
    }
    let is_server = asker.kind == ActorKind::Application;
    Ok(is_server && posts::is_for_host(conn, post, &asker.host)?)
}
