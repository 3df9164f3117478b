//! The types of settings, and reading them from text.
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use url::{Host, Url};

pub use crate::types::SignUp;

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; for using it, not for showing it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Where the database is. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `postgres://..`.
    pub fn parse(text: &str) -> Option<Self> {
        let known = match text.split_once(':')? {
            ("sqlite", path) => !path.trim_start_matches('/').is_empty(),
            ("postgres" | "postgresql", rest) => rest.starts_with("//") && Url::parse(text).is_ok(),
            _ => false,
        };
        known.then(|| Self(text.to_owned()))
    }

    /// The whole of it, password and all; for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The server that takes our mail. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// Reads `smtps://user:password@host:port` (encrypted from the start) or `smtp://..` (encrypted
    /// from its first words on: STARTTLS). On this machine `smtp://` is not encrypted, and elsewhere
    /// only `?tls=opportunistic` lets a server do without.
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let here = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        match (url.scheme(), url.query()) {
            ("smtps", None) | ("smtp", Some("tls=required" | "tls=opportunistic")) => {}
            ("smtp", None) if here => {}
            ("smtp", None) => url.set_query(Some("tls=required")),
            _ => return None,
        }
        Some(Self(url.to_string()))
    }

    /// The whole of it, password and all; for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

/// Reads whom mail is from: an address, or a name and an address in angle brackets.
pub fn mailbox(text: &str) -> Option<String> {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => text,
    };
    let (name, host) = address.split_once('@')?;
    let fine =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    (fine(name) && fine(host) && !text.contains(['\r', '\n'])).then(|| text.to_owned())
}

/// Whom mail is from where nobody says it.
pub fn mail_name(domain: &str) -> String {
    format!("no-reply@{}", domain.split(':').next().unwrap_or(domain))
}

/// Hides what may be a password in what may be a database URL; all of it when it is no URL.
pub fn without_password(text: &str) -> String {
    if text.is_empty() || text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else { return "(hidden)".into() };
    if !url.has_host() {
        return "(hidden)".into();
    }
    // Cannot fail where there is a host; if it ever did, nothing is shown at all.
    if url.password().is_some() && url.set_password(Some("HIDDEN")).is_err() {
        return "(hidden)".into();
    }
    if url.query().is_some() {
        url.set_query(Some("HIDDEN"));
    }
    url.to_string().replace("HIDDEN", "(hidden)")
}

/// An address, or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many leading bits count.
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.1` or `10.0.0.0/8`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => {
                (address.trim().parse().ok()?, Some(bits.trim().parse().ok()?))
            }
            None => (text.trim().parse().ok()?, None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether `address` is in it. An IPv4 address in IPv6 clothes is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differ = u32::from(ours) ^ u32::from(theirs);
                u64::from(differ) >> (32 - u32::from(self.bits)) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differ = u128::from(ours) ^ u128::from(theirs);
                differ.checked_shr(128 - u32::from(self.bits)).unwrap_or_default() == 0
            }
            _ => false,
        }
    }
}

/// A name that leads to this machine, in development mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevelopmentHost {
    /// The name, or what comes after `*.`.
    name: String,
    /// Whether it stands for all names below.
    wildcard: bool,
    /// Where it leads.
    pub to: SocketAddr,
}

impl DevelopmentHost {
    /// Reads `name=127.0.0.1:port`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, to) = text.split_once('=')?;
        let to = socket(to.trim()).filter(|to| to.ip().is_loopback())?;
        let name = name.trim().to_ascii_lowercase();
        let (wildcard, name) = match name.strip_prefix("*.") {
            Some(rest) => (true, rest.to_owned()),
            None => (false, name),
        };
        (!name.is_empty() && !name.contains('*')).then_some(Self { name, wildcard, to })
    }

    /// Whether it speaks of `host` (lower case, no port).
    pub fn matches(&self, host: &str) -> bool {
        match host.strip_suffix(&self.name) {
            Some("") => !self.wildcard,
            Some(rest) => self.wildcard && rest.ends_with('.'),
            None => false,
        }
    }
}

/// Reads an address with a port; `localhost` is `127.0.0.1`.
pub fn socket(text: &str) -> Option<SocketAddr> {
    let local = || {
        let port = text.strip_prefix("localhost:")?.parse().ok()?;
        Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    };
    text.parse().ok().or_else(local)
}

/// Reads a host name, and a port in development mode; the form that is compared and shown.
pub fn domain(text: &str, development: bool) -> Option<String> {
    if text.contains(['/', '@', '?', '#', '\\']) {
        return None;
    }
    // A scheme whose own port is nobody's here, so that every port stays visible.
    let url = Url::parse(&format!("https://{text}")).ok()?;
    let Host::Domain(host) = url.host()? else { return None };
    let host = host.to_owned();
    match (url.port(), development) {
        (None, true) => Some(host),
        (Some(port), true) => Some(format!("{host}:{port}")),
        (None, false) => (host.contains('.') && !text.contains(':')).then_some(host),
        (Some(_), false) => None,
    }
}

/// Reads an origin: scheme and host, in development mode also a port and plain http.
pub fn origin(text: &str, development: bool) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let scheme = match url.scheme() {
        "https" => development || url.port().is_none(),
        "http" => development,
        _ => false,
    };
    (bare && scheme && url.has_host()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_addresses() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("::1", "::1", true),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let found = Network::parse(network).unwrap().contains(address.parse().unwrap());
            assert_eq!(found, inside, "{network} {address}");
        }
        for text in ["", "x", "10.0.0.0/33", "::/129", "10.0.0.0/", "localhost"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn development_hosts_match_names_and_stars() {
        let exact = DevelopmentHost::parse("Oak.test=127.0.0.1:8443").unwrap();
        assert!(exact.matches("oak.test"));
        assert!(!exact.matches("a.oak.test") && !exact.matches("xoak.test"));
        let star = DevelopmentHost::parse(" *.elm.test = 127.0.0.1:1 ").unwrap();
        assert!(star.matches("a.elm.test") && star.matches("b.a.elm.test"));
        assert!(!star.matches("elm.test") && !star.matches("xelm.test"));
        for text in ["", "oak.test", "=127.0.0.1:1", "oak.test=10.0.0.1:1", "a.*.b=127.0.0.1:1"] {
            assert_eq!(DevelopmentHost::parse(text), None, "{text}");
        }
    }

    #[test]
    fn mail_goes_encrypted_wherever_it_leaves_the_machine() {
        for (text, used) in [
            ("smtps://a:b@mail.example", "smtps://a:b@mail.example"),
            ("smtp://a:b@mail.example:587", "smtp://a:b@mail.example:587?tls=required"),
            ("smtp://mail?tls=opportunistic", "smtp://mail?tls=opportunistic"),
            ("smtp://localhost:2525", "smtp://localhost:2525"),
            ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"),
            ("smtp://[::1]:2525", "smtp://[::1]:2525"),
        ] {
            assert_eq!(SmtpUrl::parse(text).unwrap().expose(), used);
        }
        for text in ["", "mail.example", "https://mail.example", "smtp://mail?tls=none", "smtp://"]
        {
            assert_eq!(SmtpUrl::parse(text), None, "{text}");
        }
        let shown = format!("{:?}", SmtpUrl::parse("smtps://a:hunter2@mail.example").unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(mailbox("Oak Street <post@oak.example>").is_some() && mailbox("a@b").is_some());
        for text in ["", "post", "@oak", "a b@oak", "Oak <a@b", "a@b@c"] {
            assert_eq!(mailbox(text), None, "{text}");
        }
        assert_eq!(mail_name("localhost:8080"), "no-reply@localhost");
    }

    #[test]
    fn passwords_of_databases_are_hidden() {
        for (text, shown) in [
            ("postgres://me:hunter2@db/x", "postgres://me:(hidden)@db/x"),
            ("postgres://me:hun@ter2@db/x", "postgres://me:(hidden)@db/x"),
            ("postgres://db/x?password=hunter2", "postgres://db/x?(hidden)"),
            ("mysql://me:hunter2@db", "mysql://me:(hidden)@db"),
            ("postgres//me:hunter2@db", "(hidden)"),
            ("postgres://me:hunter2", "(hidden)"),
            ("host=db password=hunter2", "(hidden)"),
            ("postgres:hunter2", "(hidden)"),
            ("sqlite:./data/x.db", "sqlite:./data/x.db"),
        ] {
            assert_eq!(without_password(text), shown);
        }
        let url = DatabaseUrl::parse("postgres://me:hunter2@db/x").unwrap();
        assert!(!format!("{url} {url:?}").contains("hunter2"));
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "(hidden)");
    }
}
