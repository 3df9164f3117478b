//! What we send: one plain form of every shape, arrays always arrays, `cc` always there.
//!
//! Each function takes plain values and gives the body without `@context`; [`document`] puts that
//! on what goes out by itself.
mod activities;
mod actors;
mod collections;
mod emojis;
mod ledger;
mod permissions;
mod posts;
#[cfg(test)]
mod tests;

pub use activities::{
    Acknowledgement, Act, LikeParts, Report, accept, acknowledgement, act, announce_activity,
    announce_object, as_page, create, delete, dislike, flag, follow, forget, inside, like, moved,
    quietly, reject, tombstone, undo, update,
};
pub use actors::{ActorParts, FieldParts, application, group, person};
pub use collections::{
    PAGE_ITEMS, collection, collection_page, counted, ordered_collection, page, paged,
    paged_collection,
};
pub use emojis::{EmojiParts, emoji};
pub use ledger::{ledger, ledger_page};
pub use permissions::{
    Permission, QUOTE_REQUEST, REPLY_REQUEST, accept_with, authorization, authorization_gone,
    refuse, request,
};
pub use posts::{
    Addressing, EventParts, FileParts, Named, PollParts, PostParts, QuoteParts, Reach, post,
};

use serde_json::{Map, Value, json};

use super::{AS, PUBLIC};

/// Which words a document uses beyond those of `ActivityStreams`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
    /// None.
    Plain,
    /// Those of actors: keys, and what Lemmy and Mastodon added.
    Actor,
    /// Those of posts: hashtags, emojis, votes, who may do what.
    Post,
    /// Those of an acknowledgement of help.
    Help,
    /// Those of requests and permissions to quote.
    Quote,
    /// Those of a ledger and its tree heads.
    Ledger,
    /// Those of a person's own copy of their receipts.
    Record,
    /// Those of requests and permissions to answer.
    Reply,
    /// Those of a custom emoji by itself.
    Emoji,
}

/// The namespace of our own words; a name, never fetched.
pub const HELP: &str = "https://w3id.org/commonhold/ns#";

/// A document by itself: the body with its `@context` first.
#[must_use]
pub fn document(body: Value, vocabulary: Vocabulary) -> Value {
    let mut whole = Map::new();
    let mut words = context(vocabulary);
    more_words(&mut words, &body);
    whole.insert("@context".into(), words);
    if let Value::Object(body) = body {
        whole.extend(body);
    }
    Value::Object(whole)
}

/// Words that few posts use stand in the context of those alone.
fn more_words(context: &mut Value, body: &Value) {
    let post = body.get("instrument").or_else(|| body.get("object")).unwrap_or(body);
    let uses = |word: &str| post.get(word).is_some() || body.get(word).is_some();
    let Some(Value::Object(words)) = context.as_array_mut().and_then(|all| all.last_mut()) else {
        return;
    };
    if body.get("instrument").is_some_and(Value::is_object) {
        words.extend(terms(post_words()));
    }
    let tags = post.get("tag").and_then(Value::as_array).into_iter().flatten();
    if tags.into_iter().any(|tag| tag.get("type").is_some_and(|kind| kind == "Emoji")) {
        words.extend(terms(emoji_words()));
    }
    if uses("quote") {
        words.extend(terms(json!({
            "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
            "quoteAuthorization": {
                "@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id",
            },
            "quoteUrl": {"@id": "as:quoteUrl", "@type": "@id"},
            "quoteUri": {"@id": "http://fedibird.com/ns#quoteUri", "@type": "@id"},
            "_misskey_quote": {
                "@id": "https://misskey-hub.net/ns#_misskey_quote", "@type": "@id",
            },
        })));
    }
    if uses("replyAuthorization") {
        words.extend(terms(json!({
            "replyAuthorization": {"@id": "gts:replyAuthorization", "@type": "@id"},
        })));
    }
}

fn emoji_words() -> Value {
    json!({"toot": "http://joinmastodon.org/ns#", "Emoji": "toot:Emoji"})
}

fn terms(words: Value) -> Map<String, Value> {
    match words {
        Value::Object(words) => words,
        _ => Map::new(),
    }
}

/// The `@context` of a document.
pub fn context(vocabulary: Vocabulary) -> Value {
    const SECURITY: &str = "https://w3id.org/security/v1";
    const INTEGRITY: &str = "https://w3id.org/security/data-integrity/v1";
    match vocabulary {
        Vocabulary::Plain => json!([AS, INTEGRITY]),
        Vocabulary::Actor => json!([AS, SECURITY, "https://w3id.org/security/multikey/v1", {
            "lemmy": "https://join-lemmy.org/ns#",
            "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
            "toot": "http://joinmastodon.org/ns#",
            "featured": {"@id": "toot:featured", "@type": "@id"},
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "suspended": "toot:suspended",
            "sensitive": "as:sensitive",
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "sec": "https://w3id.org/security#",
            "assertionMethod": {
                "@id": "sec:assertionMethod", "@type": "@id", "@container": "@set",
            },
            "movedTo": {"@id": "as:movedTo", "@type": "@id"},
            "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
            "schema": "http://schema.org#",
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
        }]),
        Vocabulary::Post => json!([AS, INTEGRITY, post_words()]),
        Vocabulary::Quote => json!([AS, {
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "gts": "https://gotosocial.org/ns#",
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
        }]),
        Vocabulary::Reply => json!([AS, {
            "gts": "https://gotosocial.org/ns#",
            "ReplyRequest": "gts:ReplyRequest",
            "ReplyAuthorization": "gts:ReplyAuthorization",
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
        }]),
        Vocabulary::Emoji => json!([AS, emoji_words()]),
        Vocabulary::Ledger => json!([AS, INTEGRITY, ledger_words()]),
        Vocabulary::Record => {
            let mut words = terms(ledger_words());
            words.extend(terms(json!({
                "HelpRecord": "help:HelpRecord",
                "ledgers": {"@id": "help:ledgers", "@container": "@list"},
                "entries": {"@id": "help:entries", "@container": "@list"},
                "inclusion": {"@id": "help:inclusion", "@container": "@list"},
                "key": "help:key",
            })));
            json!([AS, INTEGRITY, words])
        }
        Vocabulary::Help => json!([AS, INTEGRITY, {
            "help": HELP,
            "gts": "https://gotosocial.org/ns#",
            "HelpAcknowledgement": "help:HelpAcknowledgement",
            "Forget": "help:Forget",
            "helper": {"@id": "help:helper", "@type": "@id"},
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
        }]),
    }
}

/// All words of our own in one context, for whoever wants to know or reuse them. Documents carry
/// theirs inline: nobody has to fetch it.
#[must_use]
pub fn vocabulary() -> Value {
    let mut words = Map::new();
    for of in [Vocabulary::Help, Vocabulary::Record] {
        if let Some(Value::Object(terms)) = context(of).as_array_mut().and_then(Vec::pop) {
            words.extend(terms);
        }
    }
    json!({ "@context": words })
}

/// The words of ledgers.
fn ledger_words() -> Value {
    json!({
    "help": HELP,
    "Ledger": "help:Ledger",
    "TreeHead": "help:TreeHead",
    "Witness": "help:Witness",
    "ledger": {"@id": "help:ledger", "@type": "@id"},
    "witness": {"@id": "help:witness", "@type": "@id"},
    "head": {"@id": "help:head", "@type": "@id"},
    "from": "help:from",
    "size": "help:size",
    "root": "help:root",
    "at": "help:at",
    "commitment": "help:commitment",
    "salt": "help:salt",
    "row": "help:row",
    "payload": {"@id": "help:payload", "@type": "@json"},
        })
}

/// The words of posts.
fn post_words() -> Value {
    json!({
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "toot": "http://joinmastodon.org/ns#",
        "Emoji": "toot:Emoji",
        "votersCount": "toot:votersCount",
        "blurhash": "toot:blurhash",
        "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
        "gts": "https://gotosocial.org/ns#",
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "canReply": {"@id": "gts:canReply", "@type": "@id"},
        "canAnnounce": {"@id": "gts:canAnnounce", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
        "approvedBy": {"@id": "gts:approvedBy", "@type": "@id"},
        "schema": "http://schema.org#",
        "language": "schema:inLanguage",
        "identifier": "schema:identifier",
        "piefed": "https://piefed.social/ns#",
        "answer": "piefed:answer",
    })
}

/// An object without the keys that say nothing (`null`).
fn body(fields: Value) -> Value {
    match fields {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        other => other,
    }
}

/// The body of a document that is embedded in another.
#[must_use]
pub fn without_context(document: &Value) -> Value {
    let Value::Object(map) = document else { return document.clone() };
    let kept = map.iter().filter(|(key, _)| *key != "@context");
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Text as it stands in HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
