//! Documents made of rows: what is asked for here, and what the outbox sends.
use std::collections::BTreeSet;

use diesel::QueryResult;
use serde_json::Value;
use url::Url;

use super::write::{
    ActorParts, Addressing, EmojiParts, FieldParts, FileParts, Named, PollParts, PostParts,
    QuoteParts, Reach, application, emoji as write_emoji, group, person, post as write_post,
};
use crate::{
    db::{
        Conn,
        actors::{self, Actor},
        aliases,
        emojis::{self, Emoji},
        keys,
        media::{self, Media},
        moderation, policies, polls,
        posts::{self, Post},
        quotes::{self, QuoteState},
        submissions, threads,
    },
    text,
    types::{ActorId, ActorKind, Time, Uri},
};

/// How much of a thread without a title stands for one.
const SHORT_CHARS: usize = 100;

/// Where this node is reached, as its documents name it.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// `https://oak.example/`.
    pub origin: &'a Url,
    /// What stands after the @: `oak.example`, `localhost:8081`.
    pub domain: &'a str,
}

impl Here<'_> {
    /// The address of a path of ours, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin.as_str().trim_end_matches('/'))
    }

    /// `@name@host`, for anybody.
    pub fn handle(&self, actor: &Actor) -> String {
        let host = if actor.local { self.domain } else { &actor.host };
        format!("@{}@{host}", actor.name)
    }

    /// The collection of an actor's followers.
    pub fn followers(&self, actor: &Actor) -> String {
        actor.followers_uri.clone().unwrap_or_else(|| format!("{}/followers", actor.ap_id))
    }

    /// A picture of ours or of somebody else's.
    fn media(&self, place: &str) -> String {
        if place.contains("://") {
            place.to_owned()
        } else {
            self.url(&format!("/media/{}", place.trim_start_matches('/')))
        }
    }
}

/// A field as it is stored.
#[derive(serde::Deserialize)]
struct StoredField {
    name: String,
    value: String,
}

/// The document of a local actor, with its `@context`.
pub fn actor(conn: &mut Conn, here: Here, actor: &Actor) -> QueryResult<Value> {
    let multikeys = multikeys(conn, actor)?;
    let stored: Vec<StoredField> = serde_json::from_str(&actor.fields).unwrap_or_default();
    let fields: Vec<FieldParts> =
        stored.iter().map(|field| FieldParts { name: &field.name, value: &field.value }).collect();
    let (icon, image) = (
        actor.avatar.as_deref().map(|place| here.media(place)),
        actor.header.as_deref().map(|place| here.media(place)),
    );
    let also_known_as: Vec<Uri> =
        aliases::of(conn, actor.id)?.iter().filter_map(|uri| Uri::parse(uri).ok()).collect();
    let moved_to = actor.moved_to.as_deref().and_then(|uri| Uri::parse(uri).ok());
    let name = if actor.display_name.is_empty() { &actor.name } else { &actor.display_name };
    // The node itself goes by its domain.
    let is_node = actor.kind == ActorKind::Application;
    let emojis = actor_emojis(conn, here, actor, &stored)?;
    let emojis: Vec<EmojiParts> = emojis.iter().map(WrittenEmoji::parts).collect();
    let parts = ActorParts {
        id: &actor.ap_id,
        handle: if is_node { here.domain } else { &actor.name },
        name: if is_node { here.domain } else { name },
        summary: &actor.summary,
        summary_markdown: Some(actor.summary_source.as_str()).filter(|text| !text.is_empty()),
        url: &actor.url,
        shared_inbox: &here.url("/inbox"),
        icon: icon.as_deref(),
        image: image.as_deref(),
        key_id: &actor.key_id,
        public_key_pem: &actor.public_key,
        multikeys: &multikeys,
        bot: actor.kind == ActorKind::Service,
        manually_approves: actor.locked,
        posting_restricted: false,
        discoverable: actor.discoverable,
        indexable: actor.discoverable,
        fields: &fields,
        emojis: &emojis,
        also_known_as: &also_known_as,
        moved_to: moved_to.as_ref(),
        published: actor.created_at,
        updated: Some(actor.refreshed_at).filter(|at| *at > actor.created_at),
    };
    Ok(match actor.kind {
        ActorKind::Group => group(&parts),
        ActorKind::Application => application(&parts),
        ActorKind::Person | ActorKind::Service | ActorKind::Organization => person(&parts),
    })
}

/// The Ed25519 key in use, and those it replaced that are still shown: their ids and the keys.
fn multikeys(conn: &mut Conn, actor: &Actor) -> QueryResult<Vec<(String, String)>> {
    let keys = actors::keys(conn, actor.id)?;
    let now = Time::now();
    let shown = |key: &keys::PublicKey| key.until.is_some_and(|until| until > now);
    let former = keys::others(conn, actor.id)?.into_iter().filter(shown);
    let former = former.map(|key| (key.key_id, key.material));
    Ok(std::iter::once((keys.ed25519_id(actor), keys.ed25519_public)).chain(former).collect())
}

/// An emoji of ours with its addresses.
struct WrittenEmoji {
    row: Emoji,
    id: String,
    url: String,
}

impl WrittenEmoji {
    fn new(here: Here, row: Emoji) -> Self {
        let url = row.path.as_deref().map(|place| here.media(place)).unwrap_or_default();
        Self { id: here.url(&format!("/emojis/{}", row.shortcode)), url, row }
    }

    fn parts(&self) -> EmojiParts<'_> {
        EmojiParts {
            id: &self.id,
            shortcode: &self.row.shortcode,
            updated: self.row.updated_at,
            media_type: &self.row.content_type,
            url: &self.url,
        }
    }
}

/// The document of an emoji of ours, without `@context`.
pub fn emoji(here: Here, row: Emoji) -> Value {
    write_emoji(&WrittenEmoji::new(here, row).parts())
}

/// Those of our emoji that have one of these names.
fn written(
    conn: &mut Conn,
    here: Here,
    names: &BTreeSet<String>,
) -> QueryResult<Vec<WrittenEmoji>> {
    let rows = emojis::named(conn, "", names)?;
    Ok(rows.into_iter().map(|row| WrittenEmoji::new(here, row)).collect())
}

fn actor_emojis(
    conn: &mut Conn,
    here: Here,
    actor: &Actor,
    fields: &[StoredField],
) -> QueryResult<Vec<WrittenEmoji>> {
    let mut names = BTreeSet::new();
    text::gather_shortcodes(&mut names, &actor.display_name);
    text::gather_shortcodes_of_html(&mut names, &actor.summary);
    for field in fields {
        text::gather_shortcodes(&mut names, &field.name);
        text::gather_shortcodes_of_html(&mut names, &field.value);
    }
    written(conn, here, &names)
}

fn post_emojis(
    conn: &mut Conn,
    here: Here,
    post: &Post,
    poll: Option<&polls::Poll>,
) -> QueryResult<Vec<WrittenEmoji>> {
    let mut names = BTreeSet::new();
    text::gather_shortcodes_of_html(&mut names, &post.content);
    let choices = poll.map(polls::Poll::choices).unwrap_or_default();
    let plain = choices.iter().map(|choice| &choice.title).chain(&post.title);
    for text in plain.chain([&post.spoiler_text]) {
        text::gather_shortcodes(&mut names, text);
    }
    written(conn, here, &names)
}

/// Everything about a post that its document shows.
struct Gathered {
    author: Actor,
    group: Option<Actor>,
    parent: Option<Uri>,
    root_is_local: bool,
    /// Where the thread of an answer is listed, if it began elsewhere.
    context: Option<String>,
    /// Who may quote it, where its author said so.
    quoters: Option<Vec<String>>,
    /// The approval of who wrote what it answers.
    approval: Option<String>,
    /// What it quotes, and the page of that.
    quote: Option<(quotes::Quote, String)>,
    /// People it names, the author it replies to first.
    people: Vec<Actor>,
    tags: Vec<(String, String)>,
    emojis: Vec<WrittenEmoji>,
    media: Vec<Media>,
    poll: Option<polls::Poll>,
    locked: bool,
}

/// Whom a post is for; `mentioned` are those it names, who may be forgotten with it already.
pub fn addressing(
    conn: &mut Conn,
    here: Here,
    post: &Post,
    mentioned: &[ActorId],
) -> QueryResult<Addressing> {
    let mut gathered = gather(conn, here, post)?;
    for actor in actors::by_ids(conn, mentioned)? {
        let known = gathered.people.iter().any(|person| person.id == actor.id);
        if !known && actor.id != post.author_id && Some(actor.id) != post.group_id {
            gathered.people.push(actor);
        }
    }
    Ok(addressing_of(here, post, &gathered))
}

/// The document of a post, without `@context`.
pub fn post(conn: &mut Conn, here: Here, post: &Post) -> QueryResult<Value> {
    let gathered = gather(conn, here, post)?;
    let addressing = addressing_of(here, post, &gathered);
    Ok(render(here, post, &gathered, &addressing))
}

fn gather(conn: &mut Conn, here: Here, post: &Post) -> QueryResult<Gathered> {
    let mut ids = posts::mentions_of(conn, &[post.id])?.remove(&post.id).unwrap_or_default();
    let parent = post.in_reply_to_id.map(|id| posts::by_id(conn, id)).transpose()?;
    ids.extend(parent.as_ref().map(|parent| parent.author_id));
    ids.retain(|id| *id != post.author_id && Some(*id) != post.group_id);
    let mut people = actors::by_ids(conn, &ids)?;
    people.sort_by_key(|actor| {
        (parent.as_ref().map(|parent| parent.author_id) != Some(actor.id), actor.id)
    });
    let root_is_local = post.is_root() && post.local || posts::by_id(conn, post.thread_id)?.local;
    let look = if root_is_local { None } else { threads::look(conn, post.thread_id)? };
    let poll = polls::of_posts(conn, &[post.id])?.remove(&post.id);
    let stored_uri = post.in_reply_to_uri.as_deref().and_then(|uri| Uri::parse(uri).ok());
    Ok(Gathered {
        author: actors::by_id(conn, post.author_id)?,
        group: post.group_id.map(|id| actors::by_id(conn, id)).transpose()?,
        root_is_local,
        context: look.and_then(|look| look.context),
        quoters: if post.visibility.is_open() { quoters(conn, post)? } else { None },
        approval: if post.in_reply_to_id.is_some() { approval(conn, post)? } else { None },
        quote: quote(conn, here, post)?,
        parent: parent.map(|parent| parent.ap_id).or(stored_uri),
        people,
        tags: posts::tags_of(conn, &[post.id])?.remove(&post.id).unwrap_or_default(),
        media: media::of_posts(conn, &[post.id])?.remove(&post.id).unwrap_or_default(),
        emojis: post_emojis(conn, here, post, poll.as_ref())?,
        poll,
        locked: moderation::lock_of(conn, post.thread_id)?.is_some(),
    })
}

fn quote(conn: &mut Conn, here: Here, post: &Post) -> QueryResult<Option<(quotes::Quote, String)>> {
    let Some(quote) = quotes::of_post(conn, post.id)? else { return Ok(None) };
    let quoted = quote.quoted_id.map(|id| posts::by_id(conn, id)).transpose()?;
    let page = match quoted {
        Some(quoted) if quoted.local => {
            let author = actors::by_id(conn, quoted.author_id)?;
            Some(here.url(&format!("/@{}/{}", author.name, quoted.id)))
        }
        Some(quoted) => quoted.url,
        None => None,
    };
    let page = page.unwrap_or_else(|| quote.quoted_uri.clone());
    Ok(Some((quote, page)))
}

fn quoters(conn: &mut Conn, post: &Post) -> QueryResult<Option<Vec<String>>> {
    let who = policies::of(conn, post.id)?.and_then(|policy| policy.can_quote);
    Ok(who.map(|who| serde_json::from_str(&who).unwrap_or_default()))
}

/// The approval that a post here got, where it needed one.
fn approval(conn: &mut Conn, post: &Post) -> QueryResult<Option<String>> {
    let judged = submissions::of_posts(conn, &[post.id])?.remove(&post.id).unwrap_or_default();
    Ok(judged.into_iter().find_map(|submission| submission.approval))
}

fn addressing_of(here: Here, post: &Post, gathered: &Gathered) -> Addressing {
    let mentioned: Vec<Uri> = gathered.people.iter().map(|actor| actor.ap_id.clone()).collect();
    let group = gathered.group.as_ref();
    Addressing::of(&Reach {
        visibility: post.visibility,
        followers: &here.followers(&gathered.author),
        group: group.map(|group| &group.ap_id),
        group_is_private: group.is_some_and(Actor::is_private_group),
        mentioned: &mentioned,
    })
}

fn render(here: Here, post: &Post, gathered: &Gathered, addressing: &Addressing) -> Value {
    let handles: Vec<String> = gathered.people.iter().map(|actor| here.handle(actor)).collect();
    let mentions: Vec<Named> = gathered
        .people
        .iter()
        .zip(&handles)
        .map(|(actor, handle)| Named { id: &actor.ap_id, handle })
        .collect();
    let group_handle = gathered.group.as_ref().map(|group| here.handle(group));
    let group = gathered.group.as_ref().zip(group_handle.as_deref());
    let tag_pages: Vec<String> =
        gathered.tags.iter().map(|(tag, _)| here.url(&format!("/tags/{tag}"))).collect();
    let hashtags: Vec<(&str, &str)> = gathered
        .tags
        .iter()
        .zip(&tag_pages)
        .map(|((_, written), page)| (written.as_str(), page.as_str()))
        .collect();
    let emojis: Vec<EmojiParts> = gathered.emojis.iter().map(WrittenEmoji::parts).collect();
    let places: Vec<String> = gathered.media.iter().map(|file| place(here, file)).collect();
    let files: Vec<FileParts> =
        gathered.media.iter().zip(&places).map(|(file, place)| parts_of(file, place)).collect();
    let choices = gathered.poll.as_ref().map(polls::Poll::choices).unwrap_or_default();
    // Until its end is acted on; what tells of that tells the votes.
    let shown =
        gathered.poll.as_ref().is_none_or(|poll| !poll.hide_totals || poll.closed_at.is_some());
    let options: Vec<(&str, Option<i64>)> = choices
        .iter()
        .map(|choice| (choice.title.as_str(), shown.then_some(choice.votes)))
        .collect();
    let poll = gathered.poll.as_ref().map(|poll| PollParts {
        multiple: poll.multiple,
        options: &options,
        ends_at: poll.ends_at,
        closed: poll.closed_at,
        voters: poll.voters_count.unwrap_or_default(),
    });
    let page = here.url(&format!("/@{}/{}", gathered.author.name, post.id));
    // Groups elsewhere that list threads by their titles would make one up, or take it for a remark.
    let untitled = post.is_root() && gathered.group.as_ref().is_some_and(|group| !group.local);
    let short = untitled.then(|| text::excerpt(&post.content, SHORT_CHARS));
    let short = short.filter(|short| !short.is_empty());
    let context = here.url(&format!("/p/{}/context", post.thread_id));
    write_post(&PostParts {
        id: &post.ap_id,
        author: &gathered.author.ap_id,
        url: post.url.as_deref().unwrap_or(&page),
        title: post.title.as_deref(),
        short: short.as_deref(),
        html: &post.content,
        markdown: post.source.as_deref(),
        summary: Some(post.spoiler_text.as_str()).filter(|text| !text.is_empty()),
        sensitive: post.sensitive,
        in_reply_to: gathered.parent.as_ref(),
        addressing,
        // A group that is not addressed is not mentioned either.
        group: group
            .filter(|(group, _)| addressing.audience.is_some() && group.id != gathered.author.id)
            .map(|(group, handle)| Named { id: &group.ap_id, handle }),
        mentions: &mentions,
        hashtags: &hashtags,
        emojis: &emojis,
        files: &files,
        context: if gathered.root_is_local {
            Some(context.as_str())
        } else {
            gathered.context.as_deref()
        },
        link: None,
        language: post.language.as_deref(),
        likes: post.likes_count,
        quoters: gathered.quoters.as_deref(),
        locked: gathered.locked,
        answer: post.helped,
        approved_by: gathered.approval.as_deref(),
        quote: gathered.quote.as_ref().map(|(quote, url)| QuoteParts {
            id: &quote.quoted_uri,
            url,
            stamp: quote.stamp.as_deref(),
            unopposed: matches!(quote.state, QuoteState::Pending | QuoteState::Accepted),
        }),
        poll,
        event: None,
        published: post.created_at,
        updated: post.edited_at,
    })
}

fn place(here: Here, file: &Media) -> String {
    file.path
        .as_deref()
        .or(file.remote_url.as_deref())
        .map(|place| here.media(place))
        .unwrap_or_default()
}

fn parts_of<'a>(file: &'a Media, place: &'a str) -> FileParts<'a> {
    let centre = file.focus_x == 0.0 && file.focus_y == 0.0;
    FileParts {
        url: place,
        media_type: &file.content_type,
        description: file.description.as_deref(),
        blurhash: file.blurhash.as_deref(),
        size: file.width.zip(file.height).map(|(width, height)| (width.into(), height.into())),
        focus: (!centre).then_some((file.focus_x, file.focus_y)),
    }
}
