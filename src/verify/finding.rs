//! What a check found, and what it comes to.
use serde::Serialize;
use serde_json::{Value, json};

use crate::ledger::Id;

/// Most findings that are told one by one; all are counted.
const MAX_TOLD: usize = 1_000;
/// Most ranges of entries that are kept apart.
const MAX_RANGES: usize = 1_000;
/// Most ranges that the last line names.
const MAX_NAMED: usize = 8;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The file is not as such files are written, or breaks off.
    File,
    /// An entry that cannot be read.
    Malformed,
    /// An entry is not what was committed to.
    Changed,
    /// An entry is missing, twice there, or out of its place.
    Order,
    /// The host's own table says something else than the entry.
    Row,
    /// An entry that the rules do not allow (R3, R4).
    Rule,
    /// A person's signature in an entry does not hold.
    Stamp,
    /// The entries are not those that the group signed.
    Root,
    /// A head that is not signed as it should be.
    Head,
    /// A co-signature that does not hold.
    Witness,
    /// The group signed two histories.
    Fork,
    /// An erasure that leaves something open.
    Erasure,
    /// The health report is not what the entries give.
    Health,
    /// Erased, and nobody shows that the person wanted it.
    ErasedByHost,
    /// Taken back after a loss; nobody else had seen it.
    Restored,
}

impl Kind {
    /// Whether the ledger is not to be believed because of it.
    #[must_use]
    pub fn is_fault(self) -> bool {
        !matches!(self, Self::ErasedByHost | Self::Restored)
    }

    /// What the last line calls it where no entry can be named.
    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Malformed | Self::Changed | Self::Order | Self::Row | Self::Rule => "entries",
            Self::Stamp => "signatures",
            Self::Root | Self::Head => "head",
            Self::Witness => "witnesses",
            Self::Fork => "fork",
            Self::Erasure | Self::ErasedByHost => "erasures",
            Self::Health => "health",
            Self::Restored => "restored",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub kind: Kind,
    /// The first and last entry it is about, where that can be said.
    pub entries: Option<(u64, u64)>,
    /// A plain sentence.
    pub words: String,
}

/// All findings: the first of them whole, the others counted.
#[derive(Debug, Default)]
pub(super) struct Findings {
    told: Vec<Finding>,
    faults: u64,
    warnings: u64,
    /// Entries with faults, ascending and apart.
    ranges: Vec<(u64, u64)>,
    /// More ranges than are kept.
    more: bool,
    /// What faults that name no entry are about.
    others: Vec<&'static str>,
}

impl Findings {
    /// One about entry `seq`.
    pub fn at(&mut self, kind: Kind, seq: u64, words: impl Into<String>) {
        self.add(kind, Some((seq, seq)), words);
    }

    /// One about no entry in particular.
    pub fn of(&mut self, kind: Kind, words: impl Into<String>) {
        self.add(kind, None, words);
    }

    /// One about a run of entries, or none.
    pub fn add(&mut self, kind: Kind, entries: Option<(u64, u64)>, words: impl Into<String>) {
        if kind.is_fault() {
            self.faults += 1;
            match entries {
                Some(range) => self.mark(range),
                None if self.others.contains(&kind.word()) => {}
                None => self.others.push(kind.word()),
            }
        } else {
            self.warnings += 1;
        }
        if self.told.len() < MAX_TOLD {
            self.told.push(Finding { kind, entries, words: words.into() });
        }
    }

    /// What is at fault, in words, if anything is; and everything that was found.
    pub fn end(self) -> (Option<String>, Vec<Finding>) {
        (self.has_faults().then(|| self.named()), self.told)
    }

    pub fn has_faults(&self) -> bool {
        self.faults > 0
    }

    /// Whether a fault is about an entry that can be named.
    pub fn names_entries(&self) -> bool {
        !self.ranges.is_empty()
    }

    fn mark(&mut self, (first, last): (u64, u64)) {
        let near = |range: &(u64, u64)| {
            first <= range.1.saturating_add(1) && range.0 <= last.saturating_add(1)
        };
        let mut joined = (first, last);
        self.ranges.retain(|range| {
            let near = near(range);
            if near {
                joined = (joined.0.min(range.0), joined.1.max(range.1));
            }
            !near
        });
        let at = self.ranges.partition_point(|range| range.0 < joined.0);
        self.ranges.insert(at, joined);
        if self.ranges.len() > MAX_RANGES {
            self.ranges.pop();
            self.more = true;
        }
    }

    /// `1, 5-7 ...`, or what it is about where there is no entry to name.
    fn named(&self) -> String {
        let range = |(first, last): &(u64, u64)| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        let mut names: Vec<String> = self.ranges.iter().take(MAX_NAMED).map(range).collect();
        if names.is_empty() {
            names.push("none".to_owned());
        }
        let more = if self.more || self.ranges.len() > MAX_NAMED { " ..." } else { "" };
        let runs = format!("{}{more}", names.join(", "));
        let all: Vec<&str> = [&*runs].into_iter().chain(self.others.iter().copied()).collect();
        all.join("; ")
    }
}

/// What a check comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it holds.
    Pass,
    /// It holds, but so many entries were erased, or some were restored.
    Warn(u64),
    /// It does not hold; which entries, in words.
    Fail(String),
}

impl Verdict {
    /// The last line of the output.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Pass => "PASS".to_owned(),
            Self::Warn(erased) => format!("WARN ({erased} erased)"),
            Self::Fail(entries) => format!("FAIL (entries {entries})"),
        }
    }

    /// The exit code of the command.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Warn(_) => 1,
            Self::Fail(_) => 2,
        }
    }
}

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Entries that were read.
    pub entries: u64,
    /// Help receipts among them, undone ones too.
    pub receipts: u64,
    /// Receipts that were taken back or declined.
    pub undone: u64,
    /// Thanks that do not count.
    pub uncounted: u64,
    /// Receipts that rest on proof: signed by a key that the group's host does not hold.
    pub on_proof: u64,
    /// Receipts that rest on the word of the group's node.
    pub attested: u64,
    /// Signatures of people, in receipts and erasures, that hold by a key from their own server.
    pub signatures_checked: u64,
    /// .. that hold by the key that the file gives with them.
    pub signatures_by_given_key: u64,
    /// .. whose key is not known here.
    pub signatures_unchecked: u64,
    /// Entries that were erased.
    pub erased: u64,
    /// .. of these, without a request of the person.
    pub erased_by_host: u64,
    /// Entries that were restored after a loss.
    pub restored: u64,
    /// Heads signed by the group.
    pub heads: u64,
    /// Co-signatures that hold by a key from the witness's own server.
    pub witnesses: u64,
    /// .. that hold by the key that the file gives with them.
    pub witnesses_by_given_key: u64,
    /// .. whose key is not known here.
    pub witnesses_unchecked: u64,
    /// Health reports recomputed and found to agree.
    pub health_reports: u64,
    /// Health reports that could not be recomputed here.
    pub health_unchecked: u64,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// In a word.
    pub verdict: Verdict,
    /// Whose ledger.
    pub group: Id,
    /// The key it is signed with (`z6Mk..`): of a file its own claim, to be compared.
    pub key: String,
    /// The root of all entries that were read (hex).
    pub root: String,
    /// How much was checked.
    pub counts: Counts,
    /// What was found; the first thousand.
    pub findings: Vec<Finding>,
    /// How many there were.
    pub found: u64,
}

impl Outcome {
    pub(super) fn new(
        group: Id,
        key: String,
        root: String,
        counts: Counts,
        findings: Findings,
    ) -> Self {
        let verdict = if findings.has_faults() {
            Verdict::Fail(findings.named())
        } else if counts.erased > 0 || findings.warnings > 0 {
            Verdict::Warn(counts.erased)
        } else {
            Verdict::Pass
        };
        let found = findings.faults + findings.warnings;
        Self { verdict, group, key, root, counts, findings: findings.told, found }
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let verdict = match self.verdict {
            Verdict::Pass => "pass",
            Verdict::Warn(_) => "warn",
            Verdict::Fail(_) => "fail",
        };
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|Finding { kind, entries, words }| {
                let entries = entries.map(|(first, last)| json!([first, last]));
                json!({
                    "kind": kind, "fault": kind.is_fault(), "entries": entries, "words": words,
                })
            })
            .collect();
        json!({
            "verdict": verdict,
            "line": self.verdict.line(),
            "group": self.group,
            "key": self.key,
            "root": self.root,
            "counts": self.counts,
            "findings": findings,
            "found": self.found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(faults: &[(u64, u64)]) -> String {
        let mut findings = Findings::default();
        for range in faults {
            findings.add(Kind::Changed, Some(*range), "");
        }
        Outcome::new("g".into(), String::new(), String::new(), Counts::default(), findings)
            .verdict
            .line()
    }

    #[test]
    fn the_last_line_names_entries_in_runs() {
        assert_eq!(line(&[]), "PASS");
        assert_eq!(line(&[(7, 7), (1, 1), (5, 6)]), "FAIL (entries 1, 5-7)");
        assert_eq!(line(&[(1, 9), (3, 4), (10, 10)]), "FAIL (entries 1-10)");
        let many: Vec<(u64, u64)> = (0..20).map(|n| (n * 2, n * 2)).collect();
        assert_eq!(line(&many), "FAIL (entries 0, 2, 4, 6, 8, 10, 12, 14 ...)");
    }

    #[test]
    fn what_names_no_entry_is_named_by_what_it_is_about() {
        let mut findings = Findings::default();
        findings.of(Kind::Head, "");
        findings.of(Kind::Root, "");
        findings.of(Kind::Health, "");
        let outcome =
            Outcome::new("g".into(), String::new(), String::new(), Counts::default(), findings);
        assert_eq!(outcome.verdict.line(), "FAIL (entries none; head; health)");
        assert_eq!((outcome.verdict.code(), outcome.found), (2, 3));
    }

    #[test]
    fn erased_entries_are_a_warning() {
        let counts = Counts { erased: 3, ..Counts::default() };
        let outcome =
            Outcome::new("g".into(), String::new(), String::new(), counts, Findings::default());
        assert_eq!(outcome.verdict.line(), "WARN (3 erased)");
        assert_eq!(outcome.verdict.code(), 1);
        let mut findings = Findings::default();
        findings.at(Kind::Restored, 4, "");
        let outcome =
            Outcome::new("g".into(), String::new(), String::new(), Counts::default(), findings);
        assert_eq!(outcome.verdict.line(), "WARN (0 erased)");
    }

    #[test]
    fn a_flood_of_findings_is_counted_and_not_kept() {
        let mut findings = Findings::default();
        for seq in 0..10_000 {
            findings.at(Kind::Changed, seq * 2, "");
        }
        assert!(findings.told.len() == MAX_TOLD && findings.ranges.len() == MAX_RANGES);
        assert!(findings.faults == 10_000 && findings.named().ends_with("14 ..."));
    }
}
