//! What is ours of a group: its charter, the help in it, how it is doing.
use actix_web::web::Json;

use super::group;
use crate::{
    api::{
        access::{Ctx, Member, PathId, Viewer, scope},
        accounts::find,
        describe::{Api, Canonical, Empty},
        entities::{At, Charter, Id},
    },
    db,
    db::receipts::Figures,
    domain,
    error::{Error, Result},
    federation,
    health::Report,
    ledger::canonical,
    types::ActorId,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/groups/{id}/charter", charter, "Under which rules a group lives")
        .get("/api/v1/groups/{id}/health", health, "How a group is doing")
        .get("/api/v1/groups/{id}/help", help, "How many helped how many, in sums")
        .post("/api/v1/groups/{id}/forget", forget, "Leaves a group and has its ledger forget you")
        .get("/api/v1/receipts/signed", signed, "Your own receipts, as a signed copy");
}

/// Under which rules the group lives; of one elsewhere its own node knows.
async fn charter(
    viewer: Viewer<scope::ReadGroups>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Charter>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| {
        let actor = group(conn, id.0)?;
        let row = db::groups::by_id(conn, actor.id)?.ok_or(Error::NotFound)?;
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Ok(Json(Charter {
            id: Id::from(actor.id),
            thanks_words: words(&row.thanks_words),
            ask_words: words(&row.ask_words),
            min_account_age_days: row.min_account_age_days,
            private: actor.is_private_group(),
            monthly_summary: row.monthly_summary,
            founder: view.accounts_by_ids(conn, &[row.founder_id])?.pop(),
            founded_at: At(row.created_at),
            purpose: row.purpose,
            rules: row.rules,
        }))
    })
    .await
}

/// How the group is doing: the figures that its page shows. Of a private group they are for members.
async fn health(
    viewer: Viewer<scope::ReadGroups>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Report>> {
    let reader = viewer.id;
    let group = ctx
        .read(move |conn| {
            let actor = group(conn, id.0)?;
            let inside = match reader {
                Some(reader) => db::follows::exists(conn, reader, actor.id)?,
                None => false,
            };
            if inside || !actor.is_private_group() { Ok(actor.id) } else { Err(Error::NotFound) }
        })
        .await?;
    ctx.health(group).await?.map(Json).ok_or(Error::NotFound)
}

/// How many people helped how many in the last 90 days: sums, never a person's.
///
/// Of a group elsewhere it is what its own node says; of a private group nothing.
async fn help(
    _: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Figures>> {
    let group = ctx.read(move |conn| find(conn, id.0)).await?;
    Ok(Json(federation::figures::of(&ctx, &group).await?))
}

/// The caller leaves the group, and its ledger forgets them: at once here, soon elsewhere.
async fn forget(
    member: Member<scope::WriteAccounts>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let (me, group) = (member.actor.id, id.0);
    ctx.write(move |tx| {
        let group = find(tx, group)?;
        domain::ledger::ask_to_forget(tx, me, &group)
    })
    .await?;
    Ok(Json(Empty {}))
}

/// The caller's own receipts, as a copy that shows by itself where they stand.
async fn signed(member: Member<scope::ReadAccounts>, ctx: Ctx) -> Result<Canonical> {
    let record = ctx.help_record(member.actor.id).await?;
    // Signed is one spelling of it.
    let text = canonical::write(&record).map_err(Error::internal)?;
    Ok(Canonical(text))
}
