//! What stands in the tree for an entry: a hash that hides the entry from whoever has no salt.
use std::fmt;

use serde::{Serialize, Serializer};

use super::{Hash, hash::lower_hex};

/// 16 random bytes that nobody can guess once they are erased; as text 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

impl Salt {
    /// Reads 32 lower-case hex digits, and nothing else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        lower_hex(text).map(Self)
    }

    /// The commitment to a payload, which is text as [`super::Entry::payload`] writes it.
    #[must_use]
    pub fn commit(&self, payload: &str) -> Hash {
        Hash::of(&[&self.0, payload.as_bytes()])
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(self.0))
    }
}
