//! What clients ask for at their start and this node has none of: it says so in the right shape.
use actix_web::web::{self, Json};

use super::access::{Member, Viewer, scope};
use crate::error::{Error, Result};

/// The routes that answer with an empty list, or not at all.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    for path in [
        "/api/v1/announcements",
        "/api/v1/conversations",
        "/api/v1/domain_blocks",
        "/api/v1/endorsements",
        "/api/v1/featured_tags",
        "/api/v1/featured_tags/suggestions",
        "/api/v1/filters",
        "/api/v1/scheduled_statuses",
        "/api/v1/suggestions",
        "/api/v1/timelines/direct",
        "/api/v2/filters",
        "/api/v2/suggestions",
    ] {
        config.route(path, web::get().to(nothing_of_yours));
    }
    for path in [
        "/api/v1/directory",
        "/api/v1/timelines/link",
        "/api/v1/trends",
        "/api/v1/trends/links",
        "/api/v1/trends/statuses",
        "/api/v1/trends/tags",
    ] {
        config.route(path, web::get().to(nothing));
    }
    for path in ["/api/v1/filters", "/api/v2/filters"] {
        config.route(path, web::post().to(no_filters));
    }
}

async fn nothing_of_yours(_: Member<scope::ReadAccounts>) -> Json<[(); 0]> {
    Json([])
}

async fn nothing(_: Viewer<scope::ReadStatuses>) -> Json<[(); 0]> {
    Json([])
}

async fn no_filters(_: Member<scope::WriteFilters>) -> Result<Json<[(); 0]>> {
    Err(Error::invalid("This node does not filter posts yet"))
}
