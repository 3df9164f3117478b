//! The tasks that concern other servers.
use crate::{
    app::App,
    error::{Error, Result},
    types::{ActivityId, Uri},
};

/// Acts on a stored activity that arrived. Doing it twice changes nothing.
///
/// # Errors
/// `Internal` or `Unreachable` when it is to be tried again; any other ends it.
pub async fn receive(_: &App, _: ActivityId) -> Result<()> {
    Err(Error::internal("not yet"))
}

/// Finds out what a server runs.
///
/// # Errors
/// As [`receive`].
pub async fn learn_server(_: &App, _: &str) -> Result<()> {
    Err(Error::internal("not yet"))
}

/// Reads a remote post, and what it answers, from where it lives.
///
/// # Errors
/// As [`receive`].
pub async fn fetch_post(_: &App, _: &Uri) -> Result<()> {
    Err(Error::internal("not yet"))
}
