//! Who asks for what is not for everyone, as far as a signature proves it.
use actix_web::HttpRequest;

use super::{actors::by_key, signed};
use crate::{
    app::App,
    db::{self, Conn, actors::Actor, posts::Post},
    domain::posts,
    error::{Error, Result},
    types::{ActorKind, PostId},
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

/// Those of some posts that are for everyone, or for whoever signed a request.
///
/// # Errors
/// As [`asker`].
pub async fn readable(app: &App, request: &HttpRequest, mut posts: Vec<Post>) -> Result<Vec<Post>> {
    if posts.iter().all(|post| post.visibility.is_open()) {
        return Ok(posts);
    }
    if let Some(asker) = asker(app, request).await? {
        return app.read(move |conn| readable_by(conn, &asker, posts)).await;
    }
    posts.retain(|post| post.visibility.is_open());
    Ok(posts)
}

/// Those of `posts` that are there and that an asker may read, in their order: one of those they are
/// for, or the server (its own actor) of one of them, which has them already.
///
/// # Errors
/// `Internal` from the database.
pub fn readable_by(conn: &mut Conn, asker: &Actor, mut posts: Vec<Post>) -> Result<Vec<Post>> {
    posts.retain(|post| post.deleted_at.is_none());
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let readable = db::timelines::readable_among(conn, Some(asker.id), &ids)?;
    let is_server = asker.kind == ActorKind::Application;
    let mut kept = Vec::new();
    for post in posts {
        if readable.contains(&post.id) || is_server && posts::is_for_host(conn, &post, &asker.host)?
        {
            kept.push(post);
        }
    }
    Ok(kept)
}
