//! Telling stewards and operators of something: <https://docs.joinmastodon.org/methods/reports/>
//! and, ours, what stewards do about it.
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, PathIds, scope},
    accounts,
    describe::{Api, Empty},
    entities::{At, Id, Report, View},
    page::{Edges, Listing, Paged},
    params::Params,
};
use crate::{
    db::{self, actors::Actor, reports},
    domain::moderation::{self, NewReport},
    error::{Error, Result},
    types::{ActorId, PostId},
};

/// Longest comment, in characters.
const MAX_COMMENT: usize = 1_000;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post(
        "/api/v1/reports",
        report,
        "Tells the stewards of a group, or the operators, of something",
    )
    .get("/api/v1/groups/{id}/reports", of_group, "What was reported in a group, for its stewards")
    .post(
        "/api/v1/groups/{group}/reports/{id}/resolve",
        resolve,
        "Marks a report as dealt with",
    );
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Form {
    account_id: ActorId,
    #[serde(default)]
    status_ids: Vec<String>,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    rule_ids: Vec<String>,
    #[schemars(extend("enum" = ["spam", "legal", "violation", "other"]))]
    category: Option<String>,
    /// The server of who is reported is told too, by the node and without a name.
    #[serde(default)]
    forward: bool,
}

/// Tells the stewards of the group that the posts are in, else the operators.
async fn report(
    member: Member<scope::WriteReports>,
    form: Params<Form>,
    ctx: Ctx,
) -> Result<Json<Report>> {
    let (view, form) = (member.view(&ctx), form.into_inner());
    if form.comment.chars().count() > MAX_COMMENT || form.status_ids.len() > 100 {
        return Err(Error::invalid("Validation failed: Comment is too long"));
    }
    let words = ["spam", "legal", "violation", "other"];
    let category = form.category.filter(|word| words.contains(&word.as_str()));
    ctx.write(move |tx| {
        let target = accounts::find(tx, form.account_id)?;
        let ids: Vec<PostId> = form.status_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let readable = db::timelines::readable_among(tx, Some(member.id), &ids)?;
        let mut posts = db::posts::by_ids(tx, &readable)?;
        posts.retain(|post| post.author_id == target.id && !post.is_boost());
        let new = NewReport {
            reporter: member.id,
            target: target.clone(),
            posts,
            category: category.unwrap_or_else(|| "other".into()),
            comment: form.comment,
            forward: form.forward,
            ap_id: None,
        };
        let row = moderation::report(tx, new)?;
        let mut about = Report { rule_ids: form.rule_ids, ..entity(&view, &row, &target) };
        view.with_emojis(tx, std::slice::from_mut(&mut about))?;
        Ok(Json(Report { status_ids: form.status_ids, ..about }))
    })
    .await
}

fn entity(view: &View, row: &reports::Report, target: &Actor) -> Report {
    Report {
        id: Id(row.id),
        action_taken: row.resolved_at.is_some(),
        action_taken_at: row.resolved_at.map(At),
        category: row.category.clone(),
        comment: row.comment.clone(),
        forwarded: row.forwarded,
        created_at: At(row.created_at),
        status_ids: Vec::new(),
        rule_ids: Vec::new(),
        target_account: view.account(target),
    }
}

/// What was reported in a group, for its stewards. Who reported is not said.
async fn of_group(
    member: Member<scope::ReadNotifications>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Report>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let group = accounts::find(conn, id.0)?;
            moderation::require_steward(conn, &group, &member.actor)?;
            let rows = reports::of_group(conn, group.id, &page.rows(20, 80))?;
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let posts = reports::posts_of(conn, &ids)?;
            let targets: Vec<ActorId> = rows.iter().map(|row| row.target_id).collect();
            let targets = db::actors::by_ids(conn, &targets)?;
            let one = |row: &reports::Report| {
                let target = targets.iter().find(|actor| actor.id == row.target_id)?;
                let posts = posts.get(&row.id).into_iter().flatten();
                let status_ids = posts.map(ToString::to_string).collect();
                Some(Report { status_ids, ..entity(&view, row, target) })
            };
            let mut all: Vec<Report> = rows.iter().filter_map(one).collect();
            view.with_emojis(conn, &mut all)?;
            Ok((Edges::of(ids.iter().copied()), all))
        })
        .await
}

async fn resolve(
    member: Member<scope::WriteReports>,
    ids: PathIds<ActorId, i64>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    let id = ids.1;
    ctx.write(move |tx| {
        let report = reports::by_id(tx, id)?.ok_or(Error::NotFound)?;
        moderation::resolve(tx, &report, &member.actor)
    })
    .await?;
    Ok(Json(Empty {}))
}
