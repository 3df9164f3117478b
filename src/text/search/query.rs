//! What somebody types to find posts, taken apart. Nothing that can be typed is an error: what is no
//! operator is words.
use chrono::{Days, NaiveDate};

use super::tokens;
use crate::{text_enum, types::Time};

/// Letters with which the beginning of a word can be looked for: too many words begin with fewer.
const MIN_PREFIX: usize = 3;
/// Most words, phrases and operators that count.
const MAX_TERMS: usize = 32;

text_enum! {
    /// What a post can have.
    Has {
        /// Anything attached.
        Media = "media",
        /// A picture.
        Image = "image",
        /// A film.
        Video = "video",
        /// Sound.
        Audio = "audio",
        /// A poll.
        Poll = "poll",
        /// A link to somewhere.
        Link = "link",
    }
}

text_enum! {
    /// What a post can be.
    Is {
        /// An answer.
        Reply = "reply",
        /// Folded away.
        Sensitive = "sensitive",
        /// A thread that seeks help.
        Ask = "ask",
    }
}

/// Words in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// In their order; at least one.
    pub tokens: Vec<String>,
    /// The last one may go on.
    pub prefix: bool,
}

/// Whose posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Of who asks.
    Me,
    /// Of somebody by this name in lower case; here, where no host is said.
    Named {
        /// Before the @.
        name: String,
        /// After it.
        host: Option<String>,
    },
}

/// Where posts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among what one wrote, liked, bookmarked, boosted or was mentioned in.
    Library,
    /// Where everyone may read.
    Public,
    /// In a group of this name.
    Group(Who),
}

/// What narrows a search, beside words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `from:`
    From(Who),
    /// `has:`
    Has(Has),
    /// `is:`
    Is(Is),
    /// `in:`
    In(Place),
    /// `language:`
    Language(String),
    /// `before:`, `after:`, `during:`: from the first to just before the second.
    Within(Time, Time),
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All of these.
    pub wanted: Vec<Phrase>,
    /// None of these.
    pub unwanted: Vec<Phrase>,
    /// Each of these, or not where the flag says so.
    pub operators: Vec<(bool, Operator)>,
}

impl Query {
    /// Whether nothing was asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty() && self.operators.is_empty()
    }

    fn len(&self) -> usize {
        self.wanted.len() + self.unwanted.len() + self.operators.len()
    }
}

/// Takes apart what was typed.
#[must_use]
pub fn parse(typed: &str) -> Query {
    let mut query = Query::default();
    for (negated, quoted, word) in pieces(typed) {
        if query.len() >= MAX_TERMS {
            break;
        }
        if let Some(operator) = (!quoted).then(|| operator(word)).flatten() {
            query.operators.push((negated, operator));
            continue;
        }
        let tokens: Vec<String> = tokens(word).take(MAX_TERMS).collect();
        let long = tokens.last().is_some_and(|last| last.chars().count() >= MIN_PREFIX);
        let prefix = !quoted && word.ends_with('*') && long;
        if tokens.is_empty() {
            continue;
        }
        let list = if negated { &mut query.unwanted } else { &mut query.wanted };
        list.push(Phrase { tokens, prefix });
    }
    query
}

/// The pieces between spaces, each with whether a `-` stands before it and whether it is quoted.
fn pieces(typed: &str) -> Vec<(bool, bool, &str)> {
    let mut pieces = Vec::new();
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        let (negated, body) = match rest.strip_prefix('-') {
            Some(body) if !body.starts_with(char::is_whitespace) => (true, body),
            _ => (false, rest),
        };
        let opened = body.chars().next().filter(|c| is_quote(*c));
        let (quoted, word, after) = if let Some(quote) = opened {
            let inner = body.get(quote.len_utf8()..).unwrap_or_default();
            // One that is not closed goes on to the end.
            let end = inner.find(is_quote).unwrap_or(inner.len());
            let after = inner.get(end..).unwrap_or_default();
            (true, inner.get(..end).unwrap_or_default(), after.trim_start_matches(is_quote))
        } else {
            let end = body.find(char::is_whitespace).unwrap_or(body.len());
            let (word, after) = body.split_at_checked(end).unwrap_or((body, ""));
            (false, word, after)
        };
        pieces.push((negated, quoted, word));
        rest = after.trim_start();
    }
    pieces
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

fn operator(word: &str) -> Option<Operator> {
    let (name, value) = word.split_once(':')?;
    let value = value.to_lowercase();
    match name.to_lowercase().as_str() {
        "from" => who(&value).map(Operator::From),
        "has" => match value.as_str() {
            "embed" => Some(Operator::Has(Has::Link)),
            other => Has::from_word(other).map(Operator::Has),
        },
        "is" => Is::from_word(&value).map(Operator::Is),
        "in" => match value.as_str() {
            "library" => Some(Operator::In(Place::Library)),
            "public" => Some(Operator::In(Place::Public)),
            // All there is to find: as if it was not said.
            "all" => Some(Operator::Within(Time(0), Time(i64::MAX))),
            other => who(other).filter(|who| *who != Who::Me).map(Place::Group).map(Operator::In),
        },
        "language" => {
            let code = value.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
            (code && !value.is_empty()).then_some(Operator::Language(value))
        }
        "before" => day(&value).map(|(start, _)| Operator::Within(Time(0), start)),
        "after" => day(&value).map(|(_, end)| Operator::Within(end, Time(i64::MAX))),
        "during" => day(&value).map(|(start, end)| Operator::Within(start, end)),
        _ => None,
    }
}

fn who(value: &str) -> Option<Who> {
    let handle = value.trim_start_matches(['@', '!']);
    if handle == "me" {
        return Some(Who::Me);
    }
    let (name, host) = match handle.split_once('@') {
        Some((name, host)) => (name, Some(host.to_owned())),
        None => (handle, None),
    };
    let named = !name.is_empty() && host.as_ref().is_none_or(|host| !host.is_empty());
    named.then(|| Who::Named { name: name.to_owned(), host })
}

/// When a day (`YYYY-MM-DD`, UTC) begins and ends.
fn day(value: &str) -> Option<(Time, Time)> {
    let start = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok()?;
    let end = start.checked_add_days(Days::new(1))?;
    let time =
        |date: NaiveDate| Some(Time(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()));
    Some((time(start)?, time(end)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phrases(list: &[Phrase]) -> Vec<String> {
        let star = |phrase: &Phrase| if phrase.prefix { "*" } else { "" };
        list.iter().map(|phrase| phrase.tokens.join(" ") + star(phrase)).collect()
    }

    #[test]
    fn words_phrases_and_what_is_not_wanted() {
        let query = parse(r#"Ladder "old saw" -rusty -"for sale" gard* don't “neu hier” "#);
        assert_eq!(phrases(&query.wanted), ["ladder", "old saw", "gard*", "don t", "neu hier"]);
        assert_eq!(phrases(&query.unwanted), ["rusty", "for sale"]);
        assert!(query.operators.is_empty());
    }

    #[test]
    fn operators_narrow_and_can_be_turned_around() {
        let named = |name: &str, host: Option<&str>| Who::Named {
            name: name.to_owned(),
            host: host.map(str::to_owned),
        };
        let day = |text: &str| day(text).unwrap();
        let (start, end) = day("2026-03-01");
        assert_eq!(end.0 - start.0, 86_400_000);
        for (word, operator) in [
            ("from:me", Operator::From(Who::Me)),
            ("FROM:@Ana", Operator::From(named("ana", None))),
            ("from:ana@oak.example", Operator::From(named("ana", Some("oak.example")))),
            ("has:poll", Operator::Has(Has::Poll)),
            ("has:embed", Operator::Has(Has::Link)),
            ("is:ask", Operator::Is(Is::Ask)),
            ("in:library", Operator::In(Place::Library)),
            ("in:public", Operator::In(Place::Public)),
            ("in:@repairs", Operator::In(Place::Group(named("repairs", None)))),
            (
                "in:!garden@elm.example",
                Operator::In(Place::Group(named("garden", Some("elm.example")))),
            ),
            ("language:de", Operator::Language("de".into())),
            ("before:2026-03-01", Operator::Within(Time(0), start)),
            ("after:2026-03-01", Operator::Within(end, Time(i64::MAX))),
            ("during:2026-03-01", Operator::Within(start, end)),
        ] {
            assert_eq!(parse(word).operators, [(false, operator.clone())], "{word}");
            assert_eq!(parse(&format!("-{word}")).operators, [(true, operator)], "-{word}");
        }
    }

    #[test]
    fn what_is_no_operator_is_words() {
        for (typed, words) in [
            ("is:boost", "is boost"),
            ("has:cheese", "has cheese"),
            ("before:tomorrow", "before tomorrow"),
            ("before:2026-02-30", "before 2026 02 30"),
            ("from:", "from"),
            ("from:@", "from"),
            ("https://oak.example/x", "https oak example x"),
            ("12:30", "12 30"),
            ("\"from:me\"", "from me"),
        ] {
            let query = parse(typed);
            assert_eq!(phrases(&query.wanted), [words], "{typed}");
            assert!(query.operators.is_empty(), "{typed}");
        }
        for nothing in ["", "  ", "-", "- -", "\"", "\"\"", "***", "🪚", "-\""] {
            assert!(parse(nothing).is_empty(), "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_can_be_typed_breaks_it(typed in "(\\PC|[-\":*@ ]|from:|in:|before:){0,60}") {
            let query = parse(&typed);
            prop_assert!(query.len() <= MAX_TERMS);
            for phrase in query.wanted.iter().chain(&query.unwanted) {
                prop_assert!(!phrase.tokens.is_empty());
            }
        }
    }
}
