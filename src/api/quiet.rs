//! What clients ask for at their start and this node has none of: it says so in the right shape.
use actix_web::web::{self, Json};

use super::access::{Member, Viewer, scope};
/// The routes that answer with an empty list, or not at all.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    for path in ["/api/v1/suggestions", "/api/v2/suggestions"] {
        config.route(path, web::get().to(nothing_of_yours));
    }
    for path in [
        "/api/v1/timelines/link",
        "/api/v1/trends",
        "/api/v1/trends/links",
        "/api/v1/trends/statuses",
        "/api/v1/trends/tags",
    ] {
        config.route(path, web::get().to(nothing));
    }
}

async fn nothing_of_yours(_: Member<scope::ReadAccounts>) -> Json<[(); 0]> {
    Json([])
}

async fn nothing(_: Viewer<scope::ReadStatuses>) -> Json<[(); 0]> {
    Json([])
}
