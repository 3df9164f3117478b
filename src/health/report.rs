//! The report: all figures of a group at one time, in whole numbers, each with its window.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    concentration::Concentration,
    generosity::{Chance, Generosity},
    graph::Measures,
    held::Held,
    ratio::{Range, wilson},
    shape::{MIN_PEOPLE, Shape, Votes},
};
use crate::{ledger::Hash, types::Time};

/// The report's version: raised whenever a figure is counted otherwise.
pub const VERSION: u64 = 1;
/// How long a window is.
pub const WINDOW_DAYS: i64 = 90;
/// How far the windows of the trend are apart.
pub const TREND_STEP_DAYS: i64 = 30;
/// How many windows the trend has.
pub const TREND_WINDOWS: i64 = 12;
/// A part of a breakdown below this is not shown.
pub const MIN_CELL: u64 = 5;

/// A stretch of time: after `from`, up to and with `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Window {
    /// Its beginning, itself outside.
    pub from: Time,
    /// Its end, itself inside.
    pub to: Time,
}

impl Window {
    /// That many days up to `end`.
    #[must_use]
    pub fn days(end: Time, days: i64) -> Self {
        Self { from: end.plus_days(-days), to: end }
    }

    /// A time is inside.
    #[must_use]
    pub fn holds(&self, at: Time) -> bool {
        self.from < at && at <= self.to
    }
}

/// A figure, and the same one a window earlier.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[schemars(rename = "{T}ThenAndNow")]
pub struct Pair<T> {
    /// In the window.
    pub now: T,
    /// In the one before it.
    pub before: T,
}

/// Some of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Rate {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub of: u64,
    /// The share with its range, from 12 on.
    pub share: Option<Range>,
}

impl Rate {
    /// The rate, with a share if there is enough to speak of one: 12 of what is counted, in a
    /// window with 12 active `people`.
    #[must_use]
    pub fn new(part: u64, of: u64, people: u64) -> Self {
        let enough = of >= MIN_PEOPLE && people >= MIN_PEOPLE;
        Self { part, of, share: if enough { wilson(part, of) } else { None } }
    }

    /// The rate as a part of a breakdown: nothing where it would point at one to four people.
    #[must_use]
    pub fn column(part: u64, of: u64, people: u64) -> Option<Self> {
        (part == 0 || part >= MIN_CELL).then(|| Self::new(part, of, people))
    }
}

/// Plain counts of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Totals {
    /// Active people: not programs, staff, or left out by their own wish (n).
    pub people: u64,
    /// Members at the window's end, of the same kinds.
    pub members: u64,
    /// Receipts between two different parties, at least one of them not staff (m).
    pub receipts: u64,
    /// Those of them in which staff helped; nothing where they or the others are one to four.
    pub by_staff: Option<u64>,
    /// Those of them that rest on proof: who was helped signed them with a key that the group's
    /// server does not hold. Nothing where they or the others are one to four.
    pub on_proof: Option<u64>,
    /// Receipts of which only one side is counted, since the other one left itself out.
    pub half_counted: u64,
    /// Halves written in the window for receipts that were erased.
    pub half_kept: u64,
    /// Asks.
    pub asks: u64,
}

/// Shares of people, asks and newcomers (H1).
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Rates {
    /// The 28 days of participation; all others are of the window.
    pub participation_window: Window,
    /// Active in 28 days, of the members of 28 days or more.
    pub participation: Rate,
    /// Received help from a person, of the active.
    pub received: Rate,
    /// Received help from staff alone.
    pub received_from_staff_only: Option<Rate>,
    /// Gave help.
    pub gave: Rate,
    /// Gave and received.
    pub both: Rate,
    /// Asks in which help by a person was confirmed within 7 days, of those older than 7 days.
    pub asks_confirmed: Rate,
    /// Asks in which only help by staff was.
    pub asks_confirmed_by_staff_only: Option<Rate>,
    /// Newcomers who were active in one of the four weeks after the one in which they joined, of
    /// those whose four weeks are over.
    pub newcomers_returned: Rate,
    /// First posts that a member answered within 24 hours, of those older than that.
    pub first_posts_answered: Rate,
    /// First posts that only staff answered in that time.
    pub first_posts_answered_by_staff_only: Option<Rate>,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Span {
    /// Whole minutes.
    pub minutes: u64,
}

/// How long asks wait for their first reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Reply {
    /// Asks of the window.
    pub asks: u64,
    /// Those with such a reply by its end.
    pub answered: u64,
    /// There are enough asks to give a median.
    pub enough: bool,
    /// The median; `None` as long as less than half are answered.
    pub median: Option<Span>,
}

/// First replies, by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Replies {
    /// By a member who is not staff.
    pub member: Reply,
    /// By staff; nothing where they answered one to four.
    pub staff: Option<Reply>,
}

/// The shape (H2) with all that it was judged from.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Form {
    /// What is said: as long as the resamples are not done, what the numbers alone say.
    pub shape: Shape,
    /// More than an early sign: enough people and receipts, and the resamples agree.
    pub firm: bool,
    /// The numbers, from 12 people on.
    pub numbers: Option<FormNumbers>,
    /// The same a window earlier.
    pub before: Option<FormNumbers>,
    /// What the 100 resamples found, once they are done.
    pub resamples: Option<Votes>,
}

/// The numbers behind a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct FormNumbers {
    /// Share of people with a tie (c), in basis points.
    pub tied_bp: u64,
    /// The largest party's share of help or of ties, the larger of the two (Dom).
    pub largest_bp: u64,
    /// The largest party is an operator with its staff.
    pub largest_is_operator: bool,
    /// Without that party, the largest connected share of the rest (L).
    pub connected_bp: u64,
    /// Without that party, the share of the rest with two or more of each other to turn to (K).
    pub core_bp: u64,
    /// Distinct pairs with a tie.
    pub ties: u64,
}

impl FormNumbers {
    /// The numbers, if there are people enough to show them.
    #[must_use]
    pub fn of(measures: &Measures) -> Option<Self> {
        (measures.people >= MIN_PEOPLE).then(|| Self {
            tied_bp: measures.tied_bp(),
            largest_bp: measures.largest_bp(),
            largest_is_operator: measures.operator,
            connected_bp: measures.connected_bp(),
            core_bp: measures.core_bp(),
            ties: measures.ties,
        })
    }
}

/// One of the twelve windows of the trend; each is 90 days long and ends 30 days after the one
/// before.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Trend {
    /// When.
    pub window: Window,
    /// Active people.
    pub people: u64,
    /// Receipts.
    pub receipts: u64,
    /// See [`Rates::participation`].
    pub participation: Rate,
    /// See [`Rates::received`].
    pub received: Rate,
    /// See [`Rates::gave`].
    pub gave: Rate,
    /// See [`Rates::asks_confirmed`].
    pub asks_confirmed: Rate,
    /// See [`Rates::first_posts_answered`].
    pub first_posts_answered: Rate,
}

/// A figure that is not shown yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Missing {
    /// Which.
    pub figure: Figure,
    /// So many more active people are needed.
    pub people: u64,
    /// So many more receipts are needed.
    pub receipts: u64,
}

/// The figures that wait for enough data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// [`Form`], as an early sign.
    Shape,
    /// [`Form`], firm.
    FirmShape,
    /// [`Concentration`].
    Concentration,
    /// [`Generosity`].
    Generosity,
    /// Shares in [`Held`].
    Held,
}

/// How a group is doing: recomputed by anybody from the ledger up to `size`.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[schemars(rename = "GroupHealth")]
pub struct Report {
    /// How it was counted: [`VERSION`].
    pub version: u64,
    /// The time it speaks of.
    pub as_of: Time,
    /// The entries it rests on.
    pub size: u64,
    /// The tree's root at that size; seeds all chance.
    pub root: Hash,
    /// The window.
    pub window: Window,
    /// The one before.
    pub before: Window,
    /// Plain counts.
    pub totals: Pair<Totals>,
    /// Shares (H1).
    pub rates: Pair<Rates>,
    /// First replies to asks (H1).
    pub replies: Pair<Replies>,
    /// Pool, hub or web (H2).
    pub form: Form,
    /// Who carries the help (H3), from 30 receipts on.
    pub concentration: Pair<Option<Concentration>>,
    /// What help does to those who are helped (H4), from 60 receipts on.
    pub generosity: Pair<Option<Generosity>>,
    /// Who could take it away (H5).
    pub held: Held,
    /// Twelve windows, the oldest first (H7).
    pub trends: Vec<Trend>,
    /// What is not shown yet, and what it waits for (H6).
    pub missing: Vec<Missing>,
}

/// What takes chance and time: computed apart, in the background.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Resampled {
    /// The report's time.
    pub as_of: Time,
    /// The report's root.
    pub root: Hash,
    /// What the resamples of the shape found.
    pub shape: Votes,
    /// What the shuffles of the help found.
    pub returned: Option<Chance>,
}

impl Report {
    /// As a document of its own kind, as pages and files carry it.
    #[must_use]
    pub fn document(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.insert("type".into(), "HealthReport".into());
        }
        value
    }

    /// Fills in what was computed apart; nothing, if it belongs to another report.
    pub fn settle(&mut self, resampled: &Resampled) {
        if (self.as_of, self.root) != (resampled.as_of, resampled.root) {
            return;
        }
        self.form.shape = resampled.shape.settle(self.form.shape);
        self.form.resamples = Some(resampled.shape);
        self.form.firm = self.form.numbers.is_some()
            && resampled.shape.of(self.form.shape) >= super::shape::MUST_AGREE
            && !self.missing.iter().any(|missing| missing.figure == Figure::FirmShape);
        if let Some(generosity) = &mut self.generosity.now {
            generosity.returned_by_chance = resampled.returned;
        }
    }
}
