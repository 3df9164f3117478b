//! Pages of lists: which part a client asks for, and the `Link` header to the parts beside it.
use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder, body::BoxBody, dev::Payload, http::header,
};
use serde::Serialize;
use url::{Url, form_urlencoded};

use super::entities::{Account, View};
use crate::{
    app::Ctx,
    db::{self, Conn, actors::Actor},
    error::{Error, Result},
};

/// Which rows of a list, by their ids: <https://docs.joinmastodon.org/api/guidelines/#pagination>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only rows older than this.
    pub max_id: Option<i64>,
    /// Only rows newer than this, the newest first.
    pub since_id: Option<i64>,
    /// The rows just after this.
    pub min_id: Option<i64>,
    /// How many rows at most.
    pub limit: Option<i64>,
    /// How many rows to leave out first, in lists without ids.
    pub offset: Option<i64>,
}

impl Page {
    /// How many rows to answer: what was asked, else `usual`; never more than `most`.
    pub fn limit(&self, usual: i64, most: i64) -> i64 {
        self.limit.unwrap_or(usual).clamp(1, most)
    }

    /// The same for a query: `usual` rows where nothing was asked, never more than `most`.
    pub fn rows(&self, usual: i64, most: i64) -> db::page::Page {
        db::page::Page {
            max_id: self.max_id,
            since_id: self.since_id,
            min_id: self.min_id,
            limit: self.limit(usual, most),
        }
    }

    /// Reads the page out of a query string.
    ///
    /// # Errors
    /// When an id or the limit is no number.
    pub fn from_query(query: &str) -> Result<Self> {
        let mut page = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "max_id" => &mut page.max_id,
                "since_id" => &mut page.since_id,
                "min_id" => &mut page.min_id,
                "limit" => &mut page.limit,
                "offset" => &mut page.offset,
                _ => continue,
            };
            *slot = match value.trim() {
                "" => None,
                text => {
                    Some(text.parse().map_err(|_| Error::invalid(format!("{name} is no number")))?)
                }
            };
        }
        Ok(page)
    }
}

impl FromRequest for Page {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::from_query(request.query_string()))
    }
}

/// The ids between which a page lies: the oldest one in it and the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edges {
    /// The next page is what is older than this.
    pub oldest: i64,
    /// The previous page is what is newer than this.
    pub newest: i64,
}

impl Edges {
    /// The edges of rows by their ids, in whatever order; `None` of an empty page.
    pub fn of(ids: impl IntoIterator<Item = i64>) -> Option<Self> {
        ids.into_iter().fold(None, |edges: Option<Self>, id| {
            let edges = edges.unwrap_or(Self { oldest: id, newest: id });
            Some(Self { oldest: edges.oldest.min(id), newest: edges.newest.max(id) })
        })
    }
}

/// A request for one page of a list.
pub(super) struct Listing {
    /// The node.
    pub ctx: Ctx,
    page: Page,
    request: HttpRequest,
}

impl Listing {
    /// Answers the entities that `read` makes of the page, and the ids between which it lies.
    pub async fn answer<T: Serialize + Send + 'static>(
        &self,
        read: impl FnOnce(&mut Conn, Page) -> Result<(Option<Edges>, Vec<T>)> + Send + 'static,
    ) -> Result<Paged<Vec<T>>> {
        self.answer_one(read).await
    }

    /// The same where the page is one entity that holds the list.
    pub async fn answer_one<T: Serialize + Send + 'static>(
        &self,
        read: impl FnOnce(&mut Conn, Page) -> Result<(Option<Edges>, T)> + Send + 'static,
    ) -> Result<Paged<T>> {
        let page = self.page;
        let (edges, body) = self.ctx.read(move |conn| read(conn, page)).await?;
        Ok(respond(&self.request, self.ctx.origin(), edges, &body))
    }

    /// Answers a page of accounts, each under the id that its list is sorted by.
    pub async fn accounts(
        &self,
        view: View,
        rows: impl FnOnce(&mut Conn, Page) -> Result<Vec<(i64, Actor)>> + Send + 'static,
    ) -> Result<Paged<Vec<Account>>> {
        self.answer(move |conn, page| {
            let rows = rows(conn, page)?;
            view.account_page(conn, &rows)
        })
        .await
    }
}

impl FromRequest for Listing {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let listing = || {
            let page = Page::from_query(request.query_string())?;
            let ctx = request.app_data::<Ctx>().ok_or_else(|| Error::internal("no node"))?;
            Ok(Self { ctx: ctx.clone(), page, request: request.clone() })
        };
        ready(listing())
    }
}

/// One page, of which `T` is the body.
#[derive(Debug)]
pub(crate) struct Paged<T> {
    response: HttpResponse,
    body: PhantomData<T>,
}

impl<T> Responder for Paged<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.response
    }
}

/// One page of a list, with links to the pages beside it.
///
/// The links are absolute, under the node's `origin`, the next (older) page first, and keep every
/// other parameter of the request.
fn respond<T: Serialize>(
    request: &HttpRequest,
    origin: &Url,
    edges: Option<Edges>,
    body: &T,
) -> Paged<T> {
    let mut response = HttpResponse::Ok();
    if let Some(edges) = edges {
        let links = links(origin, request.path(), request.query_string(), edges);
        response.insert_header((header::LINK, links));
    }
    Paged { response: response.json(body), body: PhantomData }
}

fn links(origin: &Url, path: &str, query: &str, edges: Edges) -> String {
    let link = |name: &str, id: i64| {
        let mut url = origin.clone();
        url.set_path(path);
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| !matches!(name.as_ref(), "max_id" | "since_id" | "min_id"))
            .filter(|(name, _)| name != "access_token");
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, &id.to_string());
        url
    };
    let (next, prev) = (link("max_id", edges.oldest), link("min_id", edges.newest));
    format!("<{next}>; rel=\"next\", <{prev}>; rel=\"prev\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_from_the_query() {
        let page = Page::from_query("limit=5&max_id=9&min_id=&x=y&since_id=3").unwrap();
        let expected =
            Page { max_id: Some(9), since_id: Some(3), limit: Some(5), ..Page::default() };
        assert_eq!(page, expected);
        assert!(Page::from_query("max_id=abc").is_err());
        assert!(Page::from_query("max_id=99999999999999999999").is_err());
    }

    #[test]
    fn the_limit_has_a_default_and_an_end() {
        let of = |limit| Page { limit, ..Page::default() }.limit(20, 40);
        assert_eq!((of(None), of(Some(5)), of(Some(900)), of(Some(-3))), (20, 5, 40, 1));
    }

    #[test]
    fn links_are_absolute_and_keep_the_other_parameters() {
        let origin = Url::parse("https://oak.example").unwrap();
        let edges = Edges::of([7, 9, 3]).unwrap();
        assert_eq!(
            links(
                &origin,
                "/api/v1/timelines/home",
                "limit=2&max_id=10&types[]=a&types[]=b+c",
                edges
            ),
            "<https://oak.example/api/v1/timelines/home?limit=2&types%5B%5D=a&types%5B%5D=b+c&max_id=3>; rel=\"next\", \
             <https://oak.example/api/v1/timelines/home?limit=2&types%5B%5D=a&types%5B%5D=b+c&min_id=9>; rel=\"prev\""
        );
        assert_eq!(Edges::of([]), None);
    }
}
