//! The Mastodon client API, and our own beside it in the same manner.
#[allow(dead_code, unused_imports, reason = "shapes before their handlers")]
pub(crate) mod entities;
pub mod page;
pub mod params;
pub mod scopes;
