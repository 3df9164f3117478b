//! What a server on Lemmy's library demands of documents: names, types and what may be missing.
use activitypub_federation::{
    config::Data,
    error::Error as LibraryError,
    fetch::object_id::ObjectId,
    protocol::verification::verify_domains_match,
    protocol::{helpers::deserialize_one_or_many, public_key::PublicKey},
    traits::{Activity, Actor, Object},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::lemmy::Peer;

/// Why the library says no.
#[derive(Debug)]
pub struct Wrong(pub String);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl From<LibraryError> for Wrong {
    fn from(error: LibraryError) -> Self {
        Self(format!("{error:?}"))
    }
}

/// A time as Lemmy reads it: RFC 3339, with a zone.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Moment(String);

impl TryFrom<String> for Moment {
    type Error = chrono::ParseError;
    fn try_from(text: String) -> Result<Self, chrono::ParseError> {
        chrono::DateTime::parse_from_rfc3339(&text).map(|_| Self(text))
    }
}

/// A person or a community.
#[derive(Clone, Debug)]
pub struct Someone {
    pub json: SomeoneJson,
    pub private_key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum SomeoneKind {
    Person,
    Group,
    Application,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoints {
    pub shared_inbox: Url,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SomeoneJson {
    #[serde(rename = "type")]
    pub kind: SomeoneKind,
    pub id: ObjectId<Someone>,
    pub preferred_username: String,
    pub inbox: Url,
    pub outbox: Url,
    pub public_key: PublicKey,
    pub followers: Option<Url>,
    pub endpoints: Option<Endpoints>,
    /// Of a community: the collection of its moderators, one address.
    pub attributed_to: Option<Url>,
    pub featured: Option<Url>,
    pub posting_restricted_to_mods: Option<bool>,
    pub published: Option<Moment>,
}

#[async_trait::async_trait]
impl Object for Someone {
    type DataType = Peer;
    type Kind = SomeoneJson;
    type Error = Wrong;

    fn id(&self) -> &Url {
        self.json.id.inner()
    }
    async fn read_from_id(id: Url, data: &Data<Peer>) -> Result<Option<Self>, Wrong> {
        Ok(Some(data.me.clone()).filter(|me| *me.id() == id))
    }
    async fn into_json(self, _: &Data<Peer>) -> Result<SomeoneJson, Wrong> {
        Ok(self.json)
    }
    async fn verify(json: &SomeoneJson, expected: &Url, _: &Data<Peer>) -> Result<(), Wrong> {
        Ok(verify_domains_match(json.id.inner(), expected)?)
    }
    async fn from_json(json: SomeoneJson, _: &Data<Peer>) -> Result<Self, Wrong> {
        Ok(Self { json, private_key: None })
    }
}

impl Actor for Someone {
    fn public_key_pem(&self) -> &str {
        &self.json.public_key.public_key_pem
    }
    fn private_key_pem(&self) -> Option<String> {
        self.private_key.clone()
    }
    fn inbox(&self) -> Url {
        self.json.inbox.clone()
    }
    fn shared_inbox(&self) -> Option<Url> {
        self.json.endpoints.as_ref().map(|ends| ends.shared_inbox.clone())
    }
}

/// A post or a comment.
#[derive(Clone, Debug)]
pub struct Page(pub PageJson);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum PageKind {
    Page,
    Article,
    Note,
    Video,
    Event,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub content: String,
    pub media_type: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageJson {
    #[serde(rename = "type")]
    pub kind: PageKind,
    pub id: ObjectId<Page>,
    pub attributed_to: ObjectId<Someone>,
    #[serde(deserialize_with = "deserialize_one_or_many")]
    pub to: Vec<Url>,
    #[serde(deserialize_with = "deserialize_one_or_many", default)]
    pub cc: Vec<Url>,
    pub audience: Option<ObjectId<Someone>>,
    pub name: Option<String>,
    pub content: Option<String>,
    pub source: Option<Source>,
    pub in_reply_to: Option<Url>,
    pub sensitive: Option<bool>,
    pub published: Option<Moment>,
}

#[async_trait::async_trait]
impl Object for Page {
    type DataType = Peer;
    type Kind = PageJson;
    type Error = Wrong;

    fn id(&self) -> &Url {
        self.0.id.inner()
    }
    async fn read_from_id(_: Url, _: &Data<Peer>) -> Result<Option<Self>, Wrong> {
        Ok(None)
    }
    async fn into_json(self, _: &Data<Peer>) -> Result<PageJson, Wrong> {
        Ok(self.0)
    }
    async fn verify(json: &PageJson, expected: &Url, _: &Data<Peer>) -> Result<(), Wrong> {
        verify_domains_match(json.id.inner(), expected)?;
        Ok(verify_domains_match(json.attributed_to.inner(), json.id.inner())?)
    }
    async fn from_json(json: PageJson, _: &Data<Peer>) -> Result<Self, Wrong> {
        Ok(Self(json))
    }
}

/// Any activity: Lemmy wants id and actor of each, and type and object of those it knows.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Any {
    pub id: Url,
    pub actor: Url,
    #[serde(rename = "type")]
    pub kind: String,
    pub object: Value,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[async_trait::async_trait]
impl Activity for Any {
    type DataType = Peer;
    type Error = Wrong;

    fn id(&self) -> &Url {
        &self.id
    }
    fn actor(&self) -> &Url {
        &self.actor
    }
    async fn verify(&self, _: &Data<Peer>) -> Result<(), Wrong> {
        Ok(())
    }
    async fn receive(self, data: &Data<Peer>) -> Result<(), Wrong> {
        data.received.lock().unwrap().push(Ok(self));
        Ok(())
    }
}

/// An activity that a community announces.
#[derive(Clone, Debug, Deserialize)]
pub struct Announced {
    pub id: Url,
    pub actor: ObjectId<Someone>,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(deserialize_with = "deserialize_one_or_many")]
    pub to: Vec<Url>,
    #[serde(deserialize_with = "deserialize_one_or_many", default)]
    pub cc: Vec<Url>,
    pub audience: Option<ObjectId<Someone>>,
    pub object: PageJson,
}
