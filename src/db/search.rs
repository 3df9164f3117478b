//! Finding posts by their words: the one module that is written for each database apart.
//!
//! `SQLite` has an FTS5 table whose row ids are those of posts, `PostgreSQL` a column of `tsvector`
//! with a GIN index. Both keep the tokens that [`crate::text::search`] makes, as they are. A search
//! reads ids of posts with the words newest first, a batch at a time, and asks of each batch what the
//! reader may find and what operators say: so the hits of a common word are not all read and sorted.
use std::fmt::Write as _;

use diesel::{
    QueryableByName,
    dsl::{exists, not},
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{
    Conn,
    among::Among as _,
    page::Page,
    posts::Post,
    prepared::Prepared,
    schema::{actors, bookmarks, follows, likes, mentions, posts},
    timelines::{Condition, not_shunned, readable},
};
use crate::{
    text::search::Phrase,
    types::{ActorId, ActorKind, PostId, Time, Visibility},
};

/// Ids that are read at once.
const BATCH: i64 = 200;
/// Most ids that one search looks at; a page may be short after that, and goes on with its oldest.
const MOST: usize = 10_000;

diesel::alias!(
    const BOOSTS: Alias<Boosts> = posts as boosts;
);

/// Where a search looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among what the reader wrote, liked, bookmarked, boosted or was mentioned in.
    Library,
    /// Where everyone may read.
    Public,
    /// In one of these groups.
    Groups(Vec<ActorId>),
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// All of these.
    pub wanted: Vec<Phrase>,
    /// All of these tokens of what posts are ([`crate::text::search::Trait`]).
    pub traits: Vec<String>,
    /// None of these.
    pub unwanted: Vec<Phrase>,
    /// None of these tokens.
    pub without: Vec<String>,
    /// By one of these authors, list by list.
    pub authors: Vec<Vec<String>>,
    /// Here, or not where the flag says so.
    pub places: Vec<(bool, Place)>,
    /// Written from the first to just before the second, or not.
    pub times: Vec<(bool, Time, Time)>,
}

/// Keeps the words of a post, instead of those it had.
pub fn keep(
    conn: &mut Conn,
    post: PostId,
    tokens: impl Iterator<Item = String>,
) -> QueryResult<()> {
    forget(conn, post)?;
    insert(conn, post, tokens)
}

/// Keeps the words of a post that has none kept yet.
pub fn insert(
    conn: &mut Conn,
    post: PostId,
    tokens: impl Iterator<Item = String>,
) -> QueryResult<()> {
    let statement = match conn {
        Conn::Sqlite(_) => {
            let words = tokens.collect::<Vec<_>>().join(" ");
            Prepared::new("INSERT INTO post_words (rowid, words) VALUES (?, ?)")
                .number(post.0)
                .text(&words)
        }
        Conn::Postgres(_) => {
            let words = vector(tokens);
            Prepared::new(
                "INSERT INTO post_words (post_id, words) VALUES (?, CAST(? AS tsvector)) \
                 ON CONFLICT (post_id) DO UPDATE SET words = excluded.words",
            )
            .number(post.0)
            .text(&words)
        }
    };
    statement.run(conn).map(drop)
}

/// Forgets the words of a post.
pub fn forget(conn: &mut Conn, post: PostId) -> QueryResult<()> {
    let text = match conn {
        Conn::Sqlite(_) => "DELETE FROM post_words WHERE rowid = ?",
        Conn::Postgres(_) => "DELETE FROM post_words WHERE post_id = ?",
    };
    Prepared::new(text).number(post.0).run(conn).map(drop)
}

/// Posts older than `below` whose words can be found, newest first, for keeping them.
pub fn some_below(conn: &mut Conn, below: PostId, limit: i64) -> QueryResult<Vec<Post>> {
    posts::table
        .filter(posts::id.lt(below).and(posts::boost_of_id.is_null()))
        .order(posts::id.desc())
        .limit(limit)
        .select(Post::as_select())
        .load(conn)
}

/// What `viewer` finds, newest first.
pub fn find(
    conn: &mut Conn,
    viewer: ActorId,
    search: &Search,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let mut rest = *page;
    let mut found: Vec<Post> = Vec::new();
    let wanted = usize::try_from(page.limit).unwrap_or_default();
    let bounds = bounds(search);
    let mut seen = 0;
    while found.len() < wanted && seen < MOST {
        // Few at first: most searches are answered by the newest that have the words.
        let batch = if seen == 0 { page.limit.saturating_mul(2).clamp(1, BATCH) } else { BATCH };
        let ids = candidates(conn, search, &rest, bounds, batch)?;
        let Some(last) = ids.last().copied() else { break };
        seen += ids.len();
        let full = i64::try_from(ids.len()).is_ok_and(|read| read == batch);
        let mut rows = among(conn, viewer, search, &ids, now)?;
        rows.sort_by_key(|post| post.id);
        if page.upward() {
            rest.min_id = Some(last.0);
        } else {
            rows.reverse();
            rest.max_id = Some(last.0);
        }
        found.extend(rows);
        if !full {
            break;
        }
    }
    found.truncate(wanted);
    Ok(page.in_order(found))
}

/// Ids hold the time at which posts came, up to these many seconds after they were written.
const LATE_SECS: i64 = 7_200;

/// Between which ids posts of the wanted times lie, both left out.
fn bounds(search: &Search) -> (i64, i64) {
    let id = |time: Time| time.0.saturating_mul(1 << 16);
    let wanted = search.times.iter().filter(|(negated, ..)| !negated);
    wanted.fold((0, i64::MAX), |(floor, ceiling), (_, start, end)| {
        let end = if end.0 == i64::MAX { *end } else { end.plus_secs(LATE_SECS) };
        (floor.max(id(start.plus_secs(-LATE_SECS))), ceiling.min(id(end)))
    })
}

#[derive(QueryableByName)]
struct Candidate {
    #[diesel(sql_type = BigInt)]
    id: PostId,
}

/// Ids of posts with the words, the newest first (the oldest, where a page goes up).
fn candidates(
    conn: &mut Conn,
    search: &Search,
    page: &Page,
    (floor, ceiling): (i64, i64),
    limit: i64,
) -> QueryResult<Vec<PostId>> {
    let (floor, ceiling) = (floor.max(page.floor()), ceiling.min(page.ceiling()));
    let order = if page.upward() { "ASC" } else { "DESC" };
    let rows: Vec<Candidate> = match conn {
        Conn::Sqlite(c) => diesel::sql_query(format!(
            "SELECT rowid AS id FROM post_words WHERE post_words MATCH ? \
             AND rowid > ? AND rowid < ? ORDER BY rowid {order} LIMIT ?"
        ))
        .bind::<Text, _>(fts5(search))
        .bind::<BigInt, _>(floor)
        .bind::<BigInt, _>(ceiling)
        .bind::<BigInt, _>(limit)
        .load(c)?,
        Conn::Postgres(c) => diesel::sql_query(format!(
            "SELECT post_id AS id FROM post_words WHERE words @@ CAST($1 AS tsquery) \
             AND post_id > $2 AND post_id < $3 ORDER BY post_id {order} LIMIT $4"
        ))
        .bind::<Text, _>(tsquery(search))
        .bind::<BigInt, _>(floor)
        .bind::<BigInt, _>(ceiling)
        .bind::<BigInt, _>(limit)
        .load(c)?,
    };
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Those of `ids` that are for the reader and where and when they are to be.
fn among(
    conn: &mut Conn,
    viewer: ActorId,
    search: &Search,
    ids: &[PostId],
    now: Time,
) -> QueryResult<Vec<Post>> {
    let mut query = posts::table
        .filter(posts::id.among(ids.iter().copied()))
        .filter(posts::deleted_at.is_null().and(posts::boost_of_id.is_null()))
        .filter(readable(Some(viewer)))
        .filter(in_library(viewer).or(for_everyone()).or(among_fellows(viewer)))
        .filter(posts::author_id.eq(viewer).or(not_shunned(viewer, now)))
        .select(Post::as_select())
        .into_boxed();
    for (negated, place) in &search.places {
        let inside: Condition = match place {
            Place::Library => in_library(viewer),
            Place::Public => for_everyone(),
            Place::Groups(groups) => in_groups(groups.clone()),
        };
        query = if *negated { query.filter(not(inside)) } else { query.filter(inside) };
    }
    for (negated, start, end) in &search.times {
        let within = posts::created_at.ge(*start).and(posts::created_at.lt(*end));
        query = if *negated { query.filter(not(within)) } else { query.filter(within) };
    }
    query.load(conn)
}

fn in_groups(groups: Vec<ActorId>) -> Condition {
    Box::new(posts::group_id.is_not_null().and(posts::group_id.assume_not_null().among(groups)))
}

/// What a member wrote, liked, bookmarked, boosted or was mentioned in.
fn in_library(viewer: ActorId) -> Condition {
    let mentioned = exists(
        mentions::table
            .filter(mentions::post_id.eq(posts::id).and(mentions::actor_id.eq(viewer)))
            .select(mentions::post_id),
    );
    let liked = exists(
        likes::table
            .filter(likes::post_id.eq(posts::id).and(likes::actor_id.eq(viewer)))
            .select(likes::id),
    );
    let bookmarked = exists(
        bookmarks::table
            .filter(bookmarks::post_id.eq(posts::id).and(bookmarks::actor_id.eq(viewer)))
            .select(bookmarks::id),
    );
    let boosted = exists(
        BOOSTS
            .filter(BOOSTS.field(posts::boost_of_id).eq(posts::id.nullable()))
            .filter(BOOSTS.field(posts::author_id).eq(viewer))
            .filter(BOOSTS.field(posts::deleted_at).is_null())
            .select(BOOSTS.field(posts::id)),
    );
    Box::new(posts::author_id.eq(viewer).or(mentioned).or(liked).or(bookmarked).or(boosted))
}

/// What everyone may read and every member find: in groups of this node, of authors who want to be
/// found, and what was posted here for everyone.
fn for_everyone() -> Condition {
    let in_local_group = exists(
        actors::table
            .filter(actors::id.nullable().eq(posts::group_id).assume_not_null())
            .filter(actors::kind.eq(ActorKind::Group).and(actors::local.eq(true)))
            .select(actors::id),
    );
    let wants_to_be_found = exists(
        actors::table
            .filter(actors::id.eq(posts::author_id).and(actors::discoverable.eq(true)))
            .select(actors::id),
    );
    let local = posts::local.eq(true).and(posts::visibility.eq(Visibility::Public));
    Box::new(
        posts::visibility
            .among([Visibility::Public, Visibility::Unlisted])
            .and(in_local_group.or(wants_to_be_found).or(local)),
    )
}

/// What is said in a private group that the reader is in.
fn among_fellows(viewer: ActorId) -> Condition {
    Box::new(
        posts::visibility.eq(Visibility::Followers).and(exists(
            follows::table
                .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
                .filter(follows::follower_id.eq(viewer).and(follows::accepted_at.is_not_null()))
                .filter(follows::target_id.nullable().eq(posts::group_id).assume_not_null())
                .filter(actors::kind.eq(ActorKind::Group).and(actors::locked.eq(true)))
                .select(follows::id),
        )),
    )
}

/// The tokens as `PostgreSQL` writes a `tsvector`: each with its place.
fn vector(tokens: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for (token, place) in tokens.zip(1..) {
        // Writing to a string does not fail.
        let _ = write!(text, "'{token}':{place} ");
    }
    text
}

/// The search as FTS5 reads it.
fn fts5(search: &Search) -> String {
    let phrase = |phrase: &Phrase| {
        let star = if phrase.prefix { " *" } else { "" };
        format!("\"{}\"{star}", phrase.tokens.join(" "))
    };
    let token = |token: &String| format!("\"{token}\"");
    let mut wanted: Vec<String> = search.wanted.iter().map(phrase).collect();
    wanted.extend(search.traits.iter().map(token));
    wanted.extend(search.authors.iter().map(|names| {
        let names: Vec<String> = names.iter().map(token).collect();
        format!("({})", names.join(" OR "))
    }));
    let unwanted = search.unwanted.iter().map(phrase).chain(search.without.iter().map(token));
    let unwanted: Vec<String> = unwanted.collect();
    if unwanted.is_empty() {
        wanted.join(" AND ")
    } else {
        format!("({}) NOT ({})", wanted.join(" AND "), unwanted.join(" OR "))
    }
}

/// The search as `PostgreSQL` reads it.
fn tsquery(search: &Search) -> String {
    let phrase = |phrase: &Phrase| {
        let last = phrase.tokens.len().saturating_sub(1);
        let tokens = phrase.tokens.iter().enumerate().map(|(place, token)| {
            let star = if phrase.prefix && place == last { ":*" } else { "" };
            format!("'{token}'{star}")
        });
        format!("({})", tokens.collect::<Vec<_>>().join(" <-> "))
    };
    let token = |token: &String| format!("'{token}'");
    let mut parts: Vec<String> = search.wanted.iter().map(phrase).collect();
    parts.extend(search.traits.iter().map(token));
    parts.extend(search.authors.iter().map(|names| {
        let names: Vec<String> = names.iter().map(token).collect();
        format!("({})", names.join(" | "))
    }));
    parts.extend(search.unwanted.iter().map(|one| format!("!{}", phrase(one))));
    parts.extend(search.without.iter().map(|one| format!("!'{one}'")));
    parts.join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_written_for_either_database() {
        let phrase = |words: &str, prefix| Phrase {
            tokens: words.split(' ').map(str::to_owned).collect(),
            prefix,
        };
        let mut search = Search {
            wanted: vec![phrase("old saw", false), phrase("gard", true)],
            traits: vec!["p".into()],
            authors: vec![vec!["a1".into(), "a2".into()]],
            ..Search::default()
        };
        assert_eq!(fts5(&search), r#""old saw" AND "gard" * AND "p" AND ("a1" OR "a2")"#);
        assert_eq!(tsquery(&search), "('old' <-> 'saw') & ('gard':*) & 'p' & ('a1' | 'a2')");
        search = Search {
            wanted: vec![phrase("saw", false)],
            unwanted: vec![phrase("for sale", false)],
            without: vec!["x".into()],
            ..Search::default()
        };
        assert_eq!(fts5(&search), r#"("saw") NOT ("for sale" OR "x")"#);
        assert_eq!(tsquery(&search), "('saw') & !('for' <-> 'sale') & !'x'");
    }

    #[test]
    fn times_bound_the_ids() {
        let mut search = Search::default();
        assert_eq!(bounds(&search), (0, i64::MAX));
        let time = Time(1_800_000_000_000);
        search.times = vec![(false, time, Time(i64::MAX)), (true, Time(0), Time(i64::MAX))];
        let (floor, ceiling) = bounds(&search);
        assert!(floor < time.0 << 16 && floor > time.plus_days(-1).0 << 16);
        assert_eq!(ceiling, i64::MAX);
    }
}
