//! Payloads of other servers, real and hostile, sent to a node that is `node.example`.
mod attacks;
mod entries;
mod fetched;
mod fuzzed;
mod hostile;
mod pack;
mod peers;
mod private_addresses;
mod real;
mod scenarios;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Database, Peer, Setup};
use pack::{Fate, Sample, Totals, samples};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn word<'e>(entry: &'e Value, key: &str) -> &'e str {
    entry[key].as_str().unwrap_or_default()
}

/// Every name of a host that these texts mention and that can be played, without its port.
fn hosts<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for text in texts {
        for start in ["https://", "http://", "acct:"] {
            for (at, _) in text.match_indices(start) {
                let mut rest = &text[at + start.len()..];
                if start == "acct:" {
                    rest = rest.split_once('@').map_or("", |(_, host)| host);
                }
                let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
                let host: String =
                    rest.chars().take_while(|&c| allowed(c)).collect::<String>().to_lowercase();
                if is_a_name(&host) {
                    found.insert(host);
                }
            }
        }
    }
    found.into_iter().collect()
}

fn is_a_name(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let letters = host.chars().any(|c| c.is_ascii_alphabetic());
    let whole = labels.iter().all(|label| {
        !label.is_empty() && label.len() < 64 && !label.starts_with('-') && !label.ends_with('-')
    });
    whole && letters && host != "node.example" && !host.ends_with("w3.org")
}

/// The setup of a node that is `node.example`, finds the peer's servers, and tells in its log what
/// became of every activity.
fn node_example(database: Database, peer: &Peer) -> Setup {
    peer.known_to(Setup::new(database))
        .with("DOMAIN", "node.example")
        .with("PUBLIC_URL", "https://node.example")
        .with("LOG", "info,commonhold=debug")
}

/// The URL of an object or of a reference to it; of the first where there are many.
fn reference(value: &Value) -> Option<&str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(object) => object.get("id").and_then(Value::as_str),
        Value::Array(many) => many.iter().find_map(reference),
        _ => None,
    }
}

/// Whether everybody may see it.
fn is_public(object: &Value) -> bool {
    ["to", "cc"].iter().any(|key| {
        let addressed = match &object[*key] {
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            Value::String(one) => vec![one.as_str()],
            _ => Vec::new(),
        };
        addressed.iter().any(|to| [PUBLIC, "as:Public", "Public"].contains(to))
    })
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |url: &str| url::Url::parse(url).map(|url| url.origin());
    origin(one).is_ok() && origin(one).ok() == origin(other).ok()
}
