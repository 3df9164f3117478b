//! People, groups, and how the reader stands to them.
use schemars::JsonSchema;
use serde::Serialize;

use super::{At, FeaturedTag, Id};
use crate::types::Visibility;

/// <https://docs.joinmastodon.org/entities/Account/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
pub(crate) struct Account {
    pub id: Id,
    /// The name without a host.
    pub username: String,
    /// `name` of this node's own, `name@host` of others.
    pub acct: String,
    pub display_name: String,
    pub locked: bool,
    pub bot: bool,
    pub group: bool,
    pub discoverable: bool,
    pub indexable: bool,
    pub noindex: bool,
    pub created_at: At,
    /// Sanitized HTML.
    pub note: String,
    /// Address of the page for people.
    pub url: String,
    /// The actor's id.
    pub uri: String,
    pub avatar: String,
    pub avatar_static: String,
    pub header: String,
    pub header_static: String,
    pub followers_count: i64,
    pub following_count: i64,
    pub statuses_count: i64,
    /// A bare date.
    pub last_status_at: Option<String>,
    pub hide_collections: bool,
    pub emojis: Vec<CustomEmoji>,
    pub fields: Vec<Field>,
    pub roles: Vec<Role>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<Box<Account>>,
}

/// <https://docs.joinmastodon.org/entities/Account/#CredentialAccount>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct CredentialAccount {
    #[serde(flatten)]
    pub account: Account,
    pub source: Source,
    pub role: Role,
}

/// What a member may change about how they are shown, as they wrote it:
/// <https://docs.joinmastodon.org/entities/Profile/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
pub(crate) struct Profile {
    pub id: Id,
    pub display_name: String,
    /// As it was typed.
    pub note: String,
    pub fields: Vec<Field>,
    /// Null where the member has none of their own.
    pub avatar: Option<String>,
    pub avatar_static: Option<String>,
    /// Always empty: a node keeps none.
    pub avatar_description: &'static str,
    pub header: Option<String>,
    pub header_static: Option<String>,
    pub header_description: &'static str,
    pub locked: bool,
    pub bot: bool,
    pub hide_collections: bool,
    pub discoverable: bool,
    pub indexable: bool,
    pub show_media: bool,
    pub show_media_replies: bool,
    pub show_featured: bool,
    pub attribution_domains: Vec<String>,
    pub featured_tags: Vec<FeaturedTag>,
}

/// What the member typed into the profile, and the defaults for new posts.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
pub(crate) struct Source {
    #[schemars(extend("enum" = Visibility::WORDS))]
    pub privacy: String,
    pub sensitive: bool,
    pub language: Option<String>,
    /// Plain text.
    pub note: String,
    pub fields: Vec<Field>,
    pub follow_requests_count: i64,
    pub discoverable: bool,
    pub indexable: bool,
    pub hide_collections: bool,
    pub attribution_domains: Vec<String>,
    #[schemars(extend("enum" = ["public", "followers", "nobody"]))]
    pub quote_policy: &'static str,
}

/// One row of a profile's table. The value is HTML in an account, plain text in its source.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Field {
    pub name: String,
    pub value: String,
    pub verified_at: Option<At>,
}

/// <https://docs.joinmastodon.org/entities/Role/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Role {
    pub id: String,
    pub name: String,
    pub color: String,
    pub permissions: String,
    pub highlighted: bool,
}

/// <https://docs.joinmastodon.org/entities/CustomEmoji/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct CustomEmoji {
    pub shortcode: String,
    pub url: String,
    pub static_url: String,
    pub visible_in_picker: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/Relationship/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
pub(crate) struct Relationship {
    pub id: Id,
    pub following: bool,
    pub showing_reblogs: bool,
    pub notifying: bool,
    pub languages: Option<Vec<String>>,
    pub followed_by: bool,
    pub blocking: bool,
    pub blocked_by: bool,
    pub muting: bool,
    pub muting_notifications: bool,
    pub muting_expires_at: Option<At>,
    pub requested: bool,
    pub requested_by: bool,
    pub domain_blocking: bool,
    pub endorsed: bool,
    pub note: String,
}
