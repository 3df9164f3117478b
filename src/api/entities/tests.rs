//! Our shapes beside the published schema, where it lies beside the repository.
use std::{env, fs, path::Path};

use serde_json::{Value, json};

use super::*;
use crate::types::{ActorId, Time};

/// The schemas; `None`, and a line that says so, where they are not.
pub(in crate::api) fn schemas() -> Option<Value> {
    let fixtures =
        env::var("COMMONHOLD_TEST_FIXTURES").unwrap_or_else(|_| "../shared/fixtures".into());
    let path = Path::new(&fixtures).parent()?.join("mastodon-openapi.json");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: no schemas at {}", path.display());
        return None;
    };
    Some(serde_json::from_str::<Value>(&text).unwrap()["components"]["schemas"].clone())
}

/// Everything in which `value` is not what `schema` says.
fn faults(all: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return faults(all, &all[name.rsplit('/').next().unwrap()], value, path, found);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let fits = choices.iter().any(|schema| {
                let mut found = Vec::new();
                faults(all, schema, value, path, &mut found);
                found.is_empty()
            });
            if !fits {
                found.push(format!("{path}: fits nothing of {choice}"));
            }
            return;
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let number = kind == "integer" && types.contains(&"number");
    if !types.is_empty() && !types.contains(&kind) && !number {
        found.push(format!("{path}: {kind}, not {types:?}"));
    }
    if let (Some(words), false) = (schema["enum"].as_array(), value.is_null())
        && !words.contains(value)
    {
        found.push(format!("{path}: {value} is none of {words:?}"));
    }
    if let Value::Object(members) = value {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                found.push(format!("{path}.{name} is missing"));
            }
        }
        for (name, value) in members {
            if let Some(schema) = schema["properties"].get(name) {
                faults(all, schema, value, &format!("{path}.{name}"), found);
            }
        }
    }
    for element in value.as_array().into_iter().flatten() {
        faults(all, &schema["items"], element, &format!("{path}[]"), found);
    }
}

fn check<T: Serialize>(all: &Value, name: &str, entity: T) {
    let mut found = Vec::new();
    faults(all, &all[name], &serde_json::to_value(entity).unwrap(), name, &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

fn account() -> Account {
    let picture = "https://oak.example/static/avatar.png".to_owned();
    Account {
        id: Id::from(ActorId(7)),
        username: "ana".into(),
        acct: "ana".into(),
        display_name: String::new(),
        locked: false,
        bot: false,
        group: false,
        discoverable: true,
        indexable: false,
        noindex: false,
        created_at: At(Time(0)),
        note: String::new(),
        url: "https://oak.example/@ana".into(),
        uri: "https://oak.example/u/ana".into(),
        avatar: picture.clone(),
        avatar_static: picture.clone(),
        header: picture.clone(),
        header_static: picture,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        hide_collections: false,
        emojis: vec![],
        fields: vec![Field { name: "a".into(), value: "b".into(), verified_at: None }],
        roles: vec![],
        suspended: false,
        moved: None,
    }
}

fn role() -> Role {
    Role {
        id: "-99".into(),
        name: String::new(),
        color: String::new(),
        permissions: "0".into(),
        highlighted: false,
    }
}

fn picture() -> MediaAttachment {
    MediaAttachment {
        id: Id(3),
        kind: "image",
        url: Some("https://oak.example/media/a.png".into()),
        preview_url: Some("https://oak.example/media/b.png".into()),
        remote_url: None,
        preview_remote_url: None,
        text_url: None,
        meta: Meta {
            original: Some(Original {
                pixels: Dimensions::of(640, 480),
                plays: Playing::default(),
            }),
            small: Dimensions::of(0, 0),
            focus: Some(Focus { x: 0.0, y: 0.5 }),
        },
        description: None,
        blurhash: None,
    }
}

fn poll() -> Poll {
    Poll {
        id: Id(4),
        expires_at: None,
        expired: false,
        multiple: false,
        votes_count: 0,
        voters_count: None,
        options: vec![PollOption { title: "yes".into(), votes_count: None }],
        emojis: vec![],
        voted: Some(false),
        own_votes: Some(vec![]),
    }
}

fn status() -> Status {
    Status {
        id: Id(5),
        created_at: At(Time(0)),
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        sensitive: false,
        spoiler_text: String::new(),
        visibility: "public",
        language: None,
        uri: "https://oak.example/p/5".into(),
        url: Some("https://oak.example/@ana/5".into()),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        dislikes_count: 0,
        quotes_count: 0,
        quote: None,
        quote_approval: QuoteApproval {
            automatic: vec!["public"],
            manual: vec![],
            current_user: "denied",
        },
        edited_at: None,
        content: "<p>Hello</p>".into(),
        reblog: None,
        application: Some(StatusApplication { name: "toot".into(), website: None }),
        account: account(),
        media_attachments: vec![picture()],
        mentions: vec![Mention {
            id: Id(7),
            username: "ana".into(),
            url: "https://oak.example/@ana".into(),
            acct: "ana".into(),
        }],
        tags: vec![StatusTag { name: "ask".into(), url: "https://oak.example/tags/ask".into() }],
        emojis: vec![],
        card: None,
        poll: Some(poll()),
        own: Some(Own::default()),
        pinned: None,
        text: None,
        submission: None,
        thanks: None,
    }
}

#[test]
fn ids_are_texts_and_times_have_three_decimals() {
    let json =
        serde_json::to_value((Id(9_007_199_254_740_993), At(Time(1_700_000_000_005)))).unwrap();
    assert_eq!(json, json!(["9007199254740993", "2023-11-14T22:13:20.005Z"]));
}

#[test]
fn keys_that_may_be_null_are_there_all_the_same() {
    let mut bare = status();
    (bare.application, bare.poll, bare.own) = (None, None, None);
    let json = serde_json::to_value(bare).unwrap();
    for key in [
        "in_reply_to_id",
        "in_reply_to_account_id",
        "reblog",
        "edited_at",
        "language",
        "url",
        "poll",
        "card",
        "application",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert!(json.get("favourited").is_none(), "nobody reads, nobody has a favourite");
    let read = serde_json::to_value(status()).unwrap();
    assert_eq!(read["filtered"], json!([]));
    for key in ["favourited", "reblogged", "muted", "bookmarked"] {
        assert_eq!(read[key], json!(false), "{key}");
    }
}

#[test]
fn shapes_are_those_of_the_published_schema() {
    let Some(all) = schemas() else { return };
    check(&all, "Account", account());
    let source = Source {
        privacy: "public".into(),
        sensitive: false,
        language: None,
        note: String::new(),
        fields: vec![],
        follow_requests_count: 0,
        discoverable: true,
        indexable: false,
        hide_collections: false,
        attribution_domains: vec![],
        quote_policy: "public",
    };
    check(
        &all,
        "CredentialAccount",
        CredentialAccount { account: account(), source, role: role() },
    );
    check(&all, "MediaAttachment", picture());
    check(&all, "Poll", poll());
    check(&all, "Status", status());
    check(&all, "Status", Status { reblog: Some(Box::new(status())), ..status() });
    let quoting = |state, quoted| Status { quote: Some(Quote { state, quoted }), ..status() };
    let shallow = quoting("accepted", Quoted::Shallow { quoted_status_id: Some(Id(4)) });
    let quoted_status = Some(Box::new(shallow));
    check(&all, "Status", quoting("accepted", Quoted::Whole { quoted_status }));
    check(&all, "Status", quoting("pending", Quoted::Whole { quoted_status: None }));
    check(&all, "Context", Context { ancestors: vec![status()], descendants: vec![] });
    check(&all, "Search", Search { accounts: vec![account()], ..Search::default() });
    let tag = Tag {
        featuring: None,
        id: "1".into(),
        name: "ask".into(),
        url: "https://oak.example/tags/ask".into(),
        history: Nothing,
        following: Some(false),
    };
    check(&all, "Tag", tag);
    let notification = Notification {
        id: Id(1),
        kind: "mention".into(),
        created_at: At(Time(0)),
        group_key: "ungrouped-1".into(),
        account: account(),
        status: Some(status()),
    };
    check(&all, "Notification", notification);
    check(
        &all,
        "StatusSource",
        StatusSource { id: Id(1), text: "a".into(), spoiler_text: String::new() },
    );
    let edit = StatusEdit {
        content: String::new(),
        spoiler_text: String::new(),
        sensitive: false,
        created_at: At(Time(0)),
        account: account(),
        media_attachments: vec![],
        emojis: vec![],
        poll: Some(poll().edited()),
        quote: None,
    };
    check(&all, "StatusEdit", edit);
    let list = List { id: Id(1), title: "g".into(), replies_policy: "list", exclusive: false };
    check(&all, "List", list);
}

#[test]
fn small_shapes_are_those_of_the_published_schema() {
    let Some(all) = schemas() else { return };
    let relationship = Relationship {
        id: Id(1),
        following: false,
        showing_reblogs: false,
        notifying: false,
        languages: None,
        followed_by: false,
        blocking: false,
        blocked_by: false,
        muting: false,
        muting_notifications: false,
        muting_expires_at: None,
        requested: false,
        requested_by: false,
        domain_blocking: false,
        endorsed: false,
        note: String::new(),
    };
    check(&all, "Relationship", relationship);
    let application = Application {
        id: Id(1),
        name: "toot".into(),
        website: None,
        scopes: vec!["read".into()],
        redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".into()],
        redirect_uri: "urn:ietf:wg:oauth:2.0:oob".into(),
        vapid_key: "BC".into(),
    };
    check(&all, "Application", application.clone());
    let credentials = CredentialApplication {
        application,
        client_id: "a".into(),
        client_secret: "b".into(),
        client_secret_expires_at: 0,
    };
    check(&all, "CredentialApplication", credentials);
    let token = Token {
        access_token: "a".into(),
        token_type: "Bearer",
        scope: "read".into(),
        created_at: 1,
    };
    check(&all, "Token", token);
    let preferences = Preferences {
        visibility: "public".into(),
        sensitive: false,
        language: None,
        quote_policy: "public",
        expand_media: "default",
        expand_spoilers: false,
    };
    check(&all, "Preferences", preferences);
    check(&all, "Marker", Marker { last_read_id: "1".into(), version: 1, updated_at: At(Time(0)) });
    check(&all, "Rule", Rule { id: "1".into(), text: "Be kind".into(), hint: String::new() });
    let report = Report {
        id: Id(1),
        action_taken: false,
        action_taken_at: None,
        category: "other".into(),
        comment: String::new(),
        forwarded: false,
        created_at: At(Time(0)),
        status_ids: vec![],
        rule_ids: vec![],
        target_account: account(),
    };
    check(&all, "Report", report);
    check(&all, "FamiliarFollowers", FamiliarFollowers { id: "1".into(), accounts: vec![] });
}

#[test]
fn a_node_describes_itself_as_the_published_schema_says() {
    let Some(all) = schemas() else { return };
    let config = crate::config::Config::load(None, std::iter::empty()).unwrap();
    let instance = Instance {
        title: "Oak".into(),
        config: &config,
        vapid_key: "BC".into(),
        users: 1,
        active_users: 1,
        ffmpeg: true,
        posts: 2,
        servers: 0,
        contact: Some(account()),
        rules: vec![Rule { id: "1".into(), text: "Be kind".into(), hint: String::new() }],
    };
    check(&all, "Instance", instance.v2());
    check(&all, "V1Instance", instance.v1());
}
