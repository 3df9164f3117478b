//! The document, for whoever asks.
use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Answers, Api, Draft,
    document::{Document, ORIGIN},
};
use crate::api::access::Ctx;

/// The route of the document.
pub(in crate::api) fn routes(api: &mut Api<'_>) {
    api.get("/api/openapi.json", show, "This document");
}

/// What every error looks like.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Error")]
pub(crate) struct ErrorShape {
    /// For people; of OAuth the word of RFC 6749.
    pub error: String,
    /// Of OAuth: for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// Of signing up: what is wrong with each field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Map<String, Value>>,
}

/// All that is described.
pub(super) fn all() -> Document {
    let mut document = Document::new();
    crate::api::chapters(&mut Api::describing(&mut document));
    document
}

/// The document, but for the node's own address, and its tag.
static TEXT: LazyLock<(String, String)> = LazyLock::new(|| {
    let text = all().finish().to_string();
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
    (text, tag)
});

/// The document as one node serves it.
#[derive(Debug)]
struct Description {
    origin: String,
}

async fn show(ctx: Ctx) -> Description {
    Description { origin: ctx.origin().as_str().trim_end_matches('/').to_owned() }
}

impl Responder for Description {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let (text, tag) = &*TEXT;
        let known = request.headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let known = known.is_some_and(|tags| tags.contains(tag.as_str()));
        let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        response.insert_header((ETAG, tag.as_str()));
        response.insert_header((CACHE_CONTROL, "public, max-age=300"));
        if known {
            return response.finish();
        }
        response.content_type("application/json").body(text.replace(ORIGIN, &self.origin))
    }
}

impl Answers for Description {
    fn answer(draft: &mut Draft<'_>) {
        let schema = json!({ "type": "object", "required": ["openapi", "info", "paths"] });
        draft.content(200, "An OpenAPI document.", "application/json", &schema);
        draft.bare(304, "The one you know.");
    }
}
