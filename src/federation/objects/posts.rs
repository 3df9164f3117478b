//! Posts of ours and what hangs on them.
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};

use super::{Part, document, gone, is_browser, list::List, see};
use crate::{
    activitypub::{
        rows,
        write::{self, Permission, Vocabulary},
    },
    app::{App, Ctx},
    db::{
        Conn,
        actors::{self, Actor},
        approvals,
        posts::{self, Post},
        quotes, threads,
    },
    error::{Error, Result},
    federation::{
        asker::{self, asker},
        here, read,
        signed::admit,
    },
    types::{PostId, Uri},
};

/// Most posts that a collection names: those of a thread, the answers to a post.
const MOST_LISTED: i64 = 1_000;
/// Most posts of a thread that are weighed one by one, for an asker who may read what is not open.
const MOST_WEIGHED: i64 = 200;

/// Posts below `/p`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/p/{id}", read().to(post))
        .route("/p/{id}/replies", read().to(replies))
        .route("/p/{id}/context", read().to(context))
        .route("/p/{id}/likes", read().to(likes))
        .route("/p/{id}/quotes/{stamp}", read().to(quote))
        .route("/p/{id}/approvals/{stamp}", read().to(approval));
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

/// A post that was written here and is, or was, open, or is for whoever signed the request. The rest
/// is as absent as what never was.
async fn find(app: &App, request: &HttpRequest, id: &str) -> Result<(Post, Reader)> {
    let post = find_any(app, id).await?;
    if post.visibility.is_open() {
        return Ok((post, Reader::Anyone));
    }
    let asker = asker(app, request).await?.ok_or(Error::NotFound)?;
    let (shown, asker) = app
        .read(move |conn| Ok((asker::readable_by(conn, &asker, vec![post])?.pop(), asker)))
        .await?;
    Ok((shown.ok_or(Error::NotFound)?, Reader::One(Box::new(asker))))
}

/// Who reads what hangs on a post.
enum Reader {
    /// What is open to everyone.
    Anyone,
    /// Of what is not: what is for this one.
    One(Box<Actor>),
}

/// A request for what hangs on a post.
struct Asked {
    app: Ctx,
    request: HttpRequest,
    id: String,
    page: Option<String>,
}

impl FromRequest for Asked {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = || {
            let part = web::Query::<Part>::from_query(request.query_string());
            let part = part.map_err(|error| Error::Malformed(error.to_string()))?;
            let app = request.app_data::<Ctx>().ok_or_else(|| Error::internal("no node"))?;
            Ok(Self {
                app: app.clone(),
                request: request.clone(),
                id: request.match_info().query("id").to_owned(),
                page: part.into_inner().page,
            })
        };
        ready(asked())
    }
}

impl Asked {
    /// The post, which is still there.
    async fn post(&self) -> Result<(Post, Reader)> {
        admit(&self.app, &self.request).await?;
        let (post, reader) = find(&self.app, &self.request, &self.id).await?;
        if post.deleted_at.is_some() { Err(Error::Gone) } else { Ok((post, reader)) }
    }

    /// The list of ids at `address`, whole or a page of it.
    fn list(&self, address: &str, ids: Vec<String>, owner: Option<Uri>) -> HttpResponse {
        List::new(address, ids, owner).answer(&self.request, self.page.as_deref())
    }
}

async fn post(app: Ctx, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse> {
    let (post, _) = find(&app, &request, &id).await?;
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

/// Ids of the direct replies, of those that the asker may read.
async fn replies(asked: Asked) -> Result<HttpResponse> {
    let (post, reader) = asked.post().await?;
    let address = format!("{}/replies", post.ap_id);
    let read = move |conn: &mut Conn| match reader {
        Reader::Anyone => Ok(threads::open_reply_ids(conn, post.id, MOST_LISTED)?),
        Reader::One(one) => {
            let mut thread = posts::thread(conn, post.thread_id, MOST_WEIGHED)?;
            thread.retain(|reply| reply.in_reply_to_id == Some(post.id));
            ids_for(conn, &one, thread)
        }
    };
    let ids = asked.app.read(read).await?;
    Ok(asked.list(&address, ids, None))
}

fn ids_for(conn: &mut Conn, asker: &Actor, posts: Vec<Post>) -> Result<Vec<String>> {
    let readable = asker::readable_by(conn, asker, posts)?;
    Ok(readable.into_iter().map(|post| post.ap_id.to_string()).collect())
}

/// How many like it.
async fn likes(asked: Asked) -> Result<HttpResponse> {
    let (post, _) = asked.post().await?;
    let address = format!("{}/likes", post.ap_id);
    Ok(document(write::counted(&address, "Collection", post.likes_count).to_string()))
}

/// A permission to quote the post; it ends with the post.
async fn quote(asked: Asked) -> Result<HttpResponse> {
    permission(asked, Permission::Quote, |conn, id| {
        Ok(quotes::by_id(conn, id)?.map(|stamp| (stamp.post_id, stamp.quote_uri)))
    })
    .await
}

/// A permission to answer the post, likewise.
async fn approval(asked: Asked) -> Result<HttpResponse> {
    permission(asked, Permission::Reply, |conn, id| {
        Ok(approvals::by_id(conn, id)?.map(|approval| (approval.post_id, approval.reply_uri)))
    })
    .await
}

/// Of which post a permission is, and for which other one.
type Found = Option<(PostId, String)>;

async fn permission(
    asked: Asked,
    of: Permission,
    find: fn(&mut Conn, i64) -> Result<Found>,
) -> Result<HttpResponse> {
    let (post, _) = asked.post().await?;
    let id: i64 = asked.request.match_info().query("stamp").parse().map_err(|_| Error::NotFound)?;
    let address = asked.app.node().uri(asked.request.path().trim_start_matches('/'))?;
    let read = move |conn: &mut Conn| {
        let found = find(conn, id)?.filter(|(of, _)| *of == post.id);
        let (_, by) = found.ok_or(Error::NotFound)?;
        let author = actors::by_id(conn, post.author_id)?;
        Ok(write::authorization(of, &address, &author.ap_id, &post.ap_id, &by))
    };
    Ok(document(asked.app.read(read).await?.to_string()))
}

/// Ids of all posts of a thread in order, for whoever wants to fill gaps:
/// [FEP-7888](https://w3id.org/fep/7888). An `ETag` saves those who have them all.
async fn context(asked: Asked) -> Result<HttpResponse> {
    let (root, reader) = asked.post().await?;
    if !root.is_root() {
        return Err(Error::NotFound);
    }
    let address = format!("{}/context", root.ap_id);
    let read = move |conn: &mut Conn| {
        let owner = actors::by_id(conn, root.group_id.unwrap_or(root.author_id))?.ap_id;
        let ids = match reader {
            Reader::Anyone => threads::open_ids(conn, root.id, MOST_LISTED)?,
            Reader::One(one) => {
                let thread = posts::thread(conn, root.id, MOST_WEIGHED)?;
                ids_for(conn, &one, thread)?
            }
        };
        Ok((owner, ids))
    };
    let (owner, ids) = asked.app.read(read).await?;
    Ok(asked.list(&address, ids, Some(owner)))
}
