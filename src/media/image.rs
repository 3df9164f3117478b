//! Takes an uploaded picture apart and makes a clean one: the right way up, without EXIF, bounded.
use std::io::Cursor;

use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageReader, Limits,
    codecs::{gif::GifDecoder, jpeg::JpegEncoder, png::PngEncoder},
    imageops::FilterType,
    metadata::Orientation,
};

use super::gif;
use crate::error::{Error, Result};

/// Largest file that is looked at.
pub const MAX_BYTES: usize = 16 << 20;
/// Largest picture that is taken apart, in pixels.
pub const MAX_PIXELS: u64 = 33_177_600;
/// Largest picture that is kept; still ones are scaled down to it (3840 x 2160).
const KEPT_PIXELS: u64 = 8_294_400;
/// Largest preview (640 x 360).
const PREVIEW_PIXELS: u64 = 230_400;
/// Memory one picture may take while it is read: 33 megapixels of 8 bytes.
const MAX_MEMORY: u64 = 288 << 20;
/// A colour profile longer than this is not kept.
const MAX_PROFILE_BYTES: usize = 64 << 10;

/// What a picture is for, and so how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Part of a post: its own shape, 8.3 megapixels at most.
    Attachment,
    /// As [`Purpose::Attachment`]; what another program wrote out of a photograph, so it stays one.
    Photograph,
    /// Stands for somebody: a square of 400 pixels, still.
    Avatar,
    /// Stands above a profile: 1500 x 500 pixels, still.
    Header,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A photograph.
    Jpeg,
    /// A drawing, or anything that is transparent somewhere.
    Png,
    /// Moving.
    Gif,
}

impl Kind {
    /// The MIME type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
        }
    }
}

/// A picture made anew, and its preview.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// A small still of it.
    pub preview: Vec<u8>,
    /// What the preview is.
    pub preview_kind: Kind,
    /// Pixels across of the preview.
    pub preview_width: u32,
    /// Pixels down of the preview.
    pub preview_height: u32,
    /// The colour smudge that clients show while it loads.
    pub blurhash: String,
}

/// Makes a clean picture of uploaded bytes: JPEG, PNG, GIF or WebP in; JPEG, PNG or GIF out.
///
/// Its size is checked before it is decoded. A moving GIF keeps its frames (as an attachment).
///
/// # Errors
/// `Invalid`, in words for whoever uploaded it.
pub fn process(bytes: &[u8], purpose: Purpose) -> Result<Picture> {
    // What another program wrote was small before, and is bounded by its pixels.
    if bytes.len() > MAX_BYTES && purpose != Purpose::Photograph {
        return Err(Error::invalid(
            "Pictures can have 16 MB at most. Make it smaller and try again.",
        ));
    }
    let format = format(bytes)?;
    let raw = decode(bytes, format)?;
    if purpose == Purpose::Attachment && format == ImageFormat::Gif && moves(bytes) {
        let kept = gif::without_extras(bytes).ok_or_else(damaged)?;
        let (width, height) = (raw.image.width(), raw.image.height());
        return finish(Made { bytes: kept, kind: Kind::Gif, width, height }, &raw);
    }
    let raw = Raw { image: fit(&raw.image, purpose), ..raw };
    let kind = match (purpose, raw.image.color().has_alpha()) {
        (Purpose::Photograph, true) => Kind::Png,
        (Purpose::Photograph, false) => Kind::Jpeg,
        _ if format == ImageFormat::Jpeg => Kind::Jpeg,
        _ => raw.best_kind(format),
    };
    let made = Made {
        bytes: encode(&raw.image, kind, raw.profile.clone())?,
        kind,
        width: raw.image.width(),
        height: raw.image.height(),
    };
    finish(made, &raw)
}

/// A picture as it was read, the right way up.
pub(super) struct Raw {
    /// RGB, or RGBA where something is transparent; 8 bits each.
    pub(super) image: DynamicImage,
    /// The colours its numbers mean.
    pub(super) profile: Option<Vec<u8>>,
}

impl Raw {
    fn best_kind(&self, format: ImageFormat) -> Kind {
        let drawing = matches!(format, ImageFormat::Png | ImageFormat::Gif);
        if drawing || self.image.color().has_alpha() { Kind::Png } else { Kind::Jpeg }
    }
}

struct Made {
    bytes: Vec<u8>,
    kind: Kind,
    width: u32,
    height: u32,
}

fn finish(made: Made, raw: &Raw) -> Result<Picture> {
    let small = within(&raw.image, PREVIEW_PIXELS);
    let preview_kind = if small.color().has_alpha() { Kind::Png } else { Kind::Jpeg };
    let preview = encode(&small, preview_kind, raw.profile.clone())?;
    Ok(Picture {
        bytes: made.bytes,
        kind: made.kind,
        width: made.width,
        height: made.height,
        preview,
        preview_kind,
        preview_width: small.width(),
        preview_height: small.height(),
        blurhash: smudge(&small)?,
    })
}

fn format(bytes: &[u8]) -> Result<ImageFormat> {
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP];
    image::guess_format(bytes).ok().filter(|format| known.contains(format)).ok_or_else(|| {
        Error::invalid("This is not a picture this server can show. Use JPEG, PNG, GIF or WebP.")
    })
}

pub(super) fn decode(bytes: &[u8], format: ImageFormat) -> Result<Raw> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| unreadable(&e))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::invalid(format!(
            "This picture is {width} x {height} pixels, more than this server can handle. \
             Make it smaller and try again."
        )));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| is_rgb(profile));
    let mut image = DynamicImage::from_decoder(decoder).map_err(|e| unreadable(&e))?;
    image.apply_orientation(orientation);
    Ok(Raw { image: plain_colours(image), profile })
}

/// 8 bits a channel, and transparency only where there is some.
fn plain_colours(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return DynamicImage::ImageRgb8(image.into_rgb8());
    }
    let rgba = image.into_rgba8();
    if rgba.pixels().all(|pixel| pixel.0.last() == Some(&u8::MAX)) {
        return DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(rgba).into_rgb8());
    }
    DynamicImage::ImageRgba8(rgba)
}

/// Whether a colour profile is for RGB, and short enough to travel with every picture.
fn is_rgb(profile: &[u8]) -> bool {
    profile.len() <= MAX_PROFILE_BYTES && profile.get(16..20) == Some(b"RGB ")
}

/// Whether a GIF has more than one picture.
pub(super) fn moves(bytes: &[u8]) -> bool {
    GifDecoder::new(Cursor::new(bytes))
        .is_ok_and(|decoder| decoder.into_frames().take(2).flatten().count() > 1)
}

fn fit(image: &DynamicImage, purpose: Purpose) -> DynamicImage {
    match purpose {
        Purpose::Attachment | Purpose::Photograph => within(image, KEPT_PIXELS),
        Purpose::Avatar => image.resize_to_fill(400, 400, FilterType::CatmullRom),
        Purpose::Header => image.resize_to_fill(1500, 500, FilterType::CatmullRom),
    }
}

/// The picture in its own shape, with `pixels` at most.
fn within(image: &DynamicImage, pixels: u64) -> DynamicImage {
    let (width, height) = (u64::from(image.width()), u64::from(image.height()));
    if width * height <= pixels {
        return image.clone();
    }
    let side = |along: u64, across: u64| {
        u32::try_from((pixels * along / across.max(1)).isqrt()).unwrap_or(1).max(1)
    };
    image.resize_exact(side(width, height), side(height, width), FilterType::CatmullRom)
}

pub(super) fn encode(
    image: &DynamicImage,
    kind: Kind,
    profile: Option<Vec<u8>>,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let written = match kind {
        Kind::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut out, 88);
            set_profile(&mut encoder, profile);
            DynamicImage::ImageRgb8(image.to_rgb8()).write_with_encoder(encoder)
        }
        Kind::Png | Kind::Gif => {
            let mut encoder = PngEncoder::new(&mut out);
            set_profile(&mut encoder, profile);
            image.write_with_encoder(encoder)
        }
    };
    written.map_err(|e| Error::internal(format_args!("writing a picture: {e}")))?;
    Ok(out)
}

fn set_profile(encoder: &mut impl ImageEncoder, profile: Option<Vec<u8>>) {
    if let Some(profile) = profile {
        let _ = encoder.set_icc_profile(profile); // colours a shade off are better than no picture
    }
}

fn smudge(image: &DynamicImage) -> Result<String> {
    let tiny = image.thumbnail(64, 64).into_rgba8();
    blurhash::encode(4, 3, tiny.width(), tiny.height(), &tiny)
        .map_err(|e| Error::internal(format_args!("blurhash: {e}")))
}

pub(super) fn damaged() -> Error {
    Error::invalid("This picture is damaged and cannot be read. Try to save it anew.")
}

fn unreadable(error: &ImageError) -> Error {
    match error {
        ImageError::Limits(_) => Error::invalid(
            "This picture is larger than this server can handle. Make it smaller and try again.",
        ),
        _ => damaged(),
    }
}

#[cfg(test)]
mod tests {
    use image::{Frame, Rgb, RgbImage, Rgba, RgbaImage, codecs::gif::GifEncoder};

    use super::*;

    /// Left half red, right half blue.
    fn two_halves(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) }
        })
        .into()
    }

    fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// A JPEG with an EXIF block that says: turn me, and was taken by "SECRET".
    fn turned(image: &DynamicImage, orientation: u8) -> Vec<u8> {
        let jpeg = file(image, ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]); // Orientation
        exif.extend([0x0f, 0x01, 2, 0, 7, 0, 0, 0, 38, 0, 0, 0]); // Make
        exif.extend(b"\0\0\0\0SECRET\0");
        let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut out = jpeg[..2].to_vec();
        out.extend([0xff, 0xe1, len[0], len[1]]);
        out.extend(exif);
        out.extend(&jpeg[2..]);
        out
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|window| window == text)
    }

    fn moving() -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = GifEncoder::new(&mut out);
        for shade in [0, 120, 250] {
            let image = RgbaImage::from_pixel(20, 10, Rgba([shade, 0, 0, 255]));
            encoder.encode_frame(Frame::new(image)).unwrap();
        }
        drop(encoder);
        out
    }

    #[test]
    fn a_photograph_stands_upright_and_tells_nothing_about_its_maker() {
        let photo = turned(&two_halves(80, 40), 6); // turn a quarter to the right
        assert!(holds(&photo, b"SECRET"));
        let picture = process(&photo, Purpose::Attachment).unwrap();
        assert_eq!((picture.width, picture.height, picture.kind), (40, 80, Kind::Jpeg));
        let seen = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
        assert!(seen.get_pixel(20, 5).0[0] > 150, "what was left is on top");
        assert!(seen.get_pixel(20, 75).0[2] > 150, "what was right is below");
        for bytes in [&picture.bytes, &picture.preview] {
            assert!(!holds(bytes, b"SECRET") && !holds(bytes, b"Exif"));
        }
    }

    #[test]
    fn large_pictures_are_scaled_down_in_their_shape() {
        let picture =
            process(&file(&two_halves(6_000, 1_500), ImageFormat::Jpeg), Purpose::Attachment)
                .unwrap();
        assert_eq!((picture.width, picture.height), (5_760, 1_440));
        assert_eq!((picture.preview_width, picture.preview_height), (960, 240));
        assert!(picture.blurhash.len() > 6);
    }

    #[test]
    fn every_kind_we_take_is_read() {
        for (format, kind) in [
            (ImageFormat::Jpeg, Kind::Jpeg),
            (ImageFormat::Png, Kind::Png),
            (ImageFormat::Gif, Kind::Png),
            (ImageFormat::WebP, Kind::Jpeg),
        ] {
            let picture = process(&file(&two_halves(30, 20), format), Purpose::Attachment).unwrap();
            assert_eq!((picture.kind, picture.width, picture.height), (kind, 30, 20), "{format:?}");
            assert_eq!(
                image::guess_format(&picture.bytes).unwrap().to_mime_type(),
                kind.content_type()
            );
        }
    }

    #[test]
    fn what_is_transparent_stays_transparent() {
        let glass = RgbaImage::from_pixel(10, 10, Rgba([0, 200, 0, 100])).into();
        let picture = process(&file(&glass, ImageFormat::WebP), Purpose::Attachment).unwrap();
        assert_eq!((picture.kind, picture.preview_kind), (Kind::Png, Kind::Png));
    }

    #[test]
    fn avatars_are_square_and_headers_wide() {
        let photo = file(&two_halves(300, 600), ImageFormat::Jpeg);
        let size = |purpose| {
            let picture = process(&photo, purpose).unwrap();
            (picture.width, picture.height)
        };
        assert_eq!(size(Purpose::Avatar), (400, 400));
        assert_eq!(size(Purpose::Header), (1500, 500));
        let face = process(&moving(), Purpose::Avatar).unwrap();
        assert_eq!(face.kind, Kind::Png, "nothing that moves beside every line");
    }

    #[test]
    fn a_moving_picture_keeps_its_frames_and_loses_its_comments() {
        let mut gif = moving();
        assert_eq!(gif.pop(), Some(0x3b));
        gif.extend(b"\x21\xfe\x06SECRET\0\x3bTRAILING");
        let picture = process(&gif, Purpose::Attachment).unwrap();
        assert_eq!((picture.kind, picture.width, picture.height), (Kind::Gif, 20, 10));
        assert!(!holds(&picture.bytes, b"SECRET") && !holds(&picture.bytes, b"TRAILING"));
        let frames = GifDecoder::new(Cursor::new(&picture.bytes)).unwrap().into_frames().count();
        assert_eq!((frames, picture.preview_kind), (3, Kind::Jpeg));
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
        let mut png = file(&two_halves(4, 4), ImageFormat::Png);
        png[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
        let crc = crc(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        let refused = process(&png, Purpose::Attachment).unwrap_err();
        assert!(
            matches!(&refused, Error::Invalid(why) if why.contains("50000 x 50000")),
            "{refused}"
        );
        assert!(process(&vec![0; MAX_BYTES + 1], Purpose::Attachment).is_err());
    }

    /// The checksum of a PNG chunk.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| {
                if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 }
            })
        })
    }

    #[test]
    fn what_is_no_picture_or_broken_is_refused_in_plain_words() {
        let jpeg = file(&two_halves(64, 64), ImageFormat::Jpeg);
        let mut cut_gif = moving();
        cut_gif.truncate(cut_gif.len() - 8);
        for bytes in [b"<svg onload=alert(1)>".as_slice(), b"", b"ftypmp42", &jpeg[..100], &cut_gif]
        {
            assert!(matches!(process(bytes, Purpose::Attachment), Err(Error::Invalid(_))));
        }
    }
}
