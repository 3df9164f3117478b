//! The whole check of a ledger, entry by entry: nothing is believed because its host says so.
//!
//! No I/O: `cli` reads files and pages, and looks keys up. What is kept meanwhile is bounded by the
//! people and receipts, not by the bytes that are read.
mod entries;
mod file;
mod finding;
mod heads;
mod record;
mod recount;
mod rules;
mod say;
mod stamps;
#[cfg(test)]
mod tests;

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use serde_json::Value;

use crate::{
    keys::PublicKey,
    ledger::{Entry, Hash, Id, Line, export::Header, tree::Frontier},
    types::Time,
};

use finding::Findings;
use rules::Rules;
use stamps::Known;

pub use file::{File, MAX_LINE_BYTES};
pub use finding::{Counts, Finding, Kind, Outcome, Verdict};
pub use record::{RecordOutcome, check as check_record};

/// One erased entry in so many may be so by the host's own will.
const ERASED_BY_HOST_ONE_IN: u64 = 100;
/// Most keys that a group has one after the other.
const MAX_GROUP_KEYS: usize = 1_000;

/// Knows the keys of people and nodes, from their own servers.
pub trait Keys {
    /// The Ed25519 key of this id, if `owner` (an actor) has it now or had it; `None` where that
    /// cannot be known here.
    fn key(&mut self, owner: &str, method: &str) -> Option<PublicKey>;
}

/// Nobody is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Keys for Offline {
    fn key(&mut self, _owner: &str, _method: &str) -> Option<PublicKey> {
        None
    }
}

/// Computes the health report anew from the entries.
pub trait Recount {
    /// The next entry.
    fn take(&mut self, entry: &Entry);
    /// The report as of this time from all entries so far, whose root this is; with all that takes
    /// long, if `said` has it.
    fn report(&mut self, as_of: Time, root: &Hash, said: &Value) -> Value;
}

/// Where it is known and where it does not have to be: the sizes at which somebody signed.
#[derive(Default)]
struct Sizes {
    /// Roots of the sizes that are asked for, as they are reached.
    roots: BTreeMap<u64, Option<Hash>>,
    /// Sizes at which the entries are those that were signed.
    agreed: BTreeSet<u64>,
    /// Sizes at which they are not, and who holds the head.
    contradicted: BTreeSet<(u64, bool)>,
}

/// A key of the group and where it begins.
struct GroupKey {
    /// The entry that gives it.
    seq: u64,
    /// As that has it.
    text: String,
    key: PublicKey,
    /// Whether a head was seen that the key before signed with it.
    handed_over: bool,
}

/// Entries whose payload is gone.
#[derive(Default)]
struct Gone {
    /// Which, ascending.
    entries: Vec<u64>,
    /// Those that tombstones name, and whether the person asked for it.
    named: BTreeMap<u64, bool>,
    /// The last tombstone.
    last: u64,
}

/// Entries that came back after a loss.
#[derive(Default)]
struct Restored {
    /// Those that an entry names.
    named: BTreeSet<u64>,
    /// Receipts of which the host's table says nothing.
    rowless: Vec<u64>,
}

impl Gone {
    fn has(&self, seq: u64) -> bool {
        self.entries.binary_search(&seq).is_ok()
    }
}

/// Checks one ledger.
pub struct Verifier<'a> {
    keys: &'a mut dyn Keys,
    recount: Option<&'a mut dyn Recount>,
    group: Id,
    size: u64,
    /// The place of the next entry.
    next: u64,
    last_at: Time,
    frontier: Frontier,
    /// Every commitment so far stands in its place, so that roots mean something.
    whole: bool,
    sizes: Sizes,
    group_keys: Vec<GroupKey>,
    /// The keys that the group itself publishes, where it was asked.
    published: Option<Vec<String>>,
    host: String,
    rules: Rules,
    known: Known,
    gone: Gone,
    restored: Restored,
    /// Requests to be forgotten that were read, and when each was heard.
    requests: HashMap<String, Time>,
    report: Option<Value>,
    /// The size of a report that is not what its entries give, and the first figure that is not.
    differs: Option<(u64, String)>,
    signed: bool,
    counts: Counts,
    findings: Findings,
}

impl<'a> Verifier<'a> {
    /// Of a ledger of which this is said.
    pub fn new(
        header: Header,
        keys: &'a mut dyn Keys,
        recount: Option<&'a mut dyn Recount>,
    ) -> Self {
        let Header { group, size, heads } = header;
        let mut sizes = Sizes::default();
        sizes.roots.extend(heads.into_iter().chain([size]).map(|size| (size, None)));
        Self {
            keys,
            recount,
            group,
            size,
            next: 0,
            last_at: Time(0),
            frontier: Frontier::default(),
            whole: true,
            sizes,
            group_keys: Vec::new(),
            published: None,
            host: String::new(),
            rules: Rules::default(),
            known: Known::default(),
            gone: Gone::default(),
            restored: Restored::default(),
            requests: HashMap::new(),
            report: None,
            differs: None,
            signed: false,
            counts: Counts::default(),
            findings: Findings::default(),
        }
    }

    /// The group publishes these keys now (`z6Mk..`): the one in force is one of them.
    pub fn expect_keys(&mut self, published: Vec<String>) {
        self.published = Some(published);
    }

    /// The sizes of the heads in which one key hands over to the next.
    pub fn changes_of_key(&self) -> Vec<u64> {
        self.group_keys.iter().skip(1).map(|key| key.seq + 1).collect()
    }

    /// How many entries were read so far.
    pub fn read(&self) -> u64 {
        self.counts.entries
    }

    /// How many there should be.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next entry, one line of canonical JSON without its end.
    pub fn entry(&mut self, line: &str) {
        self.counts.entries += 1;
        let seq = self.next;
        let line = match Line::read(line) {
            Ok(line) => line,
            Err(why) => {
                self.findings.at(
                    Kind::Malformed,
                    seq,
                    format!("This entry cannot be read: {why}."),
                );
                return self.skip();
            }
        };
        match line.body {
            None => {
                self.gone.entries.push(seq);
                self.counts.erased += 1;
                self.next += 1;
            }
            Some(body) => {
                if body.salt.commit(body.payload) != line.commitment {
                    let words = "This entry is not what was written: it was changed afterwards.";
                    self.findings.at(Kind::Changed, seq, words);
                }
                self.body(&body);
            }
        }
        self.frontier.append(&line.commitment);
        let size = self.frontier.size();
        if let Some(root) = self.sizes.roots.get_mut(&size) {
            *root = Some(self.frontier.root());
            self.recounted(size);
        }
    }

    /// An entry whose commitment is not known.
    fn skip(&mut self) {
        self.whole = false;
        self.next += 1;
    }

    /// What the group's page says of its health. It may come before the entries are read.
    pub fn health(&mut self, report: Value) {
        let size = report.get("size").and_then(Value::as_u64);
        let Some(size) = size.filter(|size| *size > 0 && *size <= self.size) else {
            return self.findings.of(Kind::Health, "The health report is not of this ledger.");
        };
        self.report = Some(report);
        match self.frontier.size().cmp(&size) {
            Ordering::Less => {
                self.sizes.roots.entry(size).or_insert(None);
            }
            Ordering::Equal => self.recounted(size),
            Ordering::Greater => {
                self.report = None;
                self.findings.of(Kind::Health, "The health report is not of all these entries.");
            }
        }
    }

    /// Compares the report if it is of the entries read so far.
    fn recounted(&mut self, size: u64) {
        let of_now = |report: &Value| report.get("size").and_then(Value::as_u64) == Some(size);
        let Some(report) = self.report.take_if(|report| of_now(report)) else { return };
        let Some(recount) = &mut self.recount else {
            self.counts.health_unchecked += 1;
            return;
        };
        let as_of = report.get("as_of").and_then(Value::as_i64).map_or(self.last_at, Time);
        let expected = recount.report(as_of, &self.frontier.root(), &report);
        match differs(&report, &expected) {
            None => self.counts.health_reports += 1,
            Some(place) => self.differs = Some((size, place)),
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        if self.next < self.size {
            let words = "The ledger breaks off: these entries are missing.";
            self.findings.add(Kind::Order, Some((self.next, self.size - 1)), words);
        } else if self.next > self.size {
            let words = "There are more entries than the ledger says it has.";
            self.findings.add(Kind::Order, Some((self.size, self.next - 1)), words);
        }
        self.contradictions();
        if self.findings.has_faults() {
            // Why there is no head that fits is told already.
        } else if self.size == 0 {
            self.findings.of(Kind::Order, "A ledger has at least the entry that opens it.");
        } else if !self.signed {
            self.findings.of(Kind::Head, "The group signed no head of these entries.");
        }
        if self.report.is_some() {
            self.findings.of(Kind::Health, "The health report is not of these entries.");
        }
        match self.differs.take() {
            // Entries that it counted were erased since.
            Some((size, _)) if self.gone.last >= size => self.counts.health_unchecked += 1,
            Some((_, place)) => {
                let words =
                    format!("The health report says another {place} than the entries give.");
                self.findings.of(Kind::Health, words);
            }
            None => {}
        }
        for key in self.group_keys.iter().filter(|key| !key.handed_over) {
            let words = "The group's key was changed, and the key before did not sign that.";
            self.findings.at(Kind::Head, key.seq, words);
        }
        let current = self.group_keys.last().zip(self.published.as_ref());
        if current.is_some_and(|(key, published)| !published.contains(&key.text)) {
            let words = "The group publishes another key than its ledger was signed with.";
            self.findings.of(Kind::Head, words);
        }
        self.erasures();
        self.restorations();
        let root = self.frontier.root().to_string();
        let key = self.group_keys.pop().map(|key| key.text).unwrap_or_default();
        Outcome::new(self.group, key, root, self.counts, self.findings)
    }
}

/// The first name under which two reports are not the same.
fn differs(said: &Value, expected: &Value) -> Option<String> {
    let (Some(said), Some(expected)) = (said.as_object(), expected.as_object()) else {
        return (said != expected).then(|| "report".to_owned());
    };
    let names = said.keys().chain(expected.keys());
    let mut names = names.filter(|name| *name != "type" && said.get(*name) != expected.get(*name));
    names.next().cloned()
}
