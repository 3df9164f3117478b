//! Custom emoji on pages: those of all that a page shows, read at once.
//!
//! Pages show them without movement: nothing moves beside the words that somebody wants to read.
use std::collections::{BTreeMap, BTreeSet};

use super::views::{Pictured, pictured};
use crate::{
    db::{
        Conn,
        actors::Actor,
        emojis::{self, Emoji},
        posts::Post,
    },
    error::Result,
    media, text,
    types::Uri,
};

/// The server whose emoji stand in what is there, as emoji are kept: empty for this one.
pub fn host_of(local: bool, ap_id: &Uri) -> String {
    if local { String::new() } else { ap_id.authority() }
}

/// The names in what a page shows, by server.
#[derive(Default)]
pub struct Names(BTreeMap<String, BTreeSet<String>>);

impl Names {
    /// Those of a post.
    pub fn post(&mut self, post: &Post) {
        let plain = post.title.iter().chain([&post.spoiler_text]).map(String::as_str);
        self.texts(post.local, &post.ap_id, plain, [post.content.as_str()]);
    }

    /// Those of a name.
    pub fn actor(&mut self, actor: &Actor) {
        self.texts(actor.local, &actor.ap_id, [actor.display_name.as_str()], []);
    }

    /// Those of any texts of something.
    pub fn texts<'t>(
        &mut self,
        local: bool,
        ap_id: &Uri,
        plain: impl IntoIterator<Item = &'t str>,
        html: impl IntoIterator<Item = &'t str>,
    ) {
        let mut names = BTreeSet::new();
        plain.into_iter().for_each(|text| text::gather_shortcodes(&mut names, text));
        html.into_iter().for_each(|html| text::gather_shortcodes_of_html(&mut names, html));
        if !names.is_empty() {
            self.0.entry(host_of(local, ap_id)).or_default().extend(names);
        }
    }

    /// The emoji that they stand for.
    ///
    /// # Errors
    /// `Internal` when the database does not answer.
    pub fn look_up(&self, conn: &mut Conn) -> Result<Emojis> {
        Ok(Emojis(emojis::of_hosts(conn, &self.0)?))
    }
}

/// The emoji of a page.
#[derive(Default)]
pub struct Emojis(BTreeMap<(String, String), Emoji>);

impl Emojis {
    /// The picture of a name that stands in something of `host`.
    fn picture(&self, host: &str, name: &str) -> Option<String> {
        let row = self.0.get(&(host.to_owned(), name.to_owned()))?;
        let url = match &row.still_path {
            Some(path) => format!("/media/{}", path.trim_start_matches('/')),
            None => media::emoji_copy(row, true)?,
        };
        Some(pictured::emoji(name, &url))
    }

    /// A line of plain words of something.
    pub fn line(&self, local: bool, ap_id: &Uri, plain: &str) -> Pictured {
        if self.0.is_empty() {
            return Pictured::default();
        }
        let host = host_of(local, ap_id);
        Pictured::new(plain, |name| self.picture(&host, name))
    }

    /// Sanitised HTML of something.
    pub fn html(&self, local: bool, ap_id: &Uri, html: &str) -> String {
        if self.0.is_empty() {
            return html.to_owned();
        }
        let host = host_of(local, ap_id);
        text::picture_shortcodes(html, |name| self.picture(&host, name))
    }
}
