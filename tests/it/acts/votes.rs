//! Likes, reactions and downvotes: one of them for each person and post.
use serde_json::{Value, json};

use super::{GROUP, World, announces, world};
use crate::harness::{Database, id};

stories!(
    a_vote_replaces_the_one_before,
    votes_arrive_in_batches,
    people_join_in_other_words,
    the_end_of_a_vote_reaches_nodebb_directly,
);

const LEO: &str = "https://lemmy.example/u/leo";
const PIA: &str = "https://piefed.example/u/pia";
const NOA: &str = "https://nodebb.example/uid/3";
const MIA: &str = "https://masto.example/users/mia";

async fn counts(world: &World, post: &Value) -> (i64, i64) {
    let status = world.alice.api.get(&format!("/api/v1/statuses/{}", id(post))).await;
    let count = |key: &str| status[key].as_i64().unwrap();
    (count("favourites_count"), count("dislikes_count"))
}

async fn a_vote_replaces_the_one_before(database: Database) {
    let world = world(database).await;
    for actor in [LEO, PIA] {
        world.joins(actor).await;
    }
    let thread = world.bob.posts("Pears or plums? @help").await;
    let vote = |n: u32, kind: &str, more: Value| {
        let mut vote = json!({"id": format!("{LEO}/votes/{n}"), "type": kind, "actor": LEO,
            "object": thread["uri"], "audience": GROUP});
        vote.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        vote
    };
    world.sends(LEO, &vote(1, "Like", json!({}))).await;
    assert_eq!(counts(&world, &thread).await, (1, 0));
    let down = vote(2, "Dislike", json!({}));
    world.sends(LEO, &down).await;
    assert_eq!(counts(&world, &thread).await, (0, 1), "a downvote is no like");
    world.tells("piefed.example", "the downvote", |b| announces(b, "Dislike")).await;
    let emoji = json!({"content": ":pear:", "tag": [{"type": "Emoji", "name": ":pear:",
        "icon": {"type": "Image", "url": "https://lemmy.example/pear.png"}}]});
    world.sends(LEO, &vote(3, "EmojiReact", emoji)).await;
    assert_eq!(counts(&world, &thread).await, (1, 0));
    world.sends(LEO, &vote(4, "Like", json!({"content": "👎"}))).await;
    assert_eq!(counts(&world, &thread).await, (0, 1));
    let undo = json!({"id": format!("{LEO}/votes/5"), "type": "Undo", "actor": LEO,
        "object": vote(4, "Like", json!({"content": "👎"}))});
    world.sends(LEO, &undo).await;
    assert_eq!(counts(&world, &thread).await, (0, 0));
    world.sends(LEO, &vote(6, "Dislike", json!({}))).await;
    let undo = json!({"id": format!("{LEO}/votes/7"), "type": "Undo", "actor": LEO,
        "object": vote(6, "Dislike", json!({}))});
    world.sends(LEO, &undo).await;
    assert_eq!(counts(&world, &thread).await, (0, 0));

    // And out: a member here votes down what somebody there wrote.
    let pears = world.writes(PIA, "pears", json!({"name": "Pears"})).await;
    world.alice.does("dislike", &pears).await;
    assert_eq!(counts(&world, &pears).await, (0, 1));
    let told = world
        .tells("piefed.example", "Alice's downvote", |b| {
            announces(b, "Dislike") && b["object"]["object"] == pears["uri"]
        })
        .await;
    assert_eq!(told["object"]["actor"], "https://node.example/u/alice");
    world.alice.does("favourite", &pears).await;
    assert_eq!(counts(&world, &pears).await, (1, 0));
    world.alice.does("dislike", &pears).await;
    world.alice.does("undislike", &pears).await;
    assert_eq!(counts(&world, &pears).await, (0, 0));
}

async fn votes_arrive_in_batches(database: Database) {
    let world = world(database).await;
    let cooks = "https://piefed.example/c/cooks";
    let mut group = world.peer.actor(cooks, "Group");
    group["attributedTo"] = json!(format!("{cooks}/moderators"));
    world.peer.introduces(&group);
    let people: Vec<String> = ["ann", "bea", "cat"]
        .iter()
        .map(|name| format!("https://piefed.example/u/{name}"))
        .collect();
    for person in &people {
        world.peer.person(person);
        world.alice.finds(&format!("@{}@piefed.example", &person[person.len() - 3..])).await;
    }
    let page = json!({
        "id": "https://piefed.example/post/1", "type": "Page", "attributedTo": people[0],
        "name": "Soup", "content": "<p>Soup</p>", "to": [cooks, super::PUBLIC], "cc": [],
        "audience": cooks,
    });
    world.peer.serves("https://piefed.example/post/1", &page);
    world.alice.finds("@cooks@piefed.example").await;
    let post = world.finds_post(&page["id"]).await;
    let vote = |kind: &str, who: &String| {
        json!({"id": format!("{who}/{kind}"), "type": kind, "actor": who, "object": page["id"],
            "audience": cooks})
    };
    let batch = json!({
        "id": format!("{cooks}/announce/1"), "type": "Announce", "actor": cooks,
        "to": [super::PUBLIC], "cc": [format!("{cooks}/followers")],
        "object": [vote("Like", &people[1]), vote("Dislike", &people[2])],
    });
    world.sends(cooks, &batch).await;
    assert_eq!(counts(&world, &post).await, (1, 1));
    // What happens in a group far away that nobody here knows of does no harm.
    let view = json!({"id": format!("{cooks}/view/1"), "type": "View", "actor": cooks,
        "object": page["id"]});
    world.sends(cooks, &view).await;
}

async fn people_join_in_other_words(database: Database) {
    let world = world(database).await;
    // Mobilizon joins and leaves; a group of another server follows ours (FEP-d36d).
    world.peer.person(MIA);
    let join = json!({"id": format!("{MIA}/join"), "type": "Join", "actor": MIA, "object": GROUP});
    world.sends(MIA, &join).await;
    let accept = world.tells("masto.example", "the Accept", |b| b["type"] == "Accept").await;
    assert_eq!(accept["object"]["type"], "Join");
    let garden = "https://lemmy.example/c/garden";
    world.peer.actor(garden, "Group");
    let follow = json!({"id": format!("{garden}/follow"), "type": "Follow", "actor": garden,
        "object": GROUP});
    world.sends(garden, &follow).await;
    world.tells("lemmy.example", "the Accept", |b| b["type"] == "Accept").await;
    let thread = world.bob.posts("For everybody @help").await;
    world.tells("masto.example", "the thread", |b| b["object"] == thread["uri"]).await;
    world
        .tells("lemmy.example", "the thread", |b| {
            b["type"] == "Announce"
                && b["actor"] == GROUP
                && b.to_string().contains(thread["uri"].as_str().unwrap())
        })
        .await;
    let leave = json!({"id": format!("{MIA}/leave"), "type": "Leave", "actor": MIA,
        "object": GROUP});
    world.sends(MIA, &leave).await;
    let group = world.alice.api.get(&format!("/api/v1/accounts/{}", id(&world.group))).await;
    assert_eq!(group["followers_count"], 2, "Alice and the garden");
}

async fn the_end_of_a_vote_reaches_nodebb_directly(database: Database) {
    let world = world(database).await;
    for actor in [LEO, NOA] {
        world.joins(actor).await;
    }
    for (actor, host, direct) in [(NOA, "nodebb.example", true), (LEO, "lemmy.example", false)] {
        let pears = world.writes(actor, "pears", json!({"name": "Pears"})).await;
        let is_like = |b: &Value| b["type"] == "Like" && b["object"] == pears["uri"];
        let is_end = |b: &Value| b["type"] == "Undo" && is_like(&b["object"]);
        world.alice.does("favourite", &pears).await;
        let told = |b: &Value| b["type"] == "Announce" && is_like(&b["object"]);
        world.tells(host, "the like", told).await;
        world.alice.does("unfavourite", &pears).await;
        let told = |b: &Value| b["type"] == "Announce" && is_end(&b["object"]);
        world.tells(host, "its end", told).await;
        assert!(!world.told(host).iter().any(is_like), "{host} counts what is announced");
        if direct {
            world.tells(host, "its end by alice herself", is_end).await;
        } else {
            assert!(!world.told(host).iter().any(is_end), "{host}");
        }
    }
}
