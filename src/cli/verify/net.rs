//! A ledger at its own server: found from the group's page, read page by page, with the keys of
//! everybody who signed looked up where they live.
use std::collections::HashMap;

use commonhold::{
    activitypub::json,
    config::Config,
    error::{Error, Result},
    fetch::Fetcher,
    health::Tally,
    keys::PublicKey,
    ledger::export::Header,
    types::Uri,
    verify::{Keys, Outcome, Verifier},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tokio::runtime::Runtime;
use url::Url;

use super::{super::report::Failure, progress::Progress};

/// Longest page of entries, in bytes.
const PAGE_BYTES: usize = 64 << 20;
/// Longest page for people, in bytes.
const HTML_BYTES: usize = 2 << 20;
/// Most co-signatures that are read.
const MAX_WITNESSES: usize = 1_000;
/// A server that failed so often is not asked again.
const MAX_FAILURES: u32 = 2;

/// A page of entries, each as it was written: read as values, what is not as it should be might be
/// set right on the way.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, rename = "orderedItems")]
    items: Vec<&'a RawValue>,
}

/// Other servers, asked one after the other.
struct Net {
    config: Config,
    runtime: Runtime,
    fetcher: Fetcher,
    /// How often each server failed.
    failures: HashMap<String, u32>,
    /// The actor that was asked for last, and what it is: many keys of one are asked for in a row.
    last: Option<(String, Value)>,
}

impl Net {
    fn new(config: &Config) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (config, fetcher) = (config.clone(), Fetcher::new(config));
        Ok(Self { config, runtime, fetcher, failures: HashMap::new(), last: None })
    }

    /// Another one, with the same rules and connections of its own.
    fn beside(&self) -> Result<Self> {
        Self::new(&self.config)
    }

    fn document(&self, url: &Url) -> Result<Value> {
        self.runtime.block_on(self.fetcher.get_document(url, None))
    }

    fn bytes(&self, address: &str) -> Result<Vec<u8>> {
        let url = Url::parse(address)?;
        let (bytes, _) = self.runtime.block_on(self.fetcher.get_bytes(&url, PAGE_BYTES))?;
        Ok(bytes)
    }

    fn json(&self, address: &str) -> Result<Value> {
        serde_json::from_slice(&self.bytes(address)?)
            .map_err(|why| Error::invalid(format!("{address} is not JSON: {why}")))
    }

    /// The group behind the address of its page, or of itself.
    fn group(&self, url: &Url) -> Result<Value> {
        let refused = match self.document(url) {
            Ok(document) => return Ok(document),
            Err(why) => why,
        };
        let (page, _) = self.runtime.block_on(self.fetcher.get_bytes(url, HTML_BYTES))?;
        let link = alternate(&String::from_utf8_lossy(&page)).and_then(|link| url.join(&link).ok());
        self.document(&link.ok_or(refused)?)
    }
}

impl Keys for Net {
    fn key(&mut self, owner: &str, method: &str) -> Option<PublicKey> {
        if self.last.as_ref().is_none_or(|(last, _)| last != owner) {
            let url = json::uri(owner)?;
            let failures = self.failures.entry(url.authority()).or_default();
            if *failures >= MAX_FAILURES {
                return None;
            }
            match self.runtime.block_on(self.fetcher.get_document(&url, None)) {
                Ok(actor) => self.last = Some((owner.to_owned(), actor)),
                Err(Error::NotFound | Error::Gone | Error::Forbidden(_)) => return None,
                Err(_) => {
                    *failures += 1;
                    return None;
                }
            }
        }
        let (_, actor) = self.last.as_ref()?;
        let mut keys = published(actor);
        let (_, key) = keys.find(|(id, _)| *id == method)?;
        PublicKey::read(key).ok()
    }
}

/// The Ed25519 keys that an actor publishes ([FEP-521a](https://w3id.org/fep/521a)): id and Multikey.
fn published(actor: &Value) -> impl Iterator<Item = (&str, &str)> {
    json::many(actor, "assertionMethod")
        .iter()
        .filter_map(|key| Some((json::text(key, "id")?, json::text(key, "publicKeyMultibase")?)))
}

/// The address of the same thing as `ActivityPub`, in a page for people.
fn alternate(page: &str) -> Option<String> {
    let tags = page.split("<link ").skip(1).filter_map(|rest| rest.split('>').next());
    let mut tags = tags.filter(|tag| {
        tag.contains("rel=\"alternate\"") && tag.contains("type=\"application/activity+json\"")
    });
    let (_, href) = tags.next()?.split_once("href=\"")?;
    Some(href.split('"').next()?.replace("&amp;", "&"))
}

/// Knows keys by asking their owners' servers.
pub fn keys(config: &Config) -> Result<impl Keys, Failure> {
    Net::new(config).map_err(|why| Failure::new(why.cause().to_string()))
}

/// Reads and checks the ledger of the group at `url`.
pub fn check(config: &Config, url: &Url) -> Result<Outcome, Failure> {
    let mut net = Net::new(config)?;
    let whose = |why: Error| Failure::new(format!("{url}: {}", why.cause()));
    let actor = net.group(url).map_err(whose)?;
    let group = json::id(&actor, "id").filter(|_| json::is(&actor, "Group"));
    let group = group.ok_or_else(|| Failure::new(format!("{url} is not a group")))?;
    let ledger = Ledger::read(&net, &group).map_err(whose)?;
    let keys: Vec<String> = published(&actor).map(|(_, key)| key.to_owned()).collect();
    ledger.check(&mut net, keys).map_err(whose)
}

/// What a server says of a ledger before its entries are read.
struct Ledger {
    /// Its address.
    id: String,
    group: Uri,
    head: Value,
    size: u64,
    witnesses: Vec<Value>,
    health: Option<Value>,
}

impl Ledger {
    /// Reads all but the entries. The report and the co-signatures come first, so that the head is
    /// no older than they are.
    fn read(net: &Net, group: &Uri) -> Result<Self> {
        let id = format!("{group}/ledger");
        let health = missing(net.json(&format!("{group}/health")))?;
        let witnesses = missing(net.json(&format!("{id}/witnesses")))?.unwrap_or_default();
        let items = ["orderedItems", "items"].iter().find_map(|name| witnesses.get(*name));
        let witnesses = items.and_then(Value::as_array).cloned().unwrap_or_default();
        let head = net.json(&format!("{id}/head"))?;
        let size = head.get("size").and_then(Value::as_u64);
        let size = size.ok_or_else(|| Error::invalid("its ledger has no head"))?;
        let witnesses = witnesses.into_iter().take(MAX_WITNESSES).collect();
        Ok(Self { id, group: group.clone(), head, size, witnesses, health })
    }

    fn check(self, net: &mut Net, group_keys: Vec<String>) -> Result<Outcome> {
        let of = |witness: &Value| witness.pointer("/head/size").and_then(Value::as_u64);
        let mut heads: Vec<u64> = self.witnesses.iter().filter_map(of).chain([self.size]).collect();
        heads.sort_unstable();
        heads.dedup();
        let header = Header { group: self.group.as_str().into(), size: self.size, heads };
        // Keys are looked up while pages are read: two hands.
        let pages = net.beside()?;
        let mut tally = Tally::new();
        let mut verifier = Verifier::new(header, net, Some(&mut tally));
        verifier.expect_keys(group_keys);
        if let Some(health) = self.health {
            verifier.health(health);
        }
        let mut progress = Progress::new();
        while verifier.read() < self.size {
            let bytes = pages.bytes(&format!("{}?from={}", self.id, verifier.read()))?;
            let page: Page = serde_json::from_slice(&bytes)?;
            if page.items.is_empty() {
                return Err(Error::invalid("a page of the ledger is empty"));
            }
            for item in page.items {
                if verifier.read() < self.size {
                    verifier.entry(item.get());
                }
                progress.at(verifier.read(), self.size);
            }
        }
        progress.done();
        for size in verifier.changes_of_key() {
            if size != self.size {
                verifier.head(&pages.json(&format!("{}/heads/{size}", self.id))?);
            }
        }
        verifier.head(&self.head);
        for mut witness in self.witnesses {
            let key = witness.as_object_mut().and_then(|fields| fields.remove("key"));
            verifier.witness(&witness, key.as_ref().and_then(Value::as_str));
        }
        Ok(verifier.finish())
    }
}

/// What a server does not have is nothing.
fn missing(answer: Result<Value>) -> Result<Option<Value>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound | Error::Gone) => Ok(None),
        Err(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_to_its_group() {
        let page = r#"<head><link rel="icon" href="/i"><link rel="alternate" type="application/atom+xml"
            href="/feed"><link rel="alternate" type="application/activity+json" href="/c/a?b=1&amp;c">"#;
        assert_eq!(alternate(page).as_deref(), Some("/c/a?b=1&c"));
        assert_eq!(alternate("<link rel=\"alternate\">"), None);
        assert_eq!(alternate("<link "), None);
    }

    #[test]
    fn only_keys_that_are_named_are_published() {
        let key = serde_json::json!({"id": "a#k", "type": "Multikey", "publicKeyMultibase": "z6"});
        let actor = serde_json::json!({"assertionMethod": [key, "a#other", {"id": "x"}]});
        assert_eq!(published(&actor).collect::<Vec<_>>(), [("a#k", "z6")]);
    }
}
