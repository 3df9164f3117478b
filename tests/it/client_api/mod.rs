//! The Mastodon client API, as clients use it.
pub mod media;
mod posting;
mod sign_in;
mod start_up;
mod streaming;
mod timelines;
