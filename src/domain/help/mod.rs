//! Help between members: who says that whom helped, and whether it counts (`product.md`, R1-R6).
mod caps;
mod receipts;

pub use receipts::{
    Outcome, asked, by_button, by_post, by_reaction, cause_gone, choose, decline, reaction_gone,
    take_back, unchoose,
};

use crate::{
    db::{self, Conn, receipts::Figures},
    error::Result,
    types::{ActorId, Time},
};

/// How far the figures of a group look back, days.
pub const WINDOW_DAYS: i64 = 90;

/// The figures of a local group: sums, never a person's.
///
/// # Errors
/// `Internal` from the database.
pub fn figures(conn: &mut Conn, group: ActorId, now: Time) -> Result<Figures> {
    Ok(db::receipts::figures(conn, group, now.plus_days(-WINDOW_DAYS), WINDOW_DAYS)?)
}
