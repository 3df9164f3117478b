//! What a group says of its last month, in sums.
use super::{super::Report, Message};

/// Fewer are not told apart.
const MIN_CELL: u64 = 5;

/// The sums of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// Asks that began in it.
    pub asks: u64,
    /// Those of them that somebody answered.
    pub answered: u64,
    /// Times that somebody said they were helped; by staff left out.
    pub receipts: u64,
    /// How many different people helped.
    pub helpers: u64,
    /// How many different people were helped.
    pub helped: u64,
    /// Times that staff helped.
    pub by_staff: u64,
}

impl Month {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.asks == 0 && self.receipts == 0
    }

    /// What is said of it: sums, and nothing that compares.
    #[must_use]
    pub fn sentences(&self) -> Vec<Message> {
        let mut said = vec![Message::new("month.asks").number("asks", self.asks)];
        if self.asks > 0 {
            let one = if self.asks == 1 { "month.answered.the_one" } else { "month.answered" };
            said.push(Message::new(one).number("answered", self.answered));
        }
        // Where staff alone was thanked, "nobody" would be wrong.
        if self.receipts > 0 || self.by_staff == 0 {
            said.push(Message::new("month.receipts").number("receipts", self.receipts));
        }
        if self.receipts > 0 {
            said.push(Message::new("month.helpers").number("helpers", self.helpers));
            said.push(Message::new("month.helped").number("helped", self.helped));
        }
        if self.by_staff >= MIN_CELL && self.receipts >= MIN_CELL {
            said.push(Message::new("month.by_staff").number("staff", self.by_staff));
        }
        said
    }
}

impl Report {
    /// The sentence that leads; none where there are too few people for more than sums.
    #[must_use]
    pub fn lead(&self) -> Option<Message> {
        self.form.numbers.as_ref()?;
        self.sentences().shape.into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(month: Month) -> String {
        let said: Vec<String> = month.sentences().iter().map(Message::english).collect();
        said.join(" ")
    }

    #[test]
    fn a_month_is_told_in_sums() {
        let month =
            Month { asks: 12, answered: 11, receipts: 9, helpers: 6, helped: 8, by_staff: 2 };
        assert_eq!(
            text(month),
            "There were 12 asks. 11 of these asks were answered. 9 times somebody said that \
             they were helped. 6 people helped. 8 people were helped."
        );
        let staffed = Month { by_staff: 7, ..month };
        assert!(text(staffed).ends_with("Help by staff is counted apart: 7 times."));
    }

    #[test]
    fn a_small_month_reads_well() {
        let month = Month { asks: 1, answered: 0, receipts: 1, helpers: 1, helped: 1, by_staff: 0 };
        assert_eq!(
            text(month),
            "There was one ask. It was not answered yet. Once somebody said that they were helped. \
             One person helped. One person was helped."
        );
        assert_eq!(
            text(Month { asks: 2, ..Month::default() }),
            "There were 2 asks. None of these asks was answered yet. Nobody said thanks."
        );
        assert!(Month::default().is_empty() && !month.is_empty());
        let staffed = Month { asks: 1, answered: 1, by_staff: 3, ..Month::default() };
        assert_eq!(text(staffed), "There was one ask. It was answered.");
    }
}
