//! Who may look things up.
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::keyring::{Form, Keyring};
use crate::harness::{Database, Member, Node, Peer, Setup, id};

stories!(
    in_secure_mode_only_who_signs_sees_documents,
    nodes_in_secure_mode_work_together,
    blocked_servers_are_refused_whenever_they_sign,
);

/// Ana's group with one post in it.
async fn community(node: &Node) -> (Member, Value) {
    let ana = node.member("ana").await;
    node.group("repairs", "We mend things together", "ana").await;
    let post = ana.posts("Who has a ladder? @repairs").await;
    (ana, post)
}

/// Every kind of document, by its path.
fn documents(post: &Value) -> Vec<String> {
    let post = format!("/p/{}", id(post));
    let mut paths: Vec<String> = ["/u/ana", "/c/repairs"]
        .iter()
        .flat_map(|actor| {
            ["", "/outbox", "/outbox?page=true", "/followers", "/following", "/featured"]
                .map(|part| format!("{actor}{part}"))
        })
        .collect();
    paths.push("/c/repairs/moderators".to_owned());
    paths.extend(["", "/replies", "/likes", "/context"].map(|part| format!("{post}{part}")));
    paths
}

async fn unsigned(node: &Node, path: &str, accept: &str) -> StatusCode {
    let public = node.public();
    let request = public.request(Method::GET, path).header("Accept", accept);
    public.send(request).await.status
}

const ACTIVITY: &str = "application/activity+json";

async fn in_secure_mode_only_who_signs_sees_documents(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let setup = peer.known_to(Setup::new(database)).with("SECURE_MODE", "true");
    let node = setup.start().await;
    let (_, post) = community(&node).await;
    let eva = Keyring::of(&peer, "https://elm.example/u/eva");
    let stranger = Keyring::new("https://elm.example/u/eva");
    for path in documents(&post) {
        assert_eq!(unsigned(&node, &path, ACTIVITY).await, 401, "{path}, unsigned");
        assert_eq!(eva.asks(&node, Form::Cavage, &path).await, 200, "{path}");
        assert_eq!(eva.asks(&node, Form::Rfc9421, &path).await, 200, "{path}, by RFC 9421");
        assert_eq!(stranger.asks(&node, Form::Cavage, &path).await, 401, "{path}, another key");
    }
    // What others need to ask at all stays open.
    let finger = format!("/.well-known/webfinger?resource=acct:ana@{}", node.domain());
    for path in ["/actor", &finger, "/.well-known/nodeinfo", "/nodeinfo/2.1"] {
        assert_eq!(unsigned(&node, path, ACTIVITY).await, 200, "{path}");
    }
    // People are led to the page, which is for everyone.
    let html = "text/html,application/xhtml+xml";
    assert_eq!(unsigned(&node, "/u/ana", html).await, 303);
    assert_eq!(unsigned(&node, "/u/ana/outbox", html).await, 401);
    assert_eq!(node.page("/@ana").await.status, 200);
}

async fn nodes_in_secure_mode_work_together(database: Database) {
    let secure = || Setup::new(database).with("SECURE_MODE", "true").start();
    let (a, b) = (secure().await, secure().await);
    let (ana, _) = community(&a).await;
    let ben = b.member("ben").await;
    ben.joins(&format!("repairs@{}", a.domain())).await;
    let post = ana.posts("Who has a saw? @repairs").await;
    let there = ben.sees("Who has a saw?").await;
    ana.replies(&post, "Found one.").await;
    let below = ben.sees_below(&there, "Found one.").await;
    ben.replies(&below, &format!("@ana@{} Good.", a.domain())).await;
    ana.sees_below(&post, "Good.").await;
}

async fn blocked_servers_are_refused_whenever_they_sign(database: Database) {
    let peer = Peer::start(&["elm.example", "evil.example"]).await;
    for secure in ["false", "true"] {
        let setup = peer.known_to(Setup::new(database)).with("SECURE_MODE", secure);
        let node = setup.start().await;
        let (_, post) = community(&node).await;
        let eva = Keyring::of(&peer, "https://elm.example/u/eva");
        let mallory = Keyring::of(&peer, "https://evil.example/u/mallory");
        node.run(&["server", "block", "evil.example"]);
        for path in documents(&post) {
            for form in [Form::Cavage, Form::Rfc9421] {
                assert_eq!(mallory.asks(&node, form, &path).await, 403, "{path}");
                assert_eq!(eva.asks(&node, form, &path).await, 200, "{path}");
            }
        }
        // To check what we sign they may.
        assert_eq!(mallory.asks(&node, Form::Cavage, "/actor").await, 200);
        assert!(peer.asked().iter().all(|url| !url.contains("evil.example")), "nobody asked there");
        let follow = json!({"id": "https://evil.example/f", "type": "Follow",
            "actor": mallory.actor, "object": format!("{}/u/ana", node.public_url())});
        assert_eq!(mallory.sends(&node, &follow).await, 403);
    }
}
