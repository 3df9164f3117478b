//! What handlers take, described.
use actix_web::{HttpRequest, web};
use schemars::JsonSchema;
use serde_json::json;

use super::{Draft, schemas};
use crate::api::{
    access::{Bearer, Caller, Ctx, IdempotencyKey, Member, PathId, PathIds, Scope, Viewer},
    page::{Listing, Page},
    params::Params,
};

/// Something that a handler takes.
pub(crate) trait Takes {
    /// Says so.
    fn take(draft: &mut Draft<'_>);
}

macro_rules! tuples {
    ($(($($one:ident),*))+) => {$(
        impl<$($one: Takes),*> Takes for ($($one,)*) {
            fn take(_draft: &mut Draft<'_>) {
                $($one::take(_draft);)*
            }
        }
    )+};
}

tuples! {
    () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F)
    (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
}

/// What says nothing to a client.
macro_rules! silent {
    ($($name:ty),+ $(,)?) => {$(
        impl Takes for $name {
            fn take(_: &mut Draft<'_>) {}
        }
    )+};
}

silent!(Ctx, HttpRequest, web::Payload);

impl<S: Scope> Takes for Member<S> {
    fn take(draft: &mut Draft<'_>) {
        draft.needs(S::NEEDED);
    }
}

impl<S: Scope> Takes for Viewer<S> {
    fn take(draft: &mut Draft<'_>) {
        draft.may_have(S::NEEDED);
    }
}

impl Takes for Caller {
    fn take(draft: &mut Draft<'_>) {
        draft.needs("");
    }
}

impl Takes for Bearer {
    fn take(draft: &mut Draft<'_>) {
        draft.needs("");
    }
}

impl<T> Takes for PathId<T> {
    fn take(draft: &mut Draft<'_>) {
        draft.id_in_path("id");
    }
}

impl<A, B> Takes for PathIds<A, B> {
    fn take(draft: &mut Draft<'_>) {
        draft.ids_in_path(2);
    }
}

impl Takes for web::Path<String> {
    fn take(draft: &mut Draft<'_>) {
        draft.all_of_path();
    }
}

impl Takes for web::Path<(String, String)> {
    fn take(draft: &mut Draft<'_>) {
        draft.all_of_path();
    }
}

impl<T: JsonSchema> Takes for Params<T> {
    fn take(draft: &mut Draft<'_>) {
        draft.form::<T>();
    }
}

impl<T: JsonSchema> Takes for web::Query<T> {
    fn take(draft: &mut Draft<'_>) {
        draft.query_form::<T>();
    }
}

impl Takes for IdempotencyKey {
    fn take(draft: &mut Draft<'_>) {
        draft.header(
            "Idempotency-Key",
            "Sent again with the same key, a request is done once; up to 200 bytes.",
        );
    }
}

fn edges(draft: &mut Draft<'_>) {
    draft.query("max_id", "Only what is older than this.", &schemas::id());
    draft.query("since_id", "Only what is newer than this, the newest first.", &schemas::id());
    draft.query("min_id", "What is just newer than this.", &schemas::id());
    let limit = json!({ "type": "integer" });
    draft.query("limit", "How many at most; each list has an end that it does not pass.", &limit);
}

impl Takes for Page {
    fn take(draft: &mut Draft<'_>) {
        edges(draft);
        let offset = json!({ "type": "integer" });
        draft.query("offset", "How many to leave out first, in lists without ids.", &offset);
    }
}

impl Takes for Listing {
    fn take(draft: &mut Draft<'_>) {
        edges(draft);
    }
}
