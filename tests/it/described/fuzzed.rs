//! Hostile requests at every operation of the document: none fails, and every refusal is JSON that says
//! why. `COMMONHOLD_API_ROUNDS=1000` makes it a long round (`scripts/fuzz`).
use std::env;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    filled::Filled,
    spoilt::{Chance, Sent, path, query, sent},
};
use crate::harness::{Answer, Database, Node};

stories!(no_request_makes_a_node_fail, what_made_a_node_fail_once_does_no_more);

/// How often each operation is asked, where nothing else is said.
const ROUNDS: u64 = 6;

/// What never ends.
const ENDLESS: [&str; 2] = ["streaming_open", "streaming_named"];

async fn no_request_makes_a_node_fail(database: Database) {
    let Filled { node, ana, document } = Filled::start(database).await;
    let rounds = env::var("COMMONHOLD_API_ROUNDS").ok().and_then(|n| n.parse().ok());
    let seed = env::var("COMMONHOLD_API_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut chance = Chance::new(seed);
    let mut asked = 0;
    for _ in 0..rounds.unwrap_or(ROUNDS) {
        for (template, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                if ENDLESS.contains(&operation["operationId"].as_str().unwrap()) {
                    continue;
                }
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let address = path(template, operation, &mut chance);
                let address = format!("{address}{}", query(operation, &mut chance));
                let mut request = ana.api.request(method.clone(), &address);
                let mut body = None;
                if operation["requestBody"].is_object() || chance.once_in(6) {
                    let Sent { content_type, bytes } = sent(&document, operation, &mut chance);
                    body = Some(String::from_utf8_lossy(&bytes).into_owned());
                    request = request.header("Content-Type", content_type).body(bytes);
                }
                let answer = ana.api.send(request).await;
                let about = || {
                    let body = body.clone().unwrap_or_default();
                    let body: String = body.chars().take(4_000).collect();
                    let address: String = address.chars().take(4_000).collect();
                    format!("{method} {address}\n{body}\n{} {}", answer.status, answer.text)
                };
                if let Some(fault) = fault(&answer) {
                    panic!("{fault}: {}\n{}", about(), node.log());
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 1_000, "only {asked} requests");
    assert!(!node.log().contains("panicked"), "{}", node.log());
    // And it is in its right mind.
    let post = ana.posts("Still here").await;
    assert_eq!(post["content"], "<p>Still here</p>");
}

async fn what_made_a_node_fail_once_does_no_more(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    // PostgreSQL takes no NUL, and said so.
    for path in ["/api/v2/notifications/%00", "/api/v2/notifications/a%00/accounts"] {
        ana.api.try_get(path).await.refused(404);
    }
    for page in ["/@a%00", "/%00"] {
        assert_eq!(node.public().try_get(page).await.status.as_u16(), 404, "{page}");
    }
    // A time so far away that it could not be written became the year 1970.
    let path = format!("/api/v1/accounts/{}/mute", ben.id);
    let muted = ana.api.post(&path, json!({ "duration": i64::MAX })).await;
    assert!(
        muted["muting_expires_at"].as_str().is_some_and(|end| end.starts_with("21")),
        "{muted:#}"
    );
}

fn fault(answer: &Answer) -> Option<&'static str> {
    let status = answer.status.as_u16();
    // 503 is for what another server would have to answer, and there is none.
    if status >= 500 && status != 503 {
        return Some("failed");
    }
    if status < 400 {
        return None;
    }
    if !answer.header("content-type").starts_with("application/json") {
        return Some("not JSON");
    }
    let said: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    said["error"].as_str().is_none_or(str::is_empty).then_some("no error")
}
