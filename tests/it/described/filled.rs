//! A node with something of everything, and its description with the ids that are there.
use std::collections::BTreeMap;

use commonhold::types::Time;
use serde_json::{Value, json};

use crate::{
    client_api::media::{picture, upload},
    harness::{Database, Member, Node, Setup, id},
};

pub struct Filled {
    pub node: Node,
    pub ana: Member,
    /// What it says of its API; parameters in paths are words that lead somewhere, and some that do not.
    pub document: Value,
}

/// What no path leads to.
const NOWHERE: [&str; 4] = ["0", "-1", "9223372036854775807", "99999999999999999999"];

impl Filled {
    pub async fn start(database: Database) -> Self {
        let node = Setup::new(database).start().await;
        let (ana, ben) = (node.operator("ana").await, node.member("ben").await);
        let ids = fill(&node, &ana, &ben).await;
        let mut document = node.public().get("/api/openapi.json").await;
        let paths = document["paths"].as_object_mut().unwrap();
        for (path, operations) in paths {
            for operation in operations.as_object_mut().unwrap().values_mut() {
                let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
                for parameter in parameters.into_iter().flatten().filter(|p| p["in"] == "path") {
                    let family = family(path, parameter["name"].as_str().unwrap());
                    let known = ids.get(family).unwrap_or_else(|| panic!("no {family}: {path}"));
                    let words: Vec<&str> =
                        known.iter().map(String::as_str).chain(NOWHERE).collect();
                    parameter["schema"] = json!({ "type": "string", "enum": words });
                }
            }
        }
        Self { node, ana, document }
    }
}

/// What a parameter of a path names.
fn family<'a>(path: &'a str, name: &'a str) -> &'a str {
    match name {
        "account" => return "accounts",
        "group" => return "groups",
        "quoting" => return "statuses",
        "id" => {}
        other => return other,
    }
    let kinds = [
        ("/api/v1/accounts/", "accounts"),
        ("/api/v1/follow_requests/", "accounts"),
        ("/api/v1/groups/{group}/reports/", "reports"),
        ("/api/v1/groups/", "groups"),
        ("/api/v1/pleroma/statuses/", "statuses"),
        ("/api/v1/timelines/group/", "groups"),
        ("/api/v1/timelines/list/", "lists"),
        ("/api/v1/lists/", "lists"),
        ("/api/v1/statuses/", "statuses"),
        ("/api/v1/polls/", "polls"),
        ("/api/v1/media/", "media"),
        ("/api/v2/filters/keywords/", "keywords"),
        ("/api/v2/filters/statuses/", "filtered"),
        ("/api/v2/filters/", "filters"),
        ("/api/v1/filters/", "keywords"),
        ("/api/v1/featured_tags/", "featured"),
        ("/api/v1/conversations/", "conversations"),
        ("/api/v1/scheduled_statuses/", "scheduled"),
        ("/api/v1/announcements/", "announcements"),
        ("/api/v1/notifications/requests/", "requests"),
        ("/api/v1/notifications/", "notifications"),
    ];
    let found = kinds.iter().find(|(start, _)| path.starts_with(start));
    found.map_or("something", |(_, family)| family)
}

async fn fill(node: &Node, ana: &Member, ben: &Member) -> BTreeMap<&'static str, Vec<String>> {
    let mut ids: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut keep = |family, id: String| ids.entry(family).or_default().push(id);
    let group = id(&node.group("repairs", "We mend things together", "ana").await);
    ben.joins("repairs").await;
    for person in [&ana.id, &ben.id, &group] {
        keep("accounts", person.clone());
    }
    keep("groups", group.clone());

    let plain = ana.posts("A ladder, #repairs, for @ben").await;
    let file = upload(ben, picture(), "A ladder").await.ok();
    let film = upload(ana, picture(), "Unused").await.ok();
    let shown = json!({ "status": "Here", "media_ids": [id(&file)], "in_reply_to_id": id(&plain) });
    let shown = ben.api.post("/api/v1/statuses", shown).await;
    let question = json!({
        "status": "Which?", "poll": { "options": ["This", "That"], "expires_in": 3600 },
    });
    let question = ana.api.post("/api/v1/statuses", question).await;
    let asked = ben.posts("@repairs Who has a drill? #ask").await;
    let quoting = json!({ "status": "Look", "quoted_status_id": id(&plain) });
    let quoting = ben.api.post("/api/v1/statuses", quoting).await;
    let direct = json!({ "status": "@ana psst", "visibility": "direct" });
    let direct = ben.api.post("/api/v1/statuses", direct).await;
    for status in [&plain, &shown, &question, &asked, &quoting, &direct] {
        keep("statuses", id(status));
    }
    keep("polls", id(&question["poll"]));
    keep("media", id(&film));
    ben.does("favourite", &plain).await;
    ben.does("reblog", &plain).await;
    ana.does("bookmark", &shown).await;

    let list = ana.api.post("/api/v1/lists", json!({ "title": "Neighbours" })).await;
    keep("lists", id(&list));
    keep("lists", group.clone());
    let filter = json!({
        "title": "Noise", "context": ["home"], "keywords_attributes": [{ "keyword": "ladder" }],
    });
    let filter = ana.api.post("/api/v2/filters", filter).await;
    keep("filters", id(&filter));
    keep("keywords", id(&filter["keywords"][0]));
    let path = format!("/api/v2/filters/{}/statuses", id(&filter));
    keep("filtered", id(&ana.api.post(&path, json!({ "status_id": id(&shown) })).await));
    let tag = ana.api.post("/api/v1/featured_tags", json!({ "name": "repairs" })).await;
    keep("featured", id(&tag));
    let day = Time::now().plus_days(30).rfc3339();
    let later = json!({ "status": "Later", "scheduled_at": day });
    keep("scheduled", id(&ana.api.post("/api/v1/statuses", later).await));
    node.run(&["announcement", "create", "The shed is closed on Monday"]);
    keep("announcements", id(&ana.api.get("/api/v1/announcements").await[0]));
    keep("conversations", id(&ana.api.get("/api/v1/conversations").await[0]));
    let told = ana.api.get("/api/v1/notifications").await;
    keep("notifications", id(&told[0]));
    keep("group_key", told[0]["group_key"].as_str().unwrap().to_owned());
    let report = json!({ "account_id": ben.id, "status_ids": [id(&asked)], "comment": "?" });
    keep("reports", id(&ana.api.post("/api/v1/reports", report).await));
    keep("requests", "1".to_owned());
    keep("tag", "repairs".to_owned());
    keep("name", "👍".to_owned());
    keep("stream", "public".to_owned());
    ids
}
