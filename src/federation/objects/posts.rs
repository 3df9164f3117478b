//! Posts of ours and what hangs on them.
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ETAG, IF_NONE_MATCH},
    web,
};
use serde_json::{Value, json};

use super::{Part, document, gone, is_browser, see};
use crate::{
    activitypub::{
        rows,
        write::{self, PAGE_ITEMS, Vocabulary},
    },
    app::{App, Ctx},
    db::{
        actors,
        posts::{self, Post},
    },
    error::{Error, Result},
    federation::here,
    types::PostId,
};

/// Most posts of one thread that its collection names.
const THREAD_POSTS: i64 = 1_000;

/// Posts below `/p`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/p/{id}", web::get().to(post))
        .route("/p/{id}/replies", web::get().to(replies))
        .route("/p/{id}/context", web::get().to(context))
        .route("/p/{id}/likes", web::get().to(likes));
}

/// A post that was written here and is, or was, open to everyone.
async fn find(app: &App, id: &str) -> Result<Post> {
    let id: PostId = id.parse().map_err(|_| Error::NotFound)?;
    let (post, suspended) = app
        .read(move |conn| {
            let post = posts::by_id(conn, id)?;
            let author = actors::by_id(conn, post.author_id)?;
            Ok((post, author.suspended_at.is_some()))
        })
        .await?;
    let shown = post.local && !post.is_boost() && post.visibility.is_open() && !suspended;
    if shown { Ok(post) } else { Err(Error::NotFound) }
}

/// The same, and it is still there.
async fn find_there(app: &App, id: &str) -> Result<Post> {
    let post = find(app, id).await?;
    if post.deleted_at.is_some() { Err(Error::Gone) } else { Ok(post) }
}

async fn post(app: Ctx, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse> {
    let post = find(&app, &id).await?;
    if let Some(at) = post.deleted_at {
        return Ok(gone(&write::tombstone(&post.ap_id, &post.kind, at)));
    }
    if is_browser(request.headers()) {
        let author = app.read(move |conn| Ok(actors::by_id(conn, post.author_id)?)).await?;
        return Ok(see(&here(&app).url(&format!("/@{}/{}", author.name, post.id))));
    }
    let app_ = app.clone();
    let body = app.read(move |conn| Ok(rows::post(conn, here(&app_), &post)?)).await?;
    Ok(document(write::document(body, Vocabulary::Post).to_string()))
}

/// Ids of the direct replies that anyone may read.
async fn replies(app: Ctx, id: web::Path<String>) -> Result<HttpResponse> {
    let post = find_there(&app, &id).await?;
    let address = format!("{}/replies", post.ap_id);
    let limit = i64::try_from(PAGE_ITEMS).unwrap_or(50);
    let found = app.read(move |conn| Ok(posts::open_replies(conn, post.id, limit)?)).await?;
    Ok(document(write::collection(&address, &ids(&found)).to_string()))
}

/// How many like it.
async fn likes(app: Ctx, id: web::Path<String>) -> Result<HttpResponse> {
    let post = find_there(&app, &id).await?;
    let address = format!("{}/likes", post.ap_id);
    Ok(document(write::counted(&address, "Collection", post.likes_count).to_string()))
}

/// Ids of all posts of a thread in order, for whoever wants to fill gaps:
/// [FEP-7888](https://w3id.org/fep/7888). An `ETag` saves those who have them all.
async fn context(
    app: Ctx,
    request: HttpRequest,
    id: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    let root = find_there(&app, &id).await?;
    if !root.is_root() {
        return Err(Error::NotFound);
    }
    let address = format!("{}/context", root.ap_id);
    let (owner, found) = app
        .read(move |conn| {
            let owner = root.group_id.unwrap_or(root.author_id);
            let owner = actors::by_id(conn, owner)?;
            Ok((owner, posts::thread(conn, root.id, THREAD_POSTS)?))
        })
        .await?;
    let all = ids(&found.into_iter().filter(|post| post.visibility.is_open()).collect::<Vec<_>>());
    let last = all.last().and_then(Value::as_str).unwrap_or_default().to_owned();
    let etag = format!("\"{}-{}\"", all.len(), last.rsplit('/').next().unwrap_or_default());
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes())
    {
        return Ok(HttpResponse::NotModified().finish());
    }
    let body = if all.len() <= PAGE_ITEMS {
        write::ordered_collection(&address, &all, Some(&owner.ap_id))
    } else {
        pages(&address, &all, part.page.as_deref(), &owner)
    };
    let mut response = document(body.to_string());
    if let Ok(value) = etag.parse() {
        response.headers_mut().insert(ETAG, value);
    }
    Ok(response)
}

/// A long thread: `?page=true` is the first page, `?page=2` the second.
fn pages(address: &str, all: &[Value], page: Option<&str>, owner: &actors::Actor) -> Value {
    let Some(page) = page else {
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        return write::paged(address, total, Some(&owner.ap_id));
    };
    let number = page.parse::<usize>().unwrap_or(1).clamp(1, 1_000);
    let items: Vec<Value> =
        all.iter().skip((number - 1) * PAGE_ITEMS).take(PAGE_ITEMS).cloned().collect();
    let next = (all.len() > number * PAGE_ITEMS).then(|| format!("{address}?page={}", number + 1));
    write::page(&format!("{address}?page={page}"), address, &items, next.as_deref())
}

fn ids(posts: &[Post]) -> Vec<Value> {
    posts.iter().map(|post| json!(post.ap_id)).collect()
}
