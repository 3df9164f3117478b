//! Ledgers that hold and ledgers that do not: made up, tampered with, checked.
mod corrupt;
mod forge;
mod speed;

use proptest::prelude::*;
use serde_json::json;

use super::{Kind, Offline, Outcome, Verdict};
use crate::ledger::{Entry, Event, Hash, entry::Mark};
use forge::{Directory, Forge, Key, check};

/// How much a long test does; `scripts/ledger` asks for more.
fn size(name: &str, small: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(small)
}

/// A group that lived through everything once, and then some.
fn lively(seed: u64, steps: usize) -> Forge {
    let mut forge = Forge::new(seed);
    for what in [3, 4, 13, 5, 14, 3, 12, 9, 10, 11, 1, 2, 15] {
        forge.step(what);
    }
    for _ in 0..steps {
        let what = forge.chance.below(256);
        forge.step(u8::try_from(what).unwrap());
    }
    forge
}

fn offline(forge: &Forge) -> Outcome {
    check(forge.export().as_bytes(), &mut Offline)
}

fn kinds(outcome: &Outcome) -> Vec<Kind> {
    outcome.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn an_honest_ledger_holds() {
    let mut forge = Forge::new(1);
    for _ in 0..200 {
        forge.step(3);
    }
    forge.co_sign();
    let outcome = offline(&forge);
    assert_eq!(outcome.findings, []);
    assert_eq!(outcome.verdict, Verdict::Pass);
    let counts = outcome.counts;
    assert_eq!((counts.entries, counts.heads, counts.witnesses_by_given_key), (205, 1, 1));
    assert_eq!(counts.receipts, counts.on_proof + counts.attested);
    assert!(counts.signatures_by_given_key > 0 && counts.health_reports == 1);
    let text = outcome.to_text();
    assert!(text.starts_with("This ledger holds: its 205 entries"), "{text}");
    assert!(text.ends_with("\n\nPASS"), "{text}");
    assert_eq!(outcome.to_json()["line"], "PASS");
}

#[test]
fn people_are_asked_for_their_keys_where_they_can_be() {
    let forge = lively(2, 300);
    let mut directory = Directory::default();
    let mut known = |person: &str, key: &Key| {
        directory.0.insert(format!("{person}#ed25519-key"), key.text.clone());
    };
    for n in (1..200_u64).step_by(2) {
        known(&format!("https://elm.example/u/p{n}"), &Key::new(7 * n));
    }
    known("https://elm.example/actor", &Key::new(2_002));
    let outcome = check(forge.export().as_bytes(), &mut directory);
    assert_eq!(outcome.findings, []);
    assert!(outcome.counts.signatures_checked > 0 && outcome.counts.witnesses > 0);
    // Their servers name other keys: what the host gives with the file is not believed.
    for key in directory.0.values_mut() {
        *key = Key::new(1).text;
    }
    let outcome = check(forge.export().as_bytes(), &mut directory);
    assert_eq!(outcome.verdict.code(), 2);
    assert!(kinds(&outcome).contains(&Kind::Stamp) && kinds(&outcome).contains(&Kind::Witness));
}

#[test]
fn what_the_host_erases_of_its_own_accord_is_said() {
    let mut forge = Forge::new(3);
    for _ in 0..40 {
        forge.step(0);
    }
    for _ in 0..400 {
        forge.step(10);
    }
    forge.erase(false);
    let outcome = offline(&forge);
    assert_eq!(kinds(&outcome), [Kind::ErasedByHost]);
    assert_eq!(outcome.verdict.line(), "WARN (1 erased)");
    for _ in 0..5 {
        forge.erase(false);
    }
    let outcome = offline(&forge);
    assert!(kinds(&outcome).contains(&Kind::Erasure), "more than one in a hundred");
    assert_eq!(outcome.verdict.line(), "FAIL (entries none; erasures)");
}

#[test]
fn an_entry_without_tombstone_is_missing() {
    let mut forge = lively(4, 20);
    let row = forge.rows.iter_mut().find(|row| row.now.is_some()).unwrap();
    (row.body, row.now, row.key) = (None, None, None);
    assert!(kinds(&offline(&forge)).contains(&Kind::Erasure));
    let mut forge = Forge::new(4);
    (0..9).for_each(|_| forge.step(0));
    let before = forge.rows.clone();
    forge.erase(true);
    let gone = forge.rows.iter().position(|row| row.body.is_none()).unwrap();
    forge.rows[gone] = before[gone].clone();
    let outcome = offline(&forge);
    assert_eq!(kinds(&outcome), [Kind::Erasure]);
    assert_eq!(outcome.findings[0].entries, Some((seq(gone), seq(gone))));
}

fn seq(at: usize) -> u64 {
    u64::try_from(at).unwrap()
}

#[test]
fn a_rewritten_history_is_found_by_what_a_witness_holds() {
    let mut forge = lively(5, 30);
    forge.co_sign();
    let agreed = forge.size();
    for _ in 0..10 {
        forge.step(3);
    }
    let mut other = lively(5, 30);
    other.co_sign();
    other.chance.0 ^= 1;
    for _ in 0..20 {
        other.step(3);
        if other.size() == forge.size() {
            break;
        }
    }
    // The witness saw one continuation, the file shows the other.
    forge.co_sign();
    let (held, contradicted) = (forge.witnesses.pop().unwrap(), forge.size());
    other.step(10);
    other.witnesses.push(held);
    other.heads.push(contradicted);
    let outcome = offline(&other);
    let forks: Vec<_> =
        outcome.findings.iter().filter(|finding| finding.kind == Kind::Fork).collect();
    assert_eq!(forks.len(), 1, "{:?}", outcome.findings);
    assert_eq!(forks[0].entries, Some((agreed, contradicted - 1)));
}

#[test]
fn a_key_that_nobody_handed_over_is_found() {
    let mut forge = lively(6, 10);
    forge.change_key();
    let at = forge.size() - 1;
    assert!(offline(&forge).verdict.code() < 2);
    let new = forge.keys.len() - 1;
    *forge.documents.last_mut().unwrap() = forge.signed_by(&[new]);
    let outcome = offline(&forge);
    assert_eq!(kinds(&outcome).last(), Some(&Kind::Head));
    assert_eq!(outcome.findings.last().unwrap().entries, Some((at, at)));
    *forge.documents.last_mut().unwrap() = forge.signed_by(&[new - 1]);
    assert_eq!(offline(&forge).verdict.code(), 2, "the old key alone");
}

#[test]
fn what_the_rules_do_not_allow_is_found_though_it_is_signed() {
    let mut forge = Forge::new(7);
    forge.step(3);
    forge.mark(Mark::Bot);
    forge.mark(Mark::Bot);
    forge.mark(Mark::Bot);
    forge.mark(Mark::Bot);
    forge.mark(Mark::Bot);
    forge.mark(Mark::Bot);
    let before = forge.size();
    while !forge.rows.last().unwrap().body.as_ref().unwrap().0.contains("\"receipt\"") {
        forge.step(3);
    }
    let outcome = offline(&forge);
    let last = forge.size() - 1;
    assert!(before <= last);
    assert_eq!(outcome.verdict.line(), format!("FAIL (entries {last})"));
    assert_eq!(kinds(&outcome), [Kind::Rule]);
}

#[test]
fn a_table_that_was_rewritten_is_found() {
    let mut forge = lively(8, 10);
    let at = forge.rows.iter().position(|row| row.now.is_some()).unwrap();
    forge.rows[at].now = Some(Hash([1; 32]));
    let outcome = offline(&forge);
    assert_eq!(outcome.verdict.line(), format!("FAIL (entries {at})"));
    forge.rows[at].now = None;
    assert_eq!(offline(&forge).verdict.line(), format!("FAIL (entries {at})"));
}

#[test]
fn what_came_back_may_lack_its_row() {
    let mut forge = lively(8, 10);
    let at = forge.rows.iter().position(|row| row.now.is_some()).unwrap();
    forge.rows[at].now = None;
    assert_eq!(offline(&forge).verdict.line(), format!("FAIL (entries {at})"));
    forge.add(Event::Restored { entries: vec![u64::try_from(at).unwrap()] });
    assert!(offline(&forge).verdict.line().starts_with("WARN"), "{:?}", offline(&forge));
}

#[test]
fn a_request_to_be_forgotten_is_heard_once() {
    let mut forge = Forge::new(13);
    for _ in 0..60 {
        forge.step(0);
        forge.step(3);
    }
    forge.erase(true);
    assert!(offline(&forge).verdict.line().starts_with("WARN"), "{:?}", offline(&forge));
    let tombstone = forge.rows.iter().rev().find_map(|row| {
        let entry = Entry::read(&row.body.as_ref()?.0).unwrap();
        match entry.event {
            Event::Erased(erased) if erased.request.is_some() => Some((erased, row.key.clone())),
            _ => None,
        }
    });
    let (erased, key) = tombstone.unwrap();
    forge.now = forge.now.plus_days(1);
    let seq = forge.add(Event::Erased(erased));
    forge.rows.last_mut().unwrap().key = key;
    assert_eq!(offline(&forge).verdict.line(), format!("FAIL (entries {seq})"));
}

#[test]
fn restored_entries_are_a_warning() {
    let mut forge = Forge::new(9);
    forge.add(Event::Restored { entries: vec![1, 2] });
    let outcome = offline(&forge);
    assert_eq!(outcome.verdict.line(), "WARN (0 erased)");
    assert_eq!(outcome.counts.restored, 2);
}

#[test]
fn a_health_report_that_says_something_else_is_found() {
    let forge = lively(10, 30);
    let text = forge.export();
    let at = text.find("\"receipts\":").unwrap();
    let wrong = format!("{}\"receipts\":9{}", &text[..at], &text[at + "\"receipts\":".len()..]);
    let outcome = check(&corrupt::mended(&wrong), &mut Offline);
    assert_eq!(outcome.verdict.line(), "FAIL (entries none; health)");
    let words = "The health report says another receipts than the entries give.";
    assert!(outcome.findings.iter().any(|finding| finding.words == words), "{outcome:?}");
}

/// Other implementations test themselves with it (`docs/ledger.md`). After a change of the format:
/// `COMMONHOLD_LEDGER_EXAMPLE=write cargo test --lib example`.
#[test]
fn the_example_of_the_documentation_is_as_it_is_written() {
    const PATH: &str = "docs/ledger-example.jsonl";
    let mut forge = lively(42, 0);
    for what in [0, 0, 3, 3, 12, 4, 13] {
        forge.step(what);
    }
    forge.mark(Mark::Staff);
    forge.reported = false;
    let text = forge.export();
    if std::env::var_os("COMMONHOLD_LEDGER_EXAMPLE").is_some() {
        std::fs::write(PATH, &text).unwrap();
    }
    let example = std::fs::read_to_string(PATH).unwrap();
    assert!(example == text, "{PATH} is not what is written now");
    let outcome = check(example.as_bytes(), &mut Offline);
    assert_eq!((outcome.verdict.code(), outcome.findings), (1, Vec::new()));
}

#[test]
fn what_is_no_ledger_is_refused_and_nothing_panics() {
    for file in ["", "\n", "x", "{}\n{}\n", "\u{0}\n\n\n", "{\"type\":\"LedgerExport\"}\n"] {
        assert_eq!(check(file.as_bytes(), &mut Offline).verdict.code(), 2, "{file}");
    }
    let header = json!({
        "group": "g", "heads": [], "size": 9_007_199_254_740_991_u64, "type": "LedgerExport",
        "version": 1,
    });
    let header = crate::ledger::canonical::write(&header).unwrap();
    for line in ["", "{", "\u{fffd}", "{\"commitment\":", "{\"type\":\"End\"}", "[[[[", "null"] {
        let file = format!("{header}\n{line}\n{line}\n{line}");
        assert_eq!(check(file.as_bytes(), &mut Offline).verdict.code(), 2, "{line}");
    }
    let lively = lively(11, 5).export();
    let (_, rest) = lively.split_once('\n').unwrap();
    assert_eq!(check(format!("{header}\n{rest}").as_bytes(), &mut Offline).verdict.code(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any order of receipts, undos, erasures, restarts, changes of key and witnesses.
    #[test]
    fn whatever_happens_to_a_group_its_ledger_holds(
        seed in any::<u64>(),
        steps in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut forge = Forge::new(seed);
        for what in steps {
            forge.step(what);
        }
        let outcome = offline(&forge);
        prop_assert_eq!(&outcome.findings, &[]);
        let erased = seq(forge.rows.iter().filter(|row| row.body.is_none()).count());
        let expected = if erased > 0 { Verdict::Warn(erased) } else { Verdict::Pass };
        prop_assert_eq!(outcome.verdict, expected);
        prop_assert_eq!(outcome.counts.entries, forge.size());
    }

    #[test]
    fn no_bytes_make_it_panic(
        seed in 0_u64..4,
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut file = lively(seed, 3).export().into_bytes();
        let at = at.index(file.len());
        let end = (at + bytes.len()).min(file.len());
        let same = file[at..end] == bytes[..];
        file.splice(at..end, bytes);
        prop_assert!(same || check(&file, &mut Offline).verdict.code() == 2);
    }
}
