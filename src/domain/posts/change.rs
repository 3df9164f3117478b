use super::{
    RemotePost,
    draft::{self, Draft},
    publish,
    reading::Reading,
    receive::{insert_media, keep_rules},
};
use crate::{
    db::{
        self,
        actors::{Actor, Counts},
        posts::{Edit, Post},
    },
    domain::{
        Fact, Tx, emojis, help, media, moderation, polls,
        quotes::{self, Quoters},
    },
    error::{Error, Result},
    text,
    types::{ActorId, MediaId, PostId, Uri},
};

/// Most earlier forms that are kept of a post.
const MAX_EDITS: usize = 100;

/// What an author changes; the text always, the rest where it is said.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Markdown.
    pub source: String,
    /// Plain text.
    pub title: Option<String>,
    /// Plain text.
    pub spoiler_text: Option<String>,
    /// Media are folded.
    pub sensitive: Option<bool>,
    /// ISO 639 code.
    pub language: Option<String>,
    /// The pictures it has from now on, in order.
    pub media: Option<Vec<MediaId>>,
    /// What is said about pictures.
    pub media_words: Vec<(MediaId, media::Words)>,
    /// Who may quote it.
    pub quoters: Option<Quoters>,
}

/// The author changes a post; the form before is kept.
///
/// # Errors
/// `NotFound` for a post of somebody else, `Invalid` for what has to be changed.
pub fn edit(tx: &mut Tx, author: &Actor, id: PostId, change: Change) -> Result<Post> {
    let old = own(tx, author, id)?;
    let node = tx.node();
    let media = match &change.media {
        Some(media) => media.clone(),
        None => db::media::of_posts(tx, &[id])?
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .map(|row| row.id)
            .collect(),
    };
    draft::check(
        &node,
        &Draft {
            source: change.source.clone(),
            spoiler_text: change.spoiler_text.clone().unwrap_or_default(),
            media,
            ..Draft::default()
        },
        db::polls::of_posts(tx, &[id])?.contains_key(&id) || db::quotes::of_post(tx, id)?.is_some(),
    )?;
    keep(tx, &old)?;
    let reading = Reading::of(tx, &change.source)?;
    let spoiler_text = change
        .spoiler_text
        .map_or_else(|| old.spoiler_text.clone(), |text| text::clean_line(&text, 500));
    let post = Post {
        content: reading.html(&change.source),
        source: Some(change.source),
        title: match change.title {
            Some(title) if old.is_root() => {
                Some(text::clean_line(&title, publish::MAX_TITLE)).filter(|t| !t.is_empty())
            }
            _ => old.title.clone(),
        },
        sensitive: change.sensitive.unwrap_or(old.sensitive) || !spoiler_text.is_empty(),
        spoiler_text,
        language: change.language.or_else(|| old.language.clone()),
        edited_at: Some(tx.now()),
        ..old
    };
    db::posts::update(tx, &post)?;
    let mut mentioned = reading.ids();
    if let Some(parent) = post.in_reply_to_id {
        mentioned.push(db::posts::by_id(tx, parent)?.author_id);
    }
    mentioned.retain(|id| *id != author.id);
    let group = post.group_id.map(|id| tx.actor(id)).transpose()?;
    super::inside_only(tx, group.as_ref(), &mut mentioned)?;
    rewrite_company(tx, id, &mentioned, &reading.tags)?;
    if let Some(ids) = change.media {
        db::media::detach_all(tx, id)?;
        publish::attach(tx, author, id, &ids)?;
    }
    for (id, words) in change.media_words {
        media::change(tx, author.id, id, words)?;
    }
    if let Some(who) = change.quoters {
        quotes::allow(tx, author, id, who)?;
    }
    tx.record(Fact::Edited {
        post: post.clone(),
        author: Box::new(author.clone()),
        received: None,
    });
    Ok(post)
}

/// A post that is there and its author's own, and no boost.
///
/// # Errors
/// `NotFound` for any other.
pub fn own(tx: &mut Tx, author: &Actor, id: PostId) -> Result<Post> {
    let post = db::posts::by_id(tx, id)?;
    if post.author_id == author.id && post.deleted_at.is_none() && !post.is_boost() {
        Ok(post)
    } else {
        Err(Error::NotFound)
    }
}

fn keep(tx: &mut Tx, old: &Post) -> Result<()> {
    if db::posts::edits(tx, old.id)?.len() >= MAX_EDITS {
        return Ok(());
    }
    let edit = Edit {
        id: tx.new_id(),
        post_id: old.id,
        title: old.title.clone(),
        content: old.content.clone(),
        source: old.source.clone(),
        spoiler_text: old.spoiler_text.clone(),
        sensitive: old.sensitive,
        created_at: old.edited_at.unwrap_or(old.created_at),
    };
    db::posts::insert_edit(tx, &edit)?;
    Ok(())
}

fn rewrite_company(
    tx: &mut Tx,
    id: PostId,
    mentioned: &[ActorId],
    tags: &[(String, String)],
) -> Result<()> {
    db::posts::delete_mentions(tx, id)?;
    db::posts::insert_mentions(tx, id, mentioned)?;
    db::posts::delete_tags(tx, id)?;
    db::posts::insert_tags(tx, id, tags)?;
    Ok(())
}

/// A remote post as it is now.
#[derive(Clone, Debug)]
pub struct RemoteChange {
    /// All of it, read anew.
    pub post: RemotePost,
    /// Only counters or a poll changed: no earlier form is kept, nobody is told.
    pub silent: bool,
}

/// A post of another server changed, as that server says. One that is not known is left alone, and
/// answered with `None`.
///
/// # Errors
/// `Forbidden` where it is not its author's server that says so.
pub fn receive_edit(tx: &mut Tx, author: &Actor, change: RemoteChange) -> Result<Option<Post>> {
    let remote = change.post;
    let Some(old) = db::posts::by_ap_id(tx, remote.ap_id.as_str())? else { return Ok(None) };
    if old.author_id != author.id || old.local {
        return Err(Error::forbidden("A post is changed by its author"));
    }
    if old.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    let same = old.content == remote.content
        && old.title == remote.title
        && old.spoiler_text == remote.spoiler_text;
    let quiet = change.silent || same;
    if !quiet {
        keep(tx, &old)?;
    }
    let post = Post {
        url: remote.url,
        title: remote.title.filter(|_| old.is_root()),
        content: remote.content,
        source: remote.source,
        spoiler_text: remote.spoiler_text,
        sensitive: remote.sensitive,
        language: remote.language,
        edited_at: if quiet { old.edited_at } else { Some(tx.now()) },
        ..old
    };
    db::posts::update(tx, &post)?;
    rewrite_company(tx, post.id, &remote.mentioned, &remote.tags)?;
    for row in db::media::detach_all(tx, post.id)? {
        db::media::delete(tx, row.id)?;
    }
    insert_media(tx, author.id, post.id, &remote.media)?;
    emojis::receive(tx, &author.ap_id, &remote.emojis)?;
    keep_rules(tx, post.id, &remote.rules, true)?;
    if remote.quote.is_none() {
        db::quotes::forget(tx, post.id)?;
    }
    quotes::receive(tx, &post, remote.quote.as_ref(), true)?;
    if let Some(poll) = &remote.poll {
        polls::receive(tx, post.id, poll)?;
    }
    tx.record(Fact::Edited {
        post: post.clone(),
        author: Box::new(author.clone()),
        received: remote.received,
    });
    Ok(Some(post))
}

/// The author takes a post (or a boost) away; returns it as it was.
///
/// # Errors
/// `NotFound` for a post of somebody else.
pub fn delete(tx: &mut Tx, author: &Actor, id: PostId) -> Result<Post> {
    let post = db::posts::by_id(tx, id)?;
    if post.author_id != author.id {
        return Err(Error::NotFound);
    }
    if post.deleted_at.is_some() {
        let removed = moderation::erase_removed(tx, &post)?;
        return if removed { Ok(post) } else { Err(Error::NotFound) };
    }
    if let Some(original) = post.boost_of_id {
        super::unboost(tx, author.id, original)?;
        return Ok(post);
    }
    gone(tx, author, &post, None)?;
    Ok(post)
}

/// Another server says that one of its posts is gone, whether it ever came here or not.
///
/// # Errors
/// `Forbidden` where it is not its author who says so.
pub fn receive_delete(
    tx: &mut Tx,
    author: &Actor,
    ap_id: &Uri,
    received: Option<String>,
) -> Result<()> {
    if !author.ap_id.same_origin(ap_id) {
        return Err(Error::forbidden("A post is deleted by its author"));
    }
    let now = tx.now();
    let known = db::posts::by_ap_id(tx, ap_id.as_str())?;
    if known.as_ref().is_some_and(|post| post.author_id != author.id) {
        return Err(Error::forbidden("A post is deleted by its author"));
    }
    db::posts::insert_tombstone(tx, ap_id.as_str(), now)?;
    match known {
        Some(post) if post.deleted_at.is_none() => gone(tx, author, &post, received),
        Some(post) => moderation::erase_removed(tx, &post).map(drop),
        None => Ok(()),
    }
}

fn gone(tx: &mut Tx, author: &Actor, post: &Post, received: Option<String>) -> Result<()> {
    let mut mentioned =
        db::posts::mentions_of(tx, &[post.id])?.remove(&post.id).unwrap_or_default();
    mentioned.extend(quotes::author_quoted_in(tx, post.id)?);
    let boosts = db::posts::boosts_of(tx, post.id)?;
    // Told first: what follows from it needs what is about to be erased.
    tx.record(Fact::Deleted {
        post: post.clone(),
        author: Box::new(author.clone()),
        mentioned,
        boosts,
        received,
    });
    help::cause_gone(tx, post)?;
    erase(tx, post)
}

/// Empties a post's row and forgets what belongs to it. The row stays, so that its answers keep
/// their place and its id is known as gone; receipts for it stay (R3).
///
/// # Errors
/// `Internal` from the database.
pub fn erase(tx: &mut Tx, post: &Post) -> Result<()> {
    let id = post.id;
    for boost in db::posts::boosts_of(tx, id)? {
        erase(tx, &boost)?;
    }
    let empty = Post {
        title: None,
        content: String::new(),
        source: None,
        spoiler_text: String::new(),
        deleted_at: Some(tx.now()),
        ..post.clone()
    };
    db::posts::update(tx, &empty)?;
    db::search::forget(tx, id)?;
    db::posts::delete_edits(tx, id)?;
    db::posts::delete_tags(tx, id)?;
    db::posts::delete_mentions(tx, id)?;
    db::media::detach_all(tx, id)?;
    db::notifications::delete_of_post(tx, id)?;
    db::reactions::delete_likes_of_post(tx, id)?;
    db::reactions::delete_dislikes_of_post(tx, id)?;
    db::submissions::delete_of_post(tx, id)?;
    db::quotes::forget(tx, id)?;
    db::threads::forget_look(tx, id)?;
    db::filters::forget_post(tx, id)?;
    db::conversations::post_gone(tx, post.thread_id, id)?;
    if let Some(parent) = post.in_reply_to_id {
        db::counters::post(tx, parent, -1, 0, 0)?;
    }
    if let Some(original) = post.boost_of_id {
        db::counters::post(tx, original, 0, 0, -1)?;
    }
    tx.count(post.author_id, Counts::posts(-1));
    Ok(())
}
