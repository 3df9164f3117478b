//! The mark for the reply that answers, permissions to quote, and posts of other kinds.
use serde_json::{Value, json};

use super::{GROUP, PUBLIC, World, announces, create, world};
use crate::harness::{Api, Database, id};

stories!(
    who_asked_chooses_the_answer,
    thanks_are_an_answer_where_answers_are_known,
    who_may_quote_gets_a_permission,
    authors_say_who_may_quote,
    articles_events_and_videos_are_shown,
);

const PIA: &str = "https://piefed.example/u/pia";
const LEO: &str = "https://lemmy.example/u/leo";
const MIA: &str = "https://masto.example/users/mia";
const MALLORY: &str = "https://evil.example/u/mallory";

async fn receipts(world: &World) -> Value {
    world.node.help(&id(&world.group)).await["receipts"].clone()
}

fn chooses(actor: &str, reply: &Value) -> Value {
    json!({"id": format!("{actor}/answer/1"), "type": "ChooseAnswer", "actor": actor,
        "object": reply, "audience": GROUP, "to": [PUBLIC], "cc": [GROUP]})
}

async fn who_asked_chooses_the_answer(database: Database) {
    let world = world(database).await;
    let other = "https://piefed.example/u/other";
    for actor in [PIA, LEO] {
        world.joins(actor).await;
    }
    world.peer.person(MALLORY);
    world.peer.person(other);
    let asked = world.writes(PIA, "yellow", json!({"name": "Yellow leaves?"})).await;
    let reply = world.bob.replies(&asked, "More water").await;
    world.is_refused(MALLORY, &chooses(MALLORY, &reply["uri"])).await;
    let choice = chooses(PIA, &reply["uri"]);
    world.sends(PIA, &choice).await;
    assert_eq!(receipts(&world).await, 1);
    let note = world.node.public().activity(&path_of(&reply)).await;
    assert_eq!(note["answer"], true);
    // Lemmy does not know answers; and the asker's server knows already.
    let thread = world.bob.posts("The next @help").await;
    world
        .tells("lemmy.example", "the next thread", |b| {
            announces(b, "Create") && b["object"]["object"]["id"] == thread["uri"]
        })
        .await;
    assert!(world.told("lemmy.example").iter().all(|b| !announces(b, "ChooseAnswer")));

    let undo = |actor: &str| {
        json!({"id": format!("{actor}/undo/1"), "type": "Undo", "actor": actor,
            "object": chooses(actor, &reply["uri"])})
    };
    world.is_refused(MALLORY, &undo(MALLORY)).await;
    assert_eq!(receipts(&world).await, 1);
    world.sends(PIA, &undo(PIA)).await;
    assert_eq!(receipts(&world).await, 0);
    let note = world.node.public().activity(&path_of(&reply)).await;
    assert_eq!(note["answer"], Value::Null);
}

fn path_of(status: &Value) -> String {
    status["uri"].as_str().unwrap().replace("https://node.example", "")
}

async fn thanks_are_an_answer_where_answers_are_known(database: Database) {
    let world = world(database).await;
    for actor in [PIA, LEO] {
        world.joins(actor).await;
    }
    world.bob.api.post(&format!("/api/v1/accounts/{}/follow", id(&world.group)), json!({})).await;
    let asked = world.bob.posts("How do I sharpen shears? @help #ask").await;
    world.tells("piefed.example", "the ask", |b| announces(b, "Create")).await;
    let note = json!({"name": null, "inReplyTo": asked["uri"]});
    let reply = world.writes(PIA, "whetstone", note).await;
    world.bob.does("thanks", &reply).await;
    let told = world.tells("piefed.example", "the choice", |b| announces(b, "ChooseAnswer")).await;
    assert_eq!(told["object"]["object"], reply["uri"]);
    assert_eq!(told["object"]["actor"], "https://node.example/u/bob");
    assert_eq!(receipts(&world).await, 1);
    world.bob.does("unthanks", &reply).await;
    let undone = world
        .tells("piefed.example", "the end of it", |b| {
            announces(b, "Undo") && b["object"]["object"]["type"] == "ChooseAnswer"
        })
        .await;
    assert_eq!(undone["object"]["object"]["id"], told["object"]["id"]);
    assert!(world.told("lemmy.example").iter().all(|b| !announces(b, "ChooseAnswer")));
}

async fn who_may_quote_gets_a_permission(database: Database) {
    let world = world(database).await;
    world.peer.person(MIA);
    let post = world.bob.posts("Quote me").await;
    let quote = format!("{MIA}/notes/quote");
    let request = |n: u32, object: &Value| {
        json!({"id": format!("{MIA}/requests/{n}"), "type": "QuoteRequest", "actor": MIA,
            "object": object, "instrument": {"id": quote, "type": "Note", "attributedTo": MIA,
            "content": "<p>useful</p>", "quote": object}})
    };
    world.sends(MIA, &request(1, &post["uri"])).await;
    let accept = world.tells("masto.example", "a yes", |b| b["type"] == "Accept").await;
    assert_eq!(accept["actor"], "https://node.example/u/bob");
    assert_eq!(accept["object"], format!("{MIA}/requests/1"));
    let stamp = accept["result"].as_str().unwrap();
    let path = stamp.replace("https://node.example", "");
    let shown = world.node.public().activity(&path).await;
    assert_eq!(shown["type"], "QuoteAuthorization");
    assert_eq!(shown["interactingObject"], quote);
    assert_eq!(shown["interactionTarget"], post["uri"]);
    assert_eq!(shown["attributedTo"], "https://node.example/u/bob");

    let body = json!({"status": "Between us", "visibility": "private"});
    let close = world.bob.api.post("/api/v1/statuses", body).await;
    world.sends(MIA, &request(2, &close["uri"])).await;
    world.tells("masto.example", "a no", |b| b["type"] == "Reject").await;
    let request_path = format!("/api/v1/statuses/{}", id(&post));
    let request = world.bob.api.request(reqwest::Method::DELETE, &request_path);
    world.bob.api.send(request).await.ok();
    let gone = world.node.public().try_get(&path).await;
    assert_eq!(gone.status, 410, "it ends with the post");
}

async fn authors_say_who_may_quote(database: Database) {
    let world = world(database).await;
    world.peer.person(MIA);
    let bob = "https://node.example/u/bob";
    let followers = format!("{bob}/followers");
    let writes =
        |text: &str, policy: &str| json!({"status": text, "quote_approval_policy": policy});
    world.bob.api.try_post("/api/v1/statuses", writes("x", "friends")).await.refused(422);
    let mut asked = 0;
    let mut asks = async |post: &Value| {
        asked += 1;
        let request = json!({"id": format!("{MIA}/requests/{asked}"), "type": "QuoteRequest",
            "actor": MIA, "object": post["uri"],
            "instrument": format!("{MIA}/notes/quote{asked}")});
        world.sends(MIA, &request).await;
        let answers =
            |b: &Value| b["object"] == request["id"] || b["object"]["id"] == request["id"];
        world.tells("masto.example", "an answer", answers).await["type"].clone()
    };
    let wire = async |post: &Value| {
        let path = post["uri"].as_str().unwrap().replace("https://node.example", "");
        let policy = world.node.public().activity(&path).await["interactionPolicy"].clone();
        policy["canQuote"]["automaticApproval"].clone()
    };

    let post = world.bob.api.post("/api/v1/statuses", writes("Mine alone", "nobody")).await;
    assert_eq!(post["quote_approval"]["automatic"], json!([]));
    assert_eq!(wire(&post).await, json!([bob]));
    assert_eq!(asks(&post).await, "Reject");

    // From now on who follows may; the others hear of it.
    let path = format!("/api/v1/statuses/{}/interaction_policy", id(&post));
    let put = async |api: &Api, policy: &str| {
        let request = api.request(reqwest::Method::PUT, &path);
        api.send(request.json(&json!({"quote_approval_policy": policy}))).await
    };
    put(&world.alice.api, "public").await.refused(404);
    put(&world.bob.api, "everybody").await.refused(422);
    let changed = put(&world.bob.api, "followers").await.ok();
    assert_eq!(changed["quote_approval"]["automatic"], json!(["followers"]));
    assert_eq!(changed["edited_at"], Value::Null, "the words are as they were");
    assert_eq!(wire(&post).await, json!([followers]));
    assert_eq!(asks(&post).await, "Reject");
    let follow = json!({"id": format!("{MIA}/follow"), "type": "Follow", "actor": MIA,
        "object": bob});
    world.sends(MIA, &follow).await;
    assert_eq!(asks(&post).await, "Accept");

    // Her server has it from now on, and is told; nobody is told of a change to the words.
    put(&world.bob.api, "public").await.ok();
    let update = |b: &Value| b["type"] == "Update" && b["object"]["id"] == post["uri"];
    let update = world.tells("masto.example", "the change", update).await;
    let policy = &update["object"]["interactionPolicy"]["canQuote"]["automaticApproval"];
    assert_eq!(*policy, json!([PUBLIC]));
    assert_eq!(asks(&post).await, "Accept");

    // With an edit it can change too; what is not for everyone nobody quotes, whatever was said.
    let edit =
        world.bob.api.request(reqwest::Method::PUT, &format!("/api/v1/statuses/{}", id(&post)));
    let edit = edit.json(&json!({"status": "Mine again", "quote_approval_policy": "nobody"}));
    let edited = world.bob.api.send(edit).await.ok();
    assert_eq!(edited["quote_approval"]["automatic"], json!([]));
    let mut close = writes("For few", "public");
    close["visibility"] = json!("private");
    let close = world.bob.api.post("/api/v1/statuses", close).await;
    assert_eq!(close["quote_approval"]["automatic"], json!([]));
}

async fn articles_events_and_videos_are_shown(database: Database) {
    let world = world(database).await;
    world.peer.person(LEO);
    let kinds = [
        ("article", json!({"type": "Article", "name": "On pears", "summary": "All about them"})),
        (
            "event",
            json!({"type": "Event", "name": "Repair evening", "startTime": "2030-05-01T18:00:00Z",
                "endTime": "2030-05-01T21:00:00Z",
                "location": {"type": "Place", "name": "The barn"}}),
        ),
        (
            "video",
            json!({"type": "Video", "name": "How to graft", "duration": "PT5M", "url": [
                {"type": "Link", "mediaType": "text/html", "href": "https://lemmy.example/w/1"},
            ]}),
        ),
    ];
    for (name, more) in kinds {
        let status = world.writes(LEO, name, more.clone()).await;
        let text = status["content"].as_str().unwrap();
        assert!(text.contains(more["name"].as_str().unwrap()), "{name}: {text}");
        if name == "event" {
            for said in ["2030-05-01 18:00", "2030-05-01 21:00", "The barn"] {
                assert!(text.contains(said), "{text} lacks {said}");
            }
        }
    }
    let note = json!({
        "id": format!("{LEO}/odd"), "type": "Recipe", "attributedTo": LEO, "to": [PUBLIC],
        "cc": [GROUP], "name": "Soup", "summary": "Of everything",
    });
    world.sends(LEO, &create(LEO, &note)).await;
    let status = world.finds_post(&note["id"]).await;
    assert!(status["content"].as_str().unwrap().contains("Of everything"), "{status}");
}
