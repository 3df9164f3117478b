//! A ledger as a file that can be checked without anybody's help: lines of canonical JSON.
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Hash, Id, Malformed, canonical, line::Line};

/// The form of file that is written here.
pub const VERSION: u64 = 1;
/// Most heads a file may announce besides the last.
pub const MAX_HEADS: usize = 10_000;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose ledger it is.
    pub group: Id,
    /// How many entries follow.
    pub size: u64,
    /// The sizes of all heads below, those in co-signatures too: ascending, each once.
    pub heads: Vec<u64>,
}

impl Header {
    /// Reads the first line.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(line: &str) -> Result<Self, Malformed> {
        let header = canonical::read(line)?;
        let group = header.get("group").and_then(Value::as_str).ok_or("it names no group")?;
        let size = header.get("size").and_then(Value::as_u64).ok_or("it has no size")?;
        let heads = header.get("heads").and_then(Value::as_array).ok_or("it names no heads")?;
        let heads: Option<Vec<u64>> = heads.iter().map(Value::as_u64).collect();
        let heads =
            heads.filter(|heads| heads.len() <= MAX_HEADS && heads.is_sorted_by(|a, b| a < b));
        let read = Self { group: group.into(), size, heads: heads.ok_or("its heads are no list")? };
        if read.to_value() == header { Ok(read) } else { Err("it is not as it is written".into()) }
    }

    fn to_value(&self) -> Value {
        let Self { group, size, heads } = self;
        json!({
            "type": "LedgerExport", "version": VERSION, "group": group, "size": size, "heads": heads,
        })
    }
}

/// Writes a file line by line; the caller keeps the order: header, entries, heads, co-signatures, a
/// health report if there is one, end. Each text ends with a line end.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    sha: Sha256,
    lines: u64,
}

impl Writer {
    /// The first line.
    ///
    /// # Errors
    /// As [`canonical::write`].
    pub fn header(&mut self, header: &Header) -> Result<String, Malformed> {
        self.document(&header.to_value())
    }

    /// An entry.
    pub fn entry(&mut self, line: &Line) -> String {
        self.line(line.to_text())
    }

    /// A head; a co-signature with its `key`; a health report with its `type`.
    ///
    /// # Errors
    /// As [`canonical::write`].
    pub fn document(&mut self, document: &Value) -> Result<String, Malformed> {
        Ok(self.line(canonical::write(document)?))
    }

    /// The last line: it counts the others, and what was cut off or left out on the way shows.
    #[must_use]
    pub fn end(self) -> String {
        let sha256 = Hash(self.sha.finalize().into());
        format!("{{\"lines\":{},\"sha256\":\"{sha256}\",\"type\":\"End\"}}\n", self.lines)
    }

    /// A line that is canonical JSON already.
    pub fn line(&mut self, mut text: String) -> String {
        text.push('\n');
        self.sha.update(&text);
        self.lines += 1;
        text
    }
}

/// Follows a file that is read, so that its last line can be compared.
#[derive(Clone, Debug, Default)]
pub struct Follower(Writer);

impl Follower {
    /// A line was read, given without its end.
    pub fn take(&mut self, line: &str) {
        self.0.sha.update(line);
        self.0.sha.update("\n");
        self.0.lines += 1;
    }

    /// The last line that fits all that was taken, with its end.
    #[must_use]
    pub fn end(self) -> String {
        self.0.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_as_it_was_written() {
        let header = Header { group: "https://h/c/g".into(), size: 9, heads: vec![3, 9] };
        let line = Writer::default().header(&header).unwrap();
        assert_eq!(Header::read(line.trim_end()).unwrap(), header);
        for (from, to) in [("[3,9]", "[9,3]"), ("[3,9]", "[3,3]"), ("9,", "-9,"), ("1}", "2}")] {
            assert!(Header::read(&line.trim_end().replace(from, to)).is_err(), "{from} {to}");
        }
        assert!(Header::read("{\"type\":\"LedgerExport\"}").is_err());
    }

    #[test]
    fn the_end_fits_its_own_file_alone() {
        let mut writer = Writer::default();
        let line = writer.document(&json!({"a": 1})).unwrap();
        let end = writer.end();
        let mut follower = Follower::default();
        follower.take(line.trim_end());
        assert_eq!(follower.clone().end(), end);
        follower.take("");
        assert_ne!(follower.end(), end);
    }
}
