//! What others hand on counts when its author signed it.
use commonhold::{
    activitypub::proof::Proof,
    keys::PublicKey,
    types::{Time, Uri},
};
use serde_json::{Value, json};

use super::keyring::Keyring;
use crate::harness::{Database, Member, Node, Peer, Setup, eventually, says};

stories!(
    what_members_do_in_groups_carries_a_proof,
    what_is_forwarded_with_a_proof_is_taken_without_asking,
    what_a_group_passes_on_with_a_proof_is_taken_without_asking,
    a_proof_that_does_not_hold_is_none,
);

async fn node_beside(database: Database, peer: &Peer) -> Node {
    peer.known_to(Setup::new(database)).start().await
}

/// Whether an activity carries a proof by a key of its actor's document.
async fn is_proven(node: &Node, activity: &Value) -> bool {
    let actor = activity["actor"].as_str().unwrap();
    let document = node.public().activity(actor).await;
    let id = Uri::parse(actor).unwrap();
    let Ok(Some(proof)) = Proof::of(activity, &id, Time::now()) else { return false };
    let methods = document["assertionMethod"].as_array().unwrap();
    let method = methods.iter().find(|key| key["id"] == proof.method.as_str()).unwrap();
    proof.is_by(&PublicKey::read(method["publicKeyMultibase"].as_str().unwrap()).unwrap())
}

async fn what_members_do_in_groups_carries_a_proof(database: Database) {
    let peer = Peer::start(&["lemmy.example"]).await;
    let node = node_beside(database, &peer).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    node.group("repairs", "We mend things together", "ana").await;
    // A server with groups, as it showed by what it announced, follows.
    let lea = Keyring::of(&peer, "https://lemmy.example/u/lea");
    peer.runs("lemmy.example", "lemmy");
    let follow = json!({"id": "https://lemmy.example/f", "type": "Follow", "actor": lea.actor,
                        "object": format!("{}/c/repairs", node.public_url())});
    assert_eq!(lea.sends(&node, &follow).await, 202);
    peer.receives("the Accept", |body| body["type"] == "Accept").await;
    node.knows_software_of("lemmy.example").await;

    let post = ana.posts("Who has a ladder? @repairs").await;
    ben.does("favourite", &post).await;
    ben.does("unfavourite", &post).await;
    let edit = json!({"status": "Who has a long ladder? @repairs"});
    let path = format!("/api/v1/statuses/{}", crate::harness::id(&post));
    ana.api.send(ana.api.request(reqwest::Method::PUT, &path).json(&edit)).await.ok();
    ana.api.send(ana.api.request(reqwest::Method::DELETE, &path)).await.ok();
    for kind in ["Create", "Like", "Undo", "Update", "Delete"] {
        let announce = peer
            .receives(&format!("Announce of {kind}"), |body| {
                body["type"] == "Announce" && body["object"]["type"] == kind
            })
            .await;
        let inner = &announce.body["object"];
        assert!(is_proven(&node, inner).await, "{kind}: {inner:#}");
        assert!(announce.body["proof"].is_null(), "the group's own word is signed as a request");
    }
    // What is in no group is passed on by nobody.
    let document = ana.posts("To everyone").await;
    assert!(document["id"].is_string());
}

async fn hears(member: &Member, text: &str) {
    eventually(&format!("{text:?} arrives"), || async {
        let told = member.api.get("/api/v1/notifications").await;
        let told = told.as_array().unwrap().clone();
        told.iter().any(|one| says(&one["status"], text)).then_some(())
    })
    .await;
}

async fn what_is_forwarded_with_a_proof_is_taken_without_asking(database: Database) {
    let peer = Peer::start(&["elm.example", "ash.example"]).await;
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let ana_id = format!("{}/u/ana", node.public_url());
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    let ada = Keyring::of(&peer, "https://ash.example/u/ada");
    let note = eva.note("n/1", &[&ana_id], "Written by Eva");
    // Handed on by another server, which is not believed.
    assert_eq!(ada.sends(&node, &note).await, 401);
    let proven = eva.proves(note);
    assert_eq!(ada.sends(&node, &proven).await, 202);
    hears(&ana, "Written by Eva").await;
    ana.is_told("mention", "eva@elm.example").await;
    let asked = peer.asked();
    assert!(!asked.iter().any(|url| url.contains("/n/1")), "the note was not asked for: {asked:?}");
    // Once is once.
    assert_eq!(ada.sends(&node, &proven).await, 202);
    assert_eq!(eva.sends(&node, &proven).await, 202);
    let told = ana.api.get("/api/v1/notifications").await;
    assert_eq!(told.as_array().unwrap().len(), 1, "{told:#}");
}

async fn what_a_group_passes_on_with_a_proof_is_taken_without_asking(database: Database) {
    let peer = Peer::start(&["elm.example", "lemmy.example"]).await;
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let group = "https://lemmy.example/c/garden";
    let document = peer.actor(group, "Group");
    assert_eq!(document["type"], "Group");
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    let found = ana.finds("garden@lemmy.example").await;
    let path = format!("/api/v1/accounts/{}/follow", crate::harness::id(&found));
    ana.api.post(&path, json!({})).await;
    let follow = peer.receives("the Follow", |body| body["type"] == "Follow").await;
    let accept = json!({"id": format!("{group}/accept"), "type": "Accept", "actor": group,
                        "object": follow.body});
    assert!(peer.sends(&node, "/inbox", group, &accept).await.is_success());

    let announce = |name: &str, inner: &Value| {
        json!({"id": format!("{group}/{name}"), "type": "Announce", "actor": group,
               "to": ["https://www.w3.org/ns/activitystreams#Public"],
               "cc": [format!("{group}/followers")], "object": inner})
    };
    let in_group = |name: &str, text: &str| {
        let mut note = eva.note(name, &[group], text);
        note["object"]["audience"] = json!(group);
        note["audience"] = json!(group);
        note
    };
    let first = eva.proves(in_group("n/1", "Tomatoes grow"));
    assert!(peer.sends(&node, "/inbox", group, &announce("1", &first)).await.is_success());
    ana.sees("Tomatoes grow").await;
    // A lie in her name is looked up where it would live, and there is nothing.
    let mut lie = eva.proves(in_group("n/2", "Potatoes"));
    lie["object"]["content"] = json!("<p>Potatoes are poison</p>");
    assert!(peer.sends(&node, "/inbox", group, &announce("2", &lie)).await.is_success());
    let last = eva.proves(in_group("n/3", "Beans climb"));
    assert!(peer.sends(&node, "/inbox", group, &announce("3", &last)).await.is_success());
    ana.sees("Beans climb").await;
    eventually("the lie was looked up", || async {
        peer.asked().iter().any(|url| url.ends_with("/n/2")).then_some(())
    })
    .await;
    let home = ana.home().await;
    assert!(!home.iter().any(|status| status.to_string().contains("poison")), "{home:#?}");
    let asked = peer.asked();
    for name in ["/n/1", "/n/3"] {
        assert!(!asked.iter().any(|url| url.ends_with(name)), "{name} was not asked for");
    }

    // An old change that is passed on again does not undo a newer one.
    let update = |number: u32, text: &str| {
        let mut update = in_group("n/1", text);
        update["id"] = json!(format!("{}/update/{number}", eva.actor));
        update["type"] = json!("Update");
        update["object"]["updated"] = json!(Time::now().rfc3339());
        update
    };
    let old = eva.proves(update(1, "Tomatoes grew"));
    let new = update(2, "Tomatoes are ripe");
    peer.serves(&format!("{}/n/1", eva.actor), &with_context(&new["object"]));
    let new = eva.proves(new);
    assert!(peer.sends(&node, "/inbox", group, &announce("4", &new)).await.is_success());
    ana.sees("Tomatoes are ripe").await;
    let later = eva.proves(in_group("n/4", "Peas too"));
    assert!(peer.sends(&node, "/inbox", group, &announce("5", &old)).await.is_success());
    assert!(peer.sends(&node, "/inbox", group, &announce("6", &later)).await.is_success());
    ana.sees("Peas too").await;
    assert!(ana.home().await.iter().any(|status| status.to_string().contains("are ripe")));
}

fn with_context(object: &Value) -> Value {
    let mut object = object.clone();
    object["@context"] = json!("https://www.w3.org/ns/activitystreams");
    object
}

async fn a_proof_that_does_not_hold_is_none(database: Database) {
    let peer = Peer::start(&["elm.example", "ash.example"]).await;
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let ana_id = format!("{}/u/ana", node.public_url());
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    let ada = Keyring::of(&peer, "https://ash.example/u/ada");
    let mut number = 0;
    let mut proven = |by: &Keyring| {
        number += 1;
        by.proves(eva.note(&format!("n/{number}"), &[&ana_id], "Never written"))
    };
    let mut changed = proven(&eva);
    changed["object"]["content"] = json!("<p>Never written so</p>");
    let by_another = proven(&ada);
    let mut under_her_name = proven(&ada);
    under_her_name["proof"]["verificationMethod"] = json!(eva.ed25519_id());
    let mut nameless = eva.note("n/8", &[&ana_id], "Never written");
    nameless.as_object_mut().unwrap().remove("id");
    let nameless = eva.proves(nameless);
    let mut old = proven(&eva);
    old["proof"]["created"] = json!("2020-01-01T00:00:00Z");
    for wrong in [changed, by_another, under_her_name, nameless, old] {
        let status = ada.sends(&node, &wrong).await;
        assert!(status.is_client_error(), "{status}: {wrong:#}");
    }
    // In what she sends herself it says nothing more, and does no harm.
    let honest = eva.proves(eva.note("n/9", &[&ana_id], "Written by Eva"));
    assert_eq!(eva.sends(&node, &honest).await, 202);
    hears(&ana, "Written by Eva").await;
    let told = ana.api.get("/api/v1/notifications").await;
    assert!(!told.to_string().contains("Never written"), "{told:#}");
}
