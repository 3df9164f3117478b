//! Telling other servers. Who is told what is the table of `FEDERATION.md`, "Sending".
mod actors;
mod boosts;
mod follows;
mod forget;
mod groups;
mod moderation;
mod posts;
mod quotes;
mod reports;
mod votes;

pub(super) use actors::{actor_deleted, blocked, moved, profile_changed};
pub(super) use boosts::{boosted, boosts_gone, unboosted};
pub(super) use follows::{follow_accepted, follow_rejected, followed, unfollowed};
pub(super) use forget::forget_asked;
pub(super) use moderation::moderated;
pub(super) use posts::{Telling, deleted, written};
pub(super) use quotes::{quote_asked, quote_revoked, request_answered};
pub(super) use reports::reported;
pub(super) use votes::{Dislike, chosen, disliked, liked, voted};
