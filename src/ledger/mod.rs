//! The ledger of a group: a count that nobody can change unseen (`docs/ledger.md`). No I/O, no
//! clock, no chance.
pub mod canonical;
pub mod entry;
mod hash;

use std::borrow::Cow;

pub use entry::{Entry, Event, Id};
pub use hash::Hash;

/// Why something is no part of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub Cow<'static, str>);

impl From<&'static str> for Malformed {
    fn from(why: &'static str) -> Self {
        Self(Cow::Borrowed(why))
    }
}
impl From<String> for Malformed {
    fn from(why: String) -> Self {
        Self(Cow::Owned(why))
    }
}
