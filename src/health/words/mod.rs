//! What a report says, in plain sentences; each by a key and its values, so that it can be said in
//! other languages.
mod english;
mod sentences;
mod summary;

use serde::Serialize;

pub use sentences::Sentences;
pub use summary::Month;

use crate::types::Time;

/// A value inside a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A whole number.
    Number(u64),
    /// Basis points, said as whole per cent, rounded down.
    Share(u64),
    /// Basis points, said as whole per cent, rounded up.
    AtMost(u64),
    /// A domain.
    Name(String),
    /// A span of time, said in the largest fitting unit.
    Minutes(u64),
    /// A day.
    Day(Time),
}

/// A sentence by its key, and the values in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Which sentence.
    pub key: &'static str,
    /// What stands in its gaps, by name.
    pub values: Vec<(&'static str, Value)>,
}

impl Message {
    /// A sentence without gaps yet.
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    /// With a number. Where it is 0 or 1, `key.none` or `key.one` is said if there is such a
    /// sentence.
    #[must_use]
    pub fn number(mut self, name: &'static str, number: u64) -> Self {
        self.values.push((name, Value::Number(number)));
        self
    }

    /// With a share in basis points. Where it is below 1 %, `key.none` is said if there is such a
    /// sentence.
    #[must_use]
    pub fn share(mut self, name: &'static str, bp: u64) -> Self {
        self.values.push((name, Value::Share(bp)));
        self
    }

    /// With the upper end of a range, in basis points.
    #[must_use]
    pub fn at_most(mut self, name: &'static str, bp: u64) -> Self {
        self.values.push((name, Value::AtMost(bp)));
        self
    }

    /// With a domain.
    #[must_use]
    pub fn name(mut self, name: &'static str, domain: &str) -> Self {
        self.values.push((name, Value::Name(domain.to_owned())));
        self
    }

    /// With a span of time.
    #[must_use]
    pub fn minutes(mut self, name: &'static str, minutes: u64) -> Self {
        self.values.push((name, Value::Minutes(minutes)));
        self
    }

    /// With a day.
    #[must_use]
    pub fn day(mut self, name: &'static str, day: Time) -> Self {
        self.values.push((name, Value::Day(day)));
        self
    }

    /// In English; the key itself, should there be no such sentence.
    #[must_use]
    pub fn english(&self) -> String {
        let one = self.values.iter().any(|(_, value)| *value == Value::Number(1));
        let nothing = |value: &Value| matches!(value, Value::Share(0..100) | Value::Number(0));
        let none = self.values.iter().any(|(_, value)| nothing(value));
        let special = none.then(|| english::sentence(&format!("{}.none", self.key))).flatten();
        let singular = one.then(|| english::sentence(&format!("{}.one", self.key))).flatten();
        let mut text = special
            .or(singular)
            .or_else(|| english::sentence(self.key))
            .unwrap_or(self.key)
            .to_owned();
        for (name, value) in &self.values {
            let mut said = value.english();
            // A sentence begins with a capital letter, a domain keeps its own.
            if text.starts_with(&format!("{{{name}}}")) && !said.contains('.') {
                let first = said.chars().next().map(|c| c.to_uppercase().to_string());
                said = first.unwrap_or_default() + said.get(1..).unwrap_or_default();
            }
            text = text.replace(&format!("{{{name}}}"), &said);
        }
        text
    }
}

impl Value {
    fn english(&self) -> String {
        match self {
            Self::Number(number) => grouped(*number),
            Self::Share(bp) => (bp / 100).to_string(),
            Self::AtMost(bp) => bp.div_ceil(100).to_string(),
            Self::Name(name) => name.clone(),
            Self::Day(day) => day.date(),
            Self::Minutes(minutes) => match minutes {
                0..=1 => "a minute".to_owned(),
                2..120 => format!("{minutes} minutes"),
                120..2_880 => format!("{} hours", minutes / 60),
                2_880.. => format!("{} days", grouped(minutes / 1_440)),
            },
        }
    }
}

/// A number with a comma between each three digits.
pub fn grouped(number: u64) -> String {
    let (rest, last) = (number / 1_000, number % 1_000);
    if rest == 0 { last.to_string() } else { format!("{},{last:03}", grouped(rest)) }
}
