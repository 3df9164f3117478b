//! What a check costs: `scripts/ledger` measures up to a million entries.
use std::{
    fs::File as OnDisk,
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    path::Path,
    time::Instant,
};

use serde_json::json;

use super::{
    forge::{GROUP, Key, START, signed},
    size,
};
use crate::{
    activitypub::{
        head::{Signer, TreeHead},
        write::{Vocabulary, document},
    },
    keys::{Algorithm, PublicKey},
    ledger::{
        Entry, Event, Hash, Id, Line, Salt,
        entry::{Receipt, Via},
        export::{Header, Writer},
        line::Body,
        tree::Frontier,
    },
    types::Time,
    verify::{File, Offline},
};

/// People enough that the caps leave room for all their receipts.
const PEOPLE: u64 = 400;
/// Between two receipts, ms: everyone says thanks four times a day.
const STEP_MS: i64 = 54_000;

/// Writes a ledger of receipts, each stamped or none, without keeping it in memory.
fn write(path: &Path, size: u64, stamped: bool) {
    let mut file = BufWriter::new(OnDisk::create(path).unwrap());
    let (mut writer, mut frontier) = (Writer::default(), Frontier::default());
    let header = Header { group: GROUP.into(), size, heads: vec![size] };
    file.write_all(writer.header(&header).unwrap().as_bytes()).unwrap();
    let group = Key::new(1);
    let keys: Vec<Key> = (0..PEOPLE).map(|n| Key::new(100 + n)).collect();
    let person = |n: u64| Id(format!("https://elm.example/u/p{n}"));
    let mut at = START;
    for seq in 0..size {
        let (receiver, round) = (seq % PEOPLE, seq / PEOPLE);
        let event = match seq {
            0 => Event::Opened {
                group: GROUP.into(),
                key: group.text.clone(),
                host: "oak.example".into(),
            },
            1..=PEOPLE => {
                Event::Joined { person: person(receiver), known_since: START.plus_days(-9) }
            }
            _ => {
                at = Time(at.0 + STEP_MS);
                let helper = person((receiver + 1 + round % (PEOPLE - 1)) % PEOPLE);
                let thread = Id(format!("https://elm.example/p/{seq}"));
                let stamp = json!({
                    "id": format!("https://elm.example/ack/{seq}"),
                    "type": "HelpAcknowledgement",
                    "attributedTo": person(receiver),
                    "interactingObject": thread,
                    "interactionTarget": format!("https://oak.example/p/{seq}"),
                    "helper": helper,
                    "context": thread,
                    "published": at.rfc3339(),
                });
                let stamp = stamped.then(|| {
                    signed(document(stamp, Vocabulary::Help), &person(receiver), 100 + receiver, at)
                });
                Event::Receipt(Receipt {
                    receipt: seq.to_string(),
                    thread,
                    reply: Some(Id(format!("https://oak.example/p/{seq}"))),
                    helper,
                    receiver: person(receiver),
                    via: Via::Button,
                    stamp,
                    row: Hash([7; 32]),
                })
            }
        };
        let is_receipt = matches!(event, Event::Receipt(_));
        let payload = Entry { seq, at, event }.payload().unwrap();
        let salt = Salt(Hash::of(&[&seq.to_be_bytes()]).0[..16].try_into().unwrap());
        let commitment = salt.commit(&payload);
        frontier.append(&commitment);
        let row = is_receipt.then_some(Hash([7; 32]));
        let key = keys.get(usize::try_from(receiver).unwrap()).map(|key| key.text.as_str());
        let key = key.filter(|_| is_receipt && stamped);
        let body = Some(Body { payload: &payload, salt, row, key });
        file.write_all(writer.entry(&Line { commitment, body }).as_bytes()).unwrap();
    }
    let head = TreeHead { group: GROUP.into(), size, root: frontier.root(), at };
    let method = format!("{GROUP}#ed25519-key");
    let head = head.signed(&[Signer { method: &method, key: &group.private }]).unwrap();
    file.write_all(writer.document(&head).unwrap().as_bytes()).unwrap();
    file.write_all(writer.end().as_bytes()).unwrap();
    file.flush().unwrap();
}

/// Entries per second, and by how much the memory in use grew, in KiB.
fn measure(path: &Path) -> (f64, u64) {
    let before = resident_kib();
    let mut from = BufReader::with_capacity(1 << 16, OnDisk::open(path).unwrap());
    let (mut line, mut keys) = (Vec::new(), Offline);
    let started = cpu_secs();
    from.read_until(b'\n', &mut line).unwrap();
    line.pop();
    let mut file = File::new(&line, &mut keys, None).unwrap();
    let mut grown = 0;
    loop {
        line.clear();
        if from.read_until(b'\n', &mut line).unwrap() == 0 {
            break;
        }
        line.pop();
        file.line(&line);
        if file.progress().0 == file.progress().1 {
            grown = grown.max(resident_kib().saturating_sub(before));
        }
    }
    let outcome = file.finish();
    let secs = cpu_secs() - started;
    assert_eq!(outcome.verdict.line(), "PASS", "{outcome:?}");
    let entries = f64::from(u32::try_from(outcome.counts.entries).unwrap());
    (entries / secs, grown)
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// Seconds of a processor that this thread had; other work on the machine does not count.
fn cpu_secs() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.map_or_else(|| started().elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// Where a system does not say: the time that passed.
fn started() -> Instant {
    static STARTED: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *STARTED.get_or_init(Instant::now)
}

/// Bare signatures per second, each of another message, on the same core.
fn bare() -> f64 {
    let key = Key::new(100);
    let public = PublicKey::read(&key.text).unwrap();
    let messages: Vec<[u8; 32]> = (0..2_000_u32).map(|n| Hash::of(&[&n.to_be_bytes()]).0).collect();
    let signed: Vec<Vec<u8>> = messages.iter().map(|it| key.private.sign(it).unwrap()).collect();
    let started = cpu_secs();
    for (message, signature) in messages.iter().zip(&signed) {
        assert!(public.verify(Algorithm::Ed25519, message, signature));
    }
    2_000.0 / (cpu_secs() - started)
}

#[test]
fn a_large_ledger_is_checked_in_little_memory() {
    let most = size("COMMONHOLD_LEDGER_ENTRIES", 2_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    eprintln!("bare Ed25519: {:.0} signatures/s", bare());
    eprintln!("entries, stamped, entries/s, memory KiB, of the bare rate");
    for stamped in [false, true] {
        let mut count = 1_000;
        while count <= most {
            write(&path, count, stamped);
            let bare = bare();
            let (rate, kib) = measure(&path);
            let share = rate / bare;
            eprintln!("{count:>9} {stamped:>6} {rate:>9.0} {kib:>9} {share:>6.2}");
            assert!(kib < 65_536 + count / 8, "{kib} KiB");
            count *= 10;
        }
    }
}
