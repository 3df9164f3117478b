//! Talking with other servers.
