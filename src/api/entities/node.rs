//! The shapes of what a node says about itself; [`super::Instance`] fills them.
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, At, Rule};
use crate::api::describe::{Empty, Nothing};

/// <https://docs.joinmastodon.org/entities/Instance/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "Instance")]
pub(crate) struct NodeV2 {
    pub domain: String,
    pub title: String,
    pub version: &'static str,
    pub source_url: String,
    pub description: String,
    pub usage: Usage,
    pub thumbnail: Thumbnail,
    pub icon: Nothing,
    pub languages: Vec<&'static str>,
    pub configuration: Configuration,
    pub registrations: Registrations,
    pub api_versions: ApiVersions,
    pub contact: Contact,
    pub rules: Vec<Rule>,
}

/// <https://docs.joinmastodon.org/entities/V1_Instance/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "V1Instance")]
pub(crate) struct NodeV1 {
    pub uri: String,
    pub title: String,
    pub short_description: String,
    pub description: String,
    pub email: String,
    pub version: &'static str,
    pub urls: V1Urls,
    pub stats: Stats,
    pub thumbnail: String,
    pub languages: Vec<&'static str>,
    pub registrations: bool,
    pub approval_required: bool,
    pub invites_enabled: bool,
    pub configuration: Limits,
    pub contact_account: Option<Account>,
    pub rules: Vec<Rule>,
}

/// How many use it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Usage {
    pub users: ActiveUsers,
}

/// Who posted in the last 30 days.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct ActiveUsers {
    pub active_month: i64,
}

/// The picture of a node.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Thumbnail {
    pub url: String,
    pub blurhash: Option<String>,
    pub versions: Empty,
}

/// Limits, and what beside them.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Configuration {
    #[serde(flatten)]
    pub limits: Limits,
    pub urls: Urls,
    pub vapid: Vapid,
    pub translation: Translation,
    pub limited_federation: bool,
    pub timelines_access: TimelinesAccess,
}

/// Who may read which public timeline.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "Mastodon's shape")]
pub(crate) struct TimelinesAccess {
    pub live_feeds: FeedAccess,
    pub hashtag_feeds: FeedAccess,
    pub trending_link_feeds: FeedAccess,
}

/// Who may read it, of people here and of people elsewhere.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub(crate) struct FeedAccess {
    #[schemars(extend("enum" = ["public"]))]
    pub local: &'static str,
    #[schemars(extend("enum" = ["public"]))]
    pub remote: &'static str,
}

impl TimelinesAccess {
    /// Everyone reads each of them.
    pub fn everyone() -> Self {
        let open = FeedAccess { local: "public", remote: "public" };
        Self { live_feeds: open, hashtag_feeds: open, trending_link_feeds: open }
    }
}

/// How much of what a client may send.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Limits {
    pub accounts: AccountLimits,
    pub statuses: StatusLimits,
    pub media_attachments: MediaLimits,
    pub polls: PollLimits,
}

/// Of profiles.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct AccountLimits {
    pub max_featured_tags: usize,
    pub max_pinned_statuses: usize,
    pub max_display_name_length: usize,
    pub max_note_length: usize,
    pub max_profile_fields: usize,
    pub profile_field_name_limit: usize,
    pub profile_field_value_limit: usize,
}

/// Of posts, in characters.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct StatusLimits {
    pub max_characters: usize,
    pub max_media_attachments: usize,
    pub characters_reserved_per_url: usize,
}

/// Of files: sizes in bytes, matrices in pixels.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct MediaLimits {
    pub supported_mime_types: Vec<&'static str>,
    pub description_limit: usize,
    pub image_size_limit: usize,
    pub image_matrix_limit: u64,
    pub video_size_limit: usize,
    pub video_frame_rate_limit: i64,
    pub video_matrix_limit: i64,
}

/// Of polls: times in seconds.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct PollLimits {
    pub max_options: usize,
    pub max_characters_per_option: usize,
    pub min_expiration: i64,
    pub max_expiration: i64,
}

/// Where else to look.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Urls {
    /// For `WebSocket`s.
    pub streaming: String,
    pub status: Option<String>,
    pub about: String,
    pub privacy_policy: Option<String>,
    pub terms_of_service: Option<String>,
}

/// Where else to look, as it was before 4.0.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct V1Urls {
    /// For `WebSocket`s.
    pub streaming_api: String,
}

/// The key that signs pushes; base64url.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Vapid {
    pub public_key: String,
}

/// Nothing is translated here.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "TranslationConfiguration")]
pub(crate) struct Translation {
    pub enabled: bool,
}

/// Who may come in.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Registrations {
    /// Whether an app may make an account.
    pub enabled: bool,
    pub approval_required: bool,
    pub reason_required: bool,
    pub message: Option<&'static str>,
    pub min_age: Option<i64>,
    pub url: Option<String>,
}

/// Which versions of the API it has.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct ApiVersions {
    pub mastodon: u32,
}

/// Whom to ask.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Contact {
    pub email: String,
    pub account: Option<Account>,
}

/// How many there are.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "Mastodon's names")]
pub(crate) struct Stats {
    pub user_count: i64,
    pub status_count: i64,
    pub domain_count: i64,
}

/// A language this node speaks.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Language {
    pub code: &'static str,
    pub name: &'static str,
}

/// <https://docs.joinmastodon.org/entities/ExtendedDescription/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct ExtendedDescription {
    pub updated_at: At,
    /// Sanitized HTML.
    pub content: String,
}
