//! Moving pictures stay as they are, but for what is not picture in them.

/// The largest number of pictures one may be made of.
const MAX_FRAMES: usize = 2_000;

/// A GIF and nothing else: comments, texts and the data of programs are left out, but for how often
/// it repeats; so is what follows its end. `None` when it is damaged or has too many frames.
pub fn without_extras(gif: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { bytes: gif, at: 0 };
    let mut out = Vec::with_capacity(gif.len());
    let head = reader.take(13)?;
    if !head.starts_with(b"GIF8") {
        return None;
    }
    out.extend_from_slice(head);
    out.extend_from_slice(reader.take(palette_bytes(*head.get(10)?))?);
    let mut frames = 0;
    loop {
        let from = reader.at;
        match reader.byte()? {
            0x21 => {
                let label = reader.byte()?;
                let keep = reader.extension(label)?;
                if keep {
                    out.extend_from_slice(gif.get(from..reader.at)?);
                }
            }
            0x2c => {
                frames += 1;
                let flags = *reader.take(9)?.last()?;
                reader.take(palette_bytes(flags))?;
                reader.byte()?; // code size
                reader.blocks()?;
                out.extend_from_slice(gif.get(from..reader.at)?);
            }
            0x3b => break,
            _ => return None,
        }
    }
    out.push(0x3b);
    (1..=MAX_FRAMES).contains(&frames).then_some(out)
}

fn palette_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(len)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// Blocks up to the empty one that ends them.
    fn blocks(&mut self) -> Option<()> {
        loop {
            match self.byte()? {
                0 => return Some(()),
                len => self.take(len.into())?,
            };
        }
    }

    /// Passes an extension; whether it belongs to the picture: timing, or how often it repeats.
    fn extension(&mut self, label: u8) -> Option<bool> {
        let from = self.at;
        self.blocks()?;
        let body = self.bytes.get(from..self.at)?;
        let repeats = |name: &[u8]| name == b"NETSCAPE2.0" || name == b"ANIMEXTS1.0";
        Some(match label {
            0xf9 => true,
            0xff => body.get(1..12).is_some_and(repeats),
            _ => false,
        })
    }
}
