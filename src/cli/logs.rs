//! Where the log goes: the standard error, as lines or as JSON.
use std::io::{IsTerminal as _, stderr};

use commonhold::config::{Config, LogFormat};
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// As the settings want it.
pub fn start(config: &Config) {
    let lines = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let layer = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter(&config.log))).init();
}

/// The libraries below us are worth hearing when they warn, unless somebody asks for more.
fn filter(words: &str) -> Targets {
    let words = format!("actix_server=warn,{words}");
    // The settings have been checked; this is what would be taken if they had not.
    words.parse().unwrap_or(Targets::new().with_default(LevelFilter::INFO))
}

/// For commands that say themselves how it went: only what must not be missed.
pub fn quiet() {
    let lines = fmt::layer().with_writer(stderr).with_filter(LevelFilter::ERROR);
    tracing_subscriber::registry().with(lines).init();
}
