//! Does help only come back, or does it travel on (H4)?
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dice::Dice,
    ratio::basis_points,
    report::{Rate, WINDOW_DAYS, Window},
    scene::{Help, Scene, pick},
    shape::MIN_PEOPLE,
};
use crate::{ledger::Hash, types::Time};

/// Nothing is said of fewer receipts.
pub const MIN_RECEIPTS: u64 = 60;
/// Help back within so many days is a direct return.
const RETURN_DAYS: i64 = 30;
/// Whoever has not helped the giver for so many days is helped without any return.
const DEBT_DAYS: i64 = 365;
/// Whoever was first helped so many days ago,
const FIRST_DAYS: i64 = 180;
/// has so many days to help a third person.
const FORWARD_DAYS: i64 = 90;
/// How many times the helpers are shuffled.
pub const SHUFFLES: u64 = 200;

/// What help does to those who are helped.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Generosity {
    /// The receipts that had their 30 days: the window's first 60 days.
    pub returned_window: Window,
    /// Receipts after which the helped one helped back within 30 days, of those.
    pub returned: Rate,
    /// What that would be if helpers did not care whom they help; once it is computed.
    pub returned_by_chance: Option<Chance>,
    /// Help to somebody who had not helped the giver in the 365 days before, of all of the window.
    pub unowed: Rate,
    /// When those were first helped of whom the next figure speaks: 180 to 90 days before the end.
    pub forward_window: Window,
    /// People who, first helped then, helped a third person within 90 days.
    pub passed_on: Rate,
}

/// What chance alone would bring, from 200 shuffles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Chance {
    /// The mean share of direct returns.
    pub bp: u64,
    /// In how many of the shuffles there were at least as many direct returns as in truth.
    pub at_least: u64,
}

/// One help between two parties: the pair, when, and in which of the two directions.
type Between = (u64, Time, bool);

fn parties(scene: &Scene<'_>, help: &Help) -> (u32, u32) {
    (scene.party(help.giver, help.giver_staff), scene.party(help.taker, help.taker_staff))
}

fn between((giver, taker): (u32, u32), at: Time) -> Option<Between> {
    let pair = u64::from(giver.min(taker)) << 32 | u64::from(giver.max(taker));
    (giver != taker).then_some((pair, at, giver < taker))
}

/// Calls `tell` for each help, with all help of the same two parties in order of time.
fn each(mut all: Vec<Between>, mut tell: impl FnMut(Between, &[Between])) {
    all.sort_unstable();
    for pair in all.chunk_by(|a, b| a.0 == b.0) {
        for one in pair {
            tell(*one, pair);
        }
    }
}

/// In `pair`, the other one helped after `after` and not after `until`.
fn back(one: Between, pair: &[Between], after: Time, until: Time) -> bool {
    let start = pair.partition_point(|other| other.1 <= after);
    let later = pair.get(start..).unwrap_or_default();
    later.iter().take_while(|other| other.1 <= until).any(|other| other.2 != one.2)
}

/// The figures of a window, from 60 receipts on.
pub fn generosity(scene: &Scene<'_>, people: u64) -> Option<Generosity> {
    let receipts = u64::try_from(scene.help.len()).unwrap_or(u64::MAX);
    if receipts < MIN_RECEIPTS || people < MIN_PEOPLE {
        return None;
    }
    let past = past(scene);
    let returned_window = returned_window(scene);
    let (mut returned, mut due, mut unowed) = (0, 0, 0);
    let all = past.iter().filter_map(|help| between(parties(scene, help), help.at)).collect();
    each(all, |one, pair| {
        let at = one.1;
        if scene.window.holds(at) {
            // Help confirmed in the same millisecond was there before.
            let since = Time(at.plus_days(-DEBT_DAYS).0.saturating_sub(1));
            unowed += u64::from(!back(one, pair, since, at));
        }
        if returned_window.holds(at) {
            due += 1;
            returned += u64::from(back(one, pair, at, at.plus_days(RETURN_DAYS)));
        }
    });
    let end = scene.window.to;
    let forward_window =
        Window { from: end.plus_days(-FIRST_DAYS), to: end.plus_days(-FORWARD_DAYS) };
    let (passed_on, first_helped) = passed_on(scene, &past, forward_window);
    Some(Generosity {
        returned_window,
        returned: Rate::new(returned, due, people),
        returned_by_chance: None,
        unowed: Rate::new(unowed, receipts, people),
        forward_window,
        passed_on: Rate::new(passed_on, first_helped, people),
    })
}

fn returned_window(scene: &Scene<'_>) -> Window {
    Window::days(scene.window.to.plus_days(-RETURN_DAYS), WINDOW_DAYS - RETURN_DAYS)
}

/// All help that a figure of this window looks back on, with everybody counted as in the window.
fn past(scene: &Scene<'_>) -> Vec<Help> {
    let far = Window::days(scene.window.to, FIRST_DAYS + DEBT_DAYS);
    scene.tally.receipts_in(far).filter_map(|row| scene.read(row)).collect()
}

/// Who was first helped in `window` (by a person or staff, and not in the 365 days before), and how
/// many of them helped somebody else than their helpers of that moment within 90 days.
fn passed_on(scene: &Scene<'_>, past: &[Help], window: Window) -> (u64, u64) {
    let people = usize::try_from(scene.tally.people.count()).unwrap_or(0);
    let mut first = vec![Time(i64::MAX); people];
    for help in past.iter().filter(|help| help.taker_staff.is_none()) {
        if let Some(first) = place(&mut first, help.taker) {
            *first = help.at.min(*first);
        }
    }
    let newly = |who: u32| pick(&first, who).filter(|at| window.holds(*at));
    let mut helpers: HashMap<u32, Vec<u32>> = HashMap::new();
    for help in past.iter().filter(|help| newly(help.taker) == Some(help.at)) {
        helpers.entry(help.taker).or_default().push(parties(scene, help).0);
    }
    let mut passed = vec![false; people];
    for help in past.iter().filter(|help| help.giver_staff.is_none()) {
        let Some(at) = newly(help.giver) else { continue };
        let in_time = help.at > at && help.at <= at.plus_days(FORWARD_DAYS);
        let third = |helpers: &Vec<u32>| !helpers.contains(&parties(scene, help).1);
        if in_time
            && helpers.get(&help.giver).is_some_and(third)
            && let Some(passed) = place(&mut passed, help.giver)
        {
            *passed = true;
        }
    }
    let count = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
    (count(passed.iter().filter(|passed| **passed).count()), count(helpers.len()))
}

fn place<T>(list: &mut [T], who: u32) -> Option<&mut T> {
    usize::try_from(who).ok().and_then(|index| list.get_mut(index))
}

/// Shuffles who helped 200 times, among the window's receipts; times and the helped stay. What
/// becomes help for oneself is neither returned nor a return.
pub fn by_chance(scene: &Scene<'_>, root: Hash) -> Option<Chance> {
    let window = returned_window(scene);
    let due = scene.help.iter().filter(|help| window.holds(help.at)).count();
    let due = u64::try_from(due).unwrap_or(0);
    let mut helpers: Vec<u32> = scene.help.iter().map(|help| parties(scene, help).0).collect();
    let fixed: Vec<(u32, Time)> =
        scene.help.iter().map(|help| (parties(scene, help).1, help.at)).collect();
    let true_count = returns(&helpers, &fixed, window);
    let mut dice = Dice::new("generosity", root);
    let (mut sum, mut at_least) = (0, 0);
    for _ in 0..SHUFFLES {
        dice.shuffle(&mut helpers);
        let found = returns(&helpers, &fixed, window);
        sum += found;
        at_least += u64::from(found >= true_count);
    }
    (due > 0).then(|| Chance { bp: basis_points(sum, due * SHUFFLES), at_least })
}

/// Receipts in `window` after which the helped one helped back within 30 days.
fn returns(helpers: &[u32], fixed: &[(u32, Time)], window: Window) -> u64 {
    let helps = helpers.iter().zip(fixed);
    let all = helps.filter_map(|(giver, (taker, at))| between((*giver, *taker), *at)).collect();
    let mut found = 0;
    each(all, |one, pair| {
        let in_time = || back(one, pair, one.1, one.1.plus_days(RETURN_DAYS));
        found += u64::from(window.holds(one.1) && in_time());
    });
    found
}
