//! Names people give themselves, made fit to stand beside other people's names.
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// Characters of a display name that are shown.
const MAX_NAME: usize = 100;
/// Marks on one letter; more of them climb into the lines above and below.
const MAX_MARKS: usize = 4;

/// A display name on one line: no controls, nothing invisible, nothing that turns the direction of
/// writing, at most 100 characters. Empty when nothing visible is left.
///
/// It is text, not HTML: escape it where it is shown.
pub fn clean_name(name: &str) -> String {
    clean_line(name, MAX_NAME)
}

/// Like [`clean_name`], for titles and other single lines, cut to `max_graphemes`.
pub fn clean_line(text: &str, max_graphemes: usize) -> String {
    // Nothing beyond this can be shown, so nothing beyond it is worth the work.
    let limit = max_graphemes.saturating_mul(64);
    let mut line: String = text.chars().take(limit).collect();
    for _ in 0..4 {
        let again = once(&line, max_graphemes);
        if again == line {
            break;
        }
        line = again; // what was dropped may have kept apart what now belongs together
    }
    line
}

fn once(text: &str, max_graphemes: usize) -> String {
    let visible: String =
        text.chars().map(blank_as_space).filter(|c| !is_dropped(*c)).nfc().collect();
    let words = visible.split_whitespace().map(clean_word).filter(|word| !word.is_empty());
    let mut line = words.collect::<Vec<_>>().join(" ");
    let end = line.grapheme_indices(true).nth(max_graphemes).map_or(line.len(), |(at, _)| at);
    line.truncate(end);
    line.truncate(line.trim_end().len());
    line
}

fn clean_word(word: &str) -> String {
    let mut clean = String::with_capacity(word.len());
    word.graphemes(true).for_each(|grapheme| push_grapheme(&mut clean, grapheme));
    clean
}

/// Characters that are letters by class and blank by looks count as spaces; controls end words too.
fn blank_as_space(c: char) -> char {
    match c {
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// Characters nobody sees, and those that turn the direction of the text around them.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

/// Keeps joiners and variation marks in emoji and scripts that need them, bounds the marks.
fn push_grapheme(line: &mut String, grapheme: &str) {
    let is_emoji = grapheme.chars().any(is_pictograph);
    let mut marks = 0;
    for c in grapheme.chars() {
        let keep = match c {
            '\u{200d}' | '\u{e0020}'..='\u{e007f}' | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' => {
                is_emoji || c == '\u{20e3}' || c == '\u{fe0f}'
            }
            '\u{e0000}'..='\u{e0fff}' => false,
            c if is_combining_mark(c) => {
                marks += 1;
                marks <= MAX_MARKS
            }
            _ => true,
        };
        if keep {
            line.push(c);
        }
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_invisible_stays_in_a_name() {
        assert_eq!(clean_name("a\u{200b}l\u{200c}i\u{200d}ce\u{2060}\u{feff}"), "alice");
        assert_eq!(clean_name("\u{202e}cilam\u{202c} admin"), "cilam admin");
        assert_eq!(clean_name("  \u{3164} \u{2800}\t"), "");
        assert_eq!(clean_name("two\nlines\0"), "two lines");
    }

    #[test]
    fn letters_of_all_scripts_and_emoji_stay() {
        for name in [
            "Zoë",
            "Übung",
            "日本語",
            "हिन्दी",
            "👩‍👩‍👧 Ana",
            "❤️",
            "1️⃣",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            assert_eq!(clean_name(name), name);
        }
        assert_eq!(clean_name("e\u{301}"), "é");
    }

    #[test]
    fn marks_and_length_are_bounded() {
        assert_eq!(clean_name(&format!("x{}", "\u{489}".repeat(50))).chars().count(), 5);
        assert_eq!(clean_name(&"🔥".repeat(500)).chars().count(), 100);
        assert_eq!(clean_line("one two", 4), "one");
    }

    proptest! {
        #[test]
        fn a_clean_name_is_clean(name in r"\PC{0,60}|.{0,60}|[a\u{300}\u{200d}\u{1f525}\u{202e} ]{0,40}") {
            let clean = clean_name(&name);
            prop_assert_eq!(clean_name(&clean), clean);
        }
    }
}
