//! Talking with other servers.
pub mod signature;
