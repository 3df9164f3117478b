//! What members are told: grouped, held back, said in private, announced, and planned for later.
use commonhold::{
    db::{self, actors::Actor, page::Page, scheduled::Scheduled, timelines::AccountFilter},
    domain::{
        posts::{self, Draft},
        scheduled,
    },
    worker,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Database, MastodonPy, Node, are_shaped, eventually, id, is_shaped, says},
    rules::Quiet,
};

stories!(
    what_belongs_together_is_told_together,
    strangers_wait_until_they_are_let_through,
    some_are_not_heard_at_all,
    direct_messages_are_conversations,
    a_post_is_planned_moved_and_cancelled,
    a_post_goes_out_once_its_time_has_come,
    what_cannot_go_out_says_why,
    the_operator_tells_everyone,
);

async fn what_belongs_together_is_told_together(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let post = ana.posts("A cake for all").await;
    for name in ["ben", "cleo", "dan"] {
        let member = node.member(name).await;
        member.does("favourite", &post).await;
        member.replies(&post, "@ana thank you").await;
    }
    let py = MastodonPy::signed_in(&node, &ana);
    let told = py.call("grouped_notifications", json!([]));
    let mut groups = told["notification_groups"].as_array().unwrap().clone();
    groups.retain(|group| group["type"] != "follow");
    let likes: Vec<_> = groups.iter().filter(|group| group["type"] == "favourite").collect();
    let [likes] = likes.as_slice() else { panic!("one group: {told:#}") };
    assert_eq!(likes["notifications_count"], 3);
    assert_eq!(likes["sample_account_ids"].as_array().unwrap().len(), 3);
    assert_eq!(likes["status_id"], post["id"]);
    let mentions = groups.iter().filter(|group| group["type"] == "mention").count();
    assert_eq!(mentions, 3, "each by itself");
    let whole = ana.api.get("/api/v2/notifications").await;
    is_shaped(&whole, "GroupedNotificationsResults");
    let raw = &whole["notification_groups"][0]["most_recent_notification_id"];
    assert!(raw.is_i64(), "a number, unlike every other id: {raw}");
    let count = ana.api.get("/api/v2/notifications/unread_count").await;
    assert_eq!(count["count"], 4);
    assert_eq!(ana.api.get("/api/v1/notifications/unread_count").await["count"], 6);

    // A page of two groups, and the next one.
    let page = ana.api.try_get("/api/v2/notifications?limit=2").await;
    assert_eq!(page.ok()["notification_groups"].as_array().unwrap().len(), 2);
    let mut seen: Vec<Value> = page.ok()["notification_groups"].as_array().unwrap().clone();
    let next = ana.api.try_get(&page.link("next").unwrap()).await.ok();
    seen.extend(next["notification_groups"].as_array().unwrap().iter().cloned());
    assert!(seen.len() >= 4, "{seen:#?}");

    let key = likes["group_key"].as_str().unwrap();
    let one = py.call("grouped_notification", json!([key]));
    assert_eq!(one["notification_groups"][0]["notifications_count"], 3);
    let people = py.call("grouped_notification_accounts", json!([key]));
    assert_eq!(people.as_array().unwrap().len(), 3);
    // As single ones where the client wants that.
    let apart = ana.api.get("/api/v2/notifications?grouped_types[]=reblog").await;
    let apart = apart["notification_groups"].as_array().unwrap();
    assert_eq!(apart.iter().filter(|group| group["type"] == "favourite").count(), 3);
    py.call("dismiss_grouped_notification", json!([key]));
    let left = ana.api.get("/api/v1/notifications?types[]=favourite").await;
    assert_eq!(left, json!([]));
    ana.api.try_get(&format!("/api/v2/notifications/{key}")).await.refused(404);
}

async fn strangers_wait_until_they_are_let_through(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben, cleo) =
        (node.member("ana").await, node.member("ben").await, node.member("cleo").await);
    let py = MastodonPy::signed_in(&node, &ana);
    let policy = py.call("notifications_policy", json!([]));
    is_shaped(&policy, "NotificationPolicy");
    assert_eq!(policy["for_not_following"], "accept");
    let filter = json!({"for_not_following": "filter"});
    let policy = py.call_with("update_notifications_policy", json!([]), filter);
    assert_eq!(policy["for_not_following"], "filter");
    ana.joins("cleo").await;
    ben.posts("@ana you do not know me").await;
    cleo.posts("@ana you know me").await;
    ana.is_told("mention", "cleo").await;
    let told = ana.api.get("/api/v1/notifications?types[]=mention").await;
    assert_eq!(told.as_array().unwrap().len(), 1, "{told:#}");
    let all = ana.api.get("/api/v1/notifications?types[]=mention&include_filtered=true").await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    let policy = py.call("notifications_policy", json!([]));
    assert_eq!(policy["summary"]["pending_requests_count"], 1);
    assert_eq!(policy["summary"]["pending_notifications_count"], 1);
    let requests = py.call("notification_requests", json!([]));
    are_shaped(&ana.api.get("/api/v1/notifications/requests").await, "NotificationRequest");
    assert_eq!(requests[0]["account"]["acct"], "ben");
    assert!(says(&requests[0]["last_status"], "you do not know me"), "{requests}");
    py.call("accept_notification_request", json!([requests[0]["id"]]));
    ana.is_told("mention", "ben").await;
    ben.posts("@ana now you do").await;
    eventually("what comes later is shown at once", || async {
        let told = ana.api.get("/api/v1/notifications?types[]=mention").await;
        (told.as_array().unwrap().len() == 3).then_some(())
    })
    .await;
    assert_eq!(py.call("notification_requests", json!([])), json!([]));
    assert_eq!(py.call("notifications_merged", json!([])), json!(true));
    let bad = json!({"for_new_accounts": "perhaps"});
    let request = ana.api.request(Method::PATCH, "/api/v2/notifications/policy").json(&bad);
    ana.api.send(request).await.refused(422);
}

async fn some_are_not_heard_at_all(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let py = MastodonPy::signed_in(&node, &ana);
    let drop = json!({"for_private_mentions": "drop", "for_new_accounts": "filter"});
    py.call_with("update_notifications_policy", json!([]), drop);
    let direct = json!({"status": "@ana psst", "visibility": "direct"});
    ben.api.post("/api/v1/statuses", direct).await;
    ben.posts("@ana hello").await;
    let requests = py.call("notification_requests", json!([]));
    assert_eq!(requests[0]["notifications_count"], "1", "the direct one is not even kept");
    py.call("dismiss_notification_request", json!([requests[0]["id"]]));
    let all = ana.api.get("/api/v1/notifications?include_filtered=true").await;
    assert_eq!(all, json!([]), "forgotten");
    // Who is answered is heard: she wrote first.
    let question = json!({"status": "@ben may I ask?", "visibility": "direct"});
    let question = ana.api.post("/api/v1/statuses", question).await;
    let answer = json!({"status": "@ana you may", "visibility": "direct",
                        "in_reply_to_id": question["id"]});
    ben.api.post("/api/v1/statuses", answer).await;
    ana.is_told("mention", "ben").await;
}

async fn direct_messages_are_conversations(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    let py = MastodonPy::signed_in(&a, &ana);
    let first = json!({"status": format!("@{} the key is under the mat", ana.handle),
                       "visibility": "direct"});
    ben.api.post("/api/v1/statuses", first).await;
    let one = eventually("a conversation begins", || async {
        py.call("conversations", json!([])).get(0).cloned()
    })
    .await;
    let raw = ana.api.get("/api/v1/conversations").await;
    are_shaped(&raw, "Conversation");
    assert_eq!(one["unread"], true);
    assert_eq!(one["accounts"][0]["acct"], ben.handle.as_str());
    assert!(says(&one["last_status"], "under the mat"));
    let read = py.call("conversations_read", json!([one["id"]]));
    assert_eq!(read["unread"], false);
    let reply = json!({"status": format!("@{} thanks", ben.handle), "visibility": "direct",
                       "in_reply_to_id": one["last_status"]["id"]});
    let reply = ana.api.post("/api/v1/statuses", reply).await;
    let all = ana.api.get("/api/v1/conversations").await;
    assert_eq!(all.as_array().unwrap().len(), 1, "it goes on: {all:#}");
    assert_eq!(all[0]["last_status"]["id"], reply["id"]);
    assert_eq!(all[0]["unread"], false, "what she wrote she has seen");
    eventually("he has it, too", || async {
        let his = ben.api.get("/api/v1/conversations").await;
        (his[0]["last_status"]["content"].to_string().contains("thanks")).then_some(())
    })
    .await;
    assert!(says(&ana.api.get("/api/v1/timelines/direct").await[0], "thanks"));
    // The last word taken back, the one before is the last.
    let path = format!("/api/v1/statuses/{}", id(&reply));
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    let all = ana.api.get("/api/v1/conversations").await;
    assert!(says(&all[0]["last_status"], "under the mat"), "{all:#}");
    let path = format!("/api/v1/conversations/{}", id(&all[0]));
    let eve = a.member("eve").await;
    eve.api.send(eve.api.request(Method::DELETE, &path)).await.refused(404);
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    assert_eq!(ana.api.get("/api/v1/conversations").await, json!([]));
}

async fn a_post_is_planned_moved_and_cancelled(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let plan = |secs: i64| commonhold::types::Time::now().plus_secs(secs).rfc3339();
    let body = json!({"status": "Good morning", "scheduled_at": plan(3_600),
                      "spoiler_text": "Weather", "visibility": "unlisted"});
    let planned = ana.api.post("/api/v1/statuses", body).await;
    is_shaped(&planned, "ScheduledStatus");
    assert_eq!(planned["params"]["text"], "Good morning");
    assert_eq!(planned["params"]["visibility"], "unlisted");
    assert!(ana.home().await.is_empty(), "not yet");
    let py = MastodonPy::signed_in(&node, &ana);
    assert_eq!(py.call("scheduled_statuses", json!([]))[0]["id"], planned["id"]);
    let path = format!("/api/v1/scheduled_statuses/{}", id(&planned));
    let later = json!({"scheduled_at": plan(10)});
    let request = ana.api.request(Method::PUT, &path).json(&later);
    ana.api.send(request).await.refused(422);
    let later = json!({"scheduled_at": plan(7_200)});
    let moved = ana.api.send(ana.api.request(Method::PUT, &path).json(&later)).await.ok();
    assert_eq!(moved["scheduled_at"], later["scheduled_at"]);
    node.member("eve").await.api.try_get(&path).await.refused(404);
    let near = json!({"status": "Too soon", "scheduled_at": plan(30)});
    ana.api.try_post("/api/v1/statuses", near).await.refused(422);
    let blank = json!({"status": " ", "scheduled_at": plan(3_600)});
    ana.api.try_post("/api/v1/statuses", blank).await.refused(422);
    py.call("scheduled_status_delete", json!([planned["id"]]));
    ana.api.try_get(&path).await.refused(404);
}

/// A draft of a member, due in ten minutes.
fn planned(node: &Quiet, who: &Actor, draft: Draft) -> Scheduled {
    let (who, due) = (who.id, node.app.now().plus_secs(600));
    node.app.write_now(move |tx| scheduled::plan(tx, who, &draft, due)).unwrap()
}

async fn a_post_goes_out_once_its_time_has_come(database: Database) {
    let node = Quiet::open(database);
    let ben = node.member("ben");
    let draft = Draft { source: "Good evening".into(), ..Draft::default() };
    let row = planned(&node, &ben, draft);
    let wall = || {
        let (ben, page) = (ben.id, Page::newest(10));
        let filter = AccountFilter::default();
        let found = node.app.read_now(move |conn| {
            Ok(db::timelines::account(conn, Some(ben), ben, &filter, &page)?)
        });
        found.unwrap()
    };
    node.app.skip_secs(590);
    worker::settle(&node.app).await.unwrap();
    assert!(wall().is_empty(), "not before");
    // Put off by ten minutes: what was due first does nothing.
    let (who, id, later) = (ben.id, row.id, row.due_at.plus_secs(600));
    node.app.write_now(move |tx| scheduled::put_off(tx, who, id, later)).unwrap();
    node.app.skip_secs(20);
    worker::settle(&node.app).await.unwrap();
    assert!(wall().is_empty(), "it was put off");
    node.app.skip_secs(600);
    worker::settle(&node.app).await.unwrap();
    let posts = wall();
    assert_eq!(posts.len(), 1);
    assert!(posts[0].content.contains("Good evening"));
    let left = node.app.read_now(move |conn| Ok(db::scheduled::find(conn, id)?)).unwrap();
    assert!(left.is_none());
}

async fn what_cannot_go_out_says_why(database: Database) {
    let node = Quiet::open(database);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    let question = node.posts(&chloe, "Who comes?", None);
    let draft = Draft { source: "I do".into(), in_reply_to: Some(question.id), ..Draft::default() };
    let row = planned(&node, &ben, draft);
    let author = chloe.clone();
    node.app.write_now(move |tx| posts::delete(tx, &author, question.id)).unwrap();
    node.app.skip_secs(610);
    worker::settle(&node.app).await.unwrap();
    let kept = node.app.read_now(move |conn| Ok(db::scheduled::find(conn, row.id)?)).unwrap();
    let kept = kept.expect("nothing is lost");
    assert!(kept.problem.is_some());
    assert_eq!(scheduled::draft_of(&kept).unwrap().source, "I do");
}

async fn the_operator_tells_everyone(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let py = MastodonPy::signed_in(&node, &ana);
    assert_eq!(py.call("announcements", json!([])), json!([]));
    node.run(&["announcement", "create", "We move on **Sunday**", "--ends", "2038-01-01"]);
    let told = py.call("announcements", json!([]));
    are_shaped(&ana.api.get("/api/v1/announcements").await, "Announcement");
    assert!(says(&told[0], "<strong>Sunday</strong>"), "{told}");
    assert_eq!(told[0]["read"], false);
    py.call("announcement_reaction_create", json!([told[0]["id"], "🎉"]));
    let seen = ben.api.get("/api/v1/announcements").await;
    let reaction = &seen[0]["reactions"][0];
    assert_eq!(
        (&reaction["name"], &reaction["count"], &reaction["me"]),
        (&json!("🎉"), &json!(1), &json!(false))
    );
    let bad = format!("/api/v1/announcements/{}/reactions/no", id(&told[0]));
    ana.api.send(ana.api.request(Method::PUT, &bad)).await.refused(422);
    py.call("announcement_reaction_delete", json!([told[0]["id"], "🎉"]));
    py.call("announcement_dismiss", json!([told[0]["id"]]));
    let told = ana.api.get("/api/v1/announcements").await;
    assert_eq!((&told[0]["read"], &told[0]["reactions"]), (&json!(true), &json!([])));
    assert_eq!(ben.api.get("/api/v1/announcements").await[0]["read"], false);
    node.run(&["announcement", "remove", told[0]["id"].as_str().unwrap()]);
    assert_eq!(ben.api.get("/api/v1/announcements").await, json!([]));
}
