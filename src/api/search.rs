//! Finding people, groups, posts and tags: <https://docs.joinmastodon.org/methods/search/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::{
    access::{Ctx, Viewer, scope},
    describe::Api,
    entities::{Search, View},
    page::Page,
    params::{self, Params},
    resolve::{self, Found},
};
use crate::{
    db::{self, Conn, posts::Post},
    domain::search,
    error::Result,
    text,
    types::{ActorId, Time},
};

/// As far as can be paged by how many were shown; by ids there is no end.
const MAX_OFFSET: i64 = 1_000;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v2/search", answer, "Finds people, groups, posts and tags");
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["accounts", "hashtags", "statuses"]))]
    kind: Option<String>,
    #[serde(default)]
    resolve: bool,
    #[serde(default)]
    following: bool,
    #[serde(default, deserialize_with = "params::blank_or")]
    account_id: Option<ActorId>,
}

impl Query {
    fn wants(&self, kind: &str) -> bool {
        self.kind.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == kind)
    }

    /// The address that was typed, if it is one.
    fn address(&self) -> Option<Url> {
        let url = Url::parse(self.q.trim()).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
    }
}

async fn answer(
    viewer: Viewer<scope::ReadSearch>,
    form: Params<Query>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Search>> {
    let (view, query) = (viewer.view(&ctx), form.into_inner());
    // Only members make this node ask others.
    let ask = query.resolve && viewer.id.is_some();
    if let Some(url) = query.address() {
        let found = resolve::address(&ctx, url, ask).await?;
        return ctx.read(move |conn| Ok(Json(one(&view, conn, found.as_ref(), &query)?))).await;
    }
    let far = resolve::account(&ctx, &query.q, ask).await?;
    let domain = ctx.domain().to_owned();
    ctx.read(move |conn| Ok(Json(many(&view, conn, &query, &domain, far, page)?))).await
}

fn one(view: &View, conn: &mut Conn, found: Option<&Found>, query: &Query) -> Result<Search> {
    let mut all = Search::default();
    match found {
        Some(Found::Actor(id)) if query.wants("accounts") => {
            all.accounts = view.accounts_by_ids(conn, &[*id])?;
        }
        Some(Found::Post(id)) if query.wants("statuses") => {
            if db::timelines::may_read(conn, view.reader, *id)? {
                let post = db::posts::by_id(conn, *id)?;
                all.statuses = view.statuses(conn, &[post])?;
            }
        }
        Some(Found::Actor(_) | Found::Post(_)) | None => {}
    }
    Ok(all)
}

fn many(
    view: &View,
    conn: &mut Conn,
    query: &Query,
    domain: &str,
    far: Option<ActorId>,
    page: Page,
) -> Result<Search> {
    let mut all = Search::default();
    let limit = page.limit(20, 40);
    if query.wants("accounts") && !query.q.trim_start().starts_with('#') {
        let wanted = resolve::Accounts {
            limit,
            offset: page.offset.unwrap_or(0).max(0),
            following: view.reader.filter(|_| query.following),
        };
        let actors = resolve::search_accounts(conn, &query.q, domain, far, wanted)?;
        all.accounts = view.accounts(conn, &actors)?;
    }
    let tag = text::normal_tag(query.q.trim());
    let is_tag = !tag.is_empty() && !query.q.contains('@');
    if query.wants("hashtags") && is_tag && page.offset.unwrap_or(0) == 0 {
        let tags = db::posts::search_tags(conn, &tag, limit)?;
        all.hashtags = view.tags_of(conn, &tags)?;
    }
    if let Some(viewer) = view.reader.filter(|_| query.wants("statuses")) {
        let wanted = search::Wanted { viewer, typed: &query.q, author: query.account_id, domain };
        let posts = found_posts(conn, wanted, view.now, page)?;
        all.statuses = view.statuses(conn, &posts)?;
    }
    Ok(all)
}

/// The posts of a page; by their ids, or, as clients do too, by how many were shown.
fn found_posts(
    conn: &mut Conn,
    wanted: search::Wanted<'_>,
    now: Time,
    page: Page,
) -> Result<Vec<Post>> {
    let skipped = page.offset.unwrap_or(0).max(0);
    if skipped > MAX_OFFSET {
        return Ok(Vec::new());
    }
    let mut rows = page.rows(20, 40);
    rows.limit = rows.limit.saturating_add(skipped);
    let posts = search::find(conn, wanted, &rows, now)?;
    Ok(posts.into_iter().skip(usize::try_from(skipped).unwrap_or(0)).collect())
}
