//! What stands around every page's handler: who may send forms, what a browser may do with an
//! answer, and errors as pages.
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    reader::Reader,
    views::{Page, pages::ErrorPage},
};
use crate::error::Error;

/// Where else the forms of this answer may lead, as sources of a Content-Security-Policy.
#[derive(Clone)]
pub struct FormsLeadTo(pub String);

/// The middleware of all pages.
///
/// # Errors
/// None of its own.
pub async fn guard(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = if may_send(req.request()) {
        match next.call(req).await {
            Ok(response) => response.map_into_boxed_body(),
            Err(error) => return Err(error),
        }
    } else {
        let error = Error::forbidden(
            "This form came from another site, so nothing was done. Open the page here and send it again.",
        );
        req.error_response(error)
    };
    let mut response = dressed(response).await;
    protect(&mut response);
    Ok(response)
}

/// Whether a request may change something: forms are taken from our own pages only.
fn may_send(req: &HttpRequest) -> bool {
    if matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = header("origin") else { return true };
    let host = header("host").unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, authority)| authority == host)
}

/// An error becomes a page; whoever must sign in first is taken there.
async fn dressed(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let words = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Error>())
        .map_or_else(|| said_of(status), said);
    let req = response.request().clone();
    let page = match Reader::of(&req).await {
        Ok(reader) if status == StatusCode::UNAUTHORIZED => reader.go(&sign_in_path(&req)),
        Ok(reader) => page(&reader, status, words),
        Err(_) => bare(status, words),
    };
    let (req, old) = response.into_parts();
    let mut page = page;
    if let Some(after) = old.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    ServiceResponse::new(req, page)
}

/// Where to sign in, to come back to what was asked for.
fn sign_in_path(req: &HttpRequest) -> String {
    let back = if req.method() == Method::GET {
        req.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned()
    } else {
        "/".to_owned()
    };
    format!("/auth/sign_in?next={}", utf8_percent_encode(&back, NON_ALPHANUMERIC))
}

fn page(reader: &Reader, status: StatusCode, words: ErrorPage) -> HttpResponse {
    let page = Page { unlisted: true, ..reader.page(&words.heading) };
    reader
        .html_as(status, &ErrorPage { page, ..words })
        .unwrap_or_else(|_| HttpResponse::new(status))
}

/// When not even the reader can be known, for example because the database is gone.
fn bare(status: StatusCode, words: ErrorPage) -> HttpResponse {
    bare_of(status, words, "Commonhold")
}

fn bare_of(status: StatusCode, words: ErrorPage, node: &str) -> HttpResponse {
    let page = Page { title: words.heading.clone(), node: node.to_owned(), ..Page::default() };
    let body = askama::Template::render(&ErrorPage { page, ..words }).unwrap_or_default();
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body)
}

/// The page for whoever asked for too much, made without asking the database.
pub fn too_many(node: &str, after_secs: u64) -> HttpResponse {
    let words = said(&Error::TooMany(after_secs));
    let mut page = bare_of(StatusCode::TOO_MANY_REQUESTS, words, node);
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after_secs));
    page
}

/// What a page says about an error: what happened, and what to do next.
fn said(error: &Error) -> ErrorPage {
    let words = |heading: &str, what: &str, next: &str| ErrorPage {
        heading: heading.to_owned(),
        what: what.to_owned(),
        next: next.to_owned(),
        ..ErrorPage::default()
    };
    match error {
        Error::Unauthorized => {
            words("Sign in first", "This page is for members of this server.", "")
        }
        Error::Forbidden(why) => words("That is not open to you", why, ""),
        Error::NotFound => words(
            "There is nothing here",
            "It may have been deleted, or the address has a slip in it.",
            "Check the address, or look for it among the groups.",
        ),
        Error::Gone => words("This was deleted", "Who wrote it took it away again.", ""),
        Error::Conflict(why) | Error::Invalid(why) => {
            words("That did not work", why, "Go back and change it.")
        }
        Error::Malformed(_) => words(
            "That did not arrive whole",
            "The request could not be read.",
            "Go back, load the page again and try once more.",
        ),
        Error::TooLarge(why) => words("That is too large", why, "Choose a smaller file."),
        Error::TooMany(after_secs) => words(
            "A little slower, please",
            "That was a lot in a short time.",
            &format!("Try again in {}.", wait(*after_secs)),
        ),
        Error::Unreachable(why) => words(
            "Another server does not answer",
            why,
            "Check the address, or try again in a few minutes.",
        ),
        Error::Internal(_) => said_of(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Seconds as people say them.
pub fn wait(secs: u64) -> String {
    match secs {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{secs} seconds"),
        _ => format!("{} minutes", secs.div_ceil(60)),
    }
}

/// The same for an answer that did not come from our own error type.
fn said_of(status: StatusCode) -> ErrorPage {
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => said(&Error::NotFound),
        StatusCode::PAYLOAD_TOO_LARGE => {
            said(&Error::TooLarge("It is larger than this server takes.".into()))
        }
        StatusCode::TOO_MANY_REQUESTS => said(&Error::TooMany(60)),
        status if status.is_client_error() => said(&Error::Malformed(String::new())),
        _ => ErrorPage {
            heading: "Something broke on our side".to_owned(),
            what: "It is not your fault, and it has been written down for the people who run this server.".to_owned(),
            next: "Try again in a few minutes.".to_owned(),
            ..ErrorPage::default()
        },
    }
}

/// The headers that keep a page from doing what it was not made for.
fn protect(response: &mut ServiceResponse<BoxBody>) {
    let forms = response
        .response()
        .extensions()
        .get::<FormsLeadTo>()
        .map_or_else(String::new, |FormsLeadTo(sources)| format!(" {sources}"));
    let app = response.request().app_data::<actix_web::web::Data<crate::app::App>>();
    let copies = app.is_some_and(|app| app.config().media.proxy);
    let development = app.is_some_and(|app| app.config().development);
    // Where readers get copies from here, nothing is loaded from anywhere else.
    let files = match (copies, development) {
        (true, _) => "'self'",
        (false, true) => "'self' https: http:",
        (false, false) => "'self' https:",
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src {files}; media-src {files}; \
         form-action 'self'{forms}; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, &policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
}
