//! Links that say "this is me" (`rel="me"`): ours marked, those of other pages found.
use std::cell::Cell;

use html5ever::{
    Attribute,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use url::Url;

use super::{
    html::{Part, parts},
    plain_of_clean,
};

/// What a link in a member's own profile carries, as Mastodon's: who follows it from there may
/// check that both are one person's.
const ME: &str = "me nofollow noopener";

/// Bytes of a page that are read in one step.
const STEP_BYTES: usize = 4_096;
/// Most bytes in one tag or comment that may end attributes: a reader compares each attribute of a tag
/// with all before it.
const MOST_SEPARATORS: usize = 20_000;

/// Clean HTML with `rel="me"` on its links, but for hashtags and mentions.
pub fn with_me(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 16);
    let mut from = 0;
    for (part, end) in parts(html) {
        let raw = html.get(from..end).unwrap_or_default();
        from = end;
        let rel = match part {
            Part::Open("a", tag) if !tag.contains(" class=\"") => tag.split_once(" rel=\""),
            Part::Open(..) | Part::Text(_) | Part::Close(_) => None,
        };
        let around = rel.and_then(|(start, rest)| Some((start, rest.split_once('"')?.1)));
        match around {
            Some((start, end)) => out.extend([start, " rel=\"", ME, "\"", end]),
            None => out.push_str(raw),
        }
    }
    out
}

/// The address that clean HTML consists of: one link and nothing else, shown as it is.
///
/// A link with other words may name one page and lead to another.
pub fn only_link(html: &str) -> Option<String> {
    let html = html.trim();
    let html = html.strip_prefix("<p>").and_then(|h| h.strip_suffix("</p>")).unwrap_or(html);
    let (Part::Open("a", tag), _) = parts(html).next()? else { return None };
    let links = parts(html).filter(|(part, _)| matches!(part, Part::Open("a", _))).count();
    let rest = html.strip_suffix("</a>")?;
    let href = tag.split(r#" href=""#).nth(1)?.split('"').next()?;
    let mut address = String::new();
    super::html::decode_into(&mut address, href);
    let shown = plain_of_clean(rest.get(tag.len()..)?);
    (links == 1 && shown.trim() == address).then_some(address)
}

/// Whether a page, found at `page`, has a link with `rel="me"` to one of `names`: in its head or in
/// its text, but not in scripts, styles, comments or forms. A `/` at the end, what follows a `#`, and
/// upper and lower case make no difference.
///
/// Takes time in proportion to the length of the page, whatever is in it.
pub fn links_back(html: &str, page: &Url, names: &[&str]) -> bool {
    let seeker = Seeker {
        page,
        names: names.iter().map(|name| bare(name)).collect(),
        found: Cell::new(false),
        tokens: Cell::new(0),
    };
    let tokenizer = Tokenizer::new(seeker, TokenizerOpts::default());
    let (mut rest, mut seen, mut separators) = (html, 0, 0);
    while !rest.is_empty() && !tokenizer.sink.found.get() {
        let at = rest.floor_char_boundary(STEP_BYTES);
        let (step, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        rest = after;
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(step));
        let _ = tokenizer.feed(&input); // nothing here runs scripts or changes encodings
        let tokens = tokenizer.sink.tokens.get();
        separators = if tokens == seen { separators + ends_of_attributes(step) } else { 0 };
        seen = tokens;
        if separators > MOST_SEPARATORS {
            return false;
        }
    }
    tokenizer.sink.found.get()
}

fn ends_of_attributes(step: &str) -> usize {
    step.bytes().filter(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'"' | b'\'')).count()
}

/// An address as it is compared.
fn bare(address: &str) -> String {
    let address = address.trim().split('#').next().unwrap_or_default();
    address.trim_end_matches('/').to_lowercase()
}

struct Seeker<'a> {
    page: &'a Url,
    names: Vec<String>,
    found: Cell<bool>,
    /// How many tokens there were so far.
    tokens: Cell<u64>,
}

impl Seeker<'_> {
    fn is_link_back(&self, tag: &Tag) -> bool {
        let value = |name: &str| {
            let named = |attribute: &&Attribute| &*attribute.name.local == name;
            tag.attrs.iter().find(named).map(|attribute| attribute.value.trim())
        };
        let says_me =
            |rel: &str| rel.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case("me"));
        let to = value("href").and_then(|href| self.page.join(href).ok());
        matches!(&*tag.name, "a" | "link")
            && value("rel").is_some_and(says_me)
            && to.is_some_and(|to| self.names.contains(&bare(to.as_str())))
    }
}

impl TokenSink for Seeker<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let tag = match token {
            Token::TagToken(tag) => tag,
            Token::ParseError(_) => return TokenSinkResult::Continue,
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::CharacterTokens(_)
            | Token::NullCharacterToken
            | Token::EOFToken => {
                self.tokens.set(self.tokens.get() + 1);
                return TokenSinkResult::Continue;
            }
        };
        self.tokens.set(self.tokens.get() + 1);
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        if self.is_link_back(&tag) {
            self.found.set(true);
        }
        match &*tag.name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Links, render, sanitize};

    const ANA: &str = "https://oak.example/@ana";
    const ID: &str = "https://oak.example/u/ana";

    fn says_so(html: &str) -> bool {
        let page = Url::parse("https://ana.example/about").unwrap();
        links_back(html, &page, &[ANA, ID])
    }

    #[test]
    fn a_link_back_is_found_wherever_it_counts() {
        for html in [
            r#"<a rel="me" href="https://oak.example/@ana">me</a>"#,
            r"<!doctype html><head><link REL='nofollow ME' href=https://oak.example/@ana></head>",
            r#"<p><b><a href="https://OAK.example/@Ana/#top" rel="noopener me">x</a>"#,
            r#"<a rel="me" href="https://oak.example/u/ana">x</a>"#,
            r#"<script>if (a<b) "</p>"</script><a rel=me href=//oak.example/@ana>x"#,
            r#"<a rel="me" href="https://oak.example/&#64;ana">x</a>"#,
        ] {
            assert!(says_so(html), "{html}");
        }
    }

    #[test]
    fn what_is_no_link_back_does_not_count() {
        for html in [
            "",
            r#"<a href="https://oak.example/@ana">me</a>"#,
            r#"<a rel="mean" href="https://oak.example/@ana">me</a>"#,
            r#"<a rel="me" href="https://oak.example/@ana/1">a post</a>"#,
            r#"<a rel="me" href="https://oak.example/@anabel">x</a>"#,
            r#"<a rel="me" href="https://evil.example/?https://oak.example/@ana">x</a>"#,
            r#"<a rel="me">https://oak.example/@ana</a>"#,
            r#"<!-- <a rel="me" href="https://oak.example/@ana"> -->"#,
            r#"<script>"<a rel=me href=https://oak.example/@ana>"</script>"#,
            r#"<textarea><a rel="me" href="https://oak.example/@ana"></textarea>"#,
            r#"<title><a rel="me" href="https://oak.example/@ana"></title>"#,
            r#"<img alt='<a rel="me" href="https://oak.example/@ana">'>"#,
            r#"&lt;a rel="me" href="https://oak.example/@ana"&gt;"#,
        ] {
            assert!(!says_so(html), "{html}");
        }
    }

    #[test]
    fn a_page_that_is_built_to_cost_time_is_given_up() {
        let link = r#"<a rel="me" href="https://oak.example/@ana">"#;
        let words = "<p>Words, and more of them.</p>".repeat(20_000);
        assert!(says_so(&format!("{words}{link}")), "a long page is read to its end");
        let picture =
            format!("<img src='data:image/png;base64,{}'>", "iVBORw0KGgo/".repeat(20_000));
        assert!(says_so(&format!("{picture}{link}")), "a picture in the page does no harm");
        let names: Vec<String> = (0..200_000).map(|i| format!("a{i}")).collect();
        assert!(!says_so(&format!("<p {}>{link}", names.join(" "))));
        let quoted: Vec<String> = (0..200_000).map(|i| format!("a{i}='>'")).collect();
        assert!(!says_so(&format!("<p {}>{link}", quoted.join(""))));
    }

    #[test]
    fn links_of_a_profile_say_that_they_are_me() {
        let links = Links { account: &|_| None, tags: "https://oak.example/tags" };
        let html = with_me(&render("https://ana.example/ #me", &links));
        assert!(html.contains(r#"<a href="https://ana.example/" rel="me nofollow noopener">"#));
        assert!(
            html.contains(r#"rel="tag""#) && html.matches("me nofollow").count() == 1,
            "{html}"
        );
        assert_eq!(with_me("<p>rel=\"nofollow\"</p>"), "<p>rel=\"nofollow\"</p>");
    }

    #[test]
    fn one_link_alone_is_a_link() {
        let mastodon = concat!(
            r#"<a href="https://ana.example/a?b=1&amp;c" target="_blank" rel="nofollow noopener me">"#,
            r#"<span class="invisible">https://</span><span>ana.example/a?b=1&amp;c</span>"#,
            r#"<span class="invisible"></span></a>"#
        );
        let found = only_link(&sanitize(mastodon));
        assert_eq!(found.as_deref(), Some("https://ana.example/a?b=1&c"));
        for html in [
            r#"<a href="https://evil.example/">https://bank.example/</a>"#,
            r#"<a href="https://ana.example/">https://ana.example/</a> and more"#,
            r#"see <a href="https://ana.example/">https://ana.example/</a>"#,
            r#"<a href="https://ana.example/">https://ana</a><a href="https://b.example/">.example/</a>"#,
            "https://ana.example/",
            "",
        ] {
            assert_eq!(only_link(&sanitize(html)), None, "{html}");
        }
    }
}
