//! From text to types: what each setting may be.
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tracing_subscriber::filter::{LevelFilter, Targets};
use url::Url;

use super::{
    Config, ConfigError, DatabaseUrl, DevelopmentHost, KEYS, LogFormat, Network, Secret, SignUp,
    SmtpUrl, Source, layers::Layers, values,
};

/// What a node without a domain is called.
pub fn local_domain(port: u16) -> String {
    if port == 80 { "localhost".into() } else { format!("localhost:{port}") }
}

/// `scheme://domain/`.
pub fn at_root(scheme: &str, domain: &str) -> Option<Url> {
    Url::parse(&format!("{scheme}://{domain}/")).ok()
}

/// The settings as text, being turned into types.
pub struct Settings(pub Layers);

type Read<T> = Result<T, ConfigError>;

impl Settings {
    /// Every setting, checked.
    pub fn read(self) -> Read<Config> {
        let listen = self.required("listen", "an IP address and a port", values::socket)?;
        let development = self.development(listen)?;
        let (domain, origin) = self.names(listen, development)?;
        let smtp_url = self.optional("smtp_url", SMTP_ALLOWED, SmtpUrl::parse)?;
        let data_dir = self.required("data_dir", "a folder", |text| Some(PathBuf::from(text)))?;
        Ok(Config {
            mail_from: self
                .optional("mail_from", "name@host, or Name <name@host>", values::mailbox)?
                .unwrap_or_else(|| values::mail_name(&domain)),
            domain,
            origin,
            nameless: !self.is_set("domain") && !self.is_set("public_url"),
            title: self.required("title", "a text of up to 100 characters", |text| {
                (text.chars().count() <= 100).then(|| text.to_owned())
            })?,
            description: self.0.get("description").text,
            contact_email: self.optional("contact_email", "an e-mail address", |text| {
                text.split_once('@').filter(|(a, b)| !a.is_empty() && !b.is_empty())?;
                Some(text.to_owned())
            })?,
            listen,
            trusted_proxies: self.list(
                "trusted_proxies",
                "addresses or networks, like 10.0.0.0/8",
                Network::parse,
            )?,
            database_url: self
                .optional("database_url", "sqlite:PATH or postgres://..", DatabaseUrl::parse)?
                .or_else(|| sqlite_in(&data_dir))
                .ok_or_else(|| self.wrong("data_dir", "a folder whose name is UTF-8"))?,
            data_dir,
            database_connections: self.number("database_connections", 1, 200)?,
            http_workers: Some(self.number("http_workers", 0, 256)?).filter(|count| *count > 0),
            task_workers: self.number("task_workers", 1, 64)?,
            witness_every_secs: self.number("witness_every_secs", 1, 604_800)?,
            sign_up: self
                .optional("sign_up", &words(SignUp::ALL), SignUp::from_word)?
                .unwrap_or(if development { SignUp::Open } else { SignUp::Approval }),
            confirm_email: self.confirm_email(smtp_url.is_some())?,
            smtp_url,
            rate_limits: self.required("rate_limits", TRUE_FALSE, boolean)?,
            min_account_age_days: if self.is_set("min_account_age_days") {
                self.number("min_account_age_days", 0, 365)?
            } else if development {
                0
            } else {
                3
            },
            max_post_chars: self.number("max_post_chars", 100, 100_000)?,
            max_upload_bytes: self.number("max_upload_bytes", 100_000, 1_000_000_000)?,
            max_attachments: self.number("max_attachments", 1, 32)?,
            media: self.media()?,
            max_deliveries_in_flight: self.number("max_deliveries_in_flight", 1, 1000)?,
            secure_mode: self.required("secure_mode", TRUE_FALSE, boolean)?,
            log_format: self.required("log_format", "text, json", |text| match text {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            })?,
            log: self.required(
                "log",
                "error, warn, info, debug, trace, or a filter like info,commonhold::web=debug",
                |text| is_log_filter(text).then(|| text.to_owned()),
            )?,
            metrics_token: self.optional("metrics_token", "at least 16 characters", |text| {
                (text.len() >= 16).then(|| Secret::new(text))
            })?,
            development,
            development_hosts: self.development_hosts(development)?,
            development_ca_file: self.optional(
                "development_ca_file",
                "a file, in development mode",
                |text| development.then(|| PathBuf::from(text)),
            )?,
            shown: KEYS.iter().map(|key| self.shown(key)).collect(),
            unknown_variables: self.0.unknown_variables,
        })
    }

    /// Asked for where mail can be sent, unless it is said otherwise.
    fn confirm_email(&self, mail: bool) -> Read<bool> {
        let allowed = if mail { TRUE_FALSE } else { "false, while no smtp_url is set" };
        let asked = self.optional("confirm_email", allowed, |text| {
            boolean(text).filter(|confirm| mail || !confirm)
        })?;
        Ok(asked.unwrap_or(mail))
    }

    fn development(&self, listen: SocketAddr) -> Read<bool> {
        let asked = self.optional("development", TRUE_FALSE, boolean)?;
        let development = asked.unwrap_or(!self.is_set("domain"));
        if development && !listen.ip().is_loopback() {
            return Err(self.wrong(
                "listen",
                "a loopback address, like 127.0.0.1:8080, in development mode; set `domain` (and \
                 not `development`) to run a node for others",
            ));
        }
        Ok(development)
    }

    /// Domain and origin.
    fn names(&self, listen: SocketAddr, development: bool) -> Read<(String, Url)> {
        let domain = self.optional(
            "domain",
            if development {
                "a host name, also with a port"
            } else {
                "a host name with a dot, without port, scheme and path"
            },
            |text| values::domain(text, development),
        )?;
        let allowed = if development {
            "http:// or https:// and a host, without a path"
        } else {
            "https:// and a host, without a port and a path"
        };
        let origin =
            self.optional("public_url", allowed, |text| values::origin(text, development))?;
        let domain = match domain {
            Some(domain) => domain,
            None if development => local_domain(listen.port()),
            None => return Err(self.wrong("domain", "a host name, outside development mode")),
        };
        if let Some(origin) = origin {
            return Ok((domain, origin));
        }
        let scheme = if development { "http" } else { "https" };
        let origin = at_root(scheme, &domain).ok_or_else(|| self.wrong("domain", "a host name"))?;
        Ok((domain, origin))
    }

    fn development_hosts(&self, development: bool) -> Read<Vec<DevelopmentHost>> {
        let allowed = "name=127.0.0.1:port, where a name may start with *., in development mode";
        self.list("development_hosts", allowed, |text| {
            DevelopmentHost::parse(text).filter(|_| development)
        })
    }

    fn is_set(&self, key: &'static str) -> bool {
        !self.0.get(key).text.is_empty()
    }

    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Read<Option<T>> {
        let text = self.0.get(key).text;
        if text.is_empty() {
            return Ok(None);
        }
        parse(&text).map(Some).ok_or_else(|| self.wrong(key, allowed))
    }

    pub(super) fn required<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Read<T> {
        self.optional(key, allowed, parse)?.ok_or_else(|| self.wrong(key, allowed))
    }

    fn list<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Read<Vec<T>> {
        let text = self.0.get(key).text;
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(parse).collect::<Option<_>>().ok_or_else(|| self.wrong(key, allowed))
    }

    pub(super) fn number<T: TryFrom<u64>>(
        &self,
        key: &'static str,
        least: u64,
        most: u64,
    ) -> Read<T> {
        self.required(key, &format!("a number from {least} to {most}"), |text| {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number))?;
            T::try_from(number).ok()
        })
    }

    pub(super) fn wrong(&self, key: &'static str, allowed: &str) -> ConfigError {
        let (key, value, from) = self.shown(key);
        ConfigError::Value { key, value, from, allowed: allowed.to_owned() }
    }

    fn shown(&self, key: &'static str) -> (&'static str, String, Source) {
        let found = self.0.get(key);
        let value = match key {
            "metrics_token" | "s3_secret_access_key" if !found.text.is_empty() => {
                "(hidden)".to_owned()
            }
            "database_url" | "smtp_url" => values::without_password(&found.text),
            _ => found.text,
        };
        (key, value, found.from)
    }
}

pub(super) const TRUE_FALSE: &str = "true, false";
const SMTP_ALLOWED: &str = "smtps://user:password@host or smtp://user:password@host";

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// A filter where every word without `=` is a level: a lone module name is a slip.
fn is_log_filter(text: &str) -> bool {
    let levels = text.split(',').map(str::trim).filter(|part| !part.contains('='));
    text.parse::<Targets>().is_ok() && levels.into_iter().all(|l| l.parse::<LevelFilter>().is_ok())
}

fn words(all: &[SignUp]) -> String {
    all.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ")
}

fn sqlite_in(data_dir: &Path) -> Option<DatabaseUrl> {
    DatabaseUrl::parse(&format!("sqlite:{}", data_dir.join("commonhold.db").to_str()?))
}
