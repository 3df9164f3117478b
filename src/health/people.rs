//! Who is who: people and servers by number, and how each person stood at which time.
use std::{collections::HashMap, sync::Arc};

use crate::{
    ledger::{Id, entry::Mark},
    types::Time,
};

/// A person by number, in the order in which the ledger first names them.
pub type Who = u32;
/// A server by number, in the order in which the ledger first names it.
pub type Server = u32;

/// One thing that changed how a person stands.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Became a member.
    Joined,
    /// Is no member any more.
    Left,
    /// Is a program from here on, or is not.
    Bot(bool),
    /// Wants to be left out, or does no more.
    OptedOut(bool),
    /// Belongs to this operator from here on, or does not.
    Staff(Server, bool),
    /// May vote from here on, or may not.
    Roll(bool),
}

/// A change, and the entry that said so.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The entry.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// What.
    pub change: Change,
}

/// A person as the ledger knows them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The actor's id.
    pub id: Arc<str>,
    /// The server in that id.
    pub server: Server,
    /// Joined and left.
    membership: Vec<Standing>,
    /// Everything else; empty for nearly everybody.
    marks: Vec<Standing>,
}

impl Person {
    fn marks_until(&self, end: Time) -> impl DoubleEndedIterator<Item = &Standing> {
        self.marks.iter().filter(move |standing| standing.at <= end)
    }

    /// Whether the last of the changes that `read` knows says yes.
    fn last(&self, end: Time, read: impl Fn(Change) -> Option<bool>) -> bool {
        self.marks_until(end).rev().find_map(|standing| read(standing.change)).unwrap_or(false)
    }

    /// A program at that time.
    pub fn bot(&self, end: Time) -> bool {
        self.last(end, |change| if let Change::Bot(on) = change { Some(on) } else { None })
    }

    /// Left out of counts at that time, by their own wish.
    pub fn opted_out(&self, end: Time) -> bool {
        self.last(end, |change| if let Change::OptedOut(on) = change { Some(on) } else { None })
    }

    /// On the roll at that time.
    pub fn on_roll(&self, end: Time) -> bool {
        self.last(end, |change| if let Change::Roll(on) = change { Some(on) } else { None })
    }

    /// The operator whose staff they were at any moment after `start`, up to `end`; the last of
    /// several.
    pub fn staff(&self, start: Time, end: Time) -> Option<Server> {
        let mut now = None;
        let mut found = None;
        for standing in self.marks_until(end) {
            let Change::Staff(operator, on) = standing.change else { continue };
            if standing.at > start {
                found = now.or(found);
            }
            now = on.then_some(operator);
        }
        now.or(found)
    }

    /// Since when they are a member without a break; `None` if they are none at that time.
    pub fn member_since(&self, end: Time) -> Option<Time> {
        let mut since = None;
        for standing in self.membership.iter().filter(|standing| standing.at <= end) {
            match standing.change {
                Change::Joined => since = since.or(Some(standing.at)),
                Change::Left => since = None,
                Change::Bot(_) | Change::OptedOut(_) | Change::Staff(..) | Change::Roll(_) => {}
            }
        }
        since
    }

    /// When they first became a member.
    pub fn first_joined(&self) -> Option<Time> {
        let joined = |standing: &&Standing| matches!(standing.change, Change::Joined);
        self.membership.iter().find(joined).map(|standing| standing.at)
    }
}

/// Everybody and every server that the ledger names.
#[derive(Clone, Debug, Default)]
pub struct People {
    numbers: HashMap<Arc<str>, Who>,
    list: Vec<Person>,
    servers: HashMap<Arc<str>, Server>,
    server_names: Vec<Arc<str>>,
    /// The entries behind `standing`, and whose they are; in order.
    changes: Vec<(u64, Who)>,
}

impl People {
    /// The number of a person, who is new if nobody named them before.
    pub fn number(&mut self, id: &Id) -> Who {
        if let Some(who) = self.numbers.get(id.as_str()) {
            return *who;
        }
        let server = self.server(id.host());
        let id: Arc<str> = id.as_str().into();
        let who = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Person {
            id: Arc::clone(&id),
            server,
            membership: Vec::new(),
            marks: Vec::new(),
        });
        self.numbers.insert(id, who);
        who
    }

    /// The number of a person whom the ledger has named.
    pub fn find(&self, id: &Id) -> Option<Who> {
        self.numbers.get(id.as_str()).copied()
    }

    /// The number of a server. Domains are the same in capitals.
    pub fn server(&mut self, domain: &str) -> Server {
        let domain: Arc<str> = domain.to_ascii_lowercase().into();
        if let Some(server) = self.servers.get(&domain) {
            return *server;
        }
        let server = u32::try_from(self.server_names.len()).unwrap_or(u32::MAX);
        self.server_names.push(Arc::clone(&domain));
        self.servers.insert(domain, server);
        server
    }

    /// A server's domain.
    pub fn domain(&self, server: Server) -> &str {
        let index = usize::try_from(server).unwrap_or(usize::MAX);
        self.server_names.get(index).map_or("", |name| name)
    }

    /// How many servers are known.
    pub fn servers(&self) -> u32 {
        u32::try_from(self.server_names.len()).unwrap_or(u32::MAX)
    }

    /// The person of that number.
    pub fn get(&self, who: Who) -> Option<&Person> {
        self.list.get(usize::try_from(who).ok()?)
    }

    /// Everybody, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Who, &Person)> {
        (0..).zip(&self.list)
    }

    /// The ledger has said by then who is on the roll.
    pub fn roll_known(&self, end: Time) -> bool {
        let roll = |standing: &Standing| matches!(standing.change, Change::Roll(_));
        self.list.iter().any(|person| person.marks_until(end).any(roll))
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.list.len()).unwrap_or(u32::MAX)
    }

    /// Notes that somebody stands otherwise from here on.
    pub fn change(&mut self, who: Who, standing: Standing) {
        self.changes.push((standing.seq, who));
        let person = usize::try_from(who).ok().and_then(|index| self.list.get_mut(index));
        if let Some(person) = person {
            match standing.change {
                Change::Joined | Change::Left => person.membership.push(standing),
                Change::Bot(_) | Change::OptedOut(_) | Change::Staff(..) | Change::Roll(_) => {
                    person.marks.push(standing);
                }
            }
        }
    }

    /// Forgets what one entry said.
    pub fn forget(&mut self, seq: u64) {
        let Ok(found) = self.changes.binary_search_by_key(&seq, |(seq, _)| *seq) else { return };
        let (_, who) = self.changes.remove(found);
        let person = usize::try_from(who).ok().and_then(|index| self.list.get_mut(index));
        if let Some(person) = person {
            person.membership.retain(|standing| standing.seq != seq);
            person.marks.retain(|standing| standing.seq != seq);
        }
    }
}

impl Change {
    /// The change that a mark makes; staff belong to `operator`.
    pub fn marked(mark: Mark, on: bool, operator: Server) -> Self {
        match mark {
            Mark::Bot => Self::Bot(on),
            Mark::OptedOut => Self::OptedOut(on),
            Mark::Staff => Self::Staff(operator, on),
        }
    }
}
