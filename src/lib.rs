//! Commonhold: a federated node for communities that belong to their members.
//!
//! `docs/architecture.md` is the map. In one breath: front doors (`api`, `web`, `federation`) only
//! translate; `domain` holds the rules; `effects` says what follows from each fact; `db` holds the
//! SQL; `activitypub` the wire. A module imports only what stands below it in that map, and
//! `tests/it/architecture.rs` keeps it so.
pub mod activitypub;
pub mod api;
pub mod app;
pub mod config;
pub mod db;
pub mod domain;
pub mod effects;
pub mod error;
pub mod federation;
pub mod fetch;
pub mod health;
pub mod hub;
pub mod keys;
pub mod ledger;
pub mod mail;
pub mod media;
pub mod push;
pub mod server;
pub mod signature;
pub mod tasks;
pub mod text;
pub mod types;
pub mod verify;
pub mod web;
pub mod worker;

pub use app::App;
pub use error::{Error, Result};
