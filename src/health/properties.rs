//! What holds for the report of any ledger.
use proptest::{collection::vec, prelude::*};

use super::{
    Report, Tally,
    dice::Dice,
    samples::{DAY, ROOT, Story, TODAY, tally},
};
use crate::{
    ledger::{
        Entry, Event, Hash, Id,
        entry::{Erased, Mark, Other, Receipt, Side, Undoer, Via},
    },
    types::Time,
};

/// Fewer in everyday tests than in the long ones.
fn cases() -> u32 {
    if std::env::var("COMMONHOLD_LONG").is_ok() { 2_000 } else { 48 }
}

/// One thing that happens: how long after the one before, to whom, and what.
type Step = (i64, u32, u32, u32);

const PEOPLE: u32 = 40;
const SERVERS: [&str; 4] = ["oak.example", "elm.example", "ash.example", "fir.example"];

fn someone(number: u32) -> Id {
    let server = SERVERS[usize::try_from(number).unwrap() % SERVERS.len()];
    Id(format!("https://{server}/u/p{number}"))
}

fn thread(number: u32) -> String {
    format!("https://oak.example/p/{}", number % 40)
}

/// A ledger in which all kinds of things happen to 40 people, most of them help.
fn ledger(steps: &[Step]) -> Story {
    let mut story = Story::new();
    // It ends today, however long it is; an eighth of a day is the step of its time.
    let long: i64 = steps.iter().map(|(wait, ..)| wait * DAY / 8).sum();
    let mut at = Time(TODAY.0 - long);
    for (wait, a, b, what) in steps {
        at = Time(at.0 + wait * DAY / 8);
        story.at(at);
        let (one, other) = (someone(*a), someone(*b));
        match what {
            0..=3 => story.joins(&one),
            4 => story.marks(&one, Mark::Staff, b % 3 > 0),
            5 => story.marks(&one, Mark::Bot, b % 2 > 0),
            6 => story.marks(&one, Mark::OptedOut, b % 2 > 0),
            7..=10 | 40..=60 => story.is_active(&one),
            11..=13 => {
                let thread = Id(thread(*b));
                story.write(Event::Thread { thread, by: one, ask: b % 3 > 0, first: b % 3 < 2 })
            }
            14..=19 => story.answers(&one, &thread(*b)),
            20 => story.moderates(&one),
            21 => story.joins_roll(&one),
            22 => story.votes(&one),
            23 => story.write(Event::Left { person: one }),
            24..=39 => story.helps_in(&one, &other, &thread(a + b)),
            _ => story.helps(&one, &other),
        };
    }
    story
}

fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    vec((0..6_i64, 0..PEOPLE, 0..PEOPLE, 0..120_u32), 0..count)
}

/// The report, without how many entries it rests on.
fn figures(story: &Story) -> Report {
    Report { size: 0, ..story.report() }
}

fn receipts(story: &Story) -> Vec<usize> {
    let all = story.entries.iter().enumerate();
    all.filter(|(_, entry)| matches!(entry.event, Event::Receipt(_))).map(|(i, _)| i).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn an_undone_receipt_is_as_if_it_never_was(steps in steps(700), which: prop::sample::Index) {
        let with = ledger(&steps);
        let receipts = receipts(&with);
        prop_assume!(!receipts.is_empty());
        let place = receipts[which.index(receipts.len())];
        let mut without = with.clone();
        let receipt = without.entries.remove(place);
        let mut undone = with;
        undone.undoes(receipt.seq);
        prop_assert_eq!(figures(&undone), figures(&without));
    }

    #[test]
    fn what_is_erased_is_as_if_it_was_never_read(
        steps in steps(700),
        gone in vec(any::<prop::sample::Index>(), 1..40),
        undo: prop::sample::Index,
    ) {
        let mut story = ledger(&steps);
        let receipts = receipts(&story);
        if !receipts.is_empty() {
            story.undoes(story.entries[receipts[undo.index(receipts.len())]].seq);
        }
        let last = story.entries.len();
        let gone: Vec<usize> =
            gone.iter().map(|index| index.index(last)).filter(|index| *index > 0).collect();
        let seqs: Vec<u64> = gone.iter().map(|index| story.entries[*index].seq).collect();
        story.erases(&seqs);
        // A reader who comes later never sees them.
        let read = |(index, _): &(usize, &Entry)| !gone.contains(index);
        let left: Vec<Entry> =
            story.entries.iter().enumerate().filter(read).map(|(_, entry)| entry.clone()).collect();
        prop_assert_eq!(story.report(), tally(&left).report(TODAY, ROOT));
        prop_assert_eq!(story.tally().resampled(TODAY, ROOT), tally(&left).resampled(TODAY, ROOT));
    }

    #[test]
    fn the_order_of_what_happens_at_once_does_not_matter(
        help in vec((0..80_i64, vec((0..12_u32, 0..12_u32), 1..5)), 0..60),
    ) {
        let told = |reversed: bool| {
            let mut story = Story::new();
            let mut days: Vec<_> = help.clone();
            days.sort_by_key(|(days_ago, _)| -days_ago);
            days.dedup_by_key(|(days_ago, _)| *days_ago);
            for (days_ago, mut pairs) in days {
                story.days_ago(days_ago);
                if reversed {
                    pairs.reverse();
                }
                for (a, b) in pairs {
                    story.helps(&someone(a), &someone(b));
                    story.is_active(&someone(a + b));
                }
            }
            figures(&story)
        };
        prop_assert_eq!(told(false), told(true));
    }

    #[test]
    fn names_do_not_matter(steps in steps(700), turn in 1..6_u32) {
        // Everybody takes the name of somebody else on their server.
        let renamed: Vec<Step> = steps
            .iter()
            .map(|(wait, a, b, what)| {
                let marked_or_threads = (4..=6).contains(what) || (11..=19).contains(what);
                let b_is_a_person = !marked_or_threads;
                let turned = |who: &u32| (who + 4 * turn) % PEOPLE;
                (*wait, turned(a), if b_is_a_person { turned(b) } else { *b }, *what)
            })
            .collect();
        // Threads are named after people in `ledger`; turned twice they are others, but as many.
        let (one, other) = (ledger(&without_threads(&steps)), ledger(&without_threads(&renamed)));
        prop_assert_eq!(one.report(), other.report());
        prop_assert_eq!(one.tally().resampled(TODAY, ROOT), other.tally().resampled(TODAY, ROOT));
    }

    #[test]
    fn what_is_too_old_for_every_figure_is_let_go(
        steps in steps(300),
        old in vec((0..PEOPLE, 0..PEOPLE), 0..30),
    ) {
        let young = ledger(&steps);
        let mut story = Story::new();
        story.days_ago(2_000);
        for (a, b) in old {
            story.helps(&someone(a), &someone(b));
            story.asks(&someone(a), "https://oak.example/p/old");
        }
        for entry in &young.entries {
            story.at(entry.at).write(entry.event.clone());
        }
        prop_assert_eq!(figures(&story), figures(&young));
    }

    #[test]
    fn nothing_in_a_ledger_makes_it_panic(
        entries in vec((any::<u64>(), any::<i64>(), event()), 0..80),
        as_of: i64,
        root: [u8; 32],
    ) {
        let mut tally = Tally::new();
        for (seq, at, event) in entries {
            let at = if seq % 2 == 0 { at } else { TODAY.0.saturating_sub(at % (700 * DAY)) };
            tally.take(&Entry { seq: seq % 100, at: Time(at), event });
        }
        for as_of in [Time(as_of), TODAY, Time(i64::MIN), Time(i64::MAX)] {
            let mut report = tally.report(as_of, Hash(root));
            report.settle(&tally.resampled(as_of, Hash(root)));
            let text = serde_json::to_string(&report).unwrap();
            prop_assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
        }
    }
}

fn without_threads(steps: &[Step]) -> Vec<Step> {
    steps.iter().filter(|step| !matches!(step.3, 11..=19 | 24..=39)).copied().collect()
}

fn event() -> impl Strategy<Value = Event> {
    let who = (0..20_u32).prop_map(someone);
    let time = any::<i64>().prop_map(Time);
    prop_oneof![
        any::<String>().prop_map(|host| Event::Opened {
            group: "g".into(),
            key: String::new(),
            host
        }),
        (who.clone(), time).prop_map(|(person, known_since)| Event::Joined { person, known_since }),
        who.clone().prop_map(|person| Event::Left { person }),
        (who.clone(), 0..3, any::<bool>(), any::<Option<String>>()).prop_map(
            |(person, mark, on, operator)| {
                let mark = [Mark::Bot, Mark::Staff, Mark::OptedOut][usize::try_from(mark).unwrap()];
                Event::Marked { person, mark, on, operator }
            }
        ),
        (who.clone(), any::<u32>()).prop_map(|(person, week)| Event::Active { person, week }),
        (0..9_u32, who.clone(), any::<[bool; 2]>()).prop_map(|(number, by, [ask, first])| {
            Event::Thread { thread: Id(thread(number)), by, ask, first }
        }),
        (0..9_u32, who.clone())
            .prop_map(|(number, by)| Event::Answered { thread: Id(thread(number)), by }),
        (0..9_u32, who.clone(), who.clone()).prop_map(|(number, helper, receiver)| {
            Event::Receipt(Receipt {
                receipt: String::new(),
                thread: Id(thread(number)),
                reply: None,
                helper,
                receiver,
                via: Via::Post,
                stamp: None,
                row: ROOT,
            })
        }),
        (0..100_u64).prop_map(|receipt| Event::Undone { receipt, by: Undoer::Host }),
        (any::<u64>(), who.clone()).prop_map(|(receipt, person)| Event::Kept {
            receipt,
            side: Side::Helper,
            person
        }),
        vec(0..100_u64, 0..9).prop_map(|entries| Event::Erased(Erased {
            entries,
            person_hash: ROOT,
            request: None
        })),
        ("roll|ballot|standby|move", who, any::<bool>()).prop_map(|(kind, who, on)| {
            let fields =
                serde_json::json!({ "person": who.0, "on": on, "host": "x", "restored": on });
            let serde_json::Value::Object(fields) = fields else { unreachable!() };
            Event::Other(Other { kind, fields })
        }),
    ]
}

#[test]
fn such_ledgers_fill_every_figure() {
    let mut dice = Dice::seeded(1);
    let mut below = |end| u32::try_from(dice.below(end)).unwrap();
    let steps: Vec<Step> = (0..700)
        .map(|_| (i64::from(below(6)), below(PEOPLE.into()), below(PEOPLE.into()), below(120)))
        .collect();
    let report = ledger(&steps).report();
    assert!(report.totals.now.people >= 12 && report.totals.now.receipts >= 30, "{report:?}");
    assert!(report.form.numbers.is_some() && report.concentration.now.is_some());
    assert!(report.generosity.now.is_some() && report.held.word.is_some(), "{report:?}");
    assert!(
        report.rates.now.asks_confirmed.of > 0 && report.replies.now.member.answered > 0,
        "{report:?}"
    );
    assert!(report.rates.now.newcomers_returned.of > 0, "{report:?}");
    assert!(report.totals.now.half_counted > 0);
}
