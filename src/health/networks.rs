//! Networks of people that many have studied, taken as receipts: what the report says of them.
//!
//! A line of the files is a tie: two names and, where it is known, how strong it is. Of a tie of
//! strength w as many receipts are made as the caps of 90 days let through (three each way at
//! most), by turns in both directions, the first named helping first; on the days 85, 71, 57, 43,
//! 29 and 15 before the report, all ties alike.
use super::{
    Report, Shape, Tally,
    samples::{ROOT, Story, TODAY},
};
use crate::ledger::Id;

const KARATE: &str = include_str!("networks/karate.txt");
const LES_MISERABLES: &str = include_str!("networks/les_miserables.txt");
const SOUTHERN_WOMEN: &str = include_str!("networks/southern_women.txt");

/// Everybody has a server of their own, so that nothing but the ties counts.
fn id(name: &str) -> Id {
    Id(format!("https://{}.example/u/me", name.to_lowercase()))
}

fn ties(text: &str) -> Vec<(&str, &str, usize)> {
    text.lines()
        .map(|line| {
            let mut words = line.split_whitespace();
            let mut next = || words.next();
            let (one, other) = (next().unwrap(), next().unwrap());
            (one, other, next().map_or(1, |strength| strength.parse().unwrap()))
        })
        .collect()
}

fn told(ties: &[(&str, &str, usize)]) -> Tally {
    let mut story = Story::new();
    for (turn, day) in [85, 71, 57, 43, 29, 15].into_iter().enumerate() {
        story.days_ago(day);
        for (one, other, _) in ties.iter().filter(|(_, _, strength)| *strength > turn) {
            let (helper, receiver) = if turn % 2 == 0 { (one, other) } else { (other, one) };
            story.helps(&id(helper), &id(receiver));
        }
    }
    story.tally()
}

fn report(name: &str, ties: &[(&str, &str, usize)]) -> Report {
    let tally = told(ties);
    let mut report = tally.report(TODAY, ROOT);
    report.settle(&tally.resampled(TODAY, ROOT));
    let (numbers, totals) = (report.form.numbers.unwrap(), report.totals.now);
    let said = report.sentences();
    let sentences: Vec<String> =
        said.shape.iter().chain(&said.concentration).map(super::words::Message::english).collect();
    eprintln!(
        "{name}: {:?}, firm {}, n {}, m {}, c {}, Dom {}, L {}, K {}, {:?}, {:?}\n  {}",
        report.form.shape,
        report.form.firm,
        totals.people,
        totals.receipts,
        numbers.tied_bp,
        numbers.largest_bp,
        numbers.connected_bp,
        numbers.core_bp,
        report.form.resamples.unwrap(),
        report.concentration.now.as_ref().map(|found| &found.by_person),
        sentences.join(" "),
    );
    if let Ok(folder) = std::env::var("COMMONHOLD_TEST_PICTURES") {
        let web = super::draw::web(&tally.web(TODAY, &[3; 32], None), "web");
        std::fs::write(format!("{folder}/{name}-web.svg"), web).unwrap();
    }
    report
}

#[test]
fn the_karate_club_is_a_web_even_without_its_leader() {
    let all = ties(KARATE);
    let report = report("karate", &all);
    assert_eq!(report.totals.now.people, 34);
    assert_eq!(report.form.shape, Shape::Web);
    // The instructor and the officer, around whom the club parted later, both gone.
    let leaders = ["0", "33"];
    let led = |tie: &&(&str, &str, usize)| leaders.contains(&tie.0) || leaders.contains(&tie.1);
    let rest: Vec<_> = all.iter().filter(|tie| !led(tie)).copied().collect();
    let without = self::report("karate_without_both", &rest);
    assert_eq!(without.totals.now.people, 31, "one knew the instructor alone");
    assert!(without.form.numbers.unwrap().core_bp < report.form.numbers.unwrap().core_bp);
}

#[test]
fn les_miserables_is_a_web_around_valjean() {
    let report = report("les_miserables", &ties(LES_MISERABLES));
    assert_eq!(report.totals.now.people, 77);
    assert_eq!(report.form.shape, Shape::Web);
}

#[test]
fn the_southern_women_and_their_parties() {
    // As it was written down: who came to which party. A party is no person; taken as one it is
    // shown what comes of it.
    let attendance = ties(SOUTHERN_WOMEN);
    let report_of_parties = report("southern_women", &attendance);
    assert_eq!(report_of_parties.totals.now.people, 32);
    // Among the women alone: a tie where two came to the same parties, as strong as there were
    // such.
    let mut women: Vec<&str> = attendance.iter().map(|(woman, ..)| *woman).collect();
    women.dedup();
    let parties = |woman: &str| -> Vec<&str> {
        let own = attendance.iter().filter(|(who, ..)| *who == woman);
        own.map(|(_, party, _)| *party).collect()
    };
    let mut met = Vec::new();
    for (index, one) in women.iter().enumerate() {
        for other in &women[index + 1..] {
            let (ours, theirs) = (parties(one), parties(other));
            let common = ours.iter().filter(|party| theirs.contains(party)).count();
            if common > 0 {
                met.push((*one, *other, common));
            }
        }
    }
    let among = report("southern_women_among_themselves", &met);
    assert_eq!(among.totals.now.people, 18);
    assert_eq!(among.form.shape, Shape::Web);
    assert!(!among.form.firm, "eighteen are too few for more than an early sign");
}
