//! What a member typed: who and what it names, and its HTML.
use std::sync::LazyLock;

use ammonia::Builder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::{
    html::escape,
    sanitize,
    tokens::{Handle, Kind, Piece, normal_tag, pieces},
};

/// What a text names, each once, in the order of its first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Whom it addresses, groups among them.
    pub mentions: Vec<Handle>,
    /// Its hashtags in the form they are compared by, without `#`.
    pub tags: Vec<String>,
    /// The same hashtags as they were written.
    pub written_tags: Vec<String>,
    /// The addresses in it, those of Markdown links too.
    pub links: Vec<String>,
}

/// Where the names in a text lead.
pub struct Links<'a> {
    /// The page (`url`) of an actor; `None`: nobody known, and the mention stays text.
    pub account: &'a dyn Fn(&Handle) -> Option<String>,
    /// What stands before a hashtag's name: `https://oak.example/tags`.
    pub tags: &'a str,
}

/// Finds mentions, hashtags and links in Markdown, but for those in code.
pub fn scan(source: &str) -> Found {
    let mut found = Found::default();
    read(source, |event, pieces| match event {
        Spot::Words(text) => {
            for segment in segments(text, pieces) {
                if let Segment::Piece(piece) = segment {
                    found.add(piece);
                }
            }
        }
        Spot::LinkTo(url) => found.add_link(url),
        Spot::Other(_) => {}
    });
    found
}

impl Found {
    fn add(&mut self, piece: &Piece<'_>) {
        match &piece.kind {
            Kind::Mention(handle) => {
                if !self.mentions.iter().any(|known| known.is_same(handle)) {
                    self.mentions.push(handle.clone());
                }
            }
            Kind::Tag(written) => {
                let tag = normal_tag(written);
                if !tag.is_empty() && !self.tags.contains(&tag) {
                    self.tags.push(tag);
                    self.written_tags.push(written.clone());
                }
            }
            Kind::Url(url) => self.add_link(url),
            Kind::Text | Kind::Less => {}
        }
    }

    fn add_link(&mut self, url: &str) {
        if !self.links.iter().any(|known| known == url) {
            self.links.push(url.to_owned());
        }
    }
}

/// Markdown to safe HTML, in the shape Mastodon and its clients read.
///
/// A line break is `<br>`, HTML in the source is shown as it was typed, `#tag` is no heading.
pub fn render(source: &str, links: &Links<'_>) -> String {
    let mut writer = Writer { out: String::with_capacity(source.len() * 2), links };
    read(source, |spot, pieces| match spot {
        Spot::Words(text) => writer.words(text, pieces),
        Spot::LinkTo(url) => writer.open_link(url),
        Spot::Other(event) => writer.other(event, pieces),
    });
    // Cannot change anything as long as the writer is right; keeps a slip of it harmless.
    OWN.clean(&writer.out).to_string()
}

static OWN: LazyLock<Builder<'static>> = LazyLock::new(sanitize::allow_list);

/// Noncharacters, which no text should hold: they mark the places of pieces inside the Markdown,
/// so that a `_` in a handle or an address is not taken for emphasis.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// One step through a text.
enum Spot<'e> {
    /// Words outside of code and links: their pieces count.
    Words(&'e str),
    /// A Markdown link begins; it leads to a sound address.
    LinkTo(&'e str),
    /// Anything else; ends of links come only where [`Spot::LinkTo`] came.
    Other(Event<'e>),
}

fn read(source: &str, mut each: impl FnMut(Spot<'_>, &[Piece<'_>])) {
    let source = source.replace([OPEN, CLOSE], "");
    let pieces = pieces(&source);
    let masked = mask(&pieces);
    let parser = Parser::new_ext(&masked, Options::ENABLE_STRIKETHROUGH);
    let (mut code, mut open_links) = (false, Vec::new());
    for event in TextMergeStream::new(parser) {
        match event {
            Event::Text(text) if !code && !open_links.contains(&true) => {
                each(Spot::Words(&text), &pieces);
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let url = destination(&unmask(&dest_url, &pieces));
                let fresh = !open_links.contains(&true);
                open_links.push(url.is_some() && fresh);
                if let Some(url) = url.filter(|_| fresh) {
                    each(Spot::LinkTo(&url), &pieces);
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if open_links.pop() == Some(true) {
                    each(Spot::Other(Event::End(TagEnd::Link)), &pieces);
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                code = true;
                each(Spot::Other(Event::Start(Tag::CodeBlock(kind))), &pieces);
            }
            Event::End(TagEnd::CodeBlock) => {
                code = false;
                each(Spot::Other(Event::End(TagEnd::CodeBlock)), &pieces);
            }
            other => each(Spot::Other(other), &pieces),
        }
    }
}

/// The source with a mark in place of every piece that is not plain text.
fn mask(pieces: &[Piece<'_>]) -> String {
    let mut masked = String::new();
    for (i, piece) in pieces.iter().enumerate() {
        if piece.kind == Kind::Text {
            masked.push_str(piece.raw);
        } else {
            masked.push(OPEN);
            masked.push_str(&i.to_string());
            masked.push(CLOSE);
        }
    }
    masked
}

/// Words as written, or a piece that stood among them.
enum Segment<'a> {
    Plain(&'a str),
    Piece(&'a Piece<'a>),
}

fn segments<'a>(text: &'a str, pieces: &'a [Piece<'a>]) -> impl Iterator<Item = Segment<'a>> {
    text.split(OPEN).enumerate().flat_map(move |(i, part)| {
        let marked = if i == 0 { None } else { part.split_once(CLOSE) };
        let (mark, plain) = marked.map_or((None, part), |(mark, plain)| (Some(mark), plain));
        let piece = mark.and_then(|mark| pieces.get(mark.parse::<usize>().ok()?));
        let plain = (!plain.is_empty()).then_some(Segment::Plain(plain));
        piece.map(Segment::Piece).into_iter().chain(plain)
    })
}

fn unmask(text: &str, pieces: &[Piece<'_>]) -> String {
    let raw = |segment| match segment {
        Segment::Plain(text) => text,
        Segment::Piece(piece) => piece.raw,
    };
    segments(text, pieces).map(raw).collect()
}

/// An address a link may lead to.
fn destination(url: &str) -> Option<String> {
    let url = url.trim().trim_start_matches('<').trim_end_matches('>');
    let parsed = url::Url::parse(url).ok()?;
    let sound = match parsed.scheme() {
        "http" | "https" => parsed.has_host(),
        "mailto" => true,
        _ => false,
    };
    sound.then(|| parsed.into())
}

struct Writer<'a> {
    out: String,
    links: &'a Links<'a>,
}

impl Writer<'_> {
    fn words(&mut self, text: &str, pieces: &[Piece<'_>]) {
        for segment in segments(text, pieces) {
            match segment {
                Segment::Plain(text) => self.text(text),
                Segment::Piece(piece) => self.piece(piece),
            }
        }
    }

    fn put(&mut self, html: &str) {
        self.out.push_str(html);
    }

    fn text(&mut self, text: &str) {
        self.put(&escape(text));
    }

    fn piece(&mut self, piece: &Piece<'_>) {
        match &piece.kind {
            Kind::Mention(handle) => match (self.links.account)(handle) {
                Some(url) => self.mention(piece.raw, handle, &url),
                None => self.text(piece.raw),
            },
            Kind::Tag(tag) => self.tag(tag),
            Kind::Url(url) => self.address(url),
            Kind::Text | Kind::Less => self.text(piece.raw),
        }
    }

    fn mention(&mut self, raw: &str, handle: &Handle, url: &str) {
        let sign = if raw.starts_with('!') { '!' } else { '@' };
        let (url, name) = (escape(url), escape(&handle.name));
        self.put(&format!(
            r#"<span class="h-card" translate="no"><a href="{url}" class="u-url mention">{sign}<span>{name}</span></a></span>"#
        ));
    }

    fn tag(&mut self, tag: &str) {
        let base = escape(self.links.tags.trim_end_matches('/'));
        let normal = normal_tag(tag);
        let path = utf8_percent_encode(&normal, NON_ALPHANUMERIC);
        let tag = escape(tag);
        self.put(&format!(
            r#"<a href="{base}/{path}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>"#
        ));
    }

    /// A bare address: whole for those who copy it, short for the eye, as Mastodon does.
    fn address(&mut self, url: &str) {
        const SHOWN: usize = 30;
        let scheme = url.find("://").map_or(0, |at| at + 3);
        let www = if url.get(scheme..).is_some_and(|r| r.starts_with("www.")) { 4 } else { 0 };
        let (hidden, rest) = url.split_at_checked(scheme + www).unwrap_or(("", url));
        let cut = rest.char_indices().nth(SHOWN).map_or(rest.len(), |(i, _)| i);
        let (shown, tail) = rest.split_at_checked(cut).unwrap_or((rest, ""));
        self.open_link(url);
        let class = if tail.is_empty() { "" } else { r#" class="ellipsis""# };
        self.put(&format!(
            r#"<span class="invisible">{}</span><span{class}>{}</span><span class="invisible">{}</span></a>"#,
            escape(hidden),
            escape(shown),
            escape(tail)
        ));
    }

    fn open_link(&mut self, url: &str) {
        let rel = sanitize::REL;
        self.put(&format!(r#"<a href="{}" rel="{rel}">"#, escape(url)));
    }

    fn other(&mut self, event: Event<'_>, pieces: &[Piece<'_>]) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::SoftBreak | Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => self.out.push_str("<p>* * *</p>"),
            Event::Code(text) => {
                let code = escape(&unmask(&text, pieces));
                self.put(&format!("<code>{code}</code>"));
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&unmask(&text, pieces)),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let open = match tag {
            Tag::Heading { level, .. } => format!("<{level}>"),
            Tag::List(Some(first)) if *first != 1 => format!(r#"<ol start="{first}">"#),
            Tag::CodeBlock(_) => "<pre><code>".to_owned(),
            other => element(other.to_end()).map_or_else(String::new, |name| format!("<{name}>")),
        };
        self.out.push_str(&open);
    }

    fn end(&mut self, tag: TagEnd) {
        let close = match tag {
            TagEnd::Heading(level) => format!("</{level}>"),
            TagEnd::CodeBlock => "</code></pre>".to_owned(),
            TagEnd::Link => "</a>".to_owned(),
            other => element(other).map_or_else(String::new, |name| format!("</{name}>")),
        };
        self.out.push_str(&close);
    }
}

fn element(tag: TagEnd) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph | TagEnd::HtmlBlock => "p",
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "del",
        _ => return None, // extensions that are switched off
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{html, plain, sanitize};

    fn shown(source: &str) -> String {
        let account = |handle: &Handle| {
            (handle.name != "nobody").then(|| {
                let host = handle.host.as_deref().unwrap_or("oak.example");
                format!("https://{host}/@{}", handle.name)
            })
        };
        render(source, &Links { account: &account, tags: "https://oak.example/tags/" })
    }

    fn handle(name: &str, host: Option<&str>) -> Handle {
        Handle { name: name.into(), host: host.map(Into::into) }
    }

    #[test]
    fn each_mention_and_tag_is_found_once_and_in_order() {
        let found = scan("@ben@elm.example @Ana #Bikes\n\n*@BEN@elm.example* #bikes **#Fixing**");
        assert_eq!(found.mentions, [handle("ben", Some("elm.example")), handle("Ana", None)]);
        assert_eq!(found.tags, ["bikes", "fixing"]);
        assert_eq!(found.written_tags, ["Bikes", "Fixing"]);
    }

    #[test]
    fn code_and_links_name_nobody() {
        let found = scan("`@ana` and\n\n```\n#code @ben\n```\n[#x @carl](https://e.example/#y)");
        assert_eq!((found.mentions, found.tags), (vec![], vec![]));
        assert_eq!(found.links, ["https://e.example/#y"]);
    }

    #[test]
    fn names_with_underscores_are_not_emphasis() {
        let found = scan("_@_ann_b_ and https://e.example/_a_b_");
        assert_eq!(found.links, ["https://e.example/_a_b_"]);
        assert!(shown("@a_b and @b_a").contains("<span>a_b</span>"));
    }

    #[test]
    fn mentions_and_tags_look_as_clients_expect() {
        assert_eq!(
            shown("@ana #Bikes"),
            concat!(
                r#"<p><span class="h-card" translate="no"><a href="https://oak.example/@ana" "#,
                r#"class="u-url mention">@<span>ana</span></a></span> "#,
                r#"<a href="https://oak.example/tags/bikes" class="mention hashtag" rel="tag">"#,
                r#"#<span>Bikes</span></a></p>"#
            )
        );
        assert_eq!(shown("@nobody"), "<p>@nobody</p>");
    }

    #[test]
    fn line_breaks_stay_and_tags_are_no_headings() {
        assert_eq!(shown("one\ntwo\n\nthree"), "<p>one<br>two</p><p>three</p>");
        assert!(shown("#bike at the start").starts_with("<p><a "));
        assert_eq!(shown("# Title"), "<h1>Title</h1>");
    }

    #[test]
    fn html_is_shown_as_it_was_typed() {
        assert_eq!(
            shown("<script>alert(1)</script> & <b>"),
            "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;</p>"
        );
        assert_eq!(shown("`<b> @ana`"), "<p><code>&lt;b&gt; @ana</code></p>");
    }

    #[test]
    fn links_lead_to_the_web_only() {
        assert_eq!(
            shown("[x](https://e.example/a_b) [y](javascript:alert(1))"),
            r#"<p><a href="https://e.example/a_b" rel="nofollow noopener ugc">x</a> y</p>"#
        );
        assert_eq!(plain(&shown("see <https://e.example/a>.")), "see https://e.example/a.");
        assert_eq!(
            plain(&shown("![a cat](https://e.example/cat.png)")),
            "a cat",
            "a picture is a link with its description"
        );
    }

    #[test]
    fn lists_quotes_and_code_are_kept() {
        assert_eq!(shown("- a\n- b"), "<ul><li>a</li><li>b</li></ul>");
        assert_eq!(shown("3. a\n4. b"), r#"<ol start="3"><li>a</li><li>b</li></ol>"#);
        assert_eq!(shown("> a"), "<blockquote><p>a</p></blockquote>");
        assert_eq!(
            shown("```rust\nlet a = 1 < 2;\n```"),
            "<pre><code>let a = 1 &lt; 2;\n</code></pre>"
        );
        assert_eq!(
            shown("~~gone~~ **b** *e*"),
            "<p><del>gone</del> <strong>b</strong> <em>e</em></p>"
        );
    }

    proptest! {
        #[test]
        fn any_text_renders_to_what_the_sanitiser_lets_through(
            source in r"([@#!*_`~>\[\]()\\<&\n a-z0-9:./-]|https://e\.example/|<script>|javascript:|    ){0,60}|\PC{0,80}"
        ) {
            let shown = shown(&source);
            scan(&source);
            for (part, _) in html::parts(&shown) {
                if let html::Part::Open(name, raw) = part {
                    prop_assert!(name != "script" && !raw.contains("href=\"javascript"), "{}", raw);
                }
            }
            prop_assert_eq!(plain(&sanitize(&shown)), plain(&shown));
        }
    }
}
