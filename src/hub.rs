//! Facts, once stored, to open streams.
