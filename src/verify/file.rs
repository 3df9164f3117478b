//! A ledger as a file: which line is what, and in which order.
use serde_json::Value;

use super::{Keys, Kind, Outcome, Recount, Verifier};
use crate::ledger::{
    canonical,
    export::{Follower, Header, VERSION},
    line,
};

/// Longest line that is read, in bytes, without its end.
pub const MAX_LINE_BYTES: usize = line::MAX_LINE_BYTES;

/// How far the file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Its first line was not even one.
    Nowhere,
    Entries,
    Heads,
    Witnesses,
    Health,
    End,
}

/// Reads the lines of a file and checks what they say.
pub struct File<'a> {
    verifier: Verifier<'a>,
    part: Part,
    follower: Follower,
    /// The number of the last line, from 1.
    line: u64,
}

impl<'a> File<'a> {
    /// A file with this first line, given without its end.
    ///
    /// # Errors
    /// Where it is of a later version: nothing can be said of it.
    pub fn new(
        first: &[u8],
        keys: &'a mut dyn Keys,
        recount: Option<&'a mut dyn Recount>,
    ) -> Result<Self, String> {
        let line = std::str::from_utf8(first).unwrap_or_default();
        let header = canonical::read(line).unwrap_or_default();
        let version = header.get("version").and_then(Value::as_u64);
        if version.is_some_and(|version| version > VERSION) {
            return Err("The file is of a later version than this program.".to_owned());
        }
        let mut follower = Follower::default();
        follower.take(line);
        let nothing = || Header { group: "".into(), size: 0, heads: Vec::new() };
        let read = Header::read(line);
        let part = if read.is_ok() { Part::Entries } else { Part::Nowhere };
        let why = read.as_ref().err().map(ToString::to_string);
        let verifier = Verifier::new(read.unwrap_or_else(|_| nothing()), keys, recount);
        let mut file = Self { verifier, part, follower, line: 1 };
        if let Some(why) = why {
            file.wrong(&format!("a ledger's file begins in another way: {why}"));
        }
        Ok(file)
    }

    /// How many entries were read, and how many there should be.
    pub fn progress(&self) -> (u64, u64) {
        (self.verifier.read(), self.verifier.size())
    }

    /// The next line, without its end.
    pub fn line(&mut self, line: &[u8]) {
        self.line += 1;
        if self.part == Part::Nowhere {
            return;
        }
        let Ok(line) = std::str::from_utf8(line) else {
            return self.broken("it is not text");
        };
        if line.len() > MAX_LINE_BYTES {
            return self.broken("it is too long");
        }
        if self.part == Part::End {
            return self.wrong("something follows after its end");
        }
        if self.part == Part::Entries && line.starts_with("{\"commitment\":") {
            self.follower.take(line);
            return self.verifier.entry(line);
        }
        let document = match canonical::read(line) {
            Ok(document) => document,
            Err(why) => return self.broken(&why.to_string()),
        };
        let kind = document.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let part = match kind.as_str() {
            "TreeHead" => Part::Heads,
            "Witness" => Part::Witnesses,
            "HealthReport" => Part::Health,
            "End" => Part::End,
            _ => return self.broken("it is of no known kind"),
        };
        if part < self.part || (part == self.part && part == Part::Health) {
            return self.wrong("it is out of order");
        }
        self.part = part;
        if part == Part::End {
            if self.follower.clone().end().trim_end() != line {
                self.wrong("it does not fit what stands before it: something was changed");
            }
            return;
        }
        self.follower.take(line);
        self.document(part, document);
    }

    fn document(&mut self, part: Part, mut document: Value) {
        match part {
            Part::Heads => self.verifier.head(&document),
            Part::Witnesses => {
                let key = document.as_object_mut().and_then(|fields| fields.remove("key"));
                let key = key.as_ref().and_then(Value::as_str);
                self.verifier.witness(&document, key);
            }
            Part::Health => self.verifier.health(document),
            Part::Nowhere | Part::Entries | Part::End => {}
        }
    }

    /// The rest cannot be read: the line end is missing, or the reading failed.
    pub fn breaks_off(&mut self) {
        self.wrong("the file breaks off in it");
    }

    /// A line that cannot even be looked at; among the entries it stands for one.
    fn broken(&mut self, why: &str) {
        if self.part == Part::Entries && self.verifier.next < self.verifier.size {
            let words = format!("This entry cannot be read: {why}.");
            self.verifier.counts.entries += 1;
            self.verifier.findings.at(Kind::Malformed, self.verifier.next, words);
            return self.verifier.skip();
        }
        self.wrong(why);
    }

    fn wrong(&mut self, why: &str) {
        let words = format!("Line {} of the file is not as it should be: {why}.", self.line);
        self.verifier.findings.of(Kind::File, words);
    }

    /// What it comes to.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        if !matches!(self.part, Part::End | Part::Nowhere) {
            self.line += 1;
            self.wrong("the last line is missing");
        }
        self.verifier.finish()
    }
}
