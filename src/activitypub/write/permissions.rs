//! Asking to quote and to answer, and letting others do so: [FEP-044f](https://w3id.org/fep/044f) and
//! the [interaction controls](https://docs.gotosocial.org/en/latest/federation/interaction_controls/)
//! of `GoToSocial`.
use serde_json::{Value, json};

use super::{Addressing, PUBLIC, Vocabulary, activities::answer, body, document, without_context};
use crate::types::Uri;

/// What follows a post's id in that of the request to quote in it.
pub const QUOTE_REQUEST: &str = "/quote-request";
/// What follows a post's id in that of the request that it may be an answer.
pub const REPLY_REQUEST: &str = "/reply-request";

/// What is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To quote.
    Quote,
    /// To answer.
    Reply,
}

impl Permission {
    fn request(self) -> &'static str {
        match self {
            Self::Quote => "QuoteRequest",
            Self::Reply => "ReplyRequest",
        }
    }

    fn authorization(self) -> &'static str {
        match self {
            Self::Quote => "QuoteAuthorization",
            Self::Reply => "ReplyAuthorization",
        }
    }

    fn vocabulary(self) -> Vocabulary {
        match self {
            Self::Quote => Vocabulary::Quote,
            Self::Reply => Vocabulary::Reply,
        }
    }
}

/// Asks who wrote `object` for a permission; `post` is the whole of what quotes or answers it, so
/// that it can be looked at.
pub fn request(
    of: Permission,
    actor: &Uri,
    object: &Uri,
    author: &Uri,
    post: &Value,
) -> Option<Value> {
    let end = if of == Permission::Quote { QUOTE_REQUEST } else { REPLY_REQUEST };
    let id = format!("{}{end}", post.get("id")?.as_str()?);
    let fields = json!({
        "id": id,
        "type": of.request(),
        "actor": actor,
        "object": object,
        "instrument": post,
        "to": [author],
        "cc": [],
    });
    Some(document(body(fields), of.vocabulary()))
}

/// Says yes to a request, with the permission.
pub fn accept_with(id: &Uri, actor: &Uri, request: &Value, result: &Uri) -> Value {
    let mut accept = answer("Accept", id, actor, &short(request));
    if let Value::Object(fields) = &mut accept {
        fields.insert("result".into(), json!(result));
        let is_quote = super::super::json::is(request, "QuoteRequest");
        if let Some(request) = request.get("id").filter(|id| is_quote && id.is_string()) {
            fields.insert("object".into(), request.clone());
        }
    }
    accept
}

/// Says no to a request.
pub fn refuse(id: &Uri, actor: &Uri, request: &Value) -> Value {
    answer("Reject", id, actor, &short(request))
}

/// A request without the post in it, which is long, and the asker has it. `GoToSocial` (0.20) knows a
/// request to answer by its type.
fn short(request: &Value) -> Value {
    let mut request = request.clone();
    if let Value::Object(fields) = &mut request {
        fields.retain(|key, _| matches!(&**key, "id" | "type" | "actor" | "object" | "instrument"));
        for key in ["object", "instrument"] {
            if let Some(id) = fields.get(key).and_then(|thing| thing.get("id")).cloned() {
                fields.insert(key.to_owned(), id);
            }
        }
    }
    request
}

/// A permission, served by itself: to quote `target` in the post `by`, or to answer it with that.
pub fn authorization(of: Permission, id: &Uri, author: &Uri, target: &Uri, by: &str) -> Value {
    let fields = json!({
        "id": id,
        "type": of.authorization(),
        "attributedTo": author,
        "interactingObject": by,
        "interactionTarget": target,
    });
    document(body(fields), of.vocabulary())
}

/// A permission to quote ends: told to everyone, or to one alone.
pub fn authorization_gone(id: &Uri, author: &Uri, permission: &Value, told: Option<&Uri>) -> Value {
    let addressing = match told {
        Some(told) => Addressing::to(&[told.as_str()]),
        None => Addressing {
            to: vec![PUBLIC.to_owned()],
            cc: vec![format!("{author}/followers")],
            audience: None,
        },
    };
    let fields = json!({
        "id": id,
        "type": "Delete",
        "actor": author,
        "object": without_context(permission),
        "to": addressing.to,
        "cc": addressing.cc,
    });
    document(body(fields), Vocabulary::Quote)
}
