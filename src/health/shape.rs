//! Is the group a pool, a hub or a web (H2)?
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dice::Dice,
    graph::{Help, Measures, Parties, measure},
    ratio::basis_points,
};
use crate::ledger::Hash;

/// No shape is named for fewer active people.
pub const MIN_PEOPLE: u64 = 12;
/// A shape is more than an early sign from this many people,
pub const FIRM_PEOPLE: u64 = 20;
/// and from this many receipts for each of them.
pub const FIRM_RECEIPTS_EACH: u64 = 2;
/// A group is called a hub from this many receipts.
const HUB_RECEIPTS: u64 = 20;
/// Without this many receipts, or one for each person if that is more, it is too early for a web.
pub const WEB_RECEIPTS: u64 = 30;
/// Share of people with a tie, share of the rest in the core, largest connected share of the rest.
const LITTLE_BP: u64 = 4_000;
/// The largest party's share that makes it the hub.
const HALF_BP: u64 = 5_000;
/// Largest connected share of the rest from which a group is a web.
const MOST_BP: u64 = 6_000;
/// How many times the receipts are drawn anew.
pub const RESAMPLES: u64 = 100;
/// So many of them must find the same shape.
pub const MUST_AGREE: u64 = 70;

/// What help makes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Nothing can be said yet.
    TooEarly,
    /// People stand side by side: most have no tie, or ties hang together in small parts only.
    Pool,
    /// Most help goes through one party; without it little is left.
    Hub,
    /// People help each other, and would go on without the busiest of them.
    Web,
    /// None of these clearly.
    Between,
}

impl Measures {
    /// Share of people with a tie (c), in basis points.
    #[must_use]
    pub fn tied_bp(&self) -> u64 {
        basis_points(self.tied, self.people)
    }

    /// The larger of the largest party's shares (Dom): of help given, and of ties touched.
    #[must_use]
    pub fn largest_bp(&self) -> u64 {
        basis_points(self.given, self.receipts).max(basis_points(self.touched, self.ties))
    }

    /// Largest connected share of the rest (L).
    #[must_use]
    pub fn connected_bp(&self) -> u64 {
        basis_points(self.connected, self.rest)
    }

    /// Share of the rest in the 2-core (K).
    #[must_use]
    pub fn core_bp(&self) -> u64 {
        basis_points(self.core, self.rest)
    }

    /// The shape that these numbers have. The order of the questions is part of the definition.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let one_party = self.largest_bp() >= HALF_BP;
        let little_core = self.core_bp() < LITTLE_BP;
        if self.people < MIN_PEOPLE {
            Shape::TooEarly
        } else if self.tied_bp() < LITTLE_BP {
            Shape::Pool
        } else if one_party && little_core && self.receipts >= HUB_RECEIPTS {
            Shape::Hub
        } else if self.connected_bp() < LITTLE_BP {
            Shape::Pool
        } else if self.receipts < WEB_RECEIPTS.max(self.people) {
            Shape::TooEarly
        } else if !one_party && !little_core && self.connected_bp() >= MOST_BP {
            Shape::Web
        } else {
            Shape::Between
        }
    }

    /// There is enough for more than an early sign.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.people >= FIRM_PEOPLE && self.receipts >= FIRM_RECEIPTS_EACH * self.people
    }
}

/// How many of the resamples found each shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Votes {
    /// See [`Shape::TooEarly`].
    pub too_early: u64,
    /// See [`Shape::Pool`].
    pub pool: u64,
    /// See [`Shape::Hub`].
    pub hub: u64,
    /// See [`Shape::Web`].
    pub web: u64,
    /// See [`Shape::Between`].
    pub between: u64,
}

impl Votes {
    /// How many found this one.
    #[must_use]
    pub fn of(&self, shape: Shape) -> u64 {
        match shape {
            Shape::TooEarly => self.too_early,
            Shape::Pool => self.pool,
            Shape::Hub => self.hub,
            Shape::Web => self.web,
            Shape::Between => self.between,
        }
    }

    fn add(&mut self, shape: Shape) {
        match shape {
            Shape::TooEarly => self.too_early += 1,
            Shape::Pool => self.pool += 1,
            Shape::Hub => self.hub += 1,
            Shape::Web => self.web += 1,
            Shape::Between => self.between += 1,
        }
    }

    /// What is said once the resamples were asked: a shape that too few of them find is none.
    #[must_use]
    pub fn settle(&self, found: Shape) -> Shape {
        match found {
            Shape::Pool | Shape::Hub | Shape::Web if self.of(found) < MUST_AGREE => Shape::Between,
            _ => found,
        }
    }
}

/// Draws the receipts anew 100 times, each time as many as there are, with repetition, and asks
/// each time for the shape; the people stay.
#[must_use]
pub fn resample(parties: Parties, help: &[Help], root: Hash) -> Votes {
    let mut dice = Dice::new("shape", root);
    let mut votes = Votes::default();
    for _ in 0..RESAMPLES {
        let drawn: Vec<Help> =
            help.iter().filter_map(|_| help.get(dice.index(help.len())).copied()).collect();
        votes.add(measure(parties, &drawn).shape());
    }
    votes
}
