//! Groups for clients that know them, and in those that do not.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Database, Node, eventually, id, is_shaped, says};

stories!(
    a_group_is_founded_found_joined_and_left,
    stewards_let_people_in_and_out,
    what_is_ours_is_under_the_group,
    a_group_is_a_list_that_nobody_changes,
);

async fn a_group_is_founded_found_joined_and_left(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    let new = json!({"display_name": "Bike Kitchen", "note": "We mend bikes together"});
    let group = ana.api.post("/api/v1/groups", new).await;
    assert_eq!(group["slug"], "bike_kitchen", "{group:#}");
    assert_eq!(group["display_name"], "Bike Kitchen");
    assert_eq!(group["purpose"], "We mend bikes together");
    assert_eq!(group["source"]["note"], "We mend bikes together");
    assert_eq!((&group["members_count"], &group["locked"]), (&json!(1), &json!(false)));
    assert_eq!(group["owner"]["id"], ana.id.as_str());
    let account = a.public().get(&format!("/api/v1/accounts/{}", id(&group))).await;
    is_shaped(&account, "Account");
    assert_eq!(account["group"], true, "its id is its account's");
    ana.api.try_post("/api/v1/groups", json!({"display_name": "No why"})).await.refused(422);

    // From elsewhere.
    let found = ben.api.get(&format!("/api/v1/groups/search?q=bike_kitchen@{}", a.domain())).await;
    let there = found[0].clone();
    assert_eq!(there["slug"], format!("bike_kitchen@{}", a.domain()), "{found:#}");
    let lookup = format!("/api/v1/groups/lookup?name=bike_kitchen@{}", a.domain());
    assert_eq!(ben.api.get(&lookup).await["id"], there["id"]);
    let relation = format!("/api/v1/groups/relationships?id[]={}", id(&there));
    assert_eq!(ben.api.get(&relation).await[0]["member"], false);
    ben.api.post(&format!("/api/v1/groups/{}/join", id(&there)), json!({})).await;
    eventually("he is a member", || async {
        (ben.api.get(&relation).await[0]["member"] == true).then_some(())
    })
    .await;
    let mine = ben.api.get("/api/v1/groups").await;
    assert_eq!(mine[0]["id"], there["id"]);
    let handle = format!("@bike_kitchen@{}", a.domain());
    ben.posts(&format!("Who has a pump? {handle}")).await;
    let timeline = format!("/api/v1/timelines/group/{}", id(&group));
    let thread = eventually("it stands in the group", || async {
        let threads = ana.api.get(&timeline).await;
        threads.as_array().unwrap().iter().find(|s| says(s, "Who has a pump?")).cloned()
    })
    .await;
    is_shaped(&thread, "Status");
    let members = a.public().get(&format!("/api/v1/groups/{}/memberships", id(&group))).await;
    let role = |acct: &str| {
        let all = members.as_array().unwrap();
        all.iter().find(|m| m["account"]["acct"] == acct).map(|m| m["role"].clone())
    };
    assert_eq!(role("ana"), Some(json!("owner")), "{members:#}");
    assert_eq!(role(&ben.handle), Some(json!("user")));
    let owners = format!("/api/v1/groups/{}/memberships?role=owner", id(&group));
    assert_eq!(a.public().get(&owners).await.as_array().unwrap().len(), 1);
    let left = ben.api.post(&format!("/api/v1/groups/{}/leave", id(&there)), json!({})).await;
    assert_eq!(left["member"], false);
    assert_eq!(ben.api.get("/api/v1/groups").await, json!([]));
    ana.api.try_get(&format!("/api/v1/groups/{}", ana.id)).await.refused(404);
}

async fn stewards_let_people_in_and_out(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben, cleo) =
        (node.member("ana").await, node.member("ben").await, node.member("cleo").await);
    let new = json!({"name": "den", "display_name": "The den", "note": "We talk",
                     "group_visibility": "members_only"});
    let den = ana.api.post("/api/v1/groups", new).await;
    assert_eq!((&den["locked"], &den["group_visibility"]), (&json!(true), &json!("members_only")));
    let at = |rest: &str| format!("/api/v1/groups/{}{rest}", id(&den));
    let asked = ben.api.post(&at("/join"), json!({})).await;
    assert_eq!((&asked["member"], &asked["requested"]), (&json!(false), &json!(true)));
    ben.api.try_get(&at("/memberships")).await.refused(404);
    ben.api.try_get(&at("/membership_requests")).await.refused(403);
    let relation = format!("/api/v1/groups/relationships?id[]={}", id(&den));
    assert_eq!(ana.api.get(&relation).await[0]["pending_requests"], true);
    let waiting = ana.api.get(&at("/membership_requests")).await;
    assert_eq!(waiting[0]["acct"], "ben");
    ana.api.post(&at(&format!("/membership_requests/{}/authorize", ben.id)), json!({})).await;
    assert_eq!(ben.api.get(&relation).await[0]["member"], true);
    assert_eq!(ben.api.get(&at("/memberships")).await.as_array().unwrap().len(), 2);
    cleo.api.post(&at("/join"), json!({})).await;
    ana.api.post(&at(&format!("/membership_requests/{}/reject", cleo.id)), json!({})).await;
    assert_eq!(cleo.api.get(&relation).await[0]["requested"], false);

    // A steward by appointment, and no longer.
    let whom = json!({"account_ids": [ben.id]});
    ben.api.try_post(&at("/promote"), whom.clone()).await.refused(403);
    ana.api.post(&at("/promote"), whom.clone()).await;
    assert_eq!(ben.api.get(&relation).await[0]["role"], "admin");
    ana.api.post(&at("/demote"), whom.clone()).await;
    assert_eq!(ben.api.get(&relation).await[0]["role"], "user");
    ana.api.post(&at("/kick"), whom.clone()).await;
    assert_eq!(ben.api.get(&relation).await[0]["member"], false);
    ana.api.post(&at("/blocks"), whom.clone()).await;
    assert_eq!(ana.api.get(&at("/blocks")).await[0]["acct"], "ben");
    assert_eq!(ben.api.get(&relation).await[0]["blocked_by"], true);
    ben.api.try_post(&at("/join"), json!({})).await.refused(403);
    let request = ana.api.request(Method::DELETE, &at("/blocks")).json(&whom);
    ana.api.send(request).await.ok();
    assert_eq!(ana.api.get(&at("/blocks")).await, json!([]));
}

async fn what_is_ours_is_under_the_group(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let group = node.group("repairs", "We mend things together", "ana").await;
    ben.joins("repairs").await;
    let at = |rest: &str| format!("/api/v1/groups/{}{rest}", id(&group));
    let charter = node.public().get(&at("/charter")).await;
    assert_eq!(charter["purpose"], "We mend things together");
    assert_eq!(charter["founder"]["acct"], "ana");
    assert!(charter["thanks_words"].as_array().unwrap().contains(&json!("thanks")), "{charter}");
    let ask = ana.posts("How do I mend a chair? @repairs").await;
    let answer = ben.replies(&ask, "With glue").await;
    ana.does("thanks", &answer).await;
    let help = node.public().get(&at("/help")).await;
    assert_eq!(help["receipts"], 1, "{help}");
    eventually("how it is doing is known", || async {
        let health = node.public().try_get(&at("/health")).await;
        (health.status == 200 && health.ok()["totals"].is_object()).then_some(())
    })
    .await;
    node.public().try_get(&format!("/api/v1/groups/{}/charter", ben.id)).await.refused(404);
}

async fn a_group_is_a_list_that_nobody_changes(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let group = node.group("repairs", "We mend things together", "ana").await;
    let made = ana.api.post("/api/v1/lists", json!({"title": "Mine"})).await;
    let lists = ana.api.get("/api/v1/lists").await;
    let ids: Vec<&Value> = lists.as_array().unwrap().iter().map(|list| &list["id"]).collect();
    assert_eq!(ids, [&made["id"], &group["id"]]);
    let path = format!("/api/v1/lists/{}", id(&group));
    is_shaped(&ana.api.get(&path).await, "List");
    let rename = ana.api.request(Method::PUT, &path).json(&json!({"title": "Other"}));
    ana.api.send(rename).await.refused(422);
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.refused(422);
    let add = json!({"account_ids": [ana.id]});
    ana.api.try_post(&format!("{path}/accounts"), add).await.refused(422);
    let held = ana.api.get(&format!("{path}/accounts")).await;
    assert_eq!(held[0]["acct"], "repairs");
    let post = ana.posts("My own thread @repairs").await;
    let shown = ana.api.get(&format!("/api/v1/timelines/list/{}", id(&group))).await;
    assert_eq!(shown[0]["id"], post["id"], "own posts show in it");
}
