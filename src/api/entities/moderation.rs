//! What stewards do; ours.
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, At, Id};
use crate::db::moderation::Deed;

/// An act of moderation, as the log of a group shows it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Act {
    pub id: Id,
    /// `remove`, `restore`, `lock`, `unlock`, `pin`, `unpin`, `ban`, `unban`, `appoint`, `dismiss`.
    #[schemars(extend("enum" = Deed::WORDS))]
    pub deed: &'static str,
    /// The steward.
    pub by: Account,
    /// Whom it is about.
    pub account: Option<Account>,
    /// The post it is about; it may be hidden.
    pub status_id: Option<Id>,
    /// Plain text; may be empty.
    pub reason: String,
    pub ends_at: Option<At>,
    pub created_at: At,
}

/// Who may not write in a group.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Ban {
    pub account: Account,
    pub by: Account,
    /// Plain text; may be empty.
    pub reason: String,
    pub ends_at: Option<At>,
    pub created_at: At,
}
