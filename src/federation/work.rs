//! The tasks that concern other servers.
use super::{
    actors, backfill, followers, links, lists, nodeinfo, posts, receive as received,
    witness as seen,
};
use crate::{
    app::App,
    error::Result,
    types::{ActivityId, ActorId, PostId, Uri},
};

/// Acts on a stored activity that arrived. Doing it twice changes nothing.
///
/// # Errors
/// `Internal` or `Unreachable` when it is to be tried again; any other ends it.
pub async fn receive(app: &App, activity: ActivityId) -> Result<()> {
    received::run(app, activity).await
}

/// Finds out what a server runs. One that does not say is taken for a microblog.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn learn_server(app: &App, host: &str) -> Result<()> {
    nodeinfo::learn(app, host).await
}

/// Reads a remote post, and what it answers, from where it lives.
///
/// # Errors
/// As [`receive`].
pub async fn fetch_post(app: &App, uri: &Uri) -> Result<()> {
    posts::fetch_post(app, uri).await.map(drop)
}

/// Reads what is missing of a thread that began elsewhere.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn look_through(app: &App, thread: PostId) -> Result<()> {
    backfill::look_through(app, thread).await
}

/// Reads anew what somebody elsewhere says of themselves.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn refresh_actor(app: &App, actor: ActorId) -> Result<()> {
    actors::read_anew(app, actor).await
}

/// Reads a page that somebody's profile leads to, to see whether it links back.
///
/// # Errors
/// `Internal` when it is to be tried again.
pub async fn read_link(app: &App, actor: ActorId, link: &str) -> Result<()> {
    links::read(app, actor, link).await
}

/// Reads who moderates a group elsewhere and what it shows first.
///
/// # Errors
/// As [`receive`].
pub async fn read_lists(app: &App, group: ActorId) -> Result<()> {
    lists::read(app, group).await
}

/// Agrees with an actor's server on who follows it from here.
///
/// # Errors
/// As [`receive`].
pub async fn compare_followers(app: &App, actor: ActorId, url: &Uri) -> Result<()> {
    followers::agree(app, actor, url).await
}

/// Looks at the ledger of a group elsewhere that people here are members of.
///
/// # Errors
/// As [`receive`].
pub async fn witness(app: &App, group: ActorId) -> Result<()> {
    seen::look(app, group).await
}

/// Looks at every such ledger soon.
///
/// # Errors
/// `Internal` from the database.
pub async fn witness_all(app: &App) -> Result<()> {
    seen::round(app).await
}
