//! People, groups and the server itself: everything that can act.
use std::fmt;

use diesel::prelude::*;

use super::{
    Conn,
    among::Among as _,
    page::Page,
    schema::{actor_keys, actors, blocks, mutes},
};
use crate::{
    insert_new, on,
    types::{ActorId, ActorKind, Time, Uri},
};

/// A row of `actors`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = actors)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Actor {
    /// Our name for it.
    pub id: ActorId,
    /// Person, Group ..
    pub kind: ActorKind,
    /// `preferredUsername`, as written.
    pub name: String,
    /// Empty for local actors; else host, with a port where it has one.
    pub host: String,
    /// Lives here.
    pub local: bool,
    /// Its id everywhere.
    pub ap_id: Uri,
    /// Its page.
    pub url: String,
    /// Its own inbox.
    pub inbox: Uri,
    /// Its server's inbox for everyone.
    pub shared_inbox: Option<Uri>,
    /// Its outbox.
    pub outbox: Option<String>,
    /// Its followers collection.
    pub followers_uri: Option<String>,
    /// Its pinned posts.
    pub featured_uri: Option<String>,
    /// A group's moderators collection.
    pub moderators_uri: Option<String>,
    /// Plain text; empty where there is none.
    pub display_name: String,
    /// Sanitised HTML.
    pub summary: String,
    /// What a local member typed.
    pub summary_source: String,
    /// URL; or path under `/media/` for local actors.
    pub avatar: Option<String>,
    /// As `avatar`.
    pub header: Option<String>,
    /// Follows wait for approval; a group is then private.
    pub locked: bool,
    /// May be listed.
    pub discoverable: bool,
    /// JSON: `[{"name","value","verified_at"}]`.
    pub fields: String,
    /// PEM; may be empty for remote actors without one.
    pub public_key: String,
    /// Id of that key.
    pub key_id: String,
    /// Where it moved to.
    pub moved_to: Option<String>,
    /// Since when it is suspended here.
    pub suspended_at: Option<Time>,
    /// Since when it is gone.
    pub deleted_at: Option<Time>,
    /// Made here, or first seen here.
    pub created_at: Time,
    /// Last read from its server.
    pub refreshed_at: Time,
    /// Accepted followers; of a remote actor, those known here.
    pub followers_count: i64,
    /// Accepted follows.
    pub following_count: i64,
    /// Posts that are there.
    pub posts_count: i64,
    /// Of the newest post.
    pub last_post_at: Option<Time>,
}

impl Actor {
    /// A community.
    pub fn is_group(&self) -> bool {
        self.kind == ActorKind::Group
    }

    /// A program, by its own word.
    pub fn is_bot(&self) -> bool {
        matches!(self.kind, ActorKind::Service | ActorKind::Application)
    }

    /// There to be seen and spoken to.
    pub fn is_active(&self) -> bool {
        self.suspended_at.is_none() && self.deleted_at.is_none()
    }

    /// A group whose posts only its members see.
    pub fn is_private_group(&self) -> bool {
        self.is_group() && self.locked
    }

    /// The collection of those who see what is posted in a private group.
    pub fn members_uri(&self) -> Option<String> {
        let own = || format!("{}/followers", self.ap_id);
        self.is_private_group().then(|| self.followers_uri.clone().unwrap_or_else(own))
    }

    /// `name` here, `name@host` elsewhere.
    pub fn acct(&self) -> String {
        if self.local { self.name.clone() } else { format!("{}@{}", self.name, self.host) }
    }

    /// Where activities for it go when its server takes them together.
    pub fn best_inbox(&self) -> &Uri {
        self.shared_inbox.as_ref().unwrap_or(&self.inbox)
    }
}

/// A row of `actor_keys`: the secret half.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = actor_keys)]
#[diesel(treat_none_as_default_value = false)]
pub struct ActorKeys {
    /// Whose.
    pub actor_id: ActorId,
    /// PKCS#8 PEM.
    pub rsa_private: String,
    /// Base64.
    pub ed25519_private: String,
    /// Multibase, as published.
    pub ed25519_public: String,
    /// When made.
    pub created_at: Time,
}

impl fmt::Debug for ActorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorKeys").field("actor_id", &self.actor_id).finish_non_exhaustive()
    }
}

impl ActorKeys {
    /// What others know the Ed25519 key by: a name of its own for each key that replaced one, so
    /// that proofs by the one before are not checked with it.
    pub fn ed25519_id(&self, actor: &Actor) -> String {
        if self.created_at <= actor.created_at {
            format!("{}#ed25519-key", actor.ap_id)
        } else {
            format!("{}#ed25519-key-{}", actor.ap_id, self.created_at.0)
        }
    }
}

/// The actor of an id.
pub fn by_id(conn: &mut Conn, id: ActorId) -> QueryResult<Actor> {
    on!(conn, c => actors::table.find(id).select(Actor::as_select()).first(c))
}

/// Those of `ids` that exist, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[ActorId]) -> QueryResult<Vec<Actor>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    on!(conn, c => actors::table
        .filter(actors::id.among(ids.iter().copied()))
        .select(Actor::as_select())
        .load(c))
}

/// The actor that everyone calls `ap_id`.
pub fn by_ap_id(conn: &mut Conn, ap_id: &str) -> QueryResult<Option<Actor>> {
    on!(conn, c => actors::table.filter(actors::ap_id.eq(ap_id)).select(Actor::as_select()).first(c).optional())
}

/// Those of `ap_ids` that are known, in no order.
pub fn by_ap_ids(conn: &mut Conn, ap_ids: &[String]) -> QueryResult<Vec<Actor>> {
    if ap_ids.is_empty() {
        return Ok(Vec::new());
    }
    on!(conn, c => actors::table
        .filter(actors::ap_id.among(ap_ids.iter().map(String::as_str)))
        .select(Actor::as_select())
        .load(c))
}

/// The actor that signs with a key.
pub fn by_key_id(conn: &mut Conn, key_id: &str) -> QueryResult<Option<Actor>> {
    on!(conn, c => actors::table
        .filter(actors::key_id.eq(key_id))
        .select(Actor::as_select())
        .first(c)
        .optional())
}

/// The local actor of a name (lower case); deleted and suspended ones too.
pub fn local_by_name(conn: &mut Conn, name: &str) -> QueryResult<Option<Actor>> {
    on!(conn, c => actors::table
        .filter(actors::name.eq(name).and(actors::local))
        .select(Actor::as_select())
        .first(c)
        .optional())
}

/// The remote actor of `name@host`, upper and lower case as written by its server.
pub fn remote_by_handle(conn: &mut Conn, name: &str, host: &str) -> QueryResult<Option<Actor>> {
    on!(conn, c => actors::table
        .filter(actors::name.eq(name).and(actors::host.eq(host)))
        .filter(actors::deleted_at.is_null())
        .select(Actor::as_select())
        .first(c)
        .optional())
}

/// The remote actors of `name@host`, both in lower case, however their server writes the name.
pub fn by_handle(conn: &mut Conn, name: &str, host: &str) -> QueryResult<Vec<Actor>> {
    actors::table
        .filter(actors::host.eq(host).and(actors::local.eq(false)))
        .filter(lower(actors::name).eq(name))
        .limit(10)
        .select(Actor::as_select())
        .load(conn)
}

/// Local groups that are there, newest first.
pub fn local_groups(conn: &mut Conn, page: &Page) -> QueryResult<Vec<Actor>> {
    let query = actors::table
        .filter(actors::kind.eq(ActorKind::Group).and(actors::local))
        .filter(actors::deleted_at.is_null().and(actors::suspended_at.is_null()))
        .select(Actor::as_select())
        .into_boxed();
    crate::paged!(query, actors::id, page).load(conn).map(|rows| page.in_order(rows))
}

/// Known actors whose name or display name begins with `prefix` (already lower case), local first.
pub fn search(conn: &mut Conn, prefix: &str, limit: i64, offset: i64) -> QueryResult<Vec<Actor>> {
    let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let name = format!("{escaped}%");
    let word = format!("%{escaped}%");
    actors::table
        .filter(actors::deleted_at.is_null().and(actors::suspended_at.is_null()))
        .filter(actors::kind.ne(ActorKind::Application))
        .filter(
            lower(actors::name)
                .like(name)
                .escape('\\')
                .or(lower(actors::display_name).like(word).escape('\\')),
        )
        .order((actors::local.desc(), actors::followers_count.desc(), actors::id.asc()))
        .limit(limit)
        .offset(offset)
        .select(Actor::as_select())
        .load(conn)
}

/// Which part of the directory.
#[derive(Clone, Copy, Debug)]
pub struct Directory {
    /// The newest accounts first, else those who posted last.
    pub newest: bool,
    /// Only those who live here.
    pub local: bool,
    /// At most so many.
    pub limit: i64,
    /// So many are left out first.
    pub offset: i64,
}

/// People and groups who want to be found, but for whom the reader blocked or muted.
pub fn directory(
    conn: &mut Conn,
    reader: Option<ActorId>,
    by: Directory,
) -> QueryResult<Vec<Actor>> {
    let mut query = actors::table
        .filter(actors::deleted_at.is_null().and(actors::suspended_at.is_null()))
        .filter(actors::kind.ne(ActorKind::Application).and(actors::discoverable.eq(true)))
        .select(Actor::as_select())
        .into_boxed();
    if by.local {
        query = query.filter(actors::local.eq(true));
    }
    if let Some(reader) = reader {
        let shunned = diesel::dsl::exists(
            blocks::table
                .filter(blocks::actor_id.eq(reader).and(blocks::target_id.eq(actors::id)))
                .select(blocks::id),
        );
        let muted = diesel::dsl::exists(
            mutes::table
                .filter(mutes::actor_id.eq(reader).and(mutes::target_id.eq(actors::id)))
                .select(mutes::id),
        );
        query = query.filter(diesel::dsl::not(shunned)).filter(diesel::dsl::not(muted));
    }
    query = if by.newest {
        query.order(actors::id.desc())
    } else {
        query
            .filter(actors::last_post_at.is_not_null())
            .order((actors::last_post_at.desc(), actors::id.desc()))
    };
    query.limit(by.limit).offset(by.offset).load(conn)
}

diesel::define_sql_function! {
    /// Lower case (ASCII only on `SQLite`).
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// A new row.
pub fn insert(conn: &mut Conn, actor: &Actor) -> QueryResult<usize> {
    diesel::insert_into(actors::table).values(actor).execute(conn)
}

/// A new local actor's keys.
pub fn insert_keys(conn: &mut Conn, keys: &ActorKeys) -> QueryResult<usize> {
    diesel::insert_into(actor_keys::table).values(keys).execute(conn)
}

/// The keys of a local actor.
pub fn keys(conn: &mut Conn, id: ActorId) -> QueryResult<ActorKeys> {
    on!(conn, c => actor_keys::table.find(id).select(ActorKeys::as_select()).first(c))
}

/// Writes the row anew.
pub fn update(conn: &mut Conn, actor: &Actor) -> QueryResult<usize> {
    diesel::update(actors::table.find(actor.id)).set(actor).execute(conn)
}

/// Writes what a remote server says about its actor; what we know of it ourselves stays.
pub fn upsert_remote(conn: &mut Conn, actor: &Actor) -> QueryResult<Actor> {
    if let Some(known) = by_ap_id(conn, actor.ap_id.as_str())? {
        let actor = Actor {
            id: known.id,
            created_at: known.created_at,
            suspended_at: known.suspended_at,
            deleted_at: known.deleted_at,
            followers_count: known.followers_count,
            following_count: known.following_count,
            posts_count: known.posts_count,
            last_post_at: known.last_post_at,
            ..actor.clone()
        };
        update(conn, &actor)?;
        return Ok(actor);
    }
    if insert_new!(conn, actors::table, actor)? {
        return Ok(actor.clone());
    }
    actors::table.filter(actors::ap_id.eq(&actor.ap_id)).select(Actor::as_select()).first(conn)
}

/// Notes that what is known of an actor was asked for just now, whatever came of it.
pub fn set_refreshed(conn: &mut Conn, id: ActorId, now: Time) -> QueryResult<()> {
    diesel::update(actors::table.find(id)).set(actors::refreshed_at.eq(now)).execute(conn).map(drop)
}

/// By how much the figures of an actor change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People who follow it.
    pub followers: i64,
    /// Whom it follows.
    pub following: i64,
    /// Its posts and boosts.
    pub posts: i64,
    /// When it posted last.
    pub last_post_at: Option<Time>,
}

impl Counts {
    /// So many posts more, or fewer.
    pub fn posts(by: i64) -> Self {
        Self { posts: by, ..Self::default() }
    }

    /// Another change on top.
    pub fn add(&mut self, other: Self) {
        self.followers += other.followers;
        self.following += other.following;
        self.posts += other.posts;
        self.last_post_at = other.last_post_at.or(self.last_post_at);
    }
}

/// Hides everybody of a host who is not hidden already; `at` is how they are found again.
pub fn hide_host(conn: &mut Conn, host: &str, at: Time) -> QueryResult<usize> {
    diesel::update(actors::table.filter(actors::host.eq(host).and(actors::local.eq(false))))
        .filter(actors::suspended_at.is_null())
        .set(actors::suspended_at.eq(at))
        .execute(conn)
}

/// Shows again whom [`hide_host`] hid at that time.
pub fn show_host(conn: &mut Conn, host: &str, at: Time) -> QueryResult<usize> {
    diesel::update(actors::table.filter(actors::host.eq(host).and(actors::local.eq(false))))
        .filter(actors::suspended_at.eq(at))
        .set(actors::suspended_at.eq(None::<Time>))
        .execute(conn)
}

/// How many local persons, and how many of them posted since `since`.
pub fn usage(conn: &mut Conn, since: Time) -> QueryResult<(i64, i64)> {
    let people = || {
        actors::table
            .filter(actors::local.and(actors::kind.eq(ActorKind::Person)))
            .filter(actors::deleted_at.is_null())
    };
    let all = people().count().get_result(conn)?;
    let active = people().filter(actors::last_post_at.ge(since)).count().get_result(conn)?;
    Ok((all, active))
}

/// The remote actor whose page is `url`.
pub fn by_url(conn: &mut Conn, url: &str) -> QueryResult<Option<Actor>> {
    on!(conn, c => actors::table
        .filter(actors::url.eq(url).and(actors::deleted_at.is_null()))
        .filter(actors::suspended_at.is_null())
        .select(Actor::as_select())
        .first(c)
        .optional())
}
