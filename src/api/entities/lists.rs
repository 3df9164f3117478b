//! Small shapes around a member's own account.
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, Id};
use crate::{db::lists::Replies, types::Visibility};

/// <https://docs.joinmastodon.org/entities/List/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct List {
    pub id: Id,
    pub title: String,
    #[schemars(extend("enum" = Replies::WORDS))]
    pub replies_policy: &'static str,
    pub exclusive: bool,
}

/// <https://docs.joinmastodon.org/entities/Preferences/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Preferences {
    #[schemars(extend("enum" = Visibility::WORDS))]
    #[serde(rename = "posting:default:visibility")]
    pub visibility: String,
    #[serde(rename = "posting:default:sensitive")]
    pub sensitive: bool,
    #[serde(rename = "posting:default:language")]
    pub language: Option<String>,
    #[schemars(extend("enum" = ["public", "followers", "nobody"]))]
    #[serde(rename = "posting:default:quote_policy")]
    pub quote_policy: &'static str,
    #[serde(rename = "reading:expand:media")]
    pub expand_media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    pub expand_spoilers: bool,
}

/// <https://docs.joinmastodon.org/entities/Rule/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Rule {
    pub id: String,
    pub text: String,
    pub hint: String,
}

/// <https://docs.joinmastodon.org/entities/FamiliarFollowers/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct FamiliarFollowers {
    pub id: String,
    pub accounts: Vec<Account>,
}
