//! Actors of ours.
use activitypub_federation::protocol::public_key::PublicKey;
use serde_json::{Value, json};

use super::{EmojiParts, Vocabulary, body, document, emoji};
use crate::types::{Time, Uri};

/// What an actor's document is made of. Its collections are below its id: `{id}/inbox` ..
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has that many flags")]
pub struct ActorParts<'a> {
    /// Its id.
    pub id: &'a Uri,
    /// Its handle, without host.
    pub handle: &'a str,
    /// Its display name, plain text.
    pub name: &'a str,
    /// What it says about itself: sanitised HTML.
    pub summary: &'a str,
    /// The Markdown the summary was made of.
    pub summary_markdown: Option<&'a str>,
    /// Its page.
    pub url: &'a str,
    /// The inbox of the whole node.
    pub shared_inbox: &'a str,
    /// The small picture.
    pub icon: Option<&'a str>,
    /// The wide picture.
    pub image: Option<&'a str>,
    /// The id of the RSA key.
    pub key_id: &'a str,
    /// The RSA key, SPKI in PEM.
    pub public_key_pem: &'a str,
    /// Ids of Ed25519 keys, and the keys as Multikeys (`z6Mk..`).
    pub multikeys: &'a [(String, String)],
    /// A person who is a program.
    pub bot: bool,
    /// Follows wait for a yes.
    pub manually_approves: bool,
    /// Only moderators may start threads.
    pub posting_restricted: bool,
    /// Wants to be found.
    pub discoverable: bool,
    /// Wants its posts to be found by search.
    pub indexable: bool,
    /// Lines of its profile.
    pub fields: &'a [FieldParts<'a>],
    /// Custom emoji in its name and texts.
    pub emojis: &'a [EmojiParts<'a>],
    /// Other accounts of the same somebody.
    pub also_known_as: &'a [Uri],
    /// Where it went.
    pub moved_to: Option<&'a Uri>,
    /// When it came to be.
    pub published: Time,
    /// When it last changed.
    pub updated: Option<Time>,
}

/// A line of a profile.
#[derive(Clone, Copy, Debug)]
pub struct FieldParts<'a> {
    /// Its label, plain text.
    pub name: &'a str,
    /// Its value: sanitised HTML.
    pub value: &'a str,
}

/// A person of ours, or a bot.
pub fn person(parts: &ActorParts) -> Value {
    actor(parts, if parts.bot { "Service" } else { "Person" }, &Value::Null)
}

/// A group of ours. `attributedTo` is the address of its moderators
/// ([FEP-1b12](https://w3id.org/fep/1b12)).
pub fn group(parts: &ActorParts) -> Value {
    let extra = json!({
        "attributedTo": format!("{}/moderators", parts.id),
        "postingRestrictedToMods": parts.posting_restricted,
        "sensitive": false,
    });
    actor(parts, "Group", &extra)
}

/// The node itself, which signs what no person or group asks for.
pub fn application(parts: &ActorParts) -> Value {
    let extra = json!({
        "generator": {
            "type": "Application",
            "implements": [
                {"href": "https://datatracker.ietf.org/doc/html/rfc9421",
                 "name": "RFC-9421: HTTP Message Signatures"},
                {"href": super::HELP, "name": "Help acknowledgements"},
            ],
        },
    });
    actor(parts, "Application", &extra)
}

fn actor(parts: &ActorParts, kind: &str, extra: &Value) -> Value {
    let id = parts.id;
    let picture = |url: Option<&str>| url.map(|url| json!({"type": "Image", "url": url}));
    let source = parts
        .summary_markdown
        .map(|markdown| json!({"content": markdown, "mediaType": "text/markdown"}));
    let fields: Vec<Value> = parts.fields.iter().map(field).collect();
    let emojis: Vec<Value> = parts.emojis.iter().map(emoji).collect();
    let multikey = |(key_id, key): &(String, String)| json!({"id": key_id, "type": "Multikey", "controller": id, "publicKeyMultibase": key});
    let multikeys: Vec<Value> = parts.multikeys.iter().map(multikey).collect();
    let mut whole = json!({
        "id": id,
        "type": kind,
        "preferredUsername": parts.handle,
        "name": parts.name,
        "summary": parts.summary,
        "source": source,
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "followers": format!("{id}/followers"),
        "following": (kind != "Group").then(|| format!("{id}/following")),
        "featured": (kind != "Application").then(|| format!("{id}/featured")),
        "endpoints": {"sharedInbox": parts.shared_inbox},
        "url": parts.url,
        "manuallyApprovesFollowers": parts.manually_approves,
        "discoverable": parts.discoverable,
        "indexable": parts.indexable,
        "published": parts.published.rfc3339(),
        "updated": parts.updated.map(Time::rfc3339),
        "icon": picture(parts.icon),
        "image": picture(parts.image),
        "attachment": (!fields.is_empty()).then_some(fields),
        "tag": (!emojis.is_empty()).then_some(emojis),
        "alsoKnownAs": (!parts.also_known_as.is_empty()).then_some(parts.also_known_as),
        "movedTo": parts.moved_to,
        "publicKey": PublicKey {
            id: parts.key_id.to_owned(),
            owner: id.0.clone(),
            public_key_pem: parts.public_key_pem.to_owned(),
        },
        "assertionMethod": (!multikeys.is_empty()).then_some(multikeys),
    });
    if let (Value::Object(whole), Value::Object(extra)) = (&mut whole, extra) {
        whole.extend(extra.clone());
    }
    document(body(whole), Vocabulary::Actor)
}

fn field(field: &FieldParts) -> Value {
    json!({"type": "PropertyValue", "name": field.name, "value": field.value})
}
