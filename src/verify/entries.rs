//! What single entries are asked: whether they stand in their place, keep the rules, and say what
//! was signed and what the host's own table says.
use serde_json::Value;

use super::{
    ERASED_BY_HOST_ONE_IN, Gone, GroupKey, Kind, MAX_GROUP_KEYS, Restored, Verifier, stamps::Signed,
};
use crate::{
    keys::PublicKey,
    ledger::{
        Entry, Event, Hash,
        entry::{Erased, Receipt},
        line::Body,
    },
    types::Time,
};

impl Verifier<'_> {
    pub(super) fn body(&mut self, body: &Body) {
        let mut entry = match Entry::read(body.payload) {
            Ok(entry) => entry,
            Err(why) => {
                let words = format!("This entry cannot be read: {why}.");
                self.findings.at(Kind::Malformed, self.next, words);
                self.next += 1;
                return;
            }
        };
        if !self.in_place(entry.seq) {
            return;
        }
        let (seq, at) = (entry.seq, entry.at);
        if at < self.last_at {
            let words = "This entry was written before the one in front of it.";
            self.findings.at(Kind::Order, seq, words);
        }
        self.last_at = self.last_at.max(at);
        self.row(seq, &entry.event, body.row);
        let gone = &self.gone;
        if let Err(why) = self.rules.take(seq, at, &entry.event, |seq| gone.has(seq)) {
            self.findings.at(Kind::Rule, seq, format!("The rules do not allow this entry: {why}."));
        }
        self.event((seq, at), &mut entry.event, body.key);
        if let Some(recount) = &mut self.recount {
            recount.take(&entry);
        }
    }

    /// Whether an entry stands where it says; the next one is expected behind it.
    fn in_place(&mut self, seq: u64) -> bool {
        let expected = self.next;
        if seq == expected {
            self.next += 1;
            return true;
        }
        self.whole = false;
        if seq > expected && seq < self.size {
            let words = "These entries are missing.";
            self.findings.add(Kind::Order, Some((expected, seq - 1)), words);
            self.next = seq + 1;
            return true;
        }
        let words = format!("An entry that calls itself {seq} stands in the place of {expected}.");
        self.findings.add(Kind::Order, Some((expected.min(seq), expected)), words);
        if seq > expected {
            self.next += 1;
        }
        false
    }

    /// What the host's own table says now against what the entry says it said.
    fn row(&mut self, seq: u64, event: &Event, now: Option<Hash>) {
        let then = if let Event::Receipt(Receipt { row, .. }) | Event::Uncounted { row } = event {
            Some(*row)
        } else {
            None
        };
        let words = match (then, now) {
            (Some(then), Some(now)) if then == now => return,
            (None, None) => return,
            (Some(_), Some(_)) => "The host's own table says something else than this entry.",
            // It may be told below that it came back without.
            (Some(_), None) => return self.restored.rowless.push(seq),
            (None, Some(_)) => "Something stands beside this entry that does not belong there.",
        };
        self.findings.at(Kind::Row, seq, words);
    }

    fn event(&mut self, (seq, at): (u64, Time), event: &mut Event, given: Option<&str>) {
        if matches!(event, Event::Opened { .. }) != (seq == 0) {
            let words = "A ledger is opened by its first entry and by no other.";
            self.findings.at(Kind::Order, seq, words);
        }
        let signs = matches!(event, Event::Receipt(Receipt { stamp: Some(_), .. }))
            || matches!(event, Event::Erased(Erased { request: Some(_), .. }));
        if given.is_some() && !signs {
            let words = "A key stands beside this entry, in which nobody signed anything.";
            self.findings.at(Kind::Stamp, seq, words);
        }
        match event {
            Event::Opened { group, key, host } => {
                if *group != self.group {
                    let words = format!("This is the ledger of {group}, not the one asked for.");
                    self.findings.at(Kind::Head, seq, words);
                }
                self.host.clone_from(host);
                self.group_key(seq, key);
            }
            Event::Key { key } => self.group_key(seq, key),
            Event::Receipt(receipt) => self.receipt(seq, receipt, given),
            Event::Undone { .. } => self.counts.undone += 1,
            Event::Uncounted { .. } => self.counts.uncounted += 1,
            Event::Erased(erased) => {
                self.used_once(seq, at, erased);
                self.erased(seq, erased, given);
            }
            Event::Restored { entries } => {
                self.counts.restored += u64::try_from(entries.len()).unwrap_or(u64::MAX);
                self.restored.named.extend(entries.iter().filter(|entry| **entry < seq));
                let words = "After a loss the host took entries back from those who had seen them; \
                    its own table says nothing of them.";
                self.findings.at(Kind::Restored, seq, words);
            }
            Event::Charter(_)
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Marked { .. }
            | Event::Active { .. }
            | Event::Thread { .. }
            | Event::Answered { .. }
            | Event::Kept { .. }
            | Event::Steward { .. }
            | Event::Act { .. }
            | Event::Operator { .. }
            | Event::Other(_) => {}
        }
    }

    fn group_key(&mut self, seq: u64, text: &str) {
        match PublicKey::read(text) {
            Ok(key) if !key.is_rsa() && self.group_keys.len() < MAX_GROUP_KEYS => {
                let handed_over = self.group_keys.is_empty();
                let text = text.to_owned();
                self.group_keys.push(GroupKey { seq, text, key, handed_over });
                if !handed_over {
                    self.sizes.roots.entry(seq + 1).or_insert(None);
                }
            }
            _ => self.findings.at(Kind::Head, seq, "The group's key in this entry is none."),
        }
    }

    fn receipt(&mut self, seq: u64, receipt: &mut Receipt, given: Option<&str>) {
        self.counts.receipts += 1;
        let Some(stamp) = receipt.stamp.take() else {
            self.counts.attested += 1;
            return;
        };
        let stamp = Value::Object(stamp);
        let signed = self.known.acknowledgement(self.keys, receipt, &stamp, given);
        // The group's host holds the keys of its own people: their stamps are its word.
        if [self.group.host(), &self.host].contains(&receipt.receiver.host()) {
            self.counts.attested += 1;
        } else {
            self.counts.on_proof += 1;
        }
        self.judged(seq, signed);
        if let Value::Object(stamp) = stamp {
            receipt.stamp = Some(stamp);
        }
    }

    fn judged(&mut self, seq: u64, signed: Signed) {
        match signed {
            Signed::Well => self.counts.signatures_checked += 1,
            Signed::ByGivenKey => self.counts.signatures_by_given_key += 1,
            Signed::Unchecked => self.counts.signatures_unchecked += 1,
            Signed::Badly(why) => {
                let words = format!("A person's signature in this entry is not theirs: {why}.");
                self.findings.at(Kind::Stamp, seq, words);
            }
        }
    }

    fn erased(&mut self, seq: u64, erased: &Erased, given: Option<&str>) {
        let Erased { entries, request, .. } = erased;
        if !entries.is_sorted_by(|a, b| a < b) || entries.last().is_none_or(|last| *last >= seq) {
            let words = "This erasure does not name entries before it, each once and in order.";
            return self.findings.at(Kind::Erasure, seq, words);
        }
        let asked = request.as_ref().map(|request| {
            let signed = self.known.request(self.keys, &self.group, request, given);
            self.judged(seq, signed);
            !matches!(signed, Signed::Badly(_))
        });
        let asked = asked.unwrap_or(false);
        self.gone.last = seq;
        for entry in entries {
            self.gone.named.entry(*entry).and_modify(|before| *before |= asked).or_insert(asked);
        }
        if !asked {
            let first = entries.first().copied().unwrap_or(seq);
            let last = entries.last().copied().unwrap_or(seq);
            let words = format!(
                "{} entries from {first} to {last} were erased by the host; no request by the \
                 person is there.",
                entries.len()
            );
            self.findings.at(Kind::ErasedByHost, seq, words);
        }
    }

    /// A request is heard once: else a host could use it again on somebody who came back.
    fn used_once(&mut self, seq: u64, at: Time, erased: &Erased) {
        let request = erased.request.as_ref().and_then(|request| request.get("proof"));
        let proof = request.and_then(|proof| proof.get("proofValue")).and_then(Value::as_str);
        let Some(proof) = proof else { return };
        // What does not fit into one tombstone stands in several, at one time.
        if *self.requests.entry(proof.to_owned()).or_insert(at) != at {
            let words = "This erasure rests on a request that was heard before.";
            self.findings.at(Kind::Erasure, seq, words);
        }
    }

    /// Only what came back after a loss may lack what the host's table says of it.
    pub(super) fn restorations(&mut self) {
        let Restored { named, rowless } = &self.restored;
        for seq in rowless.iter().filter(|seq| !named.contains(seq)) {
            let words = "What the host's own table says of this entry is missing.";
            self.findings.at(Kind::Row, *seq, words);
        }
    }

    /// Every erased entry has its tombstone, every tombstone its erased entries.
    pub(super) fn erasures(&mut self) {
        let Gone { entries, named, .. } = &self.gone;
        for seq in entries.iter().filter(|seq| !named.contains_key(seq)) {
            let words = "This entry was taken out, and no erasure names it.";
            self.findings.at(Kind::Erasure, *seq, words);
        }
        for seq in named.keys().filter(|seq| !self.gone.has(**seq)) {
            let words = "This entry should have been erased and is still there.";
            self.findings.at(Kind::Erasure, *seq, words);
        }
        let by_host = named.iter().filter(|(seq, asked)| !**asked && self.gone.has(**seq)).count();
        self.counts.erased_by_host = u64::try_from(by_host).unwrap_or(u64::MAX);
        if self.counts.erased_by_host.saturating_mul(ERASED_BY_HOST_ONE_IN) > self.size {
            let words = "The host erased more than one entry in a hundred of its own accord.";
            self.findings.of(Kind::Erasure, words);
        }
    }
}
