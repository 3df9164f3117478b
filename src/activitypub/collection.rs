//! Lists of other servers, as they are read: threads, replies, followers.
use serde_json::Value;

use super::{
    Refusal, json,
    object::{Family, family},
};
use crate::types::Uri;

/// Most items that are read of one page.
const MOST_ITEMS: usize = 500;

/// A collection, or a page of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Its id; a page that is embedded may have none.
    pub id: Option<Uri>,
    /// Whose it is.
    pub attributed_to: Option<Uri>,
    /// What is in it, by id; what has no id is left out.
    pub items: Vec<Uri>,
    /// Where more of it is: its first page, or the next one.
    pub more: Option<More>,
}

/// More of a collection.
#[derive(Clone, Debug, PartialEq)]
pub enum More {
    /// Somewhere else.
    At(Uri),
    /// In the document itself.
    Here(Box<Collection>),
}

impl Collection {
    /// Reads a collection or a page of one, with or without order.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(value: &Value) -> Result<Self, Refusal> {
        Self::read_at(value, 0)
    }

    fn read_at(value: &Value, depth: u8) -> Result<Self, Refusal> {
        if family(value) != Some(Family::Collection) {
            return Err("not a collection".into());
        }
        let listed = ["orderedItems", "items"].into_iter().flat_map(|key| json::many(value, key));
        let items = listed.take(MOST_ITEMS).filter_map(json::id_of).collect();
        let more = json::first(value, "first").or_else(|| json::first(value, "next"));
        let more = match more {
            Some(page @ Value::Object(_)) if depth == 0 && family(page).is_some() => {
                Some(More::Here(Box::new(Self::read_at(page, 1)?)))
            }
            Some(page) => json::id_of(page).map(More::At),
            None => None,
        };
        Ok(Self {
            id: json::id_of(value),
            attributed_to: json::id(value, "attributedTo"),
            items,
            more,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn uri(text: &str) -> Uri {
        Uri::parse(text).unwrap()
    }

    #[test]
    fn lists_are_read_in_every_form() {
        let short = json!({
            "id": "https://a.example/topic/5", "type": "OrderedCollection",
            "attributedTo": "https://a.example/category/30",
            "orderedItems": ["https://a.example/post/6", {"id": "https://a.example/post/7"}, 8],
        });
        let read = Collection::read(&short).unwrap();
        assert_eq!(read.items, [uri("https://a.example/post/6"), uri("https://a.example/post/7")]);
        assert_eq!(read.attributed_to, Some(uri("https://a.example/category/30")));
        assert_eq!(read.more, None);

        // Mastodon embeds the first page, which names the next.
        let mastodon = json!({
            "id": "https://m.example/1/replies", "type": "Collection",
            "first": {
                "type": "CollectionPage", "partOf": "https://m.example/1/replies",
                "items": "https://m.example/2", "next": "https://m.example/1/replies?page=2",
            },
        });
        let read = Collection::read(&mastodon).unwrap();
        let Some(More::Here(first)) = read.more else { panic!("no page") };
        assert_eq!(first.items, [uri("https://m.example/2")]);
        assert_eq!(first.more, Some(More::At(uri("https://m.example/1/replies?page=2"))));
    }

    #[test]
    fn what_is_no_list_is_none() {
        assert!(Collection::read(&json!({"id": "https://a.example/1", "type": "Note"})).is_err());
        assert!(Collection::read(&json!("https://a.example/1")).is_err());
        // A page within a page within a page has no end.
        let deep = json!({"type": "Collection", "first": {"type": "CollectionPage",
            "next": {"type": "CollectionPage", "items": ["https://a.example/1"]}}});
        let read = Collection::read(&deep).unwrap();
        assert_eq!(read.items, []);
    }
}
