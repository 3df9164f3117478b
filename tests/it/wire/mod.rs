//! Payloads of other servers, real and hostile, sent to a node that is `node.example`.
//!
//! They are read in place, where they are at hand; a clone without them says so in one line.
mod hostile;
mod private_addresses;
mod real;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Database, Peer, Setup, fixtures};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The files of these servers as the manifest describes them; `None` where there are none.
fn manifest(servers: &[&str]) -> Option<Vec<Value>> {
    let path = fixtures().join("MANIFEST.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("no payloads are sent: {} is not there", path.display());
        return None;
    };
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    Some(all.into_iter().filter(|entry| servers.contains(&word(entry, "server"))).collect())
}

fn word<'e>(entry: &'e Value, key: &str) -> &'e str {
    entry[key].as_str().unwrap_or_default()
}

fn bytes(entry: &Value) -> Vec<u8> {
    std::fs::read(fixtures().join(word(entry, "file"))).unwrap()
}

/// Every name of a host that these texts mention and that can be played.
fn hosts<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for text in texts {
        for start in ["https://", "http://"] {
            for (at, _) in text.match_indices(start) {
                let rest = &text[at + start.len()..];
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
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
    whole && letters && host != "node.example" && host != "localhost" && !host.ends_with("w3.org")
}

/// The setup of a node that is `node.example` and finds the peer's servers.
fn node_example(database: Database, peer: &Peer) -> Setup {
    peer.known_to(Setup::new(database))
        .with("DOMAIN", "node.example")
        .with("PUBLIC_URL", "https://node.example")
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
