//! The Mastodon client API, and our own beside it in the same manner.
//!
//! A handler translates: parameters to one `read` or `write`, rows to an entity.
pub(crate) mod access;
mod accounts;
mod actions;
mod announcements;
mod conversations;
mod describe;
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

use self::describe::Api;
use crate::error::{Error, Result};

/// Every route of the client API. Paths are tried in this order: what is asked most comes first.
pub fn routes(config: &mut web::ServiceConfig) {
    chapters(&mut Api::serving(config));
    config.route("/api/{tail:.*}", web::route().to(unknown));
}

fn chapters(api: &mut Api<'_>) {
    api.chapter("timelines", "Lists of posts", timelines::routes)
        .chapter("notifications", "What you are told of", notifications::routes)
        .chapter("statuses", "Writing, reading and changing posts", statuses::routes)
        .chapter("quotes", "Who quotes what, and who may", quotes::routes)
        .chapter(
            "actions",
            "What you do with posts; thanks and downvotes are ours",
            actions::routes,
        )
        .chapter("profile", "Your own account", profile::routes)
        .chapter("relationships", "How you stand to others", relationships::routes)
        .chapter("sign_up", "Making an account", sign_up::routes)
        .chapter("emails", "The address of who signed up", emails::routes)
        .chapter("accounts", "Looking people and groups up", accounts::routes)
        .chapter("lists", "Lists of accounts; each joined group is one more", lists::routes)
        .chapter("filters", "What you do not want to see", filters::routes)
        .chapter("tags", "Hashtags", tags::routes)
        .chapter("conversations", "Direct messages", conversations::routes)
        .chapter("scheduled", "Posts that go out later", scheduled::routes)
        .chapter("announcements", "What the operator tells everybody", announcements::routes)
        .chapter("search", "Finding things", search::routes)
        .chapter("media", "Files for posts", media::routes)
        .beside(files::routes)
        .chapter("streaming", "What happens, as it happens", streaming::routes)
        .chapter("instance", "What the node says about itself", instance::routes)
        .chapter("groups", "Ours: groups, help, charters, and who is in them", groups::routes)
        .chapter("moderation", "Ours: what stewards do", moderation::routes)
        .chapter("moves", "Moving to another account", moves::routes)
        .chapter("reports", "Telling stewards and operators", reports::routes)
        .chapter(
            "reactions",
            "Who reacted with what, as Pleroma and Akkoma show it",
            reactions::routes,
        )
        .chapter("oauth", "Apps and their tokens", oauth::routes)
        .chapter("push", "Being told while no app is open", push::routes)
        .chapter("quiet", "What is always empty here: nothing is ranked", quiet::routes)
        .chapter("document", "This document", describe::routes);
}

async fn unknown() -> Result<&'static str> {
    Err(Error::NotFound)
}
