//! Pictures of made-up groups. With `COMMONHOLD_TEST_PICTURES` set they are written into that
//! folder, to be looked at.
use super::*;
use crate::{
    health::{
        Report,
        dice::Dice,
        samples::{ROOT, Story, TODAY, person},
    },
    ledger::{Id, entry::Mark},
};

const SECRET: [u8; 32] = [9; 32];

/// A year of a group of that many people, in circles, with newcomers, lurkers, and staff who help a
/// lot.
fn group(people: u32, circles: u32, staff: bool) -> Story {
    let mut dice = Dice::seeded(people.into());
    let mut below = |end: u32| u32::try_from(dice.below(end.into())).unwrap();
    let mut story = Story::new();
    let operator = Id::from("https://oak.example/u/root");
    story.days_ago(480);
    if staff {
        story.marks(&operator, Mark::Staff, true);
    }
    for number in 0..people {
        story.days_ago(470 - i64::from(number % 400)).joins(&person(number));
    }
    for day in (0..440).rev() {
        story.days_ago(day);
        for _ in 0..people.div_ceil(if people > 500 { 12 } else { 25 }) {
            // Of ten people one only reads.
            let receiver = below(people) / 10 * 10 + below(9);
            let own_circle = below(10) < 8;
            let circle = receiver % circles;
            let helper = below(people) / 10 * 10 + below(9);
            let helper = if own_circle { helper / circles * circles + circle } else { helper };
            let (helper, receiver) =
                (person(helper.min(people - 1)), person(receiver.min(people - 1)));
            let thread = format!("https://oak.example/p/{day}-{}", below(1_000_000));
            story.asks(&receiver, &thread);
            if below(10) < 8 {
                story.answers(&helper, &thread);
            }
            if below(10) < 7 {
                let by_staff = staff && below(10) < 2;
                story.helps_in(if by_staff { &operator } else { &helper }, &receiver, &thread);
            }
        }
        for _ in 0..people.div_ceil(8) {
            story.is_active(&person(below(people)));
        }
    }
    story.moderates(&person(1));
    story.moderates(&operator);
    story.joins(&operator);
    story
}

fn hub(people: u32) -> Story {
    let mut story = Story::new();
    for number in 1..people {
        story.days_ago(i64::from(number % 80)).helps(&person(0), &person(number));
        if number % 6 == 0 {
            story.helps(&person(number), &person(number / 2));
        }
    }
    story
}

fn pictures(story: &Story) -> (Report, Vec<(&'static str, String)>) {
    let tally = story.tally();
    let mut report = tally.report(TODAY, ROOT);
    report.settle(&tally.resampled(TODAY, ROOT));
    let mut all = vec![("web", web(&tally.web(TODAY, &SECRET, Some(&person(5))), "web"))];
    for (course, name) in Course::ALL.into_iter().zip(["asks", "gave", "received", "came", "first"])
    {
        all.push((name, trend(&report.trends, course, name)));
    }
    if let Some(spread) = &report.concentration.now {
        all.push(("carried", concentration(spread, report.totals.now.people, "carried")));
    }
    all.push(("held", held(&report.held, "held")));
    (report, all)
}

#[test]
fn pictures_are_plain_svg_and_name_nobody() {
    let groups = [
        ("10", group(10, 2, false)),
        ("60", group(60, 3, true)),
        ("hub", hub(40)),
        ("300", group(300, 5, true)),
        ("1000", group(1_000, 8, true)),
        ("empty", Story::new()),
    ];
    let folder = std::env::var("COMMONHOLD_TEST_PICTURES").ok();
    for (name, story) in groups {
        let (report, pictures) = pictures(&story);
        for (picture, svg) in &pictures {
            for never in ["style=", "<script", "/u/p", "NaN", "inf", "on="] {
                assert!(!svg.contains(never), "{never} in {picture} of {name}");
            }
            for always in ["role=\"img\"", "<title id=", "<desc id=", "viewBox"] {
                assert!(svg.contains(always), "{always} in {picture} of {name}");
            }
            let opened = svg.matches('<').count() - svg.matches("</").count();
            assert_eq!(opened, svg.matches("/>").count() + svg.matches("</").count(), "{picture}");
            if let Some(folder) = &folder {
                std::fs::write(format!("{folder}/{name}-{picture}.svg"), svg).unwrap();
            }
        }
        if let Some(folder) = &folder {
            let said = report.sentences();
            let all = [
                said.shape,
                said.help,
                said.rates,
                said.concentration,
                said.generosity,
                said.held,
                said.missing,
            ];
            let lines: Vec<String> =
                all.iter().flatten().map(super::super::words::Message::english).collect();
            std::fs::write(format!("{folder}/{name}.txt"), lines.join("\n")).unwrap();
            let json = serde_json::to_string_pretty(&report).unwrap();
            std::fs::write(format!("{folder}/{name}.json"), json).unwrap();
        }
    }
}

#[test]
fn people_keep_their_places_from_week_to_week() {
    let place = |story: &Story, days: i64, who: u32| {
        let web = story.tally().web(TODAY.plus_days(-days), &SECRET, Some(&person(who)));
        let you = web.dots.iter().find(|dot| dot.kind == place::Kind::You);
        you.map(|dot| dot.place)
    };
    let story = group(60, 3, true);
    let (mut moved, mut seen) = (0.0, 0.0);
    for who in 0..50 {
        if let (Some(then), Some(now)) = (place(&story, 7, who), place(&story, 0, who)) {
            moved += (then.0 - now.0).hypot(then.1 - now.1);
            seen += 1.0;
        }
    }
    // The picture is 2 wide; anywhere to anywhere would be 0.9 on average.
    eprintln!("{seen} people moved {:.3} on average within a week", moved / seen);
    assert!(seen > 30.0 && moved / seen < 0.2, "{}", moved / seen);
}
