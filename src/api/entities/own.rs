//! What members set up for themselves.
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Account, At, CustomEmoji, Id, MediaAttachment, Mention, Nothing, Status, StatusTag,
    activity::KINDS,
};
use crate::db::{
    announcements::Reaction as Reacted,
    filters::{Filter as Row, FilterAction, FilteredPost, Keyword, Whole},
    notice_rules::Verdict,
};

/// <https://docs.joinmastodon.org/entities/Filter/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "Mastodon's shape")]
pub(crate) struct Filter {
    pub id: Id,
    pub title: String,
    pub context: Vec<String>,
    pub expires_at: Option<At>,
    #[schemars(extend("enum" = FilterAction::WORDS))]
    pub filter_action: &'static str,
    /// Left out inside of a post that the filter found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<FilterKeyword>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<FilterStatus>>,
}

impl Filter {
    /// Without what it looks for.
    pub fn bare(row: &Row) -> Self {
        Self {
            id: Id::from(row.id),
            title: row.title.clone(),
            context: contexts(row),
            expires_at: row.expires_at.map(At),
            filter_action: row.action.as_str(),
            keywords: None,
            statuses: None,
        }
    }

    /// With all that it looks for.
    pub fn whole(whole: &Whole) -> Self {
        Self {
            keywords: Some(whole.keywords.iter().map(FilterKeyword::from).collect()),
            statuses: Some(whole.posts.iter().map(FilterStatus::from).collect()),
            ..Self::bare(&whole.filter)
        }
    }
}

fn contexts(row: &Row) -> Vec<String> {
    row.contexts.split_whitespace().map(str::to_owned).collect()
}

/// <https://docs.joinmastodon.org/entities/FilterKeyword/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct FilterKeyword {
    pub id: Id,
    pub keyword: String,
    pub whole_word: bool,
}

impl From<&Keyword> for FilterKeyword {
    fn from(row: &Keyword) -> Self {
        Self { id: Id::from(row.id), keyword: row.keyword.clone(), whole_word: row.whole_word }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterStatus/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct FilterStatus {
    pub id: Id,
    pub status_id: Id,
}

impl From<&FilteredPost> for FilterStatus {
    fn from(row: &FilteredPost) -> Self {
        Self { id: Id::from(row.id), status_id: Id::from(row.post_id) }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterResult/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct FilterResult {
    pub filter: Filter,
    pub keyword_matches: Option<Vec<String>>,
    pub status_matches: Option<Vec<String>>,
}

/// <https://docs.joinmastodon.org/entities/V1_Filter/>: one word of a filter.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct V1Filter {
    pub id: Id,
    pub phrase: String,
    pub context: Vec<String>,
    pub whole_word: bool,
    pub expires_at: Option<At>,
    pub irreversible: bool,
}

impl V1Filter {
    /// A word of a filter.
    pub fn of(keyword: &Keyword, row: &Row) -> Self {
        Self {
            id: Id::from(keyword.id),
            phrase: keyword.keyword.clone(),
            context: contexts(row),
            whole_word: keyword.whole_word,
            expires_at: row.expires_at.map(At),
            irreversible: row.action == crate::db::filters::FilterAction::Hide,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/FeaturedTag/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct FeaturedTag {
    pub id: Id,
    pub name: String,
    pub url: String,
    /// A number as text, as Mastodon has it.
    pub statuses_count: String,
    /// A bare date.
    pub last_status_at: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/Conversation/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Conversation {
    pub id: Id,
    pub unread: bool,
    /// Everybody in it but the reader.
    pub accounts: Vec<Account>,
    pub last_status: Option<Status>,
}

/// <https://docs.joinmastodon.org/entities/ScheduledStatus/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct ScheduledStatus {
    pub id: Id,
    pub scheduled_at: At,
    pub params: ScheduledParams,
    pub media_attachments: Vec<MediaAttachment>,
    /// Ours: why it did not go out when it was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What was asked for.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct ScheduledParams {
    pub text: String,
    pub poll: Option<ScheduledPoll>,
    pub media_ids: Option<Vec<Id>>,
    pub sensitive: bool,
    pub spoiler_text: String,
    pub visibility: &'static str,
    pub language: Option<String>,
    /// A number, unlike every other id of a post: Mastodon's shape.
    pub in_reply_to_id: Option<i64>,
    pub quoted_status_id: Option<Id>,
    #[schemars(extend("enum" = ["public", "followers", "nobody"]))]
    pub quote_approval_policy: &'static str,
    /// 0: none.
    pub application_id: i64,
    /// Always null: it stands beside.
    pub scheduled_at: Option<At>,
    pub idempotency: Option<String>,
    pub with_rate_limit: bool,
}

/// The poll that comes with it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct ScheduledPoll {
    pub options: Vec<String>,
    /// Seconds.
    pub expires_in: i64,
    pub multiple: bool,
    pub hide_totals: bool,
}

/// <https://docs.joinmastodon.org/entities/Announcement/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Announcement {
    pub id: Id,
    pub content: String,
    pub starts_at: Option<At>,
    pub ends_at: Option<At>,
    pub all_day: bool,
    pub published_at: At,
    pub updated_at: At,
    /// Of a reader: whether they put it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<bool>,
    pub mentions: Vec<Mention>,
    pub statuses: Nothing,
    pub tags: Vec<StatusTag>,
    pub emojis: Vec<CustomEmoji>,
    pub reactions: Vec<Reaction>,
}

/// <https://docs.joinmastodon.org/entities/Reaction/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Reaction {
    pub name: String,
    pub count: i64,
    pub me: bool,
    /// Of one of our emoji: its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The same without movement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub static_url: Option<String>,
}

/// How often somebody reacted to a post in one way:
/// <https://docs.akkoma.dev/stable/development/API/pleroma_api/#emoji-reactions>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct PostReaction {
    /// An emoji, or `name@host` of a custom one.
    pub name: String,
    pub count: i64,
    pub me: bool,
    /// The picture of a custom one.
    pub url: Option<String>,
    pub accounts: Vec<Account>,
}

impl From<Reacted> for Reaction {
    fn from(row: Reacted) -> Self {
        Self { name: row.name, count: row.count, me: row.me, url: None, static_url: None }
    }
}

/// <https://docs.joinmastodon.org/entities/NotificationPolicy/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct NotificationPolicy {
    #[schemars(extend("enum" = Verdict::WORDS))]
    pub for_not_following: &'static str,
    #[schemars(extend("enum" = Verdict::WORDS))]
    pub for_not_followers: &'static str,
    #[schemars(extend("enum" = Verdict::WORDS))]
    pub for_new_accounts: &'static str,
    #[schemars(extend("enum" = Verdict::WORDS))]
    pub for_private_mentions: &'static str,
    #[schemars(extend("enum" = Verdict::WORDS))]
    pub for_limited_accounts: &'static str,
    pub summary: PolicySummary,
}

/// The same, as Mastodon 4.3 had it while it was new: yes or no.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
pub(crate) struct V1NotificationPolicy {
    pub filter_not_following: bool,
    pub filter_not_followers: bool,
    pub filter_new_accounts: bool,
    pub filter_private_mentions: bool,
    pub summary: PolicySummary,
}

/// Whether what was let through is shown.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
#[schemars(rename = "MergedResponse")]
pub(crate) struct Merged {
    pub merged: bool,
}

/// How many there are.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
#[schemars(rename = "CountResponse")]
pub(crate) struct Count {
    pub count: i64,
}

/// How much waits.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct PolicySummary {
    pub pending_requests_count: i64,
    pub pending_notifications_count: i64,
}

/// <https://docs.joinmastodon.org/entities/NotificationRequest/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct NotificationRequest {
    pub id: Id,
    pub created_at: At,
    pub updated_at: At,
    /// A number as text, as Mastodon has it.
    pub notifications_count: String,
    pub account: Account,
    pub last_status: Option<Status>,
}

/// <https://docs.joinmastodon.org/entities/GroupedNotificationsResults/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "GroupedNotificationsResults")]
pub(crate) struct GroupedNotifications {
    pub accounts: Vec<Account>,
    pub statuses: Vec<Status>,
    pub notification_groups: Vec<NotificationGroup>,
}

/// <https://docs.joinmastodon.org/methods/grouped_notifications/#NotificationGroup>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct NotificationGroup {
    pub group_key: String,
    pub notifications_count: i64,
    #[schemars(extend("enum" = KINDS))]
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// A number, unlike every other id.
    pub most_recent_notification_id: i64,
    pub page_min_id: Id,
    pub page_max_id: Id,
    pub latest_page_notification_at: At,
    pub sample_account_ids: Vec<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_id: Option<Id>,
}
