//! What the report needs to remember of a ledger, taken entry by entry.
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    people::{Change, People, Server, Standing, Who},
    report::Window,
};
use crate::{
    ledger::{
        Entry, Event, Hash, Id,
        entry::{Erased, PETITION_ACTS, Receipt},
    },
    types::Time,
};

/// How many days back a report looks at most: the window before this one, help within 180 days in
/// it, and 365 days before that; and a few more.
pub const KEPT_DAYS: i64 = 640;
/// How often what is too old is let go.
const SWEEP_DAYS: i64 = 30;

/// A counted receipt.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub seq: u64,
    pub at: Time,
    pub helper: Who,
    pub receiver: Who,
    /// The thread.
    pub thread: Key,
    /// Signed by who was helped, elsewhere than at the group's server.
    pub proof: bool,
    /// How many entries take it back.
    undone: u16,
}

/// A thread by number, in the order in which the ledger first names it.
pub type Key = u32;

/// The first 8 bytes of the SHA-256 of a thread's id: enough to tell a group's threads apart.
fn short(thread: &Id) -> u64 {
    let hash = Hash::of(&[thread.as_str().as_bytes()]);
    hash.0.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// An ask, or somebody's first thread.
#[derive(Clone, Copy, Debug)]
pub struct Thread {
    pub seq: u64,
    pub at: Time,
    pub by: Who,
    pub ask: bool,
    pub first: bool,
    pub key: Key,
}

/// Somebody did something: came by, answered, voted, moderated.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    pub seq: u64,
    pub at: Time,
    pub who: Who,
    pub what: What,
}

/// What they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Was active in this week.
    Active(u32),
    /// Was first to reply in this ask or first thread, of members or of staff.
    Answered(Key),
    /// Voted.
    Voted,
    /// Acted on a person or a post.
    Moderated,
}

/// Keeps of a ledger what [`Report`](super::Report) needs: what people did in the last 640 days,
/// and how each person and server stands. Every entry is taken once, in order.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub(super) people: People,
    pub(super) receipts: Vec<Row>,
    pub(super) threads: Vec<Thread>,
    pub(super) deeds: Vec<Deed>,
    /// Acts by the operator, with no person named: when.
    pub(super) operator_acts: Vec<(u64, Time)>,
    /// Restores that another server tried, and that worked: when, and who.
    pub(super) standbys: Vec<(u64, Time, Server)>,
    /// Halves that are left of erased receipts.
    pub(super) halves: Vec<(u64, Time)>,
    /// The server that hosts the group.
    pub(super) host: Option<Server>,
    /// How many entries were taken.
    pub(super) size: u64,
    undone: Vec<(u64, u64)>,
    /// Numbers of threads, and when they were given.
    threads_named: HashMap<u64, (Key, Time)>,
    next_thread: Key,
    swept: Time,
}

impl Tally {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of entries up to the last one that was taken.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next entry. Whoever reads a ledger passes over what was erased.
    pub fn take(&mut self, entry: &Entry) {
        let (seq, at) = (entry.seq, entry.at);
        self.size = self.size.max(seq.saturating_add(1));
        match &entry.event {
            Event::Opened { host, .. } => self.host = Some(self.people.server(host)),
            Event::Joined { person, .. } => self.changed(entry, person, Change::Joined),
            Event::Left { person } => self.changed(entry, person, Change::Left),
            Event::Marked { person, mark, on, operator } => {
                let operator = match operator {
                    Some(domain) => self.people.server(domain),
                    None => self.host.unwrap_or_else(|| self.people.server("")),
                };
                self.changed(entry, person, Change::marked(*mark, *on, operator));
            }
            Event::Active { person, week } => self.did(entry, person, What::Active(*week)),
            Event::Thread { thread, by, ask, first } => {
                let by = self.people.number(by);
                let key = self.key(thread, at);
                self.threads.push(Thread { seq, at, by, ask: *ask, first: *first, key });
            }
            Event::Answered { thread, by } => {
                let key = self.key(thread, at);
                self.did(entry, by, What::Answered(key));
            }
            Event::Receipt(receipt) => self.helped(seq, at, receipt),
            Event::Undone { receipt, .. } => {
                self.undone.push((seq, *receipt));
                self.take_back(*receipt, 1);
            }
            Event::Kept { .. } => self.halves.push((seq, at)),
            Event::Act { by, .. } if by.as_str() == "operator" => {
                self.operator_acts.push((seq, at));
            }
            Event::Act { by, .. } => self.did(entry, by, What::Moderated),
            Event::Operator { act, .. } if PETITION_ACTS.contains(&act.as_str()) => {}
            Event::Operator { .. } => self.operator_acts.push((seq, at)),
            Event::Erased(erased) => self.forget(erased),
            Event::Other(other) => self.carried(entry, &other.kind, &other.fields),
            Event::Key { .. }
            | Event::Charter(_)
            | Event::Uncounted { .. }
            | Event::Steward { .. }
            | Event::Restored { .. } => {}
        }
        self.sweep(at);
    }

    /// Types that later issues fill: what of them counts here.
    fn carried(&mut self, entry: &Entry, kind: &str, fields: &Map<String, Value>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let yes = |name: &str| fields.get(name).and_then(Value::as_bool);
        let person = text("person").map(Id::from);
        match (kind, person) {
            ("roll", Some(person)) => {
                self.changed(entry, &person, Change::Roll(yes("on").unwrap_or(true)));
            }
            ("ballot", Some(person)) => self.did(entry, &person, What::Voted),
            ("standby", _) if yes("restored") == Some(true) => {
                let server = self.people.server(text("host").unwrap_or_default());
                self.standbys.push((entry.seq, entry.at, server));
            }
            ("move", _) => {
                if let Some(host) = text("host") {
                    self.host = Some(self.people.server(host));
                }
            }
            _ => {}
        }
    }

    fn changed(&mut self, entry: &Entry, person: &Id, change: Change) {
        let who = self.people.number(person);
        self.people.change(who, Standing { seq: entry.seq, at: entry.at, change });
    }

    fn did(&mut self, entry: &Entry, person: &Id, what: What) {
        let who = self.people.number(person);
        self.deeds.push(Deed { seq: entry.seq, at: entry.at, who, what });
    }

    fn helped(&mut self, seq: u64, at: Time, receipt: &Receipt) {
        let helper = self.people.number(&receipt.helper);
        let receiver = self.people.number(&receipt.receiver);
        let thread = self.key(&receipt.thread, at);
        if helper != receiver {
            let home = self.people.server(receipt.receiver.host());
            let proof = receipt.stamp.is_some() && self.host != Some(home);
            self.receipts.push(Row { seq, at, helper, receiver, thread, proof, undone: 0 });
        }
    }

    fn key(&mut self, thread: &Id, at: Time) -> Key {
        let next = self.next_thread;
        let (key, _) = *self.threads_named.entry(short(thread)).or_insert((next, at));
        self.next_thread = next.saturating_add(u32::from(key == next));
        key
    }

    fn take_back(&mut self, receipt: u64, by: i16) {
        let found = self.receipts.binary_search_by_key(&receipt, |row| row.seq);
        if let Some(row) = found.ok().and_then(|index| self.receipts.get_mut(index)) {
            row.undone = row.undone.saturating_add_signed(by);
        }
    }

    /// What was erased counts no longer: whoever reads the ledger from now on never sees it.
    fn forget(&mut self, erased: &Erased) {
        let mut gone = erased.entries.clone();
        gone.sort_unstable();
        let kept = |seq: u64| gone.binary_search(&seq).is_err();
        for seq in &gone {
            self.people.forget(*seq);
        }
        let again: Vec<u64> = self
            .undone
            .iter()
            .filter(|(seq, _)| !kept(*seq))
            .map(|(_, receipt)| *receipt)
            .collect();
        for receipt in again {
            self.take_back(receipt, -1);
        }
        self.undone.retain(|(seq, _)| kept(*seq));
        self.receipts.retain(|row| kept(row.seq));
        self.deeds.retain(|deed| kept(deed.seq));
        self.operator_acts.retain(|(seq, _)| kept(*seq));
        self.standbys.retain(|(seq, ..)| kept(*seq));
        self.halves.retain(|(seq, _)| kept(*seq));
        self.threads.retain(|thread| kept(thread.seq));
    }

    /// Lets go, once in a month of the ledger's time, of what no report will ask for.
    fn sweep(&mut self, now: Time) {
        if now < self.swept.plus_days(SWEEP_DAYS) {
            return;
        }
        self.swept = now;
        let oldest = now.plus_days(-KEPT_DAYS);
        self.receipts.retain(|row| row.at > oldest);
        self.deeds.retain(|deed| deed.at > oldest);
        self.operator_acts.retain(|(_, at)| *at > oldest);
        self.standbys.retain(|(_, at, _)| *at > oldest);
        self.halves.retain(|(_, at)| *at > oldest);
        self.threads.retain(|thread| thread.at > oldest);
        self.threads_named.retain(|_, (_, at)| *at > oldest);
        let first = self.receipts.first().map_or(self.size, |row| row.seq);
        self.undone.retain(|(_, receipt)| *receipt >= first);
    }

    /// The receipts of a window, with those that were taken back left out.
    pub(super) fn receipts_in(&self, window: Window) -> impl Iterator<Item = &Row> {
        within(&self.receipts, window, |row| row.at).filter(|row| row.undone == 0)
    }

    /// What was done in a window.
    pub(super) fn deeds_in(&self, window: Window) -> impl Iterator<Item = &Deed> {
        within(&self.deeds, window, |deed| deed.at)
    }

    /// Asks and first threads of a window.
    pub(super) fn threads_in(&self, window: Window) -> impl Iterator<Item = &Thread> {
        within(&self.threads, window, |thread| thread.at)
    }
}

/// The part of a list in order of time that is in the window.
fn within<T>(list: &[T], window: Window, at: impl Fn(&T) -> Time) -> impl Iterator<Item = &T> {
    let start = list.partition_point(|one| at(one) <= window.from);
    let rest = list.get(start..).unwrap_or_default();
    rest.iter().take(rest.partition_point(|one| at(one) <= window.to))
}
