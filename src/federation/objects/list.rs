//! Collections that are short enough to be read at once.
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ETAG, IF_NONE_MATCH},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::document;
use crate::{
    activitypub::write::{self, PAGE_ITEMS},
    types::Uri,
};

/// A list of ids, whole or in pages: `?page=true` is the first page, `?page=2` the second.
pub(super) struct List<'a> {
    address: &'a str,
    all: Vec<Value>,
    /// Whose thread it is, of one with order.
    owner: Option<Uri>,
}

impl<'a> List<'a> {
    /// The list at `address`.
    pub fn new(address: &'a str, ids: Vec<String>, owner: Option<Uri>) -> Self {
        Self { address, all: ids.into_iter().map(Value::from).collect(), owner }
    }

    /// The list or a page of it; nothing for who has it as it is.
    pub fn answer(&self, request: &HttpRequest, page: Option<&str>) -> HttpResponse {
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
