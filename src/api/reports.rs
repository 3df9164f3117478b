//! Telling the operators of something: <https://docs.joinmastodon.org/methods/reports/>
use actix_web::web::{self, Json};
use serde::Deserialize;

use super::{
    access::{Ctx, Member, scope},
    accounts,
    entities::{At, Id, Report},
    params::Params,
};
use crate::{
    db,
    error::{Error, Result},
    text,
    types::ActorId,
};

/// Longest comment, in characters.
const MAX_COMMENT: usize = 1_000;

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/reports", web::post().to(report));
}

#[derive(Debug, Deserialize)]
struct Form {
    account_id: ActorId,
    #[serde(default)]
    status_ids: Vec<String>,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    rule_ids: Vec<String>,
    category: Option<String>,
}

/// Writes the report into the operators' log; it is not sent on to other servers.
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
    let category = category.unwrap_or_else(|| "other".into());
    ctx.write(move |tx| {
        let target = accounts::find(tx, form.account_id)?;
        let (id, now) = (tx.new_id(), tx.now());
        let subject = format!(
            "{} ({category}), posts [{}]: {}",
            target.acct(),
            form.status_ids.join(" "),
            text::clean_line(&form.comment, MAX_COMMENT),
        );
        db::members::audit(tx, id, Some(member.id), "reported", &subject, now)?;
        Ok(Json(Report {
            id: Id(id),
            action_taken: false,
            action_taken_at: None,
            category,
            comment: form.comment,
            forwarded: false,
            created_at: At(now),
            status_ids: form.status_ids,
            rule_ids: form.rule_ids,
            target_account: view.account(&target),
        }))
    })
    .await
}
