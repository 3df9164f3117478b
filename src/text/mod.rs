//! Words people write: Markdown to safe HTML, foreign HTML made safe, names made harmless.
//!
//! Pure functions, no I/O. What a member typed goes through [`scan`] (whom does it address?) and
//! [`render`]; what another server sent goes through [`sanitize`]. Nothing else in the node makes
//! HTML out of people's words.
mod html;
mod markdown;
mod names;
mod plain;
mod rel_me;
mod sanitize;
pub mod search;
mod shortcodes;
mod tokens;

pub use html::{escape, without_class};
pub use markdown::{Found, Links, render, scan};
pub use names::{clean_line, clean_name};
pub use plain::{
    char_count, excerpt, paragraphs, plain, plain_of_clean, spoken_tags, strip_title, with_title,
};
pub use rel_me::{links_back, only_link, with_me};
pub use sanitize::{MAX_HTML_BYTES, sanitize};
pub use shortcodes::{
    gather_shortcodes, gather_shortcodes_of_html, is_own_shortcode, is_shortcode,
    picture_shortcodes, picture_shortcodes_of_plain,
};
pub use tokens::{Handle, normal_tag};

#[cfg(test)]
mod hostile_tests;
