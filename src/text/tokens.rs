//! Finds what means something inside plain words: `@name@host`, `!group@host`, `#tag`, addresses.
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Somebody, or a group, as written in a text: `@name`, `@name@host`, `!group@host`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    /// The name as written; names are compared without regard to case.
    pub name: String,
    /// Host in lower case, with a port where one was written; `None`: on this node.
    pub host: Option<String>,
}

impl Handle {
    /// Whether both name the same actor.
    pub fn is_same(&self, other: &Self) -> bool {
        self.host == other.host && self.name.eq_ignore_ascii_case(&other.name)
    }
}

/// What a piece of text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// Somebody's handle.
    Mention(Handle),
    /// A hashtag: what follows the `#`.
    Tag(String),
    /// An address that a browser can open; the whole piece, but for `<` and `>` around it.
    Url(String),
    /// A `<` that opens nothing.
    Less,
}

/// A run of text, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// As written.
    pub raw: &'a str,
    /// What it is.
    pub kind: Kind,
}

/// The form in which a hashtag is compared and stored: NFKC, lower case.
///
/// The same as Mastodon's, but for its folding of accents.
pub fn normal_tag(tag: &str) -> String {
    let tag = tag.trim_start_matches(['#', '＃']);
    tag.nfkc().flat_map(char::to_lowercase).nfkc().filter(|&c| is_tag_char(c)).collect()
}

/// Cuts `source` into pieces; put together again they are `source`.
pub fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut at, mut text_from, mut before) = (0, 0, None);
    while let Some(c) = source.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = source.get(at..).unwrap_or_default();
        let Some((kind, len)) = token(rest, before) else {
            at += c.len_utf8();
            before = Some(c);
            continue;
        };
        push_text(&mut found, source.get(text_from..at));
        let raw = rest.get(..len).unwrap_or_default();
        before = raw.chars().next_back();
        found.push(Piece { raw, kind });
        at += len;
        text_from = at;
    }
    push_text(&mut found, source.get(text_from..));
    found
}

fn push_text<'a>(found: &mut Vec<Piece<'a>>, raw: Option<&'a str>) {
    if let Some(raw) = raw.filter(|raw| !raw.is_empty()) {
        found.push(Piece { raw, kind: Kind::Text });
    }
}

/// The token that begins at the start of `rest`, and its length in bytes.
fn token(rest: &str, before: Option<char>) -> Option<(Kind, usize)> {
    if before == Some('\\') && !rest.starts_with('<') {
        return None; // escaped, as Markdown has it
    }
    match rest.chars().next()? {
        '@' | '!' => mention(rest, before),
        '#' | '＃' => tag(rest, before),
        'h' | 'H' if !before.is_some_and(is_word) => {
            url(rest).map(|(url, len)| (Kind::Url(url), len))
        }
        '<' => Some(bracketed(rest).unwrap_or((Kind::Less, 1))),
        _ => None,
    }
}

/// `<https://oak.example/>`, as Markdown allows.
fn bracketed(rest: &str) -> Option<(Kind, usize)> {
    let (inner, _) = rest.strip_prefix('<')?.split_once('>')?;
    let (url, len) = url(inner)?;
    (len == inner.len()).then_some((Kind::Url(url), len + 2))
}

/// Letters, marks, digits, connecting lines: Ruby's `[[:word:]]`, by which Mastodon counts.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

fn is_separator(c: char) -> bool {
    matches!(c, '\u{b7}' | '\u{30fb}' | '\u{200c}')
}

fn is_tag_char(c: char) -> bool {
    is_word(c) || is_separator(c)
}

/// Bytes at the start of `text` whose characters all pass.
fn run(text: &str, passes: impl Fn(char) -> bool) -> usize {
    text.find(|c| !passes(c)).unwrap_or(text.len())
}

fn mention(rest: &str, before: Option<char>) -> Option<(Kind, usize)> {
    if before.is_some_and(|c| is_word(c) || matches!(c, '=' | '/' | '@' | '!' | '#')) {
        return None;
    }
    let after = rest.get(1..)?;
    let name_run = after.get(..run(after, |c| c.is_ascii_alphanumeric() || "_.-".contains(c)))?;
    let name = name_run.trim_end_matches(['.', '-']);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let tail = after.get(name.len()..)?;
    let host = tail.strip_prefix('@').and_then(host);
    if rest.starts_with('!') && host.is_none() {
        return None; // "!important" is just emphasis
    }
    let len = 1 + name.len() + host.map_or(0, |host| host.len() + 1);
    if host.is_none() && tail.starts_with(is_word) {
        return None; // goes on in letters no handle has
    }
    let handle = Handle { name: name.to_owned(), host: host.map(str::to_lowercase) };
    Some((Kind::Mention(handle), len))
}

/// The host, with its port, at the start of `text`.
fn host(text: &str) -> Option<&str> {
    let run = text.get(..run(text, |c| is_word(c) || c == '.' || c == '-'))?;
    let name = run.trim_end_matches(['.', '-']);
    if !name.starts_with(is_word) {
        return None;
    }
    let port = text.get(name.len()..)?.strip_prefix(':').map_or(0, port_digits);
    text.get(..name.len() + if port > 0 { port + 1 } else { 0 })
}

fn port_digits(text: &str) -> usize {
    let digits = run(text, |c| c.is_ascii_digit());
    let whole = text.get(..digits).is_some_and(|port| port.parse::<u16>().is_ok_and(|p| p > 0));
    let ends = !text.get(digits..).is_some_and(|rest| rest.starts_with(is_word));
    if whole && ends { digits } else { 0 }
}

fn tag(rest: &str, before: Option<char>) -> Option<(Kind, usize)> {
    if before.is_some_and(|c| is_word(c) || matches!(c, '=' | '/' | ')' | '&' | '#' | '＃')) {
        return None;
    }
    let sign = rest.chars().next()?.len_utf8();
    let after = rest.get(sign..)?;
    let name = after.get(..run(after, is_tag_char))?.trim_end_matches(is_separator);
    let counts = name.starts_with(is_word) && name.chars().any(|c| !c.is_numeric() && c != '_');
    counts.then(|| (Kind::Tag(name.to_owned()), sign + name.len()))
}

/// An http or https address at the start of `text`.
fn url(text: &str) -> Option<(String, usize)> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))?;
    let mut open: Vec<char> = Vec::new();
    let mut end = text.len();
    for (i, c) in text.char_indices().skip(scheme.len()) {
        let closes = match c {
            '(' | '[' => {
                open.push(c);
                false
            }
            ')' => open.pop() != Some('('),
            ']' => open.pop() != Some('['),
            '<' | '>' | '"' | '`' | '。' | '、' | '」' | '』' | '）' => true,
            c => c.is_whitespace() || c.is_control() || ('\u{fdd0}'..='\u{fdef}').contains(&c),
        };
        if closes {
            end = i;
            break;
        }
    }
    let whole = text.get(..end)?;
    let url = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '~', '…']);
    let url = if open.is_empty() { url } else { url.trim_end_matches(['(', '[']) };
    let parsed = url::Url::parse(url).ok()?;
    let sound = parsed.has_host() && parsed.username().is_empty() && parsed.password().is_none();
    sound.then(|| (url.to_owned(), url.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(source: &str) -> Vec<String> {
        pieces(source).iter().filter(|p| p.kind != Kind::Text).map(|p| p.raw.to_owned()).collect()
    }

    #[test]
    fn handles_end_where_a_sentence_goes_on() {
        assert_eq!(found("Hi @alice, @bob. (@carl_)"), ["@alice", "@bob", "@carl_"]);
        assert_eq!(found("@a.b@oak.example. x"), ["@a.b@oak.example"]);
        assert_eq!(found("@ben@localhost:8081, you?"), ["@ben@localhost:8081"]);
        assert_eq!(found("@ben@oak.example: yes"), ["@ben@oak.example"]);
    }

    #[test]
    fn a_mail_address_is_no_mention() {
        assert_eq!(found("write to alice@oak.example"), Vec::<String>::new());
    }

    #[test]
    fn an_exclamation_mark_needs_a_host() {
        assert_eq!(found("!help@oak.example and !important"), ["!help@oak.example"]);
    }

    #[test]
    fn hashtags_need_a_letter_and_take_any_script() {
        assert_eq!(
            found("#1 #2nd #Übung #日本語 #हिन्दी a#b #a_b"),
            ["#2nd", "#Übung", "#日本語", "#हिन्दी", "#a_b"]
        );
        assert_eq!(normal_tag("#ÜBUNG"), "übung");
    }

    #[test]
    fn addresses_lose_the_full_stop_but_keep_their_brackets() {
        assert_eq!(
            found("see https://a.example/x_(y). Or (https://b.example/)"),
            ["https://a.example/x_(y)", "https://b.example/"]
        );
        assert_eq!(found("https://a.example/@alice#tag"), ["https://a.example/@alice#tag"]);
        assert_eq!(found("https:// http://[ x"), Vec::<String>::new());
    }

    #[test]
    fn a_backslash_takes_the_meaning_away() {
        assert_eq!(found(r"\@alice \#tag"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn pieces_put_together_are_the_source(source in r"([@#!:./<>()a-z0-9é _\\-]|https://){0,60}|\PC{0,80}") {
            let again: String = pieces(&source).iter().map(|p| p.raw).collect();
            prop_assert_eq!(again, source);
        }
    }
}
