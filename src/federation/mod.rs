//! Talking with other servers: what comes in, what goes out, who they are.
pub mod deliver;
pub mod figures;
pub mod work;
