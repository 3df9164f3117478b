//! New keys for members and groups, and for the node itself.
use serde_json::{Value, json};

use super::keyring::Keyring;
use crate::harness::{Database, Peer, Received, Setup, eventually, id};

stories!(
    new_keys_are_told_and_the_old_ones_go_on,
    keys_that_were_stolen_end_at_once,
    the_node_has_new_keys_too,
);

fn key_id(received: &Received) -> String {
    let signature = &received.headers["signature"];
    signature.split("keyId=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn sent(peer: &Peer, kind: &str, text: &str) -> Received {
    peer.receives(&format!("{kind} {text}"), |body| {
        body["type"] == kind && body.to_string().contains(text)
    })
    .await
}

fn key_ids(actor: &Value) -> Vec<String> {
    let methods = actor["assertionMethod"].as_array().unwrap();
    methods.iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

async fn new_keys_are_told_and_the_old_ones_go_on(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    node.group("repairs", "We mend things together", "ana").await;
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    for (path, who) in [("u/ana", "member"), ("c/repairs", "group")] {
        let object = format!("{}/{path}", node.public_url());
        let follow = json!({"id": format!("{}/{who}", eva.actor), "type": "Follow",
                            "actor": eva.actor, "object": object});
        assert_eq!(eva.sends(&node, &follow).await, 202);
        let accept = sent(&peer, "Accept", &format!("/{who}")).await;
        assert_eq!(key_id(&accept), format!("{object}#main-key"));
        let before = node.public().activity(&format!("/{path}")).await;

        let name = path.split('/').nth(1).unwrap();
        node.run(&[who, "rotate-keys", name]);
        // The news is signed with the key that others know.
        let news = sent(&peer, "Update", &object).await;
        assert_eq!(key_id(&news), format!("{object}#main-key"));
        let after = node.public().activity(&format!("/{path}")).await;
        let new_id = after["publicKey"]["id"].as_str().unwrap();
        assert!(new_id.starts_with(&format!("{object}#main-key-")), "{new_id}");
        assert_ne!(after["publicKey"]["publicKeyPem"], before["publicKey"]["publicKeyPem"]);
        assert_eq!(news.body["object"]["publicKey"], after["publicKey"]);
        // Proofs by the old key still count.
        assert_eq!(key_ids(&after).len(), 2, "{after}");
        assert_eq!(key_ids(&after)[1], key_ids(&before)[0]);
        assert_eq!(after["assertionMethod"][1], before["assertionMethod"][0]);
    }
    // From now on the new keys sign; a restart takes them up without waiting.
    node.restart().await;
    ana.posts("Signed anew").await;
    let create = sent(&peer, "Create", "Signed anew").await;
    let document = node.public().activity("/u/ana").await;
    assert_eq!(key_id(&create), document["publicKey"]["id"].as_str().unwrap());
}

async fn keys_that_were_stolen_end_at_once(database: Database) {
    let node = Setup::new(database).start().await;
    let other = Setup::new(database).start().await;
    let (ana, ben) = (node.member("ana").await, other.member("ben").await);
    ben.joins(&ana.handle).await;
    for _ in 0..2 {
        node.run(&["member", "rotate-keys", "ana"]);
    }
    let document = node.public().activity("/u/ana").await;
    assert_eq!(key_ids(&document).len(), 3, "{document}");
    node.run(&["member", "rotate-keys", "ana", "--at-once"]);
    let document = node.public().activity("/u/ana").await;
    assert_eq!(key_ids(&document).len(), 1, "{document}");
    // A server that knew the first of them hears her still.
    node.restart().await;
    ana.posts("Here I am").await;
    eventually("Ben hears her", || async {
        let home = ben.home().await;
        home.iter().any(|status| status.to_string().contains("Here I am")).then_some(())
    })
    .await;
    assert!(!node.run_with(&["member", "rotate-keys", "nobody"], "").status.success());
}

async fn the_node_has_new_keys_too(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    // Another node, where only who signs is shown anything.
    let other = Setup::new(database).with("SECURE_MODE", "true").start().await;
    let (ben, bea) = (other.member("ben").await, other.member("bea").await);
    let ana = node.member("ana").await;
    peer.person("https://elm.example/u/eva");
    let eva = ana.finds("@eva@elm.example").await;
    let report = |words: &str| json!({"account_id": id(&eva), "comment": words, "forward": true});

    let actor = format!("{}/actor", node.public_url());
    ana.api.post("/api/v1/reports", report("Before")).await;
    assert_eq!(key_id(&sent(&peer, "Flag", "Before").await), format!("{actor}#main-key"));
    ana.finds(&ben.handle).await;
    let before = node.public().activity("/actor").await;

    node.run(&["node", "rotate-keys"]);
    let after = node.public().activity("/actor").await;
    let new_id = after["publicKey"]["id"].as_str().unwrap();
    assert!(new_id.starts_with(&format!("{actor}#main-key-")), "{new_id}");
    assert_ne!(after["publicKey"]["publicKeyPem"], before["publicKey"]["publicKeyPem"]);
    assert_eq!(key_ids(&after).len(), 2, "{after}");
    node.restart().await;
    ana.api.post("/api/v1/reports", report("After")).await;
    assert_eq!(key_id(&sent(&peer, "Flag", "After").await), new_id);
    // Who knows the old key looks the new one up.
    ana.finds(&bea.handle).await;

    node.run(&["node", "rotate-keys", "--at-once"]);
    let last = node.public().activity("/actor").await;
    assert_eq!(key_ids(&last).len(), 1, "{last}");
    assert_ne!(last["publicKey"]["id"], after["publicKey"]["id"]);
}
