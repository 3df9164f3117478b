//! Telling other servers. Who is told what is the table of `FEDERATION.md`, "Sending".
mod actors;
mod boosts;
mod follows;
mod groups;
mod posts;
mod votes;

pub(super) use actors::{actor_deleted, blocked, profile_changed};
pub(super) use boosts::{boosted, boosts_gone, unboosted};
pub(super) use follows::{follow_accepted, follow_rejected, followed, unfollowed};
pub(super) use posts::{deleted, edited, posted};
pub(super) use votes::{liked, unliked, voted};
