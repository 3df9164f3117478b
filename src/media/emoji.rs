//! Custom emoji: small pictures, some of them moving, and what stands for those where nothing may move.
use image::{DynamicImage, ImageFormat, imageops::FilterType};

use super::{
    FileKind, ONE_AT_A_TIME, Store, gif,
    image::{Kind, damaged, decode, encode, moves},
};
use crate::{
    domain::emojis::MAX_EMOJI_BYTES,
    error::{Error, Result},
};

/// Longest side of one that does not move, pixels; larger ones are scaled down.
const MAX_SIDE: u32 = 256;
/// Longest side of one that moves, pixels.
const MAX_MOVING_SIDE: u32 = 1_024;
/// The largest number of pictures one may be made of.
const MAX_FRAMES: usize = 2_000;

/// An emoji that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmojiFiles {
    /// What the kept picture is, as MIME type.
    pub content_type: String,
    /// Where the store keeps it.
    pub path: String,
    /// Where it keeps the one without movement; the same where nothing moves.
    pub still_path: String,
    /// Size of both.
    pub size_bytes: i64,
}

/// Makes an emoji of a file: PNG, GIF or WebP, without what is not picture in it.
///
/// # Errors
/// `Invalid`, in words for whoever has it, when it is no such picture, damaged, or too large; as
/// [`Store::put`] when it cannot be kept. Nothing is kept then.
pub async fn receive_emoji(store: &Store, bytes: Vec<u8>) -> Result<EmojiFiles> {
    let made = tokio::task::spawn_blocking(move || {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        process(&bytes)
    });
    let Made { still, moving } = made.await.map_err(|_| damaged())??;
    let size = |bytes: &Vec<u8>| i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let mut size_bytes = size(&still);
    let still_path = store.put(still.into(), Kind::Png.extension()).await?;
    let (content_type, path) = match moving {
        None => (Kind::Png.content_type(), still_path.clone()),
        Some((kind, bytes)) => {
            size_bytes = size_bytes.saturating_add(size(&bytes));
            match store.put(bytes.into(), kind.extension()).await {
                Ok(path) => (kind.content_type(), path),
                Err(error) => {
                    store.forget([still_path]).await;
                    return Err(error);
                }
            }
        }
    };
    Ok(EmojiFiles { content_type: content_type.to_owned(), path, still_path, size_bytes })
}

/// The first picture of one that may move, as PNG; nothing where it is shown as it is. Blocking.
///
/// # Errors
/// `Invalid` when it cannot be read.
pub fn still_of(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let Some(format) = moving_format(bytes) else { return Ok(None) };
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let raw = decode(bytes, format)?;
    still(&raw.image, raw.profile.as_ref()).map(Some)
}

struct Made {
    /// PNG.
    still: Vec<u8>,
    /// Where it moves: what it is, and it.
    moving: Option<(FileKind, Vec<u8>)>,
}

fn process(bytes: &[u8]) -> Result<Made> {
    if bytes.len() > MAX_EMOJI_BYTES {
        return Err(Error::invalid(format!(
            "An emoji has {} KiB at most: other servers take no larger ones. Make it smaller.",
            MAX_EMOJI_BYTES >> 10
        )));
    }
    let format = match FileKind::of_head(bytes) {
        Some(FileKind::Png) => ImageFormat::Png,
        Some(FileKind::Gif) => ImageFormat::Gif,
        Some(FileKind::WebP) => ImageFormat::WebP,
        _ => return Err(Error::invalid("An emoji is a PNG, a GIF or a WebP picture.")),
    };
    let raw = decode(bytes, format)?;
    let moving = if moving_format(bytes).is_some() {
        if raw.image.width().max(raw.image.height()) > MAX_MOVING_SIDE {
            return Err(Error::invalid(format!(
                "An emoji that moves has {MAX_MOVING_SIDE} pixels a side at most. Make it smaller."
            )));
        }
        let (kind, kept) = match format {
            ImageFormat::Gif => (FileKind::Gif, gif::without_extras(bytes)),
            ImageFormat::WebP => (FileKind::WebP, webp_without_extras(bytes)),
            _ => (FileKind::Png, png_without_extras(bytes)),
        };
        Some((kind, kept.ok_or_else(damaged)?))
    } else {
        None
    };
    Ok(Made { still: still(&raw.image, raw.profile.as_ref())?, moving })
}

/// A small PNG that other servers take too.
fn still(image: &DynamicImage, profile: Option<&Vec<u8>>) -> Result<Vec<u8>> {
    for side in [MAX_SIDE, 128] {
        let small = if image.width().max(image.height()) > side {
            image.resize(side, side, FilterType::CatmullRom)
        } else {
            image.clone()
        };
        let png = encode(&small, Kind::Png, profile.cloned())?;
        if png.len() <= MAX_EMOJI_BYTES {
            return Ok(png);
        }
    }
    Err(Error::invalid("This picture is too full of detail for an emoji."))
}

/// Of a picture that moves its format.
fn moving_format(bytes: &[u8]) -> Option<ImageFormat> {
    match FileKind::of_head(bytes)? {
        FileKind::Gif => moves(bytes).then_some(ImageFormat::Gif),
        FileKind::Png => {
            png_chunks(bytes).any(|(name, _)| name == b"acTL").then_some(ImageFormat::Png)
        }
        FileKind::WebP => {
            webp_chunks(bytes).any(|(name, _)| name == b"ANIM").then_some(ImageFormat::WebP)
        }
        _ => None,
    }
}

/// The chunks of a PNG up to its end: each with its name, and whole.
fn png_chunks(png: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let (mut at, mut over) = (8_usize, false);
    std::iter::from_fn(move || {
        let length = png.get(at..at.checked_add(4)?)?;
        let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let end = at.checked_add(length)?.checked_add(12)?;
        let whole = png.get(at..end).filter(|_| !over)?;
        let name = whole.get(4..8)?;
        (at, over) = (end, name == b"IEND");
        Some((name, whole))
    })
}

/// A moving PNG and nothing else: no texts, no times, nothing of a camera, nothing behind its end.
fn png_without_extras(png: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&[u8]; 13] = [
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
        b"acTL", b"fcTL", b"fdAT",
    ];
    let mut out = png.get(..8)?.to_vec();
    let (mut frames, mut ended) = (0, false);
    for (name, whole) in png_chunks(png) {
        frames += usize::from(name == b"fcTL");
        ended = name == b"IEND";
        if KEPT.contains(&name) {
            out.extend_from_slice(whole);
        }
    }
    (ended && frames <= MAX_FRAMES).then_some(out)
}

/// The chunks of a WebP: each with its name, and what it holds.
fn webp_chunks(webp: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at: usize = 12;
    std::iter::from_fn(move || {
        let head = webp.get(at..at.checked_add(8)?)?;
        let length = u32::from_le_bytes(head.get(4..8)?.try_into().ok()?);
        let from = at.checked_add(8)?;
        let end = from.checked_add(usize::try_from(length).ok()?)?;
        at = end.checked_add(end & 1)?;
        Some((head.get(..4)?, webp.get(from..end)?))
    })
}

/// A moving WebP and nothing else.
fn webp_without_extras(webp: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&[u8]; 7] = [b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"ICCP"];
    /// That there is EXIF, and XMP.
    const EXTRAS: u8 = 0x08 | 0x04;
    let mut body = b"WEBP".to_vec();
    let mut frames = 0;
    for (name, held) in webp_chunks(webp).filter(|(name, _)| KEPT.contains(name)) {
        frames += usize::from(name == b"ANMF");
        body.extend_from_slice(name);
        body.extend_from_slice(&u32::try_from(held.len()).ok()?.to_le_bytes());
        match held.split_first() {
            Some((flags, rest)) if name == b"VP8X" => {
                body.push(flags & !EXTRAS);
                body.extend_from_slice(rest);
            }
            _ => body.extend_from_slice(held),
        }
        if held.len() % 2 == 1 {
            body.push(0);
        }
    }
    let mut out = b"RIFF".to_vec();
    out.extend_from_slice(&u32::try_from(body.len()).ok()?.to_le_bytes());
    out.append(&mut body);
    (1..=MAX_FRAMES).contains(&frames).then_some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{Frame, Rgba, RgbaImage, codecs::gif::GifEncoder};
    use proptest::prelude::*;

    use super::*;

    fn square(side: u32) -> RgbaImage {
        RgbaImage::from_fn(side, side, |x, y| {
            let shade = u8::try_from((x * 7 + y * 13) % 256).unwrap();
            Rgba([shade, 200, 0, if x > side / 2 { 255 } else { 90 }])
        })
    }

    fn file(side: u32, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        square(side).write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|window| window == text)
    }

    fn crc(bytes: &[u8]) -> [u8; 4] {
        let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| {
                if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 }
            })
        });
        (!crc).to_be_bytes()
    }

    fn png_chunk(name: &[u8], held: &[u8]) -> Vec<u8> {
        let named = [name, held].concat();
        let length = u32::try_from(held.len()).unwrap().to_be_bytes();
        [&length[..], &named, &crc(&named)].concat()
    }

    /// A PNG that says it moves, and who made it.
    fn moving_png() -> Vec<u8> {
        let png = file(20, ImageFormat::Png);
        let extras = [
            png_chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
            png_chunk(b"tEXt", b"Author\0SECRET"),
            png_chunk(
                b"fcTL",
                &[0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0],
            ),
        ]
        .concat();
        [&png[..33], &extras, &png[33..], b"TRAILING"].concat()
    }

    /// A WebP of two pictures, and with what a camera wrote.
    fn moving_webp() -> Vec<u8> {
        let one = file(16, ImageFormat::WebP);
        let (name, held) = webp_chunks(&one).find(|(name, _)| name.starts_with(b"VP8")).unwrap();
        let chunk = |name: &[u8], held: &[u8]| {
            let length = u32::try_from(held.len()).unwrap().to_le_bytes();
            let pad: &[u8] = if held.len() % 2 == 1 { &[0] } else { &[] };
            [name, &length, held, pad].concat()
        };
        let frame = [&[0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 100, 0, 0, 0][..], &chunk(name, held)]
            .concat();
        let body = [
            b"WEBP".to_vec(),
            chunk(b"VP8X", &[0x02 | 0x10 | 0x08, 0, 0, 0, 15, 0, 0, 15, 0, 0]),
            chunk(b"ANIM", &[0, 0, 0, 0, 0, 0]),
            chunk(b"ANMF", &frame),
            chunk(b"ANMF", &frame),
            chunk(b"EXIF", b"SECRET!"),
        ]
        .concat();
        [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
    }

    fn moving_gif() -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = GifEncoder::new(&mut out);
        for shade in [0, 120] {
            let image = RgbaImage::from_pixel(20, 20, Rgba([shade, 0, 0, 255]));
            encoder.encode_frame(Frame::new(image)).unwrap();
        }
        drop(encoder);
        assert_eq!(out.pop(), Some(0x3b));
        out.extend(b"\x21\xfe\x06SECRET\0\x3b");
        out
    }

    #[test]
    fn what_does_not_move_is_a_small_png() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let made = process(&file(40, format)).unwrap();
            assert!(made.moving.is_none(), "{format:?}");
            let seen = image::load_from_memory(&made.still).unwrap();
            assert_eq!((seen.width(), seen.height()), (40, 40));
        }
        let large = process(&file(300, ImageFormat::Png)).unwrap();
        let seen = image::load_from_memory(&large.still).unwrap();
        assert_eq!((seen.width(), seen.height()), (256, 256));
        assert!(large.still.len() <= MAX_EMOJI_BYTES);
    }

    #[test]
    fn what_moves_stays_as_it_is_but_for_what_is_no_picture() {
        for (bytes, kind) in [
            (moving_gif(), FileKind::Gif),
            (moving_png(), FileKind::Png),
            (moving_webp(), FileKind::WebP),
        ] {
            assert!(holds(&bytes, b"SECRET"));
            let made = process(&bytes).unwrap();
            let (made_kind, kept) = made.moving.unwrap();
            assert_eq!(made_kind, kind);
            assert!(!holds(&kept, b"SECRET") && !holds(&kept, b"TRAILING"), "{kind:?}");
            // It can still be read, moves still, and loses nothing more.
            let again = process(&kept).unwrap();
            assert_eq!(again.moving.unwrap().1, kept, "{kind:?}");
            assert_eq!(image::guess_format(&made.still).unwrap(), ImageFormat::Png);
            assert_eq!(still_of(&bytes).unwrap().unwrap(), made.still, "{kind:?}");
        }
        assert_eq!(still_of(&file(10, ImageFormat::Png)).unwrap(), None);
        assert_eq!(still_of(b"<svg/>").unwrap(), None);
    }

    #[test]
    fn what_is_too_large_or_no_emoji_is_refused_in_plain_words() {
        let jpeg = file_rgb();
        let big = vec![0; MAX_EMOJI_BYTES + 1];
        for bytes in [&b"<svg/>"[..], b"", &jpeg, &big, &file(40, ImageFormat::Png)[..60]] {
            assert!(matches!(process(bytes), Err(Error::Invalid(_))));
        }
    }

    fn file_rgb() -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(square(9))
            .to_rgb8()
            .write_to(&mut out, ImageFormat::Jpeg)
            .unwrap();
        out.into_inner()
    }

    proptest! {
        #[test]
        fn damaged_files_are_no_trouble(
            which in 0..3_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..60_usize,
        ) {
            let mut bytes = [moving_gif(), moving_png(), moving_webp()][which].clone();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(bytes.len() - cut.min(bytes.len()));
            let _ = process(&bytes);
            let _ = still_of(&bytes);
        }
    }

    #[tokio::test]
    async fn an_emoji_is_kept_with_what_stands_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::on_disk(dir.path());
        let kept = receive_emoji(&store, moving_gif()).await.unwrap();
        assert_eq!(kept.content_type, "image/gif");
        let ending = |path: &str| path.rsplit('.').next().map(str::to_owned);
        assert_eq!(ending(&kept.path).as_deref(), Some("gif"));
        assert_eq!(ending(&kept.still_path).as_deref(), Some("png"));
        let mut size = 0;
        for path in [&kept.path, &kept.still_path] {
            size += store.read(path).await.unwrap().len();
        }
        assert_eq!(i64::try_from(size).unwrap(), kept.size_bytes);
        let kept = receive_emoji(&store, file(20, ImageFormat::Png)).await.unwrap();
        assert_eq!(kept.path, kept.still_path);
    }
}
