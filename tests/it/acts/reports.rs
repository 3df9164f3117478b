//! Reports: by members here, by servers elsewhere, in every shape they come in.
use serde_json::{Value, json};

use super::{GROUP, PUBLIC, World, world};
use crate::harness::{Database, eventually, id};

stories!(what_others_report_reaches_the_stewards, a_report_leaves_without_its_reporter,);

const LEO: &str = "https://lemmy.example/u/leo";
const MIA: &str = "https://masto.example/users/mia";

async fn reports(world: &World) -> Vec<Value> {
    let path = format!("/api/v1/groups/{}/reports", id(&world.group));
    world.alice.api.get(&path).await.as_array().unwrap().clone()
}

async fn what_others_report_reaches_the_stewards(database: Database) {
    let world = world(database).await;
    let thread = world.bob.posts("Buy my ladders @help").await;
    let uri = &thread["uri"];
    let bob = "https://node.example/u/bob";
    let server = "https://masto.example/actor";
    world.peer.actor(server, "Application");
    world.peer.person(LEO);
    let kim = "https://kbin.example/u/kim";
    world.peer.person(kim);
    let flags = [
        // Mastodon: the account, then posts, from the server itself.
        json!({"id": "https://masto.example/f1", "type": "Flag", "actor": server,
            "content": "spam", "object": [bob, uri], "to": bob}),
        // Lemmy: one post, the group in `to`.
        json!({"id": "https://lemmy.example/f1", "type": "Flag", "actor": LEO, "to": [GROUP],
            "audience": GROUP, "object": uri, "summary": "off topic"}),
        // Mbin: the same, and it may say nothing.
        json!({"id": "https://kbin.example/f1", "type": "Flag", "actor": kim, "to": [GROUP],
            "audience": GROUP, "object": uri, "summary": null, "content": null}),
        // Akkoma: posts embedded.
        json!({"id": "https://masto.example/f2", "type": "Flag", "actor": server, "cc": [],
            "content": "<p>again</p>", "object": [bob, {"type": "Note", "id": uri}]}),
    ];
    for flag in &flags {
        world.sends(flag["actor"].as_str().unwrap(), flag).await;
    }
    let all = reports(&world).await;
    let said: Vec<&str> = all.iter().map(|one| one["comment"].as_str().unwrap()).collect();
    assert_eq!(said, ["again", "", "off topic", "spam"]);
    for one in &all {
        assert_eq!(one["status_ids"], json!([id(&thread)]));
        assert_eq!(one["target_account"]["acct"], "bob");
        assert_eq!(one["action_taken"], false);
    }
    world.alice.is_told("admin.report", "bob").await;
    let path = format!("/api/v1/groups/{}/reports", id(&world.group));
    world.bob.api.try_get(&path).await.refused(403);

    // Who reported says that it is dealt with; or a steward does.
    let resolve = json!({"id": "https://lemmy.example/r1", "type": "Resolve", "actor": LEO,
        "to": [GROUP], "object": flags[1]});
    world.sends(LEO, &resolve).await;
    let open = |all: Vec<Value>| all.iter().filter(|one| one["action_taken"] == false).count();
    assert_eq!(open(reports(&world).await), 3);
    world.alice.api.post(&format!("{path}/{}/resolve", id(&all[0])), json!({})).await;
    assert_eq!(open(reports(&world).await), 2);
}

async fn a_report_leaves_without_its_reporter(database: Database) {
    let world = world(database).await;
    for actor in [LEO, MIA] {
        world.joins(actor).await;
    }
    let spam = world.writes(MIA, "spam", json!({})).await;
    let kept = json!({"account_id": id(&spam["account"]), "status_ids": [id(&spam)],
        "comment": "kept here", "forward": false});
    world.bob.api.post("/api/v1/reports", kept).await;
    let body = json!({"account_id": id(&spam["account"]), "status_ids": [id(&spam)],
        "comment": "It sells ladders", "category": "spam", "forward": true});
    let report = world.bob.api.post("/api/v1/reports", body).await;
    assert_eq!(report["forwarded"], true);
    let flag = world.tells("masto.example", "the report", |b| b["type"] == "Flag").await;
    assert_eq!(flag["actor"], "https://node.example/actor");
    assert_eq!(flag["object"], json!([MIA, spam["uri"]]));
    assert_eq!(flag["content"], "It sells ladders");
    assert!(!flag.to_string().contains("bob"), "{flag}");
    assert_eq!(reports(&world).await.len(), 2);

    // In a community elsewhere its own server is asked, in its own way.
    let garden = "https://lemmy.example/c/garden";
    world.peer.actor(garden, "Group");
    let page = json!({
        "id": "https://lemmy.example/post/1", "type": "Page", "attributedTo": LEO, "name": "Pears",
        "content": "<p>Pears</p>", "to": [garden, PUBLIC], "cc": [], "audience": garden,
    });
    world.peer.serves("https://lemmy.example/post/1", &page);
    world.alice.finds("@garden@lemmy.example").await;
    let post = world.finds_post(&page["id"]).await;
    let body = json!({"account_id": id(&post["account"]), "status_ids": [id(&post)],
        "comment": "No pears", "forward": true});
    world.bob.api.post("/api/v1/reports", body).await;
    let flag = world.tells("lemmy.example", "the report", |b| b["type"] == "Flag").await;
    assert_eq!((&flag["object"], &flag["to"]), (&page["id"], &json!([garden])));
    assert_eq!(flag["summary"], "No pears");
    eventually("nothing else is told", || async {
        let flags = world.told("lemmy.example").into_iter().filter(|b| b["type"] == "Flag");
        (flags.count() == 1).then_some(())
    })
    .await;
}
