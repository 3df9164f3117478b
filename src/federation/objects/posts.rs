//! Posts of ours and what hangs on them.
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ETAG, IF_NONE_MATCH},
    web,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

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
        quotes, threads,
    },
    error::{Error, Result},
    federation::{asker, here, read, signed::admit},
    types::{PostId, Uri},
};

/// Most posts that a collection names: those of a thread, the answers to a post.
const MOST_LISTED: i64 = 1_000;

/// Posts below `/p`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/p/{id}", read().to(post))
        .route("/p/{id}/replies", read().to(replies))
        .route("/p/{id}/context", read().to(context))
        .route("/p/{id}/likes", read().to(likes))
        .route("/p/{id}/quotes/{stamp}", read().to(quote));
}

/// A post that was written here and is, or was, open to everyone.
async fn find(app: &App, id: &str) -> Result<Post> {
    let post = find_any(app, id).await?;
    if post.visibility.is_open() { Ok(post) } else { Err(Error::NotFound) }
}

/// A post that was written here and is open, or is for whoever signed the request. The rest is as
/// absent as what never was.
async fn find_for(app: &App, request: &HttpRequest, id: &str) -> Result<Post> {
    let post = find_any(app, id).await?;
    let shown = post.visibility.is_open()
        || post.deleted_at.is_none() && asker::may_read(app, request, &post).await?;
    if shown { Ok(post) } else { Err(Error::NotFound) }
}

/// A post that was written here by somebody who is shown, whomever it is for.
async fn find_any(app: &App, id: &str) -> Result<Post> {
    let id: PostId = id.parse().map_err(|_| Error::NotFound)?;
    let (post, suspended) = app
        .read(move |conn| {
            let post = posts::by_id(conn, id)?;
            let author = actors::by_id(conn, post.author_id)?;
            Ok((post, author.suspended_at.is_some()))
        })
        .await?;
    let shown = post.local && !post.is_boost() && !suspended;
    if shown { Ok(post) } else { Err(Error::NotFound) }
}

/// The same, and it is still there, for who may read it.
async fn find_there(app: &App, request: &HttpRequest, id: &str) -> Result<Post> {
    admit(app, request).await?;
    let post = find(app, id).await?;
    if post.deleted_at.is_some() { Err(Error::Gone) } else { Ok(post) }
}

async fn post(app: Ctx, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse> {
    let post = find_for(&app, &request, &id).await?;
    if let Some(at) = post.deleted_at {
        return Ok(gone(&write::tombstone(&post.ap_id, &post.kind, at)));
    }
    if is_browser(request.headers()) {
        let author = app.read(move |conn| Ok(actors::by_id(conn, post.author_id)?)).await?;
        return Ok(see(&here(&app).url(&format!("/@{}/{}", author.name, post.id))));
    }
    admit(&app, &request).await?;
    let app_ = app.clone();
    let body = app.read(move |conn| Ok(rows::post(conn, here(&app_), &post)?)).await?;
    Ok(document(write::document(body, Vocabulary::Post).to_string()))
}

/// Ids of the direct replies that anyone may read.
async fn replies(
    app: Ctx,
    request: HttpRequest,
    id: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    let post = find_there(&app, &request, &id).await?;
    let address = format!("{}/replies", post.ap_id);
    let listed =
        app.read(move |conn| Ok(threads::open_reply_ids(conn, post.id, MOST_LISTED)?)).await?;
    let list = List { address: &address, all: values(listed), owner: None };
    Ok(list.answer(&request, part.page.as_deref()))
}

/// How many like it.
async fn likes(app: Ctx, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse> {
    let post = find_there(&app, &request, &id).await?;
    let address = format!("{}/likes", post.ap_id);
    Ok(document(write::counted(&address, "Collection", post.likes_count).to_string()))
}

/// A permission to quote the post; it ends with the post.
async fn quote(
    app: Ctx,
    request: HttpRequest,
    ids: web::Path<(String, i64)>,
) -> Result<HttpResponse> {
    let (id, stamp) = ids.into_inner();
    let post = find_there(&app, &request, &id).await?;
    let found = app
        .read(move |conn| {
            let stamp = quotes::by_id(conn, stamp)?.filter(|stamp| stamp.post_id == post.id);
            let stamp = stamp.ok_or(Error::NotFound)?;
            Ok((actors::by_id(conn, post.author_id)?, post, stamp))
        })
        .await?;
    let (author, post, stamp) = found;
    let address = app.node().uri(&format!("p/{}/quotes/{}", post.id, stamp.id))?;
    let body = write::quote_authorization(&address, &author.ap_id, &post.ap_id, &stamp.quote_uri);
    Ok(document(body.to_string()))
}

/// Ids of all posts of a thread in order, for whoever wants to fill gaps:
/// [FEP-7888](https://w3id.org/fep/7888). An `ETag` saves those who have them all.
async fn context(
    app: Ctx,
    request: HttpRequest,
    id: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    let root = find_there(&app, &request, &id).await?;
    if !root.is_root() {
        return Err(Error::NotFound);
    }
    let address = format!("{}/context", root.ap_id);
    let (owner, listed) = app
        .read(move |conn| {
            let owner = actors::by_id(conn, root.group_id.unwrap_or(root.author_id))?;
            Ok((owner.ap_id, threads::open_ids(conn, root.id, MOST_LISTED)?))
        })
        .await?;
    let list = List { address: &address, all: values(listed), owner: Some(owner) };
    Ok(list.answer(&request, part.page.as_deref()))
}

fn values(ids: Vec<String>) -> Vec<Value> {
    ids.into_iter().map(Value::from).collect()
}

/// A list of ids, whole or in pages: `?page=true` is the first page, `?page=2` the second.
struct List<'a> {
    address: &'a str,
    all: Vec<Value>,
    /// Whose thread it is, of one with order.
    owner: Option<Uri>,
}

impl List<'_> {
    /// The list or a page of it; nothing for who has it as it is.
    fn answer(&self, request: &HttpRequest, page: Option<&str>) -> HttpResponse {
        let etag = self.etag();
        let known = request.headers().get(IF_NONE_MATCH);
        if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
            return HttpResponse::NotModified().insert_header((ETAG, etag)).finish();
        }
        let mut response = document(self.part(page).to_string());
        if let Ok(value) = etag.parse() {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }

    /// Another one whenever anything is added or taken away.
    fn etag(&self) -> String {
        let mut hash = Sha256::new();
        for id in self.all.iter().filter_map(Value::as_str) {
            hash.update(id);
            hash.update([0]);
        }
        let digest: String = hex::encode(hash.finalize()).chars().take(32).collect();
        format!("\"{digest}\"")
    }

    fn part(&self, page: Option<&str>) -> Value {
        let (address, owner) = (self.address, self.owner.as_ref());
        let total = i64::try_from(self.all.len()).unwrap_or(i64::MAX);
        match page {
            None if self.all.len() <= PAGE_ITEMS => match owner {
                Some(_) => write::ordered_collection(address, &self.all, owner),
                None => write::collection(address, &self.all),
            },
            None if owner.is_some() => write::paged(address, total, owner),
            None => write::paged_collection(address, total),
            Some(page) => self.page(page),
        }
    }

    fn page(&self, page: &str) -> Value {
        let number = page.parse::<usize>().unwrap_or(1).clamp(1, 1_000);
        let items: Vec<Value> =
            self.all.iter().skip((number - 1) * PAGE_ITEMS).take(PAGE_ITEMS).cloned().collect();
        let more = self.all.len() > number * PAGE_ITEMS;
        let next = more.then(|| format!("{}?page={}", self.address, number + 1));
        let id = format!("{}?page={page}", self.address);
        let write = if self.owner.is_some() { write::page } else { write::collection_page };
        write(&id, self.address, &items, next.as_deref())
    }
}
