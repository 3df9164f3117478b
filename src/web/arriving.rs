//! What comes from elsewhere by its address: a member follows it, answers it, or names it.
use std::{future::Future, time::Duration};

use actix_web::{HttpResponse, web};

use super::{
    named,
    reader::Reader,
    show::{self, Cast},
};
use crate::{
    app::App,
    db::{self, Conn},
    error::{Error, Result},
    federation::{actors, posts},
    text,
    types::{ActorId, Uri},
};

/// Most people from elsewhere who are looked up for one post.
const MOST_LOOKUPS: usize = 8;
/// How long a page waits for another server.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address of somebody, of a group or of a post.
#[derive(serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    uri: String,
}

/// The page here of something that lives elsewhere. Other servers send our members to it, and our
/// own pages have a field for it.
///
/// # Errors
/// `Unauthorized` for visitors, because it makes this node ask others; `NotFound`, `Unreachable`.
pub async fn arrive(reader: Reader, wanted: web::Query<Wanted>) -> Result<HttpResponse> {
    reader.member()?;
    Ok(reader.go(&look_up(&reader, wanted.uri.trim()).await?))
}

/// The page here of what is `asked` for by its address: what is known here for everyone, and for
/// members what the server answers that it names.
///
/// # Errors
/// `Unauthorized` for visitors where a server would have to be asked; `NotFound`, `Unreachable`.
pub async fn look_up(reader: &Reader, asked: &str) -> Result<String> {
    let app = &reader.app;
    if let Ok(uri) = Uri::parse(asked) {
        return at(reader, &uri).await;
    }
    let (name, host) = handle(asked, app.domain()).ok_or(Error::NotFound)?;
    let (known, at, domain) = (name.clone(), host.clone(), app.domain().to_owned());
    let found = app
        .read(move |conn| match named::find(conn, &format!("{known}@{at}"), &domain) {
            Ok(actor) => Ok(Some(show::actor_path(&actor))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        })
        .await?;
    if let Some(path) = found {
        return Ok(path);
    }
    if host == app.domain() {
        return Err(Error::NotFound);
    }
    reader.member()?;
    let asked = Box::pin(actors::resolve_handle(app, &name, &host));
    Ok(show::actor_path(&in_time(asked).await?))
}

/// What another server answers, as long as a person would wait for a page.
async fn in_time<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
        Err(Error::Unreachable("That server takes too long to answer.".to_owned()))
    })
}

/// `@name@host`, `acct:name@host`, `!name@host`; without a host somebody here.
fn handle(asked: &str, domain: &str) -> Option<(String, String)> {
    let asked = asked.strip_prefix("acct:").unwrap_or(asked).trim_start_matches(['@', '!']);
    let (name, host) = asked.split_once('@').unwrap_or((asked, domain));
    let fine = |text: &str| {
        !text.is_empty()
            && text.len() < 254
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))
    };
    (fine(name) && fine(host)).then(|| (name.to_owned(), host.to_lowercase()))
}

async fn at(reader: &Reader, uri: &Uri) -> Result<String> {
    let app = &reader.app;
    if uri.0.origin() == app.origin().origin() && uri.0.path().starts_with("/@") {
        return Ok(uri.0.path().to_owned());
    }
    let (asked, viewer) = (uri.clone(), reader.lens().viewer);
    if let Some(path) = app.read(move |conn| known(conn, viewer, &asked)).await? {
        return Ok(path);
    }
    reader.member()?;
    let asked = async {
        if let Ok(actor) = actors::resolve(app, uri).await {
            return Ok(show::actor_path(&actor));
        }
        let post = posts::fetch_post(app, uri).await?;
        app.read(move |conn| path_of(conn, &post)).await
    };
    in_time(Box::pin(asked)).await
}

/// The page here of what lives at `uri`, if this node knows it: by its id or by its page.
fn known(conn: &mut Conn, viewer: Option<ActorId>, uri: &Uri) -> Result<Option<String>> {
    let address = uri.as_str();
    let actor = match db::actors::by_ap_id(conn, address)? {
        Some(actor) => Some(actor).filter(db::actors::Actor::is_active),
        None => db::actors::by_url(conn, address)?,
    };
    if let Some(actor) = actor {
        return Ok(Some(show::actor_path(&actor)));
    }
    let post = match db::posts::by_ap_id(conn, address)? {
        Some(post) => Some(post),
        None => db::posts::by_url(conn, address)?,
    };
    let Some(post) = post.filter(|post| post.deleted_at.is_none()) else { return Ok(None) };
    if !db::timelines::may_read(conn, viewer, post.id)? {
        return Ok(None);
    }
    path_of(conn, &post).map(Some)
}

fn path_of(conn: &mut Conn, post: &db::posts::Post) -> Result<String> {
    Ok(Cast::of(conn, std::slice::from_ref(post), &[])?.post_path(post))
}

/// Gets to know those whom a text names and who live elsewhere, so that naming them reaches them.
/// Whoever does not answer stays a word in the text.
pub async fn meet(app: &App, source: &str) {
    let named = text::scan(source).mentions;
    let elsewhere = named.into_iter().filter_map(|handle| {
        let host = handle.host?.to_lowercase();
        (host != app.domain()).then_some((handle.name, host))
    });
    for (name, host) in elsewhere.take(MOST_LOOKUPS) {
        let (asked, at) = (name.clone(), host.clone());
        let known =
            app.read(move |conn| Ok(db::actors::remote_by_handle(conn, &asked, &at)?)).await;
        if matches!(known, Ok(Some(_))) {
            continue;
        }
        if let Err(error) = actors::resolve_handle(app, &name, &host).await {
            tracing::debug!(host, cause = %error.cause(), "somebody named in a post was not found");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::handle;

    #[test]
    fn every_way_to_write_an_address_is_read() {
        let expected = Some(("repairs".to_owned(), "elm.example".to_owned()));
        for asked in [
            "@repairs@elm.example",
            "repairs@Elm.example",
            "acct:repairs@elm.example",
            "!repairs@elm.example",
        ] {
            assert_eq!(handle(asked, "oak.example"), expected, "{asked}");
        }
        assert_eq!(
            handle("ana", "oak.example"),
            Some(("ana".to_owned(), "oak.example".to_owned()))
        );
        assert_eq!(handle("what is this?", "oak.example"), None);
        assert_eq!(handle("", "oak.example"), None);
    }
}
