//! The rules of receipts (R3, R4), applied again to what a ledger says: people, marks, caps.
//!
//! Kept are the people, some seventy bytes for each receipt, and the pairs of ninety days.
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};

use crate::{
    ledger::{
        Id,
        entry::{Event, Mark, Receipt, Undoer},
    },
    types::Time,
};

/// Receipts of one pair: one in these days ..
const PAIR_DAYS: i64 = 7;
/// .. and three in these.
const PAIR_LONG_DAYS: i64 = 90;
const PAIR_LONG_MAX: usize = 3;
/// Receipts one receiver gives out in a day.
const RECEIVER_DAY_MAX: usize = 5;
/// How long thanks may be taken back, days.
const UNDO_DAYS: i64 = 30;
/// What holds until the first charter.
const MIN_ACCOUNT_AGE_DAYS: u32 = 3;
/// After so many receipts pairs of long ago are forgotten.
const SWEEP: usize = 1 << 14;

/// A person of the ledger, by the order in which they appear.
type Person = u32;

#[derive(Default)]
struct Standing {
    /// When the node first saw them; for members.
    member_since: Option<Time>,
    bot: bool,
    opted_out: bool,
    /// When they said thanks in the last day.
    given: VecDeque<Time>,
}

/// A receipt that was counted.
struct Counted {
    seq: u64,
    at: Time,
    receiver: Person,
    helper: Person,
    /// Thread and pair, hashed.
    place: u64,
    undone: bool,
}

/// All that is needed to judge the next entry.
pub(super) struct Rules {
    names: HashMap<Id, Person>,
    people: Vec<Standing>,
    receipts: Vec<Counted>,
    /// Threads and pairs with a receipt that stands.
    places: HashSet<u64>,
    pairs: HashMap<(Person, Person), Vec<Time>>,
    min_account_age_days: i64,
    hasher: RandomState,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            names: HashMap::new(),
            people: Vec::new(),
            receipts: Vec::new(),
            places: HashSet::new(),
            pairs: HashMap::new(),
            min_account_age_days: MIN_ACCOUNT_AGE_DAYS.into(),
            hasher: RandomState::new(),
        }
    }
}

impl Rules {
    /// Takes an entry in; says why the rules do not allow it.
    ///
    /// `erased` says whether an entry was.
    pub fn take(
        &mut self,
        seq: u64,
        at: Time,
        event: &Event,
        erased: impl Fn(u64) -> bool,
    ) -> Result<(), &'static str> {
        match event {
            Event::Charter(charter) => {
                self.min_account_age_days = charter.parameters.min_account_age_days.into();
                Ok(())
            }
            Event::Joined { person, known_since } => {
                let known_since = *known_since;
                self.person(person, |it| it.member_since = Some(known_since));
                if known_since <= at { Ok(()) } else { Err("an account seen before it was seen") }
            }
            Event::Left { person } => {
                self.person(person, |it| it.member_since = None);
                Ok(())
            }
            Event::Marked { person, mark, on, .. } => {
                match mark {
                    Mark::Bot => self.person(person, |it| it.bot = *on),
                    Mark::OptedOut => self.person(person, |it| it.opted_out = *on),
                    Mark::Staff => {}
                }
                Ok(())
            }
            Event::Active { week, .. } => {
                let past = i64::from(*week) <= week_of(at);
                if past { Ok(()) } else { Err("somebody was active in a week to come") }
            }
            Event::Receipt(receipt) => self.receipt(seq, at, receipt),
            Event::Undone { receipt, by } => self.undone(seq, at, *receipt, *by, &erased),
            Event::Kept { receipt, .. } => {
                let gone = *receipt < seq && erased(*receipt);
                if gone { Ok(()) } else { Err("the half of a receipt that was not erased") }
            }
            Event::Opened { .. }
            | Event::Key { .. }
            | Event::Thread { .. }
            | Event::Answered { .. }
            | Event::Uncounted { .. }
            | Event::Steward { .. }
            | Event::Act { .. }
            | Event::Operator { .. }
            | Event::Erased(_)
            | Event::Restored { .. }
            | Event::Other(_) => Ok(()),
        }
    }

    fn named(&mut self, id: &Id) -> Person {
        if let Some(person) = self.names.get(id) {
            return *person;
        }
        // More people than there are on earth are one.
        let person = Person::try_from(self.people.len()).unwrap_or(Person::MAX);
        self.names.insert(id.clone(), person);
        self.people.push(Standing::default());
        person
    }

    fn at(&mut self, person: Person) -> Option<&mut Standing> {
        usize::try_from(person).ok().and_then(|at| self.people.get_mut(at))
    }

    fn person(&mut self, id: &Id, change: impl FnOnce(&mut Standing)) {
        let person = self.named(id);
        if let Some(standing) = self.at(person) {
            change(standing);
        }
    }

    fn receipt(&mut self, seq: u64, at: Time, receipt: &Receipt) -> Result<(), &'static str> {
        let Receipt { helper, receiver, thread, .. } = receipt;
        let (receiver, helper) = (self.named(receiver), self.named(helper));
        let place = self.hasher.hash_one((thread, receiver, helper));
        let judged = self.judge(at, receiver, helper, place);
        // Counted is counted: what follows is judged as the group's node judged it.
        self.receipts.push(Counted { seq, at, receiver, helper, place, undone: false });
        self.places.insert(place);
        self.pairs.entry((receiver, helper)).or_default().push(at);
        if let Some(standing) = self.at(receiver) {
            standing.given.push_back(at);
        }
        if self.receipts.len().is_multiple_of(SWEEP) {
            let since = at.plus_days(-PAIR_LONG_DAYS);
            self.pairs.retain(|_, times| times.last().is_some_and(|last| *last > since));
        }
        judged
    }

    fn judge(
        &mut self,
        at: Time,
        receiver: Person,
        helper: Person,
        place: u64,
    ) -> Result<(), &'static str> {
        if receiver == helper {
            return Err("help for oneself is counted");
        }
        let oldest = at.plus_days(-self.min_account_age_days);
        for person in [receiver, helper] {
            let Some(Standing { bot, opted_out, .. }) = self.at(person) else { continue };
            if *bot {
                return Err("a receipt of a bot is counted");
            }
            if *opted_out {
                return Err("a receipt of somebody who opted out is counted");
            }
        }
        let Some(Standing { member_since, given, .. }) = self.at(receiver) else { return Ok(()) };
        match member_since {
            None => return Err("the receiver is no member"),
            Some(since) if *since > oldest => return Err("the receiver's account is too new"),
            Some(_) => {}
        }
        while given.front().is_some_and(|time| *time <= at.plus_days(-1)) {
            given.pop_front();
        }
        let today = given.len();
        if self.places.contains(&place) {
            return Err("a second receipt of one pair in one thread is counted");
        }
        let times = self.pairs.entry((receiver, helper)).or_default();
        times.retain(|time| *time > at.plus_days(-PAIR_LONG_DAYS));
        if times.iter().any(|time| *time > at.plus_days(-PAIR_DAYS)) {
            return Err("a second receipt of one pair in seven days is counted");
        }
        if times.len() >= PAIR_LONG_MAX {
            return Err("a fourth receipt of one pair in ninety days is counted");
        }
        if today >= RECEIVER_DAY_MAX {
            return Err("a sixth receipt by one receiver in one day is counted");
        }
        Ok(())
    }

    fn undone(
        &mut self,
        seq: u64,
        at: Time,
        receipt: u64,
        by: Undoer,
        erased: &impl Fn(u64) -> bool,
    ) -> Result<(), &'static str> {
        let found = self.receipts.binary_search_by_key(&receipt, |counted| counted.seq).ok();
        let Some(found) = found.and_then(|found| self.receipts.get_mut(found)) else {
            let gone = receipt < seq && erased(receipt);
            return if gone { Ok(()) } else { Err("what it takes back is no receipt") };
        };
        if found.undone {
            return Err("a receipt is taken back twice");
        }
        found.undone = true;
        let Counted { at: then, receiver, helper, place, .. } = *found;
        self.places.remove(&place);
        if let Some(times) = self.pairs.get_mut(&(receiver, helper)) {
            forget(times, then);
        }
        if let Some(standing) = self.at(receiver)
            && let Some(given) = standing.given.iter().position(|time| *time == then)
        {
            standing.given.remove(given);
        }
        if by == Undoer::Receiver && at > then.plus_days(UNDO_DAYS) {
            return Err("a receipt is taken back after more than thirty days");
        }
        Ok(())
    }
}

fn forget(times: &mut Vec<Time>, then: Time) {
    if let Some(at) = times.iter().position(|time| *time == then) {
        times.remove(at);
    }
}

/// Whole weeks since Monday 1970-01-05.
fn week_of(at: Time) -> i64 {
    at.plus_days(-4).0.div_euclid(7 * 86_400_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{
        Hash,
        entry::{Side, Via},
    };

    const START: Time = Time(1_772_359_200_000);

    fn joined(person: &str) -> Event {
        Event::Joined { person: person.into(), known_since: START.plus_days(-3) }
    }

    fn thanks(receiver: &str, helper: &str, thread: &str) -> Event {
        Event::Receipt(Receipt {
            receipt: "1".into(),
            thread: thread.into(),
            reply: None,
            helper: helper.into(),
            receiver: receiver.into(),
            via: Via::Button,
            stamp: None,
            row: Hash([0; 32]),
        })
    }

    /// Each event at so many hours after the start; what is found wrong with the last.
    fn last(story: &[(i64, Event)]) -> Result<(), &'static str> {
        let mut rules = Rules::default();
        let mut judged = Ok(());
        for (seq, (hours, event)) in (0..).zip(story) {
            assert_eq!(judged, Ok(()), "before {seq}");
            judged = rules.take(seq, START.plus_secs(hours * 3600), event, |seq| seq == 1_000);
        }
        judged
    }

    fn undone(receipt: u64, by: Undoer) -> Event {
        Event::Undone { receipt, by }
    }

    #[test]
    fn who_may_not_is_found() {
        let ana = || (0, joined("ana"));
        let mark = |person: &str, mark| {
            (0, Event::Marked { person: person.into(), mark, on: true, operator: None })
        };
        let thank = (0, thanks("ana", "ben", "t"));
        assert_eq!(last(&[ana(), thank.clone()]), Ok(()));
        assert!(last(std::slice::from_ref(&thank)).is_err(), "no member");
        assert!(last(&[ana(), (0, Event::Left { person: "ana".into() }), thank.clone()]).is_err());
        assert!(last(&[ana(), (0, thanks("ana", "ana", "t"))]).is_err());
        assert!(last(&[ana(), mark("ben", Mark::Bot), thank.clone()]).is_err());
        assert!(last(&[ana(), mark("ana", Mark::OptedOut), thank.clone()]).is_err());
        assert_eq!(last(&[ana(), mark("ben", Mark::Staff), thank.clone()]), Ok(()));
        let new = Event::Joined { person: "ana".into(), known_since: Time(START.0 - 259_199_999) };
        assert!(last(&[(0, new), thank]).is_err(), "a millisecond less than three days");
        let early = Event::Joined { person: "ana".into(), known_since: START.plus_secs(1) };
        assert!(last(&[(0, early)]).is_err());
    }

    #[test]
    fn the_caps_hold_to_the_hour() {
        let ana = || (0, joined("ana"));
        let to =
            |hours: i64, helper: &str| (hours, thanks("ana", helper, &format!("{helper}{hours}")));
        let week = 7 * 24;
        assert!(last(&[ana(), to(0, "ben"), to(week - 1, "ben")]).is_err());
        assert_eq!(last(&[ana(), to(0, "ben"), to(week, "ben")]), Ok(()));
        let again = (week, thanks("ana", "ben", "ben0"));
        assert!(last(&[ana(), to(0, "ben"), again.clone()]).is_err(), "the same thread");
        let back = (1, undone(1, Undoer::Receiver));
        assert_eq!(last(&[ana(), to(0, "ben"), back, again]), Ok(()));
        let three = [ana(), to(0, "ben"), to(week, "ben"), to(2 * week, "ben")];
        let and = |more: (i64, Event)| [three.as_slice(), &[more]].concat();
        assert!(last(&and(to(90 * 24 - 1, "ben"))).is_err());
        assert_eq!(last(&and(to(90 * 24, "ben"))), Ok(()));
        let five: Vec<_> = ["b", "c", "d", "e", "f"].iter().map(|helper| to(0, helper)).collect();
        let and = |more: (i64, Event)| [vec![ana()], five.clone(), vec![more]].concat();
        assert!(last(&and(to(23, "g"))).is_err());
        assert_eq!(last(&and(to(24, "g"))), Ok(()));
    }

    #[test]
    fn what_is_taken_back_was_there_and_is_not_old() {
        let given = [(0, joined("ana")), (0, thanks("ana", "ben", "t"))];
        let and = |hours: i64, event: Event| [given.as_slice(), &[(hours, event)]].concat();
        assert_eq!(last(&and(30 * 24, undone(1, Undoer::Receiver))), Ok(()));
        assert!(last(&and(30 * 24 + 1, undone(1, Undoer::Receiver))).is_err());
        assert_eq!(last(&and(999 * 24, undone(1, Undoer::Helper))), Ok(()));
        assert!(last(&and(0, undone(0, Undoer::Host))).is_err(), "no receipt");
        assert!(last(&and(0, undone(7, Undoer::Host))).is_err(), "not there yet");
        let twice = [and(0, undone(1, Undoer::Host)), vec![(0, undone(1, Undoer::Host))]].concat();
        assert!(last(&twice).is_err());
        let kept = |receipt| Event::Kept { receipt, side: Side::Helper, person: "ben".into() };
        assert!(last(&and(0, kept(1))).is_err(), "not erased");
    }

    #[test]
    fn weeks_begin_on_monday() {
        let week = |text: &str| week_of(Time::parse(text).unwrap());
        assert_eq!(week("1970-01-05T00:00:00Z"), 0);
        assert_eq!(week("1970-01-11T23:59:59Z"), 0);
        assert_eq!(week("1970-01-04T23:59:59Z"), -1);
        assert_eq!(week("2026-03-02T00:00:00Z") - week("2026-03-01T23:59:59Z"), 1);
    }
}
