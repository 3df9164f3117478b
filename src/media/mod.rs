//! Pictures and other files.
