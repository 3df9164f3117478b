use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::{
    activitypub::{Activity, ActorDoc, Object, activity},
    types::{Time, Uri, Visibility},
};

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn at() -> Time {
    Time::parse("2026-03-01T10:00:00Z").unwrap()
}

/// The id of an actor's RSA key, and its Ed25519 keys.
fn keys_of(id: &Uri) -> (String, Vec<(String, String)>) {
    (format!("{id}#main-key"), vec![(format!("{id}#ed25519-key"), "z6MkExample".to_owned())])
}

fn actor_parts<'a>(
    id: &'a Uri,
    handle: &'a str,
    url: &'a str,
    (key_id, multikeys): &'a (String, Vec<(String, String)>),
) -> ActorParts<'a> {
    ActorParts {
        id,
        handle,
        name: "Help",
        summary: "<p>We help.</p>",
        summary_markdown: Some("We help."),
        url,
        shared_inbox: "https://oak.example/inbox",
        icon: Some("https://oak.example/media/1.png"),
        image: None,
        key_id,
        public_key_pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        multikeys,
        bot: false,
        manually_approves: false,
        posting_restricted: false,
        discoverable: true,
        indexable: true,
        fields: &[FieldParts { name: "Town", value: "Elm" }],
        emojis: &[],
        also_known_as: &[],
        moved_to: None,
        published: at(),
        updated: None,
    }
}

#[test]
fn actors() {
    let (id, node) = (uri("https://oak.example/c/help"), uri("https://oak.example/actor"));
    let (keys, node_keys) = (keys_of(&id), keys_of(&node));
    let parts = actor_parts(&id, "help", "https://oak.example/@help", &keys);
    let group = group(&parts);
    assert_json_snapshot!(group);
    let read = ActorDoc::read(&group).unwrap();
    assert_eq!(read.keys.len(), 2);
    assert_eq!(read.moderators, Some(uri("https://oak.example/c/help/moderators")));
    assert_json_snapshot!(without_context(&person(&parts)));
    let parts = ActorParts {
        fields: &[],
        ..actor_parts(&node, "oak.example", "https://oak.example/about", &node_keys)
    };
    assert_json_snapshot!(without_context(&application(&parts)));
}

#[test]
fn emojis() {
    let (alice, help) = (uri("https://oak.example/u/alice"), uri("https://oak.example/c/help"));
    let ladder = EmojiParts {
        id: "https://oak.example/emojis/ladder",
        shortcode: "ladder",
        updated: Some(at()),
        media_type: "image/png",
        url: "https://oak.example/media/3.png",
    };
    assert_json_snapshot!(document(emoji(&ladder), Vocabulary::Emoji));
    // Those of posts and actors are read as they are written.
    let (id, to) = (uri("https://oak.example/p/100"), public_in(&help));
    let with = post(&PostParts { emojis: &[ladder], ..thread(&id, &alice, &help, &to) });
    let read = Object::read(&with).unwrap();
    assert_eq!(read.emojis.first().map(|emoji| emoji.shortcode.as_str()), Some("ladder"));
    assert_eq!(read.emojis.first().and_then(|emoji| emoji.updated), Some(at()));
    let keys = keys_of(&alice);
    let parts = actor_parts(&alice, "alice", "https://oak.example/@alice", &keys);
    assert!(person(&parts).get("tag").is_none());
    let person = person(&ActorParts { emojis: &[ladder], ..parts });
    assert_eq!(ActorDoc::read(&person).unwrap().emojis, read.emojis);
    let update = update(&uri("https://oak.example/a/1"), &alice, &person);
    for document in [&person, &update] {
        assert!(document["@context"].to_string().contains("toot:Emoji"), "{document}");
    }
}

fn public_in(group: &Uri) -> Addressing {
    Addressing::of(&Reach {
        visibility: Visibility::Public,
        followers: "https://oak.example/u/alice/followers",
        group: Some(group),
        group_is_private: false,
        mentioned: &[],
    })
}

fn thread<'a>(id: &'a Uri, author: &'a Uri, group: &'a Uri, to: &'a Addressing) -> PostParts<'a> {
    PostParts {
        id,
        author,
        url: "https://oak.example/@alice/100",
        title: Some("Ladders & <saws>"),
        short: None,
        html: "<p>Who has one?</p>",
        markdown: Some("Who has one?"),
        summary: None,
        sensitive: false,
        in_reply_to: None,
        addressing: to,
        group: Some(Named { id: group, handle: "@help@oak.example" }),
        mentions: &[],
        hashtags: &[("ask", "https://oak.example/tags/ask")],
        emojis: &[],
        files: &[],
        context: Some("https://oak.example/p/100/context"),
        link: None,
        language: Some("en"),
        likes: 3,
        quoters: None,
        locked: false,
        answer: false,
        approved_by: None,
        quote: None,
        poll: None,
        event: None,
        published: at(),
        updated: None,
    }
}

#[test]
fn posts() {
    let (alice, bob) = (uri("https://oak.example/u/alice"), uri("https://elm.example/u/bob"));
    let (id, help) = (uri("https://oak.example/p/100"), uri("https://oak.example/c/help"));
    let to = public_in(&help);
    let root = thread(&id, &alice, &help, &to);
    assert_json_snapshot!(document(post(&root), Vocabulary::Post));

    let mentions = [Named { id: &bob, handle: "@bob@elm.example" }];
    let files = [FileParts {
        url: "https://oak.example/media/2.png",
        media_type: "image/png",
        description: Some("A ladder"),
        blurhash: Some("LEHV6nWB2yk8pyo0adR*.7kCMdnj"),
        size: Some((640, 480)),
        focus: Some((0.0, -0.5)),
    }];
    let reply = PostParts {
        title: None,
        in_reply_to: Some(&id),
        mentions: &mentions,
        files: &files,
        answer: true,
        ..root
    };
    assert_json_snapshot!(post(&reply));

    let options = &[("Yes", Some(2)), ("No", Some(1))];
    let poll =
        PollParts { multiple: true, options, ends_at: Some(at()), closed: Some(at()), voters: 3 };
    assert_json_snapshot!(post(&PostParts { author: &help, poll: Some(poll), ..root }));
    let meeting = EventParts { starts: at(), ends: None, place: Some("The barn") };
    assert_json_snapshot!(post(&PostParts { event: Some(meeting), ..root }));
}

#[test]
fn what_we_write_we_read() {
    let (alice, help) = (uri("https://oak.example/u/alice"), uri("https://oak.example/c/help"));
    let (id, to) = (uri("https://oak.example/p/100"), public_in(&help));
    let note = post(&thread(&id, &alice, &help, &to));
    let read = Object::read(&note).unwrap();
    assert_eq!(read.visibility(&[]), Visibility::Public);
    assert_eq!(read.groups().first(), Some(&&help));
    assert_eq!(read.name.as_deref(), Some("Ladders & <saws>"));
    assert_eq!(read.hashtags, ["ask"]);
    assert!(read.policy.boosts_are_free());

    let create = create(&uri("https://oak.example/a/1"), &alice, &note);
    let incoming = activity::read(&create).unwrap();
    assert!(matches!(&incoming.activity, Activity::Create { objects } if objects.len() == 1));
    assert_eq!(incoming.audience, [help]);
}

#[test]
fn addressees() {
    let (help, bob) = (uri("https://oak.example/c/help"), uri("https://elm.example/u/bob"));
    let of = |visibility, group, group_is_private| {
        let addressing = Addressing::of(&Reach {
            visibility,
            followers: "F",
            group,
            group_is_private,
            mentioned: std::slice::from_ref(&bob),
        });
        json!([addressing.to, addressing.cc])
    };
    let group = Some(&help);
    assert_json_snapshot!(json!({
        "public": of(Visibility::Public, None, false),
        "public in a group": of(Visibility::Public, group, false),
        "unlisted": of(Visibility::Unlisted, None, false),
        "followers": of(Visibility::Followers, None, false),
        "private group": of(Visibility::Followers, group, true),
        "direct": of(Visibility::Direct, None, false),
    }));
}

#[test]
fn activities() {
    let (alice, bob) = (uri("https://oak.example/u/alice"), uri("https://elm.example/u/bob"));
    let (help, id) = (uri("https://oak.example/c/help"), uri("https://oak.example/a/1"));
    let (root, to) = (uri("https://oak.example/p/100"), public_in(&help));
    let note = post(&thread(&root, &alice, &help, &to));
    let reply = uri("https://elm.example/p/7");
    let addressing = Addressing::to(&[PUBLIC]);
    let thanks = like(&LikeParts {
        id: &id,
        actor: &alice,
        object: &reply,
        author: &bob,
        group: Some(&help),
        content: Some("🙏"),
        result: Some(&uri("https://oak.example/ack/77")),
        published: at(),
    });
    let asked = follow(&id, &bob, &help);
    let ban = Act {
        kind: "Block",
        id: &id,
        actor: &alice,
        object: &bob,
        target: Some(help.as_str()),
        group: &help,
        members: None,
        reason: Some("spam"),
        ends: Some(at()),
        remove_data: false,
    };
    let objects = [bob.clone(), reply.clone()];
    let report = Report { id: &id, actor: &alice, objects: &objects, comment: "spam", group: None };
    let all: Vec<Value> = vec![
        update(&id, &alice, &json!({"type": "Note", "id": "N", "to": [PUBLIC], "cc": []})),
        delete(&id, &alice, &reply, &addressing, None),
        delete(&id, &alice, &reply, &addressing, Some("off topic")),
        accept(&id, &help, &asked),
        reject(&id, &help, &asked),
        undo(&id, &bob, &asked),
        undo(&id, &alice, &thanks),
        asked,
        thanks,
        announce_object(&id, &help, &reply, true, at()),
        act(&ban),
        flag(&report),
        flag(&Report { group: Some(&help), ..report }),
        moved(&id, &help, &uri("https://elm.example/c/help")),
        tombstone(&reply, "Note", at()),
        acknowledgement(&Acknowledgement {
            id: &uri("https://oak.example/ack/77"),
            asker: &alice,
            helper: &bob,
            question: &uri("https://oak.example/p/100"),
            reply: &reply,
            context: Some("https://oak.example/p/100/context"),
            published: at(),
        }),
        forget(&id, &alice, &help, at()),
    ];
    assert_json_snapshot!(all.iter().map(without_context).collect::<Vec<_>>());
    let create = create(&id, &alice, &note);
    let keys: Vec<&String> = create.as_object().unwrap().keys().collect();
    assert_json_snapshot!(keys);
    let page = as_page(&create, "A title").unwrap();
    assert_eq!(page["object"]["type"], "Page");
    assert_eq!(page["object"]["name"], create["object"]["name"], "its own title stays");
    let mut untitled = create.clone();
    untitled["object"].as_object_mut().unwrap().remove("name");
    assert_eq!(as_page(&untitled, "A title").unwrap()["object"]["name"], "A title");
    let mut answer = create.clone();
    answer["object"]["inReplyTo"] = "https://oak.example/p/1".into();
    assert_eq!(as_page(&answer, "A title"), None, "an answer is a comment everywhere");
}

#[test]
fn a_group_passes_on_an_activity_exactly_as_it_came() {
    let inner = r#"{"type":"Create",  "x":1.50, "id":"https://elm.example/a/1","@context":"c"}"#;
    let (id, group) = (uri("https://oak.example/a/9"), uri("https://oak.example/c/help"));
    let announce = announce_activity(&id, &group, inner, false, at()).unwrap();
    assert!(announce.ends_with(&format!(r#""object":{inner}}}"#)), "{announce}");
    assert!(announce_activity(&id, &group, "{", false, at()).is_err());
    let private = announce_activity(&id, &group, inner, true, at()).unwrap();
    assert!(!private.contains(PUBLIC), "what is private names no public: {private}");
}

#[test]
fn what_is_for_no_list_is_passed_on_quietly() {
    let (id, group) = (uri("https://oak.example/a/9"), uri("https://oak.example/c/help"));
    let passed_on = |inner: Value| {
        let text = announce_activity(&id, &group, &inner.to_string(), false, at()).unwrap();
        let announce: Value = serde_json::from_str(&text).unwrap();
        (announce["to"].clone(), announce["cc"].clone())
    };
    let followers = json!(["https://oak.example/c/help/followers"]);
    let loud = (json!([PUBLIC]), followers.clone());
    let quiet = (followers, json!([PUBLIC]));
    assert_eq!(passed_on(json!({"to": ["x"], "cc": [PUBLIC]})), quiet);
    assert_eq!(passed_on(json!({"to": "x", "cc": PUBLIC})), quiet);
    assert_eq!(passed_on(json!({"to": PUBLIC, "cc": ["x"]})), loud);
    assert_eq!(passed_on(json!({"type": "Like"})), loud);
    let boost = announce_object(&id, &group, &uri("https://oak.example/p/1"), true, at());
    assert_eq!((boost["to"].clone(), boost["cc"].clone()), loud);
    let boost = quietly(boost);
    assert_eq!((boost["to"].clone(), boost["cc"].clone()), quiet);
}

#[test]
fn collections() {
    let help = uri("https://oak.example/c/help");
    let (id, items) = ("https://oak.example/c/help/outbox", vec![json!("A"), json!("B")]);
    assert_json_snapshot!([
        without_context(&ordered_collection(id, &items, Some(&help))),
        without_context(&collection(id, &items)),
        without_context(&counted(id, "OrderedCollection", 7)),
        without_context(&paged(id, 7, None)),
        without_context(&page(&format!("{id}?page=true"), id, &items, Some("N"))),
    ]);
}

#[test]
fn quotes_and_requests_for_them() {
    let (alice, mia) = (uri("https://oak.example/u/alice"), uri("https://masto.example/u/mia"));
    let (id, help) = (uri("https://oak.example/p/100"), uri("https://oak.example/c/help"));
    let (quoted, stamp) = (uri("https://masto.example/n/1"), uri("https://masto.example/s/1"));
    let to = public_in(&help);
    let quote = |stamp, unopposed| {
        let quote = QuoteParts {
            id: quoted.as_str(),
            url: "https://masto.example/@mia/1",
            stamp,
            unopposed,
        };
        post(&PostParts { quote: Some(quote), ..thread(&id, &alice, &help, &to) })
    };
    let waiting = quote(None, true);
    assert_json_snapshot!(request(Permission::Quote, &alice, &quoted, &mia, &waiting).unwrap());
    let settled = quote(Some(stamp.as_str()), true);
    assert_eq!(settled["quoteAuthorization"], stamp.as_str());
    let read = Object::read(&settled).unwrap();
    assert_eq!((read.quote.as_ref(), read.quote_is_legacy), (Some(&quoted), false));
    assert_eq!(read.quote_authorization.as_ref(), Some(&stamp));
    let ended = quote(None, false);
    assert!(!ended["content"].as_str().unwrap().contains("RE:"), "{ended}");
    for word in ["quoteUrl", "quoteUri", "_misskey_quote", "quoteAuthorization"] {
        assert!(ended.get(word).is_none(), "{word}");
    }
    let context = |body: &Value| document(body.clone(), Vocabulary::Post)["@context"].to_string();
    assert!(context(&ended).contains("044f#quote\""));
    let plain = post(&thread(&id, &alice, &help, &to));
    assert!(!context(&plain).contains("044f"));

    let permission = authorization(Permission::Quote, &stamp, &mia, &quoted, id.as_str());
    assert_json_snapshot!(authorization_gone(
        &uri("https://masto.example/a/1"),
        &mia,
        &permission,
        None
    ));
    let asked = json!({"id": "https://g.example/r/1", "type": "ReplyRequest", "actor": mia,
        "object": id, "instrument": {"id": "https://g.example/n/2", "type": "Note"}});
    let yes = accept_with(&uri("https://oak.example/a/1"), &alice, &asked, &stamp);
    assert_eq!(yes["object"]["instrument"], "https://g.example/n/2");
    assert_eq!(yes["result"], stamp.as_str());
    let no = refuse(&uri("https://oak.example/a/2"), &alice, &asked);
    assert_eq!((&no["type"], &no["object"]["type"]), (&json!("Reject"), &json!("ReplyRequest")));
}

/// `FEDERATION.md` shows what is sent as it is sent.
#[test]
fn the_page_for_other_servers_has_every_snapshot() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("FEDERATION.md")).unwrap();
    let mut missing = Vec::new();
    for entry in std::fs::read_dir(root.join("src/activitypub/write/snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let shape = text.splitn(3, "---\n").nth(2).unwrap().trim_end();
        if !page.contains(&format!("```json\n{shape}\n```")) {
            missing.push(path);
        }
    }
    assert!(missing.is_empty(), "copy these into FEDERATION.md: {missing:?}");
}

/// The proposal for others shows the vocabulary as it is served.
#[test]
fn the_proposal_shows_our_words() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/help-receipts.md")).unwrap();
    let mut blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let shown: Value = serde_json::from_str(blocks.next().unwrap()).unwrap();
    assert_eq!(shown, super::vocabulary());
    for block in blocks {
        serde_json::from_str::<Value>(block).unwrap_or_else(|why| panic!("{why}: {block}"));
    }
}
