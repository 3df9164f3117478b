//! What posts quote, and permissions to quote.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{posts, quote_stamps, quotes},
};
use crate::{
    on, text_enum,
    types::{ActorId, PostId, Time},
};

/// Most quotes of one post whose authors hear that it changed.
const MOST_TOLD: i64 = 500;

text_enum! {
    /// What became of a quote, in the words of the Mastodon API.
    QuoteState {
        /// Its author was asked, or was not, and said nothing yet.
        Pending = "pending",
        /// May be shown.
        Accepted = "accepted",
        /// Its author said no.
        Rejected = "rejected",
        /// Its author said yes, and no after that.
        Revoked = "revoked",
    }
}

/// A row of `quotes`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = quotes)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Quote {
    /// The post that quotes.
    pub post_id: PostId,
    /// What it quotes, where that is known here; deleted or not.
    pub quoted_id: Option<PostId>,
    /// The id of what it quotes.
    pub quoted_uri: String,
    /// What became of it.
    pub state: QuoteState,
    /// Said in words that ask nobody: `quoteUrl` and the like.
    pub legacy: bool,
    /// Id of the permission.
    pub stamp: Option<String>,
    /// Since when.
    pub created_at: Time,
}

/// A row of `quote_stamps`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = quote_stamps)]
#[diesel(treat_none_as_default_value = false)]
pub struct Stamp {
    /// Our name for it; a part of its address.
    pub id: i64,
    /// What may be quoted.
    pub post_id: PostId,
    /// In which post.
    pub quote_uri: String,
    /// When it was given.
    pub created_at: Time,
}

/// Writes down what a post quotes, in place of what was written before.
pub fn set(conn: &mut Conn, quote: &Quote) -> QueryResult<()> {
    let changed = diesel::update(quotes::table.find(quote.post_id)).set(quote).execute(conn)?;
    if changed == 0 {
        diesel::insert_into(quotes::table).values(quote).execute(conn)?;
    }
    Ok(())
}

/// What a post quotes.
pub fn of_post(conn: &mut Conn, post: PostId) -> QueryResult<Option<Quote>> {
    on!(conn, c => quotes::table.find(post).select(Quote::as_select()).first(c).optional())
}

/// What each of `posts` quotes, of those that do.
pub fn of_posts(conn: &mut Conn, posts: &[PostId]) -> QueryResult<BTreeMap<PostId, Quote>> {
    let rows: Vec<Quote> = on!(conn, c => quotes::table
        .filter(quotes::post_id.among(posts.iter().copied()))
        .select(Quote::as_select())
        .load(c))?;
    Ok(rows.into_iter().map(|quote| (quote.post_id, quote)).collect())
}

/// Quotes by a permission of this id; it is for one, but may be claimed by others.
pub fn by_stamp(conn: &mut Conn, stamp: &str) -> QueryResult<Vec<Quote>> {
    quotes::table
        .filter(quotes::stamp.eq(stamp))
        .limit(MOST_TOLD)
        .select(Quote::as_select())
        .load(conn)
}

/// How often each of `posts` is quoted, of those that are.
pub fn counts(conn: &mut Conn, posts: &[PostId]) -> QueryResult<BTreeMap<PostId, i64>> {
    let rows: Vec<(Option<PostId>, i64)> = on!(conn, c => quotes::table
        .inner_join(posts::table.on(posts::id.eq(quotes::post_id)))
        .filter(quotes::quoted_id.among(posts.iter().copied()))
        .filter(quotes::state.eq(QuoteState::Accepted).and(posts::deleted_at.is_null()))
        .group_by(quotes::quoted_id)
        .select((quotes::quoted_id, diesel::dsl::count(quotes::post_id)))
        .load(c))?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((id?, count))).collect())
}

/// Posts written here that quote a post and may show it, with their authors.
pub fn local_of(conn: &mut Conn, quoted: PostId) -> QueryResult<Vec<(PostId, ActorId)>> {
    quotes::table
        .inner_join(posts::table.on(posts::id.eq(quotes::post_id)))
        .filter(quotes::quoted_id.eq(quoted).and(quotes::state.eq(QuoteState::Accepted)))
        .filter(posts::local.and(posts::deleted_at.is_null()))
        .limit(MOST_TOLD)
        .select((posts::id, posts::author_id))
        .load(conn)
}

/// Forgets what a post quotes.
pub fn forget(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(quotes::table.find(post)).execute(conn)
}

/// The permission for a quote; given now if there was none.
pub fn give(conn: &mut Conn, stamp: &Stamp) -> QueryResult<Stamp> {
    crate::insert_new!(conn, quote_stamps::table, stamp)?;
    quote_stamps::table
        .filter(quote_stamps::post_id.eq(stamp.post_id))
        .filter(quote_stamps::quote_uri.eq(&stamp.quote_uri))
        .select(Stamp::as_select())
        .first(conn)
}

/// The permission of an id.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Stamp>> {
    quote_stamps::table.find(id).select(Stamp::as_select()).first(conn).optional()
}

/// The permission to quote a post of ours in another.
pub fn stamp_for(conn: &mut Conn, post: PostId, quote: &str) -> QueryResult<Option<Stamp>> {
    quote_stamps::table
        .filter(quote_stamps::post_id.eq(post).and(quote_stamps::quote_uri.eq(quote)))
        .select(Stamp::as_select())
        .first(conn)
        .optional()
}

/// Takes a permission back.
pub fn take_back(conn: &mut Conn, stamp: i64) -> QueryResult<usize> {
    diesel::delete(quote_stamps::table.find(stamp)).execute(conn)
}
