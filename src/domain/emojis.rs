//! Custom emoji: the operator's, and those that posts, people and reactions elsewhere bring along.
use crate::{
    db::{self, emojis::Emoji},
    domain::Tx,
    error::{Error, Result},
    text,
    types::{ActorId, EmojiId, Time, Uri},
};

/// Largest picture of one of ours, bytes; Mastodon takes no larger ones from anybody.
pub const MAX_EMOJI_BYTES: usize = 256 << 10;
/// Longest category, in characters.
const MAX_CATEGORY_CHARS: usize = 60;
/// Most of ours.
pub const MAX_OWN: i64 = 5_000;
/// Most that are kept of one server elsewhere.
const MAX_OF_ONE_SERVER: i64 = 20_000;
/// Most that one object brings along; what goes beyond is not kept.
pub const MAX_OF_ONE_OBJECT: usize = 64;
/// Longest address of a picture, bytes.
const MAX_URL_BYTES: usize = 2_048;

/// A picture that is to be one of ours, kept in the store already.
#[derive(Clone, Debug, Default)]
pub struct NewEmoji {
    /// Without colons.
    pub shortcode: String,
    /// Under which pickers show it.
    pub category: Option<String>,
    /// Pickers do not show it.
    pub hidden: bool,
    /// MIME type of the picture.
    pub content_type: String,
    /// The picture in the store.
    pub path: String,
    /// The same without movement.
    pub still_path: String,
    /// Of both.
    pub size_bytes: i64,
}

/// Refuses what cannot be the name of one of ours.
///
/// # Errors
/// `Invalid`, with what a name is made of.
pub fn check_name(shortcode: &str) -> Result<()> {
    if text::is_own_shortcode(shortcode) {
        return Ok(());
    }
    Err(Error::invalid(
        "The name of an emoji is 2 to 64 letters from a to z, digits and underscores; the colons \
         are left out",
    ))
}

/// Adds one of ours in the name of `by` (none: by command), or gives the one of that name another
/// picture. Tells which files are needed no more.
///
/// # Errors
/// `Invalid` for a name or category that will not do, and for more than there may be.
pub fn add(tx: &mut Tx, by: Option<ActorId>, new: NewEmoji) -> Result<(Emoji, Vec<String>)> {
    check_name(&new.shortcode)?;
    let category = new.category.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if category.as_ref().is_some_and(|name| name.chars().count() > MAX_CATEGORY_CHARS) {
        let why = format!("The category of an emoji has at most {MAX_CATEGORY_CHARS} characters");
        return Err(Error::invalid(why));
    }
    let known = db::emojis::by_name(tx, "", &new.shortcode)?;
    if known.is_none() && db::emojis::count(tx, "")? >= MAX_OWN {
        return Err(Error::invalid(format!(
            "There are {MAX_OWN} emoji already: remove some first"
        )));
    }
    let now = tx.now();
    let row = Emoji {
        id: known.as_ref().map_or_else(|| EmojiId(tx.new_id()), |known| known.id),
        host: String::new(),
        ap_id: None,
        url: None,
        path: Some(new.path),
        still_path: Some(new.still_path),
        content_type: new.content_type,
        size_bytes: new.size_bytes,
        category: category.or_else(|| known.as_ref().and_then(|known| known.category.clone())),
        visible_in_picker: !new.hidden,
        disabled: false,
        updated_at: Some(now),
        created_at: known.as_ref().map_or(now, |known| known.created_at),
        shortcode: new.shortcode,
    };
    db::emojis::set(tx, &row)?;
    let act = if known.is_some() { "changed" } else { "added" };
    audit(tx, by, act, &format!("emoji {}", row.shortcode))?;
    let unused = known.map(files_of).unwrap_or_default();
    Ok((row, unused))
}

/// Takes one of ours away; tells which files are needed no more.
///
/// # Errors
/// `NotFound` where there is none.
pub fn remove(tx: &mut Tx, by: Option<ActorId>, shortcode: &str) -> Result<Vec<String>> {
    let row = db::emojis::by_name(tx, "", shortcode)?.ok_or(Error::NotFound)?;
    db::emojis::delete(tx, row.id)?;
    audit(tx, by, "removed", &format!("emoji {shortcode}"))?;
    Ok(files_of(row))
}

/// Shows one to nobody any more, or again: one of ours, or of another server.
///
/// # Errors
/// `NotFound` where there is none.
pub fn set_disabled(
    tx: &mut Tx,
    by: Option<ActorId>,
    (host, shortcode): (&str, &str),
    disabled: bool,
) -> Result<()> {
    let row = db::emojis::by_name(tx, host, shortcode)?.ok_or(Error::NotFound)?;
    db::emojis::set(tx, &Emoji { disabled, ..row })?;
    let act = if disabled { "disabled" } else { "enabled" };
    let at = if host.is_empty() { String::new() } else { format!("@{host}") };
    audit(tx, by, act, &format!("emoji {shortcode}{at}"))
}

fn files_of(row: Emoji) -> Vec<String> {
    let mut files: Vec<String> = [row.path, row.still_path].into_iter().flatten().collect();
    files.dedup();
    files
}

fn audit(tx: &mut Tx, by: Option<ActorId>, act: &str, subject: &str) -> Result<()> {
    let (id, now) = (tx.new_id(), tx.now());
    db::members::audit(tx, id, by, act, subject, now)?;
    Ok(())
}

/// What another server says of one of its emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteEmoji {
    /// Without colons.
    pub shortcode: String,
    /// The picture.
    pub url: Uri,
    /// MIME type of the picture, where it is said.
    pub media_type: Option<String>,
    /// Its id, where it has one.
    pub id: Option<Uri>,
    /// When it last changed, where that is said.
    pub updated: Option<Time>,
}

/// Writes down what comes with something by `owner`: its server's emoji. What cannot be one is left
/// out, and so is what says that it belongs to another server.
///
/// # Errors
/// `Internal` from the database.
pub fn receive(tx: &mut Tx, owner: &Uri, brought: &[RemoteEmoji]) -> Result<()> {
    let fits = |emoji: &&RemoteEmoji| {
        let own = emoji.id.as_ref().is_none_or(|id| id.same_origin(owner));
        own && text::is_shortcode(&emoji.shortcode) && is_shown(owner, &emoji.url)
    };
    let fitting: Vec<&RemoteEmoji> = brought.iter().filter(fits).take(MAX_OF_ONE_OBJECT).collect();
    if fitting.is_empty() {
        return Ok(());
    }
    let host = owner.authority();
    let names = fitting.iter().map(|emoji| emoji.shortcode.clone()).collect();
    let mut known: Vec<Emoji> = db::emojis::known(tx, &host, &names)?;
    let mut room: Option<i64> = None;
    for emoji in fitting {
        let before = known.iter().find(|row| row.shortcode == emoji.shortcode);
        if before.is_none() {
            let left = match room {
                Some(left) => left,
                None => MAX_OF_ONE_SERVER - db::emojis::count(tx, &host)?,
            };
            if left <= 0 {
                tracing::debug!(%host, "more emoji than are kept of one server");
                continue;
            }
            room = Some(left - 1);
        }
        if let Some(row) = changed(tx, &host, before, emoji) {
            db::emojis::set(tx, &row)?;
            known.retain(|other| other.shortcode != row.shortcode);
            known.push(row);
        }
    }
    Ok(())
}

/// Whether a picture comes as safely as who shows it, from an address with a name.
pub(super) fn is_shown(owner: &Uri, url: &Uri) -> bool {
    let scheme = url.scheme() == "https" || url.scheme() == owner.scheme();
    scheme && url.domain().is_some() && url.as_str().len() <= MAX_URL_BYTES
}

/// The row of what is said, where that is new: by its time where both have one, else by its picture.
fn changed(tx: &Tx, host: &str, before: Option<&Emoji>, emoji: &RemoteEmoji) -> Option<Emoji> {
    // Pleroma and Akkoma say 1970 of all of theirs.
    let updated = emoji.updated.filter(|at| at.0 > 0 && *at <= tx.now().plus_secs(3_600));
    let url = emoji.url.to_string();
    if let Some(before) = before {
        let moved = before.url.as_deref() != Some(url.as_str());
        let newer = match (before.updated_at, updated) {
            (Some(known), Some(said)) if said < known => return None,
            (Some(known), Some(said)) => said > known,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if !moved && !newer {
            return None;
        }
    }
    let kind = emoji.media_type.as_deref().filter(|kind| kind.starts_with("image/"));
    Some(Emoji {
        id: before.map_or_else(|| EmojiId(tx.new_id()), |before| before.id),
        host: host.to_owned(),
        shortcode: emoji.shortcode.clone(),
        ap_id: emoji.id.as_ref().map(Uri::to_string),
        url: Some(url),
        path: None,
        still_path: None,
        content_type: kind.unwrap_or_default().to_owned(),
        size_bytes: 0,
        category: None,
        visible_in_picker: false,
        disabled: before.is_some_and(|before| before.disabled),
        updated_at: updated.or_else(|| before.and_then(|before| before.updated_at)),
        created_at: before.map_or_else(|| tx.now(), |before| before.created_at),
    })
}
