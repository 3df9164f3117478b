//! The Mastodon client API, and our own beside it in the same manner.
//!
//! A handler translates: parameters to one `read` or `write`, rows to an entity.
pub(crate) mod access;
mod accounts;
mod actions;
mod announcements;
mod conversations;
mod emails;
pub(crate) mod entities;
mod files;
mod filters;
mod groups;
mod instance;
mod lists;
mod media;
mod moderation;
mod moves;
mod notifications;
mod oauth;
pub mod page;
pub mod params;
mod profile;
mod push;
mod quiet;
mod quotes;
mod reactions;
mod relationships;
mod reports;
mod resolve;
mod scheduled;
pub mod scopes;
mod search;
mod sign_up;
mod statuses;
mod streaming;
mod tags;
mod timelines;

use actix_web::web;

use crate::error::{Error, Result};

/// Every route of the client API. Paths are tried in this order: what is asked most comes first.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(timelines::routes)
        .configure(notifications::routes)
        .configure(statuses::routes)
        .configure(quotes::routes)
        .configure(actions::routes)
        .configure(profile::routes)
        .configure(relationships::routes)
        .configure(sign_up::routes)
        .configure(emails::routes)
        .configure(accounts::routes)
        .configure(lists::routes)
        .configure(filters::routes)
        .configure(tags::routes)
        .configure(conversations::routes)
        .configure(scheduled::routes)
        .configure(announcements::routes)
        .configure(search::routes)
        .configure(media::routes)
        .configure(files::routes)
        .configure(streaming::routes)
        .configure(instance::routes)
        .configure(groups::routes)
        .configure(moderation::routes)
        .configure(moves::routes)
        .configure(reports::routes)
        .configure(reactions::routes)
        .configure(oauth::routes)
        .configure(push::routes)
        .configure(quiet::routes)
        .route("/api/{tail:.*}", web::route().to(unknown));
}

async fn unknown() -> Result<&'static str> {
    Err(Error::NotFound)
}
