//! Posts of others that somebody here looks for.
use std::sync::Arc;

use super::{
    actors as others,
    receive::{Fetched, Found, Need, Received, Stop, ensure, fetched},
};
use crate::{
    activitypub::{Activity, Incoming, Object, json},
    app::App,
    db::{actors, posts, posts::Post},
    domain::actors::NODE_NAME,
    error::{Error, Result},
    types::Uri,
};

/// Most things that are fetched to show one post.
const MOST_FETCHES: usize = 64;

/// The post at an address: an id, or the page of one. Read from where it lives if it is not here,
/// with what it answers.
///
/// # Errors
/// `NotFound` or `Gone` where there is none for everyone, `Unreachable` where there may be later,
/// else what [`super::fetch::Fetcher::get_document`] says.
pub async fn fetch_post(app: &App, uri: &Uri) -> Result<Post> {
    if let Some(known) = known(app, uri).await? {
        return Ok(known);
    }
    if app.node().owns(uri) {
        return Err(Error::NotFound);
    }
    let document = others::document(app, uri).await?;
    // Asked for its page, a server shows the post under its own id.
    let id = json::id_of(&document).ok_or(Error::NotFound)?;
    let object = Object::read(&document)?;
    if !object.visibility(&[]).is_open() {
        return Err(Error::NotFound);
    }
    keep(app, &id, document).await
}

/// Stores a post whose document was read where it lives, with what it answers.
///
/// # Errors
/// As [`fetch_post`].
pub async fn keep(app: &App, id: &Uri, document: serde_json::Value) -> Result<Post> {
    let mut found = Found::default();
    found.insert(id.clone(), Fetched::Document(Box::new(document)));
    for _ in 0..MOST_FETCHES {
        match attempt(app, id, found.clone()).await? {
            None => return known(app, id).await?.ok_or(Error::NotFound),
            Some(need) => {
                let (uri, fetched) = fetched(app, &need, false).await?;
                found.insert(uri, fetched);
            }
        }
    }
    Err(Error::NotFound)
}

async fn known(app: &App, uri: &Uri) -> Result<Option<Post>> {
    let text = uri.to_string();
    app.read(move |conn| {
        let by_id = posts::by_ap_id(conn, &text)?;
        let found = match by_id {
            Some(post) => Some(post),
            None => posts::by_url(conn, &text)?,
        };
        match found {
            Some(post) if post.deleted_at.is_some() => Err(Error::Gone),
            found => Ok(found),
        }
    })
    .await
}

/// Stores the post if all it needs was found; else says what it needs.
async fn attempt(app: &App, id: &Uri, found: Found) -> Result<Option<Need>> {
    let (id, node_id) = (id.clone(), app.node().uri("actor")?);
    let asked = Arc::new(std::sync::OnceLock::new());
    let needed = Arc::clone(&asked);
    let outcome = app
        .write(move |tx| {
            let node = actors::local_by_name(tx, NODE_NAME)?.ok_or(Error::NotFound)?;
            // Nobody sent it: the node itself asks.
            let incoming = Incoming {
                id: None,
                actor: node_id,
                activity: Activity::Unknown { kind: String::new() },
                to: Vec::new(),
                cc: Vec::new(),
                audience: Vec::new(),
                published: None,
                raw: serde_json::Value::Null,
            };
            let received = Received { incoming: &incoming, actor: &node, body: "", found: &found };
            match ensure(tx, &received, &id, &mut Vec::new()) {
                Ok(_) | Err(Stop::Ignore(_)) => Ok(()),
                Err(Stop::Error(error)) => Err(error),
                Err(Stop::Need(need)) => {
                    // As in `receive::run`: undone, and no error to anybody.
                    let _ = needed.set(need);
                    Err(Error::Conflict("something has to be fetched first".into()))
                }
            }
        })
        .await;
    match asked.get() {
        Some(need) => Ok(Some(need.clone())),
        None => outcome.map(|()| None),
    }
}
