//! Reading a post in any of the forms servers send.
use serde_json::Value;

use super::{
    Attachment, Emoji, Event, Icon, Kind, MAX_ATTACHMENTS, MAX_NAME_CHARS, MAX_SUMMARY_CHARS,
    Mention, Object, Policy, Poll,
};
use crate::{
    activitypub::{
        Refusal,
        activity::{MAX_ADDRESSEES, MAX_TAGS},
        json::{self, addressees, text_or_nothing},
    },
    types::Uri,
};

impl Object {
    /// Reads a post.
    ///
    /// # Errors
    /// No id or type, something else than a text where the text belongs, more of anything than we
    /// read, a poll or an event that contradicts itself.
    pub fn read(value: &Value) -> Result<Self, Refusal> {
        let id = value.get("id").and_then(Value::as_str).and_then(json::uri);
        let id = id.ok_or("the object has no id")?;
        let kind = kind(value)?;
        let tags = json::many(value, "tag");
        if tags.len() > MAX_TAGS {
            return Err("too many tags".into());
        }
        if tags.iter().any(Value::is_string) && tags.len() == 1 {
            return Err("a tag is not an object".into());
        }
        let content = text_or_nothing(value, "content")?;
        if content.is_some_and(|content| !source_agrees(value, content)) {
            return Err("the source and the content say different things".into());
        }
        Ok(Self {
            attributed_to: authors(value)?,
            in_reply_to: in_reply_to(value)?,
            name: text_or_nothing(value, "name")?.and_then(|name| line(name, MAX_NAME_CHARS)),
            content: content.filter(|text| !text.is_empty()).map(str::to_owned),
            media_type: json::text(value, "mediaType").map(str::to_owned),
            markdown: markdown(value).map(str::to_owned),
            summary: text_or_nothing(value, "summary")?
                .and_then(|text| line(text, MAX_SUMMARY_CHARS)),
            sensitive: json::flag(value, "sensitive").unwrap_or(false),
            to: addressees(value, "to", MAX_ADDRESSEES)?,
            cc: addressees(value, "cc", MAX_ADDRESSEES)?,
            audience: addressees(value, "audience", MAX_ADDRESSEES)?,
            target: json::id(value, "target"),
            mentions: tags.iter().filter_map(mention).collect(),
            hashtags: hashtags(tags),
            emojis: tags
                .iter()
                .filter(|tag| json::is(tag, "Emoji"))
                .filter_map(Emoji::read)
                .collect(),
            attachments: attachments(value, &kind),
            url: page(value),
            link: link(value),
            image: Icon::read(value, "image")
                .or_else(|| Icon::read(value, "icon"))
                .map(|icon| icon.url),
            quote: quote(value, tags),
            quote_is_legacy: json::id(value, "quote").is_none(),
            quote_authorization: json::id(value, "quoteAuthorization"),
            context: json::id(value, "context"),
            replies: json::id(value, "replies"),
            published: published(value)?,
            updated: json::time(value, "updated"),
            language: language(value),
            poll: if kind == Kind::Question { Poll::read(value)? } else { None },
            event: if kind == Kind::Event { Some(Event::read(value)?) } else { None },
            policy: policy(value),
            approved_by: json::id(value, "approvedBy")
                .or_else(|| json::id(value, "replyAuthorization")),
            id,
            kind,
        })
    }
}

/// The first type we know; else the first of all.
fn kind(value: &Value) -> Result<Kind, Refusal> {
    let known = json::kinds(value).find_map(|kind| {
        Some(match kind {
            "Note" => Kind::Note,
            "Page" => Kind::Page,
            "Article" => Kind::Article,
            "Question" => Kind::Question,
            "Event" => Kind::Event,
            "Video" => Kind::Video,
            "Audio" => Kind::Audio,
            "Image" => Kind::Image,
            "Document" => Kind::Document,
            "ChatMessage" => Kind::ChatMessage,
            _ => return None,
        })
    });
    let other =
        || json::kinds(value).next().map(|kind| Kind::Other(kind.chars().take(64).collect()));
    known.or_else(other).ok_or_else(|| "the object has no type".into())
}

/// Authors; of several (`PeerTube` names person and channel) persons come first. Mobilizon names the
/// group there, and who acted for it as `actor`.
fn authors(value: &Value) -> Result<Vec<Uri>, Refusal> {
    let mut given: Vec<&Value> = json::many(value, "attributedTo").iter().collect();
    if given.len() > 16 {
        return Err("too many authors".into());
    }
    given.sort_by_key(|author| author.is_object() && !json::is(author, "Person"));
    let mut authors: Vec<Uri> = given.into_iter().filter_map(json::id_of).collect();
    authors.extend(json::id(value, "actor"));
    authors.dedup();
    Ok(authors)
}

/// The parent: an id, an object, a list of one. A reply to several posts is none we could place.
fn in_reply_to(value: &Value) -> Result<Option<Uri>, Refusal> {
    match json::many(value, "inReplyTo") {
        [] => Ok(None),
        [one] => Ok(json::id_of(one)),
        _ => Err("a reply to several posts".into()),
    }
}

/// A trimmed text, cut; nothing where it is empty.
fn line(text: &str, most_chars: usize) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(most_chars).collect())
}

/// Whether a bare text in place of the source is what `content` was made of: Pleroma and Akkoma
/// send the one they have, Mbin a link. One without any word of the content is another post, shown
/// to those alone who read sources.
fn source_agrees(value: &Value, content: &str) -> bool {
    let Some(source) = value.get("source").and_then(Value::as_str) else { return true };
    let (source, content) = (source.to_lowercase(), content.to_lowercase());
    let mut words =
        source.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).peekable();
    json::uri(source.trim()).is_some()
        || words.peek().is_none()
        || words.any(|word| content.contains(word))
}

/// The Markdown it was made of; of a bare text nobody knows what it is written in.
fn markdown(value: &Value) -> Option<&str> {
    let source = value.get("source")?;
    let media = json::text(source, "mediaType")?;
    media.starts_with("text/markdown").then(|| json::text(source, "content")).flatten()
}

/// When it was published. What is no date at all is refused; a zone may be missing.
fn published(value: &Value) -> Result<Option<crate::types::Time>, Refusal> {
    match value.get("published") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => {
            json::time(value, "published").map(Some).ok_or_else(|| "published is no time".into())
        }
    }
}

fn mention(tag: &Value) -> Option<Mention> {
    let named = json::is(tag, "Mention");
    let href = json::text(tag, "href").filter(|_| named).and_then(json::uri)?;
    let name = json::text(tag, "name").unwrap_or_default().chars().take(500).collect();
    Some(Mention { href, name })
}

/// Hashtags without `#`, each once whatever its case.
fn hashtags(tags: &[Value]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for tag in tags.iter().filter(|tag| json::is(tag, "Hashtag")) {
        let name = json::text(tag, "name").unwrap_or_default().trim().trim_start_matches('#');
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '·' | '\u{200c}');
        let fits = !name.is_empty() && name.chars().count() <= 100 && name.chars().all(word);
        if fits && !found.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            found.push(name.to_owned());
        }
    }
    found
}

fn attachments(value: &Value, kind: &Kind) -> Vec<Attachment> {
    let files = json::many(value, "attachment").iter().filter(|file| !is_shared_link(file));
    let mut found: Vec<Attachment> = Vec::new();
    let own = matches!(kind, Kind::Image | Kind::Document | Kind::Audio);
    for attachment in own.then_some(value).into_iter().chain(files).filter_map(Attachment::read) {
        if found.len() < MAX_ATTACHMENTS && !found.iter().any(|other| other.url == attachment.url) {
            found.push(attachment);
        }
    }
    found
}

/// Lemmy shares a page by a bare `Link`; one that ends like a picture is that picture.
fn is_shared_link(file: &Value) -> bool {
    let media = Attachment::read(file).and_then(|file| file.media_type);
    json::is(file, "Link") && media.is_none_or(|media| media.starts_with("text/"))
}

/// The link a post shares.
fn link(value: &Value) -> Option<Uri> {
    json::many(value, "attachment")
        .iter()
        .filter(|file| is_shared_link(file))
        .find_map(|file| json::id(file, "href").or_else(|| json::id(file, "url")))
}

/// The page to read it on: of several links the HTML one, else the first.
fn page(value: &Value) -> Option<Uri> {
    let links = json::many(value, "url");
    let html = |link: &&Value| {
        json::text(link, "mediaType").is_some_and(|media| media.starts_with("text/html"))
    };
    let address = |link: &Value| match link {
        Value::String(text) => json::uri(text),
        other => json::text(other, "href").and_then(json::uri),
    };
    links.iter().filter(html).chain(links).find_map(address)
}

/// The quoted post, in every spelling in use.
fn quote(value: &Value, tags: &[Value]) -> Option<Uri> {
    let keys = ["quote", "quoteUrl", "quoteUri", "_misskey_quote"];
    let object_link = |tag: &&Value| {
        let media = json::text(tag, "mediaType").unwrap_or_default();
        let rel = json::many(tag, "rel").iter().filter_map(Value::as_str);
        json::is(tag, "Link")
            && media.contains("activitystreams")
            && rel.into_iter().any(|rel| rel.ends_with("#_misskey_quote") || rel.contains("quote"))
    };
    keys.iter()
        .find_map(|key| json::id(value, key))
        .or_else(|| tags.iter().find(object_link).and_then(|tag| json::id(tag, "href")))
}

/// The language: said in words, or by the only entry of a content map.
fn language(value: &Value) -> Option<String> {
    let said = json::first(value, "language")
        .and_then(|said| said.as_str().or_else(|| json::text(said, "identifier")));
    let map = value.get("contentMap").and_then(Value::as_object);
    let by_map = map.filter(|map| map.len() == 1).and_then(|map| map.keys().next());
    let tag = |tag: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let fits = (2..=35).contains(&tag.len()) && tag.chars().all(plain) && tag != "und";
        fits.then(|| tag.to_owned())
    };
    said.and_then(tag).or_else(|| by_map.and_then(|key| tag(key)))
}

fn policy(value: &Value) -> Policy {
    let Some(policy) = value.get("interactionPolicy") else { return Policy::default() };
    let who = |key: &str| {
        let rule = policy.get(key)?;
        // `always` is how GoToSocial wrote it before 0.20.
        let at_once = ["automaticApproval", "always"].iter().find(|key| rule.get(key).is_some());
        Some(at_once.map(|key| addressees(rule, key, 256).unwrap_or_default()).unwrap_or_default())
    };
    let asked = |key: &str| {
        let rule = policy.get(key)?;
        rule.get("manualApproval")?;
        Some(addressees(rule, "manualApproval", 256).unwrap_or_default())
            .filter(|who| !who.is_empty())
    };
    Policy {
        can_reply: who("canReply"),
        can_announce: who("canAnnounce"),
        can_quote: who("canQuote"),
        ask_reply: asked("canReply"),
        ask_quote: asked("canQuote"),
    }
}
