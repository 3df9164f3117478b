//! What every answer carries: a request id and a span for the log, the headers browsers are kept
//! safe with, and leave for clients that run in a browser elsewhere.
use std::time::Instant;

use actix_web::{
    Error as ActixError, HttpMessage as _, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
            HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    web::Data,
};
use tracing::Instrument as _;

use super::{client, client::ClientAddress, speaks_json};
use crate::config::Config;

/// For pages that bring none of their own. No `form-action`: browsers hold it against the redirect
/// to an app that ends an authorisation, too.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    font-src 'self'; img-src 'self' data: https: http:; media-src 'self' https: http:; \
    connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// For all that is not a page: uploads above all, which must never act.
const FILE_POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox";

/// Gives a request its id, its span and its client address; logs and counts how it ended.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let id = format!("{:032x}", rand::random::<u128>());
    let config = request.app_data::<Data<Config>>().cloned();
    if let Some(peer) = request.peer_addr() {
        let trusted = config.as_ref().map_or(&[][..], |config| &config.trusted_proxies);
        let address = client::behind(peer.ip(), request.headers(), trusted);
        request.extensions_mut().insert(ClientAddress(address));
    }
    let method = known_method(request.method());
    let span = tracing::info_span!("request", id = %id, method, route = tracing::field::Empty);
    let started = Instant::now();
    let outcome = next.call(request).instrument(span.clone()).await;
    let mut response = outcome?;
    // The route, not the path: a path may hold a secret (an invite, a first-visit link).
    let route = response.request().match_pattern().unwrap_or_else(|| "none".into());
    span.record("route", &route);
    let _entered = span.enter();
    finished(method, &route, response.status().as_u16(), started);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}

fn finished(method: &'static str, route: &str, status: u16, started: Instant) {
    let took = started.elapsed();
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", format!("{}xx", status / 100)),
    ];
    metrics::counter!("commonhold_http_requests_total", &labels).increment(1);
    metrics::histogram!("commonhold_http_request_seconds").record(took.as_secs_f64());
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status >= 500 && status != 503 {
        tracing::warn!(status, took_ms, "answered {status}");
    } else {
        tracing::debug!(status, took_ms, "answered {status}");
    }
}

fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Adds what protects browsers, and answers for browsers elsewhere (CORS).
pub async fn protect<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let open = is_open(request.path());
    let headers = request.headers();
    let preflight = open
        && request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        request.into_response(HttpResponse::NoContent().finish()).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    let headers = response.headers_mut();
    if open {
        allow_everywhere(headers, preflight);
    }
    // It was for our own compression only; no encoding is said by saying nothing.
    if headers.get(CONTENT_ENCODING).is_some_and(|value| value == "identity") {
        headers.remove(CONTENT_ENCODING);
    }
    let page = is_type(headers, "text/html");
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (CONTENT_SECURITY_POLICY, if page { PAGE_POLICY } else { FILE_POLICY }),
    ] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

/// Mends answers on their way out: a stream is not held back by compression, and an API client
/// gets JSON for whatever went wrong before a handler had its say.
pub async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let json = speaks_json(request.path());
    let mut response = next.call(request).await?;
    if is_type(response.headers(), "text/event-stream") {
        let identity = HeaderValue::from_static("identity");
        response.headers_mut().insert(CONTENT_ENCODING, identity);
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if json && failed && !is_type(response.headers(), "application/json") {
        let reason = status.canonical_reason().unwrap_or("error");
        let answer = HttpResponse::build(status).json(serde_json::json!({ "error": reason }));
        return Ok(response.into_response(answer).map_into_right_body());
    }
    Ok(response.map_into_left_body())
}

fn is_type(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(kind.as_bytes()))
}

/// What clients that run in a browser may use from any site.
fn is_open(path: &str) -> bool {
    ["/api/", "/.well-known/", "/nodeinfo/"].iter().any(|start| path.starts_with(start))
        || matches!(path, "/oauth/token" | "/oauth/revoke")
}

fn allow_everywhere(headers: &mut HeaderMap, preflight: bool) {
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id",
    );
    if preflight {
        set(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE, OPTIONS");
        set(ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, Idempotency-Key, *");
        set(ACCESS_CONTROL_MAX_AGE, "86400");
    }
}
