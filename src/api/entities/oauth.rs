//! Apps and their access.
use serde::Serialize;

use super::Id;

/// <https://docs.joinmastodon.org/entities/Application/>
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Application {
    pub id: Id,
    pub name: String,
    pub website: Option<String>,
    pub scopes: Vec<String>,
    pub redirect_uris: Vec<String>,
    /// All of them, one to a line.
    pub redirect_uri: String,
    pub vapid_key: String,
}

/// <https://docs.joinmastodon.org/entities/Application/#CredentialApplication>
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CredentialApplication {
    #[serde(flatten)]
    pub application: Application,
    pub client_id: String,
    pub client_secret: String,
    /// 0: never.
    pub client_secret_expires_at: i64,
}

/// <https://docs.joinmastodon.org/entities/Token/>
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "named by RFC 6749")]
pub(crate) struct Token {
    pub access_token: String,
    pub token_type: &'static str,
    pub scope: String,
    /// Seconds since 1970.
    pub created_at: i64,
}
