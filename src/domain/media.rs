//! Pictures on their way into a post.
use crate::{
    db::{self, media::Media},
    domain::Tx,
    error::{Error, Result},
    types::{ActorId, MediaId},
};

/// Longest description of a picture, in characters.
pub const MAX_DESCRIPTION: usize = 1_500;

/// What a member says about a picture; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// For those who cannot see it, plain text.
    pub description: Option<String>,
    /// What to keep in view: x and y from -1 to 1.
    pub focus: Option<(f64, f64)>,
}

/// Keeps a picture that was processed, until a post takes it. `row.id` is given here.
///
/// # Errors
/// `Invalid` for a description that is too long.
pub fn add(tx: &mut Tx, row: Media, words: Words) -> Result<Media> {
    let mut row = Media { id: MediaId(tx.new_id()), created_at: tx.now(), ..row };
    describe(&mut row, words)?;
    db::media::insert(tx, &row)?;
    Ok(row)
}

/// Changes what is said about a picture of one's own.
///
/// # Errors
/// `NotFound` for a picture of somebody else.
pub fn change(tx: &mut Tx, owner: ActorId, id: MediaId, words: Words) -> Result<Media> {
    let mut row =
        db::media::by_id(tx, id)?.filter(|row| row.owner_id == owner).ok_or(Error::NotFound)?;
    describe(&mut row, words)?;
    db::media::update(tx, &row)?;
    Ok(row)
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
