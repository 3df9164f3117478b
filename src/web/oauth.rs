//! A member lets an app act for them: `/oauth/authorize` and the page with the code.
//!
//! [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749) and, for PKCE,
//! [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636).
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    guard::FormsLeadTo,
    posted::Posted,
    reader::Reader,
    views::{
        Page,
        pages::{AuthorizePage, CodePage},
    },
};
use crate::{
    db::oauth::{self, App},
    domain,
    error::{Error, Result},
};

/// The redirect URI of apps that cannot be redirected to: the member copies the code.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// What an app asks for.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct Query {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
    #[serde(default)]
    force_login: String,
}

/// A request that holds together: a known app, one of its own addresses, no more than it may ask.
struct Request {
    app: App,
    redirect_uri: String,
    scopes: Vec<String>,
    state: String,
    challenge: Option<String>,
}

/// Asks the member.
///
/// # Errors
/// `Invalid` when the app asks for what it cannot have; nobody is sent to an address that the app
/// did not register.
pub async fn ask(
    reader: Reader,
    req: HttpRequest,
    query: web::Query<Query>,
) -> Result<HttpResponse> {
    let query = query.into_inner();
    let request = check(&reader, query.clone()).await?;
    let here = |keep: &dyn Fn(&str) -> bool| {
        let pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
        let mut kept = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs.filter(|(name, _)| keep(name)) {
            kept.append_pair(&name, &value);
        }
        let path = format!("/oauth/authorize?{}", kept.finish());
        format!("/auth/sign_in?next={}", utf8_percent_encode(&path, NON_ALPHANUMERIC))
    };
    let force = matches!(query.force_login.as_str(), "true" | "1" | "on" | "t");
    let sign_in = here(&|name| name != "force_login");
    if reader.me.is_none() || force {
        return Ok(reader.go(&sign_in));
    }
    let leads_to = if request.redirect_uri == OUT_OF_BAND {
        "Afterwards you get a code to copy into the app.".to_owned()
    } else {
        format!("Afterwards you are taken back to it: {}", place(&request.redirect_uri))
    };
    let sources = form_sources(&request.redirect_uri);
    let mut response = reader.html(&AuthorizePage {
        page: Page { unlisted: true, ..reader.page(&format!("Let {} in?", request.app.name)) },
        app: request.app.name,
        website: request.app.website.unwrap_or_default(),
        scopes: in_words(&request.scopes),
        leads_to,
        parameters: vec![
            ("response_type".into(), "code".into()),
            ("client_id".into(), query.client_id),
            ("redirect_uri".into(), request.redirect_uri),
            ("scope".into(), request.scopes.join(" ")),
            ("state".into(), request.state),
            ("code_challenge".into(), query.code_challenge),
            ("code_challenge_method".into(), query.code_challenge_method),
        ],
        other_account: sign_in,
    })?;
    response.extensions_mut().insert(FormsLeadTo(sources));
    Ok(response)
}

/// The member's answer.
///
/// # Errors
/// As [`ask`]; `Unauthorized` when nobody is signed in any more.
pub async fn answer(posted: Posted) -> Result<HttpResponse> {
    let field = |name: &str| posted.value(name).to_owned();
    let query = Query {
        response_type: field("response_type"),
        client_id: field("client_id"),
        redirect_uri: field("redirect_uri"),
        scope: field("scope"),
        state: field("state"),
        code_challenge: field("code_challenge"),
        code_challenge_method: field("code_challenge_method"),
        force_login: String::new(),
    };
    let reader = &posted.reader;
    let me = reader.member()?.actor.id;
    let request = check(reader, query).await?;
    if posted.value("decision") != "allow" {
        return Ok(denied(reader, &request));
    }
    let Request { app, redirect_uri, scopes, state, challenge } = request;
    let uri = redirect_uri.clone();
    let code = reader
        .app
        .write(move |tx| domain::oauth::grant(tx, &app, me, &uri, &scopes.join(" "), challenge))
        .await?;
    if redirect_uri == OUT_OF_BAND {
        return Ok(reader.go(&format!("/oauth/authorize/native?code={code}")));
    }
    let mut pairs = vec![("code", code.as_str())];
    if !state.is_empty() {
        pairs.push(("state", &state));
    }
    Ok(back(reader, &redirect_uri, &pairs))
}

/// The code, to copy.
#[derive(serde::Deserialize)]
pub struct Shown {
    code: String,
}

/// The page of an app that cannot be redirected to.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn native(reader: Reader, shown: web::Query<Shown>) -> Result<HttpResponse> {
    reader.member()?;
    let page = Page { unlisted: true, ..reader.page("Copy this code") };
    reader.html(&CodePage { page, code: shown.into_inner().code })
}

async fn check(reader: &Reader, query: Query) -> Result<Request> {
    if query.response_type != "code" {
        return Err(Error::invalid(
            "The app asked for something this server does not give (response_type must be code).",
        ));
    }
    let client = query.client_id;
    let app = reader
        .app
        .read(move |conn| Ok(oauth::app_by_client_id(conn, &client)?))
        .await?
        .ok_or_else(|| {
            Error::invalid(
                "This server does not know that app. Sign out in the app and start again.",
            )
        })?;
    let mut registered = app.redirect_uris.lines().map(str::trim).filter(|line| !line.is_empty());
    let redirect_uri = match query.redirect_uri.as_str() {
        "" => registered.next().map(str::to_owned),
        asked => registered.find(|uri| *uri == asked).map(str::to_owned),
    };
    let redirect_uri = redirect_uri.ok_or_else(|| {
        Error::invalid(
            "The app wants you sent to an address that it has not registered, so you stay here.",
        )
    })?;
    let scopes = scopes(&query.scope, &app.scopes).ok_or_else(|| {
        Error::invalid("The app asks for more than it said it would when it registered here.")
    })?;
    let challenge = match (query.code_challenge.as_str(), query.code_challenge_method.as_str()) {
        ("", _) => None,
        (challenge, "S256") if challenge.len() <= 128 => Some(challenge.to_owned()),
        _ => {
            return Err(Error::invalid(
                "The app proves itself in a way this server does not take (code_challenge_method must be S256).",
            ));
        }
    };
    Ok(Request { app, redirect_uri, scopes, state: query.state, challenge })
}

/// The scopes asked for, each within what the app registered; `read` where none are named.
fn scopes(asked: &str, registered: &str) -> Option<Vec<String>> {
    let registered: Vec<&str> = registered.split_whitespace().collect();
    let covered = |scope: &str| {
        registered.iter().any(|known| {
            *known == scope
                || scope.split_once(':').is_some_and(|(parent, _)| parent == *known)
                || (*known == "follow" && FOLLOW.contains(&scope))
        })
    };
    let mut all: Vec<String> = Vec::new();
    for scope in asked.split_whitespace() {
        if !covered(scope) {
            return None;
        }
        if !all.iter().any(|known| known == scope) {
            all.push(scope.to_owned());
        }
    }
    if all.is_empty() {
        all.push("read".to_owned());
    }
    Some(all)
}

/// What `follow`, which is older than the finer scopes, stands for.
const FOLLOW: [&str; 6] =
    ["read:follows", "write:follows", "read:blocks", "write:blocks", "read:mutes", "write:mutes"];

/// Scopes as sentences, each once.
pub fn in_words(scopes: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for scope in scopes {
        let line = match scope.split_once(':').map_or(scope.as_str(), |(parent, _)| parent) {
            "read" if scope == "read" => {
                "Read everything that you can read here, messages to you among it".to_owned()
            }
            "write" if scope == "write" => {
                "Post, reply, say thanks and change your profile, as you".to_owned()
            }
            "follow" => "Follow, block and mute for you".to_owned(),
            "push" => "Send you notifications".to_owned(),
            "profile" => "See who you are".to_owned(),
            "read" => format!("Read your {}", part(scope)),
            "write" => format!("Change your {}", part(scope)),
            _ => format!("Use the permission {scope}"),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn part(scope: &str) -> &str {
    match scope.split_once(':').map_or("", |(_, part)| part) {
        "accounts" => "profile",
        "statuses" => "posts",
        "favourites" => "likes and thanks",
        "media" => "pictures",
        "search" => "search results",
        other => other,
    }
}

fn denied(reader: &Reader, request: &Request) -> HttpResponse {
    if request.redirect_uri == OUT_OF_BAND {
        return reader.go("/");
    }
    let mut pairs = vec![
        ("error", "access_denied"),
        ("error_description", "The member did not let the app in."),
    ];
    if !request.state.is_empty() {
        pairs.push(("state", &request.state));
    }
    back(reader, &request.redirect_uri, &pairs)
}

/// To the app, with its answer in the query.
fn back(reader: &Reader, uri: &str, pairs: &[(&str, &str)]) -> HttpResponse {
    let mut response = reader.going("/");
    response.insert_header((header::LOCATION, with_query(uri, pairs)));
    response.finish()
}

/// `uri` as the app wrote it, and more in its query; schemes without `//` stay as they are.
fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let (before, fragment) = uri.split_once('#').map_or((uri, None), |(uri, f)| (uri, Some(f)));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    let joint = match before.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|text| format!("#{text}")).unwrap_or_default();
    format!("{before}{joint}{}{fragment}", query.finish())
}

/// Browsers hold the redirect after a form to the page's policy, so the app's scheme stands in it.
fn form_sources(uri: &str) -> String {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    if scheme.is_empty() || scheme == "urn" || !scheme.bytes().all(good) {
        String::new()
    } else {
        format!("{scheme}:")
    }
}

/// Where an address leads, short enough to be read.
fn place(uri: &str) -> String {
    match url::Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            url.host_str().unwrap_or_default().to_owned()
        }
        _ => "the app on this device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_added_to_every_kind_of_address() {
        let pairs = [("code", "a b"), ("state", "x&y")];
        for (uri, expected) in [
            ("https://elk.example/back", "https://elk.example/back?code=a+b&state=x%26y"),
            ("https://elk.example/back?v=1", "https://elk.example/back?v=1&code=a+b&state=x%26y"),
            ("https://elk.example/#/back", "https://elk.example/?code=a+b&state=x%26y#/back"),
            (
                "com.tapbots.Ivory.10217:/request_token",
                "com.tapbots.Ivory.10217:/request_token?code=a+b&state=x%26y",
            ),
            ("oauth2redirect://tusky", "oauth2redirect://tusky?code=a+b&state=x%26y"),
        ] {
            assert_eq!(with_query(uri, &pairs), expected);
        }
    }

    #[test]
    fn an_app_gets_no_more_than_it_registered() {
        let all = "read write follow push";
        assert_eq!(scopes("", all).unwrap(), ["read"]);
        assert_eq!(scopes("read write:media read", all).unwrap(), ["read", "write:media"]);
        assert_eq!(scopes("write:follows", "follow").unwrap(), ["write:follows"]);
        assert!(scopes("admin:read", all).is_none());
        assert!(scopes("read", "read:accounts").is_none());
        assert!(scopes("write", "read").is_none());
    }

    #[test]
    fn the_policy_lets_the_form_lead_to_the_app_and_nowhere_else() {
        assert_eq!(
            form_sources("com.tapbots.Ivory.10217:/request_token"),
            "com.tapbots.Ivory.10217:"
        );
        assert_eq!(form_sources("https://elk.example/x"), "https:");
        assert_eq!(form_sources(OUT_OF_BAND), "");
        assert_eq!(form_sources("a; script-src *:x"), "");
    }
}
