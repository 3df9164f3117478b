//! What signed heads are asked: whether the group's key in force signed them, and whether the entries
//! have that root.
use serde_json::Value;

use super::{Kind, Verifier, stamps::Signed};
use crate::activitypub::head::{TreeHead, Witness};

impl Verifier<'_> {
    /// A head that the group signed. Heads come when all entries were read.
    pub fn head(&mut self, document: &Value) {
        self.counts.heads += 1;
        if let Some(size) = self.signed_head(document, Kind::Head) {
            self.signed |= size == self.size;
        }
    }

    /// The size of a head, if it holds; what is wrong with it is a finding.
    fn signed_head(&mut self, document: &Value, kind: Kind) -> Option<u64> {
        let (head, proofs) = match TreeHead::read(document) {
            Ok(read) => read,
            Err(why) => {
                self.findings.of(kind, format!("A head cannot be read: {why}."));
                return None;
            }
        };
        let size = head.size;
        if head.group != self.group.as_str() || size == 0 || size > self.size {
            self.findings.of(kind, format!("A head of {size} entries is not of this ledger."));
            return None;
        }
        let all = Some((0, size - 1));
        let now = self.group_keys.partition_point(|key| key.seq < size).checked_sub(1);
        let by = |at: Option<usize>| {
            let key = at.and_then(|at| self.group_keys.get(at));
            key.is_some_and(|key| proofs.iter().any(|proof| proof.is_by(&key.key)))
        };
        let before = now.and_then(|now| now.checked_sub(1));
        let by_both = by(now) && by(before);
        if !(by(now) && (proofs.len() == 1 || by_both)) {
            let words = format!("The head of {size} entries is not signed by the group's key.");
            self.findings.add(kind, all, words);
            return None;
        }
        let change = now.and_then(|now| self.group_keys.get_mut(now));
        if let Some(change) = change.filter(|change| change.seq + 1 == size) {
            change.handed_over |= by_both;
        }
        match self.sizes.roots.get(&size) {
            // What is missing is told already.
            _ if !self.whole => Some(size),
            Some(Some(root)) if *root == head.root => {
                self.sizes.agreed.insert(size);
                Some(size)
            }
            Some(Some(_)) => {
                self.sizes.contradicted.insert((size, kind == Kind::Witness));
                None
            }
            Some(None) | None => {
                let words =
                    format!("A head of {size} entries was not announced in the first line.");
                self.findings.of(Kind::File, words);
                None
            }
        }
    }

    /// A co-signature, and the witness's key as the host knows it.
    pub fn witness(&mut self, document: &Value, given: Option<&str>) {
        let (witness, proofs) = match Witness::read(document) {
            Ok(read) => read,
            Err(why) => {
                let words = format!("A co-signature cannot be read: {why}.");
                return self.findings.of(Kind::Witness, words);
            }
        };
        let [proof] = &*proofs else {
            return self.findings.of(Kind::Witness, "A co-signature has more than one signer.");
        };
        let by = (witness.witness.as_str(), proof.method.as_str());
        let signed = self.known.judge(self.keys, by, given, |key| proof.is_by(key));
        match signed {
            Signed::Well => self.counts.witnesses += 1,
            Signed::ByGivenKey => self.counts.witnesses_by_given_key += 1,
            Signed::Unchecked => self.counts.witnesses_unchecked += 1,
            Signed::Badly(why) => {
                let words =
                    format!("The co-signature of {} is not theirs: {why}.", witness.witness);
                return self.findings.of(Kind::Witness, words);
            }
        }
        let size = self.signed_head(&witness.head, Kind::Witness);
        if size.is_some_and(|size| witness.from > size) {
            let words = format!("{} continued a larger ledger than it signed.", witness.witness);
            self.findings.of(Kind::Witness, words);
        }
    }

    /// The group signed other roots than its entries have: somewhere behind the last that agrees.
    pub(super) fn contradictions(&mut self) {
        // Where entries were found wrong already, they are the reason.
        let mut known = self.findings.names_entries();
        for (size, by_witness) in std::mem::take(&mut self.sizes.contradicted) {
            let first = self.sizes.agreed.range(..size).next_back().copied().unwrap_or(0);
            let (kind, words) = if by_witness {
                let words = format!(
                    "A witness holds a head of {size} entries, signed by the group, that these \
                     entries contradict: the group showed two histories."
                );
                (Kind::Fork, words)
            } else {
                let words =
                    format!("The first {size} entries are not those that the group signed.");
                (Kind::Root, words)
            };
            self.findings.add(kind, (!known).then_some((first, size - 1)), words);
            known = true;
        }
    }
}
