//! Custom emoji: ours, and what other servers said of theirs.
use std::collections::{BTreeMap, BTreeSet};

use diesel::{dsl::count_star, prelude::*};

use super::{Conn, among::Among as _, schema::emojis};
use crate::{
    on,
    types::{EmojiId, Time},
};

/// Most emoji that are looked up for one page.
const MOST_AT_ONCE: usize = 2_000;

/// A row of `emojis`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = emojis)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Emoji {
    /// Our name for it; copies of its picture are served under it.
    pub id: EmojiId,
    /// The server it belongs to, with its port where it has one; empty for this one.
    pub host: String,
    /// Without colons.
    pub shortcode: String,
    /// Of one elsewhere: its id, where it has one.
    pub ap_id: Option<String>,
    /// Of one elsewhere: where its picture is.
    pub url: Option<String>,
    /// Of ours: the picture in the store.
    pub path: Option<String>,
    /// Of ours: the same without movement.
    pub still_path: Option<String>,
    /// MIME type of the picture; of one elsewhere as its server says, and empty where it does not.
    pub content_type: String,
    /// Of what is in the store.
    pub size_bytes: i64,
    /// Under which pickers show it.
    pub category: Option<String>,
    /// Whether pickers show it.
    pub visible_in_picker: bool,
    /// The operator wants it shown to nobody.
    pub disabled: bool,
    /// When its picture was last another; of one elsewhere as its server says.
    pub updated_at: Option<Time>,
    /// When it came to be known.
    pub created_at: Time,
}

impl Emoji {
    /// One of ours.
    pub fn is_local(&self) -> bool {
        self.host.is_empty()
    }

    /// The address of its picture elsewhere, with a mark that is another whenever the picture is: copies
    /// are made and named by it.
    pub fn version(&self) -> Option<String> {
        let url = self.url.as_deref()?;
        Some(match self.updated_at {
            Some(at) => format!("{url}#{}", at.0),
            None => url.to_owned(),
        })
    }
}

/// The emoji of a server by names, those that nobody is to see too.
pub fn known(conn: &mut Conn, host: &str, names: &BTreeSet<String>) -> QueryResult<Vec<Emoji>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names = names.iter().take(MOST_AT_ONCE).cloned();
    on!(conn, c => emojis::table
        .filter(emojis::host.eq(host).and(emojis::shortcode.among(names)))
        .order(emojis::shortcode)
        .select(Emoji::as_select())
        .load(c))
}

/// The emoji of a server by names; those that nobody is to see are left out.
pub fn named(conn: &mut Conn, host: &str, names: &BTreeSet<String>) -> QueryResult<Vec<Emoji>> {
    let mut rows = known(conn, host, names)?;
    rows.retain(|row| !row.disabled);
    Ok(rows)
}

/// The same of several servers, each with its names; by host and name.
pub fn of_hosts(
    conn: &mut Conn,
    wanted: &BTreeMap<String, BTreeSet<String>>,
) -> QueryResult<BTreeMap<(String, String), Emoji>> {
    let names: BTreeSet<&String> = wanted.values().flatten().collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<String> = names.into_iter().take(MOST_AT_ONCE).cloned().collect();
    let hosts: Vec<String> = wanted.keys().cloned().collect();
    let rows: Vec<Emoji> = on!(conn, c => emojis::table
        .filter(emojis::host.among(hosts).and(emojis::shortcode.among(names)))
        .filter(emojis::disabled.eq(false))
        .select(Emoji::as_select())
        .load(c))?;
    Ok(rows.into_iter().map(|row| ((row.host.clone(), row.shortcode.clone()), row)).collect())
}

/// The emoji of an id.
pub fn by_id(conn: &mut Conn, id: EmojiId) -> QueryResult<Option<Emoji>> {
    on!(conn, c => emojis::table.find(id).select(Emoji::as_select()).first(c).optional())
}

/// The emoji of a server (ours where that is empty) by its name.
pub fn by_name(conn: &mut Conn, host: &str, shortcode: &str) -> QueryResult<Option<Emoji>> {
    on!(conn, c => emojis::table
        .filter(emojis::host.eq(host).and(emojis::shortcode.eq(shortcode)))
        .select(Emoji::as_select())
        .first(c)
        .optional())
}

/// All of ours, or those of another server, in the order of their names after `after`; `most` of them.
pub fn list(conn: &mut Conn, host: &str, after: &str, most: i64) -> QueryResult<Vec<Emoji>> {
    on!(conn, c => emojis::table
        .filter(emojis::host.eq(host).and(emojis::shortcode.gt(after)))
        .order(emojis::shortcode)
        .limit(most)
        .select(Emoji::as_select())
        .load(c))
}

/// How many a server has here.
pub fn count(conn: &mut Conn, host: &str) -> QueryResult<i64> {
    emojis::table.filter(emojis::host.eq(host)).select(count_star()).first(conn)
}

/// Writes one down; what was known of the same name is replaced, and its id stays.
pub fn set(conn: &mut Conn, row: &Emoji) -> QueryResult<()> {
    let known = by_name(conn, &row.host, &row.shortcode)?;
    match known {
        Some(known) => {
            let row = Emoji { id: known.id, created_at: known.created_at, ..row.clone() };
            on!(conn, c => diesel::update(emojis::table.find(row.id)).set(&row).execute(c))
        }
        // Two that come at the same moment say the same.
        None => on!(conn, c => diesel::insert_into(emojis::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c)),
    }
    .map(drop)
}

/// Takes one away.
pub fn delete(conn: &mut Conn, id: EmojiId) -> QueryResult<usize> {
    diesel::delete(emojis::table.find(id)).execute(conn)
}
