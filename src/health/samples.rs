//! Ledgers for tests, written entry by entry.
use serde_json::{Map, Value, json};

use super::{Report, Tally};
use crate::{
    ledger::{
        Entry, Event, Hash, Id,
        entry::{Erased, Mark, Other, Receipt, Side, Undoer, Via},
    },
    types::Time,
};

pub const DAY: i64 = 86_400_000;
/// Sunday 2026-11-01 00:00 UTC: the day of most reports in tests.
pub const TODAY: Time = Time(1_793_491_200_000);
pub const ROOT: Hash = Hash([7; 32]);

/// A person on the server `oak.example`.
pub fn person(number: u32) -> Id {
    Id(format!("https://oak.example/u/p{number}"))
}

/// A ledger in the making.
#[derive(Clone, Debug, Default)]
pub struct Story {
    pub entries: Vec<Entry>,
    at: Time,
}

impl Story {
    /// Begins a ledger on `oak.example`, 700 days ago.
    pub fn new() -> Self {
        let mut story = Self { entries: Vec::new(), at: TODAY.plus_days(-700) };
        story.write(Event::Opened {
            group: "https://oak.example/c/repair".into(),
            key: "z6Mk".into(),
            host: "oak.example".into(),
        });
        story
    }

    /// The next entries are of so many days ago.
    pub fn days_ago(&mut self, days: i64) -> &mut Self {
        self.at = TODAY.plus_days(-days);
        self
    }

    /// The next entries are of this time.
    pub fn at(&mut self, at: Time) -> &mut Self {
        self.at = at;
        self
    }

    /// Writes an entry; tells its number.
    pub fn write(&mut self, event: Event) -> u64 {
        let seq = u64::try_from(self.entries.len()).unwrap();
        self.entries.push(Entry { seq, at: self.at, event });
        seq
    }

    pub fn joins(&mut self, person: &Id) -> u64 {
        self.write(Event::Joined { person: person.clone(), known_since: self.at })
    }

    pub fn marks(&mut self, person: &Id, mark: Mark, on: bool) -> u64 {
        let operator = (mark == Mark::Staff).then(|| person.host().to_owned());
        self.write(Event::Marked { person: person.clone(), mark, on, operator })
    }

    pub fn is_active(&mut self, person: &Id) -> u64 {
        let week = (self.at.0 - 4 * DAY).div_euclid(7 * DAY);
        self.write(Event::Active { person: person.clone(), week: week.try_into().unwrap() })
    }

    pub fn asks(&mut self, by: &Id, thread: &str) -> u64 {
        self.write(Event::Thread { thread: thread.into(), by: by.clone(), ask: true, first: false })
    }

    pub fn answers(&mut self, by: &Id, thread: &str) -> u64 {
        self.write(Event::Answered { thread: thread.into(), by: by.clone() })
    }

    /// `helper` helped `receiver`, says `receiver`.
    pub fn helps(&mut self, helper: &Id, receiver: &Id) -> u64 {
        self.helps_in(helper, receiver, "https://oak.example/p/0")
    }

    pub fn helps_in(&mut self, helper: &Id, receiver: &Id, thread: &str) -> u64 {
        self.write(Event::Receipt(Receipt {
            receipt: self.entries.len().to_string(),
            thread: thread.into(),
            reply: None,
            helper: helper.clone(),
            receiver: receiver.clone(),
            via: Via::Button,
            stamp: None,
            row: ROOT,
        }))
    }

    pub fn undoes(&mut self, receipt: u64) -> u64 {
        self.write(Event::Undone { receipt, by: Undoer::Receiver })
    }

    pub fn erases(&mut self, entries: &[u64]) -> u64 {
        let entries = entries.to_vec();
        self.write(Event::Erased(Erased { entries, person_hash: ROOT, request: None }))
    }

    pub fn keeps(&mut self, receipt: u64, side: Side, person: &Id) -> u64 {
        self.write(Event::Kept { receipt, side, person: person.clone() })
    }

    pub fn moderates(&mut self, by: &Id) -> u64 {
        let (act, rule) = ("remove".into(), "1".into());
        let subject = "https://oak.example/p/9".into();
        self.write(Event::Act { by: by.clone(), act, subject, rule, until: None, seat: None })
    }

    pub fn carries(&mut self, kind: &str, fields: Value) -> u64 {
        let fields: Map<String, Value> = serde_json::from_value(fields).unwrap();
        self.write(Event::Other(Other { kind: kind.into(), fields }))
    }

    pub fn joins_roll(&mut self, person: &Id) -> u64 {
        self.carries("roll", json!({ "person": person.as_str(), "on": true }))
    }

    pub fn votes(&mut self, person: &Id) -> u64 {
        self.carries("ballot", json!({ "person": person.as_str() }))
    }

    pub fn tally(&self) -> Tally {
        tally(&self.entries)
    }

    /// The report of today.
    pub fn report(&self) -> Report {
        self.tally().report(TODAY, ROOT)
    }
}

pub fn tally(entries: &[Entry]) -> Tally {
    let mut tally = Tally::new();
    for entry in entries {
        tally.take(entry);
    }
    tally
}
