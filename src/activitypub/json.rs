//! JSON from strangers: parsed with limits, read tolerantly.
use std::{fmt, slice};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{AS, PUBLIC, Refusal};
use crate::types::{Time, Uri};

/// Deepest nesting of objects and arrays that is read.
pub const MAX_DEPTH: usize = 32;
/// Longest text that is read anywhere, in bytes.
pub const MAX_TEXT_BYTES: usize = 200_000;
/// Longest address that is read, in bytes.
pub const MAX_URL_BYTES: usize = 2_048;
/// Most entries in one array; lists that mean something have tighter bounds of their own.
pub const MAX_ITEMS: usize = 50_000;
/// Most keys of one object.
pub const MAX_KEYS: usize = 1_000;

/// Keys that decide who did what to what: two of one kind in an object are two readings of it.
const DECISIVE: [&str; 4] = ["id", "type", "actor", "object"];

/// Reads one JSON object and nothing after it.
///
/// A byte order mark is skipped and NUL characters inside texts are dropped, since no database
/// keeps them.
///
/// # Errors
/// Not UTF-8, not JSON, not an object, deeper or longer than we read, or a decisive key given twice.
pub fn parse(bytes: &[u8]) -> Result<Value, Refusal> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = Bounded { depth: 0 }
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value))
        .map_err(|error| Refusal::from(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err("not a JSON object".into()) }
}

/// Builds a `Value`, counting how deep it goes.
#[derive(Clone, Copy)]
struct Bounded {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Bounded {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl Bounded {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth < MAX_DEPTH {
            Ok(Self { depth: self.depth + 1 })
        } else {
            Err(E::custom("nested too deeply"))
        }
    }
}

impl<'de> Visitor<'de> for Bounded {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(E::custom("a text is too long"));
        }
        Ok(Value::String(text.replace('\0', "")))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let (inner, mut items) = (self.inner()?, Vec::new());
        while let Some(item) = seq.next_element_seed(inner)? {
            if items.len() >= MAX_ITEMS {
                return Err(A::Error::custom("a list is too long"));
            }
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let (inner, mut map) = (self.inner()?, Map::new());
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.len() >= MAX_KEYS {
                return Err(A::Error::custom("an object has too many keys"));
            }
            let decisive = DECISIVE.contains(&key.as_str());
            if map.insert(key, value).is_some() && decisive {
                return Err(A::Error::custom("a decisive key is given twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// The values of a property that may be absent, one, or a list.
pub fn many<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    match of.get(key) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(one) => slice::from_ref(one),
    }
}

/// The first value of a property that may be absent, one, or a list.
pub fn first<'a>(of: &'a Value, key: &str) -> Option<&'a Value> {
    many(of, key).iter().find(|value| !value.is_null())
}

/// A text, or nothing where it is absent or of another kind.
pub fn text<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    plain(of.get(key)?)
}

/// A text that may be given as a language map (`nameMap`) instead.
pub fn natural<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    text(of, key).or_else(|| of.get(format!("{key}Map"))?.as_object()?.values().find_map(plain))
}

/// A text that must be a text where it is given.
///
/// # Errors
/// Where something else stands in its place.
pub fn text_or_nothing<'a>(of: &'a Value, key: &'static str) -> Result<Option<&'a str>, Refusal> {
    match of.get(key) {
        None | Some(Value::Null) => Ok(natural(of, key)),
        Some(value) => plain(value).map(Some).ok_or_else(|| format!("{key} is not a text").into()),
    }
}

fn plain(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("@value")?.as_str())
}

/// A flag; a few servers send it as a text.
pub fn flag(of: &Value, key: &str) -> Option<bool> {
    match of.get(key)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A count, at least 0; a hint, never state.
pub fn count(of: &Value, key: &str) -> Option<i64> {
    of.get(key)?.as_i64().map(|count| count.max(0))
}

/// A time; without a zone it is taken as UTC.
pub fn time(of: &Value, key: &str) -> Option<Time> {
    let text = text(of, key)?.trim();
    Time::parse(text).or_else(|| Time::parse(&format!("{text}Z")))
}

/// The type names of a thing, without prefix: `as:Note` and `["Note"]` are `Note`.
pub fn kinds(of: &Value) -> impl Iterator<Item = &str> {
    many(of, "type").iter().filter_map(|kind| kind.as_str()).map(bare)
}

/// Whether a thing is of this type.
pub fn is(of: &Value, kind: &str) -> bool {
    kinds(of).any(|name| name == kind)
}

/// A name without the prefix of its vocabulary.
fn bare(name: &str) -> &str {
    if let Some(rest) = name.strip_prefix(AS).and_then(|rest| rest.strip_prefix('#')) {
        return rest;
    }
    match name.split_once(':') {
        Some((prefix, rest))
            if !rest.starts_with('/') && prefix.chars().all(|c| c.is_ascii_lowercase()) =>
        {
            rest
        }
        _ => name,
    }
}

/// An address as another server may give it: absolute, http or https, bounded, and written so that
/// no two readers disagree about its host.
pub fn uri(text: &str) -> Option<Uri> {
    let doubtful = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    let hidden = |code: &str| text.contains(code);
    if text.len() > MAX_URL_BYTES || text.contains(doubtful) {
        return None;
    }
    // Line ends and NUL, written so that only a careless reader sees them.
    if ["%0d", "%0D", "%0a", "%0A", "%00"].into_iter().any(hidden) {
        return None;
    }
    let uri = Uri::parse(text).ok()?;
    let plain_host = uri.host_str().is_some_and(|host| !host.ends_with('.'));
    (plain_host && uri.username().is_empty() && uri.password().is_none()).then_some(uri)
}

/// The address a value stands for: a string, or an object with an `id` (a link: `href`).
pub fn id_of(value: &Value) -> Option<Uri> {
    match value {
        Value::String(text) => uri(text),
        Value::Object(map) => map.get("id").or_else(|| map.get("href"))?.as_str().and_then(uri),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// The address a property stands for; of a list, the first.
pub fn id(of: &Value, key: &str) -> Option<Uri> {
    many(of, key).iter().find_map(id_of)
}

/// The addresses of a property, those that are none left out.
pub fn ids(of: &Value, key: &str) -> Vec<Uri> {
    many(of, key).iter().filter_map(id_of).collect()
}

/// The collection that means everyone, as an address.
pub fn public() -> Option<Uri> {
    Uri::parse(PUBLIC).ok()
}

/// Addressees: strings, or objects with an id; the three spellings of Public become one.
///
/// # Errors
/// More than `most`, or an entry that is neither a text nor an object.
pub fn addressees(of: &Value, key: &str, most: usize) -> Result<Vec<Uri>, Refusal> {
    let entries = many(of, key);
    if entries.len() > most {
        return Err("too many addressees".into());
    }
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry {
            Value::Null => {}
            Value::String(text) if matches!(text.as_str(), "Public" | "as:Public") => {
                found.extend(public());
            }
            // An empty string, a blank node, a mailto: is nobody we could reach.
            Value::String(_) | Value::Object(_) => found.extend(id_of(entry)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err(format!("{key} is not a list of addresses").into());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_decisive_key_given_twice_is_refused_however_it_is_spelt() {
        assert!(parse(br#"{"actor":"a","actor":"b"}"#).is_err());
        assert!(parse(br#"{"actor":"a","\u0061ctor":"b"}"#).is_err());
        assert!(parse(br#"{"object":{"id":"a","id":"b"}}"#).is_err());
        assert!(parse(br#"{"x":1,"x":2}"#).is_ok());
    }

    #[test]
    fn only_one_json_object_is_read() {
        for bad in ["[]", "\"x\"", "{} {}", "{\"a\":NaN}", "{\"a\":1,}", "", "{\"a\":\"\u{1}\"}"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(parse(b"\xef\xbb\xbf{}").is_ok());
        assert_eq!(parse(br#"{"a":"x\u0000y"}"#).unwrap(), json!({"a": "xy"}));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_err());
        assert!(parse(nested(30_000).as_bytes()).is_err());
    }

    #[test]
    fn types_lose_their_prefix() {
        let kinds_of = |value: Value| kinds(&value).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(kinds_of(json!({"type": "as:Note"})), ["Note"]);
        assert_eq!(kinds_of(json!({"type": ["toot:Emoji", 5, "Note"]})), ["Emoji", "Note"]);
        assert_eq!(kinds_of(json!({"type": format!("{AS}#Create")})), ["Create"]);
        assert_eq!(kinds_of(json!({"type": 5})), Vec::<String>::new());
    }

    #[test]
    fn an_address_that_can_be_read_two_ways_is_none() {
        for bad in [
            "https://evil.example\\@node.example/u/a",
            "https://user@node.example/",
            "https://node.example./u/a",
            "https://node.example/a b",
            "https://node.example/%0d%0aHost:%20x/",
            "file:///etc/passwd",
            "/u/alice",
            "",
        ] {
            assert_eq!(uri(bad), None, "{bad}");
        }
        assert!(uri("https://blog.example/?author=0").is_some());
        assert!(uri(&format!("https://a.example/{}", "x".repeat(3000))).is_none());
    }

    #[test]
    fn every_spelling_of_public_is_one() {
        let doc = json!({"to": ["as:Public", "Public", PUBLIC, {"id": PUBLIC}, null]});
        let found = addressees(&doc, "to", 10).unwrap();
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|uri| uri.as_str() == PUBLIC));
        assert!(addressees(&json!({"to": [["x"]]}), "to", 10).is_err());
        assert!(addressees(&json!({"to": ["a", "b"]}), "to", 1).is_err());
    }

    #[test]
    fn a_time_without_zone_is_utc() {
        let at = |text: &str| time(&json!({"published": text}), "published");
        assert_eq!(at("2026-03-01T10:00:00"), at("2026-03-01T10:00:00Z"));
        assert_eq!(at("99999-01-01T00:00:00Z"), None);
        assert!(at("2016-12-31T23:59:60Z").is_some());
    }
}
