use std::collections::BTreeMap;

use super::{
    Company, answers_freely, group_for, inside_only, is_ask, is_for_group, readable, store,
};
use crate::{
    db::{self, actors::Actor, posts::Post},
    domain::{
        Node, Tx, actors, moderation,
        polls::{self, NewPoll},
        submissions,
    },
    error::{Error, Result},
    text::{self, Handle},
    types::{ActorId, AppId, MediaId, PostId, Visibility},
};

/// Longest title, in characters (Lemmy takes no more).
pub const MAX_TITLE: usize = 200;
/// How long the same idempotency key gives the same post, seconds.
const IDEMPOTENCY_SECS: i64 = 3_600;
/// A flood: so many posts ..
const FLOOD_POSTS: usize = 30;
/// .. in so many seconds.
const FLOOD_SECS: i64 = 600;
/// The same text again so soon, in seconds, is a slip of the finger or spam.
const DUPLICATE_SECS: i64 = 60;
/// An account is new for so many days, and then mentions at most this many people in a post.
const NEW_DAYS: i64 = 1;
const NEW_MENTIONS: usize = 8;

/// A post before it has an id.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Markdown.
    pub source: String,
    /// Of a new thread; plain text.
    pub title: Option<String>,
    /// Content warning, plain text.
    pub spoiler_text: String,
    /// Media are folded; a content warning implies it.
    pub sensitive: bool,
    /// Who may see it; the member's default if not said.
    pub visibility: Option<Visibility>,
    /// ISO 639 code; the member's default if not said.
    pub language: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<PostId>,
    /// The group it starts a thread in; one that it mentions otherwise.
    pub group: Option<ActorId>,
    /// It asks for help.
    pub ask: bool,
    /// Pictures uploaded before, in order.
    pub media: Vec<MediaId>,
    /// Choices to tick.
    pub poll: Option<NewPoll>,
    /// The app it was written with.
    pub app: Option<AppId>,
    /// The same key within an hour gives the same post.
    pub idempotency_key: Option<String>,
}

/// A member writes a post.
///
/// Mentions of actors this node has not met stay text: who calls looks them up before.
///
/// # Errors
/// `NotFound` for a parent they may not read, `Invalid` for what has to be changed, `Forbidden` for
/// a group that does not take it, `TooMany` for a flood.
#[expect(clippy::needless_pass_by_value, reason = "a draft is published once")]
pub fn publish(tx: &mut Tx, author: &Actor, draft: Draft) -> Result<Post> {
    let now = tx.now();
    if let Some(key) = &draft.idempotency_key {
        let since = now.plus_secs(-IDEMPOTENCY_SECS);
        if let Some(known) = db::posts::by_idempotency_key(tx, author.id, key, since)? {
            return Ok(db::posts::by_id(tx, known)?);
        }
    }
    let node = tx.node();
    check(&node, &draft, draft.poll.is_some())?;
    check_pace(tx, &node, author, &draft)?;
    let parent = match draft.in_reply_to {
        Some(id) => {
            let answered = readable(tx, Some(author.id), id)?;
            Some(original(tx, answered)?)
        }
        None => None,
    };
    let found = text::scan(&draft.source);
    let people = mentioned(tx, &node, &found.mentions)?;
    if node.limits && author.created_at > now.plus_days(-NEW_DAYS) && people.len() > NEW_MENTIONS {
        return Err(Error::invalid(format!(
            "A new account mentions at most {NEW_MENTIONS} people in one post"
        )));
    }
    let mut named: Vec<ActorId> = draft.group.into_iter().collect();
    named.extend(people.values().filter(|actor| actor.is_group()).map(|actor| actor.id));
    let visibility = visibility(tx, author, &draft, parent.as_ref())?;
    let group = if visibility.is_open() || draft.group.is_some() || parent.is_some() {
        group_for(tx, author, parent.as_ref(), &named)?
    } else {
        None
    };
    refuse_shut_out(tx, author, parent.as_ref(), group.as_ref(), &named)?;
    if let Some(wanted) = draft.group.filter(|_| parent.is_none())
        && group.as_ref().is_none_or(|group| group.id != wanted)
    {
        return Err(Error::forbidden("Only members post in this group; join it first"));
    }
    let private = group.as_ref().is_some_and(Actor::is_private_group);
    let visibility =
        if private && visibility.is_open() { Visibility::Followers } else { visibility };
    let charter = match &group {
        Some(group) => db::groups::by_id(tx, group.id)?,
        None => None,
    };
    let tags: Vec<(String, String)> =
        found.tags.iter().cloned().zip(found.written_tags.iter().cloned()).collect();
    let urls: BTreeMap<_, _> =
        people.iter().map(|(handle, actor)| (handle, actor.url.clone())).collect();
    let tag_base = node.url("tags");
    let links =
        text::Links { account: &|handle| urls.get(&key(&node, handle)).cloned(), tags: &tag_base };
    let id = PostId(tx.new_id());
    let title = draft
        .title
        .as_deref()
        .map(|title| text::clean_line(title, MAX_TITLE))
        .filter(|title| !title.is_empty() && parent.is_none());
    let post = Post {
        id,
        ap_id: node.uri(&format!("p/{id}"))?,
        url: Some(node.url(&format!("@{}/{id}", author.name))),
        author_id: author.id,
        local: true,
        kind: if draft.poll.is_some() { "Question" } else { "Note" }.into(),
        group_id: group.as_ref().map(|group| group.id),
        thread_id: parent.as_ref().map_or(id, |parent| parent.thread_id),
        in_reply_to_id: parent.as_ref().map(|parent| parent.id),
        in_reply_to_uri: None,
        boost_of_id: None,
        visibility,
        title,
        content: text::render(&draft.source, &links),
        source: Some(draft.source.clone()),
        spoiler_text: text::clean_line(&draft.spoiler_text, 500),
        sensitive: draft.sensitive || !draft.spoiler_text.trim().is_empty(),
        language: language(tx, author, &draft)?,
        is_ask: parent.is_none() && group.is_some() && is_ask(charter.as_ref(), draft.ask, &tags),
        helped: false,
        app_id: draft.app,
        replies_count: 0,
        likes_count: 0,
        boosts_count: 0,
        dislikes_count: 0,
        created_at: now,
        edited_at: None,
        deleted_at: None,
    };
    let mut company = Company { tags, ..Company::default() };
    company.mentioned = people.values().map(|actor| actor.id).collect();
    // An answer is for whom it answers, named or not.
    company
        .mentioned
        .extend(parent.iter().map(|parent| parent.author_id).filter(|other| *other != author.id));
    company.mentioned.sort_unstable();
    company.mentioned.dedup();
    inside_only(tx, group.as_ref(), &mut company.mentioned)?;
    store(tx, author, &post, company)?;
    // After the post, because its pictures name it.
    attach(tx, author, id, &draft.media)?;
    if let Some(poll) = &draft.poll {
        polls::add(tx, id, poll)?;
    }
    if let Some(group) = group.filter(|group| !group.local && is_for_group(group, visibility)) {
        submissions::begin(tx, &post, group.id)?;
    }
    if let Some(parent) = parent.filter(|parent| !parent.local)
        && !answers_freely(tx, &parent, author)?
    {
        submissions::begin(tx, &post, parent.author_id)?;
    }
    if let Some(key) = &draft.idempotency_key {
        db::posts::insert_idempotency_key(tx, author.id, key, id, now)?;
    }
    Ok(post)
}

/// Refuses what somebody banned writes in a group, and answers to a locked thread.
fn refuse_shut_out(
    tx: &mut Tx,
    author: &Actor,
    parent: Option<&Post>,
    group: Option<&Actor>,
    named: &[ActorId],
) -> Result<()> {
    let mut asked: Vec<Actor> = group.cloned().into_iter().collect();
    if parent.is_none() && group.is_none() {
        asked = tx.actors(named)?;
    }
    for group in asked.iter().filter(|actor| actor.is_group()) {
        if let Some(why) = moderation::shut_out(tx, author, group, parent)? {
            return Err(Error::forbidden(why));
        }
    }
    Ok(())
}

/// An answer to a boost is an answer to what it boosts.
fn original(tx: &mut Tx, post: Post) -> Result<Post> {
    match post.boost_of_id {
        Some(original) => Ok(db::posts::by_id(tx, original)?),
        None => Ok(post),
    }
}

pub(super) fn check(node: &Node, draft: &Draft, has_poll: bool) -> Result<()> {
    if draft.source.trim().is_empty() && draft.media.is_empty() && !has_poll {
        return Err(Error::invalid("Validation failed: Text can't be blank"));
    }
    let chars = text::char_count(&draft.source) + draft.spoiler_text.chars().count();
    if chars > node.max_post_chars {
        return Err(Error::invalid(format!(
            "Validation failed: Text has {chars} characters, {} are allowed",
            node.max_post_chars
        )));
    }
    if draft.media.len() > node.max_attachments {
        return Err(Error::invalid(format!(
            "Validation failed: a post carries at most {} pictures",
            node.max_attachments
        )));
    }
    Ok(())
}

fn check_pace(tx: &mut Tx, node: &Node, author: &Actor, draft: &Draft) -> Result<()> {
    if !node.limits {
        return Ok(());
    }
    let now = tx.now();
    let limit = i64::try_from(FLOOD_POSTS).map_err(Error::internal)?;
    let recent = db::posts::recent_of(tx, author.id, now.plus_secs(-FLOOD_SECS), limit)?;
    if recent.len() >= FLOOD_POSTS {
        let oldest = recent.last().map_or(now, |post| post.created_at);
        let wait = oldest.plus_secs(FLOOD_SECS).secs() - now.secs();
        return Err(Error::TooMany(u64::try_from(wait).unwrap_or(0).max(1)));
    }
    let again = recent.iter().any(|post| {
        post.created_at > now.plus_secs(-DUPLICATE_SECS)
            && post.source.as_deref() == Some(&*draft.source)
            && post.in_reply_to_id == draft.in_reply_to
            && draft.media.is_empty()
    });
    if again {
        return Err(Error::invalid("You posted just this a moment ago"));
    }
    Ok(())
}

/// The actors that mentions lead to, by handle: local ones by name (with or without our own
/// domain), remote ones if they are known.
pub(super) fn mentioned(
    tx: &mut Tx,
    node: &Node,
    handles: &[Handle],
) -> Result<BTreeMap<Handle, Actor>> {
    let mut found = BTreeMap::new();
    for handle in handles.iter().take(100) {
        let handle = key(node, handle);
        let actor = match &handle.host {
            None => db::actors::local_by_name(tx, &handle.name)?,
            Some(host) => db::actors::remote_by_handle(tx, &handle.name, host)?,
        };
        let is_node = |actor: &Actor| actor.name == actors::NODE_NAME;
        if let Some(actor) = actor.filter(|actor| actor.is_active() && !is_node(actor)) {
            found.insert(handle, actor);
        }
    }
    Ok(found)
}

/// A handle as it is looked up: local ones without host and in lower case.
pub(super) fn key(node: &Node, handle: &Handle) -> Handle {
    match handle.host.as_ref().map(|host| host.to_lowercase()) {
        Some(host) if host != node.domain => Handle { name: handle.name.clone(), host: Some(host) },
        _ => Handle { name: handle.name.to_lowercase(), host: None },
    }
}

fn visibility(
    tx: &mut Tx,
    author: &Actor,
    draft: &Draft,
    parent: Option<&Post>,
) -> Result<Visibility> {
    if let Some(said) = draft.visibility {
        // An answer to something private does not carry it outside.
        let inside = parent.is_some_and(|parent| parent.visibility == Visibility::Direct);
        return Ok(if inside { Visibility::Direct } else { said });
    }
    if let Some(parent) = parent.filter(|parent| !parent.visibility.is_open()) {
        return Ok(parent.visibility);
    }
    let member = db::members::by_id(tx, author.id)?;
    Ok(member.map_or(Visibility::Public, |member| member.default_visibility))
}

fn language(tx: &mut Tx, author: &Actor, draft: &Draft) -> Result<Option<String>> {
    let said = draft.language.clone().filter(|language| !language.is_empty());
    match said {
        Some(language) if language.len() <= 12 => Ok(Some(language)),
        Some(_) => Err(Error::invalid("Validation failed: unknown language")),
        None => Ok(db::members::by_id(tx, author.id)?.and_then(|member| member.default_language)),
    }
}

/// Gives a member's waiting pictures to their post.
pub(super) fn attach(tx: &mut Tx, author: &Actor, post: PostId, ids: &[MediaId]) -> Result<()> {
    let rows = db::media::of_owner(tx, author.id, ids)?;
    let usable = rows.len() == ids.len()
        && rows.iter().all(|row| row.post_id.is_none_or(|owner| owner == post));
    if !usable {
        return Err(Error::invalid("Validation failed: a picture is not there, or used already"));
    }
    for (row, position) in rows.iter().zip(0..) {
        db::media::attach(tx, row.id, post, position)?;
    }
    Ok(())
}
