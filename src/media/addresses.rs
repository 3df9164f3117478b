//! Where readers find pictures: under `/media/`, also those of other servers.
use url::Url;

use super::{Belongs, DEFAULT_AVATAR, DEFAULT_GROUP_AVATAR, DEFAULT_HEADER, copy_path};
use crate::db::{actors::Actor, emojis::Emoji};

/// The address of a file under `/media/`.
#[must_use]
pub fn address(origin: &Url, path: &str) -> String {
    let path = path.trim_start_matches('/');
    format!("{origin}media/{}", path.strip_prefix("media/").unwrap_or(path))
}

/// Where readers find a file of another server: here, as a copy, unless the operator wants them to ask
/// there.
#[must_use]
pub fn copy_url(origin: &Url, copies: bool, belongs: Belongs, id: i64, url: &str) -> String {
    match copy_path(belongs, id, url).filter(|_| copies) {
        Some(path) => address(origin, &path),
        None => url.to_owned(),
    }
}

/// A picture's address: our copy of it, under `/media/`, or the one for those who have none.
fn shown_at(
    (origin, copies): (&Url, bool),
    stored: Option<&str>,
    (belongs, id): (Belongs, i64),
    default: &str,
) -> String {
    match stored.filter(|stored| !stored.is_empty()) {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
            copy_url(origin, copies, belongs, id, url)
        }
        Some(path) => address(origin, path),
        None => address(origin, default),
    }
}

/// The address of an actor's avatar; of one elsewhere a copy, where `copies` are made.
#[must_use]
pub fn face(origin: &Url, copies: bool, actor: &Actor) -> String {
    let default = if actor.is_group() { DEFAULT_GROUP_AVATAR } else { DEFAULT_AVATAR };
    let belongs = (Belongs::Avatar, actor.id.0);
    shown_at((origin, copies), actor.avatar.as_deref(), belongs, default)
}

/// The address of an actor's header, likewise.
#[must_use]
pub fn header(origin: &Url, copies: bool, actor: &Actor) -> String {
    let belongs = (Belongs::Header, actor.id.0);
    shown_at((origin, copies), actor.header.as_deref(), belongs, DEFAULT_HEADER)
}

/// The address of the picture of an emoji, likewise; `still`: without movement.
#[must_use]
pub fn emoji(origin: &Url, copies: bool, emoji: &Emoji, still: bool) -> String {
    let stored = if still { &emoji.still_path } else { &emoji.path };
    match (stored, &emoji.url) {
        (Some(path), _) => address(origin, path),
        (None, Some(url)) if !copies => url.clone(),
        (None, _) => {
            emoji_copy(emoji, still).map(|path| address(origin, &path)).unwrap_or_default()
        }
    }
}

/// Where the copy of the picture of an emoji of another server is served, below the node's address.
#[must_use]
pub fn emoji_copy(emoji: &Emoji, still: bool) -> Option<String> {
    let belongs = if still { Belongs::StillEmoji } else { Belongs::Emoji };
    copy_path(belongs, emoji.id.0, &emoji.version()?)
}
