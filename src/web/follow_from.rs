//! "Follow from where you are": a visitor types their address, and their own server takes over.
use actix_web::{HttpResponse, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use super::{
    reader::Reader,
    views::{Page, pages::MessagePage},
};
use crate::{
    error::{Error, Result},
    fetch::Fetcher,
};

/// Link relation under which servers say where their members follow others.
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

/// What the visitor typed. It changes nothing here, so it carries no token.
#[derive(serde::Deserialize)]
pub struct Wanted {
    /// Whom or what to follow.
    to: String,
    /// The visitor's own address.
    address: String,
}

/// Takes the visitor to the page of their own server that follows `to`.
///
/// # Errors
/// `Invalid` for what is no address; `Unreachable` when that server does not answer.
pub async fn go(reader: Reader, wanted: web::Form<Wanted>) -> Result<HttpResponse> {
    let Wanted { to, address } = wanted.into_inner();
    let (name, host) = split(&address).ok_or_else(|| {
        Error::invalid(
            "An address looks like @you@your.server: your name there, and the server's name.",
        )
    })?;
    let development = reader.app.config().development;
    let fetcher = reader.app.fetcher();
    let Some(template) = subscribe_template(fetcher, &name, &host, development).await? else {
        return by_hand(&reader, &to, &host);
    };
    let target = template.replace(
        "{uri}",
        &utf8_percent_encode(to.trim_start_matches('@'), NON_ALPHANUMERIC).to_string(),
    );
    let target = Url::parse(&target)
        .ok()
        .filter(|url| url.scheme() == "https" || (development && url.scheme() == "http"));
    match target {
        Some(url) => Ok(reader.go(url.as_str())),
        None => by_hand(&reader, &to, &host),
    }
}

fn by_hand(reader: &Reader, to: &str, host: &str) -> Result<HttpResponse> {
    let page = Page { unlisted: true, ..reader.page("Follow") };
    reader.html(&MessagePage {
        page,
        heading: "One step by hand".into(),
        lines: vec![
            format!("{host} answers, but does not say where its members follow others."),
            format!("Sign in there, search for {to}, and follow it."),
        ],
        link: format!("https://{host}/"),
        link_words: format!("Go to {host}"),
    })
}

/// `@you@your.server`, with or without the first @.
fn split(address: &str) -> Option<(String, String)> {
    let (name, host) = address.trim().trim_start_matches('@').split_once('@')?;
    let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let fine = !name.is_empty() && !host.is_empty() && host.len() < 254;
    (fine && name.chars().all(good) && host.chars().all(good))
        .then(|| (name.to_owned(), host.to_lowercase()))
}

async fn subscribe_template(
    fetcher: &Fetcher,
    name: &str,
    host: &str,
    development: bool,
) -> Result<Option<String>> {
    let scheme = if development && host.starts_with("localhost") { "http" } else { "https" };
    let mut url = Url::parse(&format!("{scheme}://{host}/.well-known/webfinger"))?;
    url.query_pairs_mut().append_pair("resource", &format!("acct:{name}@{host}"));
    let answer = fetcher.get_json(&url).await.map_err(|_| {
        Error::Unreachable(format!("{host} does not answer, or knows nobody called {name}."))
    })?;
    Ok(template_in(&answer))
}

fn template_in(answer: &Value) -> Option<String> {
    let links = answer.get("links")?.as_array()?;
    let link =
        links.iter().find(|link| link.get("rel").and_then(Value::as_str) == Some(SUBSCRIBE))?;
    let template = link.get("template")?.as_str()?;
    template.contains("{uri}").then(|| template.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_the_first_at() {
        let expected = Some(("ana".to_owned(), "oak.example".to_owned()));
        assert_eq!(split("@ana@Oak.example"), expected);
        assert_eq!(split(" ana@oak.example "), expected);
        for bad in ["", "ana", "@ana", "ana@", "ana@oak.example/path", "ana@oak.example#x", "a b@c"]
        {
            assert_eq!(split(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_template_is_found_among_other_links() {
        let answer = serde_json::json!({"links": [
            {"rel": "self", "href": "https://oak.example/u/ana"},
            {"rel": SUBSCRIBE, "template": "https://oak.example/authorize_interaction?uri={uri}"},
        ]});
        assert_eq!(
            template_in(&answer).unwrap(),
            "https://oak.example/authorize_interaction?uri={uri}"
        );
        assert!(template_in(&serde_json::json!({"links": 3})).is_none());
    }
}
