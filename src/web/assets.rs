//! The style sheet: compiled in, named by its content, so that browsers may keep it for good.
use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header, web};
use sha2::{Digest, Sha256};

pub(crate) const STYLE: &str = include_str!("static/style.css");
pub(crate) const ICON: &str = include_str!("static/icon.svg");

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
        .route("/favicon.ico", web::get().to(icon));
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
