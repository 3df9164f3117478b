//! The Mastodon client API, as clients use it.
mod groups;
mod masto_js;
pub mod media;
mod own;
mod posting;
mod sign_in;
mod start_up;
mod streaming;
mod timelines;
mod told;
