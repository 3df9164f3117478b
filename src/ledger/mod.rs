//! The ledger of a group: a count that nobody can change unseen (`docs/ledger.md`). No I/O, no
//! clock, no chance.
pub mod canonical;
mod commitment;
pub mod entry;
pub mod export;
mod hash;
pub mod line;
pub mod tree;

use std::borrow::Cow;

use crate::error::Error;

pub use commitment::Salt;
pub use entry::{Entry, Event, Id};
pub use hash::Hash;
pub use line::Line;

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
impl From<Malformed> for Error {
    fn from(why: Malformed) -> Self {
        Self::Invalid(why.to_string())
    }
}
