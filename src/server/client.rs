//! Who asks: the address behind the proxies that are trusted.
use std::net::IpAddr;

use actix_web::{HttpMessage as _, dev::ServiceRequest, http::header::HeaderMap};

use crate::config::Network;
pub use crate::types::ClientAddress;

/// The client of `request`; where nothing is known of it, an address that is nobody's.
pub fn address(request: &ServiceRequest) -> IpAddr {
    request.extensions().get::<ClientAddress>().copied().unwrap_or(ClientAddress::NOBODY).0
}

/// Follows `X-Forwarded-For` from the right, as far as trusted proxies wrote it.
///
/// What stands further left was written by the client itself and proves nothing.
pub fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let trusts = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusts(client) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

/// Whether the request passed through a proxy that says so.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// What limits count by: an IPv6 client has a whole /64 to itself.
pub fn network(address: IpAddr) -> IpAddr {
    ClientAddress(address).network()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = [Network::parse("127.0.0.1").unwrap(), Network::parse("10.0.0.0/8").unwrap()];
        for (peer, lines, client) in [
            ("203.0.113.9", &["1.1.1.1"][..], "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["203.0.113.9, 10.1.1.1"], "203.0.113.9"),
            ("127.0.0.1", &["1.1.1.1", "203.0.113.9, 10.1.1.1"], "203.0.113.9"),
            ("127.0.0.1", &["nonsense"], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, nonsense"], "127.0.0.1"),
            ("::ffff:127.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                let name = HeaderName::from_static("x-forwarded-for");
                headers.append(name, HeaderValue::from_static(line));
            }
            let found = behind(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, client.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
        }
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let count = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(count("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(count("203.0.113.9"), "203.0.113.9");
    }
}
