//! Lists of posts as readers see them: every query is bounded by an index on the id.
//!
//! What a reader may see is decided in the query, never afterwards: a page is never short, and
//! nothing private passes through a list.
use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::Bool,
};

use super::{
    Conn,
    among::Among as _,
    literal::Literal as _,
    page::Page,
    posts::Post,
    quotes::QuoteState,
    schema::{actors, bookmarks, follows, likes, media, post_tags, posts, quotes},
};
use crate::{
    paged,
    types::{ActorId, ActorKind, PostId, Time},
};

mod home;
mod rare;
mod seen;

pub use home::{home, is_in_home, list};
use rare::Sources;
pub(super) use seen::{Condition, not_shunned, readable};
use seen::{PARENTS, by_somebody_shown, from_open_servers};

/// Which of the public posts.
#[derive(Clone, Copy, Debug, Default)]
pub struct PublicFilter {
    /// Only of local authors.
    pub local: bool,
    /// Only of remote authors.
    pub remote: bool,
    /// Only with media.
    pub only_media: bool,
}

/// Which of an account's posts.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Leave replies to others out.
    pub exclude_replies: bool,
    /// Leave boosts out.
    pub exclude_boosts: bool,
    /// Only with media.
    pub only_media: bool,
    /// Only with this tag (lower case).
    pub tagged: Option<String>,
}

/// Whether `viewer` may read a post at all.
pub fn may_read(conn: &mut Conn, viewer: Option<ActorId>, post: PostId) -> QueryResult<bool> {
    let found = posts::table
        .filter(posts::id.eq(post).and(posts::deleted_at.is_null()))
        .filter(readable(viewer))
        .select(posts::id)
        .first::<PostId>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Those of `ids` that `viewer` may read.
pub fn readable_among(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    ids: &[PostId],
) -> QueryResult<Vec<PostId>> {
    posts::table
        .filter(posts::id.among(ids.iter().copied()).and(posts::deleted_at.is_null()))
        .filter(readable(viewer))
        .select(posts::id)
        .load(conn)
}

/// Posts for everybody's eyes, as `viewer` wants to see them; no boosts.
fn in_public(viewer: Option<ActorId>, filter: PublicFilter, now: Time) -> Condition {
    let mut all: Condition = Box::new(
        posts::visibility
            .says("public")
            .and(posts::boost_of_id.is_null().and(posts::deleted_at.is_null()))
            .and(by_somebody_shown()),
    );
    // In the statement itself: of a value that is put in later neither planner knows how rare it is.
    if filter.local {
        all = Box::new(all.and(sql::<Bool>("posts.local = TRUE")));
    } else {
        all = Box::new(all.and(from_open_servers()));
    }
    if filter.remote {
        all = Box::new(all.and(sql::<Bool>("posts.local = FALSE")));
    }
    if filter.only_media {
        all = Box::new(all.and(has_media()));
    }
    if let Some(viewer) = viewer {
        all = Box::new(all.and(not_shunned(viewer, now)));
    }
    all
}

/// Public posts, newest first; no boosts.
pub fn public(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    filter: PublicFilter,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let condition = || in_public(viewer, filter, now);
    if filter.only_media {
        return rare::page(conn, page, &condition, |_| Ok(Sources::Media));
    }
    let query = posts::table.filter(condition()).select(Post::as_select()).into_boxed();
    paged!(query, posts::id, page).load(conn).map(|rows| page.in_order(rows))
}

fn has_media() -> Condition {
    Box::new(exists(media::table.filter(media::post_id.eq(posts::id.nullable())).select(media::id)))
}

/// Whether a post carries a tag.
fn is_tagged(tag: String) -> Condition {
    Box::new(exists(
        post_tags::table
            .filter(post_tags::tag.eq(tag).and(post_tags::post_id.eq(posts::id)))
            .select(post_tags::post_id),
    ))
}

/// Which tags, all in lower case.
#[derive(Clone, Debug, Default)]
pub struct TagFilter {
    /// At least one of these.
    pub any: Vec<String>,
    /// And each of these.
    pub all: Vec<String>,
    /// And none of these.
    pub none: Vec<String>,
}

/// Public posts with tags, newest first.
pub fn tagged(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    tags: &TagFilter,
    filter: PublicFilter,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let condition = || {
        let any = tags.any.clone();
        let mut all: Condition = Box::new(
            exists(
                post_tags::table
                    .filter(post_tags::tag.among(any).and(post_tags::post_id.eq(posts::id)))
                    .select(post_tags::post_id),
            )
            .and(in_public(viewer, filter, now)),
        );
        for tag in &tags.all {
            all = Box::new(all.and(is_tagged(tag.clone())));
        }
        for tag in &tags.none {
            all = Box::new(all.and(not(is_tagged(tag.clone()))));
        }
        all
    };
    rare::page(conn, page, &condition, |_| Ok(Sources::Tags(tags.any.clone())))
}

/// What an account posted and boosted, as `viewer` may see it. Of a group: its threads.
pub fn account(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    author: ActorId,
    filter: &AccountFilter,
    page: &Page,
) -> QueryResult<Vec<Post>> {
    let condition = || by_account(viewer, author, filter);
    if filter.only_media {
        return rare::page(conn, page, &condition, |_| Ok(Sources::MediaOf(author)));
    }
    let query = posts::table.filter(condition()).select(Post::as_select()).into_boxed();
    paged!(query, posts::id, page).load(conn).map(|rows| page.in_order(rows))
}

fn by_account(viewer: Option<ActorId>, author: ActorId, filter: &AccountFilter) -> Condition {
    let mut all: Condition = Box::new(
        posts::author_id.eq(author).and(posts::deleted_at.is_null()).and(readable(viewer)),
    );
    if filter.exclude_replies {
        let to_themselves = exists(
            PARENTS
                .filter(PARENTS.field(posts::id).nullable().eq(posts::in_reply_to_id))
                .filter(PARENTS.field(posts::author_id).eq(author))
                .select(PARENTS.field(posts::id)),
        );
        let parent_is_known = posts::in_reply_to_uri.is_null();
        all = Box::new(
            all.and(posts::in_reply_to_id.is_null().or(to_themselves).and(parent_is_known)),
        );
    }
    if filter.exclude_boosts {
        all = Box::new(all.and(posts::boost_of_id.is_null()));
    }
    if filter.only_media {
        all = Box::new(all.and(has_media()));
    }
    if let Some(tag) = &filter.tagged {
        all = Box::new(all.and(is_tagged(tag.clone())));
    }
    all
}

/// The threads of a group as a member sees them: the posts themselves, own ones too.
pub fn group(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    group: ActorId,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let mut query = posts::table
        .filter(posts::group_id.eq(group).and(posts::thread_id.eq(posts::id)))
        .filter(posts::boost_of_id.is_null().and(posts::deleted_at.is_null()))
        .filter(readable(viewer))
        .select(Post::as_select())
        .into_boxed();
    if let Some(viewer) = viewer {
        query = query.filter(not_shunned(viewer, now));
    }
    paged!(query, posts::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Threads of some groups as `viewer` may see them, newest first.
///
/// With `waiting` only asks in which nothing helped yet.
pub fn threads_in(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    groups: &[ActorId],
    waiting: bool,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let mut query = posts::table
        .filter(posts::group_id.among(groups.iter().copied()).and(posts::thread_id.eq(posts::id)))
        .filter(posts::boost_of_id.is_null().and(posts::deleted_at.is_null()))
        .filter(readable(viewer))
        .select(Post::as_select())
        .into_boxed();
    if let Some(viewer) = viewer {
        query = query.filter(not_shunned(viewer, now));
    }
    if waiting {
        query = query.filter(posts::is_ask.eq(true)).filter(not(exists(
            PARENTS
                .filter(PARENTS.field(posts::thread_id).eq(posts::id))
                .filter(PARENTS.field(posts::helped).eq(true))
                .select(PARENTS.field(posts::id)),
        )));
    }
    paged!(query, posts::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Posts that quote one and may show it, as `viewer` may and wants to see them.
pub fn quoting(
    conn: &mut Conn,
    viewer: Option<ActorId>,
    quoted: PostId,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let accepted = quotes::table
        .filter(quotes::quoted_id.eq(quoted).and(quotes::state.eq(QuoteState::Accepted)))
        .filter(quotes::post_id.eq(posts::id))
        .select(quotes::post_id);
    let mut query = posts::table
        .filter(exists(accepted).and(posts::deleted_at.is_null()))
        .filter(readable(viewer))
        .select(Post::as_select())
        .into_boxed();
    if let Some(viewer) = viewer {
        query = query.filter(not_shunned(viewer, now));
    }
    paged!(query, posts::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// What a member liked; each with the id of the like, by which it is paged.
pub fn liked(conn: &mut Conn, viewer: ActorId, page: &Page) -> QueryResult<Vec<(i64, Post)>> {
    let query = likes::table
        .inner_join(posts::table.on(posts::id.eq(likes::post_id)))
        .filter(likes::actor_id.eq(viewer).and(posts::deleted_at.is_null()))
        .select((likes::id, Post::as_select()))
        .into_boxed();
    paged!(query, likes::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// What a member bookmarked; each with the id of the bookmark, by which it is paged.
pub fn bookmarked(conn: &mut Conn, viewer: ActorId, page: &Page) -> QueryResult<Vec<(i64, Post)>> {
    let query = bookmarks::table
        .inner_join(posts::table.on(posts::id.eq(bookmarks::post_id)))
        .filter(bookmarks::actor_id.eq(viewer).and(posts::deleted_at.is_null()))
        .select((bookmarks::id, Post::as_select()))
        .into_boxed();
    paged!(query, bookmarks::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// The groups a member is in, local and remote, by the id of the follow, oldest first.
pub fn joined_groups(conn: &mut Conn, member: ActorId) -> QueryResult<Vec<super::actors::Actor>> {
    follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
        .filter(follows::follower_id.eq(member).and(follows::accepted_at.is_not_null()))
        .filter(actors::kind.eq(ActorKind::Group).and(actors::deleted_at.is_null()))
        .order(follows::id.asc())
        .limit(1_000)
        .select(super::actors::Actor::as_select())
        .load(conn)
}
