//! Actors as other servers describe them.
use serde_json::Value;

use super::{
    Refusal, json,
    object::{Emoji, Icon},
};
use crate::types::{ActorKind, Time, Uri};

/// Most other accounts one actor may name as its own.
pub const MAX_ALIASES: usize = 64;
/// Most profile fields that are kept.
pub const MAX_FIELDS: usize = 16;
/// Most keys that are read of one actor.
pub const MAX_KEYS: usize = 16;
/// Longest handle, in bytes.
const MAX_HANDLE_BYTES: usize = 128;

/// A public key of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// What a signature names it by. Kept as text: the part after `#` matters.
    pub id: Uri,
    /// The key itself.
    pub material: KeyMaterial,
}

/// How a key is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyMaterial {
    /// `publicKeyPem`: SPKI or PKCS#1, RSA or Ed25519.
    Pem(String),
    /// `publicKeyMultibase` of a [Multikey](https://w3id.org/fep/521a).
    Multibase(String),
}

impl KeyMaterial {
    /// It as it was written.
    pub fn text(&self) -> &str {
        match self {
            Self::Pem(text) | Self::Multibase(text) => text,
        }
    }
}

/// A line of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its label, plain text.
    pub name: String,
    /// Its value: raw HTML.
    pub value: String,
}

/// An actor as it was read. HTML in it is raw: sanitise before it is stored.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has that many flags")]
pub struct ActorDoc {
    /// Its id.
    pub id: Uri,
    /// What kind of actor.
    pub kind: ActorKind,
    /// The part of its handle before the host; ASCII.
    pub preferred_username: String,
    /// Its display name, plain text.
    pub name: Option<String>,
    /// What it says about itself: raw HTML.
    pub summary: Option<String>,
    /// Where it gets activities; on its own origin.
    pub inbox: Uri,
    /// What it did.
    pub outbox: Option<Uri>,
    /// Who follows it; on its own origin.
    pub followers: Option<Uri>,
    /// Whom it follows; on its own origin.
    pub following: Option<Uri>,
    /// The one inbox of its server; on its own origin.
    pub shared_inbox: Option<Uri>,
    /// Its pinned posts.
    pub featured: Option<Uri>,
    /// The collection of a group's moderators.
    pub moderators: Option<Uri>,
    /// Follows wait for a yes.
    pub manually_approves: bool,
    /// Only moderators may start threads (Lemmy).
    pub posting_restricted: bool,
    /// Wants to be found; `None` where nothing is said.
    pub discoverable: Option<bool>,
    /// Wants its posts to be found by search; `None` where nothing is said.
    pub indexable: Option<bool>,
    /// The small picture.
    pub icon: Option<Icon>,
    /// The wide picture.
    pub image: Option<Icon>,
    /// Keys it signs with.
    pub keys: Vec<PublicKey>,
    /// Accounts it says are the same somebody's.
    pub also_known_as: Vec<Uri>,
    /// Where it went.
    pub moved_to: Option<Uri>,
    /// The page on which people read it.
    pub url: Option<Uri>,
    /// Lines of its profile.
    pub fields: Vec<Field>,
    /// Custom emojis of its name and texts.
    pub emojis: Vec<Emoji>,
    /// When it came to be.
    pub published: Option<Time>,
    /// Its server switched it off.
    pub suspended: bool,
    /// A memorial: nobody writes here any more.
    pub memorial: bool,
    /// What its server implements ([FEP-844e](https://w3id.org/fep/844e)).
    pub implements: Vec<String>,
}

impl ActorDoc {
    /// Reads an actor.
    ///
    /// # Errors
    /// Not an actor, no id, handle or inbox, an inbox or a key that belongs elsewhere, a private key.
    pub fn read(value: &Value) -> Result<Self, Refusal> {
        let kind = json::kinds(value).find_map(kind).ok_or("not an actor")?;
        let id = value.get("id").and_then(Value::as_str).and_then(json::uri);
        let id = id.ok_or("the actor has no id")?;
        let own = |uri: &Uri| uri.same_origin(&id);
        let inbox = json::id(value, "inbox").ok_or("the actor has no inbox")?;
        if !own(&inbox) {
            return Err("the inbox is on another server".into());
        }
        let here = |key: &str| json::id(value, key).filter(own);
        let endpoints = value.get("endpoints");
        let shared = endpoints.and_then(|ends| json::id(ends, "sharedInbox"));
        Ok(Self {
            kind,
            preferred_username: handle(value, kind, &id)?,
            name: json::text_or_nothing(value, "name")?.map(|name| cut(name, 500)),
            summary: json::natural(value, "summary").map(|text| cut(text, 20_000)),
            outbox: here("outbox"),
            followers: here("followers"),
            following: here("following"),
            shared_inbox: shared.or_else(|| json::id(value, "sharedInbox")).filter(own),
            featured: here("featured"),
            moderators: moderators(value, kind, &id),
            manually_approves: json::flag(value, "manuallyApprovesFollowers").unwrap_or(false),
            posting_restricted: json::flag(value, "postingRestrictedToMods").unwrap_or(false),
            discoverable: json::flag(value, "discoverable"),
            indexable: json::flag(value, "indexable"),
            icon: Icon::read(value, "icon"),
            image: Icon::read(value, "image"),
            keys: keys(value, &id)?,
            also_known_as: aliases(value),
            moved_to: json::id(value, "movedTo"),
            url: page(value),
            fields: fields(value),
            emojis: json::many(value, "tag")
                .iter()
                .filter(|tag| json::is(tag, "Emoji"))
                .take(MAX_ALIASES)
                .filter_map(Emoji::read)
                .collect(),
            published: json::time(value, "published"),
            suspended: json::flag(value, "suspended").unwrap_or(false),
            memorial: json::flag(value, "memorial").unwrap_or(false),
            implements: implements(value),
            id,
            inbox,
        })
    }
}

/// Whose key a document is about: the actor itself, the owner named by a key, or by a stub of an
/// actor that shows nothing but its key (`GoToSocial`). The owner's own document must list the key.
pub fn key_owner(value: &Value, key_id: &Uri) -> Option<Uri> {
    let owner = |key: &Value| json::id(key, "owner").or_else(|| json::id(key, "controller"));
    let keys = json::many(value, "publicKey").iter().chain(json::many(value, "assertionMethod"));
    keys.filter(|key| json::id_of(key).as_ref() == Some(key_id))
        .find_map(owner)
        .or_else(|| owner(value))
        .or_else(|| json::kinds(value).find_map(kind).and_then(|_| json::id_of(value)))
}

fn kind(name: &str) -> Option<ActorKind> {
    ActorKind::from_word(name)
}

fn cut(text: &str, most_chars: usize) -> String {
    text.chars().take(most_chars).collect()
}

/// The handle. Letters that look alike make look-alikes: only ASCII. A server's own actor may
/// have none, or one with a port, and goes by its host ([FEP-2677](https://w3id.org/fep/2677)); anybody
/// else who has none goes by the end of the id.
fn handle(value: &Value, kind: ActorKind, id: &Uri) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~');
    let fits = |handle: &&str| {
        !handle.is_empty() && handle.len() <= MAX_HANDLE_BYTES && handle.chars().all(plain)
    };
    let host = id.host_str().filter(|_| kind == ActorKind::Application);
    let nameless = value.get("preferredUsername").is_none_or(Value::is_null);
    let end = id.path_segments().and_then(|mut parts| parts.next_back());
    let end = end.filter(|_| nameless && id.query().is_none()).filter(fits);
    let handle = json::text(value, "preferredUsername").filter(fits).or(host).or(end);
    handle.map(str::to_owned).ok_or_else(|| "the actor has no handle".into())
}

/// A group names the collection of its moderators in `attributedTo` (Lemmy), older ones in
/// `moderators`; an array of people is not the collection.
fn moderators(value: &Value, kind: ActorKind, id: &Uri) -> Option<Uri> {
    let collection = match json::many(value, "attributedTo") {
        [one] if kind == ActorKind::Group => json::id_of(one),
        _ => None,
    };
    collection.or_else(|| json::id(value, "moderators")).filter(|uri| uri.same_origin(id))
}

/// Keys that are the actor's own: `publicKey` (one or many) and `assertionMethod`.
fn keys(value: &Value, actor: &Uri) -> Result<Vec<PublicKey>, Refusal> {
    let mut keys = Vec::new();
    for key in json::many(value, "publicKey").iter().take(MAX_KEYS) {
        let Some(pem) = json::text(key, "publicKeyPem") else { continue };
        if pem.contains("PRIVATE KEY") {
            return Err("a private key".into());
        }
        let owner = json::id(key, "owner").or_else(|| json::id(key, "controller"));
        if owner.is_some_and(|owner| owner != *actor) {
            return Err("the key belongs to another actor".into());
        }
        let id = json::id_of(key).unwrap_or_else(|| actor.clone());
        if id.same_origin(actor) && pem.len() <= 16_000 {
            keys.push(PublicKey { id, material: KeyMaterial::Pem(pem.to_owned()) });
        }
    }
    for key in json::many(value, "assertionMethod").iter().take(MAX_KEYS) {
        let multibase = json::text(key, "publicKeyMultibase").filter(|text| text.len() <= 4_000);
        let own = json::id(key, "controller").is_some_and(|controller| controller == *actor);
        if let (true, Some(multibase), Some(id)) = (own, multibase, json::id_of(key))
            && id.same_origin(actor)
        {
            keys.push(PublicKey { id, material: KeyMaterial::Multibase(multibase.to_owned()) });
        }
    }
    Ok(keys)
}

fn aliases(value: &Value) -> Vec<Uri> {
    json::many(value, "alsoKnownAs").iter().filter_map(json::id_of).take(MAX_ALIASES).collect()
}

/// The HTML page: of several links the one that says so, else the first.
fn page(value: &Value) -> Option<Uri> {
    let links = json::many(value, "url");
    let html = |link: &&Value| json::text(link, "mediaType") == Some("text/html");
    links.iter().filter(html).chain(links).find_map(json::id_of)
}

fn fields(value: &Value) -> Vec<Field> {
    let field = |value: &Value| {
        json::is(value, "PropertyValue").then_some(())?;
        let name = cut(json::text(value, "name")?, 255);
        Some(Field { name, value: cut(json::text(value, "value")?, 2_048) })
    };
    json::many(value, "attachment").iter().filter_map(field).take(MAX_FIELDS).collect()
}

/// Names of what the server implements: addresses, or links with `href`.
fn implements(value: &Value) -> Vec<String> {
    let Some(generator) = value.get("generator") else { return Vec::new() };
    let name = |value: &Value| match value {
        Value::String(text) => Some(cut(text, 255)),
        other => ["href", "id"].iter().find_map(|key| json::text(other, key)).map(|t| cut(t, 255)),
    };
    json::many(generator, "implements").iter().filter_map(name).take(64).collect()
}
