//! What the operator tells every member.
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    db::{
        self,
        announcements::{Announcement, Reaction},
    },
    domain::{Fact, Tx},
    error::{Error, Result},
    text,
    types::{ActorId, AnnouncementId, Time},
};

/// Most announcements that are shown at a time.
pub const MAX_SHOWN: i64 = 50;
/// Longest text, in characters.
const MAX_CHARS: usize = 5_000;
/// Most kinds of reactions to one.
const MAX_REACTIONS: usize = 8;

/// What is to be told.
#[derive(Clone, Debug, Default)]
pub struct NewAnnouncement {
    /// Markdown.
    pub source: String,
    /// When what it speaks of begins.
    pub starts_at: Option<Time>,
    /// When it ends; it is shown until then.
    pub ends_at: Option<Time>,
    /// The two are days.
    pub all_day: bool,
}

/// Tells every member something, in the name of `by` (none: by command).
///
/// # Errors
/// `Invalid` for a text or times that will not do.
pub fn announce(tx: &mut Tx, by: Option<ActorId>, new: &NewAnnouncement) -> Result<Announcement> {
    let source = new.source.trim();
    if source.is_empty() {
        return Err(Error::invalid("An announcement needs a text"));
    }
    if source.chars().count() > MAX_CHARS {
        return Err(Error::invalid(format!("An announcement has at most {MAX_CHARS} characters")));
    }
    if new.starts_at.zip(new.ends_at).is_some_and(|(start, end)| end < start) {
        return Err(Error::invalid("An announcement ends after it begins"));
    }
    let (now, tags) = (tx.now(), tx.node().url("tags"));
    let links = text::Links { account: &|_| None, tags: &tags };
    let row = Announcement {
        id: AnnouncementId(tx.new_id()),
        source: source.to_owned(),
        content: text::render(source, &links),
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        all_day: new.all_day,
        created_at: now,
        updated_at: now,
    };
    db::announcements::insert(tx, &row)?;
    audit(tx, by, "announced", row.id)?;
    tx.record(Fact::Announced { announcement: row.id, gone: false });
    Ok(row)
}

/// Takes an announcement back.
///
/// # Errors
/// `NotFound` where there is none.
pub fn withdraw(tx: &mut Tx, by: Option<ActorId>, id: AnnouncementId) -> Result<()> {
    if !db::announcements::delete(tx, id)? {
        return Err(Error::NotFound);
    }
    audit(tx, by, "took back", id)?;
    tx.record(Fact::Announced { announcement: id, gone: true });
    Ok(())
}

fn audit(tx: &mut Tx, by: Option<ActorId>, act: &str, which: AnnouncementId) -> Result<()> {
    let (id, now) = (tx.new_id(), tx.now());
    db::members::audit(tx, id, by, act, &format!("announcement {which}"), now)?;
    Ok(())
}

fn get(tx: &mut Tx, id: AnnouncementId) -> Result<Announcement> {
    let now = tx.now();
    let shown = |row: &Announcement| row.ends_at.is_none_or(|end| end > now);
    db::announcements::by_id(tx, id)?.filter(shown).ok_or(Error::NotFound)
}

/// A member puts an announcement away.
///
/// # Errors
/// `NotFound` where there is none.
pub fn put_away(tx: &mut Tx, member: ActorId, id: AnnouncementId) -> Result<()> {
    get(tx, id)?;
    db::announcements::mark_read(tx, member, id)?;
    Ok(())
}

/// One emoji, as people see one.
fn is_emoji(name: &str) -> bool {
    let emoji_begins = |c: char| matches!(u32::from(c), 0x00A9 | 0x00AE | 0x203C | 0x2049 | 0x2122..=0x3299 | 0x1F000..=0x1FAFF);
    let keycap = name.ends_with('\u{20E3}');
    name.len() <= 64
        && name.graphemes(true).count() == 1
        && (keycap || name.chars().next().is_some_and(emoji_begins))
}

/// One of our own emoji, by its name.
fn is_ours(tx: &mut Tx, name: &str) -> Result<bool> {
    let row = db::emojis::by_name(tx, "", name)?;
    Ok(row.is_some_and(|row| !row.disabled))
}

/// A member reacts to an announcement with an emoji, or takes that back.
///
/// # Errors
/// `NotFound` where there is none, `Invalid` for what is no emoji or one kind too many.
pub fn react(
    tx: &mut Tx,
    member: ActorId,
    id: AnnouncementId,
    name: &str,
    undone: bool,
) -> Result<()> {
    get(tx, id)?;
    if undone {
        db::announcements::unreact(tx, member, id, name)?;
    } else {
        if !is_emoji(name) && !is_ours(tx, name)? {
            return Err(Error::invalid("Validation failed: Name is not a recognized emoji"));
        }
        let there: Vec<Reaction> =
            db::announcements::reactions(tx, None, &[id])?.remove(&id).unwrap_or_default();
        if there.len() >= MAX_REACTIONS && !there.iter().any(|known| known.name == name) {
            return Err(Error::invalid("Validation failed: Limit of different reactions reached"));
        }
        db::announcements::react(tx, member, id, name)?;
    }
    tx.record(Fact::AnnouncementReacted { announcement: id, name: name.to_owned() });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_emoji;

    #[test]
    fn an_emoji_is_one_sign() {
        for good in ["🙏", "❤️", "👩‍👩‍👧", "🇩🇪", "1️⃣", "☀"] {
            assert!(is_emoji(good), "{good}");
        }
        for bad in ["", "a", "🙏🙏", "ok", "<b>", "é"] {
            assert!(!is_emoji(bad), "{bad}");
        }
    }
}
