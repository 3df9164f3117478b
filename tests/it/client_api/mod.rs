//! The Mastodon client API, as clients use it.
mod groups;
mod masto_js;
pub mod media;
mod own;
mod polls;
mod posting;
mod profile;
mod shapes;
mod sign_in;
mod start_up;
mod streaming;
mod timelines;
mod told;
mod toot;
