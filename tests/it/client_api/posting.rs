//! Writing, changing and taking back posts, and reacting to them.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, are_shaped, eventually, id, is_shaped, says};

stories!(
    a_post_is_the_same_in_every_encoding,
    the_same_key_makes_one_post,
    a_post_is_edited_and_deleted,
    favourites_boosts_and_bookmarks_come_and_go,
    only_those_meant_see_a_post,
    errors_are_json,
);

async fn a_post_is_the_same_in_every_encoding(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let words = "Hello #World, <b>plain</b> words";
    let json =
        json!({"status": words, "visibility": "unlisted", "sensitive": true, "spoiler_text": "cw"});
    let posted = ana.api.post("/api/v1/statuses", json).await;
    let form =
        [("status", words), ("visibility", "unlisted"), ("sensitive", "1"), ("spoiler_text", "cw")];
    let formed = ana.api.try_form("/api/v1/statuses", &form).await.ok();
    let parts = reqwest::multipart::Form::new()
        .text("status", words)
        .text("visibility", "unlisted")
        .text("sensitive", "true")
        .text("spoiler_text", "cw");
    let request = ana.api.request(Method::POST, "/api/v1/statuses").multipart(parts);
    let parted = ana.api.send(request).await.ok();
    for status in [&posted, &formed, &parted] {
        is_shaped(status, "Status");
        assert_eq!(status["visibility"], "unlisted");
        assert_eq!(status["sensitive"], true);
        assert_eq!(status["spoiler_text"], "cw");
        assert_eq!(status["content"], posted["content"]);
        assert!(says(status, "&lt;b&gt;plain") && !says(status, "<b>"), "{status}");
        let tag = &status["tags"][0];
        assert_eq!(tag["name"].as_str().unwrap().to_lowercase(), "world");
        assert!(says(status, tag["url"].as_str().unwrap()), "{status}");
        for flag in ["favourited", "reblogged", "bookmarked", "muted"] {
            assert_eq!(status[flag], false, "{flag}");
        }
        for key in ["in_reply_to_id", "reblog", "edited_at", "poll", "card", "url", "language"] {
            assert!(status.as_object().unwrap().contains_key(key), "{key} is missing");
        }
        let url = format!("{}/@ana/{}", node.origin(), id(status));
        assert_eq!(status["url"], url.as_str());
    }
}

async fn the_same_key_makes_one_post(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let post = async |key: &str| {
        let request = ana.api.request(Method::POST, "/api/v1/statuses");
        let request = request.header("Idempotency-Key", key).json(&json!({"status": "Once"}));
        id(&ana.api.send(request).await.ok())
    };
    let first = post("k1").await;
    assert_eq!(post("k1").await, first);
    assert_ne!(post("k2").await, first);
    assert_eq!(ana.home().await.len(), 2);
}

async fn a_post_is_edited_and_deleted(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    ben.joins(&ana.handle).await;
    let post = ana.posts("First *words*").await;
    let there = ben.sees("First").await;

    let path = format!("/api/v1/statuses/{}", id(&post));
    let source = ana.api.get(&format!("{path}/source")).await;
    is_shaped(&source, "StatusSource");
    assert_eq!(source["text"], "First *words*");
    let request = ana.api.request(Method::PUT, &path).json(&json!({"status": "Second words"}));
    let edited = ana.api.send(request).await.ok();
    is_shaped(&edited, "Status");
    assert!(says(&edited, "Second words") && edited["edited_at"].is_string(), "{edited}");
    eventually("the edit arrives", || async {
        let path = format!("/api/v1/statuses/{}", id(&there));
        let now = ben.api.get(&path).await;
        (says(&now, "Second words") && now["edited_at"].is_string()).then_some(())
    })
    .await;
    let history = ana.api.get(&format!("{path}/history")).await;
    assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
    are_shaped(&history, "StatusEdit");
    assert!(says(&history[0], "First"), "oldest first: {history}");

    // Nobody else may.
    let chloe = a.member("chloe").await;
    let theft = chloe.api.request(Method::PUT, &path).json(&json!({"status": "Mine"}));
    let status = chloe.api.send(theft).await.status.as_u16();
    assert!([403, 404].contains(&status), "{status}");

    let deleted = ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    assert_eq!(deleted["text"], "Second words");
    ana.api.try_get(&path).await.refused(404);
    eventually("the deletion arrives", || async {
        let path = format!("/api/v1/statuses/{}", id(&there));
        (ben.api.try_get(&path).await.status == 404).then_some(())
    })
    .await;
}

async fn favourites_boosts_and_bookmarks_come_and_go(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    ben.joins(&ana.handle).await;
    let post = ana.posts("Like me").await;
    let there = ben.sees("Like me").await;

    for _ in 0..2 {
        let liked = ben.does("favourite", &there).await;
        assert_eq!((&liked["favourited"], &liked["favourites_count"]), (&json!(true), &json!(1)));
    }
    ana.is_told("favourite", &ben.handle).await;
    let by = ana.api.get(&format!("/api/v1/statuses/{}/favourited_by", id(&post))).await;
    are_shaped(&by, "Account");
    assert_eq!(by[0]["acct"], ben.handle.as_str());
    let favourites = ben.api.get("/api/v1/favourites").await;
    assert_eq!(id(&favourites[0]), id(&there));

    let boost = ben.does("reblog", &there).await;
    is_shaped(&boost, "Status");
    assert_eq!(id(&boost["reblog"]), id(&there));
    assert_ne!(id(&boost), id(&there), "a boost has an id of its own");
    assert_eq!(boost["account"]["acct"], "ben");
    assert_eq!(boost["reblog"]["reblogged"], true);
    ana.is_told("reblog", &ben.handle).await;
    let undone = ben.does("unreblog", &there).await;
    assert_eq!((id(&undone), &undone["reblogged"]), (id(&there), &json!(false)));

    assert_eq!(ben.does("bookmark", &there).await["bookmarked"], true);
    assert_eq!(id(&ben.api.get("/api/v1/bookmarks").await[0]), id(&there));
    assert_eq!(ben.does("unbookmark", &there).await["bookmarked"], false);
    assert_eq!(ben.api.get("/api/v1/bookmarks").await, json!([]));

    assert_eq!(ben.does("unfavourite", &there).await["favourited"], false);
    eventually("like and boost are taken back over there", || async {
        let now = ana.api.get(&format!("/api/v1/statuses/{}", id(&post))).await;
        (now["favourites_count"] == 0 && now["reblogs_count"] == 0).then_some(())
    })
    .await;
}

async fn only_those_meant_see_a_post(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, dora) = (a.member("ana").await, a.member("dora").await);
    let (ben, eve) = (b.member("ben").await, b.member("eve").await);
    ben.joins(&ana.handle).await;
    eve.joins(&ana.handle).await;

    let body = json!({"status": format!("Just for @{}", ben.handle), "visibility": "direct"});
    let secret = ana.api.post("/api/v1/statuses", body).await;
    let told = ben.is_told("mention", &ana.handle).await;
    assert_eq!(told["status"]["visibility"], "direct");
    let body = json!({"status": "Among followers", "visibility": "private"});
    let private = ana.api.post("/api/v1/statuses", body).await;
    eve.sees("Among followers").await;

    for post in [&secret, &private] {
        let path = format!("/api/v1/statuses/{}", id(post));
        dora.api.try_get(&path).await.refused(404);
        a.public().try_get(&path).await.refused(404);
        let uri = post["uri"].as_str().unwrap();
        let asked =
            a.public().request(Method::GET, uri).header("Accept", "application/activity+json");
        let status = a.public().send(asked).await.status.as_u16();
        assert!([401, 403, 404].contains(&status), "{uri}: {status}");
    }
    let public = a.public().get("/api/v1/timelines/public").await;
    assert_eq!(public, json!([]));
    let wall = a.public().get(&format!("/api/v1/accounts/{}/statuses", ana.id)).await;
    assert_eq!(wall, json!([]));
    assert!(!eve.home().await.iter().any(|status| says(status, "Just for")));
}

async fn errors_are_json(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    ana.try_posts("").await.refused(422);
    ana.api.try_get("/api/v1/statuses/1").await.refused(404);
    ana.api.try_get("/api/v1/statuses/not-a-number").await.refused(404);
    ana.api.try_get("/api/v1/no/such/thing").await.refused(404);
    node.public().try_get("/api/v1/timelines/home").await.refused(401);
    let broken = ana.api.request(Method::POST, "/api/v1/statuses");
    let broken = broken.header("Content-Type", "application/json").body("{\"status\": ");
    let answer = ana.api.send(broken).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(answer.json()["error"].is_string());
    let long = "x".repeat(200_000);
    let status = ana.try_posts(&long).await.status.as_u16();
    assert!([413, 422].contains(&status), "{status}");
    check_nothing_was_posted(&ana).await;
}

async fn check_nothing_was_posted(member: &Member) {
    assert_eq!(member.home().await, Vec::<Value>::new());
}
