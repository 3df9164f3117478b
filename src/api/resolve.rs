//! From what people type, a handle or an address, to who and what this node knows or can find.
use std::{collections::BTreeSet, time::Duration};

use url::Url;

use super::access::Ctx;
use crate::{
    db::{self, Conn, actors::Actor, posts::Post},
    domain::actors::NODE_NAME,
    error::Result,
    federation,
    text::Handle,
    types::{ActorId, PostId, Uri},
};

/// How long a client waits for another server: it shows "nothing found" after that, for good.
const PATIENCE: Duration = Duration::from_secs(8);

/// Reads `name`, `@name@host`, `!group@host` or `acct:name@host`; the node's own domain is none.
pub(super) fn handle(text: &str, domain: &str) -> Option<Handle> {
    let text = text.trim();
    let text = text.strip_prefix("acct:").unwrap_or(text);
    let text = text.strip_prefix(['@', '!']).unwrap_or(text);
    let (name, host) = match text.split_once('@') {
        Some((name, host)) => (name, Some(host.to_ascii_lowercase())),
        None => (text, None),
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let host_fits = |host: &String| {
        !host.is_empty() && host.chars().all(|c| plain(c) || matches!(c, ':' | '[' | ']'))
    };
    if name.is_empty() || !name.chars().all(plain) || !host.as_ref().is_none_or(host_fits) {
        return None;
    }
    Some(Handle { name: name.to_owned(), host: host.filter(|host| host != domain) })
}

/// The actor of a handle, if this node knows it.
pub(super) fn known_handle(conn: &mut Conn, handle: &Handle) -> Result<Option<Actor>> {
    let actor = match &handle.host {
        None => db::actors::local_by_name(conn, &handle.name.to_lowercase())?,
        Some(host) => match db::actors::remote_by_handle(conn, &handle.name, host)? {
            Some(actor) => Some(actor),
            // Names are compared without regard to case; the index is not.
            None => db::actors::search(conn, &handle.name.to_lowercase(), 40, 0)?
                .into_iter()
                .find(|a| a.host == *host && a.name.eq_ignore_ascii_case(&handle.name)),
        },
    };
    Ok(actor.filter(|actor| actor.is_active() && actor.name != NODE_NAME))
}

/// What an address leads to.
#[derive(Debug)]
pub(super) enum Found {
    /// Somebody, or a group.
    Actor(ActorId),
    /// A post.
    Post(PostId),
}

/// The actor or post of an address, if this node knows it.
pub(super) fn known_url(conn: &mut Conn, origin: &Url, url: &Url) -> Result<Option<Found>> {
    if url.origin() == origin.origin() {
        return known_page(conn, url);
    }
    let text = url.as_str();
    if let Some(post) = db::posts::by_ap_id(conn, text)?.filter(|post| post.deleted_at.is_none()) {
        return Ok(Some(Found::Post(post.id)));
    }
    if let Some(actor) = db::actors::by_ap_id(conn, text)?.filter(Actor::is_active) {
        return Ok(Some(Found::Actor(actor.id)));
    }
    if let Some(post) = db::posts::by_url(conn, text)? {
        return Ok(Some(Found::Post(post.id)));
    }
    Ok(db::actors::by_url(conn, text)?.map(|actor| Found::Actor(actor.id)))
}

/// Of this node's own addresses: `/@name/ID`, `/p/ID`, `/@name`, `/u/name`, `/c/name`.
fn known_page(conn: &mut Conn, url: &Url) -> Result<Option<Found>> {
    let parts: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    let (name, post) = match parts.as_slice() {
        ["p", id] => (None, id.parse().ok()),
        ["u" | "c", name] => (Some(*name), None),
        [name] => (name.strip_prefix('@'), None),
        [name, id] if name.starts_with('@') => (None, id.parse().ok()),
        _ => (None, None),
    };
    if let Some(id) = post {
        let post = db::posts::by_ids(conn, &[PostId(id)])?.pop();
        return Ok(post.map(|post| Found::Post(post.id)));
    }
    let Some(name) = name else { return Ok(None) };
    let handle = Handle { name: name.to_owned(), host: None };
    Ok(known_handle(conn, &handle)?.map(|actor| Found::Actor(actor.id)))
}

/// The actor of a handle on another server, asked there where it is not known and `ask` is set.
///
/// Whatever goes wrong there, here it means that nobody was found.
pub(super) async fn account(ctx: &Ctx, q: &str, ask: bool) -> Result<Option<ActorId>> {
    let Some(handle) = handle(q, ctx.domain()).filter(|handle| handle.host.is_some()) else {
        return Ok(None);
    };
    let wanted = handle.clone();
    let known = ctx.read(move |conn| known_handle(conn, &wanted)).await?;
    if let Some(known) = known {
        return Ok(Some(known.id));
    }
    let Some(host) = handle.host.filter(|_| ask) else { return Ok(None) };
    Ok(far_handle(ctx, &handle.name, &host).await)
}

async fn far_handle(ctx: &Ctx, name: &str, host: &str) -> Option<ActorId> {
    let asked = federation::actors::resolve_handle(ctx, name, host);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(actor)) => Some(actor.id),
        Ok(Err(error)) => {
            tracing::info!(name, host, why = %error.cause(), "nobody found");
            None
        }
        Err(_) => None,
    }
}

/// What an address leads to, asked there where it is not known and `ask` is set.
pub(super) async fn address(ctx: &Ctx, url: Url, ask: bool) -> Result<Option<Found>> {
    let (origin, wanted) = (ctx.origin().clone(), url.clone());
    let known = ctx.read(move |conn| known_url(conn, &origin, &wanted)).await?;
    if known.is_some() || !ask || url.origin() == ctx.origin().origin() {
        return Ok(known);
    }
    let Ok(uri) = Uri::parse(url.as_str()) else { return Ok(None) };
    Ok(tokio::time::timeout(PATIENCE, far_address(ctx, &uri)).await.ok().flatten())
}

async fn far_address(ctx: &Ctx, uri: &Uri) -> Option<Found> {
    match federation::posts::fetch_post(ctx, uri).await {
        Ok(post) => return Some(Found::Post(post.id)),
        Err(error) => tracing::debug!(%uri, why = %error.cause(), "no post there"),
    }
    match federation::actors::resolve(ctx, uri).await {
        Ok(actor) => Some(Found::Actor(actor.id)),
        Err(error) => {
            tracing::info!(%uri, why = %error.cause(), "nothing found there");
            None
        }
    }
}

/// Looks up whom a text mentions and this node has not met, so that the mentions become links.
pub(super) async fn mentions(ctx: &Ctx, source: &str) -> Result<()> {
    let domain = ctx.domain().to_owned();
    let handles = crate::text::scan(source).mentions;
    let far: Vec<Handle> = handles
        .into_iter()
        .filter(|handle| handle.host.as_ref().is_some_and(|host| *host != domain))
        .take(8)
        .collect();
    if far.is_empty() {
        return Ok(());
    }
    let unknown = ctx
        .read(move |conn| {
            let mut unknown = Vec::new();
            for handle in far {
                if known_handle(conn, &handle)?.is_none() {
                    unknown.push(handle);
                }
            }
            Ok(unknown)
        })
        .await?;
    let asked = unknown.iter().map(|handle| async {
        let host = handle.host.as_deref().unwrap_or_default();
        far_handle(ctx, &handle.name, host).await
    });
    futures_util::future::join_all(asked).await;
    Ok(())
}

/// Which part of the accounts that match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accounts {
    /// At most so many.
    pub limit: i64,
    /// Leaving out the first ones.
    pub offset: i64,
    /// Only of those this member follows.
    pub following: Option<ActorId>,
}

/// Accounts that match what was typed: the exact handle first, then what begins with it.
pub(super) fn search_accounts(
    conn: &mut Conn,
    q: &str,
    domain: &str,
    far: Option<ActorId>,
    wanted: Accounts,
) -> Result<Vec<Actor>> {
    let q = q.trim();
    let exact = match handle(q, domain) {
        Some(handle) if wanted.offset == 0 => known_handle(conn, &handle)?,
        _ => None,
    };
    let far = far.map(|id| db::actors::by_id(conn, id)).transpose()?;
    let typed = q.trim_start_matches(['@', '!']).to_lowercase();
    let (name, host) = typed.split_once('@').unwrap_or((&typed, ""));
    let alike = if name.is_empty() {
        Vec::new()
    } else {
        db::actors::search(conn, name, wanted.limit, wanted.offset)?
    };
    let host = if host == domain { "" } else { host };
    let fits = |actor: &Actor| actor.host.starts_with(host) && actor.name != NODE_NAME;
    let mut seen = BTreeSet::new();
    let mut actors: Vec<Actor> = exact
        .into_iter()
        .chain(far)
        .chain(alike.into_iter().filter(fits))
        .filter(|actor| seen.insert(actor.id))
        .collect();
    if let Some(member) = wanted.following {
        let ids: Vec<ActorId> = actors.iter().map(|actor| actor.id).collect();
        let follows = db::follows::towards(conn, member, &ids)?;
        actors.retain(|a| follows.iter().any(|f| f.target_id == a.id && f.accepted_at.is_some()));
    }
    actors.truncate(usize::try_from(wanted.limit).unwrap_or_default());
    Ok(actors)
}

/// A post the reader may see, by its id.
pub(super) fn readable_post(conn: &mut Conn, reader: Option<ActorId>, id: PostId) -> Result<Post> {
    if db::timelines::may_read(conn, reader, id)? {
        Ok(db::posts::by_id(conn, id)?)
    } else {
        Err(crate::Error::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_read_in_every_way_people_type_them() {
        let of = |text: &str| handle(text, "localhost:8081").map(|h| (h.name, h.host));
        let local = Some(("ana".to_owned(), None));
        for text in ["ana", "@ana", " @ana ", "ana@localhost:8081", "acct:ana@LOCALHOST:8081"] {
            assert_eq!(of(text), local, "{text}");
        }
        let far = Some(("Ben".to_owned(), Some("elm.example".to_owned())));
        for text in ["@Ben@elm.example", "!Ben@elm.example", "Ben@Elm.example"] {
            assert_eq!(of(text), far, "{text}");
        }
        for text in ["", "@", "a b", "https://elm.example/@ben", "a@", "a@b@c", "@ana@x/y"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
