//! The Mastodon client API, and our own beside it in the same manner.
pub mod params;
