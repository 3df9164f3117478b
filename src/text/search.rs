//! Words as they are looked for: what a post says, and what somebody types to find it.
//!
//! Both databases keep the tokens that are made here and compare them as they are, so both find the
//! same. A token is a word without accents in lower case; of scripts that put no space between words
//! each character is one, and what is typed in a row is found in a row.
mod query;

pub use query::{Has, Is, Operator, Phrase, Place, Query, Who, parse};

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    html::{Part, parts},
    plain::rough,
};

/// Longest token, characters: what is longer is known by its beginning.
const MAX_TOKEN: usize = 40;
/// Most tokens of a post; `PostgreSQL` counts no further than 16,383.
const MAX_TOKENS: usize = 12_000;
/// Nobody can type it: begins the tokens that say what a post is.
const MARK: char = '\u{e000}';

/// What a post is, beside its words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// A post at all.
    Post,
    /// Of the author with this id.
    By(i64),
    /// Has something.
    Has(Has),
    /// Is something.
    Is(Is),
    /// In the language with this code.
    Language(String),
}

impl Trait {
    /// The token that stands for it.
    #[must_use]
    pub fn token(&self) -> String {
        match self {
            Self::Post => format!("{MARK}p"),
            Self::By(id) => format!("{MARK}a{id}"),
            Self::Has(what) => format!("{MARK}h{}", what.as_str()),
            Self::Is(what) => format!("{MARK}i{}", what.as_str()),
            Self::Language(code) => format!("{MARK}l{}", primary(code)),
        }
    }
}

/// `en` of `en-GB`, in lower case; letters only.
fn primary(code: &str) -> String {
    let primary = code.split(['-', '_']).next().unwrap_or_default();
    primary.chars().filter(char::is_ascii_alphabetic).take(8).collect::<String>().to_lowercase()
}

/// A post as it is looked for.
#[derive(Clone, Debug, Default)]
pub struct Document {
    tokens: Vec<String>,
    traits: BTreeSet<Trait>,
}

impl Document {
    /// Adds plain words; no phrase reaches from one text into the next.
    pub fn say(&mut self, plain: &str) {
        if !self.tokens.is_empty() {
            self.tokens.push(MARK.into());
        }
        let room = MAX_TOKENS.saturating_sub(self.tokens.len());
        self.tokens.extend(tokens(plain).take(room));
    }

    /// Adds the words of safe HTML, and that it has a link if it has one.
    pub fn say_html(&mut self, html: &str) {
        self.say(&rough(html));
        let is_link = |(part, _): (Part<'_>, usize)| matches!(part, Part::Open("a", tag) if !tag.contains("mention") && !tag.contains("hashtag"));
        if parts(html).any(is_link) {
            self.mark(Trait::Has(Has::Link));
        }
    }

    /// Adds what it is.
    pub fn mark(&mut self, what: Trait) {
        self.traits.insert(what);
    }

    /// All tokens in their order.
    pub fn tokens(&self) -> impl Iterator<Item = String> {
        let traits = self.traits.iter().map(Trait::token);
        self.tokens.iter().cloned().chain([MARK.to_string()]).chain(traits)
    }
}

/// The tokens of a plain text, in order.
pub fn tokens(text: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut length = 0;
    for c in normal(text) {
        if stands_alone(c) {
            found.extend(take(&mut word));
            found.push(c.to_string());
        } else if c.is_alphanumeric() || (is_combining_mark(c) && !word.is_empty()) {
            length = if word.is_empty() { 0 } else { length + 1 };
            if length < MAX_TOKEN {
                word.push(c);
            }
        } else {
            found.extend(take(&mut word));
        }
    }
    found.extend(take(&mut word));
    found.into_iter()
}

fn take(word: &mut String) -> Option<String> {
    Some(std::mem::take(word)).filter(|word| !word.is_empty())
}

/// The characters of a text without accents, in lower case, each in its plainest form.
fn normal(text: &str) -> impl Iterator<Item = char> {
    text.nfkd()
        .filter(|c| !is_accent(*c))
        .nfc()
        .flat_map(char::to_lowercase)
        // Lower case has accents of its own: İ.
        .filter(|c| !is_accent(*c))
        .flat_map(|c| match c {
            'ß' => ['s', 's'].into_iter().take(2),
            other => [other, other].into_iter().take(1),
        })
}

/// Marks without which a word is written by many and read by all. Vowel signs are none of them.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}'
        | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{200b}'..='\u{200f}' | '\u{ad}')
}

/// Letters of scripts that put no space between words, or none that helps: Thai, Lao, Burmese, Khmer,
/// Japanese, Chinese, Korean.
fn stands_alone(c: char) -> bool {
    c.is_alphanumeric()
        && matches!(c,
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{312f}' | '\u{3131}'..='\u{318f}'
            | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).collect()
    }

    #[test]
    fn words_are_compared_without_accents_and_case() {
        for (text, found) in [
            ("Café déjà-vu!", vec!["cafe", "deja", "vu"]),
            ("Straße STRASSE", vec!["strasse", "strasse"]),
            ("don't", vec!["don", "t"]),
            ("ﬁne ２０２６ ½", vec!["fine", "2026", "1", "2"]),
            ("İstanbul Łódź Ångström", vec!["istanbul", "łodz", "angstrom"]),
            ("#ask @ana_b", vec!["ask", "ana", "b"]),
            ("مُحَمَّد", vec!["محمد"]),
            ("किताब हिन्दी", vec!["किताब", "हिन्दी"]),
            ("", vec![]),
            (" \u{301} — 🪚", vec![]),
        ] {
            assert_eq!(words(text), found, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_taken_letter_by_letter() {
        assert_eq!(words("東京tower"), ["東", "京", "tower"]);
        assert_eq!(words("ガーデン"), ["ガ", "ー", "デ", "ン"]);
        assert_eq!(words("학교에서"), ["학", "교", "에", "서"]);
        assert_eq!(words("ｶﾞ"), ["ガ"], "half a width is no difference");
    }

    #[test]
    fn no_phrase_reaches_from_the_title_into_the_text() {
        let mut document = Document::default();
        document.say("Old saw");
        document.say_html("<p>blade <a href=\"https://x.example\">here</a></p>");
        document.mark(Trait::By(7));
        let tokens: Vec<String> = document.tokens().collect();
        let expected =
            ["old", "saw", "\u{e000}", "blade", "here", "\u{e000}", "\u{e000}a7", "\u{e000}hlink"];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn mentions_and_hashtags_are_no_links() {
        let mut document = Document::default();
        document.say_html(
            r#"<a href="x" class="u-url mention">@a</a><a href="y" class="mention hashtag">#b</a>"#,
        );
        assert!(document.traits.is_empty());
    }

    #[test]
    fn a_post_has_so_many_words_and_no_more() {
        let mut document = Document::default();
        document.say(&"a ".repeat(20_000));
        document.say("b");
        document.mark(Trait::Post);
        assert!(document.tokens().count() <= MAX_TOKENS + 4);
        assert_eq!(words(&"x".repeat(500)), ["x".repeat(MAX_TOKEN)]);
    }

    proptest! {
        #[test]
        fn tokens_are_harmless_and_stay_what_they_are(text in "\\PC{0,80}") {
            for token in tokens(&text) {
                prop_assert!(!token.is_empty() && token.len() <= 4 * MAX_TOKEN + 8);
                let plain = |c: char| !c.is_whitespace() && !c.is_ascii_punctuation() && c != MARK;
                prop_assert!(token.chars().all(plain), "{:?}", token);
                // What is found is typed again.
                let again: Vec<String> = tokens(&token).collect();
                prop_assert_eq!(again, vec![token]);
            }
        }
    }
}
