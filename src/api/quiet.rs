//! What clients ask for at their start and this node has none of: it says so in the right shape.
use actix_web::web::Json;

use super::{
    access::{Member, Viewer, scope},
    describe::{Api, Nothing},
};

/// The routes that answer with an empty list, or not at all.
pub(super) fn routes(api: &mut Api<'_>) {
    for path in ["/api/v1/suggestions", "/api/v2/suggestions"] {
        api.get(path, nothing_of_yours, "Always empty: nobody is put forward");
    }
    for path in [
        "/api/v1/timelines/link",
        "/api/v1/trends",
        "/api/v1/trends/links",
        "/api/v1/trends/statuses",
        "/api/v1/trends/tags",
    ] {
        api.get(path, nothing, "Always empty: nothing is ranked");
    }
}

async fn nothing_of_yours(_: Member<scope::ReadAccounts>) -> Json<Nothing> {
    Json(Nothing)
}

async fn nothing(_: Viewer<scope::ReadStatuses>) -> Json<Nothing> {
    Json(Nothing)
}
