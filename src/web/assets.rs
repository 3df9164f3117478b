//! What is compiled in: the style sheet, named by its content, so that browsers may keep it for good;
//! the icon; and what search engines are asked to leave alone.
use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header, web};
use sha2::{Digest, Sha256};

pub(crate) const STYLE: &str = include_str!("static/style.css");
pub(crate) const ICON: &str = include_str!("static/icon.svg");

/// [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309): what is written for everyone may be found;
/// doors, forms and what programs ask for are no pages.
const ROBOTS: &str = "\
User-agent: *
Disallow: /api/
Disallow: /oauth/
Disallow: /auth/
Disallow: /setup
Disallow: /settings
Disallow: /operator
Disallow: /notifications
Disallow: /search
Disallow: /new
Disallow: /groups/new
Disallow: /posts/
Disallow: /authorize_interaction
Disallow: /follow-from
";

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = hex::encode(Sha256::digest(STYLE));
    format!("/static/style.{}.css", hash.get(..12).unwrap_or_default())
});

/// The address of the style sheet within the node.
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The routes of what is compiled in.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(style_path(), web::get().to(style))
        .route("/static/icon.svg", web::get().to(icon))
        .route("/favicon.ico", web::get().to(icon))
        .route("/robots.txt", web::get().to(robots));
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(STYLE)
}

async fn icon() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(ICON)
}

async fn robots() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(ROBOTS)
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_and_read_body, init_service};

    use super::*;

    #[actix_web::test]
    async fn search_engines_find_pages_and_no_doors() {
        let node = init_service(actix_web::App::new().configure(routes)).await;
        let request = TestRequest::get().uri("/robots.txt").to_request();
        let text = String::from_utf8(call_and_read_body(&node, request).await.to_vec()).unwrap();
        assert!(text.starts_with("User-agent: *\n"), "{text}");
        let closed: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
        let is_open = |path: &str| !closed.iter().any(|start| path.starts_with(start));
        for path in ["/", "/about", "/@ana", "/@repairs/1", "/tags/garden", "/media/a.png"] {
            assert!(is_open(path), "{path}");
        }
        for path in [
            "/api/v1/timelines/public",
            "/oauth/authorize",
            "/auth/sign_in",
            "/search?q=x",
            "/settings/account",
            "/operator/servers",
            "/posts/1/history",
        ] {
            assert!(!is_open(path), "{path}");
        }
    }
}
