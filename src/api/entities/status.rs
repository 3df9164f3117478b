//! Posts and what hangs on them.
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, At, CustomEmoji, FilterResult, Id, MediaAttachment};
use crate::{db::submissions::SubmissionState, types::Visibility};

/// <https://docs.joinmastodon.org/entities/Status/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Status {
    pub id: Id,
    pub created_at: At,
    pub in_reply_to_id: Option<Id>,
    pub in_reply_to_account_id: Option<Id>,
    pub sensitive: bool,
    pub spoiler_text: String,
    #[schemars(extend("enum" = Visibility::WORDS))]
    pub visibility: &'static str,
    pub language: Option<String>,
    pub uri: String,
    pub url: Option<String>,
    pub replies_count: i64,
    pub reblogs_count: i64,
    pub favourites_count: i64,
    /// Ours: downvotes, most of them from servers with groups.
    pub dislikes_count: i64,
    pub quotes_count: i64,
    /// What it quotes, if that may be known.
    pub quote: Option<Quote>,
    /// Who may quote it.
    pub quote_approval: QuoteApproval,
    pub edited_at: Option<At>,
    /// Sanitized HTML.
    pub content: String,
    pub reblog: Option<Box<Status>>,
    pub application: Option<StatusApplication>,
    pub account: Account,
    pub media_attachments: Vec<MediaAttachment>,
    pub mentions: Vec<Mention>,
    pub tags: Vec<StatusTag>,
    pub emojis: Vec<CustomEmoji>,
    /// Always null: nothing is fetched to show it in small.
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub card: Option<()>,
    pub poll: Option<Poll>,
    /// How the reader stands to it; nothing without a reader.
    #[serde(flatten)]
    pub own: Option<Own>,
    /// Only on the reader's own posts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// What was typed; only in the answer to a deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Ours: of a local post that somebody elsewhere has to let in, what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<Submission>,
    /// Ours: only in the answer to a thank-you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thanks: Option<Thanks>,
}

/// <https://docs.joinmastodon.org/entities/QuoteApproval/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct QuoteApproval {
    /// Who may quote at once.
    pub automatic: Vec<&'static str>,
    /// Whose quotes its author looks at first.
    pub manual: Vec<&'static str>,
    /// What the reader may expect: `automatic`, `manual`, `unknown` or `denied`.
    #[schemars(extend("enum" = ["automatic", "manual", "unknown", "denied"]))]
    pub current_user: &'static str,
}

/// <https://docs.joinmastodon.org/entities/Quote/>, and inside a quoted post
/// <https://docs.joinmastodon.org/entities/ShallowQuote/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Quote {
    #[schemars(extend("enum" = [
        "accepted", "pending", "rejected", "revoked", "deleted", "unauthorized", "blocked_account",
        "muted_account",
    ]))]
    pub state: &'static str,
    #[serde(flatten)]
    pub quoted: Quoted,
}

/// The quoted post, where it may be shown.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[serde(untagged)]
pub(crate) enum Quoted {
    /// All of it.
    Whole { quoted_status: Option<Box<Status>> },
    /// Its id.
    Shallow { quoted_status_id: Option<Id> },
}

impl Quote {
    /// The page of what is quoted, where all of it may be shown.
    pub fn url(&self) -> Option<&str> {
        match &self.quoted {
            Quoted::Whole { quoted_status: Some(status) } if self.state == "accepted" => {
                status.url.as_deref()
            }
            Quoted::Whole { .. } | Quoted::Shallow { .. } => None,
        }
    }
}

/// What the reader did with a post.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Mastodon's shape")]
pub(crate) struct Own {
    pub favourited: bool,
    pub reblogged: bool,
    pub muted: bool,
    pub bookmarked: bool,
    /// The reader's filters that found it, whatever their contexts.
    pub filtered: Vec<FilterResult>,
}

/// Whether a post was let in: by the group elsewhere that it was sent to, or by whose approval it
/// needs.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Submission {
    #[schemars(extend("enum" = SubmissionState::WORDS))]
    pub state: &'static str,
    /// The account that lets it in, or not.
    pub account_id: Id,
    /// What was said to a no; only for the author.
    pub reason: Option<String>,
}

/// Whether a thank-you counts as help, and if not, why.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Thanks {
    pub counted: bool,
    pub reason: Option<String>,
}

/// The app a post was written with.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct StatusApplication {
    pub name: String,
    pub website: Option<String>,
}

/// Somebody named in a post; `url` is the address its HTML links to.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "StatusMention")]
pub(crate) struct Mention {
    pub id: Id,
    pub username: String,
    pub url: String,
    pub acct: String,
}

/// A hashtag of a post; `url` is the address its HTML links to.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct StatusTag {
    pub name: String,
    pub url: String,
}

/// <https://docs.joinmastodon.org/entities/Poll/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Poll {
    pub id: Id,
    pub expires_at: Option<At>,
    pub expired: bool,
    pub multiple: bool,
    pub votes_count: i64,
    pub voters_count: Option<i64>,
    pub options: Vec<PollOption>,
    pub emojis: Vec<CustomEmoji>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_votes: Option<Vec<i32>>,
}

/// One choice of a poll; its count is null while totals are hidden.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct PollOption {
    pub title: String,
    pub votes_count: Option<i64>,
}

/// <https://docs.joinmastodon.org/entities/Context/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Context {
    /// The oldest first.
    pub ancestors: Vec<Status>,
    /// Depth first.
    pub descendants: Vec<Status>,
}

/// <https://docs.joinmastodon.org/entities/StatusSource/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct StatusSource {
    pub id: Id,
    /// What was typed.
    pub text: String,
    pub spoiler_text: String,
}

/// <https://docs.joinmastodon.org/entities/StatusEdit/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct StatusEdit {
    pub content: String,
    pub spoiler_text: String,
    pub sensitive: bool,
    pub created_at: At,
    pub account: Account,
    pub media_attachments: Vec<MediaAttachment>,
    pub emojis: Vec<CustomEmoji>,
    /// What could be chosen: no edit changes that.
    pub poll: Option<EditedPoll>,
    /// What it quotes: an edit keeps the quote.
    pub quote: Option<Quote>,
}

/// A poll as edits know it: the choices alone.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct EditedPoll {
    pub options: Vec<EditedOption>,
}

/// A choice of a poll, by its title.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct EditedOption {
    pub title: String,
}

impl Poll {
    /// Its choices alone.
    pub fn edited(&self) -> EditedPoll {
        let option = |option: &PollOption| EditedOption { title: option.title.clone() };
        EditedPoll { options: self.options.iter().map(option).collect() }
    }
}
