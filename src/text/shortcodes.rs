//! Words between colons that may stand for a picture: `:blobcat:`.
//!
//! Found as Mastodon finds them: not glued to a letter, a digit or another colon. The names are those of
//! Mastodon (`[a-zA-Z0-9_]`), and besides `-` and `+`, which Pleroma, Akkoma and Misskey use.
use std::{collections::BTreeSet, ops::Range};

use super::html::{Part, escape, is_void, parts};

/// Longest name, in bytes.
pub const MAX_SHORTCODE_BYTES: usize = 64;
/// Shortest name of one of ours, in bytes; as Mastodon has it.
const MIN_OWN_BYTES: usize = 2;

/// Whether a name is one that can be found in texts.
pub fn is_shortcode(name: &str) -> bool {
    (1..=MAX_SHORTCODE_BYTES).contains(&name.len()) && name.chars().all(is_name_char)
}

/// Whether a name is one that every server knows how to find, and so fit for one of ours.
pub fn is_own_shortcode(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (MIN_OWN_BYTES..=MAX_SHORTCODE_BYTES).contains(&name.len()) && name.chars().all(plain)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+')
}

/// What a name may not be glued to.
fn glues(c: char) -> bool {
    c.is_alphanumeric() || c == ':'
}

/// The names in plain text, or in what stands between two tags, each with the bytes it takes with its
/// colons.
pub fn shortcodes(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(':')) {
            let start = from + at;
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            let found = before.is_none_or(|c| !glues(c)).then(|| name_at(text, start)).flatten();
            if let Some(name) = found {
                from = start + name.len() + 2;
                return Some((start..from, name));
            }
            from = start + 1;
        }
        None
    })
}

/// The name whose first colon stands at `start`.
fn name_at(text: &str, start: usize) -> Option<&str> {
    let rest = text.get(start + 1..)?;
    let name = rest.get(..rest.find(|c| !is_name_char(c))?)?;
    let after = rest.get(name.len()..)?.strip_prefix(':')?;
    let ends = after.chars().next().is_none_or(|c| !glues(c));
    (ends && is_shortcode(name)).then_some(name)
}

/// Whether there can be a name at all; costs next to nothing.
pub fn may_hold_shortcodes(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b':').nth(1).is_some()
}

/// Adds the names in plain text to `found`.
pub fn gather_shortcodes(found: &mut BTreeSet<String>, text: &str) {
    if may_hold_shortcodes(text) {
        found.extend(shortcodes(text).map(|(_, name)| name.to_owned()));
    }
}

/// Adds the names in the words of clean HTML to `found`: none in attributes, in code, or in what is not
/// shown.
pub fn gather_shortcodes_of_html(found: &mut BTreeSet<String>, html: &str) {
    if may_hold_shortcodes(html) {
        for (part, _, aside) in walk(html) {
            if let (Part::Text(text), false) = (part, aside) {
                gather_shortcodes(found, text);
            }
        }
    }
}

/// Clean HTML with what `picture` makes of each name (HTML) in its place. Names of which it makes
/// nothing stay as they are, and so does all that is no plain word.
pub fn picture_shortcodes(html: &str, picture: impl Fn(&str) -> Option<String>) -> String {
    if !may_hold_shortcodes(html) {
        return html.to_owned();
    }
    let (mut out, mut from) = (String::with_capacity(html.len() + 256), 0);
    for (part, end, aside) in walk(html) {
        let raw = html.get(from..end).unwrap_or_default();
        match part {
            Part::Text(text) if !aside => put_pictures(&mut out, text, &picture),
            Part::Text(_) | Part::Open(..) | Part::Close(_) => out.push_str(raw),
        }
        from = end;
    }
    out
}

/// Plain text as HTML, likewise.
pub fn picture_shortcodes_of_plain(text: &str, picture: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (range, name) in shortcodes(text) {
        if let Some(html) = picture(name) {
            out.push_str(&escape(text.get(from..range.start).unwrap_or_default()));
            out.push_str(&html);
            from = range.end;
        }
    }
    out.push_str(&escape(text.get(from..).unwrap_or_default()));
    out
}

fn put_pictures(out: &mut String, text: &str, picture: impl Fn(&str) -> Option<String>) {
    let mut from = 0;
    for (range, name) in shortcodes(text) {
        if let Some(html) = picture(name) {
            out.push_str(text.get(from..range.start).unwrap_or_default());
            out.push_str(&html);
            from = range.end;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

/// The parts of clean HTML with where each ends, and whether it stands in code or in what is not shown.
fn walk(html: &str) -> impl Iterator<Item = (Part<'_>, usize, bool)> {
    // The elements that are open, from the outermost such on.
    let mut aside: Vec<&str> = Vec::new();
    parts(html).map(move |(part, end)| {
        let inside = !aside.is_empty();
        match part {
            Part::Open(name, tag)
                if !is_void(name)
                    && (inside || matches!(name, "code" | "pre") || is_invisible(tag)) =>
            {
                aside.push(name);
            }
            Part::Close(name) if aside.last() == Some(&name) => {
                aside.pop();
            }
            Part::Text(_) | Part::Open(..) | Part::Close(_) => {}
        }
        (part, end, inside)
    })
}

/// What Mastodon hides of an address.
fn is_invisible(tag: &str) -> bool {
    tag.contains("class=\"invisible\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        shortcodes(text).map(|(_, name)| name).collect()
    }

    fn img(name: &str) -> Option<String> {
        (name != "none").then(|| format!("<img alt=\"{name}\">"))
    }

    #[test]
    fn names_stand_apart_from_letters_digits_and_colons() {
        // The first ones are those of Mastodon's own tests.
        for (text, names) in [
            (":coolcat: Beep boop", vec!["coolcat"]),
            ("Beep :coolcat: boop", vec!["coolcat"]),
            ("Beep boop :coolcat:", vec!["coolcat"]),
            (":coolcat::coolcat:", vec![]),
            ("Beep:coolcat:boop", vec![]),
            ("hello :coolcat:boop", vec![]),
            (":one: :two:", vec!["one", "two"]),
            (":one:, :two:!", vec!["one", "two"]),
            ("(:one:)", vec!["one"]),
            ("äöü:one:", vec![]),
            ("🙏:one:🙏", vec!["one"]),
            ("12:30:45", vec![]),
            ("a ::one:: b", vec![]),
            (":blobcat-happy: :+1: :a:", vec!["blobcat-happy", "+1", "a"]),
            (":no spaces: :no.dots: :nö: ::", vec![]),
            ("std::string::String :x", vec![]),
            ("https://a.example:8080:80/", vec![]),
            (":open :one: :", vec!["one"]),
        ] {
            assert_eq!(found(text), names, "{text}");
        }
        assert!(found(&format!(":{}:", "a".repeat(64))).len() == 1);
        assert!(found(&format!(":{}:", "a".repeat(65))).is_empty());
    }

    #[test]
    fn our_own_names_are_what_mastodon_takes() {
        for good in ["ab", "blobcat", "A_1"] {
            assert!(is_own_shortcode(good), "{good}");
        }
        for bad in ["", "a", "a-b", "+1", "ä_b", "a b", ":ab:", &"a".repeat(65)] {
            assert!(!is_own_shortcode(bad), "{bad}");
        }
    }

    #[test]
    fn only_words_become_pictures() {
        let html = "<p>:one: <a href=\"https://a.example/:two:/\">:three:</a> <code>:four:</code></p>\
            <pre><code>:five:</code> :six:</pre><span class=\"invisible\">:seven:</span>:none:&amp;:eight:";
        let mut names = BTreeSet::new();
        gather_shortcodes_of_html(&mut names, html);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["eight", "none", "one", "three"]);
        assert_eq!(
            picture_shortcodes(html, img),
            "<p><img alt=\"one\"> <a href=\"https://a.example/:two:/\"><img alt=\"three\"></a> \
             <code>:four:</code></p><pre><code>:five:</code> :six:</pre>\
             <span class=\"invisible\">:seven:</span>:none:&amp;<img alt=\"eight\">"
        );
        assert_eq!(
            picture_shortcodes_of_plain("<b> :one: & :none:", img),
            "&lt;b&gt; <img alt=\"one\"> &amp; :none:"
        );
    }

    proptest! {
        #[test]
        fn what_is_found_stands_there_by_mastodons_rule(text in r"(:|[a-b1_é 🙏]|:ab:){0,40}|\PC{0,80}") {
            let mut last = 0;
            for (range, name) in shortcodes(&text) {
                prop_assert!(range.start >= last && is_shortcode(name));
                prop_assert_eq!(&text[range.clone()], format!(":{name}:"));
                let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != ':');
                prop_assert!(apart(text[..range.start].chars().next_back()));
                prop_assert!(apart(text[range.end..].chars().next()));
                last = range.end;
            }
        }

        #[test]
        fn one_that_stands_apart_is_found(
            before in r"(\PC{0,20}[ (])?", name in "[a-zA-Z0-9_]{2,20}", after in r"([ ).]\PC{0,20})?",
        ) {
            let text = format!("{before}:{name}:{after}");
            let at = before.len()..before.len() + name.len() + 2;
            // Words before may have taken its first colon for their last.
            prop_assume!(!before.contains(':'));
            prop_assert!(shortcodes(&text).any(|(range, _)| range == at));
        }

        #[test]
        fn nothing_but_names_changes(html in r#"(<p>|</p>|<code>|</code>|<a href=":ab:">|</a>|:ab:|[ a&;]){0,30}"#) {
            let with = picture_shortcodes(&html, |_| Some("\u{1}".to_owned()));
            prop_assert_eq!(with.replace('\u{1}', ":ab:"), html.clone());
            prop_assert_eq!(picture_shortcodes(&html, |_| None), html);
        }
    }
}
