//! Polls whose author wants nobody to see how others voted before the end.
use commonhold::types::Time;
use serde_json::{Value, json};

use crate::harness::{Database, Node, Peer, Setup, eventually, id, is_shaped};

stories!(totals_wait_for_the_end_of_a_poll, totals_that_others_hide_are_not_made_up);

fn counts(poll: &Value) -> Vec<Value> {
    is_shaped(poll, "Poll");
    poll["options"].as_array().unwrap().iter().map(|one| one["votes_count"].clone()).collect()
}

async fn wire(node: &Node, status: &Value) -> Vec<Value> {
    let note = node.public().activity(&format!("/p/{}", id(status))).await;
    let options = note["oneOf"].as_array().unwrap();
    options.iter().map(|option| option["replies"]["totalItems"].clone()).collect()
}

async fn totals_wait_for_the_end_of_a_poll(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let wanted = json!({"options": ["Now", "Later"], "expires_in": 86_400, "hide_totals": true});
    let asked = json!({"status": "When shall we meet?", "poll": wanted});
    let status = ana.api.post("/api/v1/statuses", asked.clone()).await;
    is_shaped(&status, "Status");
    let hidden = vec![Value::Null, Value::Null];
    assert_eq!(counts(&status["poll"]), hidden);
    let (path, post) = (
        format!("/api/v1/polls/{}", id(&status["poll"])),
        format!("/api/v1/statuses/{}", id(&status)),
    );
    let voted = ben.api.post(&format!("{path}/votes"), json!({"choices": [1]})).await;
    assert_eq!((counts(&voted), &voted["votes_count"]), (hidden.clone(), &json!(1)), "{voted}");
    assert_eq!((&voted["own_votes"], &voted["voters_count"]), (&json!([1]), &json!(1)));
    for api in [&ana.api, &ben.api, &node.public()] {
        assert_eq!(counts(&api.get(&path).await), hidden, "its author sees no more");
        assert_eq!(counts(&api.get(&post).await["poll"]), hidden);
    }
    let edited = ana.api.request(reqwest::Method::PUT, &post).json(&json!({"status": "When?"}));
    assert_eq!(counts(&ana.api.send(edited).await.ok()["poll"]), hidden);
    assert_eq!(wire(&node, &status).await, hidden, "other servers are not told either");
    let page = format!("/@ana/{}", id(&status));
    let text = node.page(&page).await.text;
    assert!(text.contains("votes are shown once it has closed"), "{text}");
    assert!(!text.contains("100 %") && text.contains("1 person voted"), "{text}");
    let open = json!({"status": "Tea?", "poll": {"options": ["Yes", "No"], "expires_in": 600}});
    let open = ana.api.post("/api/v1/statuses", open).await;
    assert_eq!(counts(&open["poll"]), [0, 0], "without the wish they are shown");
    let mut planned = asked;
    planned["scheduled_at"] = json!(Time::now().plus_days(9).rfc3339());
    let planned = ana.api.post("/api/v1/statuses", planned).await;
    is_shaped(&planned, "ScheduledStatus");
    assert_eq!(planned["params"]["poll"], {
        let mut poll = wanted;
        poll["multiple"] = json!(false);
        poll
    });

    node.tampers("UPDATE polls SET ends_at = 1 WHERE hide_totals");
    node.tampers("UPDATE jobs SET due_at = 1 WHERE task LIKE '{\"ClosePoll\"%'");
    assert_eq!(counts(&node.public().get(&path).await), [0, 1]);
    eventually("the end is told", || async {
        (wire(&node, &status).await == [json!(0), json!(1)]).then_some(())
    })
    .await;
    ben.is_told("poll", "ana").await;
    let text = node.page(&page).await.text;
    assert!(text.contains("100 %") && !text.contains("once it has closed"), "{text}");
}

async fn totals_that_others_hide_are_not_made_up(database: Database) {
    let peer = Peer::start(&["masto.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let (mia, uri) = ("https://masto.example/users/mia", "https://masto.example/users/mia/1");
    peer.person(mia);
    let option = |name: &str, votes: Value| json!({"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}});
    let mut question = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri, "type": "Question", "attributedTo": mia, "content": "<p>Tea?</p>",
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [format!("{mia}/followers")],
        "published": "2026-11-01T10:00:00Z", "endTime": "2037-01-01T10:00:00Z", "votersCount": 3,
        "oneOf": [option("Yes", Value::Null), option("No", Value::Null)],
    });
    peer.serves(uri, &question);
    let query = [("q", uri), ("resolve", "true"), ("type", "statuses")];
    let request = ana.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    let found = ana.api.send(request).await.ok()["statuses"][0].clone();
    assert_eq!(counts(&found["poll"]), [Value::Null, Value::Null], "{found}");
    assert_eq!(found["poll"]["voters_count"], 3);
    question["oneOf"] = json!([option("Yes", json!(2)), option("No", json!(1))]);
    question["updated"] = json!("2026-11-02T10:00:00Z");
    let update = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{uri}#updates/1"),
        "type": "Update", "actor": mia, "object": question,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
    });
    assert!(peer.sends(&node, "/inbox", mia, &update).await.is_success());
    eventually("the votes came", || async {
        let poll = ana.api.get(&format!("/api/v1/polls/{}", id(&found["poll"]))).await;
        (counts(&poll) == [json!(2), json!(1)]).then_some(())
    })
    .await;
}
