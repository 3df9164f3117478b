use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Company, group_for, inside_only, is_ask, store};
use crate::{
    db::{self, actors::Actor, groups::Group, media::Media, posts::Post},
    domain::{
        Tx,
        emojis::{self, RemoteEmoji},
        moderation,
        polls::{self, RemotePoll},
        quotes::{self, RemoteQuote},
    },
    error::{Error, Result},
    text,
    types::{ActorId, MediaId, PostId, Time, Uri, Visibility},
};

/// How old a post may be and still be news, seconds: such a one sorts by its arrival.
const FRESH_SECS: i64 = 600;
/// How old a post may be and still notify, seconds.
const NEWS_SECS: i64 = 7 * 86_400;

/// A file of a remote post; it stays where it is.
#[derive(Clone, Debug, Default)]
pub struct RemoteMedia {
    /// Where it is.
    pub url: String,
    /// MIME type; empty if not said.
    pub content_type: String,
    /// Plain text.
    pub description: Option<String>,
    /// The colour smudge.
    pub blurhash: Option<String>,
    /// Pixels.
    pub size: Option<(i32, i32)>,
    /// -1 to 1.
    pub focus: Option<(f64, f64)>,
}

/// A post of another server, as read there: whoever calls has made sure that it comes from the
/// origin of its id, and that its author lives there too.
#[derive(Clone, Debug)]
pub struct RemotePost {
    /// Its id.
    pub ap_id: Uri,
    /// Its page.
    pub url: Option<String>,
    /// Note, Page, Article ..
    pub kind: String,
    /// Plain text.
    pub title: Option<String>,
    /// Sanitised HTML, without the title.
    pub content: String,
    /// Markdown, where it was sent.
    pub source: Option<String>,
    /// Plain text.
    pub spoiler_text: String,
    /// Media are folded.
    pub sensitive: bool,
    /// ISO 639 code.
    pub language: Option<String>,
    /// Who may see it, by its addressees.
    pub visibility: Visibility,
    /// Id of the post it answers.
    pub in_reply_to: Option<Uri>,
    /// Groups that it is addressed to or mentions, in the order they are to be asked.
    pub groups: Vec<ActorId>,
    /// Whom it mentions, of those this node knows.
    pub mentioned: Vec<ActorId>,
    /// Its tags: lower case, and as written.
    pub tags: Vec<(String, String)>,
    /// Custom emoji in its texts.
    pub emojis: Vec<RemoteEmoji>,
    /// Its files.
    pub media: Vec<RemoteMedia>,
    /// Its poll.
    pub poll: Option<RemotePoll>,
    /// When it was published, as it says.
    pub published: Time,
    /// Who may do what with it.
    pub rules: Rules,
    /// What it quotes.
    pub quote: Option<RemoteQuote>,
    /// The activity that brought it, JSON, where it came as one and may be passed on.
    pub received: Option<String>,
}

/// Who may do what with a post at once, as its author says: ids. Nothing means everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Who may answer.
    pub reply: Option<Vec<String>>,
    /// Who may pass it on.
    pub announce: Option<Vec<String>>,
    /// Who may quote it; nothing where its author said nothing.
    pub quote: Option<Vec<String>>,
    /// Who may answer once its author has said yes.
    pub ask_reply: Option<Vec<String>>,
    /// Who may quote it once its author has said yes.
    pub ask_quote: Option<Vec<String>>,
}

/// Writes down who may do what; `known` where something else may be written already.
pub(super) fn keep_rules(tx: &mut Tx, post: PostId, rules: &Rules, known: bool) -> Result<()> {
    if *rules == Rules::default() {
        if known {
            db::policies::forget(tx, post)?;
        }
        return Ok(());
    }
    let list = |who: &Option<Vec<String>>| {
        who.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)
    };
    let policy = db::policies::Policy {
        post_id: post,
        can_reply: list(&rules.reply)?,
        can_announce: list(&rules.announce)?,
        can_quote: list(&rules.quote)?,
        ask_reply: list(&rules.ask_reply)?,
        ask_quote: list(&rules.ask_quote)?,
    };
    if known {
        db::policies::set(tx, &policy)?;
    } else {
        db::policies::insert(tx, &policy)?;
    }
    Ok(())
}

/// Whether a top-level post asks for help in a group here; also one from a server to which hashtags
/// are words.
fn asks(charter: Option<&Group>, remote: &RemotePost) -> bool {
    if charter.is_none() {
        return false;
    }
    let title = text::escape(remote.title.as_deref().unwrap_or_default());
    let spoken = text::spoken_tags(&title).into_iter().chain(text::spoken_tags(&remote.content));
    let spoken = spoken.map(|tag| (tag.clone(), tag));
    let said: Vec<(String, String)> = remote.tags.iter().cloned().chain(spoken).collect();
    is_ask(charter, false, &said)
}

/// A post arrives from elsewhere. Whoever calls has looked whether it is here, or was, in the same
/// change; one that comes twice at the same moment is left as it was.
///
/// # Errors
/// `Forbidden` where its author does not live at its origin, `Gone` where the author is not welcome
/// any more.
pub fn receive(tx: &mut Tx, author: &Actor, remote: RemotePost) -> Result<Post> {
    if author.local || !author.ap_id.same_origin(&remote.ap_id) {
        return Err(Error::forbidden("A post comes from the server of its author"));
    }
    if !author.is_active() {
        return Err(Error::Gone);
    }
    let now = tx.now();
    let parent = match &remote.in_reply_to {
        Some(uri) => db::posts::by_ap_id(tx, uri.as_str())?.filter(|p| p.deleted_at.is_none()),
        None => None,
    };
    let orphan = remote.in_reply_to.as_ref().filter(|_| parent.is_none());
    let inside = match parent.as_ref().and_then(|parent| parent.group_id) {
        Some(group) => Some(tx.actor(group)?).filter(Actor::is_private_group),
        None => None,
    };
    let visibility = match &inside {
        // An answer to what is said among members is for them, whatever it says itself.
        Some(_) if remote.visibility.is_open() => Visibility::Followers,
        _ => remote.visibility,
    };
    let group = if let Some(inside) = inside {
        let named = remote.visibility.is_open() || remote.groups.contains(&inside.id);
        let member = !inside.local || db::follows::exists(tx, author.id, inside.id)?;
        if remote.visibility.is_open() && !member {
            return Err(Error::forbidden("Only members write in this group"));
        }
        (named && member && visibility == Visibility::Followers).then_some(inside)
    } else if remote.visibility.is_open() || parent.is_some() {
        // An answer whose question is not known belongs nowhere yet.
        let named = if orphan.is_some() { &[] } else { &*remote.groups };
        group_for(tx, author, parent.as_ref(), named)?
    } else {
        private_group(tx, author, &remote)?
    };
    if let (Some(group), Some(parent)) = (&group, &parent)
        && let Some(why) = moderation::shut_out(tx, author, group, Some(parent))?
    {
        return Err(Error::forbidden(why));
    }
    let charter = match &group {
        Some(group) => db::groups::by_id(tx, group.id)?,
        None => None,
    };
    let created_at = if remote.published > now.plus_secs(3_600) { now } else { remote.published };
    let id = free_id(tx, created_at, &remote.ap_id)?;
    let is_root = remote.in_reply_to.is_none();
    let asks = is_root && asks(charter.as_ref(), &remote);
    let post = Post {
        url: remote.url,
        kind: remote.kind,
        group_id: group.as_ref().map(|group| group.id),
        thread_id: parent.as_ref().map_or(id, |parent| parent.thread_id),
        in_reply_to_id: parent.as_ref().map(|parent| parent.id),
        in_reply_to_uri: orphan.map(ToString::to_string),
        visibility,
        title: remote.title.filter(|_| is_root),
        content: remote.content,
        source: remote.source,
        spoiler_text: remote.spoiler_text,
        sensitive: remote.sensitive,
        language: remote.language,
        is_ask: asks,
        ..Post::new(id, remote.ap_id, author, created_at)
    };
    let mut mentioned = remote.mentioned;
    inside_only(tx, group.as_ref(), &mut mentioned)?;
    let company = Company {
        mentioned,
        tags: remote.tags,
        received: remote.received,
        backfill: created_at < now.plus_secs(-NEWS_SECS),
    };
    if !store(tx, author, &post, company)? {
        return db::posts::by_ap_id(tx, post.ap_id.as_str())?.ok_or(Error::NotFound);
    }
    insert_media(tx, author.id, id, &remote.media)?;
    emojis::receive(tx, &author.ap_id, &remote.emojis)?;
    keep_rules(tx, id, &remote.rules, false)?;
    quotes::receive(tx, &post, remote.quote.as_ref(), created_at >= now.plus_secs(-NEWS_SECS))?;
    if let Some(poll) = &remote.poll {
        polls::receive(tx, id, poll)?;
    }
    adopt_orphans(tx, &post)?;
    Ok(post)
}

/// Of a post that is not open, only a private group it is in with its author's membership.
fn private_group(tx: &mut Tx, author: &Actor, remote: &RemotePost) -> Result<Option<Actor>> {
    if remote.visibility != Visibility::Followers {
        return Ok(None);
    }
    for id in &remote.groups {
        let group = tx.actor(*id)?;
        // A group elsewhere knows its members by itself.
        if group.is_private_group()
            && (!group.local || db::follows::exists(tx, author.id, group.id)?)
        {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

/// An id that sorts where the post belongs: by its arrival if it is news, else by its own time.
fn free_id(tx: &mut Tx, created_at: Time, ap_id: &Uri) -> Result<PostId> {
    if created_at > tx.now().plus_secs(-FRESH_SECS) {
        return Ok(PostId(tx.new_id()));
    }
    // Two posts of one millisecond that come at once must not find the same id free.
    db::lock(tx, created_at.0)?;
    let mut hash = DefaultHasher::new();
    ap_id.hash(&mut hash);
    let salt = hash.finish();
    for step in 0..64 {
        let id = PostId(tx.id_at(created_at, salt.wrapping_add(step)));
        if db::posts::by_ids(tx, &[id])?.is_empty() && db::posts::by_id(tx, id).is_err() {
            return Ok(id);
        }
    }
    Ok(PostId(tx.new_id()))
}

pub(super) fn insert_media(
    tx: &mut Tx,
    owner: ActorId,
    post: PostId,
    media: &[RemoteMedia],
) -> Result<()> {
    let rows: Vec<Media> = media
        .iter()
        .zip(0..)
        .map(|(file, position)| {
            let kind = match file.content_type.split('/').next() {
                Some("image") => "image",
                Some("video") => "video",
                Some("audio") => "audio",
                _ => "unknown",
            };
            Media {
                id: MediaId(tx.new_id()),
                post_id: Some(post),
                position,
                remote_url: Some(file.url.clone()),
                description: file.description.clone(),
                blurhash: file.blurhash.clone(),
                width: file.size.map(|(width, _)| width),
                height: file.size.map(|(_, height)| height),
                focus_x: file.focus.map_or(0.0, |(x, _)| x),
                focus_y: file.focus.map_or(0.0, |(_, y)| y),
                created_at: tx.now(),
                ..Media::new(owner, kind, &file.content_type)
            }
        })
        .collect();
    Ok(db::media::insert_all(tx, &rows)?)
}

/// Answers that came before this post find their place.
fn adopt_orphans(tx: &mut Tx, parent: &Post) -> Result<()> {
    for child in db::posts::orphans(tx, parent.ap_id.as_str())? {
        db::posts::adopt(tx, child.id, parent)?;
        db::posts::move_thread(tx, child.thread_id, parent.thread_id, parent.group_id)?;
        db::counters::post(tx, parent.id, 1, 0, 0)?;
    }
    Ok(())
}
