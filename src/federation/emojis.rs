//! Custom emoji of other servers, as the rules get to know them.
use crate::{activitypub::object::Emoji, domain::emojis::RemoteEmoji};

/// What an object brought along.
pub fn brought(emojis: &[Emoji]) -> Vec<RemoteEmoji> {
    emojis.iter().map(one).collect()
}

fn one(emoji: &Emoji) -> RemoteEmoji {
    RemoteEmoji {
        shortcode: emoji.shortcode.clone(),
        url: emoji.url.clone(),
        media_type: emoji.media_type.clone(),
        id: emoji.id.clone(),
        updated: emoji.updated,
    }
}
