//! How far a check is: on the standard error, so that the output stays as it is described.
use std::{
    io::{IsTerminal as _, Write as _, stderr},
    time::{Duration, Instant},
};

/// How often it is said, to people and to logs.
const ON_TERMINAL: Duration = Duration::from_millis(250);
const ELSEWHERE: Duration = Duration::from_secs(5);
/// Entries between two looks at the clock.
const STEP: u64 = 256;

/// Says how far it is, now and then.
pub struct Progress {
    every: Duration,
    terminal: bool,
    last: Instant,
    told: bool,
}

impl Progress {
    /// Nothing is done yet.
    pub fn new() -> Self {
        let terminal = stderr().is_terminal();
        let every = if terminal { ON_TERMINAL } else { ELSEWHERE };
        Self { every, terminal, last: Instant::now(), told: false }
    }

    /// So many of so many entries were read.
    pub fn at(&mut self, read: u64, size: u64) {
        if read.is_multiple_of(STEP) && self.last.elapsed() >= self.every {
            self.say(&format!("{read} of {size} entries"));
        }
    }

    fn say(&mut self, words: &str) {
        self.last = Instant::now();
        self.told = true;
        // Whoever watches may have gone.
        let _ = if self.terminal {
            write!(stderr(), "\r{words} ").and_then(|()| stderr().flush())
        } else {
            writeln!(stderr(), "{words}")
        };
    }

    /// All was read.
    pub fn done(&self) {
        if self.told && self.terminal {
            let _ = writeln!(stderr());
        }
    }
}
