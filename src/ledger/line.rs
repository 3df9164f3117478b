//! One entry on its way: `{"commitment":..,"payload":{..},"salt":..}` in canonical JSON, or the
//! commitment alone where the rest was erased.
use super::{Hash, Malformed, Salt, entry::MAX_PAYLOAD_BYTES};

/// Longest line of an entry, in bytes.
pub const MAX_LINE_BYTES: usize = MAX_PAYLOAD_BYTES + 512;

/// An entry as it is sent and kept in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What stands in the tree.
    pub commitment: Hash,
    /// What it commits to; none once it was erased.
    pub body: Option<Body<'a>>,
}

/// What an entry says, and what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    /// The payload as it was hashed.
    pub payload: &'a str,
    /// Its salt.
    pub salt: Salt,
    /// What the host's own table hashes to now; with `receipt` and `uncounted`, and only there.
    pub row: Option<Hash>,
    /// The Ed25519 key of whoever signed a stamp or a request in it, as the host knows it
    /// (`z6Mk..`). Not covered by the tree: who asks the signer's own server need not believe it.
    pub key: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// As canonical JSON, without a line end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Some(Body { payload, salt, row, key }) = &self.body else {
            return format!("{{\"commitment\":\"{}\"}}", self.commitment);
        };
        let key = key.map(|key| format!("\"key\":\"{key}\",")).unwrap_or_default();
        let row = row.map(|row| format!("\"row\":\"{row}\",")).unwrap_or_default();
        let commitment = self.commitment;
        format!(
            "{{\"commitment\":\"{commitment}\",{key}\"payload\":{payload},{row}\"salt\":\"{salt}\"}}"
        )
    }

    /// Reads what [`Line::to_text`] wrote, byte for byte. The payload is only cut out: see
    /// [`super::Entry::read`].
    ///
    /// # Errors
    /// For everything that is not such a line.
    pub fn read(text: &'a str) -> Result<Self, Malformed> {
        read(text).ok_or_else(|| "not an entry as entries are written".into())
    }
}

fn read(text: &str) -> Option<Line<'_>> {
    let (commitment, rest) = text.strip_prefix("{\"commitment\":\"")?.split_at_checked(64)?;
    let commitment = Hash::read(commitment)?;
    let rest = rest.strip_prefix('"')?;
    if rest == "}" {
        return Some(Line { commitment, body: None });
    }
    let (key, rest) = match rest.strip_prefix(",\"key\":\"") {
        Some(rest) => rest.split_once('"').map(|(key, rest)| (Some(key), rest))?,
        None => (None, rest),
    };
    let rest = rest.strip_prefix(",\"payload\":")?.strip_suffix("\"}")?;
    let (rest, salt) = cut_end(rest, 32)?;
    let rest = rest.strip_suffix(",\"salt\":\"")?;
    let (payload, row) = match rest.strip_suffix('"') {
        Some(rest) => {
            let (rest, row) = cut_end(rest, 64)?;
            (rest.strip_suffix(",\"row\":\"")?, Some(Hash::read(row)?))
        }
        None => (rest, None),
    };
    let sound = payload.starts_with('{') && key.is_none_or(is_key);
    let body = Body { payload, salt: Salt::read(salt)?, row, key };
    sound.then_some(Line { commitment, body: Some(body) })
}

/// Whether a text can stand in a line as a key: multibase is letters and digits.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn cut_end(text: &str, len: usize) -> Option<(&str, &str)> {
    text.split_at_checked(text.len().checked_sub(len)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::canonical;

    const PAYLOAD: &str = r#"{"at":1,"person":"Grüße","seq":1,"type":"left"}"#;

    fn lines() -> Vec<String> {
        let (salt, commitment) = (Salt([3; 16]), Salt([3; 16]).commit(PAYLOAD));
        let body = Body { payload: PAYLOAD, salt, row: None, key: None };
        let row = Some(Hash([0xab; 32]));
        let bodies = [
            None,
            Some(body),
            Some(Body { row, ..body }),
            Some(Body { key: Some("z6Mk"), ..body }),
            Some(Body { row, key: Some("z6Mk"), ..body }),
        ];
        bodies.into_iter().map(|body| Line { commitment, body }.to_text()).collect()
    }

    #[test]
    fn a_line_is_canonical_and_read_as_it_was_written() {
        for text in lines() {
            let line = Line::read(&text).unwrap();
            assert_eq!(line.to_text(), text);
            let value = canonical::read(&text).unwrap();
            assert_eq!(value["commitment"], line.commitment.to_string());
            if let Some(body) = line.body {
                assert_eq!(body.payload, PAYLOAD);
                assert_eq!(body.salt.commit(body.payload), line.commitment);
            }
        }
    }

    #[test]
    fn no_byte_can_be_left_out() {
        for text in lines() {
            for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
                let mut broken = text.clone();
                broken.remove(at);
                let read = Line::read(&broken).ok().and_then(|line| line.body);
                let held = |body: Body| {
                    let line = Line::read(&text).unwrap();
                    body.salt.commit(body.payload) == line.commitment && body.key == Some("z6Mk")
                };
                assert!(!read.is_some_and(held), "{broken}");
            }
        }
        assert!(Line::read("").is_err());
        assert!(Line::read("{\"commitment\":\"ü").is_err());
    }
}
