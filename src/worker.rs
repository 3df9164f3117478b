//! Does the tasks.
