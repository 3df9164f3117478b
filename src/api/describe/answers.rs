//! What handlers answer, described.
use actix_web::{
    CustomizeResponder, Either, HttpRequest, HttpResponse, Responder, body::BoxBody,
    http::StatusCode, web::Json,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeSeq as _};
use serde_json::{Value, json};

use super::Draft;
use crate::{
    api::page::Paged,
    error::{Error, Result},
};

/// Something that a handler answers.
pub(crate) trait Answers {
    /// Says so.
    fn answer(draft: &mut Draft<'_>);
}

/// `Error`s are described once for all.
impl<T: Answers> Answers for Result<T, Error> {
    fn answer(draft: &mut Draft<'_>) {
        T::answer(draft);
    }
}

impl<T: JsonSchema> Answers for Json<T> {
    fn answer(draft: &mut Draft<'_>) {
        draft.json::<T>(200, "Done.");
    }
}

impl<T: JsonSchema> Answers for Paged<T> {
    fn answer(draft: &mut Draft<'_>) {
        draft.json::<T>(200, "One page.");
        draft.answer_header(
            "Link",
            "Addresses of the pages beside this one: `rel=\"next\"` is older, `rel=\"prev\"` newer. \
             Not there where there is nothing to page.",
        );
    }
}

impl<A: Answers, B: Answers> Answers for Either<A, B> {
    fn answer(draft: &mut Draft<'_>) {
        A::answer(draft);
        B::answer(draft);
    }
}

impl<T: Answers> Answers for CustomizeResponder<T> {
    fn answer(draft: &mut Draft<'_>) {
        T::answer(draft);
    }
}

impl Answers for &'static str {
    fn answer(draft: &mut Draft<'_>) {
        draft.content(200, "Done.", "text/plain", &json!({ "type": "string" }));
    }
}

/// Done, and there is nothing to say: `{}`.
#[derive(Clone, Copy, Debug, Default, JsonSchema, Serialize)]
pub(crate) struct Empty {}

/// A list that is always empty here; clients ask for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nothing;

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_seq(Some(0))?.end()
    }
}

impl JsonSchema for Nothing {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Nothing".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": {}, "maxItems": 0 })
    }
}

/// Taken, and being done (202).
#[derive(Debug)]
pub(crate) struct Accepted<T>(pub T);

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted().json(self.0)
    }
}

impl<T: JsonSchema> Answers for Accepted<T> {
    fn answer(draft: &mut Draft<'_>) {
        draft.json::<T>(202, "Taken; it is done soon.");
    }
}

/// Done, or, with the status `PENDING`, still being worked on.
#[derive(Debug)]
pub(crate) struct Processed<T, const PENDING: u16> {
    /// What it is, as far as is known.
    pub body: T,
    /// It is being worked on.
    pub pending: bool,
}

impl<T: Serialize, const PENDING: u16> Responder for Processed<T, PENDING> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let pending = StatusCode::from_u16(PENDING).unwrap_or(StatusCode::ACCEPTED);
        let status = if self.pending { pending } else { StatusCode::OK };
        HttpResponse::build(status).json(self.body)
    }
}

impl<T: JsonSchema, const PENDING: u16> Answers for Processed<T, PENDING> {
    fn answer(draft: &mut Draft<'_>) {
        draft.json::<T>(200, "Done.");
        draft.json::<T>(PENDING, "It is still being worked on; ask again.");
    }
}

/// JSON in the one spelling that is signed ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)).
#[derive(Debug)]
pub(crate) struct Canonical(pub String);

impl Responder for Canonical {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().content_type("application/json").body(self.0)
    }
}

impl Answers for Canonical {
    fn answer(draft: &mut Draft<'_>) {
        let schema: Value = json!({ "type": "object" });
        draft.content(200, "A signed document.", "application/json", &schema);
    }
}

/// A stream: server-sent events, or a `WebSocket` where the client asks to upgrade.
#[derive(Debug)]
pub(crate) struct Events(pub HttpResponse);

impl Responder for Events {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

impl Answers for Events {
    fn answer(draft: &mut Draft<'_>) {
        draft.bare(101, "A WebSocket, for who asks to upgrade.");
        let schema = json!({ "type": "string" });
        draft.content(200, "Events, without end.", "text/event-stream", &schema);
    }
}
