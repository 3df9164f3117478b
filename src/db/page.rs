//! Which part of a list a reader asks for.

/// A page of a list that is sorted by id, newest first.
///
/// `max_id`: older than it. `since_id`: the newest page newer than it. `min_id`: the page just
/// after it. Combined, all hold (<https://docs.joinmastodon.org/api/guidelines/#pagination>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only ids below this.
    pub max_id: Option<i64>,
    /// Only ids above this; the newest of them first.
    pub since_id: Option<i64>,
    /// Only ids above this; the oldest of them are taken.
    pub min_id: Option<i64>,
    /// At most so many rows.
    pub limit: i64,
}

impl Page {
    /// The newest `limit` rows.
    pub fn newest(limit: i64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Ids must be greater than this.
    pub fn floor(&self) -> i64 {
        self.since_id.unwrap_or(0).max(self.min_id.unwrap_or(0))
    }

    /// Ids must be smaller than this.
    pub fn ceiling(&self) -> i64 {
        self.max_id.unwrap_or(i64::MAX)
    }

    /// Whether the rows nearest to the floor are wanted, and not the newest.
    pub fn upward(&self) -> bool {
        self.min_id.is_some()
    }

    /// Rows as a reader wants them, newest first, whichever way they were read.
    pub fn in_order<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        if self.upward() {
            rows.reverse();
        }
        rows
    }
}

/// Bounds and order of `$page` on `$id` of a boxed query.
#[macro_export]
macro_rules! paged {
    ($query:expr, $id:expr, $page:expr) => {{
        let page: &$crate::db::page::Page = $page;
        let query =
            $query.filter($id.gt(page.floor())).filter($id.lt(page.ceiling())).limit(page.limit);
        if page.upward() { query.order($id.asc()) } else { query.order($id.desc()) }
    }};
}
