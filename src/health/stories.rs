//! Small ledgers of which every figure is known.
use super::{
    Report, Shape,
    graph::Measures,
    held::{
        HeldWord::{self, HeldBy, MemberOwned, Shared},
        Holder,
    },
    report::{Figure, Rate},
    samples::{ROOT, Story, TODAY, person},
    shape::Votes,
};
use crate::ledger::{
    Id,
    entry::{Mark, Side},
};

fn counts(rate: Rate) -> (u64, u64) {
    (rate.part, rate.of)
}

/// A web of that many people: each helps the next two.
fn ring(people: u32) -> Story {
    broad_ring(people, 2)
}

/// Each helps so many of those who come next.
fn broad_ring(people: u32, reach: u32) -> Story {
    let mut story = Story::new();
    story.days_ago(60);
    for number in 0..people {
        story.joins(&person(number));
    }
    story.days_ago(40);
    for number in 0..people {
        for step in 1..=reach {
            story.helps(&person(number), &person((number + step) % people));
        }
    }
    story
}

#[test]
fn a_ring_of_twenty_is_firmly_a_web_and_one_of_twelve_is_an_early_sign() {
    for (people, firm) in [(20, true), (12, false)] {
        let story = broad_ring(people, 3);
        let mut report = story.report();
        assert_eq!((report.form.shape, report.form.firm), (Shape::Web, false));
        report.settle(&story.tally().resampled(TODAY, ROOT));
        assert_eq!(report.form.firm && report.form.shape == Shape::Web, firm, "{:?}", report.form);
        let numbers = report.form.numbers.unwrap();
        assert_eq!(
            (numbers.tied_bp, numbers.connected_bp, numbers.core_bp),
            (10_000, 10_000, 10_000)
        );
    }
}

#[test]
fn under_twelve_people_no_share_is_told() {
    let report = broad_ring(11, 3).report();
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains("\"low\""), "{text}");
    assert!(report.form.numbers.is_none() && report.concentration.now.is_none());
    assert!(
        report.held.word.is_none() && report.held.holders.iter().all(|hold| hold.mean_bp.is_none())
    );
    let missing = report.missing.iter().find(|missing| missing.figure == Figure::Shape).unwrap();
    assert_eq!(missing.people, 1);
    assert!(missing.message().english().ends_with("when one more person takes part."));
    let lead = report.sentences().shape.first().unwrap().english();
    assert!(lead.starts_with("11 people took part"), "{lead}");
}

#[test]
fn staff_who_do_it_all_are_a_hub_and_one_party() {
    let mut story = Story::new();
    let staff: Vec<Id> = (100..103).map(person).collect();
    for one in &staff {
        story.marks(one, Mark::Staff, true);
    }
    story.days_ago(30);
    for number in 0..30 {
        story.helps(&staff[usize::try_from(number % 3).unwrap()], &person(number));
        story.helps(&staff[usize::try_from((number + 1) % 3).unwrap()], &person(number));
    }
    story.helps(&person(1), &person(2));
    // Among themselves it counts nowhere.
    story.helps(&staff[0], &staff[1]);
    let report = story.report();
    assert_eq!(report.totals.now.people, 30);
    assert_eq!((report.totals.now.receipts, report.totals.now.by_staff), (61, None));
    assert_eq!(report.form.shape, Shape::Hub);
    assert!(report.form.numbers.unwrap().largest_is_operator);
    assert_eq!(counts(report.rates.now.received), (1, 30));
    assert_eq!(counts(report.rates.now.received_from_staff_only.unwrap()), (29, 30));
    let largest = report.concentration.now.unwrap().by_party.largest.unwrap();
    assert_eq!(
        (largest.given, largest.holder),
        (60, Holder::Operator { domain: "oak.example".into() })
    );
    assert_eq!(report.held.word, Some(HeldWord::HeldBy));
}

#[test]
fn staff_stay_staff_for_the_window_and_cannot_leave_themselves_out() {
    let mut story = ring(20);
    let last = story.days_ago(39).helps(&person(100), &person(1));
    assert!(last > 0);
    story.days_ago(50).marks(&person(100), Mark::Staff, true);
    story.days_ago(20).marks(&person(100), Mark::Staff, false);
    story.marks(&person(100), Mark::OptedOut, true);
    let report = story.report();
    assert_eq!(report.totals.now.people, 20, "staff are not among them");
    assert_eq!(report.totals.now.receipts, 41);
}

#[test]
fn leaving_oneself_out_leaves_the_other_half() {
    let mut story = ring(20);
    story.marks(&person(0), Mark::OptedOut, true);
    let report = story.report();
    assert_eq!((report.totals.now.people, report.totals.now.receipts), (19, 36));
    assert_eq!(report.totals.now.half_counted, 4);
    assert_eq!(counts(report.rates.now.gave), (19, 19));
    assert_eq!(counts(report.rates.now.received), (19, 19));
}

#[test]
fn an_erased_receipt_leaves_a_half_that_makes_no_figure_larger() {
    let mut story = ring(20);
    let receipt = story.entries.last().unwrap().seq;
    story.erases(&[receipt]);
    story.keeps(receipt, Side::Helper, &person(19));
    let report = story.report();
    assert_eq!((report.totals.now.receipts, report.totals.now.half_kept), (39, 1));
}

#[test]
fn asks_replies_and_newcomers_are_followed() {
    let mut story = Story::new();
    let (ana, ben, cy) = (person(1), person(2), person(3));
    story.days_ago(80).joins(&ana);
    story.joins(&ben);
    story.marks(&cy, Mark::Staff, true);
    story.is_active(&ana);
    story.days_ago(70).is_active(&ana);
    // Answered after an hour and confirmed; confirmed too late; answered by staff alone; too young.
    story.days_ago(60).asks(&ana, "t1");
    story.at(TODAY.plus_days(-60).plus_secs(3_600)).answers(&ben, "t1");
    story.days_ago(53).helps_in(&ben, &ana, "t1");
    story.days_ago(50).asks(&ana, "t2");
    story.at(TODAY.plus_days(-43).plus_secs(1)).helps_in(&ben, &ana, "t2");
    story.days_ago(30).asks(&ben, "t3");
    story.at(TODAY.plus_days(-30).plus_secs(60)).answers(&cy, "t3");
    story.helps_in(&cy, &ben, "t3");
    story.days_ago(6).asks(&ben, "t4");
    let report = story.report();
    let rates = report.rates.now;
    assert_eq!(counts(rates.asks_confirmed), (1, 3));
    assert_eq!(rates.asks_confirmed_by_staff_only, None, "one is too few to tell");
    assert_eq!(counts(rates.newcomers_returned), (1, 2));
    assert_eq!(counts(rates.participation), (1, 2));
    let replies = report.replies.now;
    assert_eq!((replies.member.asks, replies.member.answered, replies.staff), (4, 1, None));
}

#[test]
fn who_could_take_it_away() {
    let mut story = ring(20);
    story.days_ago(5);
    for number in 0..10 {
        let elsewhere = Id(format!("https://elm.example/u/e{number}"));
        story.joins_roll(&elsewhere);
        story.joins_roll(&person(number));
    }
    for number in 0..5 {
        story.moderates(&person(number));
    }
    let held = story.report().held;
    let host = held.holders.first().unwrap();
    assert_eq!(host.holder, Holder::Operator { domain: "oak.example".into() });
    let parts = [host.roll_bp, host.help_bp, host.moderation_bp, host.ballots_bp];
    assert_eq!(parts, [Some(5_000), Some(0), Some(0), None]);
    assert_eq!((host.existence_bp, host.mean_bp), (10_000, Some(3_750)));
    assert_eq!(held.word, Some(HeldWord::Shared), "whoever can close it, holds it with them");
    story.carries("standby", serde_json::json!({ "host": "elm.example", "restored": true }));
    let held = story.report().held;
    assert_eq!(held.holders.first().map(|host| host.existence_bp), Some(5_000));
    assert_eq!(held.word, Some(HeldWord::MemberOwned));
}

#[test]
fn help_that_travels_is_told_from_help_that_returns() {
    let mut story = Story::new();
    // In a chain everybody is helped and then helps the next: nothing comes back, all is passed on.
    for number in 0..70_u32 {
        story.days_ago(170 - i64::from(number));
        story.helps(&person(number), &person(number + 1));
    }
    // Twenty pairs who only help each other.
    for number in 200..230_u32 {
        story.days_ago(80 - i64::from(number % 10)).helps(&person(number), &person(number + 100));
        story.days_ago(60 - i64::from(number % 10)).helps(&person(number + 100), &person(number));
    }
    let report = story.report();
    let generosity = report.generosity.now.unwrap();
    assert_eq!(counts(generosity.returned), (30, 60));
    assert_eq!(counts(generosity.unowed), (30, 60));
    assert_eq!(counts(generosity.passed_on), (69, 70));
    let chance = story.tally().resampled(TODAY, ROOT).returned.unwrap();
    assert!(chance.bp < 500 && chance.at_least == 0, "{chance:?}");
}

fn measures(n: u64, m: u64) -> Measures {
    Measures {
        people: n,
        receipts: m,
        ties: 100,
        tied: n,
        rest: 100,
        connected: 100,
        core: 100,
        ..Measures::default()
    }
}

#[test]
fn shapes_change_exactly_at_their_edges() {
    let web = measures(100, 200);
    assert_eq!(web.shape(), Shape::Web);
    let at = |change: &dyn Fn(&mut Measures)| {
        let mut changed = web;
        change(&mut changed);
        changed.shape()
    };
    assert_eq!(measures(11, 200).shape(), Shape::TooEarly);
    assert_eq!(measures(12, 200).shape(), Shape::Web);
    assert_eq!(at(&|m| m.tied = 39), Shape::Pool);
    assert_eq!(at(&|m| m.tied = 40), Shape::Web);
    let one_party = |m: &mut Measures, core, receipts| {
        (m.touched, m.core, m.receipts) = (50, core, receipts);
    };
    assert_eq!(at(&|m| one_party(m, 39, 200)), Shape::Hub);
    assert_eq!(at(&|m| one_party(m, 40, 200)), Shape::Between);
    assert_eq!(at(&|m| (m.touched, m.core) = (49, 39)), Shape::Between);
    assert_eq!(at(&|m| (m.given, m.core) = (100, 39)), Shape::Hub);
    assert_eq!(at(&|m| (m.given, m.core) = (99, 39)), Shape::Between);
    let small = |receipts| Measures { core: 0, given: 20, receipts, ..measures(12, 0) };
    assert_eq!((small(20).shape(), small(19).shape()), (Shape::Hub, Shape::TooEarly));
    assert_eq!(at(&|m| m.connected = 39), Shape::Pool);
    assert_eq!(at(&|m| m.connected = 40), Shape::Between);
    assert_eq!(at(&|m| m.connected = 59), Shape::Between);
    assert_eq!(at(&|m| m.connected = 60), Shape::Web);
    assert_eq!(at(&|m| m.core = 39), Shape::Between);
    assert_eq!(at(&|m| m.core = 40), Shape::Web);
    assert_eq!(at(&|m| m.touched = 50), Shape::Between);
    assert_eq!(
        (measures(100, 99).shape(), measures(100, 100).shape()),
        (Shape::TooEarly, Shape::Web)
    );
    assert_eq!((measures(12, 29).shape(), measures(12, 30).shape()), (Shape::TooEarly, Shape::Web));
    let enough = |n, m| measures(n, m).enough();
    assert_eq!([enough(20, 40), enough(19, 40), enough(20, 39)], [true, false, false]);
}

#[test]
fn seventy_of_a_hundred_must_agree() {
    let votes = |web| Votes { web, between: 100 - web, ..Votes::default() };
    assert_eq!(votes(70).settle(Shape::Web), Shape::Web);
    assert_eq!(votes(69).settle(Shape::Web), Shape::Between);
    assert_eq!(votes(0).settle(Shape::TooEarly), Shape::TooEarly);
}

#[test]
fn words_of_who_holds_it_change_at_their_edges() {
    let words = [(3_999, 0), (3_999, 10_000), (4_000, 0), (6_000, 0), (6_001, 0)];
    assert_eq!(
        words.map(|(mean, existence)| HeldWord::of(mean, existence)),
        [MemberOwned, Shared, Shared, Shared, HeldBy]
    );
}

#[test]
fn a_report_is_not_settled_by_what_belongs_to_another() {
    let story = ring(20);
    let mut report: Report = story.report();
    let before = report.clone();
    report.settle(&story.tally().resampled(TODAY.plus_days(1), ROOT));
    assert_eq!(report, before);
}
