//! What went wrong, or could have, beside the real `GoToSocial` and `NodeBB`: see `docs/interop.md`.
use reqwest::Method;
use serde_json::{Value, json};

use super::{PUBLIC, node_example, word};
use crate::harness::{Api, Database, Peer, eventually, id, original, says};

stories!(
    who_only_looks_at_the_head_is_answered,
    gotosocial_goes_from_a_post_to_its_replies,
    a_post_says_its_language_as_microblogs_read_it,
    gotosocial_knows_which_block_is_undone,
    who_says_goodbye_before_leaving_is_asked_again,
    a_topic_that_nodebb_announces_twice_is_shown_once,
);

/// An id of the node as a path.
fn path(uri: &Value) -> &str {
    uri.as_str().unwrap().strip_prefix("https://node.example").unwrap()
}

/// A document by its id, as other servers ask for it.
async fn document(api: &Api, uri: &Value) -> Value {
    api.activity(path(uri)).await
}

/// `NodeBB` (4.15) sends HEAD to the id of a post before it reads it.
async fn who_only_looks_at_the_head_is_answered(database: Database) {
    let peer = Peer::start(&["nodebb.example"]).await;
    let node = node_example(database, &peer).start().await;
    let alice = node.member("alice").await;
    node.group("help", "We help each other", "alice").await;
    let post = alice.posts("Look at me @help").await;
    let public = node.public();
    for path in [
        path(&post["uri"]),
        "/u/alice",
        "/c/help",
        "/c/help/outbox",
        "/.well-known/webfinger?resource=acct:help@node.example",
        "/.well-known/nodeinfo",
    ] {
        let request = public.request(Method::HEAD, path).header("User-Agent", "NodeBB/4.x");
        let answer = public.send(request).await;
        assert_eq!(answer.status, 200, "HEAD {path}");
        assert_eq!(answer.text, "", "HEAD {path}");
        assert!(answer.header("content-type").contains("json"), "HEAD {path}");
    }
    let request = public.request(Method::HEAD, "/p/1");
    assert_eq!(public.send(request).await.status, 404);
}

/// `GoToSocial` (0.20) reads replies from the page that comes with a post, and on from there.
async fn gotosocial_goes_from_a_post_to_its_replies(database: Database) {
    let peer = Peer::start(&["gts.example"]).await;
    let node = node_example(database, &peer).start().await;
    let (alice, bob) = (node.member("alice").await, node.member("bob").await);
    let post = alice.posts("Where do you buy paint?").await;
    let reply = bob.replies(&post, "At the corner").await;
    let public = node.public();

    let replies = &document(&public, &post["uri"]).await["replies"];
    assert_eq!(replies["type"], "Collection");
    let first = &replies["first"];
    assert_eq!(first["type"], "CollectionPage");
    assert_eq!(first["partOf"], replies["id"]);
    let next = document(&public, &first["next"]).await;
    assert_eq!(next["id"], first["next"]);
    assert_eq!(next["type"], "CollectionPage");
    assert_eq!(next["items"], json!([reply["uri"]]));
    assert_eq!(next["next"], Value::Null, "that was all");

    let whole = document(&public, &replies["id"]).await;
    assert_eq!(whole["items"], json!([reply["uri"]]), "all at once for who asks so");
}

/// `GoToSocial` and Mastodon know a language from `contentMap` alone.
async fn a_post_says_its_language_as_microblogs_read_it(database: Database) {
    let peer = Peer::start(&["gts.example"]).await;
    let node = node_example(database, &peer).start().await;
    let alice = node.member("alice").await;
    let draft = json!({"status": "Vorsicht Strom", "language": "de"});
    let post = alice.api.post("/api/v1/statuses", draft).await;
    let document = document(&node.public(), &post["uri"]).await;
    assert_eq!(document["contentMap"], json!({"de": document["content"]}));
    assert_eq!(document["language"]["identifier"], "de", "as Lemmy reads it");
}

/// `GoToSocial` (0.20) looks for the block that an `Undo` names by its id; with another id the two
/// stayed apart for ever.
async fn gotosocial_knows_which_block_is_undone(database: Database) {
    let peer = Peer::start(&["gts.example"]).await;
    let node = node_example(database, &peer).start().await;
    let alice = node.member("alice").await;
    peer.person("https://gts.example/users/gus");
    let gus = id(&alice.finds("@gus@gts.example").await);
    let mut known: Vec<String> = Vec::new();
    for _ in 0..2 {
        alice.api.post(&format!("/api/v1/accounts/{gus}/block"), json!({})).await;
        let is_new = |body: &Value| {
            word(body, "type") == "Block" && !known.contains(&word(body, "id").to_owned())
        };
        let block = peer.receives("the block", is_new).await.body;
        alice.api.post(&format!("/api/v1/accounts/{gus}/unblock"), json!({})).await;
        let undoes = |body: &Value| word(body, "type") == "Undo" && body["object"] == strip(&block);
        peer.receives("the end of that very block", undoes).await;
        known.push(word(&block, "id").to_owned());
    }
}

/// `GoToSocial` (0.20) says that an account is deleted while it is still to be had. (There an empty
/// one stays; elsewhere it goes.)
async fn who_says_goodbye_before_leaving_is_asked_again(database: Database) {
    let peer = Peer::start(&["gts.example"]).await;
    let node = node_example(database, &peer).start().await;
    let alice = node.member("alice").await;
    let actor = "https://gts.example/users/gus";
    peer.person(actor);
    let gus = id(&alice.finds("@gus@gts.example").await);
    let asked = || peer.asked().iter().filter(|url| *url == actor).count();
    let before = asked();
    let delete = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "type": "Delete", "actor": actor,
        "id": "https://gts.example/01M80PXZXPQD7WQ80NCWCDNJMX", "object": actor,
        "to": "https://gts.example/users/gus/followers", "cc": PUBLIC,
    });
    assert_eq!(peer.sends(&node, "/inbox", actor, &delete).await, 202);
    eventually("it is looked whether that is so", || async { (asked() > before).then_some(()) })
        .await;
    let account = format!("/api/v1/accounts/{gus}");
    assert_eq!(alice.api.try_get(&account).await.status, 200, "it is not so yet");
    peer.serves_bytes(actor, 410, "application/json", br#"{"error":"gone"}"#.to_vec());
    eventually("and looked again", || async {
        (alice.api.try_get(&account).await.status != 200).then_some(())
    })
    .await;
}

/// An activity inside of another has no context of its own.
fn strip(activity: &Value) -> Value {
    let mut inner = activity.clone();
    inner.as_object_mut().unwrap().remove("@context");
    inner
}

/// `NodeBB` (4.15) announces a topic as the post itself and as its `Create`, ids have `#` and whole
/// addresses in them, and there is no list of followers.
async fn a_topic_that_nodebb_announces_twice_is_shown_once(database: Database) {
    let forum = "https://nodebb.example";
    let (category, nora) = (format!("{forum}/category/2"), format!("{forum}/uid/1"));
    let peer = Peer::start(&["nodebb.example"]).await;
    let node = node_example(database, &peer).start().await;
    let alice = node.member("alice").await;
    let mut group = peer.actor(&category, "Group");
    group["preferredUsername"] = json!("general-discussion");
    group["attributedTo"] = json!(format!("{category}/moderators"));
    group.as_object_mut().unwrap().remove("followers");
    peer.introduces(&group);
    peer.person(&nora);

    let account = id(&alice.finds("@general-discussion@nodebb.example").await);
    alice.api.post(&format!("/api/v1/accounts/{account}/follow"), json!({})).await;
    let follow = peer.receives("the follow", |body| body["type"] == "Follow").await.body;
    let accept = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "actor": category, "type": "Accept", "to": [follow["actor"]],
        "id": format!("{category}#activity/accept:follow/alice@node.example/1795317764178"),
        "object": {"id": follow["id"], "type": "Follow", "actor": follow["actor"], "object": category},
    });
    assert_eq!(peer.sends(&node, "/inbox", &category, &accept).await, 202);

    let topic = json!({
        "@context": ["https://www.w3.org/ns/activitystreams",
            {"toot": "http://joinmastodon.org/ns#", "Emoji": "toot:Emoji"}],
        "id": format!("{forum}/post/4"), "type": "Article", "attributedTo": nora,
        "to": [PUBLIC, category], "cc": [format!("{nora}/followers")], "audience": category,
        "name": "Who has a ladder?", "content": "<p>I need it on Sunday.</p>\n",
        "summary": "<p>I need it on Sunday.</p>",
        "preview": {"type": "Note", "attributedTo": nora, "content": "<p>I need it on Sunday.</p>\n"},
        "source": {"content": "I need it on Sunday.", "mediaType": "text/markdown"},
        "published": "2026-11-22T03:22:44.813Z", "url": format!("{forum}/post/4"),
        "context": format!("{forum}/topic/3"), "replies": format!("{forum}/post/4/replies"),
        "tag": [], "attachment": [],
    });
    peer.serves(&format!("{forum}/post/4"), &topic);
    let create = json!({
        "id": format!("{forum}/post/4#activity/create/1795317765186"), "type": "Create",
        "actor": nora, "to": topic["to"], "cc": topic["cc"], "object": topic,
    });
    let announce = |suffix: &str, object: &Value| {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "actor": category,
            "id": format!("{forum}/post/4#activity/announce/{suffix}"), "type": "Announce",
            "to": [format!("{category}/followers")], "cc": [nora, PUBLIC], "object": object,
        })
    };
    for (suffix, object) in [("cid/2", &topic), ("1795317765211", &create)] {
        let activity = announce(suffix, object);
        assert_eq!(peer.sends(&node, "/inbox", &category, &activity).await, 202);
    }
    let seen = alice.sees("I need it on Sunday").await;
    assert!(says(original(&seen), "Who has a ladder?"), "it has its title");

    // A vote of somebody nobody knows here comes by both ways too.
    let liked = alice.replies(original(&seen), "I have one").await;
    let nils = format!("{forum}/uid/2");
    peer.person(&nils);
    let uri = word(&liked, "uri");
    let like = json!({
        "id": format!("{nils}#activity/like/{}", uri.replace(':', "%3A").replace('/', "%2F")),
        "type": "Like", "actor": nils, "to": [PUBLIC], "cc": ["https://node.example/u/alice"],
        "object": uri,
    });
    let passed_on = announce("1795317795651", &like);
    assert_eq!(peer.sends(&node, "/inbox", &category, &passed_on).await, 202);
    assert_eq!(peer.sends(&node, "/inbox", &nils, &like).await, 202);
    eventually("the vote counts", || async {
        let path = format!("/api/v1/statuses/{}", id(&liked));
        (alice.api.get(&path).await["favourites_count"] == 1).then_some(())
    })
    .await;
    let shown = alice.home().await;
    let times = shown.iter().filter(|status| says(original(status), "on Sunday")).count();
    assert_eq!(times, 1, "{shown:#?}");

    // Its author takes it away, in words addressed to nobody.
    peer.serves_bytes(&format!("{forum}/post/4"), 404, "text/plain", b"no".to_vec());
    let delete = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "actor": nora, "type": "Delete",
        "id": format!("{forum}/post/4#activity/delete/1795317758502"), "to": [],
        "cc": [format!("{nora}/followers")], "object": format!("{forum}/post/4"),
        "origin": format!("{forum}/topic/3"),
    });
    assert_eq!(peer.sends(&node, "/inbox", &nora, &delete).await, 202);
    eventually("the topic is gone", || async {
        let path = format!("/api/v1/statuses/{}", id(original(&seen)));
        (alice.api.try_get(&path).await.status == 404).then_some(())
    })
    .await;
}
