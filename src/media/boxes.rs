//! Files of boxes (MP4, MOV, M4A): what a camera wrote into them about place and maker is emptied
//! where it stands, so that nothing else of the file moves. Blocking.
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Most boxes of one file that are looked at.
const MOST_BOXES: usize = 100_000;
/// How deep boxes are looked into.
const DEEPEST: u32 = 6;

/// Empties what tells about the making of a film: user data, its keys, and boxes of other programs.
/// `false` where the boxes are no film: damaged, cut off, or without an index.
///
/// The samples of a track that records positions beside the picture (action cameras) stay; the track
/// itself is emptied, so that no player finds them.
///
/// # Errors
/// When the disk fails.
pub fn without_places(path: &Path) -> io::Result<bool> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let end = file.metadata()?.len();
    let mut walk = Walk { file: &mut file, left: MOST_BOXES, index: false };
    let whole = walk.boxes(0, end, 0)?;
    let index = walk.index;
    file.sync_all()?;
    Ok(whole && index)
}

struct Walk<'a, F> {
    file: &'a mut F,
    left: usize,
    /// Whether there is a `moov`.
    index: bool,
}

impl<F: Read + Write + Seek> Walk<'_, F> {
    /// Goes through the boxes from `at` to `end`; `false` where they do not fit.
    fn boxes(&mut self, mut at: u64, end: u64, depth: u32) -> io::Result<bool> {
        while at < end {
            let Some(left) = self.left.checked_sub(1) else { return Ok(false) };
            self.left = left;
            // Inside of a box, QuickTime may end a list with four zeros.
            if depth > 0 && end - at < 8 {
                return Ok(true);
            }
            let Some((name, header, size)) = self.header(at, end)? else { return Ok(false) };
            let (inside, next) = (at + header, at + size);
            match &name {
                b"udta" | b"meta" | b"uuid" | b"XMP_" | b"gps " | b"loci" => {
                    self.empty(at, header, next)?;
                }
                b"trak" if self.is_about_places(inside, next)? => self.empty(at, header, next)?,
                b"moov" | b"trak" | b"moof" | b"traf" if depth < DEEPEST => {
                    self.index |= &name == b"moov";
                    if !self.boxes(inside, next, depth + 1)? {
                        return Ok(false);
                    }
                }
                _ => {}
            }
            at = next;
        }
        Ok(true)
    }

    /// Name, length of the head and of the whole box at `at`; `None` where it does not fit.
    fn header(&mut self, at: u64, end: u64) -> io::Result<Option<([u8; 4], u64, u64)>> {
        let (mut size, mut name) = ([0; 4], [0; 4]);
        if end - at < 8 {
            return Ok(None);
        }
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut size)?;
        self.file.read_exact(&mut name)?;
        let (header, size) = match u32::from_be_bytes(size) {
            0 => (8, end - at), // to the end
            1 if end - at >= 16 => {
                let mut size = [0; 8];
                self.file.read_exact(&mut size)?;
                (16, u64::from_be_bytes(size))
            }
            size => (8, u64::from(size)),
        };
        Ok((size >= header && size <= end - at).then_some((name, header, size)))
    }

    /// Turns a box into one of nothing, which every player passes over.
    fn empty(&mut self, at: u64, header: u64, end: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at + 4))?;
        self.file.write_all(b"free")?;
        self.file.seek(SeekFrom::Start(at + header))?;
        io::copy(&mut io::repeat(0).take(end.saturating_sub(at + header)), self.file)?;
        Ok(())
    }

    /// Whether a track holds neither picture, sound nor words, but data beside them.
    fn is_about_places(&mut self, at: u64, end: u64) -> io::Result<bool> {
        let Some((from, to)) = self.find(at, end, *b"mdia")? else { return Ok(false) };
        let Some((from, to)) = self.find(from, to, *b"hdlr")? else { return Ok(false) };
        // Version and flags, then a type of Apple's, then what it handles.
        if to - from < 12 {
            return Ok(false);
        }
        let mut handles = [0; 4];
        self.file.seek(SeekFrom::Start(from + 8))?;
        self.file.read_exact(&mut handles)?;
        Ok(&handles == b"meta")
    }

    /// Where the inside of the first box of a name is.
    fn find(&mut self, mut at: u64, end: u64, wanted: [u8; 4]) -> io::Result<Option<(u64, u64)>> {
        while at < end {
            let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
            self.left = left;
            let Some((name, header, size)) = self.header(at, end)? else { return Ok(None) };
            if name == wanted {
                return Ok(Some((at + header, at + size)));
            }
            at += size;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_box(name: &[u8], inside: &[u8]) -> Vec<u8> {
        let size = u32::try_from(inside.len() + 8).unwrap().to_be_bytes();
        [&size, name, inside].concat()
    }

    fn film() -> Vec<u8> {
        let place = a_box(b"udta", &a_box(b"\xa9xyz", b"\0\x12\x15\xc7+48.2082+016.3738/"));
        let handler = |kind: &[u8]| a_box(b"hdlr", &[&[0; 8], kind, &[0; 12]].concat());
        let track = |kind: &[u8]| a_box(b"trak", &a_box(b"mdia", &handler(kind)));
        let xmp = a_box(b"uuid", b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8exif:GPSLatitude");
        let apple = a_box(b"meta", &a_box(b"ilst", b"com.apple.quicktime.location.ISO6709"));
        let moov = [a_box(b"mvhd", &[1; 100]), track(b"vide"), track(b"meta"), place, apple];
        [
            a_box(b"ftyp", b"qt  \0\0\0\0"),
            a_box(b"moov", &moov.concat()),
            xmp,
            a_box(b"mdat", b"pictures"),
        ]
        .concat()
    }

    fn cleaned(bytes: &[u8]) -> (bool, Vec<u8>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let whole = without_places(file.path()).unwrap();
        (whole, std::fs::read(file.path()).unwrap())
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|window| window == text)
    }

    #[test]
    fn where_it_was_taken_is_gone_and_nothing_moves() {
        let film = film();
        let (whole, clean) = cleaned(&film);
        assert!(whole);
        assert_eq!(clean.len(), film.len());
        for trace in [
            b"48.2082".as_slice(),
            b"GPSLatitude",
            b"ISO6709",
            b"\xa9xyz",
            b"hdlr\0\0\0\0\0\0\0\0meta",
        ] {
            assert!(holds(&film, trace) && !holds(&clean, trace), "{trace:?}");
        }
        for kept in [b"pictures".as_slice(), b"mvhd", b"vide", b"mdat"] {
            assert!(holds(&clean, kept), "{kept:?}");
        }
        assert_eq!(cleaned(&clean), (true, clean.clone()), "once more changes nothing");
    }

    #[test]
    fn what_is_cut_off_or_has_no_index_is_no_film() {
        let film = film();
        for cut in [9, 30, film.len() - 3] {
            assert!(!cleaned(&film[..cut]).0, "{cut}");
        }
        assert!(!cleaned(&a_box(b"ftyp", b"isom\0\0\0\0")).0);
        assert!(!cleaned(b"<html>").0);
        assert!(!cleaned(b"").0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_boxes_end(at in 0..400_usize, bytes in prop::collection::vec(any::<u8>(), 1..40)) {
            let mut film = film();
            let at = at.min(film.len() - 1);
            let end = (at + bytes.len()).min(film.len());
            film.splice(at..end, bytes);
            let long = film.len();
            prop_assert_eq!(cleaned(&film).1.len(), long);
        }
    }
}
