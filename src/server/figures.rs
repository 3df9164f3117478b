//! For those who watch the node: is it well, and in figures.
use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse, http::header::AUTHORIZATION, web};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::client;
use crate::{config::Config, error::Error, keys};

/// Where the figures of this process gather; there is one recorder per process.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Bounds of the request times, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Starts to gather figures.
pub fn record() {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?;
        builder.install_recorder().ok()
    });
}

/// Lets the recorder fold up what it gathered; to be called every few seconds.
pub fn tidy() {
    if let Some(Some(handle)) = RECORDER.get() {
        handle.run_upkeep();
    }
}

/// `/metrics`, for this machine and for who knows the token.
pub async fn metrics(request: HttpRequest, config: web::Data<Config>) -> HttpResponse {
    if !may_read(&request, &config) {
        return HttpResponse::NotFound().finish();
    }
    match RECORDER.get() {
        Some(Some(handle)) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(handle.render()),
        _ => HttpResponse::ServiceUnavailable().finish(),
    }
}

fn may_read(request: &HttpRequest, config: &Config) -> bool {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let (Some(token), Some(given)) =
        (&config.metrics_token, bearer.and_then(|line| line.strip_prefix("Bearer ")))
    {
        return keys::same(token.expose(), given);
    }
    // A proxy on this machine connects from loopback too, for anyone.
    let near = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    near && !client::is_forwarded(request.headers())
}

/// What `/health` answers.
pub fn health(storage: Result<(), Error>) -> HttpResponse {
    match storage {
        Ok(()) => HttpResponse::Ok().json(serde_json::json!({ "status": "ok" })),
        Err(error) => {
            tracing::error!(cause = %error.cause(), "the database does not answer");
            HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "no database" }))
        }
    }
}
