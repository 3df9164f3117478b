//! Foreign HTML made safe, by an allow-list.
use std::{borrow::Cow, sync::LazyLock};

use ammonia::Builder;

use super::{
    html::{Part, is_void, parts},
    plain::{paragraphs, rough},
};

/// Longest HTML that is looked at; what goes beyond is cut off.
pub const MAX_HTML_BYTES: usize = 200_000;

/// What every foreign link carries: it is not ours, and says nothing about us.
pub(super) const REL: &str = "nofollow noopener ugc";
const TAG_REL: &str = "tag nofollow noopener ugc";

/// Elements inside one another; text deeper down is kept, its markup is not.
const MAX_DEPTH: usize = 48;
/// Tags in one text, and the product of formatting tags and others: unclosed formatting is
/// repeated by the parser in every paragraph that follows.
const MAX_TAGS: usize = 12_000;
const MAX_PRODUCT: usize = 600_000;
/// Bytes of one tag, and its attributes.
const MAX_TAG_BYTES: usize = 20_000;
const MAX_ATTRIBUTES: usize = 100;

/// Makes HTML of another server safe to show: paragraphs, links, lists, quotes, code, emphasis and
/// the classes by which clients know mentions and hashtags. All else is dropped, scripts and styles
/// with what they hold. Doing it twice changes nothing.
///
/// HTML that is built to cost time (nesting, tags without end) comes back as its words alone.
pub fn sanitize(html: &str) -> String {
    let html = html.get(..html.floor_char_boundary(MAX_HTML_BYTES)).unwrap_or_default();
    if !is_affordable(html) {
        return words_only(html);
    }
    let mut clean = once(html);
    for _ in 0..4 {
        let again = once(&clean);
        if again == clean {
            let fits = clean.len() <= MAX_HTML_BYTES && is_affordable(&clean) && !is_deep(&clean);
            return if fits { clean } else { words_only(&clean) };
        }
        clean = again;
    }
    words_only(&clean)
}

/// One pass: the allow-list, then `rel` on every link.
fn once(html: &str) -> String {
    let mut clean = with_rel(&FOREIGN.clean(html).to_string());
    while clean.contains("<pre>\n") {
        clean = clean.replace("<pre>\n", "<pre>"); // a parser drops the first line break there
    }
    clean
}

/// The words of `html` in plain paragraphs.
fn words_only(html: &str) -> String {
    let mut words = rough(html);
    loop {
        let html = once(&paragraphs(&words));
        if html.len() <= MAX_HTML_BYTES && is_affordable(&html) {
            return html;
        }
        words.truncate(words.floor_char_boundary(words.len() / 2));
    }
}

/// Elements and attributes that clients of the Mastodon API show, and nothing that can act.
pub(super) fn allow_list() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .add_tags([
            "p",
            "br",
            "span",
            "a",
            "del",
            "s",
            "pre",
            "blockquote",
            "code",
            "b",
            "strong",
            "u",
            "i",
            "em",
            "sub",
            "sup",
            "ul",
            "ol",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "ruby",
            "rt",
            "rp",
        ])
        .add_clean_content_tags([
            "script", "style", "iframe", "noscript", "svg", "math", "form", "template", "textarea",
            "select", "title", "object", "embed", "applet", "frameset", "noembed", "noframes",
            "xmp", "audio", "video", "canvas",
        ])
        .add_tag_attributes("a", ["href", "translate"])
        .add_tag_attributes("span", ["translate"])
        .add_tag_attributes("ol", ["start", "reversed"])
        .add_tag_attributes("li", ["value"])
        .add_allowed_classes("a", ["mention", "hashtag", "u-url"])
        .add_allowed_classes("span", ["h-card", "invisible", "ellipsis", "mention", "hashtag"])
        .add_url_schemes(["http", "https", "mailto"])
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(None)
        .strip_comments(true)
        .add_tag_attributes("a", ["rel"]);
    builder
}

static FOREIGN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = allow_list();
    builder.attribute_filter(foreign_attribute);
    builder
});

fn foreign_attribute<'a>(_: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let keep = match name {
        "class" => !value.trim().is_empty(),
        "translate" => value == "no",
        "start" | "value" => value.parse::<i32>().is_ok(),
        "href" => url::Url::parse(value).is_ok(),
        "rel" => {
            let is_tag = value.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case("tag"));
            return Some(Cow::Borrowed(if is_tag { TAG_REL } else { REL }));
        }
        _ => true,
    };
    keep.then_some(Cow::Borrowed(value))
}

/// Adds `rel` to links that have none.
fn with_rel(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    for (part, end) in parts(html) {
        let raw = html.get(from..end).unwrap_or_default();
        from = end;
        match (part, raw.strip_suffix('>')) {
            (Part::Open("a", tag), Some(start)) if !tag.contains(r#" rel=""#) => {
                out.extend([start, " rel=\"", REL, "\">"]);
            }
            _ => out.push_str(raw),
        }
    }
    out
}

/// Whether parsing this costs little. Counts more than a parser would, never less: quotes and
/// comments do not hide a tag from it.
fn is_affordable(html: &str) -> bool {
    let (mut formatting, mut others) = (0_usize, 0_usize);
    for tag in html.split('<').skip(1) {
        let name_len = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag.get(..name_len).unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small"
            | "strike" | "strong" | "tt" | "u" => formatting += 1,
            _ => others += 1,
        }
        let end = tag.find('>').unwrap_or(tag.len());
        let inside = tag.get(..end).unwrap_or_default();
        let pieces =
            || inside.split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '"' | '\''));
        let is_tag = !name.is_empty();
        // What looks like the end may be in a quote: only a short rest is sure to be all of it.
        if is_tag
            && (end > MAX_TAG_BYTES || pieces().take(MAX_ATTRIBUTES + 1).count() > MAX_ATTRIBUTES)
        {
            return false;
        }
    }
    // End tags are counted in `others`; a text of many short well-formed links still passes.
    formatting + others <= MAX_TAGS && formatting.saturating_mul(others) <= MAX_PRODUCT
}

/// Whether clean HTML is nested deeper than a client should have to follow.
fn is_deep(clean: &str) -> bool {
    let mut depth = 0_usize;
    parts(clean).any(|(part, _)| {
        match part {
            Part::Open(name, _) if !is_void(name) => depth += 1,
            Part::Close(_) => depth = depth.saturating_sub(1),
            Part::Open(..) | Part::Text(_) => {}
        }
        depth > MAX_DEPTH
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn numbered(count: usize, text: impl Fn(usize) -> String) -> String {
        (0..count).map(text).collect::<Vec<_>>().concat()
    }

    /// Whether no tag of `html` can act.
    fn is_harmless(html: &str) -> bool {
        parts(html).all(|(part, _)| match part {
            Part::Open(name, raw) => {
                let raw = raw.to_ascii_lowercase();
                let quoted: Vec<&str> = raw.split('"').collect();
                let names: String = quoted.iter().step_by(2).copied().collect();
                !matches!(name, "script" | "style" | "svg" | "math" | "form" | "iframe" | "img")
                    && !names.contains(" on")
                    && !names.contains("style")
                    && !raw.contains("=\"javascript:")
                    && !raw.contains("=\"data:")
            }
            Part::Text(_) | Part::Close(_) => true,
        })
    }

    #[test]
    fn mentions_and_hashtags_keep_what_clients_know_them_by() {
        let mention = concat!(
            r#"<p><span class="h-card" translate="no"><a href="https://e.example/@ana" "#,
            r#"class="u-url mention">@<span>ana</span></a></span> "#,
            r#"<a href="https://e.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a></p>"#
        );
        let clean = sanitize(mention);
        assert!(clean.contains(r#"<span class="h-card" translate="no">"#), "{clean}");
        assert!(clean.contains(r#"class="u-url mention" rel="nofollow noopener ugc""#), "{clean}");
        assert!(
            clean.contains(r#"class="mention hashtag" rel="tag nofollow noopener ugc""#),
            "{clean}"
        );
    }

    #[test]
    fn what_can_act_is_dropped_with_its_content() {
        for hostile in [
            "<script>alert(1)</script>",
            "<style>p{}</style>",
            "<svg onload=alert(1)><script>x</script></svg>",
            "<math><mtext></mtext></math>",
            "<form action=/x><input></form>",
            "<img src=x onerror=alert(1)>",
            "<iframe src=https://e.example></iframe>",
        ] {
            assert_eq!(sanitize(&format!("<p>ok</p>{hostile}")), "<p>ok</p>", "{hostile}");
        }
        assert_eq!(
            sanitize(
                r#"<p class="admin" style="x" onclick="y">a <a href="java&#10;script:x">b</a></p>"#
            ),
            r#"<p>a <a rel="nofollow noopener ugc">b</a></p>"#
        );
    }

    #[test]
    fn too_long_too_deep_and_too_many_is_cut_down_to_words() {
        let deep = format!("<p>{}deep", "<blockquote>".repeat(300));
        assert_eq!(sanitize(&deep), "<p>deep</p>");
        let long = format!("<p>{}</p>", "é".repeat(200_000));
        assert!(sanitize(&long).len() <= MAX_HTML_BYTES);
        let text = "<".repeat(MAX_HTML_BYTES);
        assert!(sanitize(&text).len() <= MAX_HTML_BYTES);
    }

    #[test]
    fn html_that_is_built_to_cost_time_costs_little() {
        // Against what an honest text of the same length costs on the same machine.
        let start = Instant::now();
        sanitize(&"<p>Just <b>words</b>.</p>".repeat(MAX_HTML_BYTES / 25));
        let honest = start.elapsed().max(Duration::from_millis(50));
        let fonts = numbered(2_000, |i| format!("<font size={i}>"));
        let attributes = numbered(30_000, |i| format!("a{i} "));
        for hostile in [
            fonts.clone() + &"<p>x".repeat(40_000),
            format!("<p {attributes}>x</p>"),
            format!("<a b=c\"> {fonts}\" {}", "<p>x".repeat(30_000)),
            numbered(500, |i| format!("<font size={i}>")) + &"<p>x".repeat(1_100),
            "<b>".repeat(60_000),
            "<div>".repeat(40_000),
            "<table><tr><td>".repeat(12_000),
            "&amp;<".repeat(30_000),
            format!("<p {}>x", numbered(18_000, |i| format!("a{i}='>' "))),
        ] {
            let start = Instant::now();
            let clean = sanitize(&hostile);

            assert!(start.elapsed() < honest * 200, "{:?}", hostile.get(..40));
            assert_eq!(sanitize(&clean), clean);
        }
    }

    const SNIPPETS: &str = concat!(
        r#"(<p>|</p>|<b>|</b>|<i>|</i>|<a href="https://e\.example/">|</a>|<a href="javascript:x">|"#,
        r#"<script>|</script>|<style>|</style>|<svg>|</svg>|<math>|<table>|<tr>|<td>|</table>|<ul>|"#,
        r#"<li>|</ul>|<pre>|</pre>|<code>|<blockquote>|</blockquote>|<h1>|</h1>|<br>|<img src=x onerror=y>|"#,
        r#"<p style="x" onclick='y' class="mention">|<!--|-->|<noscript>|<title>|<textarea>|<select>|"#,
        r#"<option>|<form>|<template>|<ruby>|<rt>|<span class="h-card invisible x">|</span>|<a rel=tag>|"#,
        r#"&lt;|&amp;|&#0;|&|<|>|"|'|\n|text| |<ol start=3>|<plaintext>|<xmp>|<frameset>|<body>|<html>){0,24}"#
    );

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn clean_html_is_harmless_and_stays_as_it_is(html in SNIPPETS) {
            let clean = sanitize(&html);
            prop_assert!(is_harmless(&clean), "{}", clean);
            prop_assert_eq!(sanitize(&clean), clean);
        }

        #[test]
        fn any_text_at_all_comes_out_harmless(html in r"\PC{0,200}") {
            let clean = sanitize(&html);
            prop_assert!(is_harmless(&clean), "{}", clean);
            prop_assert_eq!(sanitize(&clean), clean);
        }
    }
}
