//! The wire: shapes of `ActivityPub` JSON, read tolerantly and written plainly. No I/O.
