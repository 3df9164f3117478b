//! Talking with other servers: what comes in, what goes out, who they are.
pub mod deliver;
pub mod fetch;
mod node;
pub mod signature;
pub mod work;

pub use node::{Federation, Signing};
