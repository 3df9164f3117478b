//! What members do not want to see: <https://docs.joinmastodon.org/methods/filters/>
use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    schema::{filter_keywords, filter_posts, filters},
};
use crate::{
    insert_new, on, text_enum,
    types::{ActorId, FilterId, FilterKeywordId, FilterPostId, PostId, Time},
};

text_enum! {
    /// What becomes of a post that a filter finds, in Mastodon's words.
    FilterAction {
        /// It is folded under the filter's title.
        Warn = "warn",
        /// It is not shown.
        Hide = "hide",
        /// Its pictures are blurred.
        Blur = "blur",
    }
}

/// A row of `filters`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = filters)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Filter {
    /// Its name in the API.
    pub id: FilterId,
    /// Whose.
    pub owner_id: ActorId,
    /// Plain text.
    pub title: String,
    /// Where it holds: words between spaces.
    pub contexts: String,
    /// What it does.
    pub action: FilterAction,
    /// When it ends.
    pub expires_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// A row of `filter_keywords`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = filter_keywords)]
pub struct Keyword {
    /// Its name in the API, and that of a filter of the first version.
    pub id: FilterKeywordId,
    /// Of which filter.
    pub filter_id: FilterId,
    /// As typed.
    pub keyword: String,
    /// Only where it stands alone.
    pub whole_word: bool,
}

/// A row of `filter_posts`.
#[derive(Clone, Copy, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = filter_posts)]
pub struct FilteredPost {
    /// Its name in the API.
    pub id: FilterPostId,
    /// Of which filter.
    pub filter_id: FilterId,
    /// Which post.
    pub post_id: PostId,
}

/// A filter with all that it looks for.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The filter.
    pub filter: Filter,
    /// Its words, in order.
    pub keywords: Vec<Keyword>,
    /// Its posts, in order.
    pub posts: Vec<FilteredPost>,
}

/// A new filter.
pub fn insert(conn: &mut Conn, filter: &Filter) -> QueryResult<()> {
    on!(conn, c => diesel::insert_into(filters::table).values(filter).execute(c)).map(drop)
}

/// Writes a filter anew.
pub fn update(conn: &mut Conn, filter: &Filter) -> QueryResult<usize> {
    diesel::update(filters::table.find(filter.id)).set(filter).execute(conn)
}

/// A filter with its words and posts.
pub fn delete(conn: &mut Conn, id: FilterId) -> QueryResult<()> {
    diesel::delete(filter_keywords::table.filter(filter_keywords::filter_id.eq(id)))
        .execute(conn)?;
    diesel::delete(filter_posts::table.filter(filter_posts::filter_id.eq(id))).execute(conn)?;
    diesel::delete(filters::table.find(id)).execute(conn).map(drop)
}

/// A filter of a member's.
pub fn by_id(conn: &mut Conn, owner: ActorId, id: FilterId) -> QueryResult<Option<Filter>> {
    on!(conn, c => filters::table
        .find(id)
        .filter(filters::owner_id.eq(owner))
        .select(Filter::as_select())
        .first(c)
        .optional())
}

/// A member's filters, oldest first; `most` of them.
pub fn of_owner(conn: &mut Conn, owner: ActorId, most: i64) -> QueryResult<Vec<Filter>> {
    on!(conn, c => filters::table
        .filter(filters::owner_id.eq(owner))
        .order(filters::id.asc())
        .limit(most)
        .select(Filter::as_select())
        .load(c))
}

/// Filters with all that they look for.
pub fn whole(conn: &mut Conn, rows: Vec<Filter>) -> QueryResult<Vec<Whole>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<FilterId> = rows.iter().map(|filter| filter.id).collect();
    let keywords: Vec<Keyword> = on!(conn, c => filter_keywords::table
        .filter(filter_keywords::filter_id.among(ids.iter().copied()))
        .order(filter_keywords::id.asc())
        .select(Keyword::as_select())
        .load(c))?;
    let posts: Vec<FilteredPost> = on!(conn, c => filter_posts::table
        .filter(filter_posts::filter_id.among(ids.iter().copied()))
        .order(filter_posts::id.asc())
        .select(FilteredPost::as_select())
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|filter| Whole {
            keywords: keywords.iter().filter(|k| k.filter_id == filter.id).cloned().collect(),
            posts: posts.iter().filter(|p| p.filter_id == filter.id).copied().collect(),
            filter,
        })
        .collect())
}

/// A new word.
pub fn insert_keyword(conn: &mut Conn, keyword: &Keyword) -> QueryResult<()> {
    on!(conn, c => diesel::insert_into(filter_keywords::table).values(keyword).execute(c)).map(drop)
}

/// Writes a word anew.
pub fn update_keyword(conn: &mut Conn, keyword: &Keyword) -> QueryResult<usize> {
    diesel::update(filter_keywords::table.find(keyword.id)).set(keyword).execute(conn)
}

/// Takes a word away.
pub fn delete_keyword(conn: &mut Conn, id: FilterKeywordId) -> QueryResult<usize> {
    diesel::delete(filter_keywords::table.find(id)).execute(conn)
}

/// A word of one of a member's filters, with the filter.
pub fn keyword(
    conn: &mut Conn,
    owner: ActorId,
    id: FilterKeywordId,
) -> QueryResult<Option<(Keyword, Filter)>> {
    on!(conn, c => filter_keywords::table
        .inner_join(filters::table.on(filters::id.eq(filter_keywords::filter_id)))
        .filter(filter_keywords::id.eq(id).and(filters::owner_id.eq(owner)))
        .select((Keyword::as_select(), Filter::as_select()))
        .first(c)
        .optional())
}

/// A post for a filter; `false` if it is there.
pub fn insert_post(conn: &mut Conn, row: &FilteredPost) -> QueryResult<bool> {
    insert_new!(conn, filter_posts::table, row)
}

/// A post of one of a member's filters.
pub fn post(
    conn: &mut Conn,
    owner: ActorId,
    id: FilterPostId,
) -> QueryResult<Option<FilteredPost>> {
    on!(conn, c => filter_posts::table
        .inner_join(filters::table.on(filters::id.eq(filter_posts::filter_id)))
        .filter(filter_posts::id.eq(id).and(filters::owner_id.eq(owner)))
        .select(FilteredPost::as_select())
        .first(c)
        .optional())
}

/// Takes a post away.
pub fn delete_post(conn: &mut Conn, id: FilterPostId) -> QueryResult<usize> {
    diesel::delete(filter_posts::table.find(id)).execute(conn)
}

/// Takes a post that is gone out of every filter.
pub fn forget_post(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(filter_posts::table.filter(filter_posts::post_id.eq(post))).execute(conn)
}

/// Every filter of somebody who is gone.
pub fn forget(conn: &mut Conn, owner: ActorId) -> QueryResult<()> {
    let ids: Vec<FilterId> =
        filters::table.filter(filters::owner_id.eq(owner)).select(filters::id).load(conn)?;
    for id in ids {
        delete(conn, id)?;
    }
    Ok(())
}
