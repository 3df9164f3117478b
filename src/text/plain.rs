//! HTML down to words, and words up to HTML.
use unicode_segmentation::UnicodeSegmentation;

use super::{
    html::{Part, decode_into, escape, parts},
    sanitize,
    tokens::{Kind, normal_tag, pieces},
};

/// The words of `html`: a blank line between paragraphs, `- ` before the items of a list.
pub fn plain(html: &str) -> String {
    rough(&sanitize(html))
}

/// The same of HTML that [`sanitize`] made.
pub fn plain_of_clean(html: &str) -> String {
    rough(html)
}

/// Hashtags in the words of `html`, in the form in which they are compared; not in what is quoted and
/// not in code. Servers that know no hashtags send them as plain words.
pub fn spoken_tags(html: &str) -> Vec<String> {
    let (mut words, mut aside) = (String::new(), 0_usize);
    for (part, _) in parts(html) {
        match part {
            Part::Open("blockquote" | "pre" | "code", _) => aside += 1,
            Part::Close("blockquote" | "pre" | "code") => aside = aside.saturating_sub(1),
            Part::Open("br" | "p" | "li" | "div", _) | Part::Close("p" | "li" | "div") => {
                words.push('\n');
            }
            Part::Text(text) if aside == 0 => decode_into(&mut words, text),
            _ => {}
        }
    }
    let tags = pieces(&words).into_iter().filter_map(|piece| match piece.kind {
        Kind::Tag(tag) => Some(normal_tag(&tag)),
        _ => None,
    });
    tags.filter(|tag| !tag.is_empty()).collect()
}

/// Like [`plain`], for HTML that was made safe already, or that is not worth it.
pub(super) fn rough(html: &str) -> String {
    let mut words = Words::default();
    for (part, _) in parts(html) {
        match part {
            Part::Text(text) => words.text(text),
            Part::Open("br", _) | Part::Close("li") => words.gap(1),
            Part::Open("li", _) => {
                words.gap(1);
                words.text("- ");
            }
            Part::Open("pre", _) => {
                words.gap(2);
                words.pre = true;
            }
            Part::Close("pre") => {
                words.pre = false;
                words.gap(2);
            }
            Part::Open(name, _) | Part::Close(name) if is_block(name) => words.gap(2),
            Part::Open(..) | Part::Close(_) => {}
        }
    }
    words.out.truncate(words.out.trim_end().len());
    words.out
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div" | "blockquote" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
    )
}

#[derive(Default)]
struct Words {
    out: String,
    /// Line breaks owed before the next word.
    owed: usize,
    /// Inside of `<pre>` spaces count.
    pre: bool,
}

impl Words {
    fn gap(&mut self, lines: usize) {
        self.owed = self.owed.max(lines);
    }

    fn text(&mut self, text: &str) {
        let mut decoded = String::with_capacity(text.len());
        decode_into(&mut decoded, text);
        for c in decoded.chars() {
            if self.pre && c == '\n' {
                self.settle();
                self.out.push('\n');
            } else if !c.is_whitespace() {
                self.settle();
                self.out.push(c);
            } else if self.pre || (self.owed == 0 && !self.out.ends_with(char::is_whitespace)) {
                self.settle();
                self.out.push(' ');
            }
        }
    }

    fn settle(&mut self) {
        if self.owed > 0 && !self.out.trim_end().is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            let there = self.out.chars().rev().take_while(|c| *c == '\n').count();
            self.out.extend(std::iter::repeat_n('\n', self.owed.saturating_sub(there)));
        }
        self.owed = 0;
        if !self.pre && self.out.trim().is_empty() {
            self.out.clear();
        }
    }
}

/// Plain words as HTML: a paragraph for every block between blank lines, `<br>` for other breaks.
pub fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let lines: Vec<String> = block.lines().map(|line| escape(line.trim())).collect();
        out.extend(["<p>", &lines.join("<br>"), "</p>"]);
    }
    out
}

/// The beginning of `html` on one line, at most `max_graphemes` characters as people count them;
/// ends in `…` where something is missing.
pub fn excerpt(html: &str, max_graphemes: usize) -> String {
    let line = squeeze(&plain(html));
    if line.graphemes(true).nth(max_graphemes).is_none() {
        return line;
    }
    let kept: String = line.graphemes(true).take(max_graphemes.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Every run of white space as one space, none at the ends.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `html` without its first line where that only repeats `title`.
///
/// Titles of threads travel twice, as `name` and as first paragraph, so that nobody misses them.
pub fn strip_title(html: &str, title: &str) -> String {
    let title = squeeze(title);
    after_title(html, &title).unwrap_or_else(|| html.to_owned())
}

fn after_title(html: &str, title: &str) -> Option<String> {
    if title.is_empty() {
        return None;
    }
    let mut walk = parts(html)
        .skip_while(|(part, _)| matches!(part, Part::Text(text) if text.trim().is_empty()));
    let Some((Part::Open(block @ ("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"), _), _)) =
        walk.next()
    else {
        return None;
    };
    let (mut line, mut depth) = (String::new(), 0_usize);
    for (part, end) in walk {
        let rest = || html.get(end..).unwrap_or_default().trim_start();
        match part {
            Part::Text(text) => decode_into(&mut line, text),
            Part::Close(name) if name == block => {
                return (squeeze(&line) == title).then(|| rest().to_owned());
            }
            Part::Open("br", _) if depth == 0 => {
                return (squeeze(&line) == title).then(|| format!("<{block}>{}", rest()));
            }
            Part::Open("br", _) => return None,
            Part::Open(..) => depth += 1,
            Part::Close(_) => depth = depth.saturating_sub(1),
        }
    }
    None
}

/// `html` with `title` as its first paragraph, in bold: for readers who know no titles.
pub fn with_title(title: &str, html: &str) -> String {
    format!("<p><strong>{}</strong></p>{html}", escape(&squeeze(title)))
}

/// The length of what a member typed, as Mastodon counts it: any address is 23 characters, a
/// mention only as long as its name, everything else as people count.
pub fn char_count(source: &str) -> usize {
    const ADDRESS: usize = 23;
    let count = |text: &str| text.graphemes(true).count();
    let pieces = pieces(source);
    let lengths = pieces.iter().map(|piece| match &piece.kind {
        Kind::Url(_) => ADDRESS + if piece.raw.starts_with('<') { 2 } else { 0 },
        Kind::Mention(handle) => 1 + count(&handle.name),
        Kind::Text | Kind::Tag(_) | Kind::Less => count(piece.raw),
    });
    lengths.sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashtags_are_found_in_words_and_not_in_what_is_quoted() {
        assert_eq!(spoken_tags("<p>It works. #Thanks!</p>"), ["thanks"]);
        let mastodon = "<p>It works <a href=\"/tags/thanks\">#<span>thanks</span></a></p>";
        assert_eq!(spoken_tags(mastodon), ["thanks"]);
        assert_eq!(spoken_tags("<blockquote><p>so #thanks</p></blockquote><p>why?</p>"), [""; 0]);
        assert_eq!(spoken_tags("<p>see <code>#thanks</code> #help</p>").len(), 1);
        assert_eq!(spoken_tags("no#tag, C# and #"), [""; 0]);
    }

    #[test]
    fn paragraphs_become_blank_lines_and_entities_characters() {
        assert_eq!(plain("<p>a &amp; b<br>c</p>\n<p>d  e</p>"), "a & b\nc\n\nd e");
        assert_eq!(plain("<ul><li>a</li><li>b</li></ul><p>c</p>"), "- a\n- b\n\nc");
        assert_eq!(plain("<pre><code>a\n  b</code></pre>"), "a\n  b");
        assert_eq!(plain("<script>x</script>"), "");
    }

    #[test]
    fn an_excerpt_is_cut_between_characters_as_people_see_them() {
        assert_eq!(excerpt("<p>one two</p>", 7), "one two");
        assert_eq!(excerpt("<p>one two three</p>", 8), "one two…");
        assert_eq!(excerpt("<p>👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧</p>", 2), "👩‍👩‍👧…");
    }

    #[test]
    fn a_title_that_is_said_twice_is_said_once() {
        let html = with_title("A & B", "<p>body</p>");
        assert_eq!(html, "<p><strong>A &amp; B</strong></p><p>body</p>");
        assert_eq!(strip_title(&html, "A  & B"), "<p>body</p>");
        assert_eq!(strip_title("<h2>Title</h2>rest", "Title"), "rest");
        assert_eq!(strip_title("<p>Title<br>rest</p>", "Title"), "<p>rest</p>");
        assert_eq!(strip_title("<p>Title!</p>", "Title"), "<p>Title!</p>");
        assert_eq!(strip_title("Title", "Title"), "Title");
    }

    #[test]
    fn length_is_counted_as_mastodon_does() {
        assert_eq!(char_count("https://e.example/a/very/long/path/that/goes/on"), 23);
        assert_eq!(char_count("@ana@a-long-host.example hi"), 7);
        assert_eq!(char_count("👩‍👩‍👧 é"), 3);
    }

    #[test]
    fn words_become_paragraphs() {
        assert_eq!(paragraphs("a <b>\nc\n\n\nd"), "<p>a &lt;b&gt;<br>c</p><p>d</p>");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(html in r"(<p>|</p>|<br>|<li>|<pre>|&amp;|&#1;|<|>|\n| |[a-zé]){0,30}|\PC{0,100}", max in 0..20_usize) {
            plain(&html);
            prop_assert!(excerpt(&html, max).graphemes(true).count() <= max.max(1));
            strip_title(&html, "a");
            char_count(&html);
        }
    }
}
