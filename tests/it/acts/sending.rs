//! Each kind of server gets what it understands, once.
use serde_json::{Value, json};

use super::{GROUP, PUBLIC, announces, create, world};
use crate::harness::{Database, id};

stories!(
    each_server_hears_in_its_own_way,
    what_its_author_keeps_close_is_not_boosted,
    a_boost_ends_with_its_post,
    a_thread_that_was_looked_up_first_is_passed_on_when_it_comes,
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

/// An answer may come before the thread that it answers, which is looked up then; servers with groups
/// hear of the thread when its own `Create` comes, once.
async fn a_thread_that_was_looked_up_first_is_passed_on_when_it_comes(database: Database) {
    let world = world(database).await;
    for actor in [MIA, LEO] {
        world.joins(actor).await;
    }
    let note = |name: &str, more: Value| {
        let mut note = json!({"id": format!("{MIA}/notes/{name}"), "type": "Note", "attributedTo": MIA,
            "to": [PUBLIC], "cc": [GROUP], "content": format!("<p>{name}</p>"),
            "tag": [{"type": "Mention", "href": GROUP, "name": "@help@node.example"}]});
        note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        note
    };
    let thread = note("thread", json!({}));
    let answer = note("answer", json!({"inReplyTo": thread["id"]}));
    world.peer.serves(thread["id"].as_str().unwrap(), &thread);
    world.sends(MIA, &create(MIA, &answer)).await;
    world.finds_post(&thread["id"]).await;
    let creates = |post: &Value| {
        let of = |body: &&Value| {
            announces(body, "Create") && body["object"]["object"]["id"] == post["id"]
        };
        world.told("lemmy.example").iter().filter(of).count()
    };
    assert_eq!(creates(&thread), 0, "nobody can pass on what did not come");
    let made = create(MIA, &thread);
    world.sends(MIA, &made).await;
    world
        .tells("lemmy.example", "the thread", |body| {
            announces(body, "Create") && body["object"]["object"]["id"] == thread["id"]
        })
        .await;
    // Another one for the same post is none.
    let mut again = made.clone();
    again["id"] = json!(format!("{MIA}/notes/thread/again"));
    world.sends(MIA, &again).await;
    let next = world.writes(MIA, "next", json!({})).await;
    world
        .tells("lemmy.example", "the next thread", |body| {
            announces(body, "Create") && body["object"]["object"]["id"] == next["uri"]
        })
        .await;
    assert_eq!(creates(&thread), 1);
}
