//! What runs here, for those who count servers and for peers that adapt to their peers.
use actix_web::{HttpResponse, web};
use url::Url;

use super::{here, read};
use crate::{
    activitypub::discovery::{self, NodeInfoParts},
    app::{App, Ctx},
    config::SignUp,
    db::{
        servers::{self, ServerClass},
        settings,
    },
    error::{Error, Result},
};

/// Paths that stand at the root of the host.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/.well-known/nodeinfo", read().to(links))
        .route("/nodeinfo/{version}", read().to(nodeinfo));
}

async fn links(app: Ctx) -> HttpResponse {
    json("application/json", &discovery::nodeinfo_links(&here(&app).url("")))
}

/// <https://nodeinfo.diaspora.software/schema.html>
async fn nodeinfo(app: Ctx, version: web::Path<String>) -> Result<HttpResponse> {
    let version = version.into_inner();
    if !matches!(version.as_str(), "2.0" | "2.1") {
        return Err(Error::NotFound);
    }
    let figures = app.figures().await?;
    let title = app.read(|conn| Ok(settings::title(conn)?)).await?;
    let parts = NodeInfoParts {
        version: env!("CARGO_PKG_VERSION"),
        title: title.as_deref().unwrap_or(&app.config().title),
        description: &app.config().description,
        open_registrations: app.config().sign_up == SignUp::Open,
        users: figures.people,
        active_half_year: figures.half_year,
        active_month: figures.month,
        posts: figures.posts.saturating_sub(figures.replies),
        comments: figures.replies,
    };
    let profile = format!(
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{version}#\""
    );
    Ok(json(&profile, &discovery::nodeinfo(&parts, &version)))
}

fn json(content_type: &str, body: &serde_json::Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Cache-Control", "public, max-age=600"))
        .body(body.to_string())
}

/// Names of software that takes whole activities from groups
/// ([FEP-1b12](https://w3id.org/fep/1b12)).
const GROUP_SOFTWARE: [&str; 8] =
    ["lemmy", "piefed", "mbin", "kbin", "nodebb", "discourse", "lotide", "pyfedi"];

/// Asks a server what it runs, and writes down what that means for what it gets from us.
///
/// # Errors
/// `Internal` from the database.
pub async fn learn(app: &App, host: &str) -> Result<()> {
    let found = match ask(app, host).await {
        Ok(found) => found,
        Err(error @ Error::Internal(_)) => return Err(error),
        Err(error) => {
            tracing::debug!(host, cause = %error.cause(), "a server does not say what it runs");
            None
        }
    };
    let (software, version) = found.unwrap_or_default();
    let name = host.to_owned();
    app.write(move |tx| {
        let (host, now) = (name, tx.now());
        servers::meet(tx, &host, now)?;
        let class = match software.as_str() {
            "commonhold" => Some(ServerClass::Commonhold),
            name if GROUP_SOFTWARE.contains(&name) => Some(ServerClass::Group),
            _ => None,
        };
        servers::set_software(tx, &host, class, &software, &version, now)?;
        Ok(())
    })
    .await?;
    // Our own kind is signed for in another way.
    app.forget_habit(host);
    Ok(())
}

/// Name and version of what a server runs, as it says.
async fn ask(app: &App, host: &str) -> Result<Option<(String, String)>> {
    let scheme = if host.contains(':') { "http" } else { "https" };
    let links = Url::parse(&format!("{scheme}://{host}/.well-known/nodeinfo"))?;
    let links = app.fetcher().get_json(&links).await?;
    let Some(address) = discovery::nodeinfo_address(&links) else { return Ok(None) };
    Ok(discovery::software(&app.fetcher().get_json(&address).await?))
}
