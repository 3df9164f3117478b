//! What is told to other servers, and what their acts do here: one story for each kind of act.
mod answers;
mod moderation;
mod moves;
mod reports;
mod sending;
mod votes;

use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, Peer, Setup, eventually, id};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const GROUP: &str = "https://node.example/c/help";

/// A node that is `node.example`, Alice and Bob on it, a group of Alice's, and servers we play.
struct World {
    peer: Peer,
    node: Node,
    alice: Member,
    bob: Member,
    group: Value,
}

/// The servers that are played, and what they say they run.
const SERVERS: &[(&str, &str)] = &[
    ("lemmy.example", "lemmy"),
    ("masto.example", "mastodon"),
    ("kbin.example", "mbin"),
    ("piefed.example", "piefed"),
    ("nodebb.example", "nodebb"),
    ("evil.example", "mastodon"),
];

async fn world(database: Database) -> World {
    let hosts: Vec<&str> = SERVERS.iter().map(|(host, _)| *host).collect();
    let peer = Peer::start(&hosts).await;
    for (host, software) in SERVERS {
        peer.runs(host, software);
    }
    let setup = peer.known_to(Setup::new(database));
    let setup = setup.with("DOMAIN", "node.example").with("PUBLIC_URL", "https://node.example");
    let node = setup.start().await;
    let (alice, bob) = (node.member("alice").await, node.member("bob").await);
    let group = node.group("help", "We help each other", "alice").await;
    World { peer, node, alice, bob, group }
}

impl World {
    /// Somebody elsewhere joins the group, and their server is known by then.
    async fn joins(&self, actor: &str) {
        self.peer.person(actor);
        let host = url::Url::parse(actor).unwrap().host_str().unwrap().to_owned();
        let id = format!("{actor}/follows/{}", self.peer.received().len());
        let follow = json!({"id": id, "type": "Follow", "actor": actor, "object": GROUP});
        self.sends(actor, &follow).await;
        self.peer
            .receives("the Accept", |body| body["type"] == "Accept" && body["object"]["id"] == id)
            .await;
        self.node.knows_software_of(&host).await;
    }

    /// Hands an activity in; it must be taken.
    async fn sends(&self, actor: &str, activity: &Value) {
        let key = format!("{actor}#main-key");
        let body = activity.to_string().into_bytes();
        let (status, said) = self.peer.posts(&self.node, "/inbox", &key, body).await;
        assert!(status.is_success(), "{status} {said}: {activity}");
    }

    /// Hands an activity in; it must be refused.
    async fn is_refused(&self, actor: &str, activity: &Value) {
        let status = self.peer.sends(&self.node, "/inbox", actor, activity).await;
        assert!(status.is_client_error(), "{status}: {activity}");
    }

    /// A new thread in the group by somebody elsewhere; the post as Alice sees it.
    async fn writes(&self, actor: &str, name: &str, more: Value) -> Value {
        let mut note = json!({
            "id": format!("{actor}/notes/{name}"), "type": "Note", "attributedTo": actor,
            "to": [PUBLIC], "cc": [GROUP], "content": format!("<p>{name}</p>"),
            "tag": [{"type": "Mention", "href": GROUP, "name": "@help@node.example"}],
        });
        note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.sends(actor, &create(actor, &note)).await;
        self.finds_post(&note["id"]).await
    }

    /// The post of an id, as Alice sees it; waits for it.
    async fn finds_post(&self, uri: &Value) -> Value {
        let uri = uri.as_str().unwrap();
        eventually(&format!("{uri} is here"), || async {
            let path = format!("/api/v2/search?q={uri}&resolve=true&type=statuses");
            self.alice.api.get(&path).await["statuses"].get(0).cloned()
        })
        .await
    }

    /// Deliveries to a server so far.
    fn told(&self, host: &str) -> Vec<Value> {
        let start = format!("https://{host}/");
        let here = self.peer.received().into_iter().filter(|one| one.url.starts_with(&start));
        here.map(|one| one.body).collect()
    }

    /// The first activity delivered to a server that `wanted` knows; waits for it.
    async fn tells(&self, host: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{host} is told of {what}"), || async {
            self.told(host).into_iter().find(|body| wanted(body))
        })
        .await
    }

    /// The acts in the group's log, the newest first.
    async fn log(&self) -> Vec<(String, String)> {
        let path = format!("/api/v1/groups/{}/log", id(&self.group));
        let acts = self.node.public().get(&path).await;
        let text = |act: &Value, key: &str| act[key].as_str().unwrap_or_default().to_owned();
        let acts = acts.as_array().unwrap().iter();
        acts.map(|act| (text(act, "deed"), text(act, "reason"))).collect()
    }
}

fn create(actor: &str, note: &Value) -> Value {
    json!({
        "id": format!("{}/create", note["id"].as_str().unwrap()), "type": "Create",
        "actor": actor, "to": note["to"], "cc": note["cc"], "object": note,
    })
}

/// Whether it is a group's announcement of an activity of this kind.
fn announces(body: &Value, kind: &str) -> bool {
    body["type"] == "Announce" && body["object"]["type"] == kind
}
