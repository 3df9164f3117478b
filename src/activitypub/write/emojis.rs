//! Custom emoji of ours: as tags of what uses them, and by themselves.
use serde_json::{Value, json};

use super::body;
use crate::types::Time;

/// A custom emoji.
#[derive(Clone, Copy, Debug)]
pub struct EmojiParts<'a> {
    /// Its id.
    pub id: &'a str,
    /// Without colons.
    pub shortcode: &'a str,
    /// When its picture was last another.
    pub updated: Option<Time>,
    /// MIME type of the picture.
    pub media_type: &'a str,
    /// The picture.
    pub url: &'a str,
}

/// An emoji, without `@context`.
pub fn emoji(parts: &EmojiParts) -> Value {
    body(json!({
        "id": parts.id,
        "type": "Emoji",
        "name": format!(":{}:", parts.shortcode),
        "updated": parts.updated.map(Time::rfc3339),
        "icon": {"type": "Image", "mediaType": parts.media_type, "url": parts.url},
    }))
}
