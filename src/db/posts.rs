//! Posts and boosts, local and remote, with what belongs to them.
use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    page::Page,
    schema::{idempotency_keys, mentions, pins, post_edits, post_tags, posts, tombstones},
};
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
    /// Begins a thread (and is no boost).
    pub fn is_root(&self) -> bool {
        self.thread_id == self.id && self.boost_of_id.is_none()
    }

    /// Is somebody else's post, passed on.
    pub fn is_boost(&self) -> bool {
        self.boost_of_id.is_some()
    }
}

/// An earlier form of an edited post.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = post_edits)]
#[diesel(treat_none_as_default_value = false)]
pub struct Edit {
    /// Sorts by time.
    pub id: i64,
    /// Whose.
    pub post_id: PostId,
    /// As in [`Post`].
    pub title: Option<String>,
    /// As in [`Post`].
    pub content: String,
    /// As in [`Post`].
    pub source: Option<String>,
    /// As in [`Post`].
    pub spoiler_text: String,
    /// As in [`Post`].
    pub sensitive: bool,
    /// When this form was written.
    pub created_at: Time,
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

/// Marks a reply as one that helped, or takes the mark back.
pub fn set_helped(conn: &mut Conn, id: PostId, helped: bool) -> QueryResult<usize> {
    diesel::update(posts::table.find(id)).set(posts::helped.eq(helped)).execute(conn)
}

/// Those of `roots` in whose threads a reply helped.
pub fn helped_among(conn: &mut Conn, roots: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => posts::table
        .filter(posts::thread_id.among(roots.iter().copied()).and(posts::helped.eq(true)))
        .filter(posts::deleted_at.is_null())
        .select(posts::thread_id)
        .distinct()
        .load(c))
}

/// The boost of `original` by `actor`, if there is one.
pub fn boost_by(conn: &mut Conn, actor: ActorId, original: PostId) -> QueryResult<Option<Post>> {
    on!(conn, c => posts::table
        .filter(posts::boost_of_id.eq(original).and(posts::author_id.eq(actor)))
        .filter(posts::deleted_at.is_null())
        .select(Post::as_select())
        .first(c)
        .optional())
}

/// Every boost of `original` that stands.
pub fn boosts_of(conn: &mut Conn, original: PostId) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::boost_of_id.eq(original).and(posts::deleted_at.is_null()))
        .select(Post::as_select())
        .load(c))
}

/// Who boosted a post; paged by the boost's id.
pub fn boosters(conn: &mut Conn, post: PostId, page: &Page) -> QueryResult<Vec<(i64, ActorId)>> {
    let query = posts::table
        .filter(posts::boost_of_id.eq(post).and(posts::deleted_at.is_null()))
        .select((posts::id, posts::author_id))
        .into_boxed();
    let rows: Vec<(PostId, ActorId)> = crate::paged!(query, posts::id, page).load(conn)?;
    Ok(page.in_order(rows.into_iter().map(|(id, actor)| (id.0, actor)).collect()))
}

/// Which of `ids` the actor boosted: original and boost.
pub fn boosted_by(conn: &mut Conn, actor: ActorId, ids: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => posts::table
        .filter(posts::author_id.eq(actor).and(posts::deleted_at.is_null()))
        .filter(posts::boost_of_id.among(ids.iter().copied()))
        .select(posts::boost_of_id.assume_not_null())
        .load(c))
}

/// All posts of a thread that are there, oldest first; at most `limit`.
pub fn thread(conn: &mut Conn, root: PostId, limit: i64) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::thread_id.eq(root).and(posts::boost_of_id.is_null()))
        .filter(posts::deleted_at.is_null())
        .order(posts::id.asc())
        .limit(limit)
        .select(Post::as_select())
        .load(c))
}

/// Posts that came before their parent: those that answer `parent_uri`.
pub fn orphans(conn: &mut Conn, parent_uri: &str) -> QueryResult<Vec<Post>> {
    on!(conn, c => posts::table
        .filter(posts::in_reply_to_uri.eq(parent_uri))
        .limit(500)
        .select(Post::as_select())
        .load(c))
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

/// Remembers who is mentioned.
pub fn insert_mentions(conn: &mut Conn, post: PostId, actors: &[ActorId]) -> QueryResult<()> {
    let rows: Vec<_> =
        actors.iter().map(|a| (mentions::post_id.eq(post), mentions::actor_id.eq(*a))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(mentions::table)
        .values(&rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Who is mentioned in each of `posts`.
pub fn mentions_of(
    conn: &mut Conn,
    posts: &[PostId],
) -> QueryResult<BTreeMap<PostId, Vec<ActorId>>> {
    let rows: Vec<(PostId, ActorId)> = mentions::table
        .filter(mentions::post_id.among(posts.iter().copied()))
        .order((mentions::post_id, mentions::actor_id))
        .load(conn)?;
    Ok(gather(rows))
}

/// Whether the actor is mentioned in a post.
pub fn mentions_actor(conn: &mut Conn, post: PostId, actor: ActorId) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(mentions::table.find((post, actor)))).get_result(c))
}

/// Forgets who is mentioned.
pub fn delete_mentions(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(mentions::table.filter(mentions::post_id.eq(post))).execute(conn)
}

/// Remembers the tags of a post: lower case, and as written.
pub fn insert_tags(conn: &mut Conn, post: PostId, tags: &[(String, String)]) -> QueryResult<()> {
    let rows: Vec<_> = tags
        .iter()
        .map(|(tag, written)| {
            (post_tags::tag.eq(tag), post_tags::post_id.eq(post), post_tags::written.eq(written))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(post_tags::table)
        .values(&rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The tags of each of `posts`: lower case, and as written.
pub fn tags_of(
    conn: &mut Conn,
    posts: &[PostId],
) -> QueryResult<BTreeMap<PostId, Vec<(String, String)>>> {
    let rows: Vec<(PostId, (String, String))> = post_tags::table
        .filter(post_tags::post_id.among(posts.iter().copied()))
        .order((post_tags::post_id, post_tags::tag))
        .select((post_tags::post_id, (post_tags::tag, post_tags::written)))
        .load(conn)?;
    Ok(gather(rows))
}

/// Tags that begin with `prefix` (lower case), the most used first.
pub fn search_tags(conn: &mut Conn, prefix: &str, limit: i64) -> QueryResult<Vec<String>> {
    let pattern =
        format!("{}%", prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    post_tags::table
        .filter(post_tags::tag.like(pattern).escape('\\'))
        .group_by(post_tags::tag)
        .order(diesel::dsl::count(post_tags::post_id).desc())
        .limit(limit)
        .select(post_tags::tag)
        .load(conn)
}

/// Forgets the tags of a post.
pub fn delete_tags(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(post_tags::table.filter(post_tags::post_id.eq(post))).execute(conn)
}

fn gather<K: Ord, V>(rows: Vec<(K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut all: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in rows {
        all.entry(key).or_default().push(value);
    }
    all
}

/// Keeps an earlier form of a post.
pub fn insert_edit(conn: &mut Conn, edit: &Edit) -> QueryResult<usize> {
    diesel::insert_into(post_edits::table).values(edit).execute(conn)
}

/// Earlier forms of a post, oldest first.
pub fn edits(conn: &mut Conn, post: PostId) -> QueryResult<Vec<Edit>> {
    on!(conn, c => post_edits::table
        .filter(post_edits::post_id.eq(post))
        .order(post_edits::id)
        .limit(100)
        .select(Edit::as_select())
        .load(c))
}

/// Forgets the earlier forms of a post.
pub fn delete_edits(conn: &mut Conn, post: PostId) -> QueryResult<usize> {
    diesel::delete(post_edits::table.filter(post_edits::post_id.eq(post))).execute(conn)
}

/// The post that this member already made with this key since `since`.
pub fn by_idempotency_key(
    conn: &mut Conn,
    actor: ActorId,
    key: &str,
    since: Time,
) -> QueryResult<Option<PostId>> {
    on!(conn, c => idempotency_keys::table
        .find((actor, key))
        .filter(idempotency_keys::created_at.ge(since))
        .select(idempotency_keys::post_id)
        .first(c)
        .optional())
}

/// Remembers a key; one older than its hour is replaced.
pub fn insert_idempotency_key(
    conn: &mut Conn,
    actor: ActorId,
    key: &str,
    post: PostId,
    now: Time,
) -> QueryResult<()> {
    diesel::delete(idempotency_keys::table.find((actor, key))).execute(conn)?;
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::actor_id.eq(actor),
            idempotency_keys::idempotency_key.eq(key),
            idempotency_keys::post_id.eq(post),
            idempotency_keys::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets keys older than `before`.
pub fn prune_idempotency_keys(conn: &mut Conn, before: Time) -> QueryResult<usize> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
        .execute(conn)
}

/// Remembers that a remote object was deleted, whether it was here or not.
pub fn insert_tombstone(conn: &mut Conn, ap_id: &str, now: Time) -> QueryResult<bool> {
    insert_new!(
        conn,
        tombstones::table,
        (tombstones::ap_id.eq(ap_id), tombstones::deleted_at.eq(now))
    )
}

/// Whether a remote object was deleted before it came.
pub fn has_tombstone(conn: &mut Conn, ap_id: &str) -> QueryResult<bool> {
    on!(conn, c => diesel::select(diesel::dsl::exists(tombstones::table.find(ap_id))).get_result(c))
}

/// Forgets tombstones older than `before`.
pub fn prune_tombstones(conn: &mut Conn, before: Time) -> QueryResult<usize> {
    diesel::delete(tombstones::table.filter(tombstones::deleted_at.lt(before))).execute(conn)
}

/// Pins a post of one's own; `false` if it is pinned already.
pub fn pin(conn: &mut Conn, actor: ActorId, post: PostId, now: Time) -> QueryResult<bool> {
    insert_new!(
        conn,
        pins::table,
        (pins::actor_id.eq(actor), pins::post_id.eq(post), pins::created_at.eq(now))
    )
}

/// Unpins; `false` if it was not pinned.
pub fn unpin(conn: &mut Conn, actor: ActorId, post: PostId) -> QueryResult<bool> {
    Ok(diesel::delete(pins::table.find((actor, post))).execute(conn)? > 0)
}

/// What an actor pinned and is there, newest pin first.
pub fn pinned(conn: &mut Conn, actor: ActorId) -> QueryResult<Vec<Post>> {
    on!(conn, c => pins::table
        .inner_join(posts::table.on(posts::id.eq(pins::post_id)))
        .filter(pins::actor_id.eq(actor).and(posts::deleted_at.is_null()))
        .order(pins::created_at.desc())
        .limit(20)
        .select(Post::as_select())
        .load(c))
}

/// Which of `ids` the actor pinned.
pub fn pinned_among(conn: &mut Conn, actor: ActorId, ids: &[PostId]) -> QueryResult<Vec<PostId>> {
    on!(conn, c => pins::table
        .filter(pins::actor_id.eq(actor).and(pins::post_id.among(ids.iter().copied())))
        .select(pins::post_id)
        .load(c))
}

/// How many local posts there are (no boosts), and how many of them are replies.
pub fn usage(conn: &mut Conn) -> QueryResult<(i64, i64)> {
    let all = || {
        posts::table
            .filter(posts::local.eq(true).and(posts::boost_of_id.is_null()))
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

/// Posts whose parent was not known now have one: it, its group and its thread.
pub fn adopt(conn: &mut Conn, child: PostId, parent: &Post) -> QueryResult<usize> {
    diesel::update(posts::table.find(child))
        .set((
            posts::in_reply_to_id.eq(parent.id),
            posts::in_reply_to_uri.eq(None::<String>),
            posts::group_id.eq(parent.group_id),
        ))
        .execute(conn)
}

/// Moves a whole tree below another top-level post.
pub fn move_thread(
    conn: &mut Conn,
    from: PostId,
    to: PostId,
    group: Option<ActorId>,
) -> QueryResult<usize> {
    diesel::update(posts::table.filter(posts::thread_id.eq(from)))
        .set((posts::thread_id.eq(to), posts::group_id.eq(group)))
        .execute(conn)
}

/// Who wrote each of `ids`, of those that are not deleted.
pub fn authors_of(conn: &mut Conn, ids: &[PostId]) -> QueryResult<BTreeMap<PostId, ActorId>> {
    let rows: Vec<(PostId, ActorId)> = posts::table
        .filter(posts::id.among(ids.iter().copied()).and(posts::deleted_at.is_null()))
        .select((posts::id, posts::author_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
