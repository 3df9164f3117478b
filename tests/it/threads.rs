//! Threads that began elsewhere are completed; our own are listed for others to do the same.
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, Peer, Setup, eventually, id, says};

stories!(threads_from_elsewhere_are_completed, our_threads_are_listed);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn note(id: &str, author: &str, parent: Option<&str>, text: &str) -> Value {
    let mut note = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Note",
        "attributedTo": author, "to": [PUBLIC], "cc": [format!("{author}/followers")],
        "content": format!("<p>{text}</p>"), "published": "2026-03-01T10:00:00Z",
    });
    if let Some(parent) = parent {
        note["inReplyTo"] = json!(parent);
    }
    note
}

fn times(peer: &Peer, url: &str) -> usize {
    peer.asked().iter().filter(|asked| *asked == url).count()
}

async fn finds(member: &Member, url: &str) -> Value {
    let query = [("q", url), ("resolve", "true"), ("type", "statuses")];
    let request = member.api.request(Method::GET, "/api/v2/search").query(&query);
    member.api.send(request).await.ok()["statuses"][0].clone()
}

async fn threads_from_elsewhere_are_completed(database: Database) {
    let peer = Peer::start(&["topic.example", "masto.example", "other.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    peer.person("https://topic.example/u/tia");
    peer.person("https://masto.example/u/mia");
    peer.person("https://other.example/u/otto");
    by_the_list_of_the_thread(&peer, &node, &ana).await;
    by_the_answers_of_each_post(&peer, &node, &ana).await;
}

async fn by_the_list_of_the_thread(peer: &Peer, node: &Node, ana: &Member) {
    let tia = "https://topic.example/u/tia";
    let list = "https://topic.example/topic/5";
    let post = |number: u32| format!("https://topic.example/post/{number}");
    let listed: Vec<String> = (1..=5).map(post).collect();
    peer.serves(
        list,
        &json!({"id": list, "type": "OrderedCollection", "attributedTo": tia,
            "orderedItems": listed}),
    );
    for (number, parent, text) in
        [(1, None, "the beginning"), (2, Some(1), "an answer"), (3, Some(2), "to the answer")]
    {
        let mut post_ = note(&post(number), tia, parent.map(post).as_deref(), text);
        post_["context"] = json!(list);
        peer.serves(&post(number), &post_);
    }
    // Named by the list, but does not say itself that it belongs there; and one not for everyone.
    peer.serves(&post(4), &note(&post(4), tia, None, "a stranger"));
    let mut secret = note(&post(5), tia, Some(&post(1)), "a secret");
    secret["to"] = json!([format!("{tia}/followers")]);
    peer.serves(&post(5), &secret);

    let root = finds(ana, &post(1)).await;
    let path = format!("/api/v1/statuses/{}/context", id(&root));
    node.public().get(&path).await;
    assert_eq!(times(peer, list), 0, "visitors have nobody asked");
    ana.sees_below(&root, "to the answer").await;
    ana.thread(&root).await;
    let below = ana.thread(&root).await;
    assert_eq!(below.len(), 2, "{below:?}");
    assert!(says(&below[0], "an answer") && says(&below[1], "to the answer"));
    assert_eq!(below[1]["in_reply_to_id"], below[0]["id"]);
    assert_eq!(times(peer, list), 1, "once in ten minutes is enough");

    // Her own answer says where the thread is listed.
    let own = ana.replies(&root, "Thanks, Tia").await;
    let document = ana.api.activity(own["uri"].as_str().unwrap()).await;
    assert_eq!(document["context"], list);
}

async fn by_the_answers_of_each_post(peer: &Peer, node: &Node, ana: &Member) {
    let (mia, otto) = ("https://masto.example/u/mia", "https://other.example/u/otto");
    let (root_id, second) = ("https://masto.example/1", "https://other.example/2");
    let replies = format!("{root_id}/replies");
    let mut root = note(root_id, mia, None, "a question");
    root["replies"] = json!({"id": replies, "type": "Collection", "first": {
        "type": "CollectionPage", "next": format!("{replies}?page=2"), "partOf": replies,
        "items": [second]}});
    peer.serves(root_id, &root);
    peer.serves(&replies, &root["replies"]);
    peer.serves(
        &format!("{replies}?page=2"),
        &json!({"type": "CollectionPage", "id": format!("{replies}?page=2"), "partOf": replies,
            "items": ["https://masto.example/3", "https://masto.example/3"]}),
    );
    let mut answer = note(second, otto, Some(root_id), "from elsewhere");
    answer["replies"] = json!(format!("{second}/replies"));
    peer.serves(second, &answer);
    let fourth = "https://masto.example/4";
    peer.serves(
        &format!("{second}/replies"),
        &json!({"id": format!("{second}/replies"), "type": "Collection", "items": [fourth]}),
    );
    peer.serves(
        "https://masto.example/3",
        &note("https://masto.example/3", mia, None, "no answer"),
    );
    peer.serves(fourth, &note(fourth, mia, Some(second), "and back"));

    let root = finds(ana, root_id).await;
    ana.sees_below(&root, "and back").await;
    let below = ana.thread(&root).await;
    assert_eq!(below.len(), 2, "{below:?}");

    // A hint that there is more: of the author, on the author's own list.
    let (fifth, sixth) = ("https://other.example/5", "https://other.example/6");
    peer.serves(fifth, &note(fifth, otto, Some(root_id), "a late one"));
    peer.serves(sixth, &note(sixth, otto, Some("https://other.example/none"), "of another thread"));
    let hint = |kind: &str, actor: &str, object: &str| {
        json!({"id": format!("{actor}/act/{kind}{}", object.len()), "type": kind, "actor": actor,
            "object": object, "target": replies, "to": [PUBLIC]})
    };
    for object in [sixth, fifth] {
        let mut add = hint("Add", mia, object);
        add["id"] = json!(format!("{mia}/add{object}"));
        assert_eq!(peer.sends(node, "/inbox", mia, &add).await, StatusCode::ACCEPTED);
    }
    ana.sees_below(&root, "a late one").await;
    assert_eq!(ana.thread(&root).await.len(), 3);
    peer.serves_bytes(fifth, 410, "text/plain", Vec::new());
    let remove = hint("Remove", mia, fifth);
    assert_eq!(peer.sends(node, "/inbox", mia, &remove).await, StatusCode::ACCEPTED);
    eventually("what is gone at its own server goes here", || async {
        (ana.thread(&root).await.len() == 2).then_some(())
    })
    .await;
    let remove = hint("Remove", mia, second);
    assert_eq!(peer.sends(node, "/inbox", mia, &remove).await, StatusCode::ACCEPTED);
    assert_eq!(ana.thread(&root).await.len(), 2, "what is still there stays");
}

async fn our_threads_are_listed(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    node.group("repairs", "We mend things", "ana").await;
    let root = ana.posts("Who has a ladder? @repairs").await;
    let uri = root["uri"].as_str().unwrap();
    let mut ids = vec![uri.to_owned()];
    for n in 0..55 {
        let reply = ana.replies(&root, &format!("Answer {n}")).await;
        ids.push(reply["uri"].as_str().unwrap().to_owned());
    }
    let api = node.public();
    let document = api.activity(uri).await;
    let context = document["context"].as_str().unwrap();
    let replies = document["replies"]["id"].as_str().unwrap();
    let whole = api.activity(context).await;
    assert_eq!((&whole["type"], &whole["totalItems"]), (&json!("OrderedCollection"), &json!(56)));
    assert!(whole["attributedTo"].as_str().unwrap().ends_with("/c/repairs"), "{whole}");
    let mut found = Vec::new();
    let mut next = whole["first"].clone();
    while let Some(page) = next.as_str() {
        let page = api.activity(page).await;
        assert_eq!(page["type"], "OrderedCollectionPage");
        found.extend(page["orderedItems"].as_array().unwrap().clone());
        next = page["next"].clone();
    }
    assert_eq!(json!(found), json!(ids), "all of them, in order");
    for post in [&ids[1], &ids[55]] {
        assert_eq!(api.activity(post).await["context"], context, "and each points back");
    }
    let answers = api.activity(replies).await;
    assert_eq!((&answers["type"], &answers["totalItems"]), (&json!("Collection"), &json!(55)));
    let second = api.activity(&format!("{replies}?page=2")).await;
    assert_eq!((&second["type"], &second["items"]), (&json!("CollectionPage"), &json!(ids[51..])));

    // Who has it all is told so in a word.
    let ask = async |known: &str| {
        let request = api.request(Method::GET, context).header("If-None-Match", known);
        api.send(request).await
    };
    let etag = ask("").await.header("etag").to_owned();
    assert_eq!(ask(&etag).await.status, StatusCode::NOT_MODIFIED);
    ana.replies(&root, "One more").await;
    assert_eq!(ask(&etag).await.status, StatusCode::OK);
}
