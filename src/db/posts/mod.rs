//! Posts and boosts, local and remote, with what belongs to them.
mod boosts;
mod edits;
mod names;
mod once;
mod pins;
mod trees;

pub use boosts::{boost_by, boosted_by, boosters, boosts_of};
pub use edits::{Edit, delete_edits, edits, insert_edit};
pub use names::{
    delete_mentions, delete_tags, insert_mentions, insert_tags, mentions_actor, mentions_of,
    search_tags, tags_of,
};
pub use once::{
    by_idempotency_key, has_tombstone, insert_idempotency_key, insert_tombstone,
    prune_idempotency_keys, prune_tombstones,
};
pub use pins::{pin, pinned, pinned_among, unpin};
pub use trees::{adopt, helped_among, move_thread, orphans, set_helped, thread};

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Conn, actors::Actor, among::Among as _, schema::posts};
use crate::{
    insert_new, on,
    types::{ActorId, AppId, PostId, Time, Uri, Visibility},
};

/// A row of `posts`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = posts)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and a column")]
pub struct Post {
    /// Our name for it.
    pub id: PostId,
    /// Its id everywhere; of a boost, that of the Announce.
    pub ap_id: Uri,
    /// Its page, where it is not here.
    pub url: Option<String>,
    /// Who wrote it, or boosted.
    pub author_id: ActorId,
    /// Written here.
    pub local: bool,
    /// Note, Page, Article, Question, Event, Video ..; of a boost Announce.
    pub kind: String,
    /// The group it was posted in.
    pub group_id: Option<ActorId>,
    /// The top-level post of its tree; itself for that one.
    pub thread_id: PostId,
    /// Its parent.
    pub in_reply_to_id: Option<PostId>,
    /// Its parent's id where the parent is not known here.
    pub in_reply_to_uri: Option<String>,
    /// What it boosts.
    pub boost_of_id: Option<PostId>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Plain text; only of top-level posts.
    pub title: Option<String>,
    /// Sanitised HTML, without the title.
    pub content: String,
    /// Markdown, as typed or as sent.
    pub source: Option<String>,
    /// Content warning, plain text; empty where there is none.
    pub spoiler_text: String,
    /// Media are folded.
    pub sensitive: bool,
    /// ISO 639 code.
    pub language: Option<String>,
    /// A thread that seeks help.
    pub is_ask: bool,
    /// The thread's author said that this reply helped.
    pub helped: bool,
    /// The app it was written with.
    pub app_id: Option<AppId>,
    /// Direct replies known here.
    pub replies_count: i64,
    /// Likes known here.
    pub likes_count: i64,
    /// Boosts known here.
    pub boosts_count: i64,
    /// Downvotes known here.
    pub dislikes_count: i64,
    /// When it was published.
    pub created_at: Time,
    /// When it was last edited.
    pub edited_at: Option<Time>,
    /// When it was deleted; the content is gone then.
    pub deleted_at: Option<Time>,
}

impl Post {
    /// A public note by `author` with nothing in it, which begins a thread: what it says is set on top.
    pub fn new(id: PostId, ap_id: Uri, author: &Actor, created_at: Time) -> Self {
        Self {
            id,
            ap_id,
            url: None,
            author_id: author.id,
            local: author.local,
            kind: "Note".into(),
            group_id: None,
            thread_id: id,
            in_reply_to_id: None,
            in_reply_to_uri: None,
            boost_of_id: None,
            visibility: Visibility::Public,
            title: None,
            content: String::new(),
            source: None,
            spoiler_text: String::new(),
            sensitive: false,
            language: None,
            is_ask: false,
            helped: false,
            app_id: None,
            replies_count: 0,
            likes_count: 0,
            boosts_count: 0,
            dislikes_count: 0,
            created_at,
            edited_at: None,
            deleted_at: None,
        }
    }

    /// Begins a thread (and is no boost).
    pub fn is_root(&self) -> bool {
        self.thread_id == self.id && self.boost_of_id.is_none()
    }

    /// Is somebody else's post, passed on.
    pub fn is_boost(&self) -> bool {
        self.boost_of_id.is_some()
    }
}

/// The post of an id; deleted ones too.
pub fn by_id(conn: &mut Conn, id: PostId) -> QueryResult<Post> {
    on!(conn, c => posts::table.find(id).select(Post::as_select()).first(c))
}

/// Those of `ids` that are not deleted, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[PostId]) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::id.among(ids.iter().copied()).and(posts::deleted_at.is_null()))
        .select(Post::as_select())
        .load(c))
}

/// The post that everyone calls `ap_id`; deleted ones too.
pub fn by_ap_id(conn: &mut Conn, ap_id: &str) -> QueryResult<Option<Post>> {
    on!(conn, c => posts::table.filter(posts::ap_id.eq(ap_id)).select(Post::as_select()).first(c).optional())
}

/// The post whose page is `url`.
pub fn by_url(conn: &mut Conn, url: &str) -> QueryResult<Option<Post>> {
    on!(conn, c => posts::table
        .filter(posts::url.eq(url).and(posts::deleted_at.is_null()))
        .select(Post::as_select())
        .first(c)
        .optional())
}

/// Stores a post once; `false` if its id is already known (or it is a second boost).
pub fn insert(conn: &mut Conn, post: &Post) -> QueryResult<bool> {
    insert_new!(conn, posts::table, post)
}

/// Writes the row anew.
pub fn update(conn: &mut Conn, post: &Post) -> QueryResult<usize> {
    diesel::update(posts::table.find(post.id)).set(post).execute(conn)
}

/// Ids of everything an actor posted, for a deletion in pieces.
pub fn some_of_author(conn: &mut Conn, author: ActorId, limit: i64) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::author_id.eq(author).and(posts::deleted_at.is_null()))
        .order(posts::id.asc())
        .limit(limit)
        .select(Post::as_select())
        .load(c))
}

/// How many local posts there are (no boosts), and how many of them are replies.
pub fn usage(conn: &mut Conn) -> QueryResult<(i64, i64)> {
    let all = || {
        posts::table
            .filter(posts::local.and(posts::boost_of_id.is_null()))
            .filter(posts::deleted_at.is_null())
    };
    let total = all().count().get_result(conn)?;
    let replies = all().filter(posts::in_reply_to_id.is_not_null()).count().get_result(conn)?;
    Ok((total, replies))
}

/// What an author posted since `since` (no boosts), newest first; at most `limit`.
pub fn recent_of(
    conn: &mut Conn,
    author: ActorId,
    since: Time,
    limit: i64,
) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::author_id.eq(author).and(posts::boost_of_id.is_null()))
        .filter(posts::created_at.gt(since).and(posts::deleted_at.is_null()))
        .order(posts::id.desc())
        .limit(limit)
        .select(Post::as_select())
        .load(c))
}

/// Who wrote each of `ids`, of those that are not deleted.
pub fn authors_of(conn: &mut Conn, ids: &[PostId]) -> QueryResult<BTreeMap<PostId, ActorId>> {
    let rows: Vec<(PostId, ActorId)> = posts::table
        .filter(posts::id.among(ids.iter().copied()).and(posts::deleted_at.is_null()))
        .select((posts::id, posts::author_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
