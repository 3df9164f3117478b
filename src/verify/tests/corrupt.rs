//! Files that somebody changed in one place: none may hold.
use super::{
    forge::{Chance, Forge, Row, check, try_check},
    lively, seq, size,
};
use crate::{
    ledger::export::Follower,
    verify::{Kind, Offline, Outcome},
};

/// The file with a last line that fits what stands before it: what a liar would do.
pub fn mended(file: &str) -> Vec<u8> {
    let lines: Vec<&str> = file.trim_end().split('\n').collect();
    let (_, lines) = lines.split_last().unwrap();
    let mut follower = Follower::default();
    let mut text = String::new();
    for line in lines {
        follower.take(line);
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&follower.end());
    text.into_bytes()
}

/// Bytes that mean something.
const BYTES: &[u8] = b" 0aA\"{}[]:,\\\n\r\x00\xff9zZ";

/// What was done to a file.
#[derive(Debug)]
struct Deed {
    file: Vec<u8>,
    words: String,
    /// The entry that was touched, if it was one and still can be told.
    entry: Option<u64>,
}

/// One thing that a careless or hostile hand may do, within a line or to lines.
fn corrupt(text: &str, rows: usize, foreign: &str, chance: &mut Chance) -> Option<Deed> {
    let mut lines: Vec<Vec<u8>> =
        text.trim_end().split('\n').map(|line| line.as_bytes().to_vec()).collect();
    let at = chance.below(lines.len());
    let entries = 1..=rows;
    let mut entry = entries.contains(&at).then(|| seq(at - 1));
    let what = chance.below(12);
    let len = lines[at].len();
    let place = chance.below(len);
    let mut words = format!("deed {what} to line {at} at {place}");
    match what {
        0 | 1 => {
            let bit = 1 << chance.below(8);
            lines[at][place] ^= bit;
            words = format!("{words}, bit {bit}");
        }
        2 => {
            let byte = BYTES[chance.below(BYTES.len())];
            if lines[at][place] == byte {
                return None;
            }
            lines[at][place] = byte;
            words = format!("{words}, byte {byte}");
        }
        3 => drop(lines[at].remove(place)),
        4 => {
            let byte = BYTES[chance.below(BYTES.len())];
            lines[at].insert(place, byte);
            words = format!("{words}, byte {byte}");
        }
        5 => {
            let next = (place + 1) % len;
            if lines[at][place] == lines[at][next] {
                return None;
            }
            lines[at].swap(place, next);
        }
        6 => {
            drop(lines.remove(at));
            // What stands behind it has another place now.
            entry = None;
        }
        7 => {
            let line = lines[at].clone();
            lines.insert(at, line);
            entry = None;
        }
        8 => {
            let other = chance.below(lines.len());
            if lines[at] == lines[other] {
                return None;
            }
            lines.swap(at, other);
            words = format!("{words} and {other}");
            entry = None;
        }
        9 => {
            let foreign: Vec<&str> = foreign.trim_end().split('\n').collect();
            let line = foreign[chance.below(foreign.len())].as_bytes().to_vec();
            if lines[at] == line {
                return None;
            }
            lines[at] = line;
            entry = None;
        }
        10 => {
            let foreign: Vec<&str> = foreign.trim_end().split('\n').collect();
            let line = foreign[chance.below(foreign.len())].as_bytes().to_vec();
            lines.insert(at, line);
            entry = None;
        }
        _ => {
            let mut file = lines.join(&b'\n');
            let end = chance.below(file.len());
            file.truncate(end);
            let words = format!("cut off at {end}");
            return Some(Deed { file, words, entry: None });
        }
    }
    let mut file = lines.join(&b'\n');
    file.push(b'\n');
    Some(Deed { file, words, entry })
}

/// Whether a finding names this entry.
fn names(outcome: &Outcome, entry: u64) -> bool {
    let ranges = outcome.findings.iter().filter_map(|finding| finding.entries);
    ranges.into_iter().any(|(first, last)| (first..=last).contains(&entry))
}

/// `scripts/ledger` does a hundred thousand.
#[test]
fn every_corruption_is_found_and_named() {
    let rounds = size("COMMONHOLD_LEDGER_CORRUPTIONS", 300);
    let mut chance = Chance(size("COMMONHOLD_LEDGER_SEED", 20_261_122));
    let (mut done, mut named, mut nameable) = (0, 0, 0);
    while done < rounds {
        let forge = lively(chance.next(), 20);
        let (text, foreign) = (forge.export(), lively(chance.next(), 5).export());
        for _ in 0..200.min(rounds - done) {
            let Some(deed) = corrupt(&text, forge.rows.len(), &foreign, &mut chance) else {
                continue;
            };
            done += 1;
            // Of a later version, as a changed digit says: not checked, and not believed.
            let Ok(outcome) = try_check(&deed.file, &mut Offline) else { continue };
            assert_eq!(outcome.verdict.code(), 2, "{}", deed.words);
            if let Some(entry) = deed.entry {
                nameable += 1;
                let found = names(&outcome, entry);
                named += u64::from(found);
                assert!(found, "{} is not named: {:?}", deed.words, outcome.findings);
            }
        }
    }
    eprintln!("{done} corruptions, none missed; {named} of {nameable} entries named");
}

/// A liar who knows the format, and all of the host's keys but those of the group's history: the last
/// line always fits. `scripts/ledger` does a hundred thousand.
#[test]
fn every_lie_about_an_entry_or_head_is_found() {
    let rounds = size("COMMONHOLD_LEDGER_CORRUPTIONS", 300);
    let mut chance = Chance(size("COMMONHOLD_LEDGER_SEED", 20_261_122) ^ 0xff);
    let mut done = 0;
    while done < rounds {
        let forge = lively(chance.next(), 20);
        let (text, other) = (forge.export(), lively(chance.next(), 20).export());
        for _ in 0..200.min(rounds - done) {
            let Some((file, words)) = lie(&forge, (&text, &other), &mut chance) else { continue };
            done += 1;
            let outcome = check(&mended(&file), &mut Offline);
            assert_eq!(outcome.verdict.code(), 2, "{words}");
            let by_file_alone = outcome.findings.iter().all(|finding| finding.kind == Kind::File);
            assert!(
                !by_file_alone || words.starts_with("one byte"),
                "{words}: {:?}",
                outcome.findings
            );
        }
    }
    eprintln!("{done} lies, none missed");
}

/// The file with one lie in it, and which.
fn lie(
    forge: &Forge,
    (text, other): (&str, &str),
    chance: &mut Chance,
) -> Option<(String, String)> {
    let mut lines: Vec<String> = text.trim_end().split('\n').map(str::to_owned).collect();
    let at = chance.below(forge.rows.len());
    let what = chance.below(7);
    let row = &forge.rows[at];
    let words = format!("lie {what} about entry {at}");
    match what {
        // Another payload, properly committed to.
        0 => {
            let (payload, salt) = row.body.as_ref()?;
            let from = ["\"at\":1", "example", "true", "elm", "thanks"][chance.below(5)];
            let to = ["\"at\":2", "example2", "false", "oak", "thx"][chance.below(5)];
            let payload = payload.replace(from, to);
            let mut row = row.clone();
            row.commitment = salt.commit(&payload);
            row.body = Some((payload, *salt));
            if row.text() == lines[at + 1] {
                return None;
            }
            lines[at + 1] = row.text();
        }
        // Another salt, properly committed to.
        1 => {
            let (payload, salt) = row.body.as_ref()?;
            let mut salt = *salt;
            salt.0[chance.below(16)] ^= 1 << chance.below(8);
            let body = Some((payload.clone(), salt));
            let row = Row { commitment: salt.commit(payload), body, ..row.clone() };
            lines[at + 1] = row.text();
        }
        // Erased in silence.
        2 => {
            let cut = Row { body: None, now: None, key: None, ..row.clone() };
            if cut.text() == lines[at + 1] {
                return None;
            }
            lines[at + 1] = cut.text();
        }
        // An entry less, and the size says so too.
        3 => {
            drop(lines.remove(at + 1));
            let size = forge.rows.len();
            lines[0] =
                lines[0].replace(&format!("\"size\":{size}"), &format!("\"size\":{}", size - 1));
        }
        // Two entries change places, and say so.
        4 => {
            let with = chance.below(forge.rows.len());
            let renumbered = |at: usize, to: usize| {
                let row = &forge.rows[at];
                let (payload, salt) = row.body.as_ref()?;
                let (from, to) = (format!("\"seq\":{at},"), format!("\"seq\":{to},"));
                let payload = payload.replace(&from, &to);
                let (commitment, body) = (salt.commit(&payload), Some((payload, *salt)));
                Some(Row { commitment, body, ..row.clone() }.text())
            };
            if at == with {
                return None;
            }
            (lines[at + 1], lines[with + 1]) = (renumbered(with, at)?, renumbered(at, with)?);
        }
        // A head of another history.
        5 => {
            let is_head = |line: &str| line.ends_with("\"type\":\"TreeHead\"}");
            let head = lines.iter().rposition(|line| is_head(line))?;
            lines[head] = other.lines().rfind(|line| is_head(line))?.to_owned();
        }
        // One byte of an entry, a head or a co-signature.
        _ => {
            let line = 1 + chance.below(lines.len() - 3);
            let place = chance.below(lines[line].len());
            let mut bytes = lines[line].clone().into_bytes();
            bytes[place] ^= 1 << chance.below(7);
            lines[line] = String::from_utf8(bytes).ok().filter(|line| !line.contains('\n'))?;
            return Some((lines.join("\n") + "\n", format!("one byte of line {line} at {place}")));
        }
    }
    Some((lines.join("\n") + "\n", words))
}
