//! Looking people and groups up: <https://docs.joinmastodon.org/methods/accounts/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, Viewer, scope},
    describe::{Api, Nothing},
    entities::{Account, FamiliarFollowers, List, Status},
    lists,
    page::{Listing, Page, Paged},
    params::{self, Params},
    resolve,
};
use crate::{
    db::{self, Conn, actors::Actor, timelines::AccountFilter},
    domain::actors,
    error::{Error, Result},
    text,
    types::ActorId,
};

/// How many familiar followers are shown of an account.
const FAMILIAR: i64 = 10;

/// The routes of this chapter that only read.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/accounts", several, "Accounts by their ids")
        .get(
            "/api/v1/accounts/lookup",
            lookup,
            "An account by its handle, as far as this node knows it",
        )
        .get("/api/v1/accounts/search", search, "Finds people and groups")
        .get(
            "/api/v1/accounts/familiar_followers",
            familiar_followers,
            "Of those you follow, who follows others",
        )
        .get("/api/v1/accounts/{id}", one, "One account")
        .get("/api/v1/accounts/{id}/statuses", statuses, "Somebody's posts")
        .get(
            "/api/v1/accounts/{id}/followers",
            followers,
            "Who follows an account, or is in a group",
        )
        .get("/api/v1/accounts/{id}/following", following, "Whom an account follows")
        .get("/api/v1/accounts/{id}/lists", lists_with, "Your lists that an account is in")
        .get(
            "/api/v1/accounts/{id}/endorsements",
            endorsements,
            "Whom an account shows on its profile",
        )
        .get("/api/v1/endorsements", own_endorsements, "Whom you show on your profile")
        .get("/api/v1/directory", directory, "People here who want to be found")
        .get(
            "/api/v1/accounts/{id}/identity_proofs",
            nothing,
            "Always empty: profiles prove their links themselves",
        );
}

/// The actor of an id, as long as it is there.
pub(super) fn find(conn: &mut Conn, id: ActorId) -> Result<Actor> {
    let actor = db::actors::by_id(conn, id)?;
    if actor.deleted_at.is_some() { Err(Error::NotFound) } else { Ok(actor) }
}

async fn one(
    id: PathId<ActorId>,
    viewer: Viewer<scope::ReadAccounts>,
    ctx: Ctx,
) -> Result<Json<Account>> {
    let (view, now) = (viewer.view(&ctx), ctx.now());
    let (found, stale) = ctx
        .read(move |conn| {
            let actor = find(conn, id.0)?;
            let found = Json(view.account_itself(conn, &actor)?);
            Ok((found, Some(actor).filter(|actor| actors::is_stale(actor, now))))
        })
        .await?;
    // Only who lives here has us ask elsewhere.
    if let Some(actor) = stale.filter(|_| viewer.id.is_some()) {
        ctx.write(move |tx| actors::used(tx, &actor)).await?;
    }
    Ok(found)
}

/// Parameters that name accounts.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Ids {
    #[serde(default, deserialize_with = "params::ids")]
    pub id: Vec<ActorId>,
}

async fn several(
    viewer: Viewer<scope::ReadAccounts>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Vec<Account>>> {
    let (view, mut ids) = (viewer.view(&ctx), form.into_inner().id);
    ids.truncate(40);
    ctx.read(move |conn| Ok(Json(view.accounts_by_ids(conn, &ids)?))).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Lookup {
    #[serde(default)]
    acct: String,
}

async fn lookup(
    viewer: Viewer<scope::ReadAccounts>,
    form: Params<Lookup>,
    ctx: Ctx,
) -> Result<Json<Account>> {
    let (view, acct) = (viewer.view(&ctx), form.into_inner().acct);
    let domain = ctx.domain().to_owned();
    ctx.read(move |conn| {
        let handle = resolve::handle(&acct, &domain).ok_or(Error::NotFound)?;
        let actor = resolve::known_handle(conn, &handle)?.ok_or(Error::NotFound)?;
        Ok(Json(view.account_itself(conn, &actor)?))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    resolve: bool,
    #[serde(default)]
    following: bool,
}

async fn search(
    member: Member<scope::ReadAccounts>,
    form: Params<Search>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Vec<Account>>> {
    let (view, me, form) = (member.view(&ctx), member.id, form.into_inner());
    let wanted = resolve::Accounts {
        limit: page.limit(40, 80),
        offset: page.offset.unwrap_or(0).max(0),
        following: form.following.then_some(me),
    };
    let far = resolve::account(&ctx, &form.q, form.resolve).await?;
    let domain = ctx.domain().to_owned();
    ctx.read(move |conn| {
        let actors = resolve::search_accounts(conn, &form.q, &domain, far, wanted)?;
        Ok(Json(view.accounts(conn, &actors)?))
    })
    .await
}

/// Of those whom the member follows, who follows each of the accounts.
async fn familiar_followers(
    member: Member<scope::ReadFollows>,
    form: Params<Ids>,
    ctx: Ctx,
) -> Result<Json<Vec<FamiliarFollowers>>> {
    let (view, mut ids) = (member.view(&ctx), form.into_inner().id);
    ids.truncate(40);
    ctx.read(move |conn| {
        let mut all = Vec::new();
        for id in ids {
            let known = db::follows::familiar(conn, member.id, id, FAMILIAR)?;
            let accounts = view.accounts(conn, &known)?;
            all.push(FamiliarFollowers { id: id.to_string(), accounts });
        }
        Ok(Json(all))
    })
    .await
}

async fn endorsements(
    viewer: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let rows = move |conn: &mut Conn, page: Page| {
        find(conn, id.0)?;
        Ok(db::standing::endorsed(conn, id.0, &page.rows(40, 80))?)
    };
    listing.accounts(viewer.view(&listing.ctx), rows).await
}

async fn own_endorsements(
    member: Member<scope::ReadAccounts>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let me = member.id;
    let rows = move |conn: &mut Conn, page: Page| {
        Ok(db::standing::endorsed(conn, me, &page.rows(40, 80))?)
    };
    listing.accounts(member.view(&listing.ctx), rows).await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Directory {
    #[schemars(extend("enum" = ["active", "new"]))]
    order: Option<String>,
    #[serde(default)]
    local: bool,
}

/// People and groups who want to be found: <https://docs.joinmastodon.org/methods/directory/>
async fn directory(
    viewer: Viewer<scope::ReadAccounts>,
    form: Params<Directory>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Vec<Account>>> {
    let (view, form) = (viewer.view(&ctx), form.into_inner());
    let by = db::actors::Directory {
        newest: form.order.as_deref() == Some("new"),
        local: form.local,
        limit: page.limit(40, 80),
        offset: page.offset.unwrap_or(0).clamp(0, 10_000),
    };
    ctx.read(move |conn| {
        let found = db::actors::directory(conn, view.reader, by)?;
        Ok(Json(view.accounts(conn, &found)?))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
struct Wanted {
    #[serde(default)]
    exclude_replies: bool,
    #[serde(default)]
    exclude_reblogs: bool,
    #[serde(default)]
    only_media: bool,
    #[serde(default)]
    pinned: bool,
    tagged: Option<String>,
}

async fn statuses(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<ActorId>,
    form: Params<Wanted>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let (view, wanted) = (viewer.view(&listing.ctx), form.into_inner());
    let filter = AccountFilter {
        exclude_replies: wanted.exclude_replies,
        exclude_boosts: wanted.exclude_reblogs,
        only_media: wanted.only_media,
        tagged: wanted.tagged.map(|tag| text::normal_tag(&tag)),
    };
    listing
        .answer(move |conn, page| {
            let author = find(conn, id.0)?;
            if let Some(reader) = view.reader
                && db::relations::blocks(conn, author.id, reader)?
            {
                return Ok((None, Vec::new()));
            }
            if wanted.pinned {
                let pinned = db::posts::pinned(conn, author.id)?;
                let ids: Vec<_> = pinned.iter().map(|post| post.id).collect();
                let readable = db::timelines::readable_among(conn, view.reader, &ids)?;
                let pinned: Vec<_> =
                    pinned.into_iter().filter(|post| readable.contains(&post.id)).collect();
                return Ok((None, view.statuses(conn, &pinned)?));
            }
            let page = page.rows(20, 40);
            let posts = db::timelines::account(conn, view.reader, author.id, &filter, &page)?;
            view.statuses_page(conn, &posts)
        })
        .await
}

async fn followers(
    viewer: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let rows = move |conn: &mut Conn, page: Page| {
        find(conn, id.0)?;
        Ok(db::follows::followers(conn, id.0, &page.rows(40, 80))?)
    };
    listing.accounts(viewer.view(&listing.ctx), rows).await
}

async fn following(
    viewer: Viewer<scope::ReadAccounts>,
    id: PathId<ActorId>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let rows = move |conn: &mut Conn, page: Page| {
        find(conn, id.0)?;
        Ok(db::follows::following(conn, id.0, &page.rows(40, 80))?)
    };
    listing.accounts(viewer.view(&listing.ctx), rows).await
}

/// The member's lists that the account is in: of a joined group its own.
async fn lists_with(
    member: Member<scope::ReadLists>,
    id: PathId<ActorId>,
    ctx: Ctx,
) -> Result<Json<Vec<List>>> {
    ctx.read(move |conn| Ok(Json(lists::with(conn, member.id, id.0)?))).await
}

async fn nothing(_: Viewer<scope::ReadAccounts>, _: PathId<ActorId>) -> Json<Nothing> {
    Json(Nothing)
}
