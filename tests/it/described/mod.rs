//! The API as its own document describes it, asked by programs that know nothing else.
mod filled;
mod fuzzed;
mod schemathesis;
mod spoilt;

use serde_json::Value;

use crate::harness::{Database, Node};

stories!(a_node_describes_its_api);

async fn a_node_describes_its_api(database: Database) {
    let node = Node::start(database).await;
    let answer = node.public().try_get("/api/openapi.json").await;
    let document = answer.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], node.origin());
    let flow = &document["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"];
    let authorize = flow["authorizationUrl"].as_str().unwrap();
    assert_eq!(authorize, format!("{}/oauth/authorize", node.origin()));
    assert!(document["info"]["version"].as_str().is_some_and(|version| !version.is_empty()));
    assert_eq!(document["info"]["license"]["identifier"], "AGPL-3.0-or-later");
    let status = &document["components"]["schemas"]["Status"];
    assert_eq!(status["properties"]["content"]["type"], "string", "{status:#}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");

    // Who has it asks whether it is still the one.
    let again = node.public().request(reqwest::Method::GET, "/api/openapi.json");
    let again = again.header("If-None-Match", answer.header("etag"));
    let again = node.public().send(again).await;
    assert_eq!(again.status.as_u16(), 304, "{}", again.text);

    // And it tells of every address that a client finds by itself.
    let wanted = ["/api/v1/statuses", "/api/v2/search", "/oauth/token", "/api/openapi.json"];
    let paths = &document["paths"];
    assert!(wanted.iter().all(|path| paths[*path].is_object()), "{:#}", names(paths));
}

fn names(paths: &Value) -> Value {
    paths.as_object().unwrap().keys().cloned().collect()
}
