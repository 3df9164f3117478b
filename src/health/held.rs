//! Who could take the group away from its members (H5)?
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    concentration,
    people::{Server, Who},
    ratio::{WHOLE_BP, basis_points},
    report::MIN_CELL,
    scene::{Class, Scene, pick},
    shape::MIN_PEOPLE,
    tally::What,
};

/// A standby's restore counts for so many days.
const STANDBY_DAYS: i64 = 7;
/// At most so many holders are listed.
const MOST_LISTED: usize = 10;

/// Whose something is, as far as it may be said: people are never named, operators always.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Holder {
    /// A person, or a server that only one of us uses.
    OnePerson,
    /// A server that two to four of us use.
    FewPeople,
    /// A server and who runs it.
    Operator {
        /// Its domain.
        domain: String,
    },
}

impl Holder {
    /// The operator of that server, by name.
    pub fn operator(scene: &Scene<'_>, server: Server) -> Self {
        Self::Operator { domain: scene.tally.people.domain(server).to_owned() }
    }

    /// A server by name, if it hosts the group, has declared staff, or is used by five of us.
    pub fn server(scene: &Scene<'_>, server: Server) -> Self {
        let staff = |class: &Class| *class == Class::Staff(server);
        if scene.tally.host == Some(server) || scene.classes.iter().any(staff) {
            return Self::operator(scene, server);
        }
        let end = scene.window.to;
        let here = scene.tally.people.iter().filter(|(who, person)| {
            let active = pick(&scene.parts, *who).is_some_and(|part| part.active);
            person.server == server && (active || person.member_since(end).is_some())
        });
        match u64::try_from(here.count()).unwrap_or(u64::MAX) {
            0 | 1 => Self::OnePerson,
            2..MIN_CELL => Self::FewPeople,
            MIN_CELL.. => Self::operator(scene, server),
        }
    }
}

/// Who holds how much, the one who holds most first.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Held {
    /// The word; nothing under 12 people.
    pub word: Option<HeldWord>,
    /// Whether `roll` speaks of the roll or, as long as the ledger names none, of all members.
    pub roll_is_members: bool,
    /// Operators, and the one person who holds most.
    pub holders: Vec<Hold>,
    /// The largest mean a window earlier, where there was enough to say.
    pub before_bp: Option<u64>,
}

/// What a holder's mean comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldWord {
    /// Below 40 %, and nobody can close the group alone.
    MemberOwned,
    /// Between.
    Shared,
    /// Above 60 %.
    HeldBy,
}

/// The five parts of what somebody holds, in basis points. A part is missing where the window has
/// too little of the kind: of help under 30 receipts, of moderation and ballots under five; under
/// 12 people only `existence` is there.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Hold {
    /// Who.
    pub holder: Holder,
    /// Share of the roll on their server.
    pub roll_bp: Option<u64>,
    /// Share of help given, by their staff (or the one person).
    pub help_bp: Option<u64>,
    /// Share of moderation acts.
    pub moderation_bp: Option<u64>,
    /// Share of ballots.
    pub ballots_bp: Option<u64>,
    /// Whether they can end the group: all if they alone can, half if another server has proved it
    /// could go on.
    pub existence_bp: u64,
    /// The mean of the parts that are there, rounded down.
    pub mean_bp: Option<u64>,
    /// What is too much for one holder.
    pub flags: Vec<Flag>,
}

/// A part that is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Half of the help or more.
    Help,
    /// 67 % of moderation or more.
    Moderation,
    /// Half of the ballots or more.
    Ballots,
    /// Can end the group alone.
    Existence,
}

impl HeldWord {
    /// The word for the largest mean; `existence_bp` is the largest control of existence.
    #[must_use]
    pub fn of(mean_bp: u64, existence_bp: u64) -> Self {
        match mean_bp {
            0..4_000 if existence_bp < WHOLE_BP => Self::MemberOwned,
            0..=6_000 => Self::Shared,
            6_001.. => Self::HeldBy,
        }
    }
}

/// Counts of one kind: for each operator, each person, and all together.
struct Counts {
    operators: HashMap<Server, u64>,
    people: Vec<u64>,
    all: u64,
    /// No share of fewer is told.
    enough: u64,
}

impl Counts {
    fn new(scene: &Scene<'_>, enough: u64) -> Self {
        Self { operators: HashMap::new(), people: vec![0; scene.classes.len()], all: 0, enough }
    }

    fn add(&mut self, who: Who, operator: Option<Server>) {
        self.all += 1;
        if let Some(operator) = operator {
            *self.operators.entry(operator).or_default() += 1;
        } else if let Some(count) = usize::try_from(who).ok().and_then(|i| self.people.get_mut(i)) {
            *count += 1;
        }
    }

    fn share(&self, part: Option<u64>) -> Option<u64> {
        (self.all >= self.enough).then(|| basis_points(part.unwrap_or(0), self.all))
    }

    fn operator(&self, operator: Server) -> Option<u64> {
        self.share(self.operators.get(&operator).copied())
    }

    fn person(&self, who: Who) -> Option<u64> {
        self.share(pick(&self.people, who))
    }
}

/// Who holds the group in the hands, as of the window's end.
pub fn held(scene: &Scene<'_>, people: u64) -> Held {
    let (roll, roll_is_members) = roll(scene);
    let (help, moderation, ballots) = counts(scene);
    let enough = people >= MIN_PEOPLE;
    let host = scene.tally.host;
    let mut servers: Vec<Server> = host.into_iter().collect();
    servers.extend(scene.classes.iter().filter_map(|class| match class {
        Class::Staff(operator) => Some(*operator),
        Class::Person | Class::Out => None,
    }));
    servers.extend(roll.operators.iter().filter(|(_, here)| **here >= MIN_CELL).map(|(s, _)| *s));
    servers.sort_unstable();
    servers.dedup();
    let mut holders: Vec<Hold> = servers
        .into_iter()
        .map(|server| {
            let parts = [
                roll.operator(server),
                help.operator(server),
                moderation.operator(server),
                ballots.operator(server),
            ];
            let existence = if host == Some(server) { existence(scene) } else { 0 };
            Hold::new(Holder::operator(scene, server), parts, existence, enough)
        })
        .collect();
    let parts =
        |who| [roll.person(who), help.person(who), moderation.person(who), ballots.person(who)];
    let rank = |parts: &[Option<u64>; 4]| (parts.iter().flatten().sum::<u64>(), *parts);
    let most = (0..scene.tally.people.count()).map(parts).max_by_key(rank);
    if let Some(parts) = most.filter(|parts| enough && rank(parts).0 > 0) {
        holders.push(Hold::new(Holder::OnePerson, parts, 0, enough));
    }
    holders.sort_by(|a, b| {
        (b.mean_bp, b.existence_bp, &a.holder).cmp(&(a.mean_bp, a.existence_bp, &b.holder))
    });
    holders.truncate(MOST_LISTED);
    let largest = holders.iter().filter_map(|hold| hold.mean_bp).max();
    let existence = holders.iter().map(|hold| hold.existence_bp).max().unwrap_or(0);
    let word = largest.map(|mean| HeldWord::of(mean, existence));
    Held { word, roll_is_members, holders, before_bp: None }
}

impl Hold {
    fn new(holder: Holder, parts: [Option<u64>; 4], existence_bp: u64, enough: bool) -> Self {
        let [roll_bp, help_bp, moderation_bp, ballots_bp] = if enough { parts } else { [None; 4] };
        let there = [roll_bp, help_bp, moderation_bp, ballots_bp, Some(existence_bp)];
        let sum: u64 = there.iter().flatten().sum();
        let count = u64::try_from(there.iter().flatten().count()).unwrap_or(5);
        let mut flags = Vec::new();
        for (flag, part, limit) in [
            (Flag::Help, help_bp, 5_000),
            (Flag::Moderation, moderation_bp, 6_700),
            (Flag::Ballots, ballots_bp, 5_000),
            (Flag::Existence, Some(existence_bp), WHOLE_BP),
        ] {
            if part.is_some_and(|part| part >= limit) {
                flags.push(flag);
            }
        }
        let mean_bp = enough.then(|| sum / count.max(1));
        Self { holder, roll_bp, help_bp, moderation_bp, ballots_bp, existence_bp, mean_bp, flags }
    }
}

/// Who is hosted where: of the roll or, as long as the ledger names none, of the members.
fn roll(scene: &Scene<'_>) -> (Counts, bool) {
    let end = scene.window.to;
    let members = !scene.tally.people.roll_known(end);
    let mut roll = Counts::new(scene, 1);
    for (who, person) in scene.tally.people.iter() {
        let counted = scene.class(who) != Class::Out;
        if if members { counted && person.member_since(end).is_some() } else { person.on_roll(end) }
        {
            roll.add(who, Some(person.server));
        }
    }
    (roll, members)
}

/// Help, acts of moderation and ballots in the window.
fn counts(scene: &Scene<'_>) -> (Counts, Counts, Counts) {
    let mut help = Counts::new(scene, concentration::MIN_RECEIPTS);
    let mut moderation = Counts::new(scene, MIN_CELL);
    let mut ballots = Counts::new(scene, MIN_CELL);
    for one in &scene.help {
        help.add(one.giver, one.giver_staff);
    }
    for deed in scene.tally.deeds_in(scene.window) {
        let operator = match scene.class(deed.who) {
            Class::Staff(operator) => Some(operator),
            Class::Person | Class::Out => None,
        };
        match deed.what {
            What::Moderated => moderation.add(deed.who, operator),
            What::Voted => ballots.add(deed.who, operator),
            What::Active(_) | What::Answered(_) => {}
        }
    }
    for (_, at) in &scene.tally.operator_acts {
        if let Some(host) = scene.tally.host.filter(|_| scene.window.holds(*at)) {
            moderation.add(0, Some(host));
        }
    }
    (help, moderation, ballots)
}

/// How far the host alone can end the group.
fn existence(scene: &Scene<'_>) -> u64 {
    let end = scene.window.to;
    let oldest = end.plus_days(-STANDBY_DAYS);
    let fresh =
        scene.tally.standbys.iter().any(|(_, at, server)| {
            *at >= oldest && *at <= end && Some(*server) != scene.tally.host
        });
    if fresh { WHOLE_BP / 2 } else { WHOLE_BP }
}
