//! Defaults, file, environment: laid over each other, still as text, each value with its source.
use std::{collections::BTreeMap, path::Path};

use ::config::{File, FileFormat, Source as _, Value, ValueKind};

use super::error::{ConfigError, Source};

/// The defaults, and the list of every key there is.
const DEFAULTS: &str = include_str!("../../config/default.toml");

/// A value as it was written, and where.
#[derive(Clone, Debug)]
pub struct Found {
    /// As text; a list is joined with commas.
    pub text: String,
    /// Where it was written.
    pub from: Source,
}

/// Every key with its winning value.
pub struct Layers {
    found: BTreeMap<&'static str, Found>,
    /// Variables of the environment that look like ours and name no setting.
    pub unknown_variables: Vec<String>,
}

impl Layers {
    /// Lays file and environment over the defaults.
    pub fn new(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Self { found: BTreeMap::new(), unknown_variables: Vec::new() };
        layers.add_text(DEFAULTS, Path::new("config/default.toml"), &Source::Default)?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|why| ConfigError::File { path: path.into(), why: why.to_string() })?;
            layers.add_text(&text, path, &Source::File(path.into()))?;
        }
        for (name, text) in env {
            layers.add_variable(name, &text);
        }
        Ok(layers)
    }

    /// What `key` is in the end; an empty text where it is not set.
    pub fn get(&self, key: &'static str) -> Found {
        let nothing = || Found { text: String::new(), from: Source::Default };
        self.found.get(key).cloned().unwrap_or_else(nothing)
    }

    fn add_text(&mut self, text: &str, path: &Path, from: &Source) -> Result<(), ConfigError> {
        let table = File::from_str(text, FileFormat::Toml)
            .collect()
            .map_err(|why| ConfigError::File { path: path.into(), why: quiet(&why.to_string()) })?;
        for (name, value) in table {
            let key = known(&name).ok_or_else(|| ConfigError::UnknownKey {
                path: path.into(),
                nearest: nearest(&name),
                key: name,
            })?;
            let text = plain(value).ok_or_else(|| ConfigError::Value {
                key,
                value: "a table".into(),
                from: from.clone(),
                allowed: "a text, a number, true, false, or a list of texts".into(),
            })?;
            self.found.insert(key, Found { text, from: from.clone() });
        }
        Ok(())
    }

    /// An empty variable counts as not there: that is how container set-ups leave one out.
    fn add_variable(&mut self, name: String, text: &str) {
        let Some(key) = name.strip_prefix("COMMONHOLD_") else { return };
        match known(&key.to_ascii_lowercase()) {
            Some(_) if text.trim().is_empty() => {}
            Some(key) => {
                let text = text.trim().to_owned();
                self.found.insert(key, Found { text, from: Source::Environment(name) });
            }
            // The tests' own variables; not for a node.
            None if key.starts_with("TEST_") => {}
            None => self.unknown_variables.push(name),
        }
    }
}

fn known(name: &str) -> Option<&'static str> {
    super::KEYS.iter().copied().find(|key| *key == name)
}

fn plain(value: Value) -> Option<String> {
    match value.kind {
        ValueKind::Table(_) => None,
        ValueKind::Array(items) => {
            let items: Option<Vec<String>> = items.into_iter().map(plain).collect();
            items.map(|items| items.join(","))
        }
        ValueKind::Nil => Some(String::new()),
        _ => value.into_string().ok().map(|text| text.trim().to_owned()),
    }
}

/// The message of a TOML error without the line it quotes, which may hold a secret.
fn quiet(why: &str) -> String {
    let lines = why.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|'));
    lines.collect::<Vec<_>>().join(": ")
}

/// The known key most like `name`, if any is like it at all.
fn nearest(name: &str) -> Option<&'static str> {
    let near = super::KEYS.iter().map(|key| (distance(name, key), *key)).min()?;
    (near.0 <= near.1.len().div_ceil(2)).then_some(near.1)
}

/// Levenshtein's: how many letters to change, add or drop.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, a) in one.chars().enumerate() {
        let mut left = at + 1;
        let mut next = vec![left];
        for (b, pair) in other.chars().zip(row.windows(2)) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => (0, 0),
            };
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The keys of the defaults, for the test that compares them with [`super::KEYS`].
#[cfg(test)]
pub fn default_keys() -> std::collections::BTreeSet<String> {
    File::from_str(DEFAULTS, FileFormat::Toml).collect().unwrap().into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_named_and_nonsense_is_not_guessed() {
        assert_eq!(nearest("domian"), Some("domain"));
        assert_eq!(nearest("signup"), Some("sign_up"));
        assert_eq!(nearest("databaseurl"), Some("database_url"));
        assert_eq!(nearest("zzzzzzzzzzzzzzzz"), None);
        assert_eq!(
            (distance("", "abc"), distance("abc", ""), distance("kitten", "sitting")),
            (3, 3, 3)
        );
    }

    #[test]
    fn a_broken_file_is_explained_without_quoting_it() {
        let mut layers = Layers::new(None, std::iter::empty()).unwrap();
        let error = layers
            .add_text("metrics_token = \"hunter2", Path::new("x.toml"), &Source::Default)
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
    }
}
