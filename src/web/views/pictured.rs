//! Lines of words in which custom emoji stand as pictures.
use std::fmt;

use crate::text;

/// HTML that was made here, as it is to stand in a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// How a line of plain words looks with emoji in it; nothing where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pictured(Option<Html>);

impl Pictured {
    /// The line with what `picture` makes (HTML) of the names in it.
    pub fn new(plain: &str, picture: impl Fn(&str) -> Option<String>) -> Self {
        let html = text::picture_shortcodes_of_plain(plain, picture);
        let pictured = html != text::escape(plain);
        Self(pictured.then_some(Html(html)))
    }

    /// It, or the `plain` line it was made of.
    pub fn or(&self, plain: &str) -> Html {
        self.0.clone().unwrap_or_else(|| Html(text::escape(plain)))
    }
}

/// The picture of an emoji, as large as the words around it. It is read out as its name.
pub fn emoji(shortcode: &str, url: &str) -> String {
    let (name, url) = (text::escape(shortcode), text::escape(url));
    format!(
        "<img class=\"emoji\" src=\"{url}\" alt=\":{name}:\" title=\":{name}:\" width=\"20\" \
         height=\"20\" loading=\"lazy\" referrerpolicy=\"no-referrer\" draggable=\"false\">"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_escaped_whether_it_has_emoji_or_not() {
        let picture = |name: &str| (name == "ok").then(|| emoji(name, "/x?a&b"));
        let plain = "<b> :ok: & :no:";
        let shown = Pictured::new(plain, picture).or(plain).to_string();
        assert!(
            shown.starts_with("&lt;b&gt; <img class=\"emoji\" src=\"/x?a&amp;b\" alt=\":ok:\"")
        );
        assert!(shown.ends_with("> &amp; :no:"), "{shown}");
        let plain = "<b> :no:";
        assert_eq!(Pictured::new(plain, picture), Pictured::default());
        assert_eq!(Pictured::default().or(plain).to_string(), "&lt;b&gt; :no:");
    }
}
