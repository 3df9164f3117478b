//! Where everybody stands in the web of help: by a secret of the group, then by whom they helped.
//!
//! A picture is not recounted by anybody, so that it may use fractions.
use std::collections::HashMap;

use super::{super::report::Window, svg::float};
use crate::{
    health::{
        people::{Server, Who},
        report::WINDOW_DAYS,
        scene::Scene,
        tally::Tally,
    },
    ledger::{Hash, Id},
    types::Time,
};

/// A place in the picture, both coordinates between -1 and 1.
pub type Place = (f64, f64);

/// Who or what a dot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of us.
    Person,
    /// The one who looks.
    You,
    /// An operator with its staff.
    Operator,
}

/// Somebody in the picture, without a name.
#[derive(Clone, Copy, Debug)]
pub struct Dot {
    /// Who or what.
    pub kind: Kind,
    /// Where.
    pub place: Place,
    /// With how many others there is a tie.
    pub ties: u32,
}

/// The web of help of a window, laid out.
#[derive(Clone, Debug, Default)]
pub struct Web {
    /// Everybody, in an order that tells nothing.
    pub dots: Vec<Dot>,
    /// Which of them helped each other.
    pub ties: Vec<(usize, usize)>,
}

/// How strongly everybody holds on to their own place, against those they have ties with.
const OWN: f64 = 0.05;
/// How many times everybody steps towards those.
const STEPS: u32 = 60;
/// How many times those who stand too close step apart.
const APART_STEPS: u32 = 60;
/// Those with a tie stand within this.
const INNER: f64 = 0.86;

impl Tally {
    /// The web of help of the 90 days up to `as_of`. `secret` is known to the group's node alone:
    /// without it nobody tells from a place who stands there. It stays the same, so that people
    /// keep their places.
    #[must_use]
    pub fn web(&self, as_of: Time, secret: &[u8; 32], viewer: Option<&Id>) -> Web {
        let scene = Scene::new(self, Window::days(as_of, WINDOW_DAYS), as_of);
        let viewer = viewer.and_then(|viewer| self.people.find(viewer));
        let mut everybody = Everybody::default();
        for (who, _) in scene.people() {
            let id = self.people.get(who).map_or("", |person| &*person.id);
            let kind = if viewer == Some(who) { Kind::You } else { Kind::Person };
            everybody.add(Party::Person(who), kind, Hash::of(&[secret, b"person:", id.as_bytes()]));
        }
        let party = |who, staff: Option<Server>| staff.map_or(Party::Person(who), Party::Operator);
        let mut ties = Vec::new();
        for help in &scene.help {
            for operator in [help.giver_staff, help.taker_staff].into_iter().flatten() {
                let domain = self.people.domain(operator);
                let hash = Hash::of(&[secret, b"operator:", domain.as_bytes()]);
                everybody.add(Party::Operator(operator), Kind::Operator, hash);
            }
            let pair = (party(help.giver, help.giver_staff), party(help.taker, help.taker_staff));
            ties.push(pair);
        }
        everybody.lay_out(&ties)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Party {
    Person(Who),
    Operator(Server),
}

#[derive(Default)]
struct Everybody {
    found: HashMap<Party, Hash>,
    list: Vec<(Hash, Party, Kind)>,
}

impl Everybody {
    fn add(&mut self, party: Party, kind: Kind, hash: Hash) {
        if self.found.insert(party, hash).is_none() {
            self.list.push((hash, party, kind));
        }
    }

    fn lay_out(mut self, help: &[(Party, Party)]) -> Web {
        // In the order of their hashes, so that not even the order in the file says who was there
        // first.
        self.list.sort_unstable_by_key(|(hash, ..)| *hash);
        let index: HashMap<Party, usize> =
            self.list.iter().enumerate().map(|(i, (_, party, _))| (*party, i)).collect();
        let number = |party: &Party| index.get(party).copied();
        let mut ties: Vec<(usize, usize)> = help
            .iter()
            .filter_map(|(a, b)| Some((number(a)?, number(b)?)))
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        ties.sort_unstable();
        ties.dedup();
        let mut others = vec![Vec::new(); self.list.len()];
        let mut pull = others.clone();
        let operator =
            |index: usize| self.list.get(index).is_some_and(|one| one.2 == Kind::Operator);
        for (a, b) in &ties {
            for (one, other) in [(*a, *b), (*b, *a)] {
                if let Some(others) = others.get_mut(one) {
                    others.push(other);
                }
                // Staff draw nobody towards themselves: what people are to each other stays in
                // sight.
                if let Some(pull) = pull.get_mut(one).filter(|_| !operator(other)) {
                    pull.push(other);
                }
            }
        }
        let own: Vec<Place> = self.list.iter().map(|(hash, ..)| own_place(*hash)).collect();
        let places = apart(stretched(&pulled(&own, &pull), &own, &others), &others);
        let dots =
            self.list.iter().zip(&places).zip(&others).map(|(((_, _, kind), place), others)| {
                let ties = u32::try_from(others.len()).unwrap_or(u32::MAX);
                Dot { kind: *kind, place: *place, ties }
            });
        Web { dots: dots.collect(), ties }
    }
}

/// Anywhere in the disc, evenly, as the hash has it.
fn own_place(hash: Hash) -> Place {
    let part = |at: usize| {
        let bytes = hash.0.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        f64::from(u32::from_be_bytes(bytes.unwrap_or_default())) / 4_294_967_296.0
    };
    let (radius, angle) = (part(0).sqrt(), part(4) * std::f64::consts::TAU);
    (radius * angle.cos(), radius * angle.sin())
}

fn length((x, y): Place) -> f64 {
    x.hypot(y)
}

/// Everybody steps between their own place and the middle of those they have ties with, over and
/// over; nearly where this comes to rest. A tie more or less moves those around it, and others
/// little.
fn pulled(own: &[Place], others: &[Vec<usize>]) -> Vec<Place> {
    let mut places = own.to_vec();
    for _ in 0..STEPS {
        let step = |(own, others): (&Place, &Vec<usize>)| {
            if others.is_empty() {
                return *own;
            }
            let near = others.iter().filter_map(|other| places.get(*other));
            let (x, y) = near.fold((0.0, 0.0), |(x, y), place| (x + place.0, y + place.1));
            let count = float(others.len().try_into().unwrap_or(u64::MAX));
            let pull = 1.0 - OWN;
            (own.0 * OWN + pull * x / count, own.1 * OWN + pull * y / count)
        };
        places = own.iter().zip(others).map(step).collect();
    }
    places
}

/// Fills the disc: those with ties, drawn together before, spread over the inner part as evenly as
/// their order by distance allows; those without stand on the rim.
fn stretched(places: &[Place], own: &[Place], others: &[Vec<usize>]) -> Vec<Place> {
    let tied = |place: &(&Place, &Vec<usize>)| !place.1.is_empty();
    let count =
        float(others.iter().filter(|others| !others.is_empty()).count().try_into().unwrap_or(1));
    let sum = places
        .iter()
        .zip(others)
        .filter(tied)
        .fold((0.0, 0.0), |sum, (place, _)| (sum.0 + place.0, sum.1 + place.1));
    let middle = (sum.0 / count.max(1.0), sum.1 / count.max(1.0));
    let from_middle = |place: Place| (place.0 - middle.0, place.1 - middle.1);
    let squares: f64 = places
        .iter()
        .zip(others)
        .filter(tied)
        .map(|(place, _)| length(from_middle(*place)).powi(2))
        .sum();
    let spread = (squares / count.max(1.0)).sqrt().max(1e-6);
    let stretch = |((place, own), others): ((&Place, &Place), &Vec<usize>)| {
        if others.is_empty() {
            let far = length(*own).max(1e-6);
            return (own.0 / far, own.1 / far);
        }
        let (x, y) = from_middle(*place);
        let far = length((x, y)).max(1e-9);
        // Of a round swarm, that share is nearer: the swarm becomes an even disc.
        let share = 1.0 - (-(far / spread).powi(2)).exp();
        let radius = INNER * share.sqrt();
        (x / far * radius, y / far * radius)
    };
    places.iter().zip(own).zip(others).map(stretch).collect()
}

/// Those who stand too close step apart, and all stay in the disc.
fn apart(mut places: Vec<Place>, others: &[Vec<usize>]) -> Vec<Place> {
    let count = float(places.len().try_into().unwrap_or(u64::MAX)).max(1.0);
    // Where there are many, they may stand closer, so that circles are seen.
    let room = (1.5 / count.sqrt()).min(0.34) * (60.0 / count).sqrt().clamp(0.55, 1.0);
    for step in 0..APART_STEPS {
        let grid = Grid::new(&places, room);
        let strength = 0.4 * (1.0 - f64::from(step) / f64::from(APART_STEPS) * 0.6);
        let push = |(index, (place, others)): (usize, (&Place, &Vec<usize>))| {
            let mut moved = *place;
            for other in grid.near(*place).filter(|other| *other != index) {
                let Some(near) = places.get(other) else { continue };
                let (x, y) = (place.0 - near.0, place.1 - near.1);
                let far = length((x, y));
                if far < room {
                    let (x, y) = if far > 1e-9 { (x / far, y / far) } else { (1.0, 0.0) };
                    moved.0 += x * (room - far) * strength;
                    moved.1 += y * (room - far) * strength;
                }
            }
            let far = length(moved).max(1e-9);
            let limit = if others.is_empty() { 1.0 } else { INNER + 0.02 };
            let back = if others.is_empty() { 1.0 / far } else { (limit / far).min(1.0) };
            (moved.0 * back, moved.1 * back)
        };
        places = places.iter().zip(others).enumerate().map(push).collect();
    }
    places
}

/// Who stands in which square of the picture.
struct Grid {
    size: f64,
    cells: HashMap<(i32, i32), Vec<usize>>,
}

impl Grid {
    fn new(places: &[Place], size: f64) -> Self {
        let mut grid = Self { size, cells: HashMap::new() };
        for (index, place) in places.iter().enumerate() {
            grid.cells.entry(grid.cell(*place)).or_default().push(index);
        }
        grid
    }

    fn cell(&self, (x, y): Place) -> (i32, i32) {
        // As text and back: the one way from a fraction to a whole number that needs no cast.
        let whole = |at: f64| format!("{:.0}", (at / self.size).floor()).parse().unwrap_or(0);
        (whole(x), whole(y))
    }

    fn near(&self, place: Place) -> impl Iterator<Item = usize> {
        let (x, y) = self.cell(place);
        let around = (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        around.filter_map(|cell| self.cells.get(&cell)).flatten().copied()
    }
}
