//! Pages that profiles lead to: do they say that they are the same person's?
use url::Url;

use super::actors;
use crate::{
    app::App,
    db::{self, actors::Actor},
    domain::field_links::{self, Outcome},
    error::{Error, Result},
    text,
    types::ActorId,
};

/// Most pages of one host, and for profiles of one host, that are read within an hour.
const PER_HOST: u32 = 60;

/// Reads a page and notes whether it links back, where that is due.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn read(app: &App, id: ActorId, link: &str) -> Result<()> {
    let actor = app.read(move |conn| Ok(db::actors::by_id(conn, id)?)).await?;
    let began = app.now();
    if !field_links::is_due(&actor, link, began) {
        return Ok(());
    }
    let url = Url::parse(link)?;
    let outcome = if is_too_much(app, &url, &actor) {
        Outcome::PutOff
    } else {
        match links_back(app, url, &actor).await {
            Ok(true) => Outcome::LinksBack,
            Ok(false) => Outcome::Missed,
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(error) => {
                tracing::debug!(actor.id = %id, cause = %error.cause(), "a page of a profile was not read");
                Outcome::Missed
            }
        }
    };
    let link = link.to_owned();
    app.write(move |tx| field_links::note(tx, id, &link, (began, outcome))).await
}

/// Counts a page against what its host is asked for.
fn is_too_much(app: &App, url: &Url, actor: &Actor) -> bool {
    let of = (!actor.local).then_some(actor.host.as_str());
    let host = url.host_str().unwrap_or_default();
    app.config().rate_limits && app.memory().links_read(host, of) > PER_HOST
}

async fn links_back(app: &App, url: Url, actor: &Actor) -> Result<bool> {
    actors::not_blocked(app, url.host_str().unwrap_or_default()).await?;
    let (at, html) = app.fetcher().get_page(&url).await?;
    let names = [actor.url.clone(), actor.ap_id.to_string()];
    let look = move || {
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
        text::links_back(&html, &at, &names)
    };
    Ok(tokio::task::spawn_blocking(look).await?)
}
