//! Lists whose posts may be rare among very many.
//!
//! To look at one post after the other from the newest fills a page at once where what is wanted is
//! common, and reads every post there is where it is not. So only the nearest are looked at like this.
//! Beyond them the posts that may stand in the list are asked for by what makes them so (their author,
//! a tag), in spans of ids each of which is wider than the one before, until the page is full: what a
//! page costs does not depend on how much else the node holds.
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};

use super::{
    super::{
        Conn,
        among::Among as _,
        page::Page,
        posts::Post,
        schema::{follows, list_members, media, post_tags, posts},
    },
    seen::Condition,
};
use crate::{
    on, paged,
    types::{ActorId, ListId, PostId},
};

/// Posts that are looked at one by one.
const NEAR: i64 = 400;
/// How many times wider each span of ids is than the one before.
const WIDER: i64 = 16;
/// Posts that are looked at in one statement, of those that may stand in a list.
const BATCH: i64 = 128;

/// Ids between two, both left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    floor: i64,
    ceiling: i64,
    upward: bool,
}

impl Span {
    /// All of a page.
    fn of(page: &Page) -> Self {
        Self { floor: page.floor(), ceiling: page.ceiling(), upward: page.upward() }
    }

    /// What is read first, `last` included, and what is left then.
    fn split(self, last: i64) -> (Self, Self) {
        if self.upward {
            let end = last.saturating_add(1).min(self.ceiling);
            (Self { ceiling: end, ..self }, Self { floor: end.saturating_sub(1), ..self })
        } else {
            let end = last.saturating_sub(1).max(self.floor);
            (Self { floor: end, ..self }, Self { ceiling: end.saturating_add(1), ..self })
        }
    }

    /// The same after a number of ids.
    fn split_after(self, width: i64) -> (Self, Self) {
        self.split(if self.upward {
            self.floor.saturating_add(width)
        } else {
            self.ceiling.saturating_sub(width)
        })
    }

    /// None of it.
    fn nothing(self) -> Self {
        Self { floor: 0, ceiling: 0, ..self }
    }

    /// Whether no id lies in it.
    fn is_empty(self) -> bool {
        self.ceiling.saturating_sub(self.floor) <= 1
    }

    /// Ids in the order in which they are read, each once.
    fn ordered(self, mut ids: Vec<PostId>) -> Vec<PostId> {
        ids.sort_unstable();
        ids.dedup();
        if !self.upward {
            ids.reverse();
        }
        ids
    }
}

/// The first of the posts that may stand in a list, as they are read.
#[derive(Debug, Default)]
struct Candidates {
    ids: Vec<PostId>,
    /// How far they reach, where the span holds more.
    until: Option<PostId>,
}

impl Candidates {
    fn of(rows: Vec<PostId>) -> Self {
        let full = i64::try_from(rows.len()).is_ok_and(|read| read == BATCH);
        Self { until: rows.last().copied().filter(|_| full), ids: rows }
    }

    /// Both, as far as both reach.
    fn and(mut self, other: Self, span: Span) -> Self {
        self.ids.extend(other.ids);
        self.until = match (self.until, other.until) {
            (Some(one), Some(two)) => Some(if span.upward { one.min(two) } else { one.max(two) }),
            (one, two) => one.or(two),
        };
        self.ids.retain(|id| match self.until {
            Some(until) if span.upward => *id <= until,
            Some(until) => *id >= until,
            None => true,
        });
        self
    }
}

/// Bounds, order and number of `$span` on `$id`, which is not to be read in the order of ids: in that
/// way a database would look at every post of the span, expecting one of the few soon.
macro_rules! spanned {
    ($query:expr, $id:expr, $name:literal, $span:expr) => {{
        let span: Span = $span;
        let query = $query.filter($id.gt(span.floor)).filter($id.lt(span.ceiling)).limit(BATCH);
        let order = if span.upward {
            sql::<BigInt>(concat!($name, " + 0 ASC"))
        } else {
            sql::<BigInt>(concat!($name, " + 0 DESC"))
        };
        query.order(order)
    }};
}

/// What makes posts candidates for a list.
#[derive(Clone, Debug)]
pub(super) enum Sources {
    /// Who wrote them.
    Authors(Vec<ActorId>),
    /// One of these tags, in lower case.
    Tags(Vec<String>),
    /// They carry pictures, sound or film.
    Media,
    /// The same, by one author.
    MediaOf(ActorId),
    /// Any of these.
    Any(Vec<Self>),
}

impl Sources {
    fn candidates(&self, conn: &mut Conn, span: Span) -> QueryResult<Candidates> {
        let rows = match self {
            Self::Authors(authors) => {
                let query = posts::table
                    .filter(posts::author_id.among(authors.iter().copied()))
                    .select(posts::id)
                    .into_boxed();
                spanned!(query, posts::id, "posts.id", span).load(conn)?
            }
            Self::Tags(tags) => {
                let query = post_tags::table
                    .filter(post_tags::tag.among(tags.iter().cloned()))
                    .select(post_tags::post_id)
                    .into_boxed();
                spanned!(query, post_tags::post_id, "post_tags.post_id", span).load(conn)?
            }
            Self::Media => {
                let query = media::table.select(media::post_id.assume_not_null()).into_boxed();
                spanned!(query, media::post_id, "media.post_id", span).load(conn)?
            }
            Self::MediaOf(author) => {
                let query = media::table
                    .filter(media::owner_id.eq(*author))
                    .select(media::post_id.assume_not_null())
                    .into_boxed();
                spanned!(query, media::post_id, "media.post_id", span).load(conn)?
            }
            Self::Any(sources) => {
                return sources.iter().try_fold(Candidates::default(), |all, source| {
                    Ok(all.and(source.candidates(conn, span)?, span))
                });
            }
        };
        Ok(Candidates::of(rows))
    }
}

/// Whose posts may stand in a member's home: their own, and those of whom they follow.
pub(super) fn authors_at_home(conn: &mut Conn, member: ActorId) -> QueryResult<Vec<ActorId>> {
    let mut authors: Vec<ActorId> = on!(conn, c => follows::table
        .filter(follows::follower_id.eq(member).and(follows::accepted_at.is_not_null()))
        .select(follows::target_id)
        .load(c))?;
    authors.push(member);
    Ok(authors)
}

/// Who is in a list.
pub(super) fn authors_in_list(conn: &mut Conn, list: ListId) -> QueryResult<Vec<ActorId>> {
    on!(conn, c => list_members::table
        .filter(list_members::list_id.eq(list))
        .select(list_members::actor_id)
        .load(c))
}

/// A page of the posts that fulfil `condition`, all of which come from the sources.
pub(super) fn page(
    conn: &mut Conn,
    page: &Page,
    condition: &dyn Fn() -> Condition,
    sources: impl FnOnce(&mut Conn) -> QueryResult<Sources>,
) -> QueryResult<Vec<Post>> {
    let whole = Span::of(page);
    let edge = nth(conn, whole, NEAR - 1)?;
    let (near, mut rest) = match edge {
        Some(edge) => whole.split(edge.0),
        None => (whole, whole.nothing()),
    };
    let mut found = one_by_one(conn, near, condition(), page.limit)?;
    let wanted = usize::try_from(page.limit).unwrap_or_default();
    let (Some(edge), true) = (edge, found.len() < wanted && !rest.is_empty()) else {
        return Ok(page.in_order(found));
    };
    let sources = sources(conn)?;
    let begin = nth(conn, whole, 0)?.unwrap_or(edge);
    rest = as_far_as_there_are_posts(conn, rest)?;
    let mut width = begin.0.abs_diff(edge.0).try_into().unwrap_or(i64::MAX).max(1);
    while found.len() < wanted && !rest.is_empty() {
        width = i64::saturating_mul(width, WIDER);
        let (mut span, beyond) = rest.split_after(width);
        while found.len() < wanted && !span.is_empty() {
            let Candidates { ids, until } = sources.candidates(conn, span)?;
            let ids = span.ordered(ids);
            if !ids.is_empty() {
                found.extend(among(conn, span.upward, &ids, condition())?);
            }
            span = until.map_or(span.nothing(), |until| span.split(until.0).1);
        }
        rest = beyond;
    }
    found.truncate(wanted);
    Ok(page.in_order(found))
}

/// Posts of a span that fulfil a condition, in the order of reading.
fn one_by_one(
    conn: &mut Conn,
    span: Span,
    condition: Condition,
    limit: i64,
) -> QueryResult<Vec<Post>> {
    let query = posts::table.filter(condition).select(Post::as_select()).into_boxed();
    let mut page = Page { max_id: Some(span.ceiling), limit, ..Page::default() };
    if span.upward {
        page.min_id = Some(span.floor);
    } else {
        page.since_id = Some(span.floor);
    }
    paged!(query, posts::id, &page).load(conn)
}

/// Those of `ids` that fulfil a condition, in the order of reading.
fn among(
    conn: &mut Conn,
    upward: bool,
    ids: &[PostId],
    condition: Condition,
) -> QueryResult<Vec<Post>> {
    let mut rows: Vec<Post> = posts::table
        .filter(posts::id.among(ids.iter().copied()))
        .filter(condition)
        .select(Post::as_select())
        .load(conn)?;
    rows.sort_unstable_by_key(|post| post.id);
    if !upward {
        rows.reverse();
    }
    Ok(rows)
}

/// The post of a span after so many others.
fn nth(conn: &mut Conn, span: Span, offset: i64) -> QueryResult<Option<PostId>> {
    let query = posts::table
        .filter(posts::id.gt(PostId(span.floor)).and(posts::id.lt(PostId(span.ceiling))))
        .select(posts::id)
        .limit(1)
        .offset(offset)
        .into_boxed();
    let query =
        if span.upward { query.order(posts::id.asc()) } else { query.order(posts::id.desc()) };
    query.first(conn).optional()
}

/// A span cut off behind the last post in it.
fn as_far_as_there_are_posts(conn: &mut Conn, span: Span) -> QueryResult<Span> {
    let backward = Span { upward: !span.upward, ..span };
    Ok(match nth(conn, backward, 0)? {
        Some(last) => span.split(last.0).0,
        None => span.nothing(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_meet_and_leave_nothing_out() {
        let down = Span { floor: 10, ceiling: 20, upward: false };
        let (first, rest) = down.split(15);
        // 19 to 15, and 14 to 11.
        assert_eq!(first, Span { floor: 14, ..down });
        assert_eq!(rest, Span { ceiling: 15, ..down });
        let up = Span { upward: true, ..down };
        let (first, rest) = up.split(15);
        // 11 to 15, and 16 to 19.
        assert_eq!(first, Span { ceiling: 16, ..up });
        assert_eq!(rest, Span { floor: 15, ..up });
        for span in [down, up] {
            let mut seen = Vec::new();
            let (mut rest, mut width) = (span, 1);
            while !rest.is_empty() {
                let (first, beyond) = rest.split_after(width);
                assert!(!first.is_empty(), "{rest:?} {width}");
                let mut ids: Vec<i64> = (first.floor + 1..first.ceiling).collect();
                if !span.upward {
                    ids.reverse();
                }
                seen.extend(ids);
                (rest, width) = (beyond, width * 3);
            }
            let mut all: Vec<i64> = (11..20).collect();
            if !span.upward {
                all.reverse();
            }
            assert_eq!(seen, all);
        }
        let ids = |ids: &[i64]| ids.iter().copied().map(PostId).collect::<Vec<_>>();
        let more = Candidates { ids: ids(&[19, 18, 15]), until: Some(PostId(15)) };
        let both = more.and(Candidates { ids: ids(&[18, 16, 12]), until: None }, down);
        assert_eq!(down.ordered(both.ids), ids(&[19, 18, 16, 15]), "12 comes with the next");
        assert_eq!(both.until, Some(PostId(15)));
        let widest = Span { floor: 0, ceiling: i64::MAX, upward: true };
        assert!(widest.split_after(i64::MAX).1.is_empty());
        assert!(Span { upward: false, ..widest }.split_after(i64::MAX).1.is_empty());
    }
}
