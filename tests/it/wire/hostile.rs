//! What no honest server sends changes nothing and shows nothing.
use commonhold::types::Time;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PUBLIC, bytes, manifest, node_example, word};
use crate::harness::{Database, Member, Node, Peer, eventually, id};

stories!(
    what_must_be_refused_changes_nothing,
    what_must_be_cleaned_is_clean,
    nothing_happens_twice,
    strange_actors_are_refused_or_cleaned,
);

const MALLORY: &str = "https://evil.example/u/mallory";

/// The world that the files of the pack are written for.
struct World {
    peer: Peer,
    node: Node,
    alice: Member,
    bob: Member,
    group: Value,
    /// What the files call `/p/100`, and what it is called here.
    names: Vec<(String, String)>,
}

async fn world(database: Database) -> World {
    let hosts = ["evil.example", "*.evil.example", "masto.example", "lemmy.example"];
    let peer = Peer::start(&hosts).await;
    let node = node_example(database, &peer).start().await;
    let (alice, bob) = (node.member("alice").await, node.member("bob").await);
    let group = node.group("help", "We help each other", "alice").await;
    let thread = alice.posts("A thread @help").await;
    let reply = bob.replies(&thread, "A reply").await;
    let uri = |status: &Value| status["uri"].as_str().unwrap().to_owned();
    let base = "https://node.example/p/";
    let names = vec![
        (format!("{base}100"), uri(&thread)),
        (format!("{base}101"), uri(&reply)),
        (format!("{base}102"), uri(&reply)),
    ];
    peer.person(MALLORY);
    peer.person("https://evil.example/u/victim");
    peer.person("https://masto.example/users/mia");
    peer.actor("https://evil.example/c/trap", "Group");
    peer.actor("https://lemmy.example/c/garden", "Group");
    let world = World { peer, node, alice, bob, group, names };
    world.victims_post().await;
    world
}

impl World {
    /// What the files try to change must be here first.
    async fn victims_post(&self) {
        for (author, id) in [
            ("https://evil.example/u/victim", "https://evil.example/n/77"),
            ("https://masto.example/users/mia", "https://masto.example/users/mia/statuses/1"),
        ] {
            let note = json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": id, "type": "Note", "attributedTo": author, "to": [PUBLIC],
                "cc": ["https://node.example/c/help"], "content": "<p>As it was meant</p>",
                "published": "2026-01-01T10:00:00Z",
            });
            self.peer.serves(id, &note);
            let create = json!({
                "id": format!("{id}/create"), "type": "Create", "actor": author, "object": note,
                "to": [PUBLIC], "cc": ["https://node.example/c/help"],
            });
            let sent = self.peer.sends(&self.node, "/inbox", author, &create).await;
            assert!(sent.is_success(), "{sent}");
        }
        self.settles("first").await;
    }

    /// Sends a file as the manifest says.
    async fn receives(&self, entry: &Value) -> StatusCode {
        let mut body = bytes(entry);
        if let Ok(mut text) = String::from_utf8(body.clone()) {
            for (there, here) in &self.names {
                text = text.replace(&format!("{there}\""), &format!("{here}\""));
            }
            body = text.into_bytes();
        }
        if entry["key_document"].is_object() {
            let document = &entry["key_document"];
            self.peer.serves(word(document, "id"), document);
        }
        let inbox = if word(entry, "inbox").is_empty() { "/inbox" } else { word(entry, "inbox") };
        self.peer.posts(&self.node, inbox, word(entry, "signed_by"), body).await.0
    }

    /// Waits until all that was sent before has been dealt with: a message to Alice comes last.
    async fn settles(&self, word: &str) {
        let honest = "https://lemmy.example/u/honest";
        self.peer.person(honest);
        let text = format!("settled {word}");
        let id = format!("https://lemmy.example/n/{}", word.replace(' ', "-"));
        let to = "https://node.example/u/alice";
        let note = json!({
            "id": id, "type": "Note", "attributedTo": honest, "to": [to], "content": text,
            "tag": [{"type": "Mention", "href": to, "name": "@alice"}],
            "published": Time::now().rfc3339(),
        });
        let create = json!({
            "id": format!("{id}/create"), "type": "Create", "actor": honest, "to": [to],
            "object": note,
        });
        let sent = self.peer.sends(&self.node, "/inbox", honest, &create).await;
        assert!(sent.is_success(), "{sent}");
        eventually(&format!("{text:?} arrives"), || async {
            let all = self.alice.api.get("/api/v1/notifications?limit=80").await;
            all.to_string().contains(&text).then_some(())
        })
        .await;
    }

    /// All that people here can see of it.
    async fn state(&self) -> Vec<(String, Value)> {
        let group = id(&self.group);
        let mut state = Vec::new();
        for path in [
            format!("/api/v1/accounts/{group}"),
            format!("/api/v1/accounts/{group}/statuses?limit=40"),
            format!("/api/v1/accounts/{group}/followers"),
            format!("/api/v1/groups/{group}/help"),
            "/api/v1/timelines/public?limit=40".to_owned(),
            "/api/v1/timelines/home?limit=40".to_owned(),
            format!("/api/v1/accounts/{}", self.alice.id),
            format!("/api/v1/accounts/{}/followers", self.alice.id),
            format!("/api/v1/accounts/{}/following", self.alice.id),
        ] {
            let answer = self.alice.api.get(&path).await;
            state.push((path, answer));
        }
        let bobs = self.bob.api.get("/api/v1/notifications").await;
        state.push(("what Bob is told".to_owned(), bobs));
        let alices = self.alice.api.get("/api/v1/notifications?limit=80").await;
        let honest = |n: &&Value| n["status"]["content"].to_string().contains("settled");
        let told = alices.as_array().unwrap().iter().filter(|n| !honest(n)).cloned().collect();
        state.push(("what Alice is told".to_owned(), told));
        state
    }
}

fn posts_expecting(words: &[&str]) -> Option<Vec<Value>> {
    let all = manifest(&["hostile"])?;
    let wanted = |entry: &Value| {
        entry["delivery"] == "inbox_post"
            && entry["sequence"].is_null()
            && words.contains(&word(entry, "expect"))
            // Needs what the first version has not: bans. Private addresses have their own story.
            && !word(entry, "file").ends_with("reply_by_banned_actor.json")
            // Pleroma really sends its source as a text; it is left unread.
            && !word(entry, "file").ends_with("note_source_string.json")
            && entry["kind"] != "ssrf"
    };
    Some(all.into_iter().filter(wanted).collect())
}

async fn what_must_be_refused_changes_nothing(database: Database) {
    let Some(entries) = posts_expecting(&["reject", "drop"]) else { return };
    let world = world(database).await;
    let before = world.state().await;
    let mut wrong = Vec::new();
    for entry in &entries {
        let status = world.receives(entry).await;
        let refused = status.is_client_error();
        let fine = refused || (entry["expect"] == "drop" && status.is_success());
        if !fine {
            wrong.push(format!("{} is answered {status}", word(entry, "file")));
        }
    }
    world.settles("after the storm").await;
    for ((path, was), (_, is)) in before.iter().zip(world.state().await) {
        if *was != is {
            wrong.push(format!("{path} was {was:#}\nand is {is:#}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), entries.len(), wrong.join("\n"));
    assert!(world.node.log().contains("refus"), "the log says why:\n{}", world.node.log());
}

async fn what_must_be_cleaned_is_clean(database: Database) {
    let Some(entries) = posts_expecting(&["sanitise", "accept", "refetch"]) else { return };
    let world = world(database).await;
    let mut wrong = Vec::new();
    for entry in &entries {
        let status = world.receives(entry).await;
        if !status.is_success() {
            wrong.push(format!("{} is answered {status}", word(entry, "file")));
        }
    }
    world.settles("after cleaning").await;
    let group = id(&world.group);
    let wall = format!("/api/v1/accounts/{group}/statuses?limit=40");
    let mut page = Some(wall);
    let mut shown = 0;
    while let Some(path) = page {
        let answer = world.node.public().try_get(&path).await;
        for status in answer.ok().as_array().unwrap() {
            shown += 1;
            check(&world, status, &mut wrong).await;
        }
        // The node calls itself node.example, and only its peers find that.
        page = answer.link("next").map(|next| next.replace("https://node.example", ""));
    }
    assert!(shown > entries.len() / 2, "only {shown} of {} are shown", entries.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), entries.len(), wrong.join("\n"));
}

async fn check(world: &World, status: &Value, wrong: &mut Vec<String>) {
    let post = crate::harness::original(status);
    let account = post["account"]["acct"].as_str().unwrap_or_default();
    let path = format!("/@{account}/{}", id(post));
    let page = world.node.page(&path).await;
    let texts = [page.text.to_lowercase(), post["content"].to_string().to_lowercase()];
    for danger in [
        "<script",
        "<iframe",
        "<style",
        "<base",
        "<object",
        " onerror=",
        "javascript:",
        "data:text",
        " style=",
    ] {
        if texts.iter().any(|text| text.contains(danger)) {
            wrong.push(format!("{} shows {danger}: {}", post["uri"], post["content"]));
        }
    }
    if !page.status.is_success() {
        wrong.push(format!("{path} is answered {}", page.status));
    }
    let pictures = post["media_attachments"].as_array().map_or(0, Vec::len);
    if pictures > 32 {
        wrong.push(format!("{} shows {pictures} pictures", post["uri"]));
    }
}

/// The files of a sequence, in their order.
fn sequence(name: &str) -> Option<Vec<Value>> {
    let all = manifest(&["hostile"])?;
    let start = format!("{name}:");
    let mut steps: Vec<Value> =
        all.into_iter().filter(|entry| word(entry, "sequence").starts_with(&start)).collect();
    steps.sort_by_key(|entry| word(entry, "sequence").to_owned());
    Some(steps)
}

async fn nothing_happens_twice(database: Database) {
    let Some(steps) = sequence("dup") else { return };
    let world = world(database).await;
    let mut after_first = None;
    for step in &steps {
        let status = world.receives(step).await;
        assert!(!status.is_server_error(), "{}: {status}", word(step, "file"));
        world.settles(word(step, "sequence")).await;
        let state = world.state().await;
        let first = after_first.get_or_insert_with(|| state.clone());
        for ((path, was), (_, is)) in first.iter().zip(&state) {
            assert_eq!(was, is, "{path} after {}", word(step, "file"));
        }
    }
    // What was deleted before it was made is not made afterwards.
    let before = world.state().await;
    for name in ["gone", "cy"] {
        for step in sequence(name).unwrap() {
            let status = world.receives(&step).await;
            assert!(!status.is_server_error(), "{}: {status}", word(&step, "file"));
        }
        world.settles(name).await;
        if name == "gone" {
            for ((path, was), (_, is)) in before.iter().zip(world.state().await) {
                assert_eq!(*was, is, "{path}");
            }
        }
    }
}

async fn strange_actors_are_refused_or_cleaned(database: Database) {
    let Some(all) = manifest(&["hostile"]) else { return };
    let strange: Vec<Value> = all
        .into_iter()
        .filter(|entry| entry["delivery"] == "fetched_document")
        .filter(|entry| ["actors", "names", "html", "size"].contains(&word(entry, "kind")))
        .collect();
    let mut wrong = Vec::new();
    for entry in &strange {
        let file = word(entry, "file");
        // Everyone claims to be the same Mallory: each in a world of her own.
        let peer = Peer::start(&["evil.example", "masto.example"]).await;
        let node = node_example(database, &peer).start().await;
        let alice = node.member("alice").await;
        let document = serde_json::from_slice::<Value>(&bytes(entry)).unwrap_or_default();
        peer.introduces(&json!({"id": MALLORY, "preferredUsername": "mallory"}));
        if let Some(name) = document["preferredUsername"].as_str() {
            peer.introduces(&json!({"id": MALLORY, "preferredUsername": name}));
        }
        peer.serves_bytes(MALLORY, 200, "application/activity+json", bytes(entry));
        let query = [("q", MALLORY), ("resolve", "true"), ("type", "accounts")];
        let request = alice.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
        let answer = alice.api.send(request).await;
        if answer.status.is_server_error() {
            wrong.push(format!("{file}: search is answered {}", answer.status));
            continue;
        }
        let found = answer.json()["accounts"].get(0).cloned();
        match (word(entry, "expect"), found) {
            ("reject" | "drop", Some(account)) => {
                wrong.push(format!("{file} is shown: {account}"));
            }
            ("accept", None) => wrong.push(format!("{file} is not shown")),
            (_, Some(account)) => {
                let text = account.to_string().to_lowercase();
                let page = format!("/@{}", account["acct"].as_str().unwrap_or_default());
                let page = node.page(&page).await;
                if !page.status.is_success() || page.text.to_lowercase().contains("<script") {
                    wrong.push(format!("{file}: its page is answered {}", page.status));
                }
                let bidi = ['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}', '\u{200b}'];
                if text.contains("<script") || text.contains("onerror") || text.contains(bidi) {
                    wrong.push(format!("{file}: {account}"));
                }
            }
            (_, None) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), strange.len(), wrong.join("\n"));
}
