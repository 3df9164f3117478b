//! Keys, signatures, passwords and tokens.
