//! Who has a tie with whom: a graph without direction, in which an edge is at least one receipt.

/// No more than this many parties of the same size are taken away in turn.
const MOST_EQUALS: usize = 16;

/// The parties of a window: people are 0..`people`, operators (each with all its staff) follow.
#[derive(Clone, Copy, Debug)]
pub struct Parties {
    /// How many people are active.
    pub people: u32,
    /// How many parties there are, operators included.
    pub all: u32,
}

/// One receipt: who helped whom, as numbers of [`Parties`].
pub type Help = (u32, u32);

/// What a graph of help looks like; the shape is judged from these numbers alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Active people (n).
    pub people: u64,
    /// Receipts (m).
    pub receipts: u64,
    /// Distinct pairs of parties with a receipt.
    pub ties: u64,
    /// People with at least one tie.
    pub tied: u64,
    /// Receipts in which the largest party helped.
    pub given: u64,
    /// Ties that touch the largest party.
    pub touched: u64,
    /// The largest party is an operator.
    pub operator: bool,
    /// People without the largest party.
    pub rest: u64,
    /// The most of them that hang together, staff left out.
    pub connected: u64,
    /// How many of them are in the 2-core: keep two or more of each other to turn to.
    pub core: u64,
}

/// A list from which what it does not hold is read as 0.
fn at(list: &[u32], index: u32) -> u32 {
    usize::try_from(index).ok().and_then(|i| list.get(i)).copied().unwrap_or(0)
}

fn count_up(list: &mut [u32], index: u32) {
    if let Some(number) = usize::try_from(index).ok().and_then(|i| list.get_mut(i)) {
        *number += 1;
    }
}

fn zeros(len: u32) -> Vec<u32> {
    vec![0; usize::try_from(len).unwrap_or(0)]
}

/// Measures the graph of `help`. What names no party, or one party twice, must not be in it.
#[must_use]
pub fn measure(parties: Parties, help: &[Help]) -> Measures {
    let edges = ties(help);
    let mut given = zeros(parties.all);
    for (giver, _) in help {
        count_up(&mut given, *giver);
    }
    let mut touched = zeros(parties.all);
    for (a, b) in &edges {
        count_up(&mut touched, *a);
        count_up(&mut touched, *b);
    }
    let tied = (0..parties.people).filter(|person| at(&touched, *person) > 0).count();
    let mut measures = Measures {
        people: parties.people.into(),
        receipts: length(help.len()),
        ties: length(edges.len()),
        tied: length(tied),
        ..Measures::default()
    };
    let weight = |party: u32| {
        let by_help = u64::from(at(&given, party)) * measures.ties;
        by_help.max(u64::from(at(&touched, party)) * measures.receipts)
    };
    let people = Graph::new(parties.people, &edges);
    let worst = largest(parties, help, weight)
        .into_iter()
        .map(|party| (people.without(party), party))
        .min_by_key(|(left, _)| (left.core, left.connected));
    let (left, party) = worst.unwrap_or((people.without(u32::MAX), u32::MAX));
    measures.given = at(&given, party).into();
    measures.touched = at(&touched, party).into();
    measures.operator = party != u32::MAX && party >= parties.people;
    measures.rest = measures.people - u64::from(party < parties.people);
    measures.connected = left.connected;
    measures.core = left.core;
    measures
}

fn length(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Each pair once, the smaller number first, sorted.
fn ties(help: &[Help]) -> Vec<(u32, u32)> {
    // One number for two sorts twice as fast.
    let pack = |(a, b): &Help| u64::from(*a.min(b)) << 32 | u64::from(*a.max(b));
    let mut edges: Vec<u64> = help.iter().map(pack).collect();
    edges.sort_unstable();
    edges.dedup();
    let half = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    edges.into_iter().map(|edge| (half(edge >> 32), half(edge))).collect()
}

/// The parties of the greatest weight, in the order in which they first appear, the first 16 of
/// them.
fn largest(parties: Parties, help: &[Help], weight: impl Fn(u32) -> u64) -> Vec<u32> {
    let Some(most) = (0..parties.all).map(&weight).max().filter(|most| *most > 0) else {
        return Vec::new();
    };
    let equals = (0..parties.all).filter(|party| weight(*party) == most).count();
    let mut found = Vec::new();
    for party in help.iter().flat_map(|(giver, taker)| [*giver, *taker]) {
        if found.len() == equals.min(MOST_EQUALS) {
            break;
        }
        if weight(party) == most && !found.contains(&party) {
            found.push(party);
        }
    }
    found
}

/// What is left of people without one party.
struct Left {
    connected: u64,
    core: u64,
}

/// The ties among people, operators left out: for each person the others, one list behind the
/// other.
struct Graph {
    starts: Vec<u32>,
    others: Vec<u32>,
}

impl Graph {
    fn new(people: u32, edges: &[(u32, u32)]) -> Self {
        let among = || edges.iter().copied().filter(|(_, b)| *b < people);
        let both = || among().flat_map(|(a, b)| [(a, b), (b, a)]);
        let mut degrees = zeros(people);
        both().for_each(|(a, _)| count_up(&mut degrees, a));
        let mut starts = Vec::with_capacity(degrees.len() + 1);
        let mut sum = 0;
        starts.push(sum);
        for degree in &degrees {
            sum += degree;
            starts.push(sum);
        }
        let mut next = starts.clone();
        let mut others = zeros(sum);
        for (a, b) in both() {
            let place = usize::try_from(at(&next, a)).ok().and_then(|i| others.get_mut(i));
            if let Some(place) = place {
                *place = b;
            }
            count_up(&mut next, a);
        }
        Self { starts, others }
    }

    fn people(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    fn others(&self, person: u32) -> &[u32] {
        let bound = |index| usize::try_from(at(&self.starts, index)).unwrap_or(0);
        self.others.get(bound(person)..bound(person + 1)).unwrap_or_default()
    }

    fn without(&self, party: u32) -> Left {
        Left { connected: self.connected(party), core: self.core(party) }
    }

    /// How many people the largest connected part holds once `gone` is taken away.
    fn connected(&self, gone: u32) -> u64 {
        let mut seen = zeros(self.people());
        count_up(&mut seen, gone);
        let mut best = 0;
        let mut waiting = Vec::new();
        for start in 0..self.people() {
            if at(&seen, start) > 0 {
                continue;
            }
            count_up(&mut seen, start);
            waiting.push(start);
            let mut size = 0;
            while let Some(person) = waiting.pop() {
                size += 1;
                for other in self.others(person) {
                    if at(&seen, *other) == 0 {
                        count_up(&mut seen, *other);
                        waiting.push(*other);
                    }
                }
            }
            best = best.max(size);
        }
        best
    }

    /// How many people the 2-core holds once `gone` is taken away.
    fn core(&self, gone: u32) -> u64 {
        let mut lost = zeros(self.people());
        let mut out = zeros(self.people());
        let mut waiting: Vec<u32> = (gone < self.people()).then_some(gone).into_iter().collect();
        waiting.extend((0..self.people()).filter(|p| *p != gone && self.others(*p).len() < 2));
        for person in &waiting {
            count_up(&mut out, *person);
        }
        while let Some(person) = waiting.pop() {
            for other in self.others(person) {
                count_up(&mut lost, *other);
                let left =
                    self.others(*other).len() - usize::try_from(at(&lost, *other)).unwrap_or(0);
                if left < 2 && at(&out, *other) == 0 {
                    count_up(&mut out, *other);
                    waiting.push(*other);
                }
            }
        }
        length(out.iter().filter(|out| **out == 0).count())
    }
}
