//! What follows from each fact.
