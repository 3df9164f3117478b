//! Ledgers made up for tests: as honest as a node writes them, or not.
use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::{
    activitypub::{
        head::{Signer, TreeHead, Witness},
        proof::with_proof,
        write::{Vocabulary, document},
    },
    keys::{PublicKey, SigningKey, multibase},
    ledger::{
        Entry, Event, Hash, Id, Line, Salt,
        entry::{Charter, Erased, Mark, Other, Parameters, Receipt, Side, Undoer, Via},
        export::{Header, Writer},
        line::Body,
        tree::Frontier,
    },
    types::Time,
    verify::{File, Keys, Outcome, Recount},
};

pub const GROUP: &str = "https://oak.example/c/repairs";
pub const START: Time = Time(1_772_359_200_000);

/// A small generator of chance, `SplitMix64`.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }
}

/// A key made from a number.
pub struct Key {
    pub private: SigningKey,
    pub text: String,
}

impl Key {
    pub fn new(seed: u64) -> Self {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let seed = Hash::of(&[b"key", &seed.to_be_bytes()]).0;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let text = multibase::ed25519(pair.public_key().as_ref());
        Self { private: SigningKey::from_seed(&STANDARD.encode(seed)).unwrap(), text }
    }
}

/// An entry as the node keeps it.
#[derive(Clone)]
pub struct Row {
    pub commitment: Hash,
    pub body: Option<(String, Salt)>,
    pub now: Option<Hash>,
    pub key: Option<String>,
}

impl Row {
    pub fn text(&self) -> String {
        let body = self.body.as_ref().map(|(payload, salt)| Body {
            payload,
            salt: *salt,
            row: self.now,
            key: self.key.as_deref(),
        });
        Line { commitment: self.commitment, body }.to_text()
    }
}

/// A group's ledger, and all that its node knows.
pub struct Forge {
    pub chance: Chance,
    pub now: Time,
    pub rows: Vec<Row>,
    pub keys: Vec<Key>,
    pub documents: Vec<Value>,
    pub witnesses: Vec<(Value, String)>,
    pub heads: Vec<u64>,
    frontier: Frontier,
    /// Members; those of `elm.example` have keys of their own.
    people: Vec<(Id, Option<u64>)>,
    born: usize,
    /// Receipts that stand: entry, receiver, helper, when.
    receipts: Vec<(u64, Id, Id, Time)>,
    pairs: HashMap<(Id, Id), Vec<Time>>,
    given: HashMap<Id, Vec<Time>>,
    witness: Key,
    /// Whether people on other servers sign.
    pub stamped: bool,
    /// Whether the file has a health report.
    pub reported: bool,
}

impl Forge {
    pub fn new(seed: u64) -> Self {
        let mut it = Self {
            chance: Chance(seed),
            now: START,
            rows: Vec::new(),
            keys: vec![Key::new(seed.wrapping_add(1_000))],
            documents: Vec::new(),
            witnesses: Vec::new(),
            heads: Vec::new(),
            frontier: Frontier::default(),
            people: Vec::new(),
            born: 0,
            receipts: Vec::new(),
            pairs: HashMap::new(),
            given: HashMap::new(),
            witness: Key::new(seed.wrapping_add(2_000)),
            stamped: true,
            reported: true,
        };
        let key = it.keys[0].text.clone();
        it.add(Event::Opened { group: GROUP.into(), key, host: "oak.example".into() });
        let parameters = Parameters {
            min_account_age_days: 0,
            thanks_words: vec!["thanks".into()],
            more: serde_json::Map::new(),
        };
        it.add(Event::Charter(Charter {
            name: "Repairs".into(),
            purpose: "We mend what others throw away".into(),
            rules: vec!["Be kind".into()],
            founders: Vec::new(),
            parameters,
        }));
        for _ in 0..3 {
            it.join();
        }
        it
    }

    pub fn size(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap()
    }

    pub fn add(&mut self, event: Event) -> u64 {
        let seq = self.size();
        let row = match &event {
            Event::Receipt(Receipt { row, .. }) | Event::Uncounted { row } => Some(*row),
            _ => None,
        };
        let payload = Entry { seq, at: self.now, event }.payload().unwrap();
        let mut salt = Salt([0; 16]);
        salt.0[..8].copy_from_slice(&self.chance.next().to_be_bytes());
        let commitment = salt.commit(&payload);
        self.frontier.append(&commitment);
        self.rows.push(Row { commitment, body: Some((payload, salt)), now: row, key: None });
        seq
    }

    pub fn join(&mut self) {
        let n = self.born;
        self.born += 1;
        let (id, key) = if n.is_multiple_of(2) {
            (format!("https://oak.example/u/p{n}"), None)
        } else {
            (format!("https://elm.example/u/p{n}"), Some(7 * u64::try_from(n).unwrap()))
        };
        let person = Id(id);
        self.people.push((person.clone(), key));
        self.add(Event::Joined { person, known_since: START });
    }

    /// One step of a group's life, chosen by a number; what cannot be done now is left.
    pub fn step(&mut self, what: u8) {
        self.now = self.now.plus_secs(i64::try_from(self.chance.below(40_000)).unwrap());
        match what % 16 {
            0 => self.join(),
            1 => {
                let person = self.somebody().0;
                let week = u32::try_from(self.now.plus_days(-4).0 / 604_800_000).unwrap();
                self.add(Event::Active { person, week });
            }
            2 => {
                let by = self.somebody().0;
                let thread = format!("https://oak.example/p/{}", self.size()).as_str().into();
                self.add(Event::Thread { thread, by, ask: true, first: false });
            }
            3..=8 => self.thank(),
            9 => self.undo(),
            10 => {
                let row = self.hash();
                self.add(Event::Uncounted { row });
            }
            11 => self.restart(),
            12 => self.erase(true),
            13 => self.co_sign(),
            14 => self.change_key(),
            _ => {
                let person = self.somebody().0;
                let fields = json!({"person": person, "kind": "rule", "ö": ["🙏", -7]});
                let Value::Object(fields) = fields else { unreachable!() };
                self.add(Event::Other(Other { kind: "proposal".into(), fields }));
            }
        }
    }

    fn hash(&mut self) -> Hash {
        Hash::of(&[&self.chance.next().to_be_bytes()])
    }

    fn somebody(&mut self) -> (Id, Option<u64>) {
        if self.people.is_empty() {
            self.join();
        }
        let at = self.chance.below(self.people.len());
        self.people[at].clone()
    }

    /// Somebody thanks somebody: a receipt where the caps allow it, or one that does not count.
    pub fn thank(&mut self) {
        let ((receiver, key), (helper, _)) = (self.somebody(), self.somebody());
        let pair = (receiver.clone(), helper.clone());
        let now = self.now;
        let within = |times: Option<&Vec<Time>>, days: i64| {
            let times = times.into_iter().flatten();
            times.filter(|time| **time > now.plus_days(-days)).count()
        };
        let (times, given) = (self.pairs.get(&pair), self.given.get(&receiver));
        let row = self.chance.next();
        let row = Hash::of(&[&row.to_be_bytes()]);
        let capped = within(times, 7) > 0 || within(times, 90) > 2 || within(given, 1) > 4;
        if receiver == helper || capped {
            self.add(Event::Uncounted { row });
            return;
        }
        let seq = self.size();
        let thread: Id = format!("https://elm.example/p/{seq}").as_str().into();
        let reply: Id = format!("https://oak.example/p/{seq}").as_str().into();
        let key = key.filter(|_| self.stamped);
        let stamp = key.map(|key| {
            let body = json!({
                "id": format!("https://elm.example/ack/{seq}"),
                "type": "HelpAcknowledgement",
                "attributedTo": receiver,
                "interactingObject": thread,
                "interactionTarget": reply,
                "helper": helper,
                "context": thread,
                "published": now.rfc3339(),
            });
            signed(document(body, Vocabulary::Help), &receiver, key, now)
        });
        self.add(Event::Receipt(Receipt {
            receipt: format!("r{seq}"),
            thread,
            reply: Some(reply),
            helper: helper.clone(),
            receiver: receiver.clone(),
            via: Via::Button,
            stamp,
            row,
        }));
        // Every other key is known to the host.
        if let (Some(key), Some(row)) = (key, self.rows.last_mut()) {
            row.key = (key % 2 == 1).then(|| Key::new(key).text);
        }
        self.receipts.push((seq, receiver.clone(), helper, now));
        self.pairs.entry(pair).or_default().push(now);
        self.given.entry(receiver).or_default().push(now);
    }

    pub fn undo(&mut self) {
        if self.receipts.is_empty() {
            return;
        }
        let at = self.chance.below(self.receipts.len());
        let (receipt, receiver, helper, then) = self.receipts.remove(at);
        self.pairs.entry((receiver.clone(), helper)).or_default().retain(|time| *time != then);
        self.given.entry(receiver).or_default().retain(|time| *time != then);
        let late = then.plus_days(30) < self.now;
        let by = if late { Undoer::Helper } else { Undoer::Receiver };
        self.add(Event::Undone { receipt, by });
    }

    /// The node stops and starts again: it knows what it wrote down.
    pub fn restart(&mut self) {
        self.frontier = Frontier::from_text(&self.frontier.to_text()).unwrap();
    }

    /// Somebody is forgotten.
    pub fn erase(&mut self, asked: bool) {
        let at = self.chance.below(self.people.len());
        if self.people.len() < 4 {
            return;
        }
        let (person, key) = self.people.remove(at);
        let name = format!("\"{person}\"");
        let mut entries = Vec::new();
        for (seq, row) in (0..).zip(&mut self.rows) {
            let named = row.body.as_ref().is_some_and(|(payload, _)| {
                payload.contains(&name) && !payload.contains("\"type\":\"erased\"")
            });
            if named {
                *row = Row { commitment: row.commitment, body: None, now: None, key: None };
                entries.push(seq);
            }
        }
        let key = key.unwrap_or(5_000);
        let request = asked.then(|| {
            let body = json!({
                "id": format!("{person}/forget"),
                "type": "Forget",
                "actor": person,
                "object": GROUP,
                "published": self.now.rfc3339(),
            });
            signed(document(body, Vocabulary::Help), &person, key, self.now)
        });
        let person_hash = self.hash();
        let receipts = std::mem::take(&mut self.receipts);
        let (theirs, others): (Vec<_>, Vec<_>) = receipts
            .into_iter()
            .partition(|(_, receiver, helper, _)| *receiver == person || *helper == person);
        self.receipts = others;
        self.add(Event::Erased(Erased { entries, person_hash, request }));
        if let Some(row) = self.rows.last_mut().filter(|_| asked) {
            row.key = Some(Key::new(key).text);
        }
        for (receipt, receiver, helper, _) in theirs {
            let (side, person) = if receiver == person {
                (Side::Helper, helper)
            } else {
                (Side::Receiver, receiver)
            };
            self.add(Event::Kept { receipt, side, person });
        }
    }

    pub fn mark(&mut self, mark: Mark) {
        let person = self.somebody().0;
        self.add(Event::Marked { person, mark, on: true, operator: None });
    }

    fn method(at: usize) -> String {
        if at == 0 { format!("{GROUP}#ed25519-key") } else { format!("{GROUP}#ed25519-key-{at}") }
    }

    /// The head of all entries so far, signed by the key in force.
    pub fn head(&self) -> Value {
        let at = self.keys.len() - 1;
        self.signed_by(&[at])
    }

    pub fn signed_by(&self, keys: &[usize]) -> Value {
        let (size, root, at) = (self.size(), self.frontier.root(), self.now);
        let head = TreeHead { group: GROUP.into(), size, root, at };
        let methods: Vec<String> = keys.iter().map(|at| Self::method(*at)).collect();
        let signers = keys.iter().zip(&methods);
        let signers: Vec<Signer> =
            signers.map(|(at, method)| Signer { method, key: &self.keys[*at].private }).collect();
        head.signed(&signers).unwrap()
    }

    pub fn change_key(&mut self) {
        let at = self.keys.len();
        let seed = self.chance.next();
        self.keys.push(Key::new(seed));
        self.add(Event::Key { key: self.keys[at].text.clone() });
        self.documents.push(self.signed_by(&[at - 1, at]));
        self.heads.push(self.size());
    }

    pub fn co_sign(&mut self) {
        let head = self.head();
        let from = self.heads.last().copied().unwrap_or(0);
        let witness = Witness {
            id: format!("https://elm.example/witness/{}", self.size()),
            witness: "https://elm.example/actor".into(),
            head,
            from,
            at: self.now,
        };
        let method = "https://elm.example/actor#ed25519-key";
        let signed = witness.signed(Signer { method, key: &self.witness.private }).unwrap();
        self.witnesses.push((signed, self.witness.text.clone()));
        self.heads.push(self.size());
    }

    /// The file, as the node writes it.
    pub fn export(&self) -> String {
        let mut heads = self.heads.clone();
        heads.push(self.size());
        heads.sort_unstable();
        heads.dedup();
        let mut writer = Writer::default();
        let header = Header { group: GROUP.into(), size: self.size(), heads };
        let mut text = writer.header(&header).unwrap();
        for row in &self.rows {
            let body = row.body.as_ref().map(|(payload, salt)| Body {
                payload,
                salt: *salt,
                row: row.now,
                key: row.key.as_deref(),
            });
            text.push_str(&writer.entry(&Line { commitment: row.commitment, body }));
        }
        for document in &self.documents {
            text.push_str(&writer.document(document).unwrap());
        }
        text.push_str(&writer.document(&self.head()).unwrap());
        for (witness, key) in &self.witnesses {
            let mut witness = witness.clone();
            witness["key"] = json!(key);
            text.push_str(&writer.document(&witness).unwrap());
        }
        if self.reported {
            text.push_str(&writer.document(&self.report()).unwrap());
        }
        text.push_str(&writer.end());
        text
    }

    fn report(&self) -> Value {
        let mut tally = Receipts::default();
        for (payload, _) in self.rows.iter().filter_map(|row| row.body.as_ref()) {
            tally.take(&Entry::read(payload).unwrap());
        }
        let mut report = tally.report(self.now, &self.frontier.root(), &Value::Null);
        report["type"] = json!("HealthReport");
        report["size"] = json!(self.size());
        report
    }
}

/// The document with a proof by the key of this number.
pub fn signed(document: Value, by: &Id, key: u64, now: Time) -> serde_json::Map<String, Value> {
    let method = format!("{by}#ed25519-key");
    let signed = with_proof(document, &method, &Key::new(key).private, now).unwrap();
    let Value::Object(signed) = signed else { unreachable!() };
    signed
}

/// A report of one figure.
#[derive(Default)]
pub struct Receipts {
    entries: u64,
    receipts: i64,
}

impl Recount for Receipts {
    fn take(&mut self, entry: &Entry) {
        self.entries = entry.seq + 1;
        self.receipts += i64::from(matches!(entry.event, Event::Receipt(_)));
        self.receipts -= i64::from(matches!(entry.event, Event::Undone { .. }));
    }
    fn report(&mut self, as_of: Time, root: &Hash, _said: &Value) -> Value {
        json!({"as_of": as_of, "root": root, "size": self.entries, "receipts": self.receipts})
    }
}

/// The keys that people's own servers name.
#[derive(Default)]
pub struct Directory(pub BTreeMap<String, String>);

impl Keys for Directory {
    fn key(&mut self, owner: &str, method: &str) -> Option<PublicKey> {
        assert!(method.starts_with(owner));
        self.0.get(method).and_then(|key| PublicKey::read(key).ok())
    }
}

/// Checks a file as the command does.
pub fn check(file: &[u8], keys: &mut dyn Keys) -> Outcome {
    try_check(file, keys).unwrap()
}

/// The same of a file that may be of a later version.
pub fn try_check(file: &[u8], keys: &mut dyn Keys) -> Result<Outcome, String> {
    let mut recount = Receipts::default();
    let mut lines = file.split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let first = first.strip_suffix(b"\n").unwrap_or(first);
    let mut file = File::new(first, keys, Some(&mut recount))?;
    for line in lines {
        match line.strip_suffix(b"\n") {
            Some(line) => file.line(line),
            None => file.breaks_off(),
        }
    }
    Ok(file.finish())
}
