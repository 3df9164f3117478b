//! The Mastodon client API, as clients use it.
mod groups;
pub mod media;
mod own;
mod posting;
mod sign_in;
mod start_up;
mod streaming;
mod timelines;
mod told;
