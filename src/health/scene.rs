//! One window of time: who took part, and who helped whom.
use super::{
    graph,
    people::{Person, Server, Who},
    report::Window,
    tally::{Key, Row, Tally, Thread, What},
};
use crate::types::Time;

/// How somebody is counted in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// As a person, their own party.
    Person,
    /// As one of this operator's staff.
    Staff(Server),
    /// Not at all: a program, or left out by their own wish.
    Out,
}

/// Help that counts: between two different parties, at least one of them not staff.
#[derive(Clone, Copy, Debug)]
pub struct Help {
    /// When it was confirmed.
    pub at: Time,
    /// Who helped.
    pub giver: Who,
    /// Who was helped.
    pub taker: Who,
    /// The helper's operator, if they are staff.
    pub giver_staff: Option<Server>,
    /// The other one's.
    pub taker_staff: Option<Server>,
    /// The thread in which it was given.
    pub thread: Key,
    /// It carries a signature of who was helped, by a key that the group's server does not hold.
    pub proof: bool,
}

/// What somebody did in a window.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts, each true or not by itself")]
pub struct Part {
    /// Took part at all.
    pub active: bool,
    /// Helped somebody.
    pub gave: bool,
    /// Was helped by a person.
    pub received: bool,
    /// Was helped by staff.
    pub received_from_staff: bool,
}

/// What a window shows.
pub struct Scene<'a> {
    /// Where it comes from.
    pub tally: &'a Tally,
    /// From when to when.
    pub window: Window,
    /// How each person is counted.
    pub classes: Vec<Class>,
    /// What each person did.
    pub parts: Vec<Part>,
    /// All help that counts, in the ledger's order.
    pub help: Vec<Help>,
    /// Receipts of which one side is left out of counts by their own wish.
    pub half: u64,
}

/// Reads a list by a person's or thread's number.
pub fn pick<T: Copy>(list: &[T], number: u32) -> Option<T> {
    usize::try_from(number).ok().and_then(|index| list.get(index)).copied()
}

fn touch(parts: &mut [Part], who: Who, change: impl Fn(&mut Part)) {
    if let Some(part) = usize::try_from(who).ok().and_then(|index| parts.get_mut(index)) {
        change(part);
    }
}

impl<'a> Scene<'a> {
    /// The window of that many days up to `end`. Wishes to be left out hold as of `as_of`, for
    /// every window.
    pub fn new(tally: &'a Tally, window: Window, as_of: Time) -> Self {
        let class = |person: &Person| classify(person, window, as_of);
        let classes: Vec<Class> = tally.people.iter().map(|(_, person)| class(person)).collect();
        let parts = vec![Part::default(); classes.len()];
        let mut scene = Self { tally, window, classes, parts, help: Vec::new(), half: 0 };
        scene.see_deeds();
        for row in tally.receipts_in(window) {
            scene.see_help(row);
        }
        scene
    }

    /// How somebody is counted.
    pub fn class(&self, who: Who) -> Class {
        pick(&self.classes, who).unwrap_or(Class::Out)
    }

    /// Somebody is counted as a person.
    pub fn is_person(&self, who: Who) -> bool {
        self.class(who) == Class::Person
    }

    /// Reads a receipt as help between parties, if it counts.
    pub fn read(&self, row: &Row) -> Option<Help> {
        let staff = |who| match self.class(who) {
            Class::Person => Some(None),
            Class::Staff(operator) => Some(Some(operator)),
            Class::Out => None,
        };
        let (giver_staff, taker_staff) = (staff(row.helper)?, staff(row.receiver)?);
        (giver_staff.is_none() || taker_staff.is_none()).then_some(Help {
            at: row.at,
            giver: row.helper,
            taker: row.receiver,
            giver_staff,
            taker_staff,
            thread: row.thread,
            proof: row.proof,
        })
    }

    fn see_deeds(&mut self) {
        let present = self.tally.deeds_in(self.window);
        for deed in present.filter(|deed| deed.what != What::Moderated) {
            touch(&mut self.parts, deed.who, |part| part.active = true);
        }
        for thread in self.tally.threads_in(self.window) {
            touch(&mut self.parts, thread.by, |part| part.active = true);
        }
    }

    fn see_help(&mut self, row: &Row) {
        for who in [row.helper, row.receiver] {
            touch(&mut self.parts, who, |part| part.active = true);
        }
        let wishes = |who| {
            let person = self.tally.people.get(who);
            self.class(who) == Class::Out && !person.is_some_and(|p| p.bot(self.window.to))
        };
        if let Some(help) = self.read(row) {
            self.help.push(help);
            touch(&mut self.parts, row.helper, |part| part.gave = true);
            let by_staff = help.giver_staff.is_some();
            touch(&mut self.parts, row.receiver, |part| {
                part.received |= !by_staff;
                part.received_from_staff |= by_staff;
            });
        } else if self.is_person(row.helper) && wishes(row.receiver) {
            self.half += 1;
            touch(&mut self.parts, row.helper, |part| part.gave = true);
        } else if self.is_person(row.receiver) && wishes(row.helper) {
            self.half += 1;
            touch(&mut self.parts, row.receiver, |part| part.received = true);
        }
    }

    /// Active people, by number, with what they did.
    pub fn people(&self) -> impl Iterator<Item = (Who, Part)> {
        let everybody = (0..).zip(self.classes.iter().zip(&self.parts));
        everybody
            .filter(|(_, (class, part))| **class == Class::Person && part.active)
            .map(|(who, (_, part))| (who, *part))
    }

    /// Threads begun by people in the window.
    pub fn threads(&self) -> impl Iterator<Item = &Thread> {
        let in_window = self.tally.threads_in(self.window);
        in_window.filter(|thread| self.is_person(thread.by))
    }

    /// A person's or operator's number among all parties: operators follow the people.
    pub fn party(&self, who: Who, staff: Option<Server>) -> u32 {
        staff.map_or(who, |operator| self.tally.people.count().saturating_add(operator))
    }

    /// The graph of the window's help: active people first, then the operators in it.
    pub fn graph(&self) -> (graph::Parties, Vec<graph::Help>) {
        let count = self.tally.people.count();
        let size = usize::try_from(count.saturating_add(self.tally.people.servers())).unwrap_or(0);
        let mut numbers = vec![u32::MAX; size];
        let mut people = 0;
        for (who, _) in self.people() {
            name(&mut numbers, who, &mut people);
        }
        let mut all = people;
        let mut help = Vec::with_capacity(self.help.len());
        for one in &self.help {
            let giver = name(&mut numbers, self.party(one.giver, one.giver_staff), &mut all);
            let taker = name(&mut numbers, self.party(one.taker, one.taker_staff), &mut all);
            help.push((giver, taker));
        }
        (graph::Parties { people, all }, help)
    }
}

/// The new number of what had another one; the next free one if it has none yet.
fn name(numbers: &mut [u32], old: u32, next: &mut u32) -> u32 {
    let Some(place) = usize::try_from(old).ok().and_then(|index| numbers.get_mut(index)) else {
        return u32::MAX;
    };
    if *place == u32::MAX {
        *place = *next;
        *next += 1;
    }
    *place
}

/// Staff come first: an operator's share does not vanish because its people wish to be left out.
fn classify(person: &Person, window: Window, as_of: Time) -> Class {
    if person.bot(window.to) {
        Class::Out
    } else if let Some(operator) = person.staff(window.from, window.to) {
        Class::Staff(operator)
    } else if person.opted_out(as_of) {
        Class::Out
    } else {
        Class::Person
    }
}
