//! Finding people, groups, posts and tags: <https://docs.joinmastodon.org/methods/search/>
use actix_web::web::{self, Json};
use serde::Deserialize;
use url::Url;

use super::{
    access::{Ctx, Viewer, scope},
    entities::{Search, View},
    page::Page,
    params::Params,
    resolve::{self, Found},
};
use crate::{
    db::{self, Conn},
    error::Result,
    text,
    types::ActorId,
};

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v2/search", web::get().to(search));
}

#[derive(Debug, Default, Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    resolve: bool,
    #[serde(default)]
    following: bool,
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

async fn search(
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
    let mut search = Search::default();
    match found {
        Some(Found::Actor(id)) if query.wants("accounts") => {
            search.accounts = view.accounts_by_ids(conn, &[*id])?;
        }
        Some(Found::Post(id)) if query.wants("statuses") => {
            if db::timelines::may_read(conn, view.reader, *id)? {
                let post = db::posts::by_id(conn, *id)?;
                search.statuses = view.statuses(conn, &[post])?;
            }
        }
        Some(Found::Actor(_) | Found::Post(_)) | None => {}
    }
    Ok(search)
}

fn many(
    view: &View,
    conn: &mut Conn,
    query: &Query,
    domain: &str,
    far: Option<ActorId>,
    page: Page,
) -> Result<Search> {
    let mut search = Search::default();
    let limit = page.limit(20, 40);
    if query.wants("accounts") && !query.q.trim_start().starts_with('#') {
        let wanted = resolve::Accounts {
            limit,
            offset: page.offset.unwrap_or(0).max(0),
            following: view.reader.filter(|_| query.following),
        };
        let actors = resolve::search_accounts(conn, &query.q, domain, far, wanted)?;
        search.accounts = view.accounts(&actors);
    }
    let tag = text::normal_tag(query.q.trim());
    let is_tag = !tag.is_empty() && !query.q.contains('@');
    if query.wants("hashtags") && is_tag && page.offset.unwrap_or(0) == 0 {
        let tags = db::posts::search_tags(conn, &tag, limit)?;
        search.hashtags = view.tags_of(conn, &tags)?;
    }
    Ok(search)
}
