//! Custom emoji on entities: those whose names stand in their texts, and no others.
//!
//! Entities are made without them; [`View::with_emojis`] puts them on everything of a page at once, by
//! one query, and by none where no text holds a name.
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Account, Act, Announcement, Ban, CustomEmoji, GroupMembership, Notification, Quoted, Report,
    Status, StatusEdit, View,
};
use crate::{
    db::{
        Conn,
        emojis::{self, Emoji},
    },
    error::Result,
    media, text,
    types::Uri,
};

/// The texts of one entity, and where their emoji go.
pub(crate) struct Words<'a> {
    /// The address of what it is about, on the server whose emoji these are; nothing: this one.
    pub home: Option<&'a str>,
    /// Plain texts.
    pub plain: Vec<&'a str>,
    /// Sanitized HTML.
    pub html: Vec<&'a str>,
    /// Where they go.
    pub emojis: &'a mut Vec<CustomEmoji>,
}

/// What has texts.
pub(crate) trait Worded {
    /// Shows each of its texts, those of what it holds too; always in the same order.
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>));
}

impl Words<'_> {
    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.plain.iter().for_each(|text| text::gather_shortcodes(&mut names, text));
        self.html.iter().for_each(|html| text::gather_shortcodes_of_html(&mut names, html));
        names
    }
}

impl View {
    /// Puts the emoji of their texts on entities.
    ///
    /// # Errors
    /// `Internal` when the database does not answer.
    pub fn with_emojis<T: Worded>(&self, conn: &mut Conn, entities: &mut [T]) -> Result<()> {
        // Of each text the server and the names, in the order in which they are seen.
        let mut seen: Vec<(String, BTreeSet<String>)> = Vec::new();
        for entity in entities.iter_mut() {
            entity.each(&mut |words| {
                let names = words.names();
                let host = if names.is_empty() { String::new() } else { self.host_of(words.home) };
                seen.push((host, names));
            });
        }
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (host, names) in seen.iter().filter(|(_, names)| !names.is_empty()) {
            wanted.entry(host.clone()).or_default().extend(names.iter().cloned());
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let found = emojis::of_hosts(conn, &wanted)?;
        let mut seen = seen.into_iter();
        for entity in entities {
            entity.each(&mut |words| {
                let (host, names) = seen.next().unwrap_or_default();
                let rows = names.into_iter().filter_map(|name| found.get(&(host.clone(), name)));
                *words.emojis = rows.map(|row| self.emoji(row)).collect();
            });
        }
        Ok(())
    }

    /// The server of an address, as emoji are kept: empty for this one.
    fn host_of(&self, home: Option<&str>) -> String {
        let uri = home.and_then(|home| Uri::parse(home).ok());
        let here = Uri(self.origin.clone());
        uri.filter(|uri| !uri.same_origin(&here)).map(|uri| uri.authority()).unwrap_or_default()
    }

    /// The entity of an emoji.
    pub fn emoji(&self, row: &Emoji) -> CustomEmoji {
        CustomEmoji {
            shortcode: row.shortcode.clone(),
            url: media::emoji(&self.origin, self.copies, row, false),
            static_url: media::emoji(&self.origin, self.copies, row, true),
            visible_in_picker: row.visible_in_picker,
            category: row.category.clone(),
        }
    }
}

impl<T: Worded> Worded for Option<T> {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        if let Some(worded) = self {
            worded.each(see);
        }
    }
}

impl<T: Worded> Worded for Box<T> {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.as_mut().each(see);
    }
}

impl<T: Worded> Worded for &mut T {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        (**self).each(see);
    }
}

impl Worded for Account {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        let names = self.fields.iter().map(|field| field.name.as_str());
        let values = self.fields.iter().map(|field| field.value.as_str());
        see(Words {
            home: Some(&self.uri),
            plain: names.chain([self.display_name.as_str()]).collect(),
            html: values.chain([self.note.as_str()]).collect(),
            emojis: &mut self.emojis,
        });
        self.moved.each(see);
    }
}

impl Worded for Status {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        // A boost has the words of what it passes on.
        let home = self.reblog.as_ref().map_or(&self.uri, |of| &of.uri);
        let options = || self.poll.iter().flat_map(|poll| &poll.options);
        let titles: Vec<String> = options().map(|option| option.title.clone()).collect();
        let titles = || titles.iter().map(String::as_str);
        see(Words {
            home: Some(home),
            plain: titles().chain([self.spoiler_text.as_str()]).collect(),
            html: vec![&self.content],
            emojis: &mut self.emojis,
        });
        if let Some(poll) = &mut self.poll {
            let emojis = &mut poll.emojis;
            see(Words { home: Some(home), plain: titles().collect(), html: Vec::new(), emojis });
        }
        self.account.each(see);
        self.reblog.each(see);
        if let Some(Quoted::Whole { quoted_status }) = self.quote.as_mut().map(|q| &mut q.quoted) {
            quoted_status.each(see);
        }
    }
}

impl Worded for Notification {
    /// Only who it is from: its status was made with all it has.
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.account.each(see);
    }
}

impl Worded for StatusEdit {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        see(Words {
            home: Some(&self.account.uri),
            plain: vec![&self.spoiler_text],
            html: vec![&self.content],
            emojis: &mut self.emojis,
        });
    }
}

impl Worded for Announcement {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        see(Words {
            home: None,
            plain: Vec::new(),
            html: vec![&self.content],
            emojis: &mut self.emojis,
        });
    }
}

impl Worded for Act {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.by.each(see);
        self.account.each(see);
    }
}

impl Worded for Ban {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.account.each(see);
        self.by.each(see);
    }
}

impl Worded for GroupMembership {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.account.each(see);
    }
}

impl Worded for Report {
    fn each(&mut self, see: &mut dyn FnMut(Words<'_>)) {
        self.target_account.each(see);
    }
}
