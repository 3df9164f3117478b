//! How much help there is in a group, as its host counts it.
//!
//! Only the node that hosts a group counts (`product.md`, R7); others show what it says, and say
//! whose word it is. Our own kind answers at `{group id}/help`.
use std::time::Duration;

use actix_web::{HttpResponse, web};

use crate::{
    app::{App, Ctx},
    db::{self, actors::Actor, receipts::Figures, servers::ServerClass},
    domain::help,
    error::{Error, Result},
    types::{Time, Uri},
};

/// How long the host's last word is good enough, seconds.
const FRESH_SECS: i64 = 15;
/// How long a reader waits for the host before its last word is shown.
const PATIENCE: Duration = Duration::from_secs(3);

/// What other nodes ask for.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/c/{name}/help", super::read().to(ours));
}

async fn ours(name: web::Path<String>, app: Ctx) -> Result<HttpResponse> {
    let group = app
        .read(move |conn| db::actors::local_by_name(conn, &name)?.ok_or(Error::NotFound))
        .await?;
    let figures = of(&app, &group).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "max-age=15")).json(figures))
}

/// The figures of a group, local or remote.
///
/// # Errors
/// `NotFound` for what is no group, for a private one, and for one whose host does not count.
pub async fn of(app: &App, group: &Actor) -> Result<Figures> {
    if !group.is_group() || group.locked || !group.is_active() {
        return Err(Error::NotFound);
    }
    if group.local {
        let (id, now) = (group.id, app.now());
        return app.read(move |conn| help::figures(conn, id, now)).await;
    }
    let (id, host) = (group.id, group.host.clone());
    let (known, class) = app
        .read(move |conn| {
            let server = db::servers::by_host(conn, &host)?;
            let known = db::receipts::remote_figures(conn, id)?;
            Ok((known, server.map_or(ServerClass::Unknown, |server| server.class)))
        })
        .await?;
    if matches!(class, ServerClass::Microblog | ServerClass::Group) {
        return Err(Error::NotFound);
    }
    let last = known.as_ref().and_then(|(text, at)| Some((read(text)?, *at)));
    match last {
        Some((figures, at)) if is_fresh(at, app.now()) => Ok(figures),
        last => match ask(app, group).await {
            Ok(figures) => Ok(figures),
            Err(error) => {
                tracing::info!(group = %group.ap_id, cause = %error.cause(),
                    "the host of a group does not say how much help there is");
                last.map(|(figures, _)| figures).ok_or(Error::NotFound)
            }
        },
    }
}

fn is_fresh(at: Time, now: Time) -> bool {
    at.plus_secs(FRESH_SECS) > now
}

fn read(text: &str) -> Option<Figures> {
    serde_json::from_str(text).ok()
}

async fn ask(app: &App, group: &Actor) -> Result<Figures> {
    let url = Uri::parse(&format!("{}/help", group.ap_id))?;
    let answer = tokio::time::timeout(PATIENCE, app.fetcher().get_json(&url))
        .await
        .map_err(|_| Error::Unreachable("the host takes too long".into()))??;
    let figures: Figures = serde_json::from_value(answer)?;
    let sound =
        [figures.receipts, figures.helpers, figures.helped, figures.across_nodes, figures.by_staff]
            .iter()
            .all(|n| (0..=1_000_000_000).contains(n));
    if !sound {
        return Err(Error::invalid("figures that cannot be"));
    }
    let text = serde_json::to_string(&figures).map_err(Error::internal)?;
    let id = group.id;
    app.write(move |tx| {
        let now = tx.now();
        Ok(db::receipts::set_remote_figures(tx, id, &text, now)?)
    })
    .await?;
    Ok(figures)
}
