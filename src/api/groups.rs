//! Groups beyond what an account shows; ours. A group's id is its account's.
use actix_web::web::{self, Json};

use super::access::{Ctx, PathId, Viewer, scope};
use crate::{db::receipts::Figures, error::Result, federation, types::ActorId};

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/groups/{id}/help", web::get().to(help));
}

/// How many people helped how many in the last 90 days: sums, never a person's.
///
/// Of a group elsewhere it is what its own node says; of a private group nothing.
async fn help(
    _: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Figures>> {
    let group = ctx.read(move |conn| super::accounts::find(conn, id.0)).await?;
    Ok(Json(federation::figures::of(&ctx, &group).await?))
}
