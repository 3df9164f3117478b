//! The HTTP server: every route behind the same middleware, and an orderly end.
mod client;
mod figures;
mod headers;
mod limits;
mod paths;
mod patience;
mod run;
#[cfg(test)]
mod tests;

use actix_web::{
    App as Actix, Error as ActixError, HttpRequest, HttpResponse, ResponseError as _,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Compress, from_fn},
    web::{self, Data, ServiceConfig},
};

use crate::{config::Config, error::Error};
use limits::Limits;

pub use client::ClientAddress;
pub use run::{asked_to_stop, serve};

/// Largest body anywhere but for uploads: what an inbox takes.
const BODY_BYTES: usize = 1_000_000;

/// What every worker thread shares.
#[derive(Clone)]
struct Shared {
    config: Data<Config>,
    /// `None`: nothing is limited.
    limits: Option<Data<Limits>>,
}

impl Shared {
    fn new(config: &Config) -> Self {
        let limits = config.rate_limits.then(|| Data::new(Limits::default()));
        Self { config: Data::new(config.clone()), limits }
    }
}

/// `routes` behind all middleware.
fn assemble(
    shared: &Shared,
    routes: fn(&mut ServiceConfig),
) -> Actix<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = ActixError,
        InitError = (),
    > + use<>,
> {
    let limits = shared.limits.clone();
    Actix::new()
        .app_data(shared.config.clone())
        .app_data(web::PayloadConfig::new(BODY_BYTES))
        .configure(move |config| {
            if let Some(limits) = limits {
                config.app_data(limits);
            }
        })
        .configure(routes)
        .default_service(web::to(nothing_here))
        // The last is the first to see a request.
        .wrap(from_fn(limits::enforce))
        .wrap(from_fn(paths::trim))
        .wrap(from_fn(headers::finish))
        .wrap(Compress::default())
        .wrap(from_fn(headers::protect))
        .wrap(from_fn(patience::bound))
        .wrap(from_fn(headers::observe))
}

/// Whether clients of `path` expect errors as JSON.
fn speaks_json(path: &str) -> bool {
    path.starts_with("/api/")
        || path.starts_with("/nodeinfo/")
        || path.starts_with("/.well-known/")
        || matches!(path, "/oauth/token" | "/oauth/revoke")
}

/// What no route knows.
async fn nothing_here(request: HttpRequest) -> HttpResponse {
    if speaks_json(request.path()) {
        return Error::NotFound.error_response();
    }
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is nothing here")
}
