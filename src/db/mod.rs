//! Storage: queries and nothing else.
