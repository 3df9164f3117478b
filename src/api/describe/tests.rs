//! Whether the document is one, and says what Mastodon's own says.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{operation::Access, served::all};

fn each(value: &Value, tell: &mut impl FnMut(&Value)) {
    tell(value);
    match value {
        Value::Object(parts) => parts.values().for_each(|part| each(part, tell)),
        Value::Array(parts) => parts.iter().for_each(|part| each(part, tell)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = all().finish();
    let mut seen = 0;
    each(&document, &mut |part| {
        if let Some(target) = part["$ref"].as_str() {
            let place = target.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{target}");
            seen += 1;
        }
    });
    assert!(seen > 1_000, "only {seen} references");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_takes_what_its_path_has() {
    let document = all();
    let mut names = BTreeMap::new();
    for operation in &document.operations {
        let line = format!("{} {}", operation.method, operation.path);
        assert!(!operation.summary.is_empty() && !operation.chapter.is_empty(), "{line}");
        assert!(!operation.answers.is_empty(), "{line} answers nothing");
        let places: BTreeSet<&String> = operation.places.iter().map(|(name, _)| name).collect();
        let taken: BTreeSet<&String> = operation.taken.iter().collect();
        assert_eq!(places, taken, "{line}");
        let other = names.insert(operation.id.clone(), line.clone());
        assert_eq!(other, None, "{line} is called {} too", operation.id);
    }
    assert!(names.len() > 200, "only {} operations", names.len());
}

/// A method on a path is registered once, or the second would never answer.
#[test]
fn no_route_hides_another() {
    let document = all();
    let mut known = BTreeSet::new();
    for operation in &document.operations {
        let shape: Vec<&str> = operation
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part })
            .collect();
        assert!(
            known.insert((operation.method.to_string(), shape.join("/"))),
            "{}",
            operation.path
        );
    }
}

/// Two types of one name would be told apart by a number, which changes with the order of routes.
#[test]
fn no_two_entities_have_one_name() {
    let document = all().finish();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let numbered = name.ends_with(|c: char| c.is_ascii_digit());
        assert!(!numbered, "{name}");
    }
}

/// What a reviewer reads: a change of the API shows here.
#[test]
fn this_is_the_whole_api() {
    let document = all();
    let mut lines: Vec<String> = document
        .operations
        .iter()
        .map(|operation| {
            let access = match &operation.access {
                Access::Open => "anyone".to_owned(),
                Access::Optional(scopes) => format!("anyone or {}", scopes.replace(' ', "|")),
                Access::Token("") => "any token".to_owned(),
                Access::Token(scopes) => scopes.replace(' ', "|"),
            };
            let (method, path, entity) = (&operation.method, &operation.path, &operation.entity);
            format!("{path} {method} → {access} → {entity}")
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Where ours is otherwise than the published description of Mastodon's entities, and why.
const KNOWN: [(&str, &str); 0] = [];

#[test]
fn entities_have_what_mastodon_says_they_have() {
    let Some(theirs) = crate::api::entities::published() else { return };
    let theirs = json!({ "components": { "schemas": theirs } });
    let ours = all().finish();
    let schemas = |all: &Value| all["components"]["schemas"].as_object().unwrap().clone();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, their) in schemas(&theirs) {
        let Some(our) = schemas(&ours).get(&name).cloned() else { continue };
        compared += 1;
        for field in their["required"].as_array().into_iter().flatten() {
            let field = field.as_str().unwrap();
            let at = format!("{name}.{field}");
            let Some(member) = our["properties"].get(field) else {
                wrong.push(format!("{at}: not there"));
                continue;
            };
            let required =
                our["required"].as_array().is_some_and(|all| all.iter().any(|n| n == field));
            if !required {
                wrong.push(format!("{at}: not always there"));
            }
            let (mine, wanted) =
                (kinds(&ours, member), kinds(&theirs, &their["properties"][field]));
            if !wanted.is_empty() && !mine.is_subset(&wanted) {
                wrong.push(format!("{at}: {mine:?}, not {wanted:?}"));
            }
        }
    }
    assert!(compared > 40, "only {compared} entities have Mastodon's names");
    let known = |line: &String| KNOWN.iter().any(|(at, _)| line.starts_with(&format!("{at}:")));
    let new: Vec<&String> = wrong.iter().filter(|line| !known(line)).collect();
    assert!(new.is_empty(), "{new:#?}");
    for (at, _) in KNOWN {
        assert!(
            wrong.iter().any(|line| line.starts_with(&format!("{at}:"))),
            "{at} is the same now"
        );
    }
}

/// Which kinds of JSON a schema lets through; none is any.
fn kinds(all: &Value, schema: &Value) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    if let Some(target) = schema["$ref"].as_str() {
        return kinds_of_target(all, target);
    }
    for choice in ["anyOf", "oneOf", "allOf"].iter().filter_map(|name| schema[*name].as_array()) {
        kinds.extend(choice.iter().flat_map(|choice| self::kinds(all, choice)));
    }
    match &schema["type"] {
        Value::String(kind) => kinds.extend([kind.clone()]),
        Value::Array(more) => {
            kinds.extend(more.iter().map(|kind| kind.as_str().unwrap().to_owned()));
        }
        _ => {}
    }
    if kinds.contains("number") {
        kinds.insert("integer".to_owned());
    }
    kinds
}

fn kinds_of_target(all: &Value, target: &str) -> BTreeSet<String> {
    kinds(all, all.pointer(target.trim_start_matches('#')).unwrap())
}
