//! Who quotes what, and who may: <https://docs.joinmastodon.org/client/quotes/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, PathIds, Viewer, scope},
    describe::Api,
    entities::Status,
    page::{Listing, Paged},
    params::Params,
    resolve,
};
use crate::{
    db,
    domain::quotes::{self, Quoters},
    error::{Error, Result},
    types::PostId,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.put("/api/v1/statuses/{id}/interaction_policy", set_policy, "Says who may quote a post")
        .get("/api/v1/statuses/{id}/quotes", quoting, "Posts that quote a post")
        .post(
            "/api/v1/statuses/{id}/quotes/{quoting}/revoke",
            revoke,
            "Takes your post out of one that quotes it",
        );
}

/// Who may quote, in Mastodon's words.
pub(super) fn quoters(word: Option<&str>) -> Result<Option<Quoters>> {
    let known = |word| match word {
        "public" => Ok(Quoters::Everyone),
        "followers" => Ok(Quoters::Followers),
        "nobody" => Ok(Quoters::Nobody),
        _ => Err(Error::invalid(
            "Validation failed: Quote approval policy is not included in the list",
        )),
    };
    word.filter(|word| !word.is_empty()).map(known).transpose()
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NewPolicy {
    #[schemars(extend("enum" = ["public", "followers", "nobody"]))]
    quote_approval_policy: Option<String>,
}

/// Who may quote a post from now on.
async fn set_policy(
    member: Member<scope::WriteStatuses>,
    id: PathId<PostId>,
    form: Params<NewPolicy>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let view = member.view(&ctx);
    let who = quoters(form.into_inner().quote_approval_policy.as_deref())?.unwrap_or_default();
    ctx.write(move |tx| {
        let post = quotes::change(tx, &member.actor, id.0, who)?;
        Ok(Json(view.status(tx, &post)?))
    })
    .await
}

/// Posts that quote one, as far as the reader may and wants to see them.
async fn quoting(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let view = viewer.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let post = resolve::readable_post(conn, view.reader, id.0)?;
            let page = page.rows(20, 40);
            let rows = db::timelines::quoting(conn, view.reader, post.id, &page, view.now)?;
            view.statuses_page(conn, &rows)
        })
        .await
}

/// The author takes their post out of one that quotes it.
async fn revoke(
    member: Member<scope::WriteStatuses>,
    ids: PathIds<PostId, PostId>,
    ctx: Ctx,
) -> Result<Json<Status>> {
    let view = member.view(&ctx);
    let PathIds(quoted, quoting) = ids;
    ctx.write(move |tx| {
        let post = quotes::revoke(tx, &member.actor, quoted, quoting)?;
        Ok(Json(view.status(tx, &post)?))
    })
    .await
}
