//! What real servers send, and what no server should: read from `COMMONHOLD_TEST_FIXTURES`
//! (default `../shared/fixtures`); without that folder there is nothing to check here.
use std::{collections::BTreeMap, fs, path::PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::{
    ActorDoc, Object, Refusal, activity, json,
    object::{Family, family},
};

/// What became of one file.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Understood,
    Ignored,
    Refused(Refusal),
}

fn folder() -> PathBuf {
    std::env::var_os("COMMONHOLD_TEST_FIXTURES").map_or("../shared/fixtures".into(), PathBuf::from)
}

/// `(file, server, expect)` of every file that is one document.
fn manifest() -> Vec<(String, String, String)> {
    let Ok(bytes) = fs::read(folder().join("MANIFEST.json")) else { return Vec::new() };
    let entries: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| (word(entry, "file"), word(entry, "server"), word(entry, "expect")))
        .filter(|(_, server, _)| server != "signatures" && server != "scenarios")
        .collect()
}

fn read(bytes: &[u8]) -> Result<Read, Refusal> {
    let value = json::parse(bytes)?;
    match family(&value) {
        None => Ok(Read::Ignored),
        Some(Family::Activity) => {
            let incoming = activity::read(&value)?;
            embedded(&incoming)?;
            let known = !matches!(incoming.activity, activity::Activity::Unknown { .. });
            Ok(if known { Read::Understood } else { Read::Ignored })
        }
        Some(Family::Actor) if json::is(&value, "Feed") => Ok(Read::Ignored),
        Some(Family::Actor) => ActorDoc::read(&value).map(|_| Read::Understood),
        Some(Family::Post) => {
            let shown = Object::read(&value)?.has_something_to_show();
            Ok(if shown { Read::Understood } else { Read::Ignored })
        }
        Some(Family::Collection | Family::Tombstone) => Ok(Read::Understood),
    }
}

/// Reads what an activity carries, as the inbox will.
fn embedded(incoming: &activity::Incoming) -> Result<(), Refusal> {
    use super::Activity;
    let references = match &incoming.activity {
        Activity::Create { objects } | Activity::Announce { objects } => objects.as_slice(),
        Activity::Update { object } | Activity::Undo { object } => std::slice::from_ref(object),
        _ => &[],
    };
    for value in references.iter().filter_map(|reference| reference.embedded.as_ref()) {
        match family(value) {
            Some(Family::Activity) => {
                activity::read(value).and_then(|inner| embedded(&inner))?;
            }
            Some(Family::Post) => {
                Object::read(value)?;
            }
            Some(Family::Actor) => {
                ActorDoc::read(value)?;
            }
            Some(Family::Collection | Family::Tombstone) | None => {}
        }
    }
    Ok(())
}

/// Excerpts of documents and stubs that are nothing by themselves: no id, or no inbox to answer to;
/// and a reply to two posts at once, which has no place in a thread.
const NOT_WHOLE: [&str; 12] = [
    "gotosocial/objects/posts_note.json",
    "gotosocial/objects/key_stub_actor.json",
    "badgefed/activities/create.json",
    "bridgy/objects/ap_brid_gy_actor.json",
    "fep/objects/fep_7888_note.json",
    "fep/objects/fep_e232_note_2.json",
    "fep/objects/fep_0837_person.json",
    "fep/objects/fep_844e_application.json",
    "fep/objects/fep_ef61_person.json",
    "fep/objects/fep_ef61_note.json",
    "pasture/activities/in_reply_to_05.json",
    "pasture/activities/necessary_properties_02.json",
];

#[test]
fn what_real_servers_send_is_read() {
    let mut totals: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut refused = Vec::new();
    for (file, server, expect) in manifest() {
        if expect != "parse" {
            continue;
        }
        let bytes = fs::read(folder().join(&file)).unwrap();
        let outcome = read(&bytes).unwrap_or_else(Read::Refused);
        let column = match &outcome {
            Read::Understood => 0,
            Read::Ignored => 1,
            Read::Refused(why) => {
                if !NOT_WHOLE.contains(&file.as_str()) {
                    refused.push(format!("{file}: {why}"));
                }
                2
            }
        };
        totals.entry(server).or_default()[column] += 1;
    }
    eprintln!("{:16}{:>12}{:>9}{:>9}", "server", "understood", "ignored", "refused");
    for (server, [understood, ignored, refused]) in &totals {
        eprintln!("{server:16}{understood:>12}{ignored:>9}{refused:>9}");
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Wrong only beside what is already known: left to the rules.
const LEFT_TO_THE_RULES: [&str; 4] = [
    "hostile/missing/object_no_content.json",
    "hostile/polls/vote_unknown_option.json",
    "hostile/polls/vote_twice_single_choice.json",
    "hostile/polls/vote_for_other_actor.json",
];

#[test]
fn what_no_server_should_send_is_refused() {
    let kinds = ["encoding", "types", "size", "missing", "names", "actors", "dates", "polls"];
    let mut wrong = Vec::new();
    for (file, _, expect) in manifest() {
        let kind = kinds.iter().find(|kind| file.starts_with(&format!("hostile/{kind}/")));
        let (Some(kind), false) = (kind, LEFT_TO_THE_RULES.contains(&file.as_str())) else {
            continue;
        };
        let bytes = fs::read(folder().join(&file)).unwrap();
        let actor = matches!(*kind, "names" | "actors");
        let outcome = if actor { read_actor(&bytes) } else { read(&bytes) };
        match (expect.as_str(), &outcome) {
            // The limit on bodies comes before any reading.
            ("reject" | "drop", Ok(Read::Understood)) if bytes.len() <= 1_000_000 => {
                wrong.push(format!("{file}: {expect}, and was read"));
            }
            ("accept" | "sanitise", Err(why)) => wrong.push(format!("{file}: {expect}, but {why}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn read_actor(bytes: &[u8]) -> Result<Read, Refusal> {
    ActorDoc::read(&json::parse(bytes)?).map(|_| Read::Understood)
}

/// Any JSON at all, with the words that matter in it.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        word().prop_map(Value::from),
        Just(Value::from("https://a.example/u/x")),
        Just(Value::from(super::PUBLIC)),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..10)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    let words = "id type actor object to cc audience content name tag attachment url icon source \
        inReplyTo attributedTo oneOf anyOf endTime replies totalItems inbox preferredUsername \
        publicKey interactionPolicy canReply location href mediaType focalPoint width @context \
        Create Note Like Follow Undo Announce Person Group Question Event Mention Emoji Hashtag";
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    prop::sample::select(words)
}

proptest! {
    #[test]
    fn nothing_that_is_json_makes_reading_panic(value in anything()) {
        let _ = read(value.to_string().as_bytes());
        let _ = activity::read(&value);
        let _ = Object::read(&value);
        let _ = ActorDoc::read(&value);
    }

    #[test]
    fn nothing_that_is_bytes_makes_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }
}
