//! Whole lives of a member, a thread, an answer, told step by step by the pack and checked by what
//! people here see and what goes out.
use commonhold::types::Time;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    hostile::{World, world},
    reference, word,
};
use crate::harness::{Database, Received, eventually, fixtures, id, original, says};

stories!(
    a_mastodon_member_comes_writes_and_leaves,
    what_is_not_for_everyone_is_never_passed_on,
    a_lemmy_member_comes_writes_and_deletes,
    a_remote_groups_post_is_here_once,
    an_asker_on_piefed_chooses_an_answer,
    what_comes_in_the_wrong_order_ends_right,
);

const MIA: &str = "https://masto.example/users/mia";
const LEO: &str = "https://lemmy.example/u/leo";
const HELP: &str = "https://node.example/c/help";

/// A scenario in a fresh world.
struct Play {
    world: World,
    steps: Vec<Value>,
}

/// `None`, and one line that says so, where the pack is not at hand.
async fn play(database: Database, name: &str) -> Option<Play> {
    let path = fixtures().join(format!("scenarios/{name}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("a scenario is not played: {} is not there", path.display());
        return None;
    };
    let told: Value = serde_json::from_str(&text).unwrap();
    let steps = told["steps"].as_array().unwrap().clone();
    let play = Play { world: world(database).await, steps };
    // What kind of server each is shows in what its groups do.
    for host in ["lemmy.example", "piefed.example"] {
        let group = format!("https://{host}/c/elsewhere");
        play.world.peer.actor(&group, "Group");
        let inner = json!({"id": format!("{group}/like"), "type": "Like",
            "actor": format!("https://{host}/u/nobody"), "object": format!("{group}/post")});
        let passed_on = json!({"id": format!("{group}/announce"), "type": "Announce",
            "actor": group, "object": inner, "to": [super::PUBLIC]});
        let sent = play.world.peer.sends(&play.world.node, "/inbox", &group, &passed_on).await;
        assert!(sent.is_success(), "{sent}");
    }
    Some(play)
}

impl Play {
    fn body(&self, step: usize) -> Value {
        // It happened the other day: what is older than a week is no news to anybody.
        let day = Time::now().plus_days(-3).rfc3339();
        let text = self.steps[step]["body"].to_string().replace("2026-03-01", &day[..10]);
        serde_json::from_slice(&self.world.in_this_world(text.into_bytes())).unwrap()
    }

    /// Somebody follows the group beforehand.
    async fn follows(&self, who: &str) {
        self.world.peer.person(who);
        let follow = json!({"id": format!("{who}/follows/help"), "type": "Follow", "actor": who,
            "object": HELP});
        let sent = self.world.peer.sends(&self.world.node, "/c/help/inbox", who, &follow).await;
        assert!(sent.is_success(), "{sent}");
    }

    /// Hands a step in, whatever is answered.
    async fn hands_in(&self, step: usize) -> StatusCode {
        let body = self.body(step);
        let object = &body["object"];
        // What is written is where it says it is, unless it is already something else there.
        if body["type"] == "Create" {
            self.world.peer.serves(word(object, "id"), object);
        }
        let told = &self.steps[step];
        let actor = word(told, "signed_by").split('#').next().unwrap_or_default();
        if !self.world.peer.has(actor) {
            self.world.peer.person(actor);
        }
        let bytes = body.to_string().into_bytes();
        let peer = &self.world.peer;
        let (inbox, key) = (word(told, "deliver_to"), word(told, "signed_by"));
        peer.posts(&self.world.node, inbox, key, bytes).await.0
    }

    /// Hands a step in that is taken, and waits for all that the pack says goes out.
    async fn step(&self, step: usize) {
        let status = self.hands_in(step).await;
        assert!(status.is_success(), "step {step}: {status}");
        self.goes_out(step).await;
    }

    async fn goes_out(&self, step: usize) {
        for wanted in self.steps[step]["expect_outgoing"].as_array().unwrap() {
            if let Some(host) = host_of(word(wanted, "to")) {
                let what = format!("step {step}: {wanted}");
                eventually(&what, || async {
                    let all = self.world.peer.received();
                    all.iter()
                        .find(|one| is_at(one, host) && self.fits(step, wanted, one))
                        .map(|_| ())
                })
                .await;
            }
        }
    }

    /// Whether a delivery is what a step says goes out.
    fn fits(&self, step: usize, wanted: &Value, delivery: &Received) -> bool {
        let (sent, out) = (self.body(step), &delivery.body);
        let about = reference(&sent["object"]);
        match (word(wanted, "type"), word(wanted, "object")) {
            ("Accept", _) => {
                out["type"] == "Accept" && reference(&out["object"]) == sent["id"].as_str()
            }
            ("Undo{Announce}", _) => {
                let undone = &out["object"];
                out["type"] == "Undo"
                    && undone["type"] == "Announce"
                    && reference(&undone["object"]) == about
            }
            ("Announce", object) if object.starts_with("string id") => {
                out["type"] == "Announce"
                    && out["object"].is_string()
                    && out["object"].as_str() == about
            }
            // As it came, but for what only frames it.
            ("Announce", object) if object.contains("verbatim") || object.contains("exactly") => {
                out["type"] == "Announce"
                    && without_context(&out["object"]) == without_context(&sent)
            }
            ("Announce", _) if sent.is_null() => {
                out["type"] == "Announce" && out["object"]["type"] == wanted["object"]
            }
            ("Announce", _) => out["type"] == "Announce" && out["object"]["id"] == sent["id"],
            (other, _) => panic!("the pack wants {other}"),
        }
    }

    /// Everything that has gone to a host.
    fn sent_to(&self, host: &str) -> Vec<Value> {
        let all = self.world.peer.received();
        all.into_iter().filter(|one| is_at(one, host)).map(|one| one.body).collect()
    }

    async fn group(&self, what: &str) -> Value {
        let path = format!("/api/v1/accounts/{}/{what}?limit=40", id(&self.world.group));
        self.world.alice.api.get(&path).await
    }

    /// The threads of the group, as its page shows them.
    async fn wall(&self) -> Vec<Value> {
        self.group("statuses").await.as_array().unwrap().iter().map(original).cloned().collect()
    }

    async fn thread(&self) -> Value {
        let path = format!("/api/v1/statuses/{}", id(&self.world.thread));
        self.world.alice.api.get(&path).await
    }
}

fn host_of(whom: &str) -> Option<&str> {
    match whom {
        "" => None,
        _ if whom.starts_with("https://") => whom.split('/').nth(2),
        _ if whom.starts_with("1b12") => Some("lemmy.example"),
        _ if whom.starts_with("microblog") => Some("masto.example"),
        host => Some(host),
    }
}

fn is_at(delivery: &Received, host: &str) -> bool {
    delivery.url.split('/').nth(2) == Some(host)
}

fn without_context(activity: &Value) -> Value {
    let mut bare = activity.clone();
    if let Some(fields) = bare.as_object_mut() {
        fields.remove("@context");
    }
    bare
}

fn is_of(uri: &str, statuses: &[Value]) -> bool {
    statuses.iter().any(|status| status["uri"] == uri)
}

async fn a_mastodon_member_comes_writes_and_leaves(database: Database) {
    let Some(play) = play(database, "mastodon_member_lifecycle").await else { return };
    play.follows(LEO).await;
    let thread = format!("{MIA}/statuses/114");
    play.step(0).await;
    assert!(play.group("followers").await.to_string().contains("mia@masto.example"));
    play.step(1).await;
    assert!(is_of(&thread, &play.wall().await));
    play.step(2).await;
    let told = play.world.alice.is_told("mention", "mia@masto.example").await;
    let below = play.world.alice.thread(&play.world.thread).await;
    assert!(below.iter().any(|reply| reply["uri"] == told["status"]["uri"]), "{below:#?}");
    play.step(3).await;
    assert_eq!(play.thread().await["favourites_count"], 1);
    // The pack has somebody else's Undo here, of another server, with Mia's signature on it.
    assert_eq!(play.hands_in(4).await, StatusCode::UNAUTHORIZED);
    let like = play.body(3);
    let undo =
        json!({"id": format!("{MIA}#likes/77/undo"), "type": "Undo", "actor": MIA, "object": like});
    let sent = play.world.peer.sends(&play.world.node, "/u/alice/inbox", MIA, &undo).await;
    assert!(sent.is_success(), "{sent}");
    assert_eq!(play.thread().await["favourites_count"], 0);
    let (before, boosts) = (play.wall().await.len(), play.thread().await["reblogs_count"].as_i64());
    play.step(5).await;
    let now = play.thread().await["reblogs_count"].as_i64();
    assert_eq!(now, boosts.map(|boosts| boosts + 1), "the group's own, and Mia's");
    assert_eq!(play.wall().await.len(), before, "a boost is no second thread");
    play.step(6).await;
    let edited = play.body(6)["object"]["content"].as_str().unwrap().to_owned();
    let words = edited.rsplit("</a></span>").next().unwrap().trim_end_matches("</p>").to_owned();
    let shown =
        play.wall().await.into_iter().find(|status| status["uri"] == thread.as_str()).unwrap();
    assert!(says(&shown, words.trim()), "{shown} does not say {words:?}");
    assert!(!shown["edited_at"].is_null(), "{shown}");
    play.step(7).await;
    assert!(!is_of(&thread, &play.wall().await));
    play.step(8).await;
    assert!(!play.group("followers").await.to_string().contains("mia@masto.example"));
    // Mastodon got each thing once, and no votes.
    let boosts = play.sent_to("masto.example");
    let boosts =
        boosts.iter().filter(|out| out["type"] == "Announce" && out["object"] == thread.as_str());
    assert_eq!(boosts.count(), 1);
    let wrapped = |out: &&Value| out["type"] == "Announce" && out["object"].is_object();
    assert_eq!(play.sent_to("masto.example").iter().find(wrapped), None);
}

async fn what_is_not_for_everyone_is_never_passed_on(database: Database) {
    let Some(play) = play(database, "mastodon_private_posts_never_announced").await else { return };
    play.follows(LEO).await;
    play.follows(MIA).await;
    for step in [0, 1] {
        let status = play.hands_in(step).await;
        assert!(!status.is_server_error(), "step {step}: {status}");
        let uri = word(&play.body(step)["object"], "id").to_owned();
        assert!(!is_of(&uri, &play.wall().await), "step {step} is shown");
        let page = play.world.node.page("/@help").await;
        assert!(!page.text.contains("prune a lemon tree"), "step {step} is on the page");
    }
    play.step(2).await;
    let quiet = word(&play.body(2)["object"], "id").to_owned();
    assert!(is_of(&quiet, &play.wall().await));
    // The last one went out after those before it would have: none of them did.
    for out in play.world.peer.received() {
        let text = out.body.to_string();
        for step in [0, 1] {
            let uri = word(&play.body(step)["object"], "id").to_owned();
            assert!(!text.contains(&uri), "step {step} went to {}", out.url);
        }
        if text.contains(&quiet) && out.body["type"] == "Announce" {
            assert_ne!(out.body["to"], json!([super::PUBLIC]), "it is not for every list");
        }
    }
}

async fn a_lemmy_member_comes_writes_and_deletes(database: Database) {
    let Some(play) = play(database, "lemmy_member_lifecycle").await else { return };
    play.follows(MIA).await;
    let thread = "https://lemmy.example/post/900";
    play.step(0).await;
    assert!(play.group("followers").await.to_string().contains("leo@lemmy.example"));
    play.step(1).await;
    let shown = play.wall().await.into_iter().find(|status| status["uri"] == thread).unwrap();
    let page = play.world.node.page(&format!("/@leo@lemmy.example/{}", id(&shown))).await;
    assert!(page.text.contains("How to sharpen shears?"), "{}", page.text);
    play.step(2).await;
    play.world.alice.is_told("mention", "leo@lemmy.example").await;
    let all = play.world.alice.api.get("/api/v1/notifications?limit=80").await;
    let by_leo = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|told| told["account"]["acct"] == "leo@lemmy.example");
    assert_eq!(by_leo.count(), 1, "told once: {all:#}");
    play.step(3).await;
    assert_eq!(play.thread().await["favourites_count"], 1);
    play.step(4).await;
    play.step(5).await;
    let refused = play.hands_in(6).await;
    assert_eq!(refused, StatusCode::FORBIDDEN, "Leo is no steward");
    assert_eq!(
        play.world.alice.thread(&play.world.thread).await.len(),
        2,
        "both replies are there"
    );
    play.step(7).await;
    assert!(!is_of(thread, &play.wall().await));
}

async fn a_remote_groups_post_is_here_once(database: Database) {
    let Some(play) = play(database, "remote_group_no_duplicates").await else { return };
    let peer = &play.world.peer;
    let (garden, post) = ("https://lemmy.example/c/garden", "https://lemmy.example/post/900");
    peer.person(LEO);
    peer.serves(post, &play.body(0)["object"]["object"]);
    let account = play.world.alice.finds("@garden@lemmy.example").await;
    let path = format!("/api/v1/accounts/{}/follow", id(&account));
    play.world.alice.api.post(&path, json!({})).await;
    let follow = peer.receives("the Follow of the garden", |body| {
        body["type"] == "Follow" && body["object"] == garden
    });
    let accept = json!({"id": format!("{garden}/accept"), "type": "Accept", "actor": garden,
        "object": follow.await.body});
    assert!(peer.sends(&play.world.node, "/inbox", garden, &accept).await.is_success());
    for step in 0..play.steps.len() {
        play.step(step).await;
        eventually("it is seen", || async {
            let home = play.world.alice.home().await;
            home.iter().any(|status| original(status)["uri"] == post).then_some(())
        })
        .await;
        play.world.settles(&format!("step {step}")).await;
        let home = play.world.alice.home().await;
        let seen = home.iter().filter(|status| original(status)["uri"] == post).count();
        assert_eq!(seen, 1, "after step {step}: {home:#?}");
    }
}

async fn an_asker_on_piefed_chooses_an_answer(database: Database) {
    let Some(mut play) = play(database, "piefed_answer_flow").await else { return };
    let pia = "https://piefed.example/u/pia";
    play.follows(LEO).await;
    play.follows(MIA).await;
    play.follows(pia).await;
    play.step(0).await;
    let question = play
        .wall()
        .await
        .into_iter()
        .find(|status| word(status, "uri").contains("piefed"))
        .unwrap();
    let answer = play.world.bob.replies(&question, "They want iron").await;
    play.world.calls("https://node.example/p/101", word(&answer, "uri"));
    play.goes_out(1).await;
    let helped = async || play.world.node.help(&id(&play.world.group)).await["receipts"].clone();
    let before = helped().await;
    let status = play.hands_in(2).await;
    assert!(status.is_success(), "{status}");
    play.world.settles("chosen").await;
    let status = play.hands_in(3).await;
    assert!(status.is_client_error(), "a stranger takes nothing back: {status}");
    let status = play.hands_in(4).await;
    assert!(status.is_success(), "{status}");
    play.world.settles("and no longer").await;
    assert_eq!(helped().await, before);
    let all = play.sent_to("masto.example");
    assert!(!all.iter().any(|out| out.to_string().contains("ChooseAnswer")), "{all:#?}");
}

async fn what_comes_in_the_wrong_order_ends_right(database: Database) {
    let Some(play) = play(database, "out_of_order").await else { return };
    let status = |number: u32| format!("{MIA}/statuses/{number}");
    // The parent is found where it lives before it is handed in.
    let parent = play.body(1)["object"].clone();
    play.world.peer.serves(&status(200), &parent);
    for step in 0..play.steps.len() {
        let answered = play.hands_in(step).await;
        assert!(answered.is_success(), "step {step}: {answered}");
        play.world.settles(&format!("step {step}")).await;
    }
    let wall = play.wall().await;
    let parents = wall.iter().filter(|shown| shown["uri"] == status(200)).collect::<Vec<_>>();
    let [root] = parents.as_slice() else { panic!("once: {wall:#?}") };
    // The answer came first: its parent was asked for, and the answer to that may come last of all.
    eventually("the answer stands below what it answers, once", || async {
        let below = play.world.alice.thread(root).await;
        (below.iter().filter(|reply| reply["uri"] == status(201)).count() == 1).then_some(())
    })
    .await;
    let wall = play.wall().await;
    assert!(!is_of(&status(210), &wall), "a change of an old post that never came");
    assert!(!is_of(&status(220), &wall), "it was deleted before it came");
}
