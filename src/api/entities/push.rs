//! What an app is told of.
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Id;
use crate::db::{
    notifications::NotificationKind,
    pushes::{PushPolicy, Subscription},
};

/// What Mastodon also has alerts for, and nothing here tells of.
const NEVER: [&str; 2] = ["admin.sign_up", "severed_relationships"];

/// <https://docs.joinmastodon.org/entities/WebPushSubscription/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct WebPushSubscription {
    pub id: Id,
    pub endpoint: String,
    pub standard: bool,
    pub alerts: BTreeMap<&'static str, bool>,
    #[schemars(extend("enum" = PushPolicy::WORDS))]
    pub policy: &'static str,
    pub server_key: String,
}

impl WebPushSubscription {
    /// The entity of a subscription; `server_key` is the public key that this node signs with.
    pub fn new(row: Subscription, server_key: String) -> Self {
        let kinds = NotificationKind::ALL.iter().map(|kind| kind.as_str());
        let kinds = kinds.filter(|kind| *kind != NotificationKind::Thanks.as_str());
        Self {
            id: Id::from(row.id),
            standard: row.standard,
            alerts: kinds.chain(NEVER).map(|kind| (kind, row.wants(kind))).collect(),
            policy: row.policy.as_str(),
            server_key,
            endpoint: row.endpoint,
        }
    }
}
