//! A person's own copy of their receipts: that it is theirs, and that each stands in a ledger whose
//! head the group signed (`docs/ledger.md`, "A copy of one's own").
use serde_json::{Value, json};

use super::{
    Keys, Kind, Verdict,
    finding::{Finding, Findings},
    stamps::{Known, Signed},
};
use crate::{
    activitypub::{head::TreeHead, json as wire},
    ledger::{Entry, Event, Hash, Id, Salt, canonical, tree},
};

/// What a check of a person's copy comes to. No sums: it may be in other hands than theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutcome {
    /// In a word.
    pub verdict: Verdict,
    /// Whose copy it says it is.
    pub person: String,
    /// The groups whose heads hold.
    pub groups: Vec<String>,
    /// Signatures that hold by a key from the signer's own server.
    pub checked: u64,
    /// .. that hold by the key that the file gives with them.
    pub by_given_key: u64,
    /// .. whose key is not known here.
    pub unchecked: u64,
    /// What was found; the first thousand.
    pub findings: Vec<Finding>,
}

/// Checks a copy: `text` is the whole file.
///
/// # Errors
/// Where the file is no such copy at all.
pub fn check(text: &[u8], keys: &mut dyn Keys) -> Result<RecordOutcome, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8")?;
    let document = canonical::read(text.trim_end_matches('\n'));
    let document = document.map_err(|_| "it is not JSON as it is written here")?;
    if !wire::is(&document, "HelpRecord") {
        return Err("it is no copy of receipts");
    }
    let person = wire::text(&document, "attributedTo").ok_or("it does not say whose it is")?;
    let mut record = Record {
        person: Id::from(person),
        keys,
        known: Known::default(),
        findings: Findings::default(),
        groups: Vec::new(),
        counts: [0; 3],
    };
    let key = wire::text(&document, "key");
    let signed = record.known.document(record.keys, &record.person, &document, key);
    record.judged(signed, None, "The copy is not signed by the person it is about");
    for ledger in wire::many(&document, "ledgers") {
        record.ledger(ledger);
    }
    Ok(record.finish())
}

struct Record<'a> {
    person: Id,
    keys: &'a mut dyn Keys,
    known: Known,
    findings: Findings,
    groups: Vec<String>,
    /// Signatures: by a key that was looked up, by a given one, not checked.
    counts: [u64; 3],
}

impl Record<'_> {
    fn judged(&mut self, signed: Signed, seq: Option<u64>, what: &str) {
        let at = match signed {
            Signed::Well => 0,
            Signed::ByGivenKey => 1,
            Signed::Unchecked => 2,
            Signed::Badly(why) => {
                let range = seq.map(|seq| (seq, seq));
                return self.findings.add(Kind::Stamp, range, format!("{what}: {why}."));
            }
        };
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
    }

    /// What the copy has of one group.
    fn ledger(&mut self, ledger: &Value) {
        let head = ledger.get("head").unwrap_or(&Value::Null);
        let (read, proofs) = match TreeHead::read(head) {
            Ok(read) => read,
            Err(why) => {
                return self.findings.of(Kind::Head, format!("A head cannot be read: {why}."));
            }
        };
        // Where a key was handed over the newer one signed last.
        let Some(proof) = proofs.last() else { return };
        let by = (read.group.as_str(), proof.method.as_str());
        let given = wire::text(ledger, "key");
        let signed = self.known.judge(self.keys, by, given, |key| proof.is_by(key));
        let holds = !matches!(signed, Signed::Badly(_));
        self.judged(signed, None, &format!("The head of {} does not hold", read.group));
        for item in wire::many(ledger, "entries") {
            self.entry(&read, item);
        }
        if holds {
            self.groups.push(read.group);
        }
    }

    fn entry(&mut self, head: &TreeHead, item: &Value) {
        let Some((commitment, salt, payload)) = parts(item) else {
            return self.findings.of(Kind::Malformed, "An entry is not as entries are written.");
        };
        let entry = match Entry::read(&payload) {
            Ok(entry) => entry,
            Err(why) => {
                let words = format!("An entry cannot be read: {why}.");
                return self.findings.of(Kind::Malformed, words);
            }
        };
        let seq = entry.seq;
        if salt.commit(&payload) != commitment {
            return self.findings.at(Kind::Changed, seq, "It is not what was committed to.");
        }
        let hashes = wire::many(item, "inclusion").iter();
        let proof: Option<Vec<Hash>> = hashes.map(|hash| Hash::read(hash.as_str()?)).collect();
        let stands = proof
            .is_some_and(|proof| tree::includes(&head.root, head.size, seq, &commitment, &proof));
        if !stands {
            let words = "It does not stand in the ledger whose head the group signed.";
            return self.findings.at(Kind::Root, seq, words);
        }
        if !names(&entry.event, &self.person) {
            let words = "It is about other people than the one whose copy this is.";
            return self.findings.at(Kind::Rule, seq, words);
        }
        if let Event::Receipt(receipt) = &entry.event
            && let Some(stamp) = &receipt.stamp
        {
            let (stamp, given) = (Value::Object(stamp.clone()), wire::text(item, "key"));
            let signed = self.known.acknowledgement(self.keys, receipt, &stamp, given);
            self.judged(signed, Some(seq), "What who was helped signed does not hold");
        }
    }

    fn finish(self) -> RecordOutcome {
        let [checked, by_given_key, unchecked] = self.counts;
        let (failed, findings) = self.findings.end();
        RecordOutcome {
            verdict: failed.map_or(Verdict::Pass, Verdict::Fail),
            person: self.person.to_string(),
            groups: self.groups,
            checked,
            by_given_key,
            unchecked,
            findings,
        }
    }
}

/// Commitment, salt and payload of an entry.
fn parts(item: &Value) -> Option<(Hash, Salt, String)> {
    let payload = item.get("payload").filter(|payload| payload.is_object())?;
    Some((
        wire::text(item, "commitment").and_then(Hash::read)?,
        wire::text(item, "salt").and_then(Salt::read)?,
        canonical::write(payload).ok()?,
    ))
}

/// Whether an entry belongs into a person's copy. What takes a receipt back may name nobody.
fn names(event: &Event, person: &Id) -> bool {
    match event {
        Event::Receipt(receipt) => receipt.helper == *person || receipt.receiver == *person,
        Event::Kept { person: who, .. } => who == person,
        Event::Undone { .. } => true,
        _ => false,
    }
}

impl RecordOutcome {
    /// A few plain lines; the last is [`Verdict::line`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let sentence = match self.verdict {
            Verdict::Fail(_) => {
                "Do not believe this copy as it is: something in it was changed or is not theirs."
            }
            _ => "This copy holds: every receipt in it stands in a ledger that its group signed.",
        };
        let mut lines = vec![sentence.to_owned(), String::new()];
        lines.push(format!("Person      {}", self.person));
        lines.extend(self.groups.iter().map(|group| format!("Group       {group}")));
        lines.push(format!(
            "Signatures  {} hold by a key from the signer's own server, {} by the key that the \
             file gives; {} could not be checked",
            self.checked, self.by_given_key, self.unchecked
        ));
        if !self.findings.is_empty() {
            lines.push(String::new());
            lines.push("What was found:".to_owned());
            lines.extend(self.findings.iter().map(super::say::said));
        }
        lines.push(String::new());
        lines.push(self.verdict.line());
        lines.join("\n")
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "verdict": if self.verdict == Verdict::Pass { "pass" } else { "fail" },
            "line": self.verdict.line(),
            "person": self.person,
            "groups": self.groups,
            "counts": {
                "signatures_checked": self.checked,
                "signatures_by_given_key": self.by_given_key,
                "signatures_unchecked": self.unchecked,
            },
            "findings": self.findings,
        })
    }
}
