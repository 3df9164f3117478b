//! Every form of signature, coming in and going out.
use serde_json::json;

use super::keyring::{Form, Keyring};
use crate::harness::{Database, Node, Peer, Setup, eventually};

stories!(
    every_form_is_taken,
    an_actor_with_an_ed25519_key_alone_is_heard,
    a_changed_key_is_read_anew_once,
    the_form_a_server_takes_is_remembered,
    nodes_of_one_kind_sign_with_ed25519,
);

async fn node_beside(database: Database, peer: &Peer) -> Node {
    peer.known_to(Setup::new(database)).start().await
}

async fn every_form_is_taken(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let ana_id = format!("{}/u/ana", node.public_url());
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    for (at, (form, rsa)) in
        [(Form::Cavage, true), (Form::Rfc9421, true), (Form::Cavage, false), (Form::Rfc9421, false)]
            .into_iter()
            .enumerate()
    {
        let text = format!("Number {at}");
        let note = eva.note(&format!("n/{at}"), &[&ana_id], &text);
        let (rsa_id, ed25519_id) = (eva.rsa_id(), eva.ed25519_id());
        let key = if rsa { (&*rsa_id, &eva.rsa) } else { (&*ed25519_id, &eva.ed25519) };
        let status = eva.sends_as(&node, form, key, &note).await;
        assert_eq!(status, 202, "{form:?}, RSA: {rsa}");
        eventually(&format!("{text} arrives"), || async {
            let told = ana.api.get("/api/v1/notifications").await;
            told.to_string().contains(&text).then_some(())
        })
        .await;
    }
    // All keys of an actor come with its document: it was asked for once.
    assert_eq!(asked_for(&peer, "https://elm.example/u/eva"), 1);
    // And a key of one kind does not pass for one of the other.
    let note = eva.note("n/9", &[&ana_id], "Number 9");
    let wrong = (&*eva.ed25519_id(), &eva.rsa);
    assert_eq!(eva.sends_as(&node, Form::Rfc9421, wrong, &note).await, 401);
}

fn asked_for(peer: &Peer, url: &str) -> usize {
    peer.asked().iter().filter(|asked| *asked == url).count()
}

async fn an_actor_with_an_ed25519_key_alone_is_heard(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let ana_id = format!("{}/u/ana", node.public_url());
    let eva = Keyring::new("https://elm.example/u/eva");
    let mut document = peer.person(&eva.actor);
    document.as_object_mut().unwrap().remove("publicKey");
    document["assertionMethod"] = json!([eva.multikey()]);
    peer.introduces(&document);
    for (form, name) in [(Form::Cavage, "first"), (Form::Rfc9421, "second")] {
        let note = eva.note(name, &[&ana_id], name);
        let key = (&*eva.ed25519_id(), &eva.ed25519);
        assert_eq!(eva.sends_as(&node, form, key, &note).await, 202, "{form:?}");
    }
    ana.is_told("mention", "eva@elm.example").await;
    assert_eq!(asked_for(&peer, &eva.actor), 1);
}

async fn a_changed_key_is_read_anew_once(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = node_beside(database, &peer).await;
    node.member("ana").await;
    let ana_id = format!("{}/u/ana", node.public_url());
    let before = Keyring::of(&peer, "https://elm.example/u/eva");
    assert_eq!(before.sends(&node, &before.note("1", &[&ana_id], "before")).await, 202);
    assert_eq!(asked_for(&peer, &before.actor), 1);

    // The key is another one now: what is signed with it is heard at once.
    let after = Keyring::of(&peer, "https://elm.example/u/eva");
    assert_eq!(after.sends(&node, &after.note("2", &[&ana_id], "after")).await, 202);
    assert_eq!(asked_for(&peer, &before.actor), 2);
    // The old one is not, and whoever tries does not make the node ask again and again.
    for name in ["3", "4", "5"] {
        assert_eq!(before.sends(&node, &before.note(name, &[&ana_id], "late")).await, 401);
    }
    assert_eq!(asked_for(&peer, &before.actor), 2);
    assert_eq!(after.sends(&node, &after.note("6", &[&ana_id], "still")).await, 202);
}

async fn the_form_a_server_takes_is_remembered(database: Database) {
    let peer = Peer::start(&["elm.example", "ash.example"]).await;
    // Elm knows RFC 9421 alone.
    peer.judges(
        "elm.example",
        |headers| {
            if headers.contains_key("signature-input") { 202 } else { 401 }
        },
    );
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let (eva, ada) = ("https://elm.example/u/eva", "https://ash.example/u/ada");
    for actor in [eva, ada] {
        let ring = Keyring::of(&peer, actor);
        let follow = json!({"id": format!("{actor}/follow"), "type": "Follow", "actor": actor,
                            "object": format!("{}/u/ana", node.public_url())});
        assert_eq!(ring.sends(&node, &follow).await, 202);
        accepted(&peer, actor).await;
    }
    let forms = |host: &str, kind: &str| -> Vec<bool> {
        let here = format!("https://{host}/");
        let received = peer.received().into_iter();
        received
            .filter(|one| one.url.starts_with(&here) && one.body["type"] == kind)
            .map(|one| one.headers.contains_key("signature-input"))
            .collect()
    };
    assert_eq!(forms("elm.example", "Accept"), [false, true], "refused in one form, once more");
    assert_eq!(forms("ash.example", "Accept"), [false]);
    ana.posts("Hello").await;
    reached(&peer, "elm.example", "Hello").await;
    assert_eq!(forms("elm.example", "Create"), [true], "it is known by now");
    node.restart().await;
    ana.posts("Again").await;
    reached(&peer, "elm.example", "Again").await;
    reached(&peer, "ash.example", "Again").await;
    // What was on its way when the node was killed comes once more, in the same form.
    assert!(forms("elm.example", "Create").iter().all(|newer| *newer), "and after a restart");
    assert!(!forms("ash.example", "Create").iter().any(|newer| *newer));
}

async fn accepted(peer: &Peer, actor: &str) {
    eventually(&format!("{actor} is accepted"), || async {
        let all = peer.taken().into_iter();
        all.filter(|one| one.body["type"] == "Accept")
            .any(|one| one.body["object"]["actor"] == actor)
            .then_some(())
    })
    .await;
}

async fn reached(peer: &Peer, host: &str, text: &str) {
    let here = format!("https://{host}/");
    eventually(&format!("{text:?} reaches {host}"), || async {
        let all = peer.taken().into_iter().filter(|one| one.url.starts_with(&here));
        all.map(|one| one.body.to_string()).any(|body| body.contains(text)).then_some(())
    })
    .await;
}

async fn nodes_of_one_kind_sign_with_ed25519(database: Database) {
    // A neighbour that says it is of our kind, and is played by us.
    let peer = Peer::start(&["elm.example"]).await;
    peer.runs("elm.example", "commonhold");
    let node = node_beside(database, &peer).await;
    let ana = node.member("ana").await;
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    let follow = json!({"id": format!("{}/follow", eva.actor), "type": "Follow",
                        "actor": eva.actor, "object": format!("{}/u/ana", node.public_url())});
    assert_eq!(eva.sends(&node, &follow).await, 202);
    accepted(&peer, &eva.actor).await;
    let mut number = 0;
    eventually("what is sent is signed with Ed25519", || {
        number += 1;
        let (ana, peer, text) = (&ana, &peer, format!("Number {number}"));
        async move {
            ana.posts(&text).await;
            reached(peer, "elm.example", &text).await;
            let last = peer.taken().pop().unwrap();
            let input = last.headers.get("signature-input").cloned().unwrap_or_default();
            input.contains("/u/ana#ed25519-key\"").then_some(())
        }
    })
    .await;
}
