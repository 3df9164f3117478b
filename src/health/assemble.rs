//! From a tally to a report.
use super::{
    concentration::{self, concentration},
    generosity::{self, by_chance, generosity},
    graph::{Measures, measure},
    held::held,
    rates::rates,
    report::{
        Figure, Form, FormNumbers, MIN_CELL, Missing, Pair, Rates, Replies, Report, Resampled,
        TREND_STEP_DAYS, TREND_WINDOWS, Totals, Trend, VERSION, WINDOW_DAYS, Window,
    },
    scene::Scene,
    shape::{FIRM_PEOPLE, FIRM_RECEIPTS_EACH, MIN_PEOPLE, Shape, WEB_RECEIPTS, resample},
    tally::Tally,
};
use crate::{ledger::Hash, types::Time};

impl Tally {
    /// The report for that time, under the root of the tree of all entries taken. `as_of` is not
    /// before the last of them. Chance is left out: see [`Tally::resampled`] and
    /// [`Report::settle`].
    #[must_use]
    pub fn report(&self, as_of: Time, root: Hash) -> Report {
        let window = Window::days(as_of, WINDOW_DAYS);
        let before = Window::days(window.from, WINDOW_DAYS);
        let (now, then) = (View::new(self, window, as_of), View::new(self, before, as_of));
        let missing = missing(&now.measures);
        let mut held = held(&now.scene, now.totals.people);
        let held_then = super::held::held(&then.scene, then.totals.people);
        held.before_bp = held_then.holders.iter().filter_map(|hold| hold.mean_bp).max();
        Report {
            version: VERSION,
            as_of,
            size: self.size(),
            root,
            window,
            before,
            form: Form {
                shape: now.measures.shape(),
                firm: false,
                numbers: FormNumbers::of(&now.measures),
                before: FormNumbers::of(&then.measures),
                resamples: None,
            },
            concentration: Pair {
                now: concentration(&now.scene, now.totals.people),
                before: concentration(&then.scene, then.totals.people),
            },
            generosity: Pair {
                now: generosity(&now.scene, now.totals.people),
                before: generosity(&then.scene, then.totals.people),
            },
            held,
            trends: self.trends(as_of, &now),
            missing,
            totals: Pair { now: now.totals, before: then.totals },
            rates: Pair { now: now.rates, before: then.rates },
            replies: Pair { now: now.replies, before: then.replies },
        }
    }

    /// What takes chance: 100 resamples of the shape and 200 shuffles of who helped, seeded by the
    /// root. Takes seconds for a million receipts.
    #[must_use]
    pub fn resampled(&self, as_of: Time, root: Hash) -> Resampled {
        let scene = Scene::new(self, Window::days(as_of, WINDOW_DAYS), as_of);
        let (parties, help) = scene.graph();
        let people = u64::from(parties.people);
        let generous = generosity(&scene, people).is_some();
        Resampled {
            as_of,
            root,
            shape: resample(parties, &help, root),
            returned: if generous { by_chance(&scene, root) } else { None },
        }
    }

    /// Twelve windows, the last of them the one that was looked at already.
    fn trends(&self, as_of: Time, now: &View<'_>) -> Vec<Trend> {
        let ends = (1..TREND_WINDOWS).rev().map(|step| as_of.plus_days(-step * TREND_STEP_DAYS));
        let earlier = ends.map(|end| {
            let scene = Scene::new(self, Window::days(end, WINDOW_DAYS), as_of);
            trend(&scene, &rates(&scene).0)
        });
        earlier.chain([trend(&now.scene, &now.rates)]).collect()
    }
}

fn trend(scene: &Scene<'_>, rates: &Rates) -> Trend {
    Trend {
        window: scene.window,
        people: count(scene.people().count()),
        receipts: count(scene.help.len()),
        participation: rates.participation,
        received: rates.received,
        gave: rates.gave,
        asks_confirmed: rates.asks_confirmed,
        first_posts_answered: rates.first_posts_answered,
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// A window and what every figure of it starts from.
struct View<'a> {
    scene: Scene<'a>,
    measures: Measures,
    totals: Totals,
    rates: Rates,
    replies: Replies,
}

impl<'a> View<'a> {
    fn new(tally: &'a Tally, window: Window, as_of: Time) -> Self {
        let scene = Scene::new(tally, window, as_of);
        let (parties, help) = scene.graph();
        let measures = measure(parties, &help);
        let (rates, replies) = rates(&scene);
        let totals = totals(&scene, &measures);
        Self { scene, measures, totals, rates, replies }
    }
}

fn totals(scene: &Scene<'_>, measures: &Measures) -> Totals {
    let end = scene.window.to;
    let members = scene
        .tally
        .people
        .iter()
        .filter(|(who, person)| scene.is_person(*who) && person.member_since(end).is_some());
    let shown = |part: u64| part == 0 || part >= MIN_CELL;
    let split = |part: usize| {
        let part = count(part);
        (shown(part) && shown(measures.receipts.saturating_sub(part))).then_some(part)
    };
    let by_staff = scene.help.iter().filter(|help| help.giver_staff.is_some()).count();
    let on_proof = scene.help.iter().filter(|help| help.proof).count();
    let halves = scene.tally.halves.iter().filter(|(_, at)| scene.window.holds(*at));
    Totals {
        people: measures.people,
        members: count(members.count()),
        receipts: measures.receipts,
        by_staff: split(by_staff),
        on_proof: split(on_proof),
        half_counted: scene.half,
        half_kept: count(halves.count()),
        asks: count(scene.threads().filter(|thread| thread.ask).count()),
    }
}

/// Which figures wait, and for how much.
fn missing(measures: &Measures) -> Vec<Missing> {
    let (people, receipts) = (measures.people, measures.receipts);
    let early = measures.shape() == Shape::TooEarly;
    let shape_receipts = if early { WEB_RECEIPTS.max(people).max(MIN_PEOPLE) } else { 0 };
    let firm = FIRM_RECEIPTS_EACH * people.max(FIRM_PEOPLE);
    [
        (Figure::Shape, MIN_PEOPLE, shape_receipts),
        (Figure::FirmShape, FIRM_PEOPLE, firm),
        (Figure::Concentration, MIN_PEOPLE, concentration::MIN_RECEIPTS),
        (Figure::Generosity, MIN_PEOPLE, generosity::MIN_RECEIPTS),
        (Figure::Held, MIN_PEOPLE, 0),
    ]
    .into_iter()
    .map(|(figure, most_people, most_receipts)| Missing {
        figure,
        people: most_people.saturating_sub(people),
        receipts: most_receipts.saturating_sub(receipts),
    })
    .filter(|missing| missing.people + missing.receipts > 0)
    .collect()
}
