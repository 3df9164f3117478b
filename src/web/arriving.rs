//! What comes from elsewhere by its address: a member follows it, answers it, or names it.
use actix_web::{HttpResponse, web};

use super::{
    reader::Reader,
    show::{self, Cast},
};
use crate::{
    app::App,
    db,
    error::{Error, Result},
    federation::{actors, posts},
    text,
    types::Uri,
};

/// Most people from elsewhere who are looked up for one post.
const MOST_LOOKUPS: usize = 8;

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
    let asked = wanted.uri.trim();
    let app = &reader.app;
    let path = if let Ok(uri) = Uri::parse(asked) {
        at(app, &uri).await?
    } else {
        let (name, host) = handle(asked, app.domain()).ok_or(Error::NotFound)?;
        show::actor_path(&actors::resolve_handle(app, &name, &host).await?)
    };
    Ok(reader.go(&path))
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

async fn at(app: &App, uri: &Uri) -> Result<String> {
    if uri.0.origin() == app.origin().origin() && uri.0.path().starts_with("/@") {
        return Ok(uri.0.path().to_owned());
    }
    if let Ok(actor) = actors::resolve(app, uri).await {
        return Ok(show::actor_path(&actor));
    }
    let post = posts::fetch_post(app, uri).await?;
    app.read(move |conn| Ok(Cast::of(conn, std::slice::from_ref(&post), &[])?.post_path(&post)))
        .await
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
