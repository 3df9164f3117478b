//! Files on their way into a post.
use crate::{
    db::{self, media::Media},
    domain::{Fact, Tx},
    error::{Error, Result},
    types::{ActorId, MediaId},
};

/// Longest description of a picture, in characters.
pub const MAX_DESCRIPTION: usize = 1_500;

/// What a member says about a file; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// For those who cannot see or hear it, plain text.
    pub description: Option<String>,
    /// What to keep in view: x and y from -1 to 1.
    pub focus: Option<(f64, f64)>,
}

/// Keeps a file until a post takes it: one that is ready, or a draft that is still to be worked on.
/// `row.id` is given here.
///
/// # Errors
/// `Invalid` for a description that is too long, and for more than the member may have here.
pub fn add(tx: &mut Tx, row: Media, words: Words) -> Result<Media> {
    check_room(tx, row.owner_id, row.size_bytes)?;
    let mut row = Media { id: MediaId(tx.new_id()), created_at: tx.now(), ..row };
    describe(&mut row, words)?;
    db::media::insert(tx, &row)?;
    Ok(row)
}

/// Refuses so many more bytes than a member may have here.
///
/// # Errors
/// `Invalid`, with what they have and may have.
pub fn check_room(tx: &mut Tx, owner: ActorId, more_bytes: i64) -> Result<()> {
    let Some(quota) = tx.node().quota_bytes else { return Ok(()) };
    let used = db::media::used_bytes(tx, owner)?;
    if used.saturating_add(more_bytes) <= quota {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Your files here take {} of the {} you have, and there is no room for {} more. Delete posts \
         with pictures, sound or film, or make this file smaller.",
        size(used),
        size(quota),
        size(more_bytes)
    )))
}

/// A number of bytes for people.
pub fn size(bytes: i64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} kB", bytes >> 10),
        _ => format!("{} MB", bytes >> 20),
    }
}

/// Changes what is said about a file of one's own.
///
/// # Errors
/// `NotFound` for a file of somebody else.
pub fn change(tx: &mut Tx, owner: ActorId, id: MediaId, words: Words) -> Result<Media> {
    let mut row = own(tx, owner, id)?;
    describe(&mut row, words)?;
    db::media::set_words(tx, &row)?;
    if let Some(post) = row.post_id {
        let post = db::posts::by_id(tx, post)?;
        tx.record(Fact::FileDescribed { post });
    }
    Ok(row)
}

/// A file of one's own.
///
/// # Errors
/// `NotFound` for one of somebody else.
pub fn own(tx: &mut Tx, owner: ActorId, id: MediaId) -> Result<Media> {
    let row = db::media::by_id(tx, id)?.filter(|row| row.owner_id == owner);
    row.ok_or(Error::NotFound)
}

/// A still of one's own choice, and which files are needed no more.
///
/// # Errors
/// `NotFound` for a file of somebody else, `Invalid` where there is no room for more.
pub fn change_still(
    tx: &mut Tx,
    owner: ActorId,
    id: MediaId,
    still: Still,
) -> Result<(Media, Vec<String>)> {
    let mut row = own(tx, owner, id)?;
    check_room(tx, owner, still.size_bytes)?;
    let unused = row.preview_path.replace(still.path).into_iter().collect();
    (row.preview_width, row.preview_height) = (Some(still.width), Some(still.height));
    if row.kind != "image" {
        row.blurhash = Some(still.blurhash);
    }
    row.size_bytes = row.size_bytes.saturating_add(still.size_bytes);
    db::media::update(tx, &row)?;
    Ok((row, unused))
}

/// A small picture that stands for a file.
#[derive(Clone, Debug)]
pub struct Still {
    /// In the store.
    pub path: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// The colour smudge.
    pub blurhash: String,
    /// Of the file.
    pub size_bytes: i64,
}

/// Takes a file away that no post has; returns it as it was.
///
/// # Errors
/// `NotFound` for a file of somebody else, `Invalid` for one that a post has.
pub fn remove(tx: &mut Tx, owner: ActorId, id: MediaId) -> Result<Media> {
    let row = own(tx, owner, id)?;
    if row.post_id.is_some() {
        return Err(Error::invalid("Media attachment is currently used by a status"));
    }
    db::media::delete(tx, id)?;
    Ok(row)
}

/// A draft was worked on: what it became, or why nothing could be made of it. `false` where there is no
/// such draft any more: it was deleted, or somebody else was faster.
///
/// # Errors
/// `Internal` from the database.
pub fn finish(tx: &mut Tx, draft: &Media, made: Result<Media, String>) -> Result<bool> {
    let Some(now) = db::media::by_id(tx, draft.id)? else { return Ok(false) };
    if !now.is_processing() || now.draft_path != draft.draft_path {
        return Ok(false);
    }
    let row = match made {
        Ok(made) => {
            let own_still = now.preview_path.is_some();
            Media {
                kind: made.kind,
                content_type: made.content_type,
                path: made.path,
                width: made.width,
                height: made.height,
                duration_ms: made.duration_ms,
                frame_rate: made.frame_rate,
                bit_rate: made.bit_rate,
                draft_path: None,
                preview_path: if own_still { now.preview_path } else { made.preview_path },
                preview_width: if own_still { now.preview_width } else { made.preview_width },
                preview_height: if own_still { now.preview_height } else { made.preview_height },
                blurhash: if own_still { now.blurhash } else { made.blurhash },
                size_bytes: made.size_bytes,
                ..now
            }
        }
        Err(problem) => Media { draft_path: None, problem: Some(problem), size_bytes: 0, ..now },
    };
    db::media::update(tx, &row)?;
    Ok(true)
}

/// Refuses what cannot go into a post.
///
/// # Errors
/// `Invalid`, in Mastodon's words, for what is still worked on.
pub fn check_ready(row: &Media) -> Result<()> {
    if row.is_processing() {
        return Err(Error::invalid(
            "Cannot attach files that have not finished processing. Try again in a moment!",
        ));
    }
    match &row.problem {
        Some(problem) => Err(Error::invalid(problem.clone())),
        None => Ok(()),
    }
}

fn describe(row: &mut Media, words: Words) -> Result<()> {
    if let Some(description) = words.description {
        if description.chars().count() > MAX_DESCRIPTION {
            return Err(Error::invalid(format!(
                "A description has at most {MAX_DESCRIPTION} characters"
            )));
        }
        let description = description.trim().to_owned();
        row.description = (!description.is_empty()).then_some(description);
    }
    if let Some((x, y)) = words.focus {
        row.focus_x = x.clamp(-1.0, 1.0);
        row.focus_y = y.clamp(-1.0, 1.0);
    }
    Ok(())
}
