//! Every setting of a node: typed, checked before anything starts, explained in
//! `config/default.toml`.
mod error;
mod layers;
mod media;
mod read;
mod values;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use url::Url;

use layers::Layers;
use read::{Settings, at_root, local_domain};

pub use error::{ConfigError, Source};
pub use media::{FfmpegChoice, MediaSettings, S3Settings, StorePlace};
pub use values::{DatabaseUrl, DevelopmentHost, LogFormat, Network, Secret, SignUp, SmtpUrl};

/// What every setting is called, in the order of `config/default.toml`.
pub const KEYS: &[&str] = &[
    "domain",
    "public_url",
    "title",
    "description",
    "contact_email",
    "listen",
    "trusted_proxies",
    "data_dir",
    "database_url",
    "database_connections",
    "http_workers",
    "task_workers",
    "witness_every_secs",
    "sign_up",
    "smtp_url",
    "mail_from",
    "confirm_email",
    "rate_limits",
    "min_account_age_days",
    "max_post_chars",
    "max_upload_bytes",
    "max_video_bytes",
    "max_attachments",
    "member_quota_bytes",
    "media_store",
    "s3_endpoint",
    "s3_region",
    "s3_access_key_id",
    "s3_secret_access_key",
    "s3_path_style",
    "ffmpeg",
    "media_proxy",
    "media_cache_bytes",
    "media_cache_days",
    "max_deliveries_in_flight",
    "secure_mode",
    "log_format",
    "log",
    "metrics_token",
    "development",
    "development_hosts",
    "development_ca_file",
];

/// The settings a node runs with.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Config {
    domain: String,
    origin: Url,
    /// Whether nobody set a domain, so that it follows the port.
    nameless: bool,
    /// The node's name.
    pub title: String,
    /// What the node is for, a sentence of plain text.
    pub description: String,
    /// Whom people may write to.
    pub contact_email: Option<String>,
    /// Where the HTTP server listens.
    pub listen: SocketAddr,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The folder for everything the node keeps.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// Connections kept for reading.
    pub database_connections: u32,
    /// Threads that answer HTTP; `None`: one per processor.
    pub http_workers: Option<usize>,
    /// Tasks done at the same time.
    pub task_workers: usize,
    /// How often ledgers of groups elsewhere are looked at, seconds.
    pub witness_every_secs: u64,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// The server that takes our mail.
    pub smtp_url: Option<SmtpUrl>,
    /// Whom our mail is from, `name@host` or `Name <name@host>`.
    pub mail_from: String,
    /// Whether who signs up may act only once their e-mail address is confirmed.
    pub confirm_email: bool,
    /// Whether floods, repeated posts and brand-new accounts are limited.
    pub rate_limits: bool,
    /// Days an account must exist before its thanks are counted (R4).
    pub min_account_age_days: u32,
    /// Characters a post may have.
    pub max_post_chars: usize,
    /// Bytes an uploaded picture may have.
    pub max_upload_bytes: usize,
    /// Files a post may carry.
    pub max_attachments: usize,
    /// Pictures, sound and film: where they are kept, and how much of them.
    pub media: MediaSettings,
    /// Deliveries under way at the same time.
    pub max_deliveries_in_flight: usize,
    /// Whether only those who sign what they ask for may look things up.
    pub secure_mode: bool,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged, as a filter of `tracing-subscriber`.
    pub log: String,
    /// Lets a monitor read the metrics from elsewhere.
    pub metrics_token: Option<Secret>,
    /// Plain http and peers on this machine allowed.
    pub development: bool,
    /// Names that lead to this machine.
    pub development_hosts: Vec<DevelopmentHost>,
    /// An extra root certificate (PEM) to trust.
    pub development_ca_file: Option<PathBuf>,
    /// Each setting as it is shown: key, value with secrets hidden, source.
    pub shown: Vec<(&'static str, String, Source)>,
    /// Variables of the environment that look like settings and are none; worth a warning.
    pub unknown_variables: Vec<String>,
}

impl Config {
    /// Reads the settings: defaults, then `file`, then `env` (all variables; others are ignored).
    ///
    /// # Errors
    /// When the file cannot be read or a value cannot be; says which and what is allowed.
    pub fn load(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Settings(Layers::new(file, env)?).read()
    }

    /// The part after the @ in handles: `node.example`, `localhost:8080`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Where the node is reached; its path is `/`.
    pub fn origin(&self) -> &Url {
        &self.origin
    }

    /// The same node listening at `address` after all: with port 0 the system chooses, and a node
    /// without a domain is named after its port.
    #[must_use]
    pub fn listening_at(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        let domain = local_domain(address.port());
        if let (true, Some(origin)) = (self.nameless, at_root("http", &domain)) {
            (self.domain, self.origin) = (domain, origin);
        }
        self
    }
}

#[cfg(test)]
mod tests;
