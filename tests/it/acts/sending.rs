//! Each kind of server gets what it understands, once.
use serde_json::json;

use super::{GROUP, announces, world};
use crate::harness::{Database, id};

stories!(
    each_server_hears_in_its_own_way,
    what_its_author_keeps_close_is_not_boosted,
    a_boost_ends_with_its_post,
);

const LEO: &str = "https://lemmy.example/u/leo";
const MIA: &str = "https://masto.example/users/mia";
const KIM: &str = "https://kbin.example/u/kim";

async fn each_server_hears_in_its_own_way(database: Database) {
    let world = world(database).await;
    for actor in [LEO, MIA, KIM] {
        world.joins(actor).await;
    }
    let thread = world.bob.posts("Who has a ladder? @help").await;
    let uri = thread["uri"].clone();
    let create = world.tells("lemmy.example", "a thread", |b| announces(b, "Create")).await;
    assert_eq!(create["object"]["object"]["type"], "Note");
    assert_eq!(create["object"]["object"]["id"], uri);
    let page = world.tells("kbin.example", "a thread", |b| announces(b, "Create")).await;
    assert_eq!(page["object"]["object"]["type"], "Page", "Mbin files notes under microblog");
    assert_eq!(page["object"]["object"]["id"], uri);
    let name = page["object"]["object"]["name"].as_str().unwrap();
    assert!(name.contains("Who has a ladder?"), "{name}");
    let boost = world.tells("masto.example", "a boost", |b| b["type"] == "Announce").await;
    assert_eq!(boost["object"], uri, "a microblog gets the id alone");

    // An answer, and a favourite: for servers with groups only, and not twice.
    let answer = world.alice.replies(&thread, "I have one").await;
    world.alice.does("favourite", &thread).await;
    for host in ["lemmy.example", "kbin.example"] {
        let told = world
            .tells(host, "an answer", |b| {
                announces(b, "Create") && b["object"]["object"]["id"] == answer["uri"]
            })
            .await;
        assert_eq!(told["object"]["object"]["type"], "Note", "an answer is a comment everywhere");
        world.tells(host, "a favourite", |b| announces(b, "Like")).await;
    }
    let by_leo = world.writes(LEO, "pears", json!({"name": "Pears"})).await;
    world.alice.does("favourite", &by_leo).await;
    let liked = by_leo["uri"].clone();
    world
        .tells("lemmy.example", "the second favourite", |b| {
            announces(b, "Like") && b["object"]["object"] == liked
        })
        .await;
    let bare = world.told("lemmy.example").into_iter().filter(|b| b["type"] == "Like").count();
    assert_eq!(bare, 0, "what the group announces is not told once more");
    let announced = world.told("masto.example");
    let wrapped = announced.iter().filter(|b| b["type"] == "Announce" && b["object"].is_object());
    assert_eq!(wrapped.count(), 0, "no microblog gets an activity in an Announce");
    let of_answers = announced.iter().filter(|b| b["object"] == answer["uri"]).count();
    assert_eq!(of_answers, 0, "answers are not boosted");
    // The author's own server waits to hear that the group took its thread.
    world
        .tells("lemmy.example", "its own thread", |b| {
            announces(b, "Create") && b["object"]["actor"] == LEO
        })
        .await;
}

async fn what_its_author_keeps_close_is_not_boosted(database: Database) {
    let world = world(database).await;
    for actor in [LEO, MIA] {
        world.joins(actor).await;
    }
    let close = json!({"interactionPolicy": {"canAnnounce": {"automaticApproval": [LEO]}}});
    let kept = world.writes(LEO, "kept", close).await;
    let tried = world.bob.try_does("reblog", &kept).await;
    tried.refused(403);
    let open = json!({"interactionPolicy": {"canAnnounce": {"automaticApproval": [GROUP]}}});
    let shared = world.writes(LEO, "shared", open).await;
    world.tells("masto.example", "the second", |b| b["object"] == shared["uri"]).await;
    let boosts = world.told("masto.example");
    assert!(boosts.iter().all(|b| b["object"] != kept["uri"]), "{boosts:?}");
    // What another group says is not said again.
    let garden = "https://lemmy.example/c/garden";
    world.peer.actor(garden, "Group");
    let by_group = world.writes(garden, "news", json!({})).await;
    let last = world.bob.posts("The last word @help").await;
    world.tells("masto.example", "the last word", |b| b["object"] == last["uri"]).await;
    let boosts = world.told("masto.example");
    assert!(boosts.iter().all(|b| b["object"] != by_group["uri"]), "{boosts:?}");
}

async fn a_boost_ends_with_its_post(database: Database) {
    let world = world(database).await;
    world.joins(MIA).await;
    let thread = world.bob.posts("Never mind this @help").await;
    let boost = world.tells("masto.example", "a boost", |b| b["type"] == "Announce").await;
    let path = format!("/api/v1/statuses/{}", id(&thread));
    let request = world.bob.api.request(reqwest::Method::DELETE, &path);
    world.bob.api.send(request).await.ok();
    let undo = world
        .tells("masto.example", "its end", |b| b["type"] == "Undo" && b["actor"] == GROUP)
        .await;
    assert_eq!(undo["object"]["id"], boost["id"]);
    assert_eq!(undo["object"]["type"], "Announce");
}
