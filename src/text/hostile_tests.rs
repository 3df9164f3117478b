//! The hostile payloads of the shared fixtures, where this machine has them.
use std::path::PathBuf;

use serde_json::Value;

use super::*;

fn payloads(folder: &str) -> Vec<(String, Value)> {
    let root = std::env::var("COMMONHOLD_TEST_FIXTURES").unwrap_or("../shared/fixtures".into());
    let Ok(files) = std::fs::read_dir(PathBuf::from(root).join(folder)) else {
        eprintln!("no {folder} fixtures here: nothing to check");
        return Vec::new();
    };
    let read = |path: PathBuf| {
        let name = path.display().to_string();
        let json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        (name, json)
    };
    files.map(|file| read(file.unwrap().path())).collect()
}

/// Every string anywhere in `value`.
fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(items) => items.values().for_each(|item| strings(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn hostile_html_comes_out_harmless() {
    for (file, json) in payloads("hostile/html") {
        let mut texts = Vec::new();
        strings(&json, &mut texts);
        for text in texts {
            let links = Links { account: &|_| None, tags: "https://oak.example/tags" };
            for clean in [sanitize(&text), render(&text, &links)] {
                for (part, _) in html::parts(&clean) {
                    let html::Part::Open(name, raw) = part else { continue };
                    let raw = raw.to_lowercase();
                    let acts = [" onerror", " onmouseover", " style=", "\"javascript:", "\"data:"];
                    assert!(!acts.iter().any(|word| raw.contains(word)), "{file}: {clean}");
                    assert!(
                        !["script", "style", "iframe", "img", "base"].contains(&name),
                        "{file}"
                    );
                    assert!(!raw.contains("moderator-badge"), "{file}: {clean}");
                }
            }
        }
    }
}

#[test]
fn hostile_names_come_out_visible_and_short() {
    for (file, json) in payloads("hostile/names") {
        let name = json.get("name").and_then(Value::as_str).unwrap_or_default();
        let clean = clean_name(name);
        assert!(!clean.contains(['\u{202e}', '\u{200b}', '\u{2060}', '\u{feff}', '\0']), "{file}");
        assert!(clean.chars().count() <= 200, "{file}");
        assert_eq!(clean.trim(), clean, "{file}");
    }
}
