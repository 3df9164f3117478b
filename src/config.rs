//! Every setting, typed, with its default.
