//! Lists that others may ask for.
use serde_json::{Value, json};

use super::{Vocabulary, body, document};
use crate::types::Uri;

/// How many items a page has at most.
pub const PAGE_ITEMS: usize = 50;

/// A short list in order, all of it: moderators, pinned posts.
pub fn ordered_collection(id: &str, items: &[Value], attributed_to: Option<&Uri>) -> Value {
    let fields = json!({
        "id": id,
        "type": "OrderedCollection",
        "totalItems": items.len(),
        "orderedItems": items,
        "attributedTo": attributed_to,
    });
    document(body(fields), Vocabulary::Post)
}

/// A short list without order, all of it: direct replies.
pub fn collection(id: &str, items: &[Value]) -> Value {
    let fields = json!({
        "id": id, "type": "Collection", "totalItems": items.len(), "items": items,
    });
    document(fields, Vocabulary::Plain)
}

/// A long list without order: how many, and where its first page is.
pub fn paged_collection(id: &str, total: i64) -> Value {
    let fields = json!({
        "id": id, "type": "Collection", "totalItems": total, "first": format!("{id}?page=true"),
    });
    document(fields, Vocabulary::Plain)
}

/// A page of one. `id` and `next` are whole addresses.
pub fn collection_page(id: &str, part_of: &str, items: &[Value], next: Option<&str>) -> Value {
    let fields = json!({
        "id": id, "type": "CollectionPage", "partOf": part_of, "items": items, "next": next,
    });
    document(body(fields), Vocabulary::Plain)
}

/// A list of which only the length is told: followers, likes.
pub fn counted(id: &str, kind: &str, total: i64) -> Value {
    document(json!({"id": id, "type": kind, "totalItems": total}), Vocabulary::Plain)
}

/// A long list: how many, and where its first page is.
pub fn paged(id: &str, total: i64, attributed_to: Option<&Uri>) -> Value {
    let fields = json!({
        "id": id,
        "type": "OrderedCollection",
        "totalItems": total,
        "first": format!("{id}?page=true"),
        "attributedTo": attributed_to,
    });
    document(body(fields), Vocabulary::Plain)
}

/// A page of a long list. `id` and `next` are whole addresses.
pub fn page(id: &str, part_of: &str, items: &[Value], next: Option<&str>) -> Value {
    let fields = json!({
        "id": id,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": items,
        "next": next,
    });
    document(body(fields), Vocabulary::Post)
}
