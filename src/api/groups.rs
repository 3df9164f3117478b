//! Groups beyond what an account shows; ours. A group's id is its account's.
use actix_web::web::{self, Json};

use super::access::{Ctx, PathId, Viewer, scope};
use crate::{
    db::{self, receipts::Figures},
    domain::help,
    error::{Error, Result},
    types::ActorId,
};

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/groups/{id}/help", web::get().to(figures));
}

/// How many people helped how many in the last 90 days: sums, never a person's.
///
/// Of a group elsewhere it is what its own node said last; of a private group nothing.
async fn figures(
    _: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Figures>> {
    let now = ctx.now();
    ctx.read(move |conn| {
        let group = super::accounts::find(conn, id.0)?;
        if !group.is_group() || group.is_private_group() || !group.is_active() {
            return Err(Error::NotFound);
        }
        if group.local {
            return Ok(Json(help::figures(conn, group.id, now)?));
        }
        let (said, _) = db::receipts::remote_figures(conn, group.id)?.ok_or(Error::NotFound)?;
        Ok(Json(serde_json::from_str(&said).map_err(Error::internal)?))
    })
    .await
}
