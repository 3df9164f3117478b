//! A post as it was read, made harmless and ready for the rules.
use crate::{
    activitypub::{
        Object, PUBLIC,
        object::{Attachment, Event, Kind, Policy, Poll},
    },
    db::{actors::Actor, polls::Choice},
    domain::{
        Tx,
        polls::RemotePoll,
        posts::{RemoteMedia, RemotePost, Rules},
    },
    error::{Error, Result},
    federation::emojis::brought,
    text,
    types::{ActorId, Time, Uri},
};

use super::{Step, Stop};

/// Most groups of ours one post may name; more is a mass mailing.
const MOST_GROUPS: usize = 3;
/// Longest title, in characters.
const MAX_TITLE: usize = 200;
/// Longest content warning, in characters.
const MAX_WARNING: usize = 500;

/// Refuses a post that says it is somebody else's.
pub fn must_be_by(object: &Object, actor: &Uri) -> Step {
    if object.attributed_to.is_empty() || object.attributed_to.contains(actor) {
        Ok(())
    } else {
        Err(Stop::Error(Error::Malformed("the post is somebody else's".into())))
    }
}

/// What the rules get to know of a post. `received` is the activity that brought it, where it may be
/// passed on.
pub fn remote_post(
    tx: &mut Tx,
    author: &Actor,
    object: &Object,
    received: Option<&str>,
) -> Step<RemotePost> {
    let followers = author.followers_uri.as_deref().and_then(|uri| Uri::parse(uri).ok());
    let visibility = object.visibility(followers.as_ref().as_slice());
    let groups = groups(tx, object)?;
    let mentioned = mentioned(tx, author, object)?;
    let title = object.name.as_deref().map(|name| text::clean_line(name, MAX_TITLE));
    let title = title.filter(|title| !title.is_empty());
    let spoiler_text = warning(object);
    let now = tx.now();
    Ok(RemotePost {
        ap_id: object.id.clone(),
        url: object.url.as_ref().map(Uri::to_string),
        kind: kind(&object.kind).to_owned(),
        content: content(object, title.as_deref()),
        title: title.filter(|_| object.in_reply_to.is_none()),
        source: object.markdown.clone(),
        sensitive: object.sensitive || !spoiler_text.is_empty(),
        spoiler_text,
        language: object.language.clone(),
        visibility,
        in_reply_to: object.in_reply_to.clone(),
        groups,
        mentioned,
        tags: tags(object),
        emojis: brought(&object.emojis),
        media: object.attachments.iter().map(media).collect(),
        poll: object.poll.as_ref().map(poll),
        published: object.published.filter(|at| *at > Time(0)).unwrap_or(now),
        rules: rules(&object.policy),
        // What it quotes is up to who can look it up.
        quote: None,
        received: received.map(str::to_owned),
    })
}

/// Who may do what. A rule that lets everyone is none; of quotes it is one, since who says nothing
/// of them lets nobody.
fn rules(policy: &Policy) -> Rules {
    let texts = |who: &Vec<Uri>| who.iter().map(Uri::to_string).collect();
    let of = |who: &Option<Vec<Uri>>| {
        let who = who.as_ref().filter(|who| who.iter().all(|uri| uri.as_str() != PUBLIC));
        who.map(texts)
    };
    Rules {
        reply: of(&policy.can_reply),
        announce: of(&policy.can_announce),
        quote: policy.can_quote.as_ref().map(texts),
        ask_reply: policy.ask_reply.as_ref().map(texts),
        ask_quote: policy.ask_quote.as_ref().map(texts),
    }
}

fn kind(kind: &Kind) -> &str {
    match kind {
        Kind::Note => "Note",
        Kind::Page => "Page",
        Kind::Article => "Article",
        Kind::Question => "Question",
        Kind::Event => "Event",
        Kind::Video => "Video",
        Kind::Audio => "Audio",
        Kind::Image => "Image",
        Kind::Document => "Document",
        Kind::ChatMessage => "ChatMessage",
        Kind::Other(name) => name,
    }
}

/// The known groups it is meant for, in the order they are to be asked. Where it says which group
/// it belongs to, that one and no other.
fn groups(tx: &mut Tx, object: &Object) -> Step<Vec<ActorId>> {
    let candidates: Vec<&Uri> =
        if object.audience.is_empty() { object.groups() } else { object.audience.iter().collect() };
    let names: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    let known = tx.actors_called(&names)?;
    let mut groups: Vec<&Actor> = known.iter().filter(|actor| actor.is_group()).collect();
    let node = tx.node();
    let ours = object.groups().iter().filter(|uri| node.owns(uri) && is_group_path(uri)).count();
    if ours > MOST_GROUPS {
        return Err(Stop::Ignore("a post to too many groups at once"));
    }
    groups.sort_by_key(|group| candidates.iter().position(|uri| **uri == group.ap_id));
    Ok(groups.iter().map(|group| group.id).collect())
}

fn is_group_path(uri: &Uri) -> bool {
    uri.path().starts_with("/c/") && uri.path().matches('/').count() == 2
}

/// Whom it mentions, of those who are known here; of what is not for everyone also whom it is
/// addressed to.
fn mentioned(tx: &mut Tx, author: &Actor, object: &Object) -> Result<Vec<ActorId>> {
    let named = object.mentions.iter().map(|mention| &mention.href);
    let private = !object.visibility(&[]).is_open();
    let addressed = object.to.iter().chain(&object.cc).filter(|_| private);
    let mut ids: Vec<String> = named.chain(addressed).map(Uri::to_string).collect();
    ids.sort();
    ids.dedup();
    let known = tx.actors_called(&ids)?;
    Ok(known.iter().map(|actor| actor.id).filter(|id| *id != author.id).collect())
}

fn tags(object: &Object) -> Vec<(String, String)> {
    let both = |written: &String| (text::normal_tag(written), written.clone());
    object.hashtags.iter().map(both).filter(|(tag, _)| !tag.is_empty()).collect()
}

/// The summary of a note is a warning; that of an article is its beginning.
fn warning(object: &Object) -> String {
    match (&object.kind, &object.summary) {
        (Kind::Note | Kind::Question | Kind::Page | Kind::ChatMessage, Some(summary)) => {
            text::clean_line(&text::plain(summary), MAX_WARNING)
        }
        _ => String::new(),
    }
}

/// The text, without the title where it only repeats that; for what has no text of its own, what
/// else tells of it, and a link.
fn content(object: &Object, title: Option<&str>) -> String {
    let shown_apart = object.quote.is_some() && !object.quote_is_legacy;
    let markdown = object.media_type.as_deref().is_some_and(|kind| kind.contains("markdown"));
    let own = object.content.as_deref().map(|content| match (markdown, shown_apart) {
        (true, _) => render(content),
        (false, true) => text::sanitize(&text::without_class(content, "quote-inline")),
        (false, false) => text::sanitize(content),
    });
    let own = own.map(|html| match title {
        Some(title) => text::strip_title(&html, title),
        None => html,
    });
    let told = || object.summary.as_deref().map(text::sanitize).unwrap_or_default();
    let mut html =
        own.unwrap_or_else(|| if warning(object).is_empty() { told() } else { String::new() });
    if let Some(event) = &object.event {
        html = format!("{}{html}", when_and_where(event));
    }
    let elsewhere = object.url.as_ref().filter(|_| object.content.is_none());
    if let Some(link) = object.link.as_ref().or(elsewhere) {
        html.push_str(&anchor(link));
    }
    html
}

fn render(markdown: &str) -> String {
    text::render(markdown, &text::Links { account: &|_| None, tags: "" })
}

fn anchor(link: &Uri) -> String {
    let address = text::escape(link.as_str());
    text::sanitize(&format!("<p><a href=\"{address}\">{address}</a></p>"))
}

fn when_and_where(event: &Event) -> String {
    let day = |at: Time| at.date_time().format("%Y-%m-%d %H:%M UTC").to_string();
    let times: Vec<String> = [event.starts, event.ends].into_iter().flatten().map(day).collect();
    let parts = [times.join(" – "), event.place.clone().unwrap_or_default()];
    let parts: Vec<String> =
        parts.iter().filter(|part| !part.is_empty()).map(|part| text::escape(part)).collect();
    if parts.is_empty() { String::new() } else { format!("<p>{}</p>", parts.join("<br>")) }
}

fn media(file: &Attachment) -> RemoteMedia {
    let pixels = |side: Option<i64>| side.and_then(|side| i32::try_from(side).ok());
    RemoteMedia {
        url: file.url.to_string(),
        content_type: file.media_type.clone().unwrap_or_default(),
        description: file.description.clone(),
        blurhash: file.blurhash.clone(),
        size: pixels(file.width).zip(pixels(file.height)),
        focus: file.focus,
    }
}

fn poll(poll: &Poll) -> RemotePoll {
    let choice = |option: &crate::activitypub::object::PollOption| Choice {
        title: text::clean_line(&option.name, 500),
        votes: option.votes,
    };
    RemotePoll {
        choices: poll.options.iter().map(choice).collect(),
        multiple: poll.multiple,
        ends_at: poll.ends_at,
        closed_at: poll.closed,
        voters_count: poll.voters,
        hide_totals: poll.hidden,
    }
}
