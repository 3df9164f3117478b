//! One change: what the rules work on.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{Fact, Node, ledger};
use crate::{
    db::{
        Conn,
        actors::{self, Actor, Counts},
        counters, deliveries,
    },
    error::Result,
    types::{ActivityId, ActorId, Ids, Time},
};

/// A change being made: a connection inside a transaction, the time it happens, and its facts.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    node: Arc<Node>,
    ids: Arc<Ids>,
    now: Time,
    facts: VecDeque<Fact>,
    counts: BTreeMap<ActorId, Counts>,
    actors: HashMap<ActorId, Actor>,
    notes: BTreeMap<ActorId, Vec<ledger::Note>>,
    sent: Vec<ActivityId>,
    rouses: bool,
}

impl<'c> Tx<'c> {
    /// A change at `now` on `conn`.
    pub fn begin(conn: &'c mut Conn, node: Arc<Node>, ids: Arc<Ids>, now: Time) -> Self {
        Self {
            conn,
            node,
            ids,
            now,
            facts: VecDeque::new(),
            counts: BTreeMap::new(),
            actors: HashMap::new(),
            notes: BTreeMap::new(),
            sent: Vec::new(),
            rouses: false,
        }
    }

    /// When the change happens.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The node it happens on.
    pub fn node(&self) -> Arc<Node> {
        Arc::clone(&self.node)
    }

    /// A new id; greater than all before it.
    pub fn new_id(&self) -> i64 {
        self.ids.next(self.now)
    }

    /// An id that sorts where `at` belongs; not yet known to be free.
    pub fn id_at(&self, at: Time, salt: u64) -> i64 {
        self.ids.at(at, salt)
    }

    /// The actor of an id. The rules ask for the same few again and again, so each is read once.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub fn actor(&mut self, id: ActorId) -> Result<Actor> {
        if let Some(known) = self.actors.get(&id) {
            return Ok(known.clone());
        }
        let actor = actors::by_id(self.conn, id)?;
        self.actors.insert(id, actor.clone());
        Ok(actor)
    }

    /// Those of `ids` that exist, in no order.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub fn actors(&mut self, ids: &[ActorId]) -> Result<Vec<Actor>> {
        let (known, asked): (Vec<ActorId>, Vec<ActorId>) =
            ids.iter().partition(|id| self.actors.contains_key(id));
        let mut found = actors::by_ids(self.conn, &asked)?;
        self.keep(&found);
        let known: BTreeSet<ActorId> = known.into_iter().collect();
        found.extend(known.iter().filter_map(|id| self.actors.get(id)).cloned());
        Ok(found)
    }

    /// Those of `ap_ids` that are known here, in no order.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub fn actors_called(&mut self, ap_ids: &[String]) -> Result<Vec<Actor>> {
        let found = actors::by_ap_ids(self.conn, ap_ids)?;
        self.keep(&found);
        Ok(found)
    }

    fn keep(&mut self, found: &[Actor]) {
        self.actors.extend(found.iter().map(|actor| (actor.id, actor.clone())));
    }

    /// Writes an actor's row anew.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub fn save_actor(&mut self, actor: &Actor) -> Result<()> {
        actors::update(self.conn, actor)?;
        self.actors.remove(&actor.id);
        Ok(())
    }

    /// Reads every actor anew from now on: many were changed at once.
    pub fn forget_actors(&mut self) {
        self.actors.clear();
    }

    /// There is something to send or to do now: who waits for that may look.
    pub fn rouse(&mut self) {
        self.rouses = true;
    }

    /// Whether there is.
    pub fn rouses(&self) -> bool {
        self.rouses
    }

    /// Says that something happened.
    pub fn record(&mut self, fact: Fact) {
        self.facts.push_back(fact);
    }

    /// Changes what is counted of an actor, when all else is done.
    pub fn count(&mut self, actor: ActorId, change: Counts) {
        self.counts.entry(actor).or_default().add(change);
    }

    /// Notes something for the ledger of a group that lives here.
    pub fn note(&mut self, group: ActorId, note: ledger::Note) {
        self.notes.entry(group).or_default().push(note);
    }

    /// What was noted, by group: always in the same order, so that two changes never wait for each
    /// other.
    pub(super) fn take_notes(&mut self) -> BTreeMap<ActorId, Vec<ledger::Note>> {
        std::mem::take(&mut self.notes)
    }

    /// There are deliveries of this activity: its hosts are called when all else is done.
    pub fn sends(&mut self, activity: ActivityId) {
        self.sent.push(activity);
    }

    /// Writes ledgers, calls the hosts that something is sent to, then writes down what was counted,
    /// always in the same order and last of all: everyone who posts in a group touches the same rows,
    /// and whoever holds one while others wait for it should have nothing left to do but to commit.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub fn settle(&mut self) -> Result<()> {
        ledger::settle(self)?;
        let sent = std::mem::take(&mut self.sent);
        deliveries::call_hosts(self.conn, &sent)?;
        for (actor, change) in std::mem::take(&mut self.counts) {
            counters::actor(self.conn, actor, change)?;
        }
        Ok(())
    }

    /// The next fact nobody has dealt with.
    pub fn next_fact(&mut self) -> Option<Fact> {
        self.facts.pop_front()
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.conn
    }
}
impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}
