//! Why something another server sent is not read.
use std::borrow::Cow;

use crate::Error;

/// Something that cannot be read, or is larger than we read; the text says why, for the sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub Cow<'static, str>);

impl From<&'static str> for Refusal {
    fn from(why: &'static str) -> Self {
        Self(Cow::Borrowed(why))
    }
}
impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self(Cow::Owned(why))
    }
}
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Malformed(refusal.to_string())
    }
}
