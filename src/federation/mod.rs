//! Talking with other servers.
pub mod fetch;
pub mod signature;
