//! A small round of what `scripts/fuzz` does for long: every file, and every file a little wrong.
use super::{
    entries::DOORS,
    pack::{Sample, samples},
};

/// How often each file is spoilt.
const ROUNDS: usize = 5;

#[test]
fn no_bytes_make_reading_panic() {
    let all = samples(|about| about["bytes"].as_u64().is_none_or(|size| size < 20_000));
    assert!(all.len() > 100, "only {} files", all.len());
    for (number, sample) in (0_u64..).zip(&all) {
        for (_, door) in DOORS {
            door(&sample.bytes);
        }
        let mut chance = Chance(number);
        for round in 0..ROUNDS {
            let other = &all[chance.below(all.len())];
            let spoilt = spoil(sample, other, &mut chance);
            let (_, door) = DOORS[round % DOORS.len()];
            door(&spoilt);
        }
    }
}

/// Numbers that are the same at every run (an xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = usize::try_from(self.0 >> 33).unwrap();
        drawn % end.max(1)
    }
}

/// The file with bytes changed, cut out, doubled, or replaced by a part of another file.
fn spoil(sample: &Sample, other: &Sample, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = sample.bytes.clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let end = (at + chance.below(64)).min(bytes.len());
        match chance.below(5) {
            0 if !bytes.is_empty() => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
            3 => {
                let from = chance.below(other.bytes.len());
                let to = (from + chance.below(200)).min(other.bytes.len());
                bytes.splice(at..end, other.bytes[from..to].iter().copied());
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}
