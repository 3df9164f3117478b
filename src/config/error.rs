//! What is wrong with a setting, in words that let the operator mend it.
use std::{fmt, path::PathBuf};

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The file given with `--config`.
    File(PathBuf),
    /// This environment variable.
    Environment(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
        }
    }
}

/// Why the node does not start with these settings. Never holds a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read, or is no TOML.
    #[error("cannot read the configuration file {}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A key of the file means nothing to us.
    #[error(
        "the configuration file {} has the unknown key {key:?}{}",
        path.display(),
        nearest.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default()
    )]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A value cannot be.
    #[error("{key} = {value:?} (from {from}) is not possible; allowed: {allowed}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Its value, hidden where it is secret.
        value: String,
        /// Who says so.
        from: Source,
        /// What would be possible.
        allowed: String,
    },
}
