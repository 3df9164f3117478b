//! What a command says in the end, for people or as JSON.
use std::{io::Write as _, process::ExitCode};

use commonhold::{config::ConfigError, error::Error};
use serde_json::{Value, json};

/// What a command found or did.
pub struct Report {
    text: String,
    data: Value,
    code: u8,
}

impl Report {
    /// The same twice: in words and as data.
    pub fn new(text: impl Into<String>, data: Value) -> Self {
        Self { text: text.into(), data, code: 0 }
    }

    /// A command that has nothing more to say.
    pub fn silent() -> Self {
        Self::new("", Value::Null)
    }

    /// The same as a failure, where `well` is false: what was found is not as it should be.
    pub fn well(self, well: bool) -> Self {
        self.code(u8::from(!well))
    }

    /// The same with this exit code.
    pub fn code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// Prints it to the standard output.
    pub fn print(self, as_json: bool) -> ExitCode {
        let text = if as_json && !self.data.is_null() { self.data.to_string() } else { self.text };
        if !text.is_empty() {
            // Whoever reads may have gone, as `head` does.
            let _ = writeln!(std::io::stdout(), "{text}");
        }
        ExitCode::from(self.code)
    }
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub struct Failure {
    why: String,
    code: u8,
}

impl Failure {
    /// It was refused or did not work.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), code: 1 }
    }

    /// The same with this exit code.
    pub fn code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// Prints it to the standard error.
    pub fn print(&self, as_json: bool) -> ExitCode {
        let text = if as_json {
            json!({ "error": self.why }).to_string()
        } else {
            format!("commonhold: {}", self.why)
        };
        // There is nowhere left to complain to.
        let _ = writeln!(std::io::stderr(), "{text}");
        ExitCode::from(self.code)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.cause().to_string())
    }
}
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}
impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self { why: error.to_string(), code: 2 }
    }
}
