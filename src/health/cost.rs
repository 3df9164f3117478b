//! What a report costs, as the ledger grows.
use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use super::{
    dice::Dice,
    samples::{DAY, ROOT, Story, TODAY},
};
use crate::{ledger::Id, types::Time};

/// As many receipts in the last 90 days, among a tenth as many people; each in an ask of its own.
pub fn busy(receipts: u64) -> Story {
    let mut dice = Dice::seeded(receipts);
    let people = (receipts / 10).max(20);
    let mut story = Story::new();
    let mut someone = || {
        let number = dice.below(people);
        Id(format!("https://server{}.example/u/p{number}", number % 97))
    };
    for number in 0..receipts {
        let passed = i64::try_from(number * 89 * 86_400_000 / receipts).unwrap();
        story.at(Time(TODAY.0 - 90 * DAY + 1 + passed));
        let (helper, receiver) = (someone(), someone());
        let thread = format!("https://oak.example/p/{number}");
        if number % 10 == 0 {
            story.joins(&receiver);
            story.is_active(&receiver);
        }
        story.asks(&receiver, &thread);
        story.answers(&helper, &thread);
        story.helps_in(&helper, &receiver, &thread);
    }
    story
}

static START: OnceLock<Instant> = OnceLock::new();

/// How long this thread has been running, other work on the machine left out; where the system does
/// not tell, since the first call.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = cpu();
    let done = work();
    (done, cpu().saturating_sub(start))
}

#[test]
fn a_report_is_cheap() {
    let long = std::env::var("COMMONHOLD_LONG").is_ok();
    eprintln!("| receipts | entries | taken | report | resamples and shuffles |");
    for receipts in [1_000_u64, 10_000, 100_000, 1_000_000] {
        if receipts > 10_000 && !long {
            break;
        }
        let story = busy(receipts);
        let (tally, taken) = timed(|| story.tally());
        let (report, reported) = timed(|| tally.report(TODAY, ROOT));
        let (_, resampled) = timed(|| tally.resampled(TODAY, ROOT));
        assert!(report.totals.now.receipts > receipts * 9 / 10);
        eprintln!(
            "| {receipts} | {} | {taken:.1?} | {reported:.1?} | {resampled:.1?} |",
            story.entries.len()
        );
        assert!(!long || reported.as_millis() < 1_000, "{reported:?}");
    }
}
