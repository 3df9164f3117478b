//! Files that other servers send or might send, and what is said of each.
//!
//! The project's own lie in `tests/fixtures`; a larger pack, with real captures, is read in place
//! where it is at hand. Both are told the same way, so a clone without the larger one still covers
//! every shape.
use std::{
    collections::BTreeMap,
    fmt,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::word;
use crate::harness::fixtures;

/// One file and its line in the manifest.
pub struct Sample {
    /// Its path in its pack; those of the project begin with `tests/fixtures`.
    pub file: String,
    pub bytes: Vec<u8>,
    /// Null where it is no JSON.
    pub document: Value,
    pub about: Value,
}

impl Sample {
    /// A line of the manifest: `expect`, `kind`, `signed_by` ..
    pub fn says(&self, key: &str) -> &str {
        word(&self.about, key)
    }

    /// Whether it is the answer to a GET, not something that is handed in.
    pub fn is_fetched(&self) -> bool {
        self.says("delivery") == "fetched_document"
    }

    /// Fails where a line of the manifest says what this code does not know.
    pub fn expects(&self, words: &[&str]) -> bool {
        words.contains(&self.says("expect"))
    }
}

/// Both packs, those files that are `wanted` by their lines.
pub fn samples(wanted: impl Fn(&Value) -> bool) -> Vec<Sample> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = read(&own, "tests/fixtures/", &wanted);
    let larger = fixtures();
    if larger.join("MANIFEST.json").is_file() {
        found.extend(read(&larger, "", &wanted));
    } else {
        said(format_args!("only the project's own payloads are sent: no {}", larger.display()));
    }
    found
}

fn read(folder: &Path, prefix: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Sample> {
    let text = std::fs::read_to_string(folder.join("MANIFEST.json")).unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let sample = |about: Value| {
        let bytes = std::fs::read(folder.join(word(&about, "file"))).unwrap();
        Sample {
            file: format!("{prefix}{}", word(&about, "file")),
            document: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
            about,
        }
    };
    all.into_iter().filter(wanted).map(sample).collect()
}

/// What became of files, by server and class.
#[derive(Default)]
pub struct Totals(BTreeMap<(String, String), [usize; 4]>);

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Shown to people here, or acted on.
    Taken,
    /// Taken with thanks; nothing follows from it.
    Ignored,
    /// Refused, and the sender is told why.
    Refused,
}

impl Totals {
    pub fn count(&mut self, sample: &Sample, fate: Fate) {
        let key = (sample.says("server").to_owned(), sample.says("kind").to_owned());
        let row = self.0.entry(key).or_default();
        row[0] += 1;
        row[match fate {
            Fate::Taken => 1,
            Fate::Ignored => 2,
            Fate::Refused => 3,
        }] += 1;
    }

    /// Says them where they are seen also when the story ends well.
    pub fn print(&self, title: &str) {
        said(format_args!("{title}\n{self}"));
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sums = [0; 4];
        writeln!(f, "{:34}{:>7}{:>8}{:>9}{:>9}", "", "files", "taken", "ignored", "refused")?;
        for ((server, class), row) in &self.0 {
            line(f, &format!("{server} {class}"), row)?;
            for (sum, part) in sums.iter_mut().zip(row) {
                *sum += part;
            }
        }
        line(f, "all", &sums)
    }
}

fn line(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    [files, taken, ignored, refused]: &[usize; 4],
) -> fmt::Result {
    writeln!(f, "{name:34}{files:>7}{taken:>8}{ignored:>9}{refused:>9}")
}

/// Past the test runner, which keeps back what a test prints while all goes well.
fn said(what: fmt::Arguments) {
    let _ = writeln!(std::io::stderr(), "{what}");
}
