//! Posts of ours, and whom they are addressed to.
use serde_json::{Value, json};

use super::{EmojiParts, PUBLIC, body, emoji, escape};
use crate::types::{Time, Uri, Visibility};

/// Whom a post is for, the same on the post and on what is done with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressing {
    /// Main addressees.
    pub to: Vec<String>,
    /// The other addressees.
    pub cc: Vec<String>,
    /// The group.
    pub audience: Option<Uri>,
}

/// What decides whom a post is for.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'a> {
    /// Who may see it.
    pub visibility: Visibility,
    /// The author's followers collection.
    pub followers: &'a str,
    /// The group it belongs to.
    pub group: Option<&'a Uri>,
    /// That group shows its threads to members alone.
    pub group_is_private: bool,
    /// People it names, and the author it replies to.
    pub mentioned: &'a [Uri],
}

impl Addressing {
    /// Addressees of a post; none of them twice.
    pub fn of(reach: &Reach) -> Self {
        let group = reach.group.map(Uri::to_string);
        let followers = || Some(reach.followers.to_owned());
        let public = || Some(PUBLIC.to_owned());
        let members = || reach.group.map(|group| format!("{group}/followers"));
        let (to, cc) = match reach.visibility {
            Visibility::Direct => {
                let to = reach.mentioned.iter().map(Uri::to_string).collect();
                return Self { to, cc: Vec::new(), audience: None };
            }
            Visibility::Public => (vec![group, public()], vec![followers()]),
            Visibility::Unlisted => (vec![group, followers()], vec![public()]),
            Visibility::Followers if reach.group_is_private => (vec![group, members()], vec![]),
            // What an author keeps to their own followers is not for a group that is open.
            Visibility::Followers => {
                let mentioned = reach.mentioned.iter().map(Uri::to_string).collect();
                let to = vec![reach.followers.to_owned()];
                return Self { to, cc: mentioned, audience: None };
            }
        };
        let to: Vec<String> = to.into_iter().flatten().collect();
        let mentioned = reach.mentioned.iter().map(Uri::to_string);
        let mut cc: Vec<String> = mentioned.chain(cc.into_iter().flatten()).collect();
        cc.retain(|addressee| !to.contains(addressee));
        Self { to, cc, audience: reach.group.cloned() }
    }

    /// What is done in a group: for everyone, as Lemmy has it; in a private one for its `members`.
    pub fn within(group: &Uri, members: Option<&str>) -> Self {
        let own = group.to_string();
        let (to, cc) = match members {
            Some(members) => (vec![own, members.to_owned()], Vec::new()),
            None => (vec![PUBLIC.to_owned()], vec![own]),
        };
        Self { to, cc, audience: Some(group.clone()) }
    }

    /// What an acting group, or a vote, is addressed to: `to` alone.
    pub fn to(addressees: &[&str]) -> Self {
        let to = addressees.iter().map(|one| (*one).to_owned()).collect();
        Self { to, cc: Vec::new(), audience: None }
    }

    fn is_public(&self) -> bool {
        self.to.iter().chain(&self.cc).any(|addressee| addressee == PUBLIC)
    }
}

/// An actor and how it is named in text.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// Its id.
    pub id: &'a Uri,
    /// `@name@host`.
    pub handle: &'a str,
}

/// A picture or another file.
#[derive(Clone, Copy, Debug)]
pub struct FileParts<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// What it shows, in words.
    pub description: Option<&'a str>,
    /// The smudge to show while it loads.
    pub blurhash: Option<&'a str>,
    /// Width and height in pixels.
    pub size: Option<(i64, i64)>,
    /// What to keep in view: x and y from -1 to 1.
    pub focus: Option<(f64, f64)>,
}

/// A poll.
#[derive(Clone, Copy, Debug)]
pub struct PollParts<'a> {
    /// Whether more than one option may be chosen.
    pub multiple: bool,
    /// Each option and how many votes to show.
    pub options: &'a [(&'a str, Option<i64>)],
    /// When it ends.
    pub ends_at: Option<Time>,
    /// When it was closed.
    pub closed: Option<Time>,
    /// How many people voted.
    pub voters: i64,
}

/// A gathering.
#[derive(Clone, Copy, Debug)]
pub struct EventParts<'a> {
    /// When it starts.
    pub starts: Time,
    /// When it ends.
    pub ends: Option<Time>,
    /// Where.
    pub place: Option<&'a str>,
}

/// What a post quotes.
#[derive(Clone, Copy, Debug)]
pub struct QuoteParts<'a> {
    /// The id of what it quotes.
    pub id: &'a str,
    /// Its page.
    pub url: &'a str,
    /// The permission of who wrote it.
    pub stamp: Option<&'a str>,
    /// Nobody said no: servers that ask nobody may show it too.
    pub unopposed: bool,
}

/// What a post's document is made of.
#[derive(Clone, Copy, Debug)]
pub struct PostParts<'a> {
    /// Its id.
    pub id: &'a Uri,
    /// Who wrote it.
    pub author: &'a Uri,
    /// Its page.
    pub url: &'a str,
    /// The title, for a root; plain text.
    pub title: Option<&'a str>,
    /// What servers with titles call a root that has none; plain text.
    pub short: Option<&'a str>,
    /// The text: sanitised HTML without the title.
    pub html: &'a str,
    /// The Markdown it was made of, without the title.
    pub markdown: Option<&'a str>,
    /// Content warning, plain text.
    pub summary: Option<&'a str>,
    /// Media are to be hidden at first.
    pub sensitive: bool,
    /// The post it replies to.
    pub in_reply_to: Option<&'a Uri>,
    /// Whom it is for.
    pub addressing: &'a Addressing,
    /// The group it belongs to.
    pub group: Option<Named<'a>>,
    /// People it names.
    pub mentions: &'a [Named<'a>],
    /// Hashtags, each with the address of its page; without `#`.
    pub hashtags: &'a [(&'a str, &'a str)],
    /// Custom emoji in its texts.
    pub emojis: &'a [EmojiParts<'a>],
    /// Pictures and other files.
    pub files: &'a [FileParts<'a>],
    /// The collection of its whole thread.
    pub context: Option<&'a str>,
    /// The link it shares.
    pub link: Option<&'a str>,
    /// Its language, BCP 47.
    pub language: Option<&'a str>,
    /// How many like it.
    pub likes: i64,
    /// Who may quote it at once, where its author said so: ids.
    pub quoters: Option<&'a [String]>,
    /// Its thread takes no more replies.
    pub locked: bool,
    /// Marked as the reply that helped.
    pub answer: bool,
    /// The approval by the author of what it answers, where that was needed.
    pub approved_by: Option<&'a str>,
    /// What it quotes.
    pub quote: Option<QuoteParts<'a>>,
    /// Makes it a poll.
    pub poll: Option<PollParts<'a>>,
    /// Makes it an event.
    pub event: Option<EventParts<'a>>,
    /// When it was published.
    pub published: Time,
    /// When it last changed.
    pub updated: Option<Time>,
}

/// A post: `Note`, `Question` where there is a poll, `Event` where there is a date.
///
/// A root carries its title twice: as `name` for servers with titles, and as first bold line of
/// `content` for microblogs, which ignore the name of a Note. The Markdown `source`, which servers
/// with titles prefer, has none. The mention of the group makes Mastodon address replies to it.
pub fn post(parts: &PostParts) -> Value {
    let (id, addressing, text) = (parts.id, parts.addressing, content(parts));
    let mut whole = json!({
        "id": id,
        "type": kind(parts),
        "attributedTo": parts.author,
        "inReplyTo": parts.in_reply_to,
        "name": parts.title.or(parts.short),
        "content": text,
        "contentMap": parts.language.map(|tag| json!({tag: text})),
        "mediaType": "text/html",
        "source": source(parts).map(|text| json!({"content": text, "mediaType": "text/markdown"})),
        "summary": parts.summary,
        "sensitive": parts.sensitive,
        "to": addressing.to,
        "cc": addressing.cc,
        "audience": addressing.audience,
        "tag": tags(parts),
        "attachment": attachments(parts),
        "url": parts.url,
        "context": parts.context,
        "replies": replies(id),
        "likes": {"type": "Collection", "id": format!("{id}/likes"), "totalItems": parts.likes},
        "language": parts.language.map(language),
        "answer": parts.answer.then_some(true),
        "approvedBy": parts.approved_by,
        "replyAuthorization": parts.approved_by,
        "published": parts.published.rfc3339(),
        "updated": parts.updated.map(Time::rfc3339),
        "interactionPolicy": policy(parts),
    });
    let special = match (&parts.poll, &parts.event) {
        (Some(poll), _) => poll_fields(poll),
        (None, Some(event)) => event_fields(event),
        (None, None) => Value::Null,
    };
    let quote = parts.quote.as_ref().map_or(Value::Null, quote_fields);
    if let Value::Object(whole) = &mut whole {
        for more in [special, quote] {
            whole.extend(more.as_object().cloned().unwrap_or_default());
        }
    }
    body(whole)
}

/// What is quoted, in the words of who asks first ([FEP-044f](https://w3id.org/fep/044f)) and, while
/// nobody said no, in those of who does not.
fn quote_fields(quote: &QuoteParts) -> Value {
    let mut fields = json!({"quote": quote.id});
    let others = json!({
        "quoteUrl": quote.id, "quoteUri": quote.id, "_misskey_quote": quote.id,
    });
    if let Value::Object(fields) = &mut fields {
        fields.extend(quote.stamp.map(|stamp| ("quoteAuthorization".to_owned(), json!(stamp))));
        if quote.unopposed {
            fields.extend(others.as_object().cloned().unwrap_or_default());
        }
    }
    fields
}

/// The quote as a link in the text, for those who show no quotes; who does leaves it out, as it is
/// in Mastodon's class for it.
fn quote_line(parts: &PostParts) -> Option<String> {
    let quote = parts.quote.filter(|quote| quote.unopposed && !parts.html.contains(quote.url))?;
    let url = escape(quote.url);
    Some(format!("<p class=\"quote-inline\">RE: <a href=\"{url}\">{url}</a></p>"))
}

/// The Markdown, with the same link: Lemmy, `PieFed`, Mbin and `NodeBB` show nothing else.
fn source(parts: &PostParts) -> Option<String> {
    let text = parts.markdown?;
    match parts.quote.filter(|quote| quote.unopposed && !text.contains(quote.url)) {
        Some(quote) => Some(format!("RE: <{}>\n\n{text}", quote.url)),
        None => Some(text.to_owned()),
    }
}

/// Where the replies are, with an empty first page, as Mastodon writes it: `GoToSocial` (0.20) finds
/// its way to them from such a page alone.
fn replies(post: &Uri) -> Value {
    let all = format!("{post}/replies");
    json!({"id": all, "type": "Collection", "first": {
        "type": "CollectionPage", "partOf": all, "next": format!("{all}?page=true"), "items": [],
    }})
}

fn kind(parts: &PostParts) -> &'static str {
    match (&parts.poll, &parts.event) {
        (Some(_), _) => "Question",
        (None, Some(_)) => "Event",
        (None, None) => "Note",
    }
}

fn content(parts: &PostParts) -> String {
    let html = format!("{}{}", quote_line(parts).unwrap_or_default(), parts.html);
    match parts.title {
        // Everybody shows the name of an event.
        Some(title) if parts.event.is_none() => {
            format!("<p><strong>{}</strong></p>{html}", escape(title))
        }
        Some(_) | None => html,
    }
}

fn tags(parts: &PostParts) -> Vec<Value> {
    let named = |named: &Named| json!({"type": "Mention", "href": named.id, "name": named.handle});
    let also_group = parts.group.filter(|group| parts.mentions.iter().all(|m| m.id != group.id));
    let hashtag = |(name, href): &(&str, &str)| json!({"type": "Hashtag", "href": href, "name": format!("#{name}")});
    let mentions = also_group.iter().chain(parts.mentions).map(named);
    let quote = parts.quote.filter(|quote| quote.unopposed).map(|quote| {
        json!({"type": "Link", "mediaType": OBJECT, "rel": QUOTE_REL, "href": quote.id,
            "name": format!("RE: {}", quote.url)})
    });
    let emojis = parts.emojis.iter().map(emoji);
    mentions.chain(parts.hashtags.iter().map(hashtag)).chain(emojis).chain(quote).collect()
}

/// How a link to another object is marked ([FEP-e232](https://w3id.org/fep/e232)).
const OBJECT: &str = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
const QUOTE_REL: &str = "https://misskey-hub.net/ns#_misskey_quote";

fn attachments(parts: &PostParts) -> Vec<Value> {
    let link = parts.link.map(|href| json!({"type": "Link", "href": href}));
    link.into_iter().chain(parts.files.iter().map(file)).collect()
}

fn file(file: &FileParts) -> Value {
    let kind = match file.media_type.split('/').next() {
        Some("image") => "Image",
        _ => "Document",
    };
    body(json!({
        "type": kind,
        "mediaType": file.media_type,
        "url": file.url,
        "name": file.description,
        "blurhash": file.blurhash,
        "width": file.size.map(|(width, _)| width),
        "height": file.size.map(|(_, height)| height),
        "focalPoint": file.focus.map(|(x, y)| [x, y]),
    }))
}

fn poll_fields(poll: &PollParts) -> Value {
    let option = |(name, votes): &(&str, Option<i64>)| {
        let replies = json!({"type": "Collection", "totalItems": votes});
        json!({"type": "Note", "name": name, "replies": replies})
    };
    let options: Vec<Value> = poll.options.iter().map(option).collect();
    let mut fields = json!({"votersCount": poll.voters});
    if let Value::Object(fields) = &mut fields {
        fields.insert(if poll.multiple { "anyOf" } else { "oneOf" }.into(), options.into());
        let times = [("endTime", poll.ends_at), ("closed", poll.closed)];
        fields.extend(
            times
                .into_iter()
                .filter_map(|(key, time)| Some((key.to_owned(), Value::from(time?.rfc3339())))),
        );
    }
    fields
}

fn event_fields(event: &EventParts) -> Value {
    json!({
        "startTime": event.starts.rfc3339(),
        "endTime": event.ends.map(Time::rfc3339),
        "location": event.place.map(|name| json!({"type": "Place", "name": name})),
    })
}

/// Lemmy wants tag and English name (microblogs look at `contentMap`); the tag will do where we do not know the name.
fn language(tag: &str) -> Value {
    let name = match tag {
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fr" => "French",
        "it" => "Italian",
        "ja" => "Japanese",
        "nl" => "Dutch",
        "pl" => "Polish",
        "pt" => "Portuguese",
        other => other,
    };
    json!({"identifier": tag, "name": name})
}

/// Public posts may be answered, passed on and, unless their author says otherwise, quoted by anyone;
/// others are passed on and quoted by nobody else, and nobody but the author adds to a locked thread.
/// Who answers what is for a few follows from whom it is for: of a list of followers `GoToSocial`
/// (0.20) lets only those answer whose server was told yes, and of a group's members nobody.
fn policy(parts: &PostParts) -> Value {
    let author = parts.author.as_str();
    let everyone = if parts.addressing.is_public() { PUBLIC } else { author };
    let rule = |who: &str| json!({"automaticApproval": [who]});
    let repliers = match (parts.locked, parts.addressing.is_public()) {
        (true, _) => Some(author),
        (false, true) => Some(PUBLIC),
        (false, false) => None,
    };
    let quoters = match parts.quoters.filter(|_| parts.addressing.is_public()) {
        Some(who) => json!({"automaticApproval": who}),
        None => rule(everyone),
    };
    body(json!({
        "canReply": repliers.map(rule),
        "canAnnounce": rule(everyone),
        "canQuote": quoters,
    }))
}
