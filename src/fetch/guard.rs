//! Where we may connect to: rule H3. What others write must never lead us into our own network.
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::DevelopmentHost;

/// The rules, and the exceptions of development mode.
#[derive(Clone, Debug)]
pub struct Guard {
    development: bool,
    hosts: Arc<[DevelopmentHost]>,
}

/// Why a URL is not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Not https.
    #[error("only https is fetched")]
    Scheme,
    /// A name or password in it.
    #[error("the URL has a user name or password")]
    User,
    /// An address where a name belongs.
    #[error("the URL has an IP address for a host")]
    Literal,
    /// A port of its own.
    #[error("only port 443 is fetched")]
    Port,
    /// A name that is nobody's on the internet.
    #[error("the host name is not public")]
    Name,
    /// Longer than anything honest.
    #[error("the URL is too long")]
    Length,
}

/// Names that mean something else, or nothing, outside their own network.
const INNER: [&str; 9] = [
    "localhost",
    "local",
    "internal",
    "localdomain",
    "lan",
    "intranet",
    "home.arpa",
    "onion",
    "alt",
];

impl Guard {
    /// The rules; `hosts` count in development mode only.
    pub fn new(development: bool, hosts: &[DevelopmentHost]) -> Self {
        Self { development, hosts: hosts.into() }
    }

    /// Whether `url` may be fetched, as far as it can be seen without looking up its name.
    ///
    /// # Errors
    /// The rule against it.
    pub fn check(&self, url: &Url) -> Result<(), Forbidden> {
        if url.as_str().len() > 2048 {
            return Err(Forbidden::Length);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::User);
        }
        match url.scheme() {
            "https" => {}
            "http" if self.development => {}
            _ => return Err(Forbidden::Scheme),
        }
        let Some(host) = url.host() else { return Err(Forbidden::Name) };
        if self.development {
            // Neighbours are on this machine, not in the network around it.
            let inside = |address: IpAddr| !address.is_loopback() && !is_public(address);
            return match host {
                Host::Ipv4(address) if inside(address.into()) => Err(Forbidden::Literal),
                Host::Ipv6(address) if inside(address.into()) => Err(Forbidden::Literal),
                Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => Ok(()),
            };
        }
        if url.port().is_some() {
            return Err(Forbidden::Port);
        }
        match host {
            Host::Ipv4(_) | Host::Ipv6(_) => Err(Forbidden::Literal),
            Host::Domain(name) if is_public_name(name) => Ok(()),
            Host::Domain(_) => Err(Forbidden::Name),
        }
    }

    /// How a URL that may be fetched is asked for: itself, or, where a name of development mode has
    /// a port of its own, without that port and with it in the `Host` header. Connecting heeds a
    /// port that is written more than the one a name leads to.
    pub fn route(&self, url: &Url) -> (Url, Option<String>) {
        let mut at = url.clone();
        match (url.host_str(), url.port()) {
            (Some(name), Some(port)) if self.overridden(name).is_some() => {
                let host = format!("{name}:{port}");
                let cut = at.set_port(None).is_ok();
                (at, cut.then_some(host))
            }
            _ => (at, None),
        }
    }

    /// Where a name of development mode leads.
    fn overridden(&self, name: &str) -> Option<SocketAddr> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let hosts = self.hosts.iter().filter(|_| self.development);
        hosts.into_iter().find(|host| host.matches(&name)).map(|host| host.to)
    }
}

/// Looks names up, and hands on only addresses that may be connected to: what was checked is what
/// is used, so that a name which changes its mind in between gains nothing.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let good: Vec<SocketAddr> = if let Some(to) = guard.overridden(name) {
                vec![to]
            } else {
                let all = tokio::net::lookup_host((name, 0)).await?;
                all.filter(|found| guard.development || is_public(found.ip())).collect()
            };
            if good.is_empty() {
                return Err(format!("{name} has no public address").into());
            }
            let good: Addrs = Box::new(good.into_iter());
            Ok(good)
        })
    }
}

fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let inner = |suffix: &&str| {
        name.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.contains('.') && !INNER.iter().any(inner)
}

/// Whether an address belongs to the internet at large.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Networks of IPv4 that are private, special or reserved
/// ([IANA](https://www.iana.org/assignments/iana-ipv4-special-registry)).
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let inside = |(network, bits): &(Ipv4Addr, u32)| {
        (u32::from(*network) ^ u32::from(address)) >> (32 - bits) == 0
    };
    !SPECIAL_V4.iter().any(inside)
}

/// Only `2000::/3` is the internet; inside it tunnels (Teredo, 6to4) and examples are not. All that
/// carries an IPv4 address (mapped, NAT64) lies outside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, second, ..] if second < 0x0200 => false, // Teredo, benchmarks, ORCHID ..
        [0x2001, 0x0db8, ..] | [0x2002, ..] => false,     // examples; 6to4
        [0x3fff, second, ..] if second < 0x1000 => false, // examples
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(development: bool, url: &str) -> Result<(), Forbidden> {
        Guard::new(development, &[]).check(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_public_names_by_https_are_fetched() {
        for (url, found) in [
            ("https://node.example/u/ana?x=1", Ok(())),
            ("https://node.example:443/", Ok(())),
            ("https://xn--bcher-kva.example/", Ok(())),
            ("https://local.example/", Ok(())),
            ("https://notlocal/", Err(Forbidden::Name)),
            ("http://node.example/", Err(Forbidden::Scheme)),
            ("ftp://node.example/", Err(Forbidden::Scheme)),
            ("file:///etc/passwd", Err(Forbidden::Scheme)),
            ("data:text/html,x", Err(Forbidden::Scheme)),
            ("https://me@node.example/", Err(Forbidden::User)),
            ("https://:x@node.example/", Err(Forbidden::User)),
            ("https://node.example:8443/", Err(Forbidden::Port)),
            ("https://node.example:22/", Err(Forbidden::Port)),
            ("https://192.0.2.1/", Err(Forbidden::Literal)),
            ("https://127.0.0.1/", Err(Forbidden::Literal)),
            ("https://2130706433/", Err(Forbidden::Literal)),
            ("https://0x7f.1/", Err(Forbidden::Literal)),
            ("https://[::1]/", Err(Forbidden::Literal)),
            ("https://[::ffff:10.0.0.1]/", Err(Forbidden::Literal)),
            ("https://localhost/", Err(Forbidden::Name)),
            ("https://localhost./", Err(Forbidden::Name)),
            ("https://a.localhost/", Err(Forbidden::Name)),
            ("https://printer.local/", Err(Forbidden::Name)),
            ("https://metadata.google.internal/", Err(Forbidden::Name)),
            ("https://METADATA.Google.Internal./", Err(Forbidden::Name)),
            ("https://intranet/", Err(Forbidden::Name)),
            ("https://x.onion/", Err(Forbidden::Name)),
        ] {
            assert_eq!(check(false, url), found, "{url}");
        }
        assert_eq!(
            check(false, &format!("https://node.example/{}", "x".repeat(2048))),
            Err(Forbidden::Length)
        );
    }

    #[test]
    fn development_mode_allows_loopback_ports_and_plain_http() {
        for url in ["http://localhost:8081/", "http://127.0.0.1:1/", "https://oak.test/"] {
            assert_eq!(check(true, url), Ok(()), "{url}");
        }
        for url in ["http://169.254.169.254/latest/", "http://10.0.0.1/", "http://[fd00::1]/"] {
            assert_eq!(check(true, url), Err(Forbidden::Literal), "{url}");
        }
        assert_eq!(check(true, "http://me@localhost/"), Err(Forbidden::User));
        assert_eq!(check(true, "file:///etc/passwd"), Err(Forbidden::Scheme));
    }

    #[test]
    fn private_addresses_are_never_connected_to() {
        for (address, public) in [
            ("1.1.1.1", true),
            ("9.255.255.255", true),
            ("11.0.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("127.0.0.1", false),
            ("127.255.255.255", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.1.1", false),
            ("198.19.255.255", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("2a00::1", true),
            ("::", false),
            ("::1", false),
            ("::ffff:1.1.1.1", false),
            ("::ffff:127.0.0.1", false),
            ("::7f00:1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_resolved() {
        let name = || "localhost".parse().unwrap();
        assert!(Guard::new(false, &[]).resolve(name()).await.is_err());
        assert!(Guard::new(true, &[]).resolve(name()).await.is_ok());
        let oak = DevelopmentHost::parse("*.oak.test=127.0.0.1:81").unwrap();
        let found = Guard::new(true, std::slice::from_ref(&oak))
            .resolve("a.oak.test".parse().unwrap())
            .await;
        assert_eq!(found.unwrap().collect::<Vec<_>>(), ["127.0.0.1:81".parse().unwrap()]);
        assert_eq!(Guard::new(false, &[oak]).overridden("a.oak.test"), None);
    }

    #[test]
    fn a_port_of_a_name_of_development_mode_is_told_not_asked() {
        let oak = DevelopmentHost::parse("oak=127.0.0.1:81").unwrap();
        let guard = Guard::new(true, std::slice::from_ref(&oak));
        let route = |guard: &Guard, url: &str| {
            let (at, host) = guard.route(&Url::parse(url).unwrap());
            (at.to_string(), host)
        };
        let told = ("http://oak/a?b".to_owned(), Some("oak:8541".to_owned()));
        assert_eq!(route(&guard, "http://oak:8541/a?b"), told);
        for url in ["http://oak/a", "http://elm:8541/a", "http://127.0.0.1:8541/a"] {
            assert_eq!(route(&guard, url), (url.to_owned(), None));
        }
        let other = Guard::new(false, &[oak]);
        assert_eq!(route(&other, "http://oak:1/"), ("http://oak:1/".to_owned(), None));
    }
}
