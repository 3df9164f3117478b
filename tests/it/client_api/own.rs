//! What members set up for themselves, as Mastodon.py does it: lists, filters, tags, notes, blocks.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    Database, MastodonPy, Member, Node, are_shaped, eventually, id, is_shaped, original, says,
};

stories!(
    a_list_shows_whom_it_holds,
    a_list_that_keeps_to_itself_leaves_home,
    what_a_filter_finds_is_marked,
    a_filter_of_the_first_version_is_a_word,
    a_followed_tag_comes_home,
    a_member_shows_tags,
    a_note_is_for_oneself,
    nothing_comes_from_a_blocked_server,
    a_muted_thread_is_quiet,
    languages_of_a_follow_are_kept_to,
    whom_one_knows_is_told,
);

async fn home_says(member: &Member, text: &str) -> bool {
    member.home().await.iter().any(|status| says(original(status), text))
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|a| a["acct"].as_str().unwrap()).collect()
}

fn texts(page: &Value) -> String {
    page.as_array().unwrap().iter().map(|s| original(s)["content"].to_string()).collect()
}

async fn a_list_shows_whom_it_holds(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben, cleo) =
        (node.member("ana").await, node.member("ben").await, node.member("cleo").await);
    let py = MastodonPy::signed_in(&node, &ana);
    let list = py.call_with("list_create", json!(["Gardeners"]), json!({"replies_policy": "none"}));
    is_shaped(&list, "List");
    assert_eq!((&list["title"], &list["replies_policy"]), (&json!("Gardeners"), &json!("none")));
    // Only whom one follows can be in a list.
    let path = format!("/api/v1/lists/{}/accounts", id(&list));
    ana.api.try_post(&path, json!({"account_ids": [ben.id]})).await.refused(404);
    ana.joins("ben").await;
    py.call("list_accounts_add", json!([list["id"], [ben.id]]));
    ana.api.try_post(&path, json!({"account_ids": [ben.id]})).await.refused(422);
    assert_eq!(names(&py.call("list_accounts", json!([list["id"]]))), ["ben"]);
    are_shaped(&ana.api.get(&path).await, "Account");
    let with = py.call("account_lists", json!([ben.id]));
    assert_eq!(with[0]["title"], "Gardeners", "{with}");

    let first = ben.posts("Beans are up").await;
    cleo.posts("Nobody put me in a list").await;
    ben.replies(&first, "And peas").await;
    let timeline = py.call("timeline_list", json!([list["id"]]));
    assert!(texts(&timeline).contains("Beans are up"), "{timeline}");
    assert!(!texts(&timeline).contains("And peas"), "no replies: {timeline}");
    assert!(!texts(&timeline).contains("Nobody put me"), "{timeline}");
    let changed = py.call_with(
        "list_update",
        json!([list["id"], "Growers"]),
        json!({"replies_policy": "list", "exclusive": false}),
    );
    assert_eq!(changed["title"], "Growers");
    let timeline = py.call("timeline_list", json!([list["id"]]));
    assert!(texts(&timeline).contains("And peas"), "replies among those in it: {timeline}");

    // It is hers alone; and goes with what it holds.
    ben.api.try_get(&format!("/api/v1/lists/{}", id(&list))).await.refused(404);
    ben.api.try_get(&format!("/api/v1/timelines/list/{}", id(&list))).await.refused(404);
    ana.api.try_post("/api/v1/lists", json!({"title": " "})).await.refused(422);
    ana.api.post(&format!("/api/v1/accounts/{}/unfollow", ben.id), json!({})).await;
    assert_eq!(py.call("list_accounts", json!([list["id"]])), json!([]), "left with the follow");
    py.call("list_delete", json!([list["id"]]));
    ana.api.try_get(&format!("/api/v1/lists/{}", id(&list))).await.refused(404);
}

async fn a_list_that_keeps_to_itself_leaves_home(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    ana.joins("ben").await;
    ben.posts("Many posts a day").await;
    ana.sees("Many posts a day").await;
    let list = ana.api.post("/api/v1/lists", json!({"title": "Loud", "exclusive": true})).await;
    let add = format!("/api/v1/lists/{}/accounts", id(&list));
    ana.api.post(&add, json!({"account_ids": [ben.id]})).await;
    assert!(!home_says(&ana, "Many posts a day").await);
    let shown = ana.api.get(&format!("/api/v1/timelines/list/{}", id(&list))).await;
    assert!(texts(&shown).contains("Many posts a day"));
    // As a form on DELETE, which some clients send.
    let request = ana.api.request(Method::DELETE, &add).form(&[("account_ids[]", &ben.id)]);
    ana.api.send(request).await.ok();
    assert!(home_says(&ana, "Many posts a day").await);
}

async fn what_a_filter_finds_is_marked(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    ana.joins("ben").await;
    let py = MastodonPy::signed_in(&node, &ana);
    let match_post = ben.posts("The football match").await;
    let ball = ben.posts("A ball of wool").await;
    let other = ben.posts("Nothing of that").await;
    let filter = py.call_with(
        "create_filter_v2",
        json!(["Sport", ["home", "thread"]]),
        json!({"filter_action": "warn", "expires_in": 3600,
               "keywords_attributes": [{"keyword": "ball", "whole_word": true}]}),
    );
    are_shaped(&ana.api.get("/api/v2/filters").await, "Filter");
    assert_eq!(filter["context"], json!(["home", "thread"]));
    assert_eq!(filter["keywords"][0]["keyword"], "ball");
    let marks = async |post: &Value| {
        let home = ana.home().await;
        are_shaped(&json!(home), "Status");
        let shown = home.iter().find(|s| s["id"] == post["id"]).unwrap();
        shown["filtered"].clone()
    };
    assert_eq!(marks(&match_post).await, json!([]), "a whole word");
    let found = marks(&ball).await;
    assert_eq!(found[0]["filter"]["title"], "Sport", "{found}");
    assert_eq!(found[0]["keyword_matches"], json!(["ball"]));
    assert!(found[0]["filter"].get("keywords").is_none(), "what it looks for is not repeated");
    py.call_with(
        "add_filter_keyword_v2",
        json!([filter["id"], "FOOT"]),
        json!({"whole_word": false}),
    );
    assert_eq!(marks(&match_post).await[0]["keyword_matches"], json!(["FOOT"]));
    let kept = py.call("add_filter_status_v2", json!([filter["id"], other["id"]]));
    is_shaped(&kept, "FilterStatus");
    let found = marks(&other).await;
    assert_eq!(found[0]["status_matches"], json!([other["id"]]), "{found}");
    // Nobody is warned of what they wrote themselves, and filters are nobody else's business.
    let own = ana.posts("My own ball").await;
    assert_eq!(marks(&own).await, json!([]));
    let seen = ben.api.get(&format!("/api/v1/statuses/{}", id(&ball))).await;
    assert_eq!(seen["filtered"], json!([]));
    ben.api.try_get(&format!("/api/v2/filters/{}", id(&filter))).await.refused(404);

    let words = py.call("filter_keywords_v2", json!([filter["id"]]));
    are_shaped(&words, "FilterKeyword");
    let foot = words.as_array().unwrap().iter().find(|w| w["keyword"] == "FOOT").unwrap();
    py.call("delete_filter_keyword_v2", json!([foot["id"]]));
    assert_eq!(marks(&match_post).await, json!([]));
    // As forms have it: one word changed, another taken away.
    let ball_id = id(&words[0]);
    let path = format!("/api/v2/filters/{}", id(&filter));
    let form = [
        ("title", "Games"),
        ("filter_action", "hide"),
        ("context[]", "home"),
        ("keywords_attributes[0][id]", &ball_id),
        ("keywords_attributes[0][_destroy]", "true"),
        ("keywords_attributes[1][keyword]", "wool"),
    ];
    let request = ana.api.request(Method::PUT, &path).form(&form);
    let changed = ana.api.send(request).await.ok();
    assert_eq!((&changed["title"], &changed["filter_action"]), (&json!("Games"), &json!("hide")));
    assert_eq!(changed["keywords"].as_array().unwrap().len(), 1);
    assert_eq!(changed["keywords"][0]["keyword"], "wool");
    for bad in [
        json!({"title": "x"}),
        json!({"title": "x", "context": []}),
        json!({"title": "x", "context": ["moon"]}),
        json!({"title": "", "context": ["home"]}),
        json!({"title": "x", "context": ["home"], "filter_action": "shout"}),
        json!({"title": "x", "context": ["home"], "expires_in": "soon"}),
    ] {
        ana.api.try_post("/api/v2/filters", bad).await.refused(422);
    }
    py.call("delete_filter_v2", json!([filter["id"]]));
    assert_eq!(py.call("filters_v2", json!([])), json!([]));
    assert_eq!(marks(&ball).await, json!([]));
}

async fn a_filter_of_the_first_version_is_a_word(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let py = MastodonPy::signed_in(&node, &ana);
    let filter = py.call_with(
        "filter_create",
        json!(["spoilers", ["home"]]),
        json!({"whole_word": true, "irreversible": true}),
    );
    is_shaped(&filter, "V1Filter");
    assert_eq!((&filter["phrase"], &filter["irreversible"]), (&json!("spoilers"), &json!(true)));
    let v2 = ana.api.get("/api/v2/filters").await;
    assert_eq!(v2[0]["filter_action"], "hide");
    assert_eq!(v2[0]["keywords"][0]["id"], filter["id"], "the same thing in both");
    let path = format!("/api/v1/filters/{}", id(&filter));
    let body = json!({"phrase": "endings", "context": ["home"], "expires_in": 60});
    let changed = ana.api.send(ana.api.request(Method::PUT, &path).json(&body)).await.ok();
    assert_eq!(changed["phrase"], "endings");
    assert!(changed["expires_at"].is_string());
    py.call("filter_delete", json!([filter["id"]]));
    assert_eq!(py.call("filters", json!([])), json!([]));
    assert_eq!(ana.api.get("/api/v2/filters").await, json!([]), "its filter went with it");
}

async fn a_followed_tag_comes_home(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let py = MastodonPy::signed_in(&node, &ana);
    ben.posts("Before #Compost").await;
    assert!(!home_says(&ana, "Before").await);
    let tag = py.call("tag_follow", json!(["Compost"]));
    is_shaped(&tag, "Tag");
    assert_eq!((&tag["name"], &tag["following"]), (&json!("compost"), &json!(true)));
    assert!(home_says(&ana, "Before").await);
    let quiet = json!({"status": "Quietly #compost", "visibility": "unlisted"});
    ben.api.post("/api/v1/statuses", quiet).await;
    assert!(!home_says(&ana, "Quietly").await, "only what is public");
    assert_eq!(py.call("followed_tags", json!([]))[0]["name"], "compost");
    ana.api.post(&format!("/api/v1/accounts/{}/mute", ben.id), json!({})).await;
    assert!(!home_says(&ana, "Before").await, "but not of whom one mutes");
    ana.api.post(&format!("/api/v1/accounts/{}/unmute", ben.id), json!({})).await;
    assert_eq!(py.call("tag_unfollow", json!(["compost"]))["following"], false);
    assert!(!home_says(&ana, "Before").await);
    assert_eq!(py.call("followed_tags", json!([])), json!([]));
    ana.api.try_post("/api/v1/tags/%20/follow", json!({})).await.refused(404);
}

async fn a_member_shows_tags(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let py = MastodonPy::signed_in(&node, &ana);
    ana.posts("Look #Beans").await;
    ana.posts("Again #beans and #Peas").await;
    let suggested = py.call("featured_tag_suggestions", json!([]));
    assert_eq!(suggested[0]["name"], "beans", "{suggested}");
    let shown = py.call("featured_tag_create", json!(["Beans"]));
    is_shaped(&shown, "FeaturedTag");
    assert_eq!((&shown["name"], &shown["statuses_count"]), (&json!("Beans"), &json!("2")));
    ana.api.try_post("/api/v1/featured_tags", json!({"name": "beans"})).await.refused(422);
    ana.api.try_post("/api/v1/featured_tags", json!({"name": "no tag!"})).await.refused(422);
    let public = node.public().get(&format!("/api/v1/accounts/{}/featured_tags", ana.id)).await;
    assert_eq!(public[0]["name"], "Beans");
    let suggested = py.call("featured_tag_suggestions", json!([]));
    assert_eq!(suggested[0]["name"], "peas", "what is shown is not suggested: {suggested}");
    py.call("featured_tag_delete", json!([shown["id"]]));
    assert_eq!(py.call("featured_tags", json!([])), json!([]));
}

async fn a_note_is_for_oneself(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let py = MastodonPy::signed_in(&node, &ana);
    let told = py.call("account_note_set", json!([ben.id, "Knows ladders"]));
    is_shaped(&told, "Relationship");
    assert_eq!(told["note"], "Knows ladders");
    let path = |of: &Member| format!("/api/v1/accounts/relationships?id[]={}", of.id);
    assert_eq!(ana.api.get(&path(&ben)).await[0]["note"], "Knows ladders");
    assert_eq!(ben.api.get(&path(&ana)).await[0]["note"], "");
    assert_eq!(py.call("account_note_set", json!([ben.id, ""]))["note"], "");
    // One endorses whom one follows.
    let endorse = format!("/api/v1/accounts/{}/endorse", ben.id);
    ana.api.try_post(&endorse, json!({})).await.refused(422);
    ana.joins("ben").await;
    assert_eq!(py.call("account_pin", json!([ben.id]))["endorsed"], true);
    let public = node.public().get(&format!("/api/v1/accounts/{}/endorsements", ana.id)).await;
    assert_eq!(names(&public), ["ben"]);
    assert_eq!(py.call("account_unpin", json!([ben.id]))["endorsed"], false);
    assert_eq!(py.call("endorsements", json!([])), json!([]));
}

async fn nothing_comes_from_a_blocked_server(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    let cleo = a.member("cleo").await;
    ana.joins(&ben.handle).await;
    ben.joins(&ana.handle).await;
    cleo.joins(&ben.handle).await;
    ben.posts("From over there").await;
    ana.sees("From over there").await;
    let py = MastodonPy::signed_in(&a, &ana);
    py.call("domain_block", json!([b.domain()]));
    assert_eq!(py.call("domain_blocks", json!([])), json!([b.domain()]));
    assert!(!home_says(&ana, "From over there").await);
    let account = id(&ana.finds(&ben.handle).await);
    let relationship = ana.api.get(&format!("/api/v1/accounts/relationships?id[]={account}")).await;
    assert_eq!(relationship[0]["domain_blocking"], true);
    assert_eq!(relationship[0]["following"], false, "both stop following");
    assert_eq!(relationship[0]["followed_by"], false);
    ben.posts(&format!("@{} do you hear me?", ana.handle)).await;
    ben.posts(&format!("@{} and you?", cleo.handle)).await;
    cleo.is_told("mention", &ben.handle).await;
    let told = ana.api.get("/api/v1/notifications?types[]=mention").await;
    assert_eq!(told, json!([]));
    let all = ana.api.get("/api/v1/timelines/public").await;
    assert!(!texts(&all).contains("From over there"), "{all}");
    assert!(home_says(&cleo, "From over there").await, "it is hers alone");
    for bad in ["", "localhost", "a b", "https://evil.example/x"] {
        let body = json!({ "domain": bad });
        ana.api.try_post("/api/v1/domain_blocks", body).await.refused(422);
    }
    py.call("domain_unblock", json!([b.domain()]));
    assert_eq!(py.call("domain_blocks", json!([])), json!([]));
}

async fn a_muted_thread_is_quiet(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let py = MastodonPy::signed_in(&node, &ana);
    let post = ana.posts("Who has a drill?").await;
    let muted = py.call("status_mute", json!([post["id"]]));
    assert_eq!(muted["muted"], true);
    let reply = ben.replies(&post, "@ana me").await;
    let shown = ana.api.get(&format!("/api/v1/statuses/{}", id(&reply))).await;
    assert_eq!(shown["muted"], true, "all of the thread");
    assert_eq!(ana.api.get("/api/v1/notifications").await, json!([]));
    assert_eq!(py.call("status_unmute", json!([post["id"]]))["muted"], false);
    ben.replies(&post, "@ana still me").await;
    ana.is_told("mention", "ben").await;
}

async fn languages_of_a_follow_are_kept_to(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let follow = format!("/api/v1/accounts/{}/follow", ben.id);
    let told = ana.api.post(&follow, json!({"languages": ["de", "fr"]})).await;
    assert_eq!(told["languages"], json!(["de", "fr"]));
    for (text, language) in [("Guten Tag", "de"), ("Good day", "en")] {
        ben.api.post("/api/v1/statuses", json!({"status": text, "language": language})).await;
    }
    eventually("what is in German comes home", || async {
        home_says(&ana, "Guten Tag").await.then_some(())
    })
    .await;
    assert!(!home_says(&ana, "Good day").await);
    let told = ana.api.post(&follow, json!({"reblogs": true})).await;
    assert_eq!(told["languages"], json!(["de", "fr"]), "what is not named stays");
    let request = ana.api.request(Method::POST, &follow).form(&[("languages[]", "")]);
    assert_eq!(ana.api.send(request).await.ok()["languages"], Value::Null);
    assert!(home_says(&ana, "Good day").await);
    ana.api.try_post(&follow, json!({"languages": ["%"]})).await.refused(422);
}

async fn whom_one_knows_is_told(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben, cleo) =
        (node.member("ana").await, node.member("ben").await, node.member("cleo").await);
    ana.joins("ben").await;
    ben.joins("cleo").await;
    let py = MastodonPy::signed_in(&node, &ana);
    let known = py.call("account_familiar_followers", json!([[cleo.id, ben.id]]));
    let path = format!("/api/v1/accounts/familiar_followers?id[]={}", cleo.id);
    are_shaped(&ana.api.get(&path).await, "FamiliarFollowers");
    assert_eq!(names(&known[0]["accounts"]), ["ben"]);
    assert_eq!(known[1]["accounts"], json!([]));
    cleo.posts("I am about").await;
    let listed = py.call_with("directory", json!([]), json!({"local": true, "order": "active"}));
    assert_eq!(names(&listed), ["cleo"], "who posted");
    let newest = py.call_with("directory", json!([]), json!({"local": true, "order": "new"}));
    assert_eq!(names(&newest), ["cleo", "ben", "ana"]);
}
