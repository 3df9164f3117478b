//! Work that can wait.
