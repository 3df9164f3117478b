//! Actors of ours and their collections.
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{Part, document, gone, is_browser, items, see};
use crate::{
    activitypub::{
        rows,
        write::{self, PAGE_ITEMS},
    },
    app::{App, Ctx},
    db::{
        Conn, activities,
        actors::{self, Actor},
        follows, groups, moderation,
        page::Page,
        posts,
    },
    domain::actors::NODE_NAME,
    error::{Error, Result},
    federation::{asker, here, read, signed::admit},
};

/// Persons below `/u`, groups below `/c`, the node at `/actor`.
pub fn routes(config: &mut web::ServiceConfig) {
    for folder in ["/u/{name}", "/c/{name}", "/actor"] {
        config
            .route(folder, read().to(actor))
            .route(&format!("{folder}/outbox"), read().to(outbox))
            .route(&format!("{folder}/followers"), read().to(followers))
            .route(&format!("{folder}/followers/synchronization"), read().to(own_followers))
            .route(&format!("{folder}/following"), read().to(following))
            .route(&format!("{folder}/featured"), read().to(featured))
            .route(&format!("{folder}/moderators"), read().to(moderators));
    }
}

/// The actor whose id is the first `parts` segments of the path.
async fn find(app: &App, request: &HttpRequest) -> Result<Actor> {
    let most = if request.path().starts_with("/actor") { 1 } else { 2 };
    let path: Vec<&str> = request.path().split('/').skip(1).take(most).collect();
    let id = here(app).url(&format!("/{}", path.join("/")));
    let found = app.read(move |conn| Ok(actors::by_ap_id(conn, &id)?)).await?;
    found.filter(|actor| actor.local && actor.suspended_at.is_none()).ok_or(Error::NotFound)
}

/// The actor, which must be there, for one of its collections.
pub async fn owner(app: &App, request: &HttpRequest) -> Result<Actor> {
    admit(app, request).await?;
    let actor = find(app, request).await?;
    if actor.deleted_at.is_some() { Err(Error::Gone) } else { Ok(actor) }
}

/// The document of an actor. The node's own is for everyone always: others need it to check with
/// what key we ask them for theirs.
async fn actor(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let actor = find(&app, &request).await?;
    if let Some(at) = actor.deleted_at {
        return Ok(gone(&write::tombstone(&actor.ap_id, actor.kind.as_str(), at)));
    }
    if is_browser(request.headers()) {
        return Ok(see(&actor.url));
    }
    if actor.name != NODE_NAME {
        admit(&app, &request).await?;
    }
    let app_ = app.clone();
    let body = app.read(move |conn| Ok(rows::actor(conn, here(&app_), &actor)?)).await?;
    Ok(document(body.to_string()))
}

/// What an actor did in public, newest first; of a group: what it passed on.
async fn outbox(app: Ctx, request: HttpRequest, part: web::Query<Part>) -> Result<HttpResponse> {
    let actor = owner(&app, &request).await?;
    let id = format!("{}/outbox", actor.ap_id);
    if part.page.is_none() {
        // How much is said behind closed doors is nobody's to know.
        let total = if actor.is_private_group() { 0 } else { actor.posts_count };
        return Ok(document(write::paged(&id, total, None).to_string()));
    }
    let limit = 20;
    let page = Page { max_id: part.max_id, ..Page::newest(limit) };
    let kinds = if actor.is_group() { ["Announce", "Announce"] } else { ["Create", "Announce"] };
    let found =
        app.read(move |conn| Ok(activities::outbox(conn, actor.id, &kinds, &page)?)).await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next =
        found.last().filter(|_| more).map(|last| format!("{id}?page=true&max_id={}", last.id));
    let here_id = match part.max_id {
        Some(max) => format!("{id}?page=true&max_id={max}"),
        None => format!("{id}?page=true"),
    };
    Ok(document(write::page(&here_id, &id, &items(&found), next.as_deref()).to_string()))
}

/// How many follow; who, is theirs to tell.
async fn followers(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let actor = owner(&app, &request).await?;
    let id = format!("{}/followers", actor.ap_id);
    Ok(document(write::counted(&id, "OrderedCollection", actor.followers_count).to_string()))
}

/// Those followers who live on the server that asks, which knows them anyway:
/// [FEP-8fcf](https://w3id.org/fep/8fcf).
async fn own_followers(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let actor = owner(&app, &request).await?;
    let asker = asker::asker(&app, &request).await?.ok_or(Error::Unauthorized)?;
    let id = format!("{}/followers/synchronization", actor.ap_id);
    let ids = app.read(move |conn| Ok(follows::followers_on(conn, actor.id, &asker.host)?)).await?;
    let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
    Ok(document(write::ordered_collection(&id, &ids, None).to_string()))
}

/// How many the actor follows.
async fn following(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let actor = owner(&app, &request).await?;
    let id = format!("{}/following", actor.ap_id);
    Ok(document(write::counted(&id, "OrderedCollection", actor.following_count).to_string()))
}

/// Ids of pinned posts: those that are for everyone, or for who asks.
async fn featured(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let actor = owner(&app, &request).await?;
    let id = format!("{}/featured", actor.ap_id);
    let pinned = app.read(move |conn| Ok(posts::pinned(conn, actor.id)?)).await?;
    let shown = asker::readable(&app, &request, pinned).await?;
    let ids: Vec<Value> = shown.iter().take(PAGE_ITEMS).map(|post| json!(post.ap_id)).collect();
    Ok(document(write::ordered_collection(&id, &ids, None).to_string()))
}

/// Ids of a group's stewards.
async fn moderators(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let group = owner(&app, &request).await?;
    let id = format!("{}/moderators", group.ap_id);
    let stewards = app.read(move |conn| stewards(conn, &group)).await?;
    Ok(document(write::ordered_collection(&id, &stewards, None).to_string()))
}

fn stewards(conn: &mut Conn, group: &Actor) -> Result<Vec<Value>> {
    let row = groups::by_id(conn, group.id)?.ok_or(Error::NotFound)?;
    let founder = actors::by_id(conn, row.founder_id)?;
    let mut all: Vec<Value> =
        founder.is_active().then(|| json!(founder.ap_id)).into_iter().collect();
    all.extend(moderation::moderators_of(conn, group.id)?.into_iter().map(Value::from));
    Ok(all)
}
