//! How others find out who is here and what runs here: `WebFinger`, host-meta, `NodeInfo`.
use serde_json::{Value, json};

use super::{CONTENT_TYPE, json as reading};
use crate::types::Uri;

/// The media type of a `WebFinger` answer.
pub const JRD: &str = "application/jrd+json";
/// The media type of host-meta.
pub const XRD: &str = "application/xrd+xml";

const SCHEMA: &str = "http://nodeinfo.diaspora.software/ns/schema";

/// Whom a `WebFinger` resource asks for: `acct:name@host` (with or without the scheme), or an
/// address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Name and host; the host in lower case, with a port where there is one.
    Account(String, String),
    /// An id or a page.
    Address(Uri),
}

impl Resource {
    /// Reads the `resource` parameter.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > reading::MAX_URL_BYTES {
            return None;
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return reading::uri(text).map(Self::Address);
        }
        let account = text.strip_prefix("acct:").unwrap_or(text);
        let account = account.strip_prefix('@').unwrap_or(account);
        let (name, host) = account.split_once('@')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let fits = |part: &str| !part.is_empty() && part.chars().all(plain);
        (fits(name) && fits(host))
            .then(|| Self::Account(name.to_owned(), host.to_ascii_lowercase()))
    }
}

/// The answer to `WebFinger`: one actor, its id and its page.
pub fn webfinger(name: &str, domain: &str, id: &Uri, page: &str, follow_template: &str) -> Value {
    json!({
        "subject": format!("acct:{name}@{domain}"),
        "aliases": [page, id],
        "links": [
            {"rel": "self", "type": CONTENT_TYPE, "href": id},
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": follow_template},
        ],
    })
}

/// The actor that a `WebFinger` answer leads to: of several `self` links the first that is
/// `ActivityPub`.
pub fn self_link(jrd: &Value) -> Option<Uri> {
    let links = reading::many(jrd, "links").iter();
    links
        .filter(|link| reading::text(link, "rel") == Some("self"))
        .filter(|link| {
            let media = reading::text(link, "type").unwrap_or_default();
            media.starts_with(CONTENT_TYPE) || media.starts_with("application/ld+json")
        })
        .find_map(|link| reading::text(link, "href").and_then(reading::uri))
}

/// The account that a `WebFinger` answer is about: `acct:name@host`.
pub fn subject(jrd: &Value) -> Option<(String, String)> {
    match Resource::parse(reading::text(jrd, "subject")?)? {
        Resource::Account(name, host) => Some((name, host)),
        Resource::Address(_) => None,
    }
}

/// Where `WebFinger` is, for software that looks here first. `origin` ends without `/`.
pub fn host_meta(origin: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
  <Link rel="lrdd" template="{origin}/.well-known/webfinger?resource={{uri}}"/>
</XRD>
"#
    )
}

/// Which versions of `NodeInfo` there are, and which actor the node itself is
/// ([FEP-2677](https://w3id.org/fep/2677)).
pub fn nodeinfo_links(origin: &str) -> Value {
    let link = |version: &str| json!({"rel": format!("{SCHEMA}/{version}"), "href": format!("{origin}/nodeinfo/{version}")});
    json!({"links": [
        link("2.1"),
        link("2.0"),
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": format!("{origin}/actor")},
    ]})
}

/// What a node says of itself.
#[derive(Clone, Copy, Debug)]
pub struct NodeInfoParts<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// The node's name.
    pub title: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Anyone may make an account.
    pub open_registrations: bool,
    /// Local persons.
    pub users: i64,
    /// Of those, posted in the last half year.
    pub active_half_year: i64,
    /// Of those, posted in the last month.
    pub active_month: i64,
    /// Local posts that begin a thread.
    pub posts: i64,
    /// Local replies.
    pub comments: i64,
}

/// `NodeInfo` 2.0 or 2.1.
///
/// `upstream` tells software that knows servers by name which client API we speak.
pub fn nodeinfo(parts: &NodeInfoParts, version: &str) -> Value {
    let mut software = json!({"name": "commonhold", "version": parts.version});
    if let (Value::Object(software), "2.1") = (&mut software, version) {
        software.insert("repository".into(), env!("CARGO_PKG_REPOSITORY").into());
        software.retain(|_, value| value != "");
    }
    json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": parts.open_registrations,
        "usage": {
            "users": {
                "total": parts.users,
                "activeHalfyear": parts.active_half_year,
                "activeMonth": parts.active_month,
            },
            "localPosts": parts.posts,
            "localComments": parts.comments,
        },
        "metadata": {
            "nodeName": parts.title,
            "nodeDescription": parts.description,
            "upstream": {"name": "mastodon"},
        },
    })
}

/// The address of a peer's `NodeInfo`, the newest version it offers that we read.
pub fn nodeinfo_address(links: &Value) -> Option<Uri> {
    let href = |version: &str| {
        reading::many(links, "links")
            .iter()
            .find(|link| reading::text(link, "rel") == Some(&format!("{SCHEMA}/{version}")))
            .and_then(|link| reading::text(link, "href"))
            .and_then(reading::uri)
    };
    ["2.1", "2.0", "1.1", "1.0"].into_iter().find_map(href)
}

/// `software.name` (lower case) and `version` of a peer's `NodeInfo`.
pub fn software(nodeinfo: &Value) -> Option<(String, String)> {
    let software = nodeinfo.get("software")?;
    let word = |key: &str| {
        let text = reading::text(software, key)?.trim();
        Some(text.chars().filter(|c| !c.is_control()).take(64).collect::<String>())
    };
    let name = word("name").filter(|name| !name.is_empty())?;
    Some((name.to_ascii_lowercase(), word("version").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_with_and_without_scheme_and_port() {
        let account = |name: &str, host: &str| Some(Resource::Account(name.into(), host.into()));
        assert_eq!(Resource::parse("acct:ana@oak.example"), account("ana", "oak.example"));
        assert_eq!(Resource::parse("@ana@LocalHost:8081"), account("ana", "localhost:8081"));
        assert_eq!(Resource::parse("acct:help@oak.example"), account("help", "oak.example"));
        for bad in ["", "acct:", "ana", "acct:a b@c", "acct:a@b/c", "mailto:x", "acct:a@b@c"] {
            assert_eq!(Resource::parse(bad), None, "{bad}");
        }
        let id = Uri::parse("https://oak.example/u/ana").unwrap();
        assert_eq!(Resource::parse(id.as_str()), Some(Resource::Address(id)));
    }

    #[test]
    fn what_we_answer_we_find() {
        let id = Uri::parse("https://oak.example/u/ana").unwrap();
        let jrd = webfinger("ana", "oak.example", &id, "https://oak.example/@ana", "T");
        assert_eq!(self_link(&jrd), Some(id));
        assert_eq!(subject(&jrd), Some(("ana".into(), "oak.example".into())));
        let links = nodeinfo_links("https://oak.example");
        let address = nodeinfo_address(&links).unwrap();
        assert_eq!(address.as_str(), "https://oak.example/nodeinfo/2.1");
    }

    #[test]
    fn nodeinfo_shows_what_runs_here() {
        let parts = NodeInfoParts {
            version: "1.2.3",
            title: "Oak",
            description: "Neighbours",
            open_registrations: true,
            users: 3,
            active_half_year: 2,
            active_month: 1,
            posts: 10,
            comments: 20,
        };
        insta::assert_json_snapshot!(nodeinfo(&parts, "2.1"));
        assert_eq!(software(&nodeinfo(&parts, "2.0")), Some(("commonhold".into(), "1.2.3".into())));
        assert_eq!(software(&json!({"software": {"name": 5}})), None);
    }
}
