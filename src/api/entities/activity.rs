//! What happened, what was found, what was read.
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, At, Id, Nothing, Status};
use crate::domain::weeks;

/// What somebody is told of; a thank-you goes as a favourite.
pub(super) const KINDS: [&str; 12] = [
    "mention",
    "status",
    "reblog",
    "follow",
    "follow_request",
    "favourite",
    "poll",
    "update",
    "quote",
    "quoted_update",
    "moderation_warning",
    "admin.report",
];

/// <https://docs.joinmastodon.org/entities/Notification/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Notification {
    pub id: Id,
    #[schemars(extend("enum" = KINDS))]
    #[serde(rename = "type")]
    pub kind: String,
    pub created_at: At,
    /// What it is shown together with; `ungrouped-` and the id where it stands alone.
    pub group_key: String,
    pub account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// <https://docs.joinmastodon.org/entities/Search/>
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub(crate) struct Search {
    pub accounts: Vec<Account>,
    pub statuses: Vec<Status>,
    pub hashtags: Vec<Tag>,
}

/// <https://docs.joinmastodon.org/entities/Tag/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Tag {
    pub id: String,
    pub name: String,
    pub url: String,
    /// Always empty: nothing here ranks what people talk about.
    pub history: Nothing,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub following: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub featuring: Option<bool>,
}

/// <https://docs.joinmastodon.org/entities/Marker/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Marker {
    pub last_read_id: String,
    pub version: i64,
    pub updated_at: At,
}

/// <https://docs.joinmastodon.org/entities/Report/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Report {
    pub id: Id,
    pub action_taken: bool,
    pub action_taken_at: Option<At>,
    #[schemars(extend("enum" = ["spam", "legal", "violation", "other"]))]
    pub category: String,
    pub comment: String,
    pub forwarded: bool,
    pub created_at: At,
    pub status_ids: Vec<String>,
    pub rule_ids: Vec<String>,
    pub target_account: Account,
}

/// A week of a node; every figure as text, as in
/// <https://docs.joinmastodon.org/methods/instance/#activity>.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "Mastodon's shape")]
pub(crate) struct Week {
    /// Its Monday, 0:00 UTC, in seconds since 1970.
    pub week: String,
    pub statuses: String,
    /// Members who were here.
    pub logins: String,
    pub registrations: String,
}

impl From<weeks::Week> for Week {
    fn from(week: weeks::Week) -> Self {
        Self {
            week: week.begins.secs().to_string(),
            statuses: week.posts.to_string(),
            logins: week.members.to_string(),
            registrations: week.sign_ups.to_string(),
        }
    }
}
