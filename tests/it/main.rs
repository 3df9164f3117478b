//! Stories about whole nodes: real processes on loopback, real clients, both databases.
//!
//! `scripts/test` starts what they need. Nothing here knows how a node works inside: what a member,
//! an operator or another server cannot do, a story does not do either.
// Helpers outside `#[test]` functions are not covered by `allow-unwrap-in-tests`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::doc_markdown,
    clippy::duration_suboptimal_units,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    missing_docs
)]

mod architecture;
#[macro_use]
mod harness;

mod accessible;
mod acts;
mod approval;
mod checkers;
mod client_api;
mod commands;
mod delivery;
mod described;
mod elsewhere;
mod emojis;
mod first_light;
mod fresh;
mod ledger;
mod looking_after;
mod media;
mod pages;
mod private;
mod push;
mod quotes;
mod rare_posts;
mod receipts;
mod rules;
mod search;
mod settings;
mod signatures;
mod signing_in;
mod staff;
mod summaries;
mod threads;
mod verify;
mod wire;
