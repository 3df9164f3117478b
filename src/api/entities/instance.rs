//! What a node says about itself: <https://docs.joinmastodon.org/entities/Instance/>
use url::Url;

use super::{
    Account, Rule,
    node::{
        AccountLimits, ActiveUsers, ApiVersions, Configuration, Contact, Limits, MediaLimits,
        NodeV1, NodeV2, PollLimits, Registrations, Stats, StatusLimits, Thumbnail, TimelinesAccess,
        Translation, Urls, Usage, V1Urls, Vapid,
    },
};
use crate::{
    api::describe::{Empty, Nothing},
    config::{Config, SignUp},
    domain::{actors, media::MAX_DESCRIPTION, polls, tags},
    media::{
        CONTENT_TYPES, DEFAULT_HEADER, FFMPEG_TYPES, MAX_FRAME_RATE, MAX_PIXELS, MAX_VIDEO_PIXELS,
    },
};

/// The version of the Mastodon API that this node keeps to, and its own.
///
/// Clients parse the first part and switch features on by it.
const VERSION: &str = concat!("4.5.0 (compatible; Commonhold ", env!("CARGO_PKG_VERSION"), ")");

/// Where the source of this program is; empty where the package does not say.
const SOURCE_URL: &str = env!("CARGO_PKG_REPOSITORY");

/// Everything the two shapes are made of.
#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub config: &'a Config,
    /// The node's name: as its operator gave it at the first visit, else as configured.
    pub title: String,
    /// Public half of the key that signs pushes; base64url.
    pub vapid_key: String,
    /// Local members.
    pub users: i64,
    /// Those of them who posted in the last 28 days.
    pub active_users: i64,
    /// Local posts.
    pub posts: i64,
    /// Known other servers.
    pub servers: i64,
    pub contact: Option<Account>,
    /// Whether there is ffmpeg.
    pub ffmpeg: bool,
    pub rules: Vec<Rule>,
}

impl Instance<'_> {
    /// <https://docs.joinmastodon.org/entities/Instance/>
    pub fn v2(&self) -> NodeV2 {
        let config = self.config;
        let origin = config.origin();
        NodeV2 {
            domain: config.domain().to_owned(),
            title: self.title.clone(),
            version: VERSION,
            source_url: if SOURCE_URL.is_empty() { origin.as_str() } else { SOURCE_URL }.to_owned(),
            description: config.description.clone(),
            usage: Usage { users: ActiveUsers { active_month: self.active_users } },
            thumbnail: Thumbnail { url: picture(origin), blurhash: None, versions: Empty {} },
            icon: Nothing,
            languages: vec!["en"],
            configuration: Configuration {
                limits: self.limits(),
                urls: self.urls(),
                vapid: Vapid { public_key: self.vapid_key.clone() },
                translation: Translation { enabled: false },
                limited_federation: false,
                timelines_access: TimelinesAccess::everyone(),
            },
            registrations: Registrations {
                enabled: self.open(),
                approval_required: self.approval(),
                reason_required: self.approval(),
                message: if self.open() { None } else { Some(closed(config.sign_up)) },
                min_age: None,
                url: None,
            },
            api_versions: ApiVersions { mastodon: 7 },
            contact: Contact { email: self.email().to_owned(), account: self.contact.clone() },
            rules: self.rules.clone(),
        }
    }

    /// <https://docs.joinmastodon.org/entities/V1_Instance/>
    pub fn v1(&self) -> NodeV1 {
        let config = self.config;
        NodeV1 {
            uri: config.domain().to_owned(),
            title: self.title.clone(),
            short_description: config.description.clone(),
            description: config.description.clone(),
            email: self.email().to_owned(),
            version: VERSION,
            urls: V1Urls { streaming_api: streaming(config.origin()) },
            stats: Stats {
                user_count: self.users,
                status_count: self.posts,
                domain_count: self.servers,
            },
            thumbnail: picture(config.origin()),
            languages: vec!["en"],
            registrations: self.open(),
            approval_required: self.approval(),
            invites_enabled: config.sign_up == SignUp::Invite,
            configuration: self.limits(),
            contact_account: self.contact.clone(),
            rules: self.rules.clone(),
        }
    }

    fn limits(&self) -> Limits {
        let config = self.config;
        Limits {
            accounts: AccountLimits {
                max_featured_tags: tags::MAX_FEATURED,
                max_pinned_statuses: 5,
                max_display_name_length: actors::MAX_DISPLAY_NAME,
                max_note_length: actors::MAX_NOTE,
                max_profile_fields: actors::MAX_FIELDS,
                profile_field_name_limit: 255,
                profile_field_value_limit: 500,
            },
            statuses: StatusLimits {
                max_characters: config.max_post_chars,
                max_media_attachments: config.max_attachments,
                characters_reserved_per_url: 23,
            },
            media_attachments: MediaLimits {
                supported_mime_types: self.content_types(),
                description_limit: MAX_DESCRIPTION,
                image_size_limit: config.max_upload_bytes,
                image_matrix_limit: MAX_PIXELS,
                video_size_limit: config.media.max_video_bytes,
                video_frame_rate_limit: MAX_FRAME_RATE,
                video_matrix_limit: MAX_VIDEO_PIXELS,
            },
            polls: PollLimits {
                max_options: polls::MAX_OPTIONS,
                max_characters_per_option: polls::MAX_OPTION_CHARS,
                min_expiration: *polls::DURATION_SECS.start(),
                max_expiration: *polls::DURATION_SECS.end(),
            },
        }
    }

    fn content_types(&self) -> Vec<&'static str> {
        let more = FFMPEG_TYPES.iter().filter(|_| self.ffmpeg);
        CONTENT_TYPES.iter().chain(more).copied().collect()
    }

    fn urls(&self) -> Urls {
        let origin = self.config.origin();
        Urls {
            streaming: streaming(origin),
            status: None,
            about: origin.to_string(),
            privacy_policy: None,
            terms_of_service: None,
        }
    }

    fn email(&self) -> &str {
        self.config.contact_email.as_deref().unwrap_or_default()
    }

    /// Whether an app may make an account.
    fn open(&self) -> bool {
        matches!(self.config.sign_up, SignUp::Open | SignUp::Approval)
    }

    fn approval(&self) -> bool {
        self.config.sign_up == SignUp::Approval
    }
}

fn closed(sign_up: SignUp) -> &'static str {
    match sign_up {
        SignUp::Invite => "New members come by invitation.",
        SignUp::Closed | SignUp::Open | SignUp::Approval => "This node takes no new members.",
    }
}

/// The picture of a node that has none of its own.
fn picture(origin: &Url) -> String {
    crate::media::address(origin, DEFAULT_HEADER)
}

/// Address for `WebSocket`s: the origin, with `ws` for `http`, without a path.
fn streaming(origin: &Url) -> String {
    let rest = origin.as_str().trim_end_matches('/').trim_start_matches("http");
    format!("ws{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_have_the_address_of_the_node() {
        let of = |origin: &str| streaming(&Url::parse(origin).unwrap());
        assert_eq!(of("https://oak.example/"), "wss://oak.example");
        assert_eq!(of("http://localhost:8081"), "ws://localhost:8081");
    }

    #[test]
    fn the_version_starts_with_what_clients_parse() {
        assert!(VERSION.starts_with("4.5.0 (compatible; Commonhold 0."), "{VERSION}");
    }
}
