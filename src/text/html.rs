//! The little of HTML syntax that the rest of `text` needs: walking tags, escaping, entities.

/// `text` fit for HTML, between tags and in double-quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// One piece of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text, entities not decoded.
    Text(&'a str),
    /// `<name ..>`: its name and the whole tag.
    Open(&'a str, &'a str),
    /// `</name>`.
    Close(&'a str),
}

/// The parts of `html` in order, each with the byte offset where it ends.
///
/// Exact for what [`super::sanitize`] and [`super::render`] return; of anything else a best effort
/// that never fails.
pub fn parts(html: &str) -> impl Iterator<Item = (Part<'_>, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = html.get(at..).filter(|rest| !rest.is_empty())?;
        let (part, len) = tag(rest).unwrap_or_else(|| text(rest));
        at += len;
        Some((part, at))
    })
}

fn text(rest: &str) -> (Part<'_>, usize) {
    let starts = rest.char_indices().skip(1).filter(|&(_, c)| c == '<');
    let mut ends = starts.filter(|&(i, _)| rest.get(i..).is_some_and(opens));
    let len = ends.next().map_or(rest.len(), |(i, _)| i);
    (Part::Text(rest.get(..len).unwrap_or_default()), len)
}

/// Whether a tag begins here: `<a`, `</a`.
fn opens(rest: &str) -> bool {
    let name = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<'));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn tag(rest: &str) -> Option<(Part<'_>, usize)> {
    if !opens(rest) {
        return None;
    }
    let mut quote = None;
    let end = rest.char_indices().find_map(|(i, c)| match (quote, c) {
        (None, '>') => Some(i + 1),
        (None, '"') => {
            quote = Some(c);
            None
        }
        (Some(open), c) if c == open => {
            quote = None;
            None
        }
        _ => None,
    });
    let len = end.unwrap_or(rest.len());
    let raw = rest.get(..len)?;
    let inner = raw.strip_prefix("</").or_else(|| raw.strip_prefix('<'))?;
    let name_len = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = inner.get(..name_len)?;
    let part = if raw.starts_with("</") { Part::Close(name) } else { Part::Open(name, raw) };
    Some((part, len))
}

/// Whether an element of this name has no end tag.
pub fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "wbr" | "input" | "link" | "meta")
}

/// Adds `text` to `out`, entities decoded: those that canonical HTML uses, and numbers.
pub fn decode_into(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let (c, len) = entity(rest).unwrap_or(('&', 1));
        out.push(c);
        rest = rest.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
}

fn entity(rest: &str) -> Option<(char, usize)> {
    let end = rest.bytes().take(12).position(|b| b == b';')?;
    let c = match rest.get(1..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    Some((c, end + 1))
}

/// HTML without the elements of a class, and what they hold. One that does not end is kept.
pub fn without_class(html: &str, class: &str) -> String {
    if !html.contains(class) {
        return html.to_owned();
    }
    let (mut out, mut from) = (String::with_capacity(html.len()), 0);
    // The element that is left out: its name, where it began, how many of its name are open.
    let mut left_out: Option<(&str, usize, usize)> = None;
    for (part, end) in parts(html) {
        let start = std::mem::replace(&mut from, end);
        left_out = match (left_out, part) {
            (None, Part::Open(name, tag)) if has_class(tag, class) && !is_void(name) => {
                Some((name, start, 1))
            }
            (None, _) => {
                out.push_str(html.get(start..end).unwrap_or_default());
                None
            }
            (Some((of, began, open)), Part::Open(name, _)) if of == name => {
                Some((of, began, open + 1))
            }
            (Some((of, _, 1)), Part::Close(name)) if of == name => None,
            (Some((of, began, open)), Part::Close(name)) if of == name => {
                Some((of, began, open - 1))
            }
            (inside, _) => inside,
        };
    }
    if let Some((_, began, _)) = left_out {
        out.push_str(html.get(began..).unwrap_or_default());
    }
    out
}

fn has_class(tag: &str, class: &str) -> bool {
    let classes = tag.split("class=").nth(1).unwrap_or_default();
    let quote = classes.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else { return false };
    let classes = classes.get(1..).unwrap_or_default().split(quote).next().unwrap_or_default();
    classes.split_ascii_whitespace().any(|one| one == class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_text_are_told_apart() {
        let found: Vec<Part<'_>> = parts(r#"a < b<p title=">">c</p>"#).map(|(p, _)| p).collect();
        let expected = [
            Part::Text("a < b"),
            Part::Open("p", r#"<p title=">">"#),
            Part::Text("c"),
            Part::Close("p"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn entities_are_decoded_once() {
        let mut out = String::new();
        decode_into(&mut out, "&amp;lt; &#39;&#x41;&nope; &");
        assert_eq!(out, "&lt; 'A&nope; &");
    }

    #[test]
    fn elements_of_a_class_are_left_out_with_what_they_hold() {
        let of = |html: &str| without_class(html, "quote-inline");
        assert_eq!(
            of("<p class=\"quote-inline\">RE: <a href=\"x\">x</a></p><p>So</p>"),
            "<p>So</p>"
        );
        assert_eq!(of("a<span class='b quote-inline'>c<span>d</span>e</span>f"), "af");
        assert_eq!(
            of("<p class=\"not-quote-inline\">a</p>"),
            "<p class=\"not-quote-inline\">a</p>"
        );
        assert_eq!(of("<p>quote-inline</p>"), "<p>quote-inline</p>");
        let endless = "<p class=\"quote-inline\">all that follows";
        assert_eq!(of(endless), endless);
    }
}
