//! The doors by which the bytes of strangers come in, one function each. They are tried with every
//! test run (`fuzzed.rs`) and, for longer, by the targets in `fuzz/`.
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use commonhold::{
    activitypub::{
        ActorDoc, Object, activity,
        collection::Collection,
        discovery, json,
        object::{Family, family},
    },
    signature::{Claim, Incoming},
    text,
    types::Time,
};
use url::Url;

/// Takes any bytes, and must come to an end.
pub type Door = fn(&[u8]);

/// Every door, by the name of its target.
pub const DOORS: [(&str, Door); 5] = [
    ("activity", activity),
    ("signature", signature),
    ("html", html),
    ("webfinger", webfinger),
    ("collection", collection),
];

/// What an inbox gets, and all that it carries.
pub fn activity(bytes: &[u8]) {
    let Ok(value) = json::parse(bytes) else { return };
    let _ = activity::read(&value).map(|read| format!("{read:?}").len());
    object(&value);
    for inner in json::many(&value, "object") {
        let _ = activity::read(inner);
        object(inner);
    }
}

fn object(value: &serde_json::Value) {
    match family(value) {
        Some(Family::Actor) => {
            let _ = ActorDoc::read(value);
        }
        _ => {
            if let Ok(post) = Object::read(value) {
                let _ = (post.vote(), post.groups().len(), post.visibility(&[]));
                let _ = post.content.as_deref().map(text::sanitize);
                let _ = post.name.as_deref().map(|name| text::clean_line(name, 200));
            }
        }
    }
}

/// A request: its first line, its headers, an empty line, its body.
pub fn signature(bytes: &[u8]) {
    let Ok(origin) = Url::parse("https://node.example") else { return };
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    let target = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let mut rest = parts.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let (line, more) = rest.split_at(end);
        rest = more.get(1..).unwrap_or_default();
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { break };
        let (name, value) = line.split_at(colon);
        let name = HeaderName::from_bytes(name);
        let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let incoming = Incoming {
        method: if target.starts_with('g') { "GET" } else { "POST" },
        path_and_query: &target,
        headers: &headers,
        origin: &origin,
        body: rest,
    };
    let _ = Claim::read(&incoming, Time(1_770_000_000_000));
}

/// Text that says it is HTML. What comes out holds nothing that runs, also when cleaned again.
pub fn html(bytes: &[u8]) {
    let dirty = String::from_utf8_lossy(bytes);
    let clean = text::sanitize(&dirty);
    for html in [text::sanitize(&clean), clean] {
        let low = html.to_lowercase();
        for danger in ["<script", "<iframe", "<style", "<object", "<form", "<svg", "<math"] {
            assert!(!low.contains(danger), "{dirty:?} became {html:?}");
        }
        let _ = (text::plain(&html).len(), text::excerpt(&html, 100).len());
    }
    let _ = text::clean_name(&dirty);
}

/// What a server says of a handle, and of itself.
pub fn webfinger(bytes: &[u8]) {
    let asked = String::from_utf8_lossy(bytes);
    let _ = discovery::Resource::parse(&asked);
    let Ok(value) = json::parse(bytes) else { return };
    let _ = (discovery::self_link(&value), discovery::subject(&value));
    let _ = (discovery::nodeinfo_address(&value), discovery::software(&value));
}

/// A list, or a page of one.
pub fn collection(bytes: &[u8]) {
    let Ok(value) = json::parse(bytes) else { return };
    let _ = Collection::read(&value);
    for key in ["items", "orderedItems", "first", "next", "partOf"] {
        let _ = (json::ids(&value, key).len(), json::id(&value, key));
        for item in json::many(&value, key) {
            object(item);
        }
    }
    let _ = json::count(&value, "totalItems");
}
