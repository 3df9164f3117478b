//! Whom a node believes what: rules T1 to T7 ([FEP-fe34](https://w3id.org/fep/fe34)).
use commonhold::types::Time;
use serde_json::{Value, json};

use super::keyring::Keyring;
use crate::harness::{Api, Database, Member, Node, Peer, Setup, eventually, id, says};

stories!(
    t1_an_id_belongs_to_its_origin,
    t2_activity_actor_key_and_object_are_of_one_server,
    t3_what_is_embedded_counts_from_its_own_server_alone,
    t4_a_document_counts_at_its_own_address,
    t5_a_group_speaks_for_its_own_threads_alone,
    t6_what_joins_two_servers_both_must_say,
    t7_rights_here_are_given_here,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const HOSTS: &[&str] = &["elm.example", "evil.example", "lemmy.example"];

/// A node with Ana, beside Eva (who is honest) and Mallory (who is not).
struct World {
    peer: Peer,
    node: Node,
    ana: Member,
    eva: Keyring,
    mallory: Keyring,
}

impl World {
    async fn new(database: Database) -> Self {
        let peer = Peer::start(HOSTS).await;
        let node = peer.known_to(Setup::new(database)).start().await;
        let ana = node.member("ana").await;
        let eva = Keyring::of(&peer, "https://elm.example/u/eva");
        let mallory = Keyring::of(&peer, "https://evil.example/u/mallory");
        Self { peer, node, ana, eva, mallory }
    }

    fn ana_id(&self) -> String {
        format!("{}/u/ana", self.node.public_url())
    }

    /// A note of Mallory's to Ana.
    fn note(&self, name: &str) -> Value {
        self.mallory.note(name, &[&self.ana_id()], "Mallory was here")
    }

    /// Waits until what was sent before is dealt with, and gives what Ana was told by then.
    async fn told(&self, name: &str) -> String {
        let text = format!("Honest {name}");
        let note = self.eva.note(name, &[&self.ana_id()], &text);
        assert_eq!(self.eva.sends(&self.node, &note).await, 202);
        eventually(&text, || async {
            let told = self.ana.api.get("/api/v1/notifications?limit=80").await.to_string();
            told.contains(&text).then_some(told)
        })
        .await
    }

    /// Ana joins a group elsewhere.
    async fn joins(&self, group: &str) {
        let found = found(&self.ana.api, group, "accounts").await;
        let path = format!("/api/v1/accounts/{}/follow", id(&found[0]));
        self.ana.api.post(&path, json!({})).await;
        let follow = self
            .peer
            .receives("the Follow", |body| body["type"] == "Follow" && body["object"] == group)
            .await;
        let accept = json!({"id": format!("{group}/accept"), "type": "Accept", "actor": group,
                            "object": follow.body});
        assert!(self.peer.sends(&self.node, "/inbox", group, &accept).await.is_success());
    }

    async fn announces(&self, group: &str, name: &str, inner: &Value) {
        let announce = json!({
            "id": format!("{group}/{name}"), "type": "Announce", "actor": group, "to": [PUBLIC],
            "cc": [format!("{group}/followers")], "object": inner,
        });
        let status = self.peer.sends(&self.node, "/inbox", group, &announce).await;
        assert_eq!(status, 202, "{name}");
    }
}

/// What a search for an address finds.
async fn found(api: &Api, url: &str, kind: &str) -> Vec<Value> {
    let query = [("q", url), ("resolve", "true"), ("type", kind)];
    let request = api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    let answer = api.send(request).await;
    assert!(answer.status.is_success(), "{url}: {}", answer.status);
    answer.json()[kind].as_array().unwrap().clone()
}

async fn t1_an_id_belongs_to_its_origin(database: Database) {
    let world = World::new(database).await;
    let with = |name: &str, id: Value| {
        let mut note = world.note(name);
        note["id"] = id;
        note
    };
    let mut nameless = world.note("n/1");
    nameless.as_object_mut().unwrap().remove("id");
    let text = world.mallory.actor.clone();
    for wrong in [
        nameless,
        with("n/2", json!(5)),
        with("n/3", json!(null)),
        with("n/4", json!([format!("{text}/n/4/create")])),
        with("n/5", json!({"id": format!("{text}/n/5/create")})),
        // Another scheme, host or port is another origin.
        with("n/6", json!("http://evil.example/u/mallory/n/6/create")),
        with("n/7", json!("https://elm.example/u/mallory/n/7/create")),
        with("n/8", json!("https://evil.example:8443/u/mallory/n/8/create")),
        with("n/9", json!("ftp://evil.example/n/9")),
    ] {
        assert_eq!(world.mallory.sends(&world.node, &wrong).await, 400, "{}", wrong["id"]);
    }
    assert!(!world.told("t1").await.contains("Mallory was here"));
    // What says the same however often it comes needs no id.
    let follow = json!({"type": "Follow", "actor": world.mallory.actor, "object": world.ana_id()});
    assert_eq!(world.mallory.sends(&world.node, &follow).await, 202);
}

async fn t2_activity_actor_key_and_object_are_of_one_server(database: Database) {
    let world = World::new(database).await;
    let max = Keyring::of(&world.peer, "https://evil.example/u/max");
    // Somebody else's key, of the same server or not, is nobody's word.
    for stranger in [&max, &world.eva] {
        let status = stranger.sends(&world.node, &world.note("n/1")).await;
        assert_eq!(status, 401, "{} for Mallory", stranger.actor);
    }
    // A key that says whose it is, and is not on that one's list.
    let mut thief = world.peer.person("https://evil.example/u/thief");
    thief["publicKey"] = json!({"id": "https://evil.example/u/thief#main-key",
        "owner": world.eva.actor, "publicKeyPem": max.pair.public_pem});
    world.peer.introduces(&thief);
    let stolen = ("https://evil.example/u/thief#main-key", &max.rsa);
    let as_eva = world.eva.note("n/2", &[&world.ana_id()], "Mallory was here");
    let form = super::keyring::Form::Cavage;
    assert_eq!(max.sends_as(&world.node, form, stolen, &as_eva).await, 401);
    // What is written elsewhere, or by somebody else, is not Mallory's.
    let change = |name: &str, pointer: &str, value: &str| {
        let mut note = world.note(name);
        *note.pointer_mut(pointer).unwrap() = json!(value);
        note
    };
    for wrong in [
        change("n/3", "/object/id", "https://elm.example/u/eva/n/3"),
        change("n/4", "/object/attributedTo", "https://elm.example/u/eva"),
        change("n/5", "/object/attributedTo", "https://evil.example/u/max"),
    ] {
        assert_eq!(world.mallory.sends(&world.node, &wrong).await, 400, "{wrong:#}");
    }
    let as_ana = change("n/6", "/actor", &world.ana_id());
    assert!(world.mallory.sends(&world.node, &as_ana).await.is_client_error());
    assert!(!world.told("t2").await.contains("Mallory was here"));
}

async fn t3_what_is_embedded_counts_from_its_own_server_alone(database: Database) {
    let world = World::new(database).await;
    let group = "https://evil.example/c/trap";
    world.peer.actor(group, "Group");
    world.joins(group).await;
    let true_note = |name: &str| {
        let mut create = world.eva.note(name, &[group], "As Eva wrote it");
        create["object"]["audience"] = json!(group);
        let mut object = create["object"].clone();
        object["@context"] = json!("https://www.w3.org/ns/activitystreams");
        world.peer.serves(object["id"].as_str().unwrap(), &object);
        create
    };
    // The group's server speaks for Eva: her own server is asked.
    let mut lie = true_note("n/1");
    lie["object"]["content"] = json!("<p>As Mallory wants it</p>");
    world.announces(group, "1", &lie).await;
    let shown = world.ana.sees("As Eva wrote it").await;
    assert_eq!(shown["account"]["acct"], "eva@elm.example");
    // A boost that brings the post along.
    let second = true_note("n/2");
    let mut boosted = second["object"].clone();
    boosted["content"] = json!("<p>As Mallory wants it</p>");
    world.announces(group, "2", &boosted).await;
    // A post that its server does not have.
    let nothing = world.eva.note("n/3", &[group], "As Mallory wants it");
    world.announces(group, "3", &nothing).await;
    eventually("it is looked up where it would live", || async {
        world.peer.asked().iter().any(|url| url.ends_with("/n/3")).then_some(())
    })
    .await;
    world.told("t3").await;
    let home = world.ana.home().await;
    assert!(!home.iter().any(|one| one.to_string().contains("As Mallory")), "{home:#?}");
}

async fn t4_a_document_counts_at_its_own_address(database: Database) {
    let world = World::new(database).await;
    let note = |id: &str, by: &str| {
        json!({"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Note",
               "attributedTo": by, "to": [PUBLIC], "content": "<p>Told at an address</p>",
               "published": "2026-01-01T10:00:00Z"})
    };
    let (eva, mallory) = (&world.eva.actor, &world.mallory.actor);
    let kind = "application/activity+json";
    let put = |url: &str, kind: &str, document: &Value| {
        world.peer.serves_bytes(url, 200, kind, document.to_string().into_bytes());
    };
    let evil = |path: &str| format!("https://evil.example/{path}");
    // A document of another server, of another author, of a page, of no id.
    put(&evil("1"), kind, &note("https://elm.example/n/1", eva));
    put(&evil("2"), kind, &note(&evil("2"), eva));
    put(&evil("3"), "text/html", &note(&evil("3"), mallory));
    put(&evil("4"), "application/json", &note(&evil("4"), mallory));
    let mut nameless = note(&evil("5"), mallory);
    nameless.as_object_mut().unwrap().remove("id");
    put(&evil("5"), kind, &nameless);
    // One whose own address shows something else again.
    put(&evil("6"), kind, &note(&evil("7"), mallory));
    put(&evil("7"), kind, &note(&evil("6"), mallory));
    // An error with a document in it.
    let body = note(&evil("8"), mallory).to_string().into_bytes();
    world.peer.serves_bytes(&evil("8"), 404, kind, body);
    for number in 1..=8 {
        let found = found(&world.ana.api, &evil(&number.to_string()), "statuses").await;
        assert!(found.is_empty(), "{number}: {found:#?}");
    }
    // The page of a post leads to the post, on the same server.
    put(&evil("page"), kind, &note(&evil("9"), mallory));
    put(&evil("9"), kind, &note(&evil("9"), mallory));
    let found = found(&world.ana.api, &evil("page"), "statuses").await;
    assert_eq!(found[0]["uri"], evil("9"));
}

async fn t5_a_group_speaks_for_its_own_threads_alone(database: Database) {
    let world = World::new(database).await;
    let (garden, trap) = ("https://lemmy.example/c/garden", "https://evil.example/c/trap");
    for group in [garden, trap] {
        world.peer.actor(group, "Group");
        world.joins(group).await;
    }
    let create = |name: &str, group: &str, text: &str| {
        let mut create = world.eva.note(name, &[group], text);
        create["object"]["audience"] = json!(group);
        let mut object = create["object"].clone();
        object["@context"] = json!("https://www.w3.org/ns/activitystreams");
        world.peer.serves(object["id"].as_str().unwrap(), &object);
        create
    };
    let post = create("n/1", garden, "Tomatoes grow");
    world.announces(garden, "1", &post).await;
    let shown = world.ana.sees("Tomatoes grow").await;
    let uri = post["object"]["id"].clone();
    let path = format!("/api/v1/statuses/{}", id(&shown));

    // A post of the garden is not for another group to pass on, change, remove or count votes of.
    let foreign = create("n/2", garden, "Beans climb");
    world.announces(trap, "1", &foreign).await;
    let mallory = &world.mallory.actor;
    let like = |by: &str, name: &str| json!({"id": format!("{by}/{name}"), "type": "Like", "actor": by, "object": uri});
    world.announces(trap, "2", &like(mallory, "like/1")).await;
    let delete = |by: &str| {
        json!({"id": format!("{by}/delete"), "type": "Delete", "actor": by, "object": uri,
               "to": [PUBLIC], "cc": []})
    };
    world.announces(trap, "3", &delete(mallory)).await;
    world.announces(trap, "4", &delete(&world.eva.actor)).await;
    // Nor does the garden vote for people of other servers.
    world.announces(garden, "2", &like(mallory, "like/2")).await;
    // A removal from the garden leaves a post that is still there where it lives.
    world.announces(garden, "3", &delete(&world.eva.actor)).await;
    world.told("t5").await;
    let now = world.ana.api.get(&path).await;
    assert!(says(&now, "Tomatoes grow"), "{now:#}");
    assert_eq!(now["favourites_count"], 0, "{now:#}");
    let home = world.ana.home().await;
    assert!(!home.iter().any(|one| one.to_string().contains("Beans climb")), "{home:#?}");

    // Where it is gone, the garden's word is true.
    let gone = json!({"id": uri, "type": "Tombstone"}).to_string().into_bytes();
    world.peer.serves_bytes(uri.as_str().unwrap(), 410, "application/activity+json", gone);
    let mut again = delete(&world.eva.actor);
    again["id"] = json!(format!("{}/delete/2", world.eva.actor));
    world.announces(garden, "4", &again).await;
    eventually("it is gone", || async {
        (world.ana.api.try_get(&path).await.status == 404).then_some(())
    })
    .await;
}

async fn t6_what_joins_two_servers_both_must_say(database: Database) {
    let world = World::new(database).await;
    // A handle on a host that does not say so is shown with the host of the id.
    let mut document = world.peer.person("https://evil.example/u/eve");
    document["preferredUsername"] = json!("eva");
    world.peer.serves("https://evil.example/u/eve", &document);
    let finger = json!({"subject": "acct:eva@elm.example", "links": [{"rel": "self",
        "type": "application/activity+json", "href": "https://evil.example/u/eve"}]});
    let at = "https://evil.example/.well-known/webfinger?resource=acct:eve@evil.example";
    world.peer.serves_bytes(at, 200, "application/jrd+json", finger.to_string().into_bytes());
    let query = [("q", "eve@evil.example"), ("resolve", "true"), ("type", "accounts")];
    let api = &world.ana.api;
    let request = api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    let answer = api.send(request).await.ok();
    for account in answer["accounts"].as_array().unwrap() {
        assert_ne!(account["acct"], "eva@elm.example", "{account:#}");
    }
    // A move that the new account says nothing of, and one of somebody else.
    let follow = json!({"id": format!("{}/f", world.eva.actor), "type": "Follow",
                        "actor": world.eva.actor, "object": world.ana_id()});
    assert_eq!(world.eva.sends(&world.node, &follow).await, 202);
    let target = "https://elm.example/u/eva";
    let id_here = id(&world.ana.finds("mallory@evil.example").await);
    world.ana.api.post(&format!("/api/v1/accounts/{id_here}/follow"), json!({})).await;
    let follow = world.peer.receives("the Follow", |body| body["type"] == "Follow").await;
    let accept = json!({"id": "https://evil.example/accept", "type": "Accept",
                        "actor": world.mallory.actor, "object": follow.body});
    assert_eq!(world.mallory.sends(&world.node, &accept).await, 202);
    let moves = |object: &str, number: u32| {
        json!({"id": format!("https://evil.example/move/{number}"), "type": "Move",
               "actor": world.mallory.actor, "object": object, "target": target, "to": [PUBLIC]})
    };
    let status = world.mallory.sends(&world.node, &moves(&world.eva.actor, 1)).await;
    assert!(status.is_client_error(), "{status}");
    let _ = world.mallory.sends(&world.node, &moves(&world.mallory.actor, 2)).await;
    world.told("t6").await;
    let following = format!("/api/v1/accounts/{}/following", world.ana.id);
    let following = world.ana.api.get(&following).await;
    let names: Vec<&str> = following.as_array().unwrap().iter().map(word).collect();
    assert!(!names.contains(&"eva@elm.example"), "{names:?}");
}

fn word(account: &Value) -> &str {
    account["acct"].as_str().unwrap_or_default()
}

async fn t7_rights_here_are_given_here(database: Database) {
    let world = World::new(database).await;
    let group = world.node.group("help", "We help each other", "ana").await;
    let thread = world.ana.posts("A thread @help").await;
    let group_id = format!("{}/c/help", world.node.public_url());
    let by = &world.mallory.actor;
    // Whatever a server says of its own people, here they are nobody's stewards.
    let base = json!({"actor": by, "to": [PUBLIC], "cc": [group_id], "audience": group_id});
    let act = |kind: &str, object: &str, target: Option<&str>| {
        let mut act = base.clone();
        act["id"] = json!(format!("{by}/{kind}/{}", Time::now().0));
        act["type"] = json!(kind);
        act["object"] = json!(object);
        if let Some(target) = target {
            act["target"] = json!(target);
        }
        if kind == "Delete" {
            act["summary"] = json!("spam");
        }
        act
    };
    let uri = thread["uri"].as_str().unwrap();
    let (moderators, featured) = (format!("{group_id}/moderators"), format!("{group_id}/featured"));
    for forged in [
        act("Add", by, Some(&moderators)),
        act("Remove", &world.ana_id(), Some(&moderators)),
        act("Add", uri, Some(&featured)),
        act("Lock", uri, None),
        act("Delete", uri, None),
        act("Block", &world.ana_id(), Some(&group_id)),
        act("Block", &world.ana_id(), Some(&world.node.public_url())),
        act("Update", &group_id, None),
    ] {
        let status = world.mallory.sends(&world.node, &forged).await;
        assert!(status.is_client_error() || status == 202, "{status}: {forged:#}");
    }
    world.told("t7").await;
    let still = world.node.public().activity("/c/help/moderators").await;
    assert_eq!(still["orderedItems"], json!([world.ana_id()]));
    let pinned = world.node.public().activity("/c/help/featured").await;
    assert_eq!(pinned["orderedItems"], json!([]));
    let path = format!("/api/v1/statuses/{}", id(&thread));
    assert!(says(&world.node.public().get(&path).await, "A thread"));
    world.ana.replies(&thread, "Still open").await;
    let account = world.node.public().get(&format!("/api/v1/accounts/{}", id(&group))).await;
    assert_eq!(account["display_name"], group["display_name"]);
}
