//! How many of us take part, help and are helped (H1).
use super::{
    people::Who,
    report::{MIN_CELL, Rate, Rates, Replies, Reply, Span, Window},
    scene::{Class, Scene},
    shape::MIN_PEOPLE,
    tally::{Key, Thread, What},
    waiting::{self, Wait},
};
use crate::types::Time;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// Monday 1970-01-05, from which weeks are counted.
const FIRST_MONDAY_MS: i64 = 4 * DAY_MS;
/// Participation looks at so many days, and at those who are members that long.
pub const PRESENCE_DAYS: i64 = 28;
/// An ask has so long until it counts as confirmed or not.
pub const ASK_DAYS: i64 = 7;
/// A newcomer has so many weeks, after the one of joining, to come back.
const NEWCOMER_WEEKS: i64 = 4;

fn week(time: Time) -> i64 {
    time.0.saturating_sub(FIRST_MONDAY_MS).div_euclid(WEEK_MS)
}

/// First replies to a thread, and first help confirmed in it.
#[derive(Clone, Copy)]
struct Firsts {
    member: Time,
    staff: Time,
    confirmed: Time,
    confirmed_staff: Time,
}

/// It has not happened.
const NEVER: Time = Time(i64::MAX);
const NOTHING: Firsts =
    Firsts { member: NEVER, staff: NEVER, confirmed: NEVER, confirmed_staff: NEVER };

/// What came first, for each thread of a window; by number, from the lowest on.
struct AllFirsts {
    lowest: Key,
    list: Vec<Firsts>,
}

impl AllFirsts {
    fn of(&self, thread: &Thread) -> Firsts {
        let index =
            thread.key.checked_sub(self.lowest).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.list.get(index)).copied().unwrap_or(NOTHING)
    }

    fn get_mut(&mut self, key: Key) -> Option<&mut Firsts> {
        let index = usize::try_from(key.checked_sub(self.lowest)?).ok()?;
        self.list.get_mut(index)
    }
}

fn earlier(first: &mut Time, at: Time) {
    *first = at.min(*first);
}

/// All rates of a window, and the waits until the first reply.
pub fn rates(scene: &Scene<'_>) -> (Rates, Replies) {
    let firsts = firsts(scene);
    let end = scene.window.to;
    let mut people = [0_u64; 5];
    for (_, part) in scene.people() {
        let helped_by_staff_only = part.received_from_staff && !part.received;
        let facts =
            [true, part.received, part.gave, part.received && part.gave, helped_by_staff_only];
        for (sum, fact) in people.iter_mut().zip(facts) {
            *sum += u64::from(fact);
        }
    }
    let [n, received, gave, both, by_staff_only] = people;
    let due = end.plus_days(-ASK_DAYS);
    let in_time =
        |thread: &Thread, at: Time, ms: i64| at < NEVER && at.0 <= thread.at.0.saturating_add(ms);
    let (mut asks, mut confirmed, mut confirmed_staff) = (0, 0, 0);
    let (mut newly, mut welcomed, mut welcomed_staff) = (0, 0, 0);
    for thread in scene.threads() {
        let first = firsts.of(thread);
        if thread.ask && thread.at <= due {
            asks += 1;
            let by_member = in_time(thread, first.confirmed, ASK_DAYS * DAY_MS);
            confirmed += u64::from(by_member);
            let by_staff = in_time(thread, first.confirmed_staff, ASK_DAYS * DAY_MS);
            confirmed_staff += u64::from(by_staff && !by_member);
        }
        if thread.first && thread.at <= end.plus_days(-1) {
            newly += 1;
            let by_member = in_time(thread, first.member, DAY_MS);
            welcomed += u64::from(by_member);
            let by_staff = in_time(thread, first.staff, DAY_MS);
            welcomed_staff += u64::from(by_staff && !by_member);
        }
    }
    let (present, members) = presence(scene);
    let (returned, newcomers) = newcomers(scene);
    let rates = Rates {
        participation_window: Window::days(end, PRESENCE_DAYS),
        participation: Rate::new(present, members, n),
        received: Rate::new(received, n, n),
        received_from_staff_only: Rate::column(by_staff_only, n, n),
        gave: Rate::new(gave, n, n),
        both: Rate::new(both, n, n),
        asks_confirmed: Rate::new(confirmed, asks, n),
        asks_confirmed_by_staff_only: Rate::column(confirmed_staff, asks, n),
        newcomers_returned: Rate::new(returned, newcomers, n),
        first_posts_answered: Rate::new(welcomed, newly, n),
        first_posts_answered_by_staff_only: Rate::column(welcomed_staff, newly, n),
    };
    (rates, replies(scene, &firsts))
}

/// For each ask or first thread, what came first.
fn firsts(scene: &Scene<'_>) -> AllFirsts {
    let keys = || scene.threads().map(|thread| thread.key);
    let (lowest, highest) = (keys().min().unwrap_or(0), keys().max().unwrap_or(0));
    let len = usize::try_from(highest - lowest).unwrap_or(0).saturating_add(1);
    let mut found = AllFirsts { lowest, list: vec![NOTHING; len] };
    let deeds = scene.tally.deeds_in(scene.window);
    for deed in deeds {
        let What::Answered(thread) = deed.what else { continue };
        let Some(firsts) = found.get_mut(thread) else { continue };
        match scene.class(deed.who) {
            Class::Person => earlier(&mut firsts.member, deed.at),
            Class::Staff(_) => earlier(&mut firsts.staff, deed.at),
            Class::Out => {}
        }
    }
    for help in &scene.help {
        let Some(firsts) = found.get_mut(help.thread) else { continue };
        let by_person = help.giver_staff.is_none();
        let first = if by_person { &mut firsts.confirmed } else { &mut firsts.confirmed_staff };
        earlier(first, help.at);
    }
    found
}

/// Members of 28 days or more, and who of them was active in those 28 days.
fn presence(scene: &Scene<'_>) -> (u64, u64) {
    let end = scene.window.to;
    let recent = Window::days(end, PRESENCE_DAYS);
    let tally = scene.tally;
    let mut seen = vec![false; scene.classes.len()];
    let mut see = |who: Who| {
        if let Some(seen) = usize::try_from(who).ok().and_then(|index| seen.get_mut(index)) {
            *seen = true;
        }
    };
    let deeds = tally.deeds_in(recent).filter(|deed| deed.what != What::Moderated);
    deeds.for_each(|deed| see(deed.who));
    tally.threads_in(recent).for_each(|thread| see(thread.by));
    for row in tally.receipts_in(recent) {
        see(row.helper);
        see(row.receiver);
    }
    let long = |who| {
        let person = tally.people.get(who);
        let since = person.and_then(|person| person.member_since(end));
        scene.is_person(who) && since.is_some_and(|since| since <= recent.from)
    };
    let members = (0..).zip(&seen).filter(|(who, _)| long(*who));
    members.fold((0, 0), |(present, all), (_, seen)| (present + u64::from(*seen), all + 1))
}

/// People who joined for the first time in the window and had their four weeks, and who of them
/// came back.
fn newcomers(scene: &Scene<'_>) -> (u64, u64) {
    let end = scene.window.to;
    let mut joined: Vec<Option<i64>> = Vec::with_capacity(scene.classes.len());
    for (who, person) in scene.tally.people.iter() {
        let at = person.first_joined().filter(|at| scene.window.holds(*at));
        let due = at.map(week).filter(|joined| joined + NEWCOMER_WEEKS < week(end));
        joined.push(due.filter(|_| scene.is_person(who)));
    }
    let count = |joined: &[Option<i64>]| joined.iter().flatten().fold(0, |sum, _| sum + 1);
    let all = count(&joined);
    for deed in scene.tally.deeds_in(scene.window) {
        let What::Active(week) = deed.what else { continue };
        let place = usize::try_from(deed.who).ok().and_then(|index| joined.get_mut(index));
        let Some(place) = place else { continue };
        let weeks = place.map(|joined| i64::from(week).saturating_sub(joined));
        if weeks.is_some_and(|weeks| (1..=NEWCOMER_WEEKS).contains(&weeks)) {
            *place = None;
        }
    }
    (all - count(&joined), all)
}

fn replies(scene: &Scene<'_>, firsts: &AllFirsts) -> Replies {
    let asks = || scene.threads().filter(|thread| thread.ask);
    let wait = |thread: &Thread, at: Time| {
        let until = at.min(scene.window.to);
        Wait { ms: until.0.saturating_sub(thread.at.0), over: at < NEVER }
    };
    Replies {
        member: reply(asks().map(|thread| wait(thread, firsts.of(thread).member)).collect()),
        staff: Some(reply(asks().map(|thread| wait(thread, firsts.of(thread).staff)).collect()))
            .filter(|staff| staff.answered == 0 || staff.answered >= MIN_CELL),
    }
}

fn reply(waits: Vec<Wait>) -> Reply {
    let asks = u64::try_from(waits.len()).unwrap_or(u64::MAX);
    let answered = u64::try_from(waits.iter().filter(|wait| wait.over).count()).unwrap_or(0);
    let enough = asks >= MIN_PEOPLE;
    let median = if enough { waiting::median_ms(waits) } else { None };
    let minutes = median.map(|ms| u64::try_from(ms / 60_000).unwrap_or(0));
    Reply { asks, answered, enough, median: minutes.map(|minutes| Span { minutes }) }
}
