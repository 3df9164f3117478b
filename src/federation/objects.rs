//! What others may look up here: actors, posts, activities and their collections.
//!
//! What is open to everyone is shown, and to whoever signs what is for them; the rest is as absent
//! as what never was. A browser is led from an id to its page. Blocked servers are shown nothing,
//! and in secure mode only those who sign what they ask for are shown anything.
mod acknowledgements;
mod actors;
mod emojis;
mod list;
mod posts;

pub use actors::owner;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT, HeaderMap, LOCATION},
    web,
};
use serde_json::Value;

use crate::{
    activitypub::{CONTENT_TYPE, write},
    app::Ctx,
    db::activities,
    error::{Error, Result},
    federation::signed::admit,
};

/// The ids of things that live here.
pub fn routes(config: &mut web::ServiceConfig) {
    acknowledgements::routes(config);
    config.route("/ns/commonhold.jsonld", super::read().to(vocabulary));
    actors::routes(config);
    emojis::routes(config);
    posts::routes(config);
    for path in ["/a/{rest:.*}", "/p/{id}/create", "/p/{id}/create/page", "/p/{id}/delete"] {
        config.route(path, super::read().to(activity));
    }
}

/// Our own words, for whoever wants to read or reuse them (`docs/help-receipts.md`).
async fn vocabulary() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/ld+json")
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Cache-Control", "public, max-age=86400"))
        .body(write::vocabulary().to_string())
}

/// An activity made here, exactly as it was sent.
async fn activity(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let id = super::here(&app).url(request.path());
    let found = app.read(move |conn| Ok(activities::by_ap_id(conn, &id)?)).await?;
    admit(&app, &request).await?;
    let found = found.filter(|activity| activity.local && activity.open).ok_or(Error::NotFound)?;
    Ok(document(found.body))
}

/// A document, as every server wants it.
pub fn document(body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(CONTENT_TYPE)
        .insert_header(("Vary", "Accept, Signature"))
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .body(body.into())
}

/// A page for a browser that asked for an id.
fn see(page: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, page))
        .insert_header(("Vary", "Accept, Signature"))
        .finish()
}

/// What is left of something deleted.
fn gone(tombstone: &Value) -> HttpResponse {
    HttpResponse::Gone()
        .content_type(CONTENT_TYPE)
        .insert_header(("Vary", "Accept, Signature"))
        .body(tombstone.to_string())
}

/// Whether the asker is a person with a browser: wants HTML and does not know our documents.
fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let accepted = accepted.collect::<Vec<_>>().join(",").to_ascii_lowercase();
    let knows =
        accepted.contains("application/activity+json") || accepted.contains("application/ld+json");
    accepted.contains("text/html") && !knows
}

/// Which part of a collection is asked for.
#[derive(serde::Deserialize)]
struct Part {
    page: Option<String>,
    max_id: Option<i64>,
}

/// The bodies of activities as items of a page: without their own contexts, but for those that a
/// proof covers too.
fn items(activities: &[activities::Activity]) -> Vec<Value> {
    let body = |activity: &activities::Activity| serde_json::from_str(&activity.body).ok();
    let item = |body: Value| match body.get("proof") {
        Some(_) => body,
        None => write::without_context(&body),
    };
    activities.iter().filter_map(body).map(item).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn browsers_are_told_from_servers() {
        let asks = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            is_browser(&headers)
        };
        assert!(asks("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(!asks("application/activity+json"));
        assert!(!asks("application/activity+json, text/html;q=0.1"));
        assert!(!asks(r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#));
        assert!(!asks("*/*"));
        assert!(!is_browser(&HeaderMap::new()));
    }
}
