use super::{
    Company, answers_freely,
    draft::{self, Draft},
    group_for, inside_only, is_ask, is_for_group, readable,
    reading::Reading,
    store,
};
use crate::{
    db::{self, actors::Actor, posts::Post},
    domain::{
        Tx, media, moderation, polls,
        quotes::{self, Quoters},
        submissions,
    },
    error::{Error, Result},
    text,
    types::{ActorId, MediaId, PostId, Visibility},
};

/// Longest title, in characters (Lemmy takes no more).
pub const MAX_TITLE: usize = 200;
/// How long the same idempotency key gives the same post, seconds.
const IDEMPOTENCY_SECS: i64 = 3_600;

/// A member writes a post.
///
/// Mentions of actors this node has not met stay text: who calls looks them up before.
///
/// # Errors
/// `NotFound` for a parent they may not read, `Invalid` for what has to be changed, `Forbidden` for
/// a group that does not take it, `TooMany` for a flood.
#[expect(clippy::needless_pass_by_value, reason = "a draft is published once")]
pub fn publish(tx: &mut Tx, author: &Actor, draft: Draft) -> Result<Post> {
    if let Some(known) = published_before(tx, author, &draft)? {
        return Ok(known);
    }
    let node = tx.node();
    draft::check(&node, &draft, draft.poll.is_some() || draft.quotes.is_some())?;
    draft::check_pace(tx, &node, author, &draft)?;
    let parent = draft.in_reply_to.map(|id| answered(tx, author, id)).transpose()?;
    let reading = Reading::of(tx, &draft.source)?;
    draft::check_mentions(tx, &node, author, reading.people().count())?;
    let mut place = Place::of(tx, author, &draft, parent, &reading)?;
    let mentioned = place.mentioned(tx, author, &reading)?;
    let quoted = draft.quotes.map(|id| quotes::quotable(tx, author, id)).transpose()?;
    if let Some(quoted) = &quoted {
        let group = place.group.as_ref();
        place.visibility = quoted.narrow(author, place.visibility, group, &mentioned)?;
    }
    let post = compose(tx, author, &draft, &place, &reading)?;
    let company = Company { mentioned, tags: reading.tags, ..Company::default() };
    store(tx, author, &post, company)?;
    // After the post, because its pictures name it.
    attach(tx, author, post.id, &draft.media)?;
    if let Some(poll) = &draft.poll {
        polls::add(tx, post.id, poll)?;
    }
    if draft.quoters != Quoters::Everyone {
        quotes::allow(tx, author, post.id, draft.quoters)?;
    }
    if let Some(quoted) = &quoted {
        quotes::begin(tx, &post, quoted)?;
    }
    place.submit(tx, author, &post)?;
    if let Some(key) = &draft.idempotency_key {
        db::posts::insert_idempotency_key(tx, author.id, key, post.id, post.created_at)?;
    }
    Ok(post)
}

/// The post that the same key gave within the hour.
fn published_before(tx: &mut Tx, author: &Actor, draft: &Draft) -> Result<Option<Post>> {
    let Some(key) = &draft.idempotency_key else { return Ok(None) };
    let since = tx.now().plus_secs(-IDEMPOTENCY_SECS);
    let known = db::posts::by_idempotency_key(tx, author.id, key, since)?;
    Ok(known.map(|id| db::posts::by_id(tx, id)).transpose()?)
}

/// What a post answers. An answer to a boost is an answer to what it boosts.
fn answered(tx: &mut Tx, author: &Actor, id: PostId) -> Result<Post> {
    let post = readable(tx, Some(author.id), id)?;
    match post.boost_of_id {
        Some(original) => Ok(db::posts::by_id(tx, original)?),
        None => Ok(post),
    }
}

/// Where a draft goes: below what, in which group, and who may see it there.
struct Place {
    parent: Option<Post>,
    group: Option<Actor>,
    visibility: Visibility,
}

impl Place {
    fn of(
        tx: &mut Tx,
        author: &Actor,
        draft: &Draft,
        parent: Option<Post>,
        reading: &Reading,
    ) -> Result<Self> {
        let mut named: Vec<ActorId> = draft.group.into_iter().collect();
        named.extend(reading.people().filter(|actor| actor.is_group()).map(|actor| actor.id));
        let visibility = visibility(tx, author, draft, parent.as_ref())?;
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
        Ok(Self { parent, group, visibility })
    }

    /// Whom the post is for by name. An answer is for whom it answers, named or not.
    fn mentioned(&self, tx: &mut Tx, author: &Actor, reading: &Reading) -> Result<Vec<ActorId>> {
        let mut ids = reading.ids();
        let answered = self.parent.iter().map(|parent| parent.author_id);
        ids.extend(answered.filter(|other| *other != author.id));
        ids.sort_unstable();
        ids.dedup();
        inside_only(tx, self.group.as_ref(), &mut ids)?;
        Ok(ids)
    }

    /// Begins to wait for those elsewhere who decide whether the post stands: its group, and who
    /// wants to approve answers.
    fn submit(self, tx: &mut Tx, author: &Actor, post: &Post) -> Result<()> {
        let elsewhere = |group: &Actor| !group.local && is_for_group(group, post.visibility);
        if let Some(group) = self.group.filter(elsewhere) {
            submissions::begin(tx, post, group.id)?;
        }
        if let Some(parent) = self.parent.filter(|parent| !parent.local)
            && !answers_freely(tx, &parent, author)?
        {
            submissions::begin(tx, post, parent.author_id)?;
        }
        Ok(())
    }
}

fn compose(
    tx: &mut Tx,
    author: &Actor,
    draft: &Draft,
    place: &Place,
    reading: &Reading,
) -> Result<Post> {
    let (node, id) = (tx.node(), PostId(tx.new_id()));
    let Place { parent, group, visibility } = place;
    let parent = parent.as_ref();
    let charter = match group {
        Some(group) => db::groups::by_id(tx, group.id)?,
        None => None,
    };
    let title = draft
        .title
        .as_deref()
        .map(|title| text::clean_line(title, MAX_TITLE))
        .filter(|title| !title.is_empty() && parent.is_none());
    let is_ask =
        parent.is_none() && group.is_some() && is_ask(charter.as_ref(), draft.ask, &reading.tags);
    Ok(Post {
        url: Some(node.url(&format!("@{}/{id}", author.name))),
        kind: if draft.poll.is_some() { "Question" } else { "Note" }.into(),
        group_id: group.as_ref().map(|group| group.id),
        thread_id: parent.map_or(id, |parent| parent.thread_id),
        in_reply_to_id: parent.map(|parent| parent.id),
        visibility: *visibility,
        title,
        content: reading.html(&draft.source),
        source: Some(draft.source.clone()),
        spoiler_text: text::clean_line(&draft.spoiler_text, 500),
        sensitive: draft.sensitive || !draft.spoiler_text.trim().is_empty(),
        language: language(tx, author, draft)?,
        is_ask,
        app_id: draft.app,
        ..Post::new(id, node.uri(&format!("p/{id}"))?, author, tx.now())
    })
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
    rows.iter().try_for_each(media::check_ready)?;
    for (row, position) in rows.iter().zip(0..) {
        db::media::attach(tx, row.id, post, position)?;
    }
    Ok(())
}
