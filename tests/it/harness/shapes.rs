//! Entities against the published description of the Mastodon API, where it is at hand.
use std::{collections::BTreeSet, path::PathBuf, sync::OnceLock};

use serde_json::{Map, Value};

/// The folder of real payloads: `COMMONHOLD_TEST_FIXTURES`, or beside this clone.
pub fn fixtures() -> PathBuf {
    let given = std::env::var_os("COMMONHOLD_TEST_FIXTURES");
    given.map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    )
}

fn description() -> Option<&'static Value> {
    static READ: OnceLock<Option<Value>> = OnceLock::new();
    let read = READ.get_or_init(|| {
        let path = fixtures().with_file_name("mastodon-openapi.json");
        let text = std::fs::read_to_string(&path).ok();
        if text.is_none() {
            eprintln!("entities are not checked for shape: {} is not there", path.display());
        }
        text.map(|text| serde_json::from_str(&text).unwrap())
    });
    read.as_ref()
}

/// Fails when `value` is not an entity of this name.
#[track_caller]
pub fn is_shaped(value: &Value, entity: &str) {
    let wrong = faults(value, entity);
    assert!(wrong.is_empty(), "no {entity}:\n{}\nin {value:#}", wrong.join("\n"));
}

/// Why `value` is not an entity of this name.
#[track_caller]
pub fn faults(value: &Value, entity: &str) -> Vec<String> {
    let Some(all) = description() else { return Vec::new() };
    let mut wrong = Vec::new();
    let schema = &all["components"]["schemas"][entity];
    assert!(schema.is_object(), "no entity is called {entity}");
    compare(all, schema, value, entity, &mut wrong);
    wrong
}

/// Fails when `value` is not an array of such entities.
#[track_caller]
pub fn are_shaped(value: &Value, entity: &str) {
    for item in value.as_array().unwrap_or_else(|| panic!("no array: {value}")) {
        is_shaped(item, entity);
    }
}

/// The description of every entity, by its name; none where the description is not at hand.
pub fn described() -> Option<&'static Map<String, Value>> {
    description().map(|all| all["components"]["schemas"].as_object().unwrap())
}

/// Every member that an entity may have, those of nameless objects in it too:
/// `Account.note`, `MediaAttachment.meta.original`.
pub fn members_of(entity: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(all) = described() {
        list_members(&all[entity], entity, &mut found);
    }
    found
}

fn list_members(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        list_members(member, &at, found);
        list_members(&member["items"], &at, found);
        found.insert(at);
    }
}

/// Notes which members of entities have a value in `value`, which is an `entity`.
pub fn note_members(value: &Value, entity: &str, seen: &mut BTreeSet<String>) {
    if let Some(all) = description() {
        note(all, &all["components"]["schemas"][entity], value, entity, seen);
    }
}

fn note(all: &Value, schema: &Value, value: &Value, at: &str, seen: &mut BTreeSet<String>) {
    if value.is_null() {
        return;
    }
    seen.insert(at.to_owned());
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap();
        note(all, &all["components"]["schemas"][name], value, name, seen);
        return;
    }
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    for choice in choices.into_iter().flatten() {
        let mut wrong = Vec::new();
        compare(all, choice, value, at, &mut wrong);
        if wrong.is_empty() {
            note(all, choice, value, at, seen);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        note(all, &schema["items"], item, at, seen);
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        if let Some(known) = schema["properties"].get(name) {
            note(all, known, member, &format!("{at}.{name}"), seen);
        }
    }
}

fn compare(all: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        // The description's own references say nothing of null, which Mastodon sends for many.
        if !value.is_null() {
            let target = all.pointer(target.trim_start_matches('#')).unwrap();
            compare(all, target, value, at, wrong);
        }
        return;
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let fits = choices.iter().any(|choice| {
            let mut here = Vec::new();
            compare(all, choice, value, at, &mut here);
            here.is_empty()
        });
        if !fits {
            wrong.push(format!("{at}: {value} is none of the choices"));
        }
        return;
    }
    if !has_type(&schema["type"], value) {
        wrong.push(format!("{at}: {value} is not {}", schema["type"]));
        return;
    }
    if let (Some(allowed), Some(_)) = (schema["enum"].as_array(), value.as_str())
        && !allowed.contains(value)
    {
        wrong.push(format!("{at}: {value} is not one of {}", schema["enum"]));
    }
    if let (Some("date-time"), Some(time)) = (schema["format"].as_str(), value.as_str())
        && !is_time(time)
    {
        wrong.push(format!("{at}: {time:?} is not YYYY-MM-DDTHH:MM:SS.mmmZ"));
    }
    if let (Some("uri"), Some(url)) = (schema["format"].as_str(), value.as_str())
        && url::Url::parse(url).is_err()
    {
        wrong.push(format!("{at}: {url:?} is no URL"));
    }
    compare_members(all, schema, value, at, wrong);
}

fn compare_members(all: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(items) = value.as_array() {
        for (i, item) in items.iter().enumerate() {
            compare(all, &schema["items"], item, &format!("{at}[{i}]"), wrong);
        }
    }
    let Some(members) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        match members.get(name.as_str().unwrap()) {
            None => wrong.push(format!("{at}: {name} is missing")),
            Some(Value::Null)
                if schema["properties"][name.as_str().unwrap()]["$ref"].is_string() =>
            {
                wrong.push(format!("{at}: {name} is null"));
            }
            Some(_) => {}
        }
    }
    for (name, member) in members {
        if let Some(known) = schema["properties"].get(name) {
            compare(all, known, member, &format!("{at}.{name}"), wrong);
        }
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |wanted: &str| match wanted {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    match wanted {
        Value::String(wanted) => is(wanted),
        Value::Array(wanted) => wanted.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// Exactly the form that every client reads.
fn is_time(text: &str) -> bool {
    let pattern = "0000-00-00T00:00:00.000Z";
    text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(c, p)| match p {
            '0' => c.is_ascii_digit(),
            fixed => c == fixed,
        })
}
