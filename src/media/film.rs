//! What takes longer than a moment: sound and film, and pictures that only ffmpeg can read.
//!
//! The same draft always becomes files of the same names: work that is done twice, or was cut off by a
//! crash, leaves nothing behind.
use std::path::Path;

use super::{
    Family, Ffmpeg, FileKind, MAX_PIXELS, Picture, Purpose, Source, Store, boxes, derived,
    ffmpeg::Probe, picture,
};
use crate::error::{Error, Result};

/// Largest film, in pixels (3840 x 2160).
pub const MAX_VIDEO_PIXELS: i64 = 8_294_400;
/// Most pictures a second of a film.
pub const MAX_FRAME_RATE: i64 = 120;

/// What became of a draft, as a row of `media` needs it.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// image, video or audio.
    pub kind: String,
    /// MIME type.
    pub content_type: String,
    /// In the store.
    pub path: String,
    /// Of its still, in the store.
    pub preview_path: Option<String>,
    /// The colour smudge.
    pub blurhash: Option<String>,
    /// Pixels: width and height.
    pub size: Option<(i32, i32)>,
    /// Pixels: width and height of its still.
    pub preview_size: Option<(i32, i32)>,
    /// How long it plays, milliseconds.
    pub duration_ms: Option<i64>,
    /// Pictures a second, as a fraction.
    pub frame_rate: Option<String>,
    /// Bits a second.
    pub bit_rate: Option<i64>,
    /// Of file and still together.
    pub size_bytes: i64,
}

/// Works on the draft at `draft` and keeps what becomes of it; a still only where one is wanted.
///
/// # Errors
/// `Invalid`, in words for whoever uploaded it; as [`Store::put`] when it cannot be kept.
pub async fn finish(
    store: &Store,
    ffmpeg: Option<&Ffmpeg>,
    draft: &str,
    still: bool,
) -> Result<Finished> {
    let folder = tempfile::tempdir()?;
    let raw = folder.path().join("draft");
    store.copy_to(draft, &raw).await?;
    let from = raw.clone();
    let kind = tokio::task::spawn_blocking(move || FileKind::of_file(&from)).await??;
    let kind = kind.ok_or_else(unknown)?;
    match (kind.family(), ffmpeg) {
        (Family::Image, Some(ffmpeg)) => photograph(store, ffmpeg, draft, &raw, kind).await,
        (Family::Image, None) => Err(unknown()),
        (_, Some(ffmpeg)) => looked_into(store, ffmpeg, draft, &raw, kind, still).await,
        (_, None) => as_it_is(store, draft, &raw, kind).await,
    }
}

/// A file that is none of the kinds we take.
pub fn unknown() -> Error {
    Error::invalid(
        "This is not a file this server can show. Use JPEG, PNG, GIF or WebP for pictures; MP4, WebM \
         or MOV for film; MP3, OGG, Opus, FLAC, WAV or M4A for sound.",
    )
}

async fn photograph(
    store: &Store,
    ffmpeg: &Ffmpeg,
    draft: &str,
    raw: &Path,
    kind: FileKind,
) -> Result<Finished> {
    let seen = ffmpeg.probe(raw, kind).await?.video.ok_or_else(unknown)?;
    let pixels = seen.width.saturating_mul(seen.height);
    if u64::try_from(pixels).unwrap_or(u64::MAX) > MAX_PIXELS {
        return Err(Error::invalid(format!(
            "This picture is {} x {} pixels, more than this server can handle. Make it smaller and \
             try again.",
            seen.width, seen.height
        )));
    }
    let png = raw.with_file_name("picture.png");
    ffmpeg.still(raw, &png, kind, 0).await?;
    let made = picture(tokio::fs::read(&png).await?, Purpose::Photograph).await?;
    let path = derived(draft, "file", made.kind.extension());
    let size = made.bytes.len().saturating_add(made.preview.len());
    let finished = Finished {
        kind: Family::Image.as_str().into(),
        content_type: made.kind.content_type().into(),
        path: path.clone(),
        size: sides(made.width, made.height),
        size_bytes: i64::try_from(size).map_err(Error::internal)?,
        ..Finished::default()
    };
    store.put_at(&path, made.bytes.clone().into()).await?;
    keep_still(store, draft, made, finished).await
}

async fn keep_still(
    store: &Store,
    draft: &str,
    made: Picture,
    finished: Finished,
) -> Result<Finished> {
    let preview_path = derived(draft, "still", made.preview_kind.extension());
    let kept = store.put_at(&preview_path, made.preview.into()).await;
    if kept.is_err() {
        store.forget([finished.path.clone()]).await;
    }
    kept?;
    Ok(Finished {
        preview_path: Some(preview_path),
        preview_size: sides(made.preview_width, made.preview_height),
        blurhash: Some(made.blurhash),
        ..finished
    })
}

fn sides(width: u32, height: u32) -> Option<(i32, i32)> {
    i32::try_from(width).ok().zip(i32::try_from(height).ok())
}

/// Sound and film where there is ffmpeg: what they are, a still, and without where they were made.
async fn looked_into(
    store: &Store,
    ffmpeg: &Ffmpeg,
    draft: &str,
    raw: &Path,
    kind: FileKind,
    still: bool,
) -> Result<Finished> {
    let probe = ffmpeg.probe(raw, kind).await?;
    check(&probe)?;
    let video = kind.family() == Family::Video && probe.video.is_some();
    let kind = if kind == FileKind::Mp4 && !video { FileKind::M4a } else { kind };
    let clean = raw.with_file_name("clean");
    let stripped = ffmpeg.strip(raw, &clean, kind).await;
    let clean = match stripped {
        Ok(()) => clean,
        // Some streams cannot be written anew without being coded anew; they can be emptied.
        Err(Error::Invalid(_)) if kind.has_boxes() => {
            empty(raw).await?;
            raw.to_owned()
        }
        Err(error) => return Err(error),
    };
    let frames = probe.video.filter(|_| video);
    let finished = Finished {
        kind: if video { Family::Video } else { Family::Audio }.as_str().into(),
        duration_ms: probe.duration_ms,
        bit_rate: probe.bit_rate,
        size: frames.as_ref().and_then(|video| {
            i32::try_from(video.width).ok().zip(i32::try_from(video.height).ok())
        }),
        frame_rate: frames.map(|video| video.frame_rate).filter(|rate| !rate.ends_with("/0")),
        ..Finished::default()
    };
    let finished = keep(store, draft, &clean, kind, finished).await?;
    if !still || !video {
        return Ok(finished);
    }
    let made = first_look(ffmpeg, &clean, kind, finished.duration_ms).await;
    let Some(made) = made? else { return Ok(finished) };
    let size = i64::try_from(made.preview.len()).map_err(Error::internal)?;
    let size_bytes = finished.size_bytes.saturating_add(size);
    keep_still(store, draft, made, Finished { size_bytes, ..finished }).await
}

/// A picture from near the beginning, which is often black; none where no picture can be read.
async fn first_look(
    ffmpeg: &Ffmpeg,
    film: &Path,
    kind: FileKind,
    duration_ms: Option<i64>,
) -> Result<Option<Picture>> {
    let png = film.with_file_name("still.png");
    let early = duration_ms.map_or(0, |all| (all / 10).min(1_000));
    let shot = match ffmpeg.still(film, &png, kind, early).await {
        Err(Error::Invalid(_)) if early > 0 => ffmpeg.still(film, &png, kind, 0).await,
        other => other,
    };
    match shot {
        Ok(()) => picture(tokio::fs::read(&png).await?, Purpose::Photograph).await.map(Some),
        Err(Error::Invalid(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn check(probe: &Probe) -> Result<()> {
    if let Some(video) = &probe.video {
        if video.width.saturating_mul(video.height) > MAX_VIDEO_PIXELS {
            return Err(Error::invalid(format!(
                "This film is {} x {} pixels; this server takes 3840 x 2160 at most.",
                video.width, video.height
            )));
        }
        let limit = f64::from(i32::try_from(MAX_FRAME_RATE).unwrap_or(i32::MAX));
        if video.per_second().is_some_and(|rate| rate > limit) {
            return Err(Error::invalid(format!(
                "This film has more than {MAX_FRAME_RATE} pictures a second, which is the most this \
                 server takes."
            )));
        }
    }
    if probe.video.is_none() && !probe.audio {
        return Err(unknown());
    }
    Ok(())
}

/// Sound and film where nothing can look into them: emptied of places where that is easy.
async fn as_it_is(store: &Store, draft: &str, raw: &Path, kind: FileKind) -> Result<Finished> {
    if kind.has_boxes() {
        empty(raw).await?;
    }
    let finished = Finished { kind: kind.family().as_str().into(), ..Finished::default() };
    keep(store, draft, raw, kind, finished).await
}

async fn empty(path: &Path) -> Result<()> {
    let path = path.to_owned();
    let whole = tokio::task::spawn_blocking(move || boxes::without_places(&path)).await??;
    if whole {
        Ok(())
    } else {
        Err(Error::invalid("This file is damaged or cut off. Try to save it anew."))
    }
}

async fn keep(
    store: &Store,
    draft: &str,
    file: &Path,
    kind: FileKind,
    finished: Finished,
) -> Result<Finished> {
    let source = Source::File(file.to_owned());
    let size_bytes = source.size().await?;
    let path = derived(draft, "file", kind.extension());
    store.put_at(&path, source).await?;
    Ok(Finished { content_type: kind.content_type().into(), path, size_bytes, ..finished })
}
