//! Files of posts: looked at before they are trusted, without what a camera wrote into them, and kept in
//! a [`Store`]. Pictures are made anew; sound and film stay as they come.
mod addresses;
mod boxes;
mod defaults;
mod emoji;
mod ffmpeg;
mod film;
mod gif;
mod image;
mod kind;
mod remote;
mod store;

use std::sync::{Mutex, PoisonError};

pub use addresses::{address, copy_url, emoji, emoji_copy, face, header};
pub use defaults::{
    DEFAULT_AVATAR, DEFAULT_GROUP_AVATAR, DEFAULT_HEADER, default_avatar, default_group_avatar,
    default_header, default_picture,
};
pub use emoji::{EmojiFiles, receive_emoji, still_of};
pub use ffmpeg::Ffmpeg;
pub use film::{Finished, MAX_FRAME_RATE, MAX_VIDEO_PIXELS, finish, unknown};
pub use image::{MAX_BYTES, MAX_PIXELS, Picture, Purpose, process};
pub use kind::{Family, FileKind, HEAD_BYTES};
pub use remote::{Belongs, copy_path, digest, tag};
pub use store::{CACHE, Source, Store, derived};

use crate::{
    db::media::Media,
    domain::media::Still,
    error::{Error, Result},
    types::ActorId,
};

/// The kinds of files that are taken, as MIME types. Clients write some in other words; what a file is
/// its bytes tell.
pub const CONTENT_TYPES: [&str; 20] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "audio/mpeg",
    "audio/mp3",
    "audio/ogg",
    "audio/opus",
    "audio/vorbis",
    "audio/flac",
    "audio/x-flac",
    "audio/wav",
    "audio/wave",
    "audio/x-wav",
    "audio/mp4",
    "audio/m4a",
    "audio/x-m4a",
];

/// The kinds of pictures that are taken besides where there is ffmpeg.
pub const FFMPEG_TYPES: [&str; 2] = ["image/avif", "image/heic"];

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

impl Processed {
    /// The row of a picture; id and time are given to it when it is stored.
    pub fn row(&self, owner: ActorId) -> Media {
        Media {
            path: Some(self.path.clone()),
            preview_path: Some(self.preview_path.clone()),
            blurhash: Some(self.blurhash.clone()),
            width: pixels(self.width),
            height: pixels(self.height),
            preview_width: pixels(self.preview_width),
            preview_height: pixels(self.preview_height),
            size_bytes: self.size_bytes,
            ..Media::new(owner, Family::Image.as_str(), &self.content_type)
        }
    }

    /// Its files.
    pub fn files(&self) -> [String; 2] {
        [self.path.clone(), self.preview_path.clone()]
    }
}

fn pixels(count: u32) -> Option<i32> {
    i32::try_from(count).ok()
}

/// Only one picture is taken apart at a time: each may need a few hundred megabytes for a moment.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// [`process`], from where nothing may block.
///
/// # Errors
/// `Invalid`, in words for whoever uploaded it, when it is no picture, damaged, or too large.
async fn picture(bytes: Vec<u8>, purpose: Purpose) -> Result<Picture> {
    let work = move || {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        process(&bytes, purpose)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(made) => made,
        Err(broken) if broken.is_panic() => Err(image::damaged()),
        Err(stopped) => Err(Error::internal(stopped)),
    }
}

/// Makes a picture of uploaded bytes and keeps it, and its preview, in `store`: avatars, headers,
/// pictures of posts.
///
/// # Errors
/// `Invalid`, in words for whoever uploaded it, when it is no picture, damaged, or too large;
/// as [`Store::put`] when it cannot be kept. Nothing is kept then.
pub async fn receive(store: &Store, bytes: Vec<u8>, purpose: Purpose) -> Result<Processed> {
    let picture = picture(bytes, purpose).await?;
    let size = picture.bytes.len().saturating_add(picture.preview.len());
    let path = store.put(picture.bytes.into(), picture.kind.extension()).await?;
    let preview = store.put(picture.preview.into(), picture.preview_kind.extension()).await;
    let preview_path = match preview {
        Ok(preview_path) => preview_path,
        Err(error) => {
            store.forget([path]).await;
            return Err(error);
        }
    };
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

/// Makes a small picture of uploaded bytes and keeps it: what is to stand for a file.
///
/// # Errors
/// As [`receive`].
pub async fn receive_still(store: &Store, bytes: Vec<u8>) -> Result<Still> {
    let picture = picture(bytes, Purpose::Attachment).await?;
    let size = picture.preview.len();
    let path = store.put(picture.preview.into(), picture.preview_kind.extension()).await?;
    Ok(Still {
        path,
        width: pixels(picture.preview_width).unwrap_or_default(),
        height: pixels(picture.preview_height).unwrap_or_default(),
        blurhash: picture.blurhash,
        size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_picture_is_kept_with_its_preview() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::on_disk(dir.path());
        let kept = receive(&store, default_avatar().to_vec(), Purpose::Attachment).await.unwrap();
        assert_eq!((kept.content_type.as_str(), kept.width, kept.height), ("image/png", 400, 400));
        let mut sizes = 0;
        for path in kept.files() {
            sizes += store.read(&path).await.unwrap().len();
        }
        assert_eq!(i64::try_from(sizes).unwrap(), kept.size_bytes);
        assert!(matches!(
            receive(&store, b"no".to_vec(), Purpose::Avatar).await,
            Err(Error::Invalid(_))
        ));
    }
}
