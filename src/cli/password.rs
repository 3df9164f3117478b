//! Passwords on the command line: never among the words, where every process sees them.
use std::io::{IsTerminal as _, Read as _, stdin};

use commonhold::{domain::members::check_password, keys};

use super::report::Failure;

/// A password, and whether it was made up here and so must be told.
pub struct Password {
    /// The password itself.
    pub text: String,
    /// Nobody typed it.
    pub made_up: bool,
}

impl Password {
    /// From the standard input where that is asked, typed where somebody sits at a terminal, else
    /// made up.
    pub fn get(from_stdin: bool) -> Result<Self, Failure> {
        let typed = if from_stdin {
            read_line()?
        } else if stdin().is_terminal() {
            prompt()?
        } else {
            String::new()
        };
        if typed.is_empty() && !from_stdin {
            return Ok(Self { text: keys::new_token().chars().take(24).collect(), made_up: true });
        }
        check_password(&typed)?;
        Ok(Self { text: typed, made_up: false })
    }

    /// As it is stored.
    pub fn hash(&self) -> Result<String, Failure> {
        Ok(keys::hash_password(&self.text)?)
    }
}

/// The first line, without its end.
fn read_line() -> Result<String, Failure> {
    let mut text = String::new();
    stdin().lock().take(8_192).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn prompt() -> Result<String, Failure> {
    let first = rpassword::prompt_password("Password (nothing: make one up): ")?;
    if first.is_empty() {
        return Ok(first);
    }
    if rpassword::prompt_password("Again: ")? == first {
        Ok(first)
    } else {
        Err(Failure::new("these are two different passwords"))
    }
}
