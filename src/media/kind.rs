//! What a file is, by its own bytes; what its sender calls it counts for nothing.
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

/// Bytes at the start of a file that tell what it is.
pub const HEAD_BYTES: usize = 4_096;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A photograph.
    Jpeg,
    /// A drawing, or anything that is transparent somewhere.
    Png,
    /// Often moving.
    Gif,
    /// A picture of the web.
    WebP,
    /// A picture of the family of AV1.
    Avif,
    /// A picture as telephones take it.
    Heic,
    /// Film.
    Mp4,
    /// Film as Apple's cameras write it.
    QuickTime,
    /// Film of the web; sometimes sound alone.
    WebM,
    /// Sound.
    Mp3,
    /// Sound: Vorbis, Opus, Speex or FLAC.
    Ogg,
    /// Sound without loss.
    Flac,
    /// Sound as it is.
    Wav,
    /// Sound in the container of MP4.
    M4a,
}

/// What a client shows a file with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Pictures.
    Image,
    /// Film.
    Video,
    /// Sound.
    Audio,
}

impl Family {
    /// As the API has it, and `media.kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }
}

impl FileKind {
    const ALL: [Self; 14] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::WebP,
        Self::Avif,
        Self::Heic,
        Self::Mp4,
        Self::QuickTime,
        Self::WebM,
        Self::Mp3,
        Self::Ogg,
        Self::Flac,
        Self::Wav,
        Self::M4a,
    ];

    /// The MIME type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
            Self::Wav => "audio/wav",
            Self::M4a => "audio/mp4",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Mp4 => "mp4",
            Self::QuickTime => "mov",
            Self::WebM => "webm",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Flac => "flac",
            Self::Wav => "wav",
            Self::M4a => "m4a",
        }
    }

    /// The kind whose files end like this; for names that we gave.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }

    /// What a client shows it with.
    pub fn family(self) -> Family {
        match self {
            Self::Jpeg | Self::Png | Self::Gif | Self::WebP | Self::Avif | Self::Heic => {
                Family::Image
            }
            Self::Mp4 | Self::QuickTime | Self::WebM => Family::Video,
            Self::Mp3 | Self::Ogg | Self::Flac | Self::Wav | Self::M4a => Family::Audio,
        }
    }

    /// A picture that only ffmpeg can read here.
    pub fn needs_ffmpeg(self) -> bool {
        matches!(self, Self::Avif | Self::Heic)
    }

    /// Made of boxes as MP4 is.
    pub fn has_boxes(self) -> bool {
        matches!(self, Self::Mp4 | Self::QuickTime | Self::M4a)
    }

    /// By the first bytes of a file: [`HEAD_BYTES`] of them, or all there are.
    pub fn of_head(head: &[u8]) -> Option<Self> {
        let at =
            |from: usize, text: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(text));
        Some(match head {
            _ if at(0, b"\xff\xd8\xff") => Self::Jpeg,
            _ if at(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if at(0, b"GIF87a") || at(0, b"GIF89a") => Self::Gif,
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Self::WebP,
            _ if at(0, b"RIFF") && at(8, b"WAVE") => Self::Wav,
            _ if at(0, b"fLaC") => Self::Flac,
            _ if at(0, b"OggS") => ogg(head)?,
            _ if at(0, b"\x1a\x45\xdf\xa3") => {
                let start = head.get(..64.min(head.len()))?;
                holds(start, b"\x42\x82\x84webm").then_some(Self::WebM)?
            }
            _ if at(4, b"ftyp") => branded(head)?,
            _ if at(0, b"ID3") => Self::Mp3,
            _ if is_frame(head) => Self::Mp3,
            _ => return None,
        })
    }

    /// By the bytes of a file on disk. Blocking.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_file(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let head = head(&mut file)?;
        let kind = Self::of_head(&head);
        if !head.starts_with(b"ID3") {
            return Ok(kind);
        }
        // Any file may begin with a tag; what follows decides.
        let Some(tag) = tag_bytes(&head) else { return Ok(None) };
        file.seek(SeekFrom::Start(tag))?;
        let head = self::head(&mut file)?;
        Ok(match Self::of_head(&head) {
            Some(Self::Flac) => Some(Self::Flac),
            _ if padded_frame(&head) => Some(Self::Mp3),
            _ => None,
        })
    }
}

fn head(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let limit = u64::try_from(HEAD_BYTES).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut head)?;
    Ok(head)
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Ogg carries film too; its first page tells.
fn ogg(head: &[u8]) -> Option<FileKind> {
    let page = head.get(28..64.min(head.len()))?;
    let sound: [&[u8]; 4] = [b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC"];
    sound.iter().any(|start| page.starts_with(start)).then_some(FileKind::Ogg)
}

/// By the brands of a file of boxes.
fn branded(head: &[u8]) -> Option<FileKind> {
    let size = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
    let end = usize::try_from(size).ok()?.min(head.len());
    let major = head.get(8..12)?;
    let others = || head.get(16..end).unwrap_or_default().chunks_exact(4);
    Some(match major {
        b"avif" | b"avis" => FileKind::Avif,
        b"mif1" | b"msf1" if others().any(|brand| brand == b"avif") => FileKind::Avif,
        b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" => FileKind::Heic,
        b"qt  " => FileKind::QuickTime,
        b"M4A " | b"M4B " => FileKind::M4a,
        b"isom" | b"avc1" | b"mp41" | b"mp42" | b"M4V " | b"dash" | b"MSNV" | b"mmp4" => {
            FileKind::Mp4
        }
        [b'i', b's', b'o', b'2'..=b'9'] | [b'3', b'g', ..] => FileKind::Mp4,
        _ => return None,
    })
}

/// How long the tag before an MP3 is.
fn tag_bytes(head: &[u8]) -> Option<u64> {
    let tag = head.strip_prefix(b"ID3")?;
    let flags = tag.get(2)?;
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    let length = tag.get(3..7)?.iter().fold(0_u64, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
    Some(10 + length + footer)
}

/// Some writers leave zeros between the tag and the sound.
fn padded_frame(bytes: &[u8]) -> bool {
    let start = bytes.iter().position(|byte| *byte != 0);
    start.and_then(|start| bytes.get(start..)).is_some_and(is_frame)
}

/// Two frames of MPEG sound, layer III, one right behind the other. A file of only one is no music.
fn is_frame(bytes: &[u8]) -> bool {
    frame_bytes(bytes)
        .and_then(|length| bytes.get(length..))
        .is_some_and(|next| frame_bytes(next).is_some())
}

/// The length of the frame that begins here.
fn frame_bytes(bytes: &[u8]) -> Option<usize> {
    const FIRST: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const SECOND: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let (one, two) = (*bytes.get(1)?, *bytes.get(2)?);
    let layer_three = bytes.first() == Some(&0xff) && one & 0xe6 == 0xe2 && one & 0x18 != 0x08;
    if !layer_three {
        return None;
    }
    let newest = one & 0x18 == 0x18; // MPEG 1, and not 2 or 2.5
    let kbits = *if newest { FIRST } else { SECOND }.get(usize::from(two >> 4))?;
    let rate: usize = match two >> 2 & 3 {
        0 => 44_100,
        1 => 48_000,
        2 => 32_000,
        _ => return None,
    };
    let rate = match one & 0x18 {
        0x18 => rate,
        0x10 => rate / 2,
        _ => rate / 4,
    };
    let length = if newest { 144_000 } else { 72_000 } * kbits / rate;
    (kbits > 0).then(|| length + usize::from(two >> 1 & 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mp3() -> Vec<u8> {
        // 128 kbit/s at 44,100: 417 bytes a frame.
        let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
        frame.resize(417, 0);
        frame.repeat(3)
    }

    #[test]
    fn files_are_what_their_bytes_say() {
        let brand = |major: &str, others: &str| {
            let mut head = u32::try_from(16 + others.len()).unwrap().to_be_bytes().to_vec();
            head.extend(format!("ftyp{major}\0\0\0\0{others}").into_bytes());
            head
        };
        let ogg = |start: &[u8]| [b"OggS".as_slice(), &[0; 24], start].concat();
        for (head, kind) in [
            (b"\xff\xd8\xff\xe0".to_vec(), Some(FileKind::Jpeg)),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), Some(FileKind::WebP)),
            (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), Some(FileKind::Wav)),
            (b"RIFF\0\0\0\0AVI LIST".to_vec(), None),
            (brand("isom", "mp41"), Some(FileKind::Mp4)),
            (brand("iso5", ""), Some(FileKind::Mp4)),
            (brand("qt  ", ""), Some(FileKind::QuickTime)),
            (brand("M4A ", ""), Some(FileKind::M4a)),
            (brand("avif", "mif1"), Some(FileKind::Avif)),
            (brand("mif1", "heicavif"), Some(FileKind::Avif)),
            (brand("mif1", "heic"), Some(FileKind::Heic)),
            (brand("evil", "mp42"), None),
            (ogg(b"OpusHead"), Some(FileKind::Ogg)),
            (ogg(b"\x80theora"), None),
            (b"fLaC\0\0\0\x22".to_vec(), Some(FileKind::Flac)),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec(), Some(FileKind::WebM)),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska".to_vec(), None),
            (mp3(), Some(FileKind::Mp3)),
            (mp3()[..500].to_vec(), Some(FileKind::Mp3)),
            (mp3()[..300].to_vec(), None),
            (b"<!doctype html><script>alert(1)</script>".to_vec(), None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), None),
            (b"#EXTM3U\nhttp://127.0.0.1/".to_vec(), None),
            (b"\xff\xfb<script>".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(FileKind::of_head(&head), kind, "{head:?}");
        }
        for kind in FileKind::ALL {
            assert_eq!(FileKind::of_extension(kind.extension()), Some(kind));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_something_or_nothing(
            start in 0..8_usize,
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let starts: [&[u8]; 8] = [
                b"", b"ID3", b"OggS", b"RIFF", b"\xff\xfb", b"\x1a\x45\xdf\xa3",
                b"\0\0\0\x20ftypisom", b"\0\0\0\x08ftypmif1",
            ];
            let bytes = [starts[start], &bytes].concat();
            // Whatever is recognised is so by how it begins.
            if FileKind::of_head(&bytes).is_some() {
                prop_assert!(bytes.len() >= 3);
            }
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &bytes).unwrap();
            FileKind::of_file(file.path()).unwrap();
        }
    }

    #[test]
    fn a_tag_alone_makes_no_music() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let kind = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            FileKind::of_file(&path).unwrap()
        };
        let tag = [b"ID3\x04\0\0\0\0\x40\0".as_slice(), &[7; 8_192]].concat();
        assert_eq!(kind(&[tag.as_slice(), &mp3()].concat()), Some(FileKind::Mp3));
        assert_eq!(kind(&[tag.as_slice(), &[0; 100], &mp3()].concat()), Some(FileKind::Mp3));
        assert_eq!(kind(&[tag.as_slice(), b"fLaC\0"].concat()), Some(FileKind::Flac));
        assert_eq!(kind(&[tag.as_slice(), b"<html>"].concat()), None);
        assert_eq!(kind(&tag), None);
        assert_eq!(kind(b"ID3"), None);
    }
}
