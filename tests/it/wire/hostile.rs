//! What no honest server sends changes nothing and shows nothing.
use commonhold::types::Time;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Fate, PUBLIC, Sample, Totals, node_example, samples, word};
use crate::harness::{Database, Member, Node, Peer, eventually, id};

stories!(
    what_must_be_refused_changes_nothing,
    what_must_be_cleaned_is_clean,
    nothing_happens_twice,
    one_vote_counts,
    the_banned_are_refused,
);

pub const MALLORY: &str = "https://evil.example/u/mallory";

/// The world that the files of the pack are written for.
pub struct World {
    pub peer: Peer,
    pub node: Node,
    pub alice: Member,
    pub bob: Member,
    pub group: Value,
    /// The thread that the files call `/p/100`.
    pub thread: Value,
    /// What the files call `/p/100`, and what it is called here.
    names: Vec<(String, String)>,
}

pub async fn world(database: Database) -> World {
    let hosts = "evil.example *.evil.example masto.example lemmy.example piefed.example";
    let peer = Peer::start(&hosts.split(' ').collect::<Vec<_>>()).await;
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
    let world = World { peer, node, alice, bob, group, thread, names };
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
    pub async fn receives(&self, sample: &Sample) -> StatusCode {
        let document = &sample.about["key_document"];
        if document.is_object() {
            self.peer.serves(word(document, "id"), document);
        }
        let inbox = Some(sample.says("inbox")).filter(|inbox| !inbox.is_empty());
        let body = self.in_this_world(sample.bytes.clone());
        let key_id = sample.says("signed_by");
        self.peer.posts(&self.node, inbox.unwrap_or("/inbox"), key_id, body).await.0
    }

    /// What the files call by this id is called `here` from now on.
    pub fn calls(&mut self, there: &str, here: &str) {
        self.names.retain(|(name, _)| name != there);
        self.names.push((there.to_owned(), here.to_owned()));
    }

    /// A file with the ids that posts have here.
    pub fn in_this_world(&self, body: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(body) {
            Ok(mut text) => {
                for (there, here) in &self.names {
                    text = text.replace(&format!("{there}\""), &format!("{here}\""));
                }
                text.into_bytes()
            }
            Err(no_text) => no_text.into_bytes(),
        }
    }

    /// Waits until all that was sent before has been dealt with: a message to Alice comes last.
    pub async fn settles(&self, word: &str) {
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
    pub async fn state(&self) -> Vec<(String, Value)> {
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

/// What is handed in and stands for itself. Private addresses and bans have stories of their own.
fn posts_expecting(words: &[&str]) -> Vec<Sample> {
    let hostile = samples(|about| about["server"] == "hostile" && about["sequence"].is_null());
    let wanted = |sample: &Sample| {
        let elsewhere = (sample.says("kind") == "ssrf" && sample.says("expect") == "reject")
            || sample.file.ends_with("reply_by_banned_actor.json");
        !sample.is_fetched() && sample.expects(words) && !elsewhere
    };
    hostile.into_iter().filter(wanted).collect()
}

async fn what_must_be_refused_changes_nothing(database: Database) {
    let all = posts_expecting(&["reject", "drop"]);
    let world = world(database).await;
    let before = world.state().await;
    let (mut totals, mut wrong) = (Totals::default(), Vec::new());
    for sample in &all {
        let status = world.receives(sample).await;
        let refused = status.is_client_error();
        totals.count(sample, if refused { Fate::Refused } else { Fate::Ignored });
        let fine = refused || (sample.expects(&["drop"]) && status.is_success());
        if !fine {
            wrong.push(format!("{} is answered {status}", sample.file));
        }
    }
    totals.print("what no honest server sends:");
    world.settles("after the storm").await;
    for ((path, was), (_, is)) in before.iter().zip(world.state().await) {
        if *was != is {
            wrong.push(format!("{path} was {was:#}\nand is {is:#}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert!(world.node.log().contains("refus"), "the log says why:\n{}", world.node.log());
}

async fn what_must_be_cleaned_is_clean(database: Database) {
    let all = posts_expecting(&["sanitise", "accept", "refetch"]);
    let world = world(database).await;
    let (mut totals, mut wrong) = (Totals::default(), Vec::new());
    for sample in &all {
        let status = world.receives(sample).await;
        totals.count(sample, if status.is_success() { Fate::Taken } else { Fate::Refused });
        if !status.is_success() {
            wrong.push(format!("{} is answered {status}", sample.file));
        }
    }
    totals.print("what is taken and made harmless:");
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
    assert!(shown > all.len() / 2, "only {shown} of {} are shown", all.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
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
fn sequence(name: &str) -> Vec<Sample> {
    let start = format!("{name}:");
    let mut steps = samples(|about| word(about, "sequence").starts_with(&start));
    steps.sort_by_key(|step| step.says("sequence").to_owned());
    steps
}

async fn nothing_happens_twice(database: Database) {
    let world = world(database).await;
    for name in ["dup", "own-dup"] {
        let mut after_first = None;
        for step in &sequence(name) {
            let status = world.receives(step).await;
            assert!(!status.is_server_error(), "{}: {status}", step.file);
            world.settles(&step.says("sequence").replace(':', " ")).await;
            let state = world.state().await;
            let first = after_first.get_or_insert_with(|| state.clone());
            for ((path, was), (_, is)) in first.iter().zip(&state) {
                assert_eq!(was, is, "{path} after {}", step.file);
            }
        }
    }
    // What was deleted before it was made is not made afterwards.
    let before = world.state().await;
    for name in ["gone", "own-gone", "cy", "own-cy"] {
        for step in sequence(name) {
            let status = world.receives(&step).await;
            assert!(!status.is_server_error(), "{}: {status}", step.file);
        }
        world.settles(name).await;
        if name.ends_with("gone") {
            for ((path, was), (_, is)) in before.iter().zip(world.state().await) {
                assert_eq!(*was, is, "{path}");
            }
        }
    }
}

async fn the_banned_are_refused(database: Database) {
    let files = samples(|about| about["server"] == "hostile");
    let banned = files.iter().find(|file| file.file.ends_with("reply_by_banned_actor.json"));
    let Some(reply) = banned else { return };
    let world = world(database).await;
    let mallory = world.alice.finds("@mallory@evil.example").await;
    let path = format!("/api/v1/groups/{}/bans", id(&world.group));
    world.alice.api.post(&path, json!({"account_id": id(&mallory), "reason": "spam"})).await;
    let before = world.state().await;
    let status = world.receives(reply).await;
    assert!(status.is_client_error(), "{status}");
    world.settles("after the ban").await;
    assert_eq!(before, world.state().await);
}

async fn one_vote_counts(database: Database) {
    let world = world(database).await;
    let likes = async || {
        let path = format!("/api/v1/statuses/{}", id(&world.thread));
        world.alice.api.get(&path).await["favourites_count"].as_i64().unwrap()
    };
    // The sequence begins with its second step: one vote is there already.
    let like = json!({
        "id": "https://evil.example/a/l1", "type": "Like", "actor": MALLORY,
        "object": world.thread["uri"],
    });
    let sent = world.peer.sends(&world.node, "/c/help/inbox", MALLORY, &like).await;
    assert!(sent.is_success(), "{sent}");
    assert_eq!(likes().await, 1);
    for step in sequence("like") {
        let status = world.receives(&step).await;
        assert!(status.is_success(), "{}: {status}", step.file);
        let left = i64::from(step.document["type"] == "Like");
        assert_eq!(likes().await, left, "after {}", step.file);
    }
}
