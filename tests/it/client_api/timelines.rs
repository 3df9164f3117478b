//! Timelines, their pages, and what a client remembers with them.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Database, Node, are_shaped, id, is_shaped, original, says};

stories!(
    home_is_paged_by_links,
    public_tag_and_account_timelines_show_what_they_should,
    markers_and_preferences_are_kept,
    a_joined_group_is_a_list_too,
    notifications_are_listed_and_cleared,
);

fn ids(page: &Value) -> Vec<String> {
    page.as_array().unwrap().iter().map(id).collect()
}

async fn home_is_paged_by_links(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let mut posted = Vec::new();
    for i in 0..25 {
        posted.push(id(&ana.posts(&format!("Post {i}")).await));
    }
    posted.reverse();

    let newest = ana.api.try_get("/api/v1/timelines/home?limit=10").await;
    assert_eq!(ids(&newest.ok()), posted[..10]);
    let next = newest.link("next").expect("there is more");
    assert!(next.starts_with(&node.origin()) && next.contains("limit=10"), "{next}");
    let second = ana.api.try_get(&next).await;
    assert_eq!(ids(&second.ok()), posted[10..20]);
    let last = ana.api.try_get(&second.link("next").unwrap()).await;
    assert_eq!(ids(&last.ok()), posted[20..]);
    let back = ana.api.try_get(&second.link("prev").unwrap()).await;
    assert_eq!(ids(&back.ok()), posted[..10], "the page just after");
    let current = ana.api.try_get(&newest.link("prev").unwrap()).await;
    assert_eq!(current.ok(), json!([]), "prev does not contain its own row");

    let since = format!("/api/v1/timelines/home?since_id={}&limit=3", posted[10]);
    assert_eq!(ids(&ana.api.get(&since).await), posted[..3], "since_id: the newest page");
    let min = format!("/api/v1/timelines/home?min_id={}&limit=3", posted[10]);
    assert_eq!(ids(&ana.api.get(&min).await), posted[7..10], "min_id: the page just after");
    assert!(posted.iter().all(|id| id.parse::<i64>().is_ok()), "ids are decimal digits");
}

async fn public_tag_and_account_timelines_show_what_they_should(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    ana.joins(&ben.handle).await;
    let mine = ana.posts("Here we garden #Garden").await;
    ben.posts("There we garden #garden").await;
    let theirs = ana.sees("There we garden").await;
    ana.replies(&theirs, "A reply to Ben").await;

    let all = a.public().get("/api/v1/timelines/public").await;
    are_shaped(&all, "Status");
    assert!(ids(&all).contains(&id(&mine)) && ids(&all).contains(&id(&theirs)), "{all}");
    let local = ids(&a.public().get("/api/v1/timelines/public?local=true").await);
    assert!(local.contains(&id(&mine)) && !local.contains(&id(&theirs)));
    let remote = ids(&a.public().get("/api/v1/timelines/public?remote=true").await);
    assert!(!remote.contains(&id(&mine)) && remote.contains(&id(&theirs)));
    let tagged = ids(&a.public().get("/api/v1/timelines/tag/GARDEN").await);
    assert_eq!(tagged, [id(&theirs), id(&mine)]);

    let wall = format!("/api/v1/accounts/{}/statuses", ana.id);
    assert_eq!(ids(&a.public().get(&wall).await).len(), 2);
    let threads = ids(&a.public().get(&format!("{wall}?exclude_replies=true")).await);
    assert_eq!(threads, [id(&mine)]);
    let pinned = a.public().try_get(&format!("{wall}?pinned=true")).await;
    assert_eq!((pinned.ok(), pinned.link("next")), (json!([]), None));

    let lookup = a.public().get("/api/v1/accounts/lookup?acct=ana").await;
    is_shaped(&lookup, "Account");
    assert_eq!(lookup["statuses_count"], 2);
    let full = format!("/api/v1/accounts/lookup?acct={}", ana.handle);
    assert_eq!(id(&a.public().get(&full).await), ana.id);
    let followers = b.public().get(&format!("/api/v1/accounts/{}/followers", ben.id)).await;
    assert_eq!(followers[0]["acct"], ana.handle.as_str());
}

async fn markers_and_preferences_are_kept(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let post = id(&ana.posts("Read up to here").await);
    let form = [("home[last_read_id]", post.as_str())];
    let saved = ana.api.try_form("/api/v1/markers", &form).await.ok();
    is_shaped(&saved["home"], "Marker");
    let read = ana.api.get("/api/v1/markers?timeline[]=home&timeline[]=notifications").await;
    assert_eq!(read["home"]["last_read_id"], post.as_str());

    let preferences = ana.api.get("/api/v1/preferences").await;
    is_shaped(&preferences, "Preferences");
    assert_eq!(preferences["posting:default:visibility"], "public");
    let change = reqwest::multipart::Form::new()
        .text("display_name", "Ana Banana")
        .text("note", "I **mend**")
        .text("source[privacy]", "unlisted")
        .text("fields_attributes[0][name]", "Home")
        .text("fields_attributes[0][value]", "The shed");
    let request = ana.api.request(Method::PATCH, "/api/v1/accounts/update_credentials");
    let me = ana.api.send(request.multipart(change)).await.ok();
    is_shaped(&me, "CredentialAccount");
    assert_eq!(me["display_name"], "Ana Banana");
    assert_eq!(me["source"]["note"], "I **mend**");
    assert_eq!(me["fields"][0]["name"], "Home");
    let preferences = ana.api.get("/api/v1/preferences").await;
    assert_eq!(preferences["posting:default:visibility"], "unlisted");
    assert_eq!(ana.posts("By default").await["visibility"], "unlisted");
}

async fn a_joined_group_is_a_list_too(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (_ana, ben) = (a.member("ana").await, b.member("ben").await);
    a.group("repairs", "We mend things together", "ana").await;
    let handle = format!("repairs@{}", a.domain());
    let group = ben.joins(&handle).await;

    let lists = ben.api.get("/api/v1/lists").await;
    are_shaped(&lists, "List");
    assert_eq!(lists.as_array().unwrap().len(), 1, "{lists}");
    let list = format!("/api/v1/lists/{}", id(&lists[0]));
    assert_eq!(ids(&ben.api.get(&format!("{list}/accounts")).await), [group.as_str()]);
    ben.posts(&format!("My own post shows @{handle}")).await;
    ben.sees("My own post shows").await;
    let timeline = format!("/api/v1/timelines/list/{}", id(&lists[0]));
    let shown = crate::harness::eventually("the post shows in the list", || async {
        let page = ben.api.get(&timeline).await;
        let found = page.as_array().unwrap().iter().any(|s| says(original(s), "My own post"));
        found.then_some(page)
    })
    .await;
    assert_eq!(shown.as_array().unwrap().len(), 1, "{shown}");
    let change = ben.api.request(Method::PUT, &list).json(&json!({"title": "Mine"}));
    ben.api.send(change).await.refused(422);
    ben.api.send(ben.api.request(Method::DELETE, &list)).await.refused(422);

    ben.api.post(&format!("/api/v1/accounts/{group}/unfollow"), json!({})).await;
    assert_eq!(ben.api.get("/api/v1/lists").await, json!([]));
}

async fn notifications_are_listed_and_cleared(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    ben.joins("ana").await;
    let post = ana.posts("Something to like").await;
    ben.does("favourite", &post).await;
    ben.replies(&post, "@ana I like it").await;
    ana.is_told("mention", "ben").await;
    let all = ana.api.get("/api/v1/notifications").await;
    are_shaped(&all, "Notification");
    let kinds: Vec<&str> =
        all.as_array().unwrap().iter().map(|n| n["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["mention", "favourite", "follow"]);
    let only = ana.api.get("/api/v1/notifications?types[]=follow").await;
    assert_eq!(only.as_array().unwrap().len(), 1);
    let but = ana.api.get("/api/v1/notifications?exclude_types[]=follow").await;
    assert_eq!(but.as_array().unwrap().len(), 2);
    let one = ana.api.get(&format!("/api/v1/notifications/{}", id(&all[0]))).await;
    assert_eq!(id(&one), id(&all[0]));
    ana.api.post(&format!("/api/v1/notifications/{}/dismiss", id(&all[0])), json!({})).await;
    assert_eq!(ana.api.get("/api/v1/notifications").await.as_array().unwrap().len(), 2);
    ana.api.post("/api/v1/notifications/clear", json!({})).await;
    assert_eq!(ana.api.get("/api/v1/notifications").await, json!([]));
}
