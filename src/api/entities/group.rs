//! Groups, for clients that know them.
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, At, CustomEmoji, Id};

/// A group, as the clients of Soapbox and Truth Social have it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "its clients' shape")]
pub(crate) struct Group {
    /// Its account's id.
    pub id: Id,
    /// `name` of this node's own, `name@host` of others.
    pub slug: String,
    pub domain: String,
    pub display_name: String,
    /// Sanitized HTML.
    pub note: String,
    pub source: GroupSource,
    /// Ours: why it exists, one sentence; only known of groups here.
    pub purpose: Option<String>,
    pub avatar: String,
    pub avatar_static: String,
    pub header: String,
    pub header_static: String,
    pub created_at: At,
    pub deleted_at: Option<At>,
    /// Joining waits for a steward.
    pub locked: bool,
    #[schemars(extend("enum" = ["everyone", "members_only"]))]
    pub group_visibility: &'static str,
    #[schemars(extend("enum" = ["public", "private"]))]
    pub statuses_visibility: &'static str,
    pub membership_required: bool,
    pub discoverable: bool,
    pub members_count: i64,
    pub owner: Option<GroupOwner>,
    pub tags: Vec<String>,
    pub emojis: Vec<CustomEmoji>,
    pub uri: String,
    pub url: String,
}

/// What was typed.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct GroupSource {
    /// Plain text.
    pub note: String,
}

/// Who founded it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct GroupOwner {
    pub id: Id,
}

/// How the reader stands to a group.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "its clients' shape")]
pub(crate) struct GroupRelationship {
    pub id: Id,
    pub member: bool,
    pub requested: bool,
    /// `owner` founded it, `admin` is a steward, `user` everybody else.
    #[schemars(extend("enum" = ["owner", "admin", "user"]))]
    pub role: &'static str,
    pub blocked_by: bool,
    pub notifying: bool,
    pub muting: bool,
    /// Somebody waits to be let in whom the reader may let in.
    pub pending_requests: bool,
}

/// Somebody in a group.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct GroupMembership {
    pub id: Id,
    pub account: Account,
    #[schemars(extend("enum" = ["owner", "admin", "user"]))]
    pub role: &'static str,
}

/// Under which rules a group lives.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Charter {
    pub id: Id,
    /// Why it exists, one sentence, plain text.
    pub purpose: String,
    /// Plain text.
    pub rules: String,
    /// Hashtags that say thanks.
    pub thanks_words: Vec<String>,
    /// Hashtags that mark an ask.
    pub ask_words: Vec<String>,
    /// How old an account must be for its thanks to count, days.
    pub min_account_age_days: i32,
    pub private: bool,
    pub monthly_summary: bool,
    pub founder: Option<Account>,
    pub founded_at: At,
}
