//! Apps and their access.
use schemars::JsonSchema;
use serde::Serialize;

use super::Id;

/// <https://docs.joinmastodon.org/entities/Application/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
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
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct CredentialApplication {
    #[serde(flatten)]
    pub application: Application,
    pub client_id: String,
    pub client_secret: String,
    /// 0: never.
    pub client_secret_expires_at: i64,
}

/// <https://docs.joinmastodon.org/entities/Token/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "named by RFC 6749")]
pub(crate) struct Token {
    pub access_token: String,
    pub token_type: &'static str,
    pub scope: String,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Who a token is of, as `OpenID` Connect names it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct UserInfo {
    pub iss: String,
    /// The actor's id.
    pub sub: String,
    pub name: String,
    pub preferred_username: String,
    pub profile: String,
    pub picture: String,
}

/// Where the doors of OAuth are: [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414)
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "DiscoverOauthServerConfigurationResponse")]
pub(crate) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub revocation_endpoint: String,
    pub userinfo_endpoint: String,
    pub app_registration_endpoint: String,
    pub service_documentation: String,
    pub scopes_supported: Vec<&'static str>,
    pub response_types_supported: Vec<&'static str>,
    pub response_modes_supported: Vec<&'static str>,
    pub grant_types_supported: Vec<&'static str>,
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    pub code_challenge_methods_supported: Vec<&'static str>,
}
