//! The wire: shapes of `ActivityPub` JSON, read tolerantly and written plainly. No I/O.
//!
//! Reading starts at [`json::parse`]; then [`activity::read`] for what an inbox gets, and
//! [`object::Object::read`] and [`actor::ActorDoc::read`] for what was embedded or fetched.
//! Writing is one function per shape in [`write`].
pub mod acknowledgement;
pub mod activity;
pub mod actor;
pub mod collection;
pub mod discovery;
pub mod head;
pub mod json;
pub mod object;
pub mod proof;
pub mod rows;
pub mod write;

#[cfg(test)]
mod fixtures;
mod refusal;
#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "examples are written in place")]
mod shapes;
#[cfg(test)]
pub(crate) mod vectors;

pub use activity::{Activity, Incoming, Reference};
pub use actor::ActorDoc;
pub use object::Object;
pub use refusal::Refusal;

/// The namespace of `ActivityStreams`.
pub const AS: &str = "https://www.w3.org/ns/activitystreams";
/// The collection that means everyone.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// What every document of ours is served as, exactly.
pub const CONTENT_TYPE: &str = "application/activity+json";
