//! What a check comes to, in words for whoever asked.
use super::{Counts, Finding, Outcome, Verdict};

/// Most findings that are written out.
const MAX_SAID: usize = 50;

impl Outcome {
    /// A few plain lines; the last is [`Verdict::line`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut lines = vec![self.sentence(), String::new()];
        lines.push(format!("Group       {}", self.group));
        lines.push(format!("Key         {}", self.key));
        lines.push(format!("Root        {}", self.root));
        lines.extend(self.counts.lines());
        if !self.findings.is_empty() {
            lines.push(String::new());
            lines.push("What was found:".to_owned());
            lines.extend(self.findings.iter().take(MAX_SAID).map(said));
        }
        let told = self.findings.len().min(MAX_SAID);
        let more = self.found.saturating_sub(u64::try_from(told).unwrap_or(u64::MAX));
        if more > 0 {
            lines.push(format!("  and {} more.", number(more)));
        }
        lines.push(String::new());
        lines.push(self.verdict.line());
        lines.join("\n")
    }

    fn sentence(&self) -> String {
        let entries = number(self.counts.entries);
        match &self.verdict {
            Verdict::Pass => format!(
                "This ledger holds: its {entries} entries are those that the group signed, and \
                 every one keeps the rules."
            ),
            Verdict::Warn(0) => format!(
                "This ledger holds, with something to know: its {entries} entries are those that \
                 the group signed, but some came back after a loss."
            ),
            Verdict::Warn(erased) => format!(
                "This ledger holds, with something to know: its {entries} entries are those that \
                 the group signed, and {} of them were erased, so that what they said cannot be \
                 checked any more.",
                number(*erased)
            ),
            Verdict::Fail(_) => {
                "Do not believe this ledger as it is: something in it was changed, is missing or \
                 breaks the rules."
                    .to_owned()
            }
        }
    }
}

impl Counts {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Entries     {}", number(self.entries)),
            format!(
                "Receipts    {}: {} rest on proof, {} on the word of the group's server; {} taken \
                 back; {} thanks not counted",
                number(self.receipts),
                number(self.on_proof),
                number(self.attested),
                number(self.undone),
                number(self.uncounted),
            ),
            format!(
                "Witnesses   {} co-signatures hold",
                number(self.witnesses + self.witnesses_by_given_key)
            ),
        ];
        let signatures = self.signatures_checked + self.signatures_by_given_key;
        if signatures > 0 {
            lines.push(format!("Signatures  {} by people hold", number(signatures)));
        }
        if self.health_reports > 0 {
            lines.push(
                "Health      every figure of the page was computed anew: the same".to_owned(),
            );
        }
        if self.erased > 0 {
            lines.push(format!(
                "Erased      {}, of these {} without a request of the person",
                number(self.erased),
                number(self.erased_by_host),
            ));
        }
        let given = self.signatures_by_given_key + self.witnesses_by_given_key;
        if given > 0 {
            lines.push(format!(
                "Note        {} signatures were checked with the keys that came with the ledger; \
                 whether these belong to the signers, only their own servers can say",
                number(given)
            ));
        }
        let unchecked = self.signatures_unchecked + self.witnesses_unchecked;
        if unchecked > 0 {
            lines.push(format!(
                "Not checked {} signatures whose keys are not known here; with the group's address \
                 in place of a file they are looked up",
                number(unchecked)
            ));
        }
        if self.health_unchecked > 0 {
            lines.push(
                "Not checked the health report: it cannot be computed anew here, or no longer"
                    .to_owned(),
            );
        }
        lines
    }
}

pub(super) fn said(finding: &Finding) -> String {
    match finding.entries {
        None => format!("  {}", finding.words),
        Some((first, last)) if first == last => format!("  Entry {first}: {}", finding.words),
        Some((first, last)) => format!("  Entries {first}-{last}: {}", finding.words),
    }
}

/// With a comma between thousands.
fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }
}
