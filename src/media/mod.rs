//! Pictures: looked at before they are trusted, made anew without what a camera wrote into them,
//! kept as files. Everything here blocks; call it where blocking is allowed.
mod defaults;
mod gif;
mod image;
mod store;

use std::sync::{Mutex, PoisonError};

pub use defaults::{
    DEFAULT_AVATAR, DEFAULT_GROUP_AVATAR, DEFAULT_HEADER, default_avatar, default_group_avatar,
    default_header, default_picture,
};
pub use image::{MAX_BYTES, MAX_PIXELS, Picture, Purpose, process};
pub use store::Store;

use url::Url;

use crate::{
    db::actors::Actor,
    error::{Error, Result},
};

/// The kinds of pictures that are taken, as MIME types.
pub const CONTENT_TYPES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// The address of a file under `/media/`.
#[must_use]
pub fn address(origin: &Url, path: &str) -> String {
    let path = path.trim_start_matches('/');
    format!("{origin}media/{}", path.strip_prefix("media/").unwrap_or(path))
}

/// A picture's address: as it is, under `/media/`, or the one for those who have none.
#[must_use]
pub fn picture(origin: &Url, stored: Option<&str>, default: &str) -> String {
    match stored.filter(|stored| !stored.is_empty()) {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => url.to_owned(),
        Some(path) => address(origin, path),
        None => address(origin, default),
    }
}

/// The address of an actor's avatar.
#[must_use]
pub fn face(origin: &Url, actor: &Actor) -> String {
    let default = if actor.is_group() { DEFAULT_GROUP_AVATAR } else { DEFAULT_AVATAR };
    picture(origin, actor.avatar.as_deref(), default)
}

/// A picture that is kept: what a row of `media` needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processed {
    /// What the kept file is, as MIME type.
    pub content_type: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Pixels across of the preview.
    pub preview_width: u32,
    /// Pixels down of the preview.
    pub preview_height: u32,
    /// The colour smudge that clients show while the picture loads.
    pub blurhash: String,
    /// Where the store keeps it: `ab/cd/<random>.jpg`; served at `/media/` and this.
    pub path: String,
    /// Where the store keeps its preview.
    pub preview_path: String,
    /// Size of file and preview together.
    pub size_bytes: i64,
}

/// Only one picture is taken apart at a time: each may need a few hundred megabytes for a moment.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Like [`keep`], from where nothing may block: avatars, headers, pictures of posts.
///
/// # Errors
/// As [`keep`]; `Invalid`, too, when the picture is so broken that reading it fails halfway.
pub async fn receive(store: &Store, bytes: Vec<u8>, purpose: Purpose) -> Result<Processed> {
    let store = store.clone();
    match tokio::task::spawn_blocking(move || keep(&store, &bytes, purpose)).await {
        Ok(kept) => kept,
        Err(broken) if broken.is_panic() => Err(image::damaged()),
        Err(stopped) => Err(Error::internal(stopped)),
    }
}

/// Makes a picture of uploaded bytes and keeps it, and its preview, in `store`.
///
/// # Errors
/// `Invalid`, in words for whoever uploaded it, when it is no picture, damaged, or too large.
pub fn keep(store: &Store, bytes: &[u8], purpose: Purpose) -> Result<Processed> {
    let picture = {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        process(bytes, purpose)?
    };
    let path = store.put(&picture.bytes, picture.kind.extension())?;
    let preview_path = match store.put(&picture.preview, picture.preview_kind.extension()) {
        Ok(preview_path) => preview_path,
        Err(error) => {
            store.delete(&path)?;
            return Err(error);
        }
    };
    let size = picture.bytes.len().saturating_add(picture.preview.len());
    Ok(Processed {
        content_type: picture.kind.content_type().into(),
        width: picture.width,
        height: picture.height,
        preview_width: picture.preview_width,
        preview_height: picture.preview_height,
        blurhash: picture.blurhash,
        size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
        path,
        preview_path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_picture_is_kept_with_its_preview() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        let kept = receive(&store, default_avatar().to_vec(), Purpose::Attachment).await.unwrap();
        assert_eq!((kept.content_type.as_str(), kept.width, kept.height), ("image/png", 400, 400));
        let sizes = [&kept.path, &kept.preview_path].map(|path| store.read(path).unwrap().len());
        assert_eq!(i64::try_from(sizes.iter().sum::<usize>()).unwrap(), kept.size_bytes);
        assert!(matches!(
            receive(&store, b"no".to_vec(), Purpose::Avatar).await,
            Err(Error::Invalid(_))
        ));
    }
}
