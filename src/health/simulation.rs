//! Groups whose shape is known because they were made so: how often the report names it, and how
//! often it says something else with confidence.
use std::fmt::Write as _;

use super::{
    dice::Dice,
    graph::{Help, Parties, measure},
    shape::{Shape, resample},
};
use crate::ledger::Hash;

/// The same two may confirm so much help one way in a window (R4).
const MOST_PER_PAIR: usize = 3;

struct Group {
    parties: Parties,
    help: Vec<Help>,
}

impl Group {
    fn of(people: u32) -> Self {
        Self { parties: Parties { people, all: people }, help: Vec::new() }
    }

    /// Writes down help, unless the rules would not count it.
    fn add(&mut self, giver: u32, taker: u32) {
        let same = self.help.iter().filter(|help| **help == (giver, taker)).count();
        if giver != taker && same < MOST_PER_PAIR {
            self.help.push((giver, taker));
        }
    }

    /// Adds until there are `receipts`, or nothing more fits in.
    fn fill(mut self, receipts: u32, mut next: impl FnMut() -> Help) -> Self {
        for _ in 0..receipts * 60 {
            if self.help.len() >= usize::try_from(receipts).unwrap() {
                break;
            }
            let (giver, taker) = next();
            self.add(giver, taker);
        }
        self
    }
}

fn below(dice: &mut Dice, end: u32) -> u32 {
    u32::try_from(dice.below(end.into())).unwrap()
}

fn percent(dice: &mut Dice, chance: u64) -> bool {
    dice.below(100) < chance
}

fn either_way(dice: &mut Dice, (a, b): Help) -> Help {
    if percent(dice, 50) { (a, b) } else { (b, a) }
}

/// Between two and three receipts for each person.
fn receipts(n: u32, dice: &mut Dice) -> u32 {
    2 * n + below(dice, n + 1)
}

/// One person gives 85 of 100; the rest is between any two.
fn star(n: u32, dice: &mut Dice) -> Group {
    Group::of(n).fill(receipts(n, dice), || {
        if percent(dice, 85) { (0, below(dice, n)) } else { (below(dice, n), below(dice, n)) }
    })
}

/// One person gives half; the rest is between any two. Neither a hub nor a web: it is not scored.
fn half_a_star(n: u32, dice: &mut Dice) -> Group {
    Group::of(n).fill(receipts(n, dice), || {
        if percent(dice, 50) { (0, below(dice, n)) } else { (below(dice, n), below(dice, n)) }
    })
}

/// Three of the operator's staff give 85 of 100.
fn staff(n: u32, dice: &mut Dice) -> Group {
    let mut group = Group::of(n);
    group.parties.all = n + 1;
    let wanted = receipts(n, dice);
    while group.help.len() < usize::try_from(wanted).unwrap() {
        // The cap holds for each of the three; as a party they may come to nine.
        let help =
            if percent(dice, 85) { (n, below(dice, n)) } else { (below(dice, n), below(dice, n)) };
        let same = group.help.iter().filter(|known| **known == help).count();
        if help.0 != help.1 && same < if help.0 == n { 9 } else { 3 } {
            group.help.push(help);
        }
    }
    group
}

/// Two or three friends each, who help each other over and over and nobody else.
fn islands(n: u32, dice: &mut Dice) -> Group {
    let size = 2 + below(dice, 2);
    Group::of(n).fill(receipts(n, dice), || {
        let a = below(dice, n);
        (a, (a / size * size + below(dice, size)).min(n - 1))
    })
}

/// A quarter of the people help each other; the others only read and write.
fn onlookers(n: u32, dice: &mut Dice) -> Group {
    let few = (n / 4).max(2);
    Group::of(n).fill(receipts(n, dice), || (below(dice, few), below(dice, few)))
}

/// Anybody helps anybody.
fn erdos_renyi(n: u32, dice: &mut Dice) -> Group {
    Group::of(n).fill(receipts(n, dice), || (below(dice, n), below(dice, n)))
}

/// Each with the two next on either side, one tie in ten led elsewhere.
fn watts_strogatz(n: u32, dice: &mut Dice) -> Group {
    let mut group = Group::of(n);
    for person in 0..n {
        for step in [1, 2] {
            let other = if percent(dice, 10) { below(dice, n) } else { (person + step) % n };
            let (giver, taker) = either_way(dice, (person, other));
            group.add(giver, taker);
        }
    }
    again(group, n, dice)
}

/// Newcomers find two people, those with many ties more easily.
fn barabasi_albert(n: u32, dice: &mut Dice) -> Group {
    let mut group = Group::of(n);
    let mut ends = vec![0, 1];
    group.add(0, 1);
    for person in 2..n {
        let mut found: Vec<u32> = Vec::new();
        while found.len() < 2 {
            let other = ends[dice.index(ends.len())];
            if !found.contains(&other) {
                found.push(other);
            }
        }
        for other in found {
            ends.extend([person, other]);
            let (giver, taker) = either_way(dice, (person, other));
            group.add(giver, taker);
        }
    }
    again(group, n, dice)
}

/// More help along the ties that are there, until there is enough of it.
fn again(group: Group, n: u32, dice: &mut Dice) -> Group {
    let ties = group.help.clone();
    let wanted = receipts(n, dice);
    group.fill(wanted, || {
        let tie = ties[dice.index(ties.len())];
        either_way(dice, tie)
    })
}

/// Four circles; five of six receipts stay in their own.
fn blocks(n: u32, dice: &mut Dice) -> Group {
    let size = n.div_ceil(4);
    Group::of(n).fill(receipts(n, dice), || {
        let a = below(dice, n);
        let own = percent(dice, 83);
        (a, if own { (a / size * size + below(dice, size)).min(n - 1) } else { below(dice, n) })
    })
}

/// The k-th helper gives in proportion to 1/k; anybody receives.
fn zipf(n: u32, dice: &mut Dice) -> Group {
    let weights: Vec<u64> = (1..=u64::from(n)).map(|k| 1_000_000 / k).collect();
    let all = weights.iter().sum();
    Group::of(n).fill(receipts(n, dice), || {
        let mut left = dice.below(all);
        let mut giver = 0;
        for (k, weight) in (0..).zip(&weights) {
            giver = k;
            if left < *weight {
                break;
            }
            left -= weight;
        }
        (giver, below(dice, n))
    })
}

type Maker = fn(u32, &mut Dice) -> Group;

const KINDS: [(&str, Shape, Maker); 10] = [
    ("star with noise", Shape::Hub, star),
    ("staff trio", Shape::Hub, staff),
    ("islands of 2 or 3", Shape::Pool, islands),
    ("mostly onlookers", Shape::Pool, onlookers),
    ("Erdős-Rényi", Shape::Web, erdos_renyi),
    ("Watts-Strogatz", Shape::Web, watts_strogatz),
    ("Barabási-Albert", Shape::Web, barabasi_albert),
    ("four blocks", Shape::Web, blocks),
    ("Zipf helpers", Shape::Web, zipf),
    ("half a star", Shape::Between, half_a_star),
];
const SIZES: [u32; 8] = [12, 16, 20, 30, 50, 100, 200, 300];

#[derive(Clone, Copy, Default)]
struct Score {
    tried: u64,
    firm: u64,
    right: u64,
    wrong: u64,
}

fn round(kind: (&str, Shape, Maker), n: u32, rounds: u64, seed: u64) -> Score {
    let mut score = Score::default();
    for round in 0..rounds {
        let root = Hash::of(&[kind.0.as_bytes(), &n.to_be_bytes(), &(seed + round).to_be_bytes()]);
        let group = (kind.2)(n, &mut Dice::new("simulation", root));
        let measures = measure(group.parties, &group.help);
        let said = resample(group.parties, &group.help, root).settle(measures.shape());
        let named = matches!(said, Shape::Pool | Shape::Hub | Shape::Web);
        score.tried += 1;
        score.firm += u64::from(measures.enough());
        score.right += u64::from(said == kind.1);
        score.wrong += u64::from(named && said != kind.1 && measures.enough());
    }
    score
}

#[test]
fn shapes_are_recognised() {
    let long = std::env::var("COMMONHOLD_LONG").is_ok();
    let seed = std::env::var("COMMONHOLD_SEED").map_or(1, |seed| seed.parse().unwrap());
    let (mut all, rounds) = (Score::default(), if long { 400 } else { 4 });
    for kind in KINDS {
        let mut line = format!("| {} | {:?} |", kind.0, kind.1);
        for n in SIZES.into_iter().filter(|n| long || *n <= 100) {
            let score = round(kind, n, rounds, seed);
            let (right, wrong) = (share(score.right, score), share(score.wrong, score));
            write!(line, " {right:.1} / {wrong:.1} |").unwrap();
            if n >= 20 && kind.1 != Shape::Between {
                all.tried += score.tried;
                all.firm += score.firm;
                all.right += score.right;
                all.wrong += score.wrong;
            }
        }
        eprintln!("{line}");
    }
    let (right, wrong) = (share(all.right, all), share(all.wrong, all));
    eprintln!(
        "from 20 people: {right:.1} % right, {wrong:.1} % wrong, {} of {} firm",
        all.firm, all.tried
    );
    assert!(right >= if long { 92.0 } else { 85.0 }, "{right}");
    assert!(wrong <= if long { 2.0 } else { 5.0 }, "{wrong}");
}

fn share(part: u64, score: Score) -> f64 {
    100.0 * f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(score.tried).unwrap())
}
