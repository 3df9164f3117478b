//! Groups beyond what an account shows; ours. A group's id is its account's.
use actix_web::{
    HttpResponse,
    web::{self, Json},
};

use serde_json::{Value, json};

use super::access::{Ctx, Member, PathId, Viewer, scope};
use crate::{
    db::receipts::Figures,
    domain,
    error::{Error, Result},
    federation,
    ledger::canonical,
    types::ActorId,
};

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/groups/{id}/help", web::get().to(help))
        .route("/api/v1/groups/{id}/forget", web::post().to(forget))
        .route("/api/v1/receipts/signed", web::get().to(signed));
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

/// The caller leaves the group, and its ledger forgets them: at once here, soon elsewhere.
async fn forget(
    member: Member<scope::WriteAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Value>> {
    let (me, group) = (member.actor.id, id.0);
    ctx.write(move |tx| {
        let group = super::accounts::find(tx, group)?;
        domain::ledger::ask_to_forget(tx, me, &group)
    })
    .await?;
    Ok(Json(json!({})))
}

/// The caller's own receipts, as a copy that shows by itself where they stand.
async fn signed(member: Member<scope::ReadAccounts>, ctx: Ctx) -> Result<HttpResponse> {
    let record = ctx.help_record(member.actor.id).await?;
    // Signed is one spelling of it.
    let text = canonical::write(&record).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}
