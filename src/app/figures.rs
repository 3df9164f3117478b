//! Sums over all that a node holds, for whoever asks what it is: every client at its start, and crawlers.
//!
//! Counting reads an index from end to end. On a small node that is nothing; on a large one what took
//! long is told again for a hundred times as long, so that it never takes more than a hundredth of the
//! time, however often it is asked for.
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::App;
use crate::{
    db,
    domain::weeks::{self, Week},
    error::Result,
};

/// What is made faster is made anew each time.
const QUICK: Duration = Duration::from_millis(50);
/// For how many times as long as it took something is told again.
const WORTH: u32 = 100;
/// But not for longer.
const LONGEST: Duration = Duration::from_mins(10);
/// Days in which who posted is called active.
const MONTH_DAYS: i64 = 30;
const HALF_YEAR_DAYS: i64 = 182;

/// How large a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// People who live here.
    pub people: i64,
    /// Of those, who posted in the last 30 days.
    pub month: i64,
    /// Of those, who posted in the last 182 days.
    pub half_year: i64,
    /// What was written here, without boosts.
    pub posts: i64,
    /// Of that, replies.
    pub replies: i64,
}

/// Something that is told again for a while.
#[derive(Debug)]
struct Kept<T>(Mutex<Option<(T, Instant)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Kept<T> {
    fn get(&self, now: Instant) -> Option<T> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(_, until)| now < *until).map(|(value, _)| value.clone())
    }

    fn keep(&self, value: &T, now: Instant, took: Duration) {
        let worth = if took < QUICK { Duration::ZERO } else { (took * WORTH).min(LONGEST) };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((value.clone(), now + worth));
    }
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Counted {
    figures: Kept<Figures>,
    weeks: Kept<Vec<Week>>,
}

impl App {
    /// How large the node is; of a large one as it was some minutes ago.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn figures(&self) -> Result<Figures> {
        if let Some(figures) = self.0.counted.figures.get(Instant::now()) {
            return Ok(figures);
        }
        let (now, begin) = (self.now(), Instant::now());
        let figures = self
            .read(move |conn| {
                let (people, month) = db::actors::usage(conn, now.plus_days(-MONTH_DAYS))?;
                let (_, half_year) = db::actors::usage(conn, now.plus_days(-HALF_YEAR_DAYS))?;
                let (posts, replies) = db::posts::usage(conn)?;
                Ok(Figures { people, month, half_year, posts, replies })
            })
            .await?;
        self.0.counted.figures.keep(&figures, Instant::now(), begin.elapsed());
        Ok(figures)
    }

    /// How lively the node was in each of the last weeks; of a large one as it was some minutes ago.
    ///
    /// # Errors
    /// `Internal` from the database.
    pub async fn weeks(&self) -> Result<Vec<Week>> {
        if let Some(weeks) = self.0.counted.weeks.get(Instant::now()) {
            return Ok(weeks);
        }
        let (now, begin) = (self.now(), Instant::now());
        let weeks = self.read(move |conn| weeks::last(conn, now)).await?;
        self.0.counted.weeks.keep(&weeks, Instant::now(), begin.elapsed());
        Ok(weeks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_told_again() {
        let (kept, now) = (Kept::default(), Instant::now());
        kept.keep(&1, now, Duration::from_millis(49));
        assert_eq!(kept.get(now), None, "quick enough to be made anew");
        kept.keep(&2, now, Duration::from_millis(100));
        assert_eq!(kept.get(now + Duration::from_secs(9)), Some(2));
        assert_eq!(kept.get(now + Duration::from_secs(10)), None);
        kept.keep(&3, now, Duration::from_hours(1));
        assert_eq!(kept.get(now + LONGEST), None, "but not for ever");
    }
}
