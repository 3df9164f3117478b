//! Lists of posts: <https://docs.joinmastodon.org/methods/timelines/>
use actix_web::web;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Member, Viewer, scope},
    describe::Api,
    entities::{Status, View},
    page::{Edges, Listing, Paged},
    params::Params,
};
use crate::{
    db::{
        Conn,
        posts::Post,
        timelines::{self, PublicFilter, TagFilter},
    },
    error::Result,
    text,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/timelines/home", home, "Posts of whom and what you follow")
        .get("/api/v1/timelines/public", public, "Public posts")
        .get("/api/v1/timelines/tag/{tag}", tag, "Public posts with a tag")
        .get("/api/v1/favourites", favourites, "Posts you favourited")
        .get("/api/v1/bookmarks", bookmarks, "Posts you bookmarked");
}

type Rows = (Option<Edges>, Vec<Status>);

/// The entities of posts that are paged by the id of a mark on them.
fn by_mark(view: &View, conn: &mut Conn, rows: Vec<(i64, Post)>) -> Result<Rows> {
    let edges = Edges::of(rows.iter().map(|(id, _)| *id));
    let posts: Vec<Post> = rows.into_iter().map(|(_, post)| post).collect();
    // A mark outlives the right to read, so that is asked again.
    let ids: Vec<_> = posts.iter().map(|post| post.id).collect();
    let readable = timelines::readable_among(conn, view.reader, &ids)?;
    let posts: Vec<Post> = posts.into_iter().filter(|post| readable.contains(&post.id)).collect();
    Ok((edges, view.statuses(conn, &posts)?))
}

async fn home(member: Member<scope::ReadStatuses>, listing: Listing) -> Result<Paged<Vec<Status>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let posts = timelines::home(conn, member.id, &page.rows(20, 40), view.now)?;
            view.statuses_page(conn, &posts)
        })
        .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Public {
    #[serde(default)]
    local: bool,
    #[serde(default)]
    remote: bool,
    #[serde(default)]
    only_media: bool,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
}

impl Public {
    fn filter(&self) -> PublicFilter {
        PublicFilter { local: self.local, remote: self.remote, only_media: self.only_media }
    }
}

async fn public(
    viewer: Viewer<scope::ReadStatuses>,
    form: Params<Public>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let (view, filter) = (viewer.view(&listing.ctx), form.into_inner().filter());
    listing
        .answer(move |conn, page| {
            let page = page.rows(20, 40);
            let posts = timelines::public(conn, view.reader, filter, &page, view.now)?;
            view.statuses_page(conn, &posts)
        })
        .await
}

async fn tag(
    viewer: Viewer<scope::ReadStatuses>,
    tag: web::Path<String>,
    form: Params<Public>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let (view, form) = (viewer.view(&listing.ctx), form.into_inner());
    let filter = form.filter();
    let normal = |tags: Vec<String>| -> Vec<String> {
        tags.iter().take(4).map(|tag| text::normal_tag(tag)).collect()
    };
    let mut any = normal(form.any);
    any.push(text::normal_tag(&tag));
    let tags = TagFilter { any, all: normal(form.all), none: normal(form.none) };
    listing
        .answer(move |conn, page| {
            let page = page.rows(20, 40);
            let posts = timelines::tagged(conn, view.reader, &tags, filter, &page, view.now)?;
            view.statuses_page(conn, &posts)
        })
        .await
}

async fn favourites(
    member: Member<scope::ReadFavourites>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = timelines::liked(conn, member.id, &page.rows(20, 40))?;
            by_mark(&view, conn, rows)
        })
        .await
}

async fn bookmarks(
    member: Member<scope::ReadBookmarks>,
    listing: Listing,
) -> Result<Paged<Vec<Status>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let rows = timelines::bookmarked(conn, member.id, &page.rows(20, 40))?;
            by_mark(&view, conn, rows)
        })
        .await
}
