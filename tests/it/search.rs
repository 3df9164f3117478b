//! Finding posts by their words: what is found, by whom, and how it is asked for.
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client_api::media::{picture, upload},
    harness::{
        Api, Browser, Database, Look, MastodonPy, Member, Node, Peer, Setup, eventually, id,
    },
};

stories!(
    words_are_found_however_they_are_written,
    operators_narrow_a_search,
    nobody_finds_what_they_may_not_read,
    a_post_is_found_by_what_it_says_now,
    posts_from_elsewhere_are_found_where_their_authors_want,
    a_search_is_paged_to_its_end,
    what_was_here_before_is_found_after_an_upgrade,
    nothing_that_can_be_typed_breaks_a_search,
    members_search_on_the_web,
);

/// What posts say that somebody finds, newest first; without markup.
async fn finds(api: &Api, typed: &str) -> Vec<String> {
    let query = [("q", typed), ("type", "statuses"), ("limit", "40")];
    let request = api.request(Method::GET, "/api/v2/search").query(&query);
    let found = api.send(request).await.ok();
    assert_eq!((&found["accounts"], &found["hashtags"]), (&json!([]), &json!([])));
    found["statuses"].as_array().unwrap().iter().map(words).collect()
}

fn words(status: &Value) -> String {
    let html = status["content"].as_str().unwrap();
    let mut words = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => words.push(c),
            _ => {}
        }
    }
    words
}

async fn words_are_found_however_they_are_written(database: Database) {
    let node = Node::start(database).await;
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    for text in [
        "Ein Café in der **Straße**, déjà-vu",
        "東京の庭で花が咲く",
        "It is an old saw, don't ask",
        "The saw is old",
        "Gardening for beginners",
        "학교에서 만나요",
    ] {
        ana.posts(text).await;
    }
    for (typed, found) in [
        ("cafe STRASSE", "Ein Café"),
        ("\"deja vu\"", "Ein Café"),
        ("東京", "東京"),
        ("花が", "東京"),
        ("학교", "학교"),
        ("\"old saw\"", "It is an old saw"),
        ("old saw -\"old saw\"", "The saw is old"),
        ("don't", "It is an old saw"),
        ("gard*", "Gardening"),
        ("saw the", "The saw"),
        ("old saw", "The saw"),
    ] {
        let answer = finds(&bob.api, typed).await;
        assert!(
            answer.first().is_some_and(|first| first.starts_with(found)),
            "{typed}: {answer:?}"
        );
    }
    assert_eq!(finds(&bob.api, "old saw").await.len(), 2);
    for typed in ["京東", "\"saw old\"", "gard", "cafe tea", "Straßen", "old saw -saw", "ga*"] {
        assert_eq!(finds(&bob.api, typed).await, Vec::<String>::new(), "{typed}");
    }
    let picture = upload(&ana, picture(), "A marmalade cat").await.ok();
    let post = json!({"status": "Look", "media_ids": [id(&picture)], "spoiler_text": "Whiskers"});
    ana.api.post("/api/v1/statuses", post).await;
    let poll =
        json!({"status": "Which", "poll": {"options": ["Parsnip", "Leek"], "expires_in": 600}});
    ana.api.post("/api/v1/statuses", poll).await;
    for (typed, found) in [("marmalade", "Look"), ("whiskers cat", "Look"), ("parsnip", "Which")] {
        assert_eq!(finds(&bob.api, typed).await, [found], "{typed}");
    }
    assert_eq!(finds(&bob.api, "\"cat look\"").await.len(), 0, "no phrase goes over two texts");
    assert_eq!(finds(&node.public(), "cafe").await.len(), 0, "visitors search names and hashtags");

    let app = MastodonPy::signed_in(&node, &bob);
    let found = app.call_with("search", json!(["cafe"]), json!({"result_type": "statuses"}));
    assert_eq!(found["statuses"].as_array().unwrap().len(), 1);
    let found = app.call_with("search_v2", json!(["saw"]), json!({"account_id": ana.id}));
    assert_eq!(found["statuses"].as_array().unwrap().len(), 2);
    let found = app.call_with("search_v2", json!(["saw"]), json!({"account_id": bob.id}));
    assert_eq!(found["statuses"], json!([]));
}

async fn operators_narrow_a_search(database: Database) {
    let node = Node::start(database).await;
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    node.group("repairs", "To mend things", "ana").await;
    node.group("garden", "To grow things", "ana").await;
    let domain = node.domain();
    bob.joins(&format!("@repairs@{domain}")).await;
    bob.joins(&format!("@garden@{domain}")).await;
    let plain = ana.posts("apple plain").await;
    bob.posts("apple by bob").await;
    let asked = bob.posts("apple @repairs #ask").await;
    bob.posts("apple @garden").await;
    ana.replies(&asked, "apple answered").await;
    let picture = upload(&ana, picture(), "A pear").await.ok();
    let shown = json!({"status": "apple shown", "media_ids": [id(&picture)], "sensitive": true});
    ana.api.post("/api/v1/statuses", shown).await;
    let poll =
        json!({"status": "apple or pear", "poll": {"options": ["a", "b"], "expires_in": 600}});
    ana.api.post("/api/v1/statuses", poll).await;
    ana.posts("apple https://oak.example/pie").await;
    ana.api.post("/api/v1/statuses", json!({"status": "Apfel apple", "language": "de"})).await;
    ana.api
        .post("/api/v1/statuses", json!({"status": "apple hush", "visibility": "private"}))
        .await;

    let here = format!("apple from:bob@{domain} in:@repairs");
    for (typed, found) in [
        ("apple from:bob", vec!["apple @garden", "apple @repairs #ask", "apple by bob"]),
        ("from:@bob -in:garden", vec!["apple @repairs #ask", "apple by bob"]),
        (&here, vec!["apple @repairs #ask"]),
        ("apple from:me -apple", vec![]),
        ("in:repairs", vec!["@bob apple answered", "apple @repairs #ask"]),
        ("in:!garden", vec!["apple @garden"]),
        ("in:nowhere", vec![]),
        ("apple from:nobody", vec![]),
        ("is:ask", vec!["apple @repairs #ask"]),
        ("apple is:reply", vec!["@bob apple answered"]),
        ("is:sensitive", vec!["apple shown"]),
        ("has:image", vec!["apple shown"]),
        ("has:media -is:sensitive", vec![]),
        ("has:poll", vec!["apple or pear"]),
        ("has:link", vec!["apple https://oak.example/pie"]),
        ("language:de", vec!["Apfel apple"]),
        ("apple before:2020-01-01", vec![]),
        ("apple during:2020-01-01", vec![]),
        ("has:poll after:2020-01-01 -before:2020-01-01", vec!["apple or pear"]),
        ("has:poll -after:2020-01-01", vec![]),
    ] {
        let mut answer = finds(&ana.api, typed).await;
        for words in &mut answer {
            // How an answer begins is not what this is about.
            *words = words.replace("@bob @bob", "@bob");
            if words == "apple answered" {
                "@bob apple answered".clone_into(words);
            }
        }
        assert_eq!(answer, found, "{typed}");
    }
    assert_eq!(finds(&ana.api, "hush from:me").await, ["apple hush"]);

    let library = "apple plain in:library";
    assert_eq!(finds(&bob.api, library).await.len(), 0);
    for action in ["favourite", "bookmark", "reblog"] {
        bob.does(action, &plain).await;
        assert_eq!(finds(&bob.api, library).await, ["apple plain"], "{action}");
        assert_eq!(finds(&bob.api, "apple plain -in:library").await.len(), 0);
        bob.does(&format!("un{action}"), &plain).await;
        assert_eq!(finds(&bob.api, library).await.len(), 0, "{action}");
    }
    assert_eq!(finds(&bob.api, "apple in:library").await.len(), 4, "three by him, one to him");
}

async fn nobody_finds_what_they_may_not_read(database: Database) {
    let node = Node::start(database).await;
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let eve = node.member("eve").await;
    let domain = node.domain();
    node.run(&[
        "group",
        "create",
        "night",
        "--purpose",
        "Nobody is alone",
        "--founder",
        "ana",
        "--private",
    ]);
    let night = bob.finds(&format!("@night@{domain}")).await;
    bob.api.post(&format!("/api/v1/accounts/{}/follow", id(&night)), json!({})).await;
    ana.api.post(&format!("/api/v1/follow_requests/{}/authorize", bob.id), json!({})).await;
    let joined = eventually("bob is in", || async {
        let path = format!("/api/v1/accounts/relationships?id[]={}", id(&night));
        (bob.api.get(&path).await[0]["following"] == true).then_some(())
    });
    joined.await;
    let secret = ana.posts("lantern among us @night").await;
    assert_eq!(secret["visibility"], "private");
    let say = async |text: &str, visibility: &str| {
        let body = json!({"status": text, "visibility": visibility});
        ana.api.post("/api/v1/statuses", body).await
    };
    say("lantern for followers", "private").await;
    say("@bob lantern between us", "direct").await;
    say("lantern unlisted", "unlisted").await;
    let open = say("lantern for all", "public").await;

    assert_eq!(finds(&ana.api, "lantern").await.len(), 5, "all is her own");
    let found = finds(&bob.api, "lantern").await;
    let among = |text: &str| found.iter().any(|words| words.contains(text));
    assert!(among("among us") && among("between us") && among("for all"), "{found:?}");
    assert!(!among("for followers"), "{found:?}");
    let found = finds(&eve.api, "lantern").await;
    let only_open =
        found.iter().all(|words| words.contains("for all") || words.contains("unlisted"));
    assert!(only_open && found.iter().any(|words| words == "lantern for all"), "{found:?}");
    for typed in
        ["in:night", "in:@night lantern", "from:ana among", "lantern -all -unlisted", "between"]
    {
        assert_eq!(finds(&eve.api, typed).await, Vec::<String>::new(), "{typed}");
    }
    assert_eq!(finds(&bob.api, "in:night").await.len(), 1);
    assert_eq!(finds(&bob.api, "in:public lantern -unlisted").await, ["lantern for all"]);

    for (member, action) in [(&eve, "mute"), (&bob, "block")] {
        member.api.post(&format!("/api/v1/accounts/{}/{action}", ana.id), json!({})).await;
        assert_eq!(finds(&member.api, "lantern").await, Vec::<String>::new(), "{action}");
    }
    let unmute = format!("/api/v1/accounts/{}/unmute", ana.id);
    eve.api.post(&unmute, json!({})).await;
    let path = format!("/api/v1/statuses/{}", id(&open));
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    assert_eq!(finds(&eve.api, "\"lantern for all\"").await, Vec::<String>::new(), "it is gone");
}

async fn a_post_is_found_by_what_it_says_now(database: Database) {
    let node = Node::start(database).await;
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let post = ana.posts("A walrus").await;
    assert_eq!(finds(&bob.api, "walrus").await, ["A walrus"]);
    let path = format!("/api/v1/statuses/{}", id(&post));
    let put = |text: &str| ana.api.request(Method::PUT, &path).json(&json!({"status": text}));
    ana.api.send(put("A seal")).await.ok();
    assert_eq!(finds(&bob.api, "walrus").await.len(), 0);
    assert_eq!(finds(&bob.api, "seal").await, ["A seal"]);
    assert_eq!(finds(&bob.api, "from:ana").await, ["A seal"], "once");
}

async fn posts_from_elsewhere_are_found_where_their_authors_want(database: Database) {
    let peer = Peer::start(&["elm.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    for (name, found) in [("open", true), ("shy", false)] {
        let url = format!("https://elm.example/u/{name}");
        let mut actor = peer.actor(&url, "Person");
        actor["discoverable"] = json!(found);
        peer.introduces(&actor);
        let who = ana.finds(&format!("@{name}@elm.example")).await;
        ana.api.post(&format!("/api/v1/accounts/{}/follow", id(&who)), json!({})).await;
        let follow = peer
            .receives("a follow", |one| one["type"] == "Follow" && one["object"] == url.as_str())
            .await;
        let accept = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{url}/accept"),
            "type": "Accept", "actor": url, "object": follow.body,
        });
        assert!(peer.sends(&node, "/inbox", &url, &accept).await.is_success());
        let note = json!({
            "id": format!("{url}/1"), "type": "Note", "attributedTo": url,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "content": format!("<p>kumquat by {name}</p>"),
            "published": "2026-11-22T00:00:00Z",
        });
        peer.serves(&format!("{url}/1"), &note);
        let create = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{url}/1/create"),
            "type": "Create", "actor": url, "object": note,
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
        });
        assert!(peer.sends(&node, "/inbox", &url, &create).await.is_success());
        ana.sees(&format!("kumquat by {name}")).await;
    }
    assert_eq!(finds(&ana.api, "kumquat").await, ["kumquat by open"]);
    assert_eq!(finds(&ana.api, "from:open@elm.example").await, ["kumquat by open"]);
    let shy = ana.sees("kumquat by shy").await;
    ana.does("bookmark", &shy).await;
    assert_eq!(finds(&ana.api, "kumquat").await.len(), 2, "what she keeps she finds");
}

async fn a_search_is_paged_to_its_end(database: Database) {
    let node = Node::start(database).await;
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    for number in 0..9 {
        ana.posts(&format!("thimble {number}")).await;
        // Between them lies what she does not find.
        let hidden = json!({"status": "thimble hidden", "visibility": "private"});
        bob.api.post("/api/v1/statuses", hidden).await;
    }
    let numbers = async |query: &str| {
        let path = format!("/api/v2/search?q=thimble&type=statuses&{query}");
        let found = ana.api.get(&path).await["statuses"].as_array().unwrap().clone();
        let number = |status: &Value| words(status)["thimble ".len()..].parse().unwrap();
        let last = found.last().map(id).unwrap_or_default();
        let first = found.first().map(id).unwrap_or_default();
        (found.iter().map(number).collect::<Vec<u8>>(), first, last)
    };
    assert_eq!(numbers("limit=4").await.0, [8, 7, 6, 5]);
    assert_eq!(numbers("limit=4&offset=4").await.0, [4, 3, 2, 1]);
    assert_eq!(numbers("limit=4&offset=8").await.0, [0]);
    assert_eq!(numbers("limit=4&offset=100000").await.0, Vec::<u8>::new());
    let (found, _, last) = numbers("limit=3").await;
    assert_eq!(found, [8, 7, 6]);
    let (found, first, _) = numbers(&format!("limit=3&max_id={last}")).await;
    assert_eq!(found, [5, 4, 3]);
    assert_eq!(numbers(&format!("limit=2&min_id={first}")).await.0, [7, 6], "the next above");
}

async fn what_was_here_before_is_found_after_an_upgrade(database: Database) {
    let node = Node::start(database).await;
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let gone = ana.posts("quince erased").await;
    for number in 0..3 {
        ana.posts(&format!("quince {number}")).await;
    }
    let path = format!("/api/v1/statuses/{}", id(&gone));
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    node.kill9();
    node.run(&["migrate", "--to", "2026-11-22-010120"]);
    node.restart().await;
    eventually("old posts are found", || async {
        (finds(&bob.api, "quince").await == ["quince 2", "quince 1", "quince 0"]).then_some(())
    })
    .await;
    assert_eq!(finds(&bob.api, "from:ana").await.len(), 3);
    ana.posts("quince 3").await;
    assert_eq!(finds(&bob.api, "quince").await.len(), 4);
}

async fn nothing_that_can_be_typed_breaks_a_search(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    ana.posts("a plain post").await;
    for typed in [
        "\"",
        "'",
        "''); DROP TABLE posts; --",
        "a\"b",
        "* ",
        "NOT",
        "a AND",
        "NEAR(a b)",
        "a:b",
        "words:a",
        "^a",
        "a & ! | <->",
        "((((",
        "\\",
        "%",
        "-",
        "-a",
        "--a",
        "\u{0}",
        "\u{e000}p",
        "from:\u{e000}",
        "🪚",
        "before:9999-12-31",
        "after:0000-01-01",
        "during:-1-01-01",
        "in:@@",
        "from:a@b@c",
        "has:",
        "language:",
        "{a} +b",
        "col : a",
        "\u{202e}abc",
        "ﷺ",
        "a* \"b*\"",
    ] {
        finds(&ana.api, typed).await;
    }
    finds(&ana.api, &"word ".repeat(100)).await;
    finds(&ana.api, &"\"a b\" -c:d from:e ".repeat(40)).await;
    assert_eq!(finds(&ana.api, "plain NOT").await.len(), 0, "operators of databases are words");
    assert_eq!(finds(&ana.api, "plain -nonsense").await, ["a plain post"]);
}

async fn members_search_on_the_web(database: Database) {
    let node = Node::start(database).await;
    let ana: Member = node.member("ana").await;
    for number in 0..23 {
        ana.posts(&format!("mortar and pestle {number}")).await;
    }
    let visitor = node.page("/search?q=pestle").await;
    assert!(visitor.text.contains("Nothing here goes by"), "{}", visitor.text);
    let browser = Browser::open(Look::DESKTOP).await;
    browser.signs_in(&node, "ana").await;
    browser.goes_to(&format!("{}/search", node.origin())).await;
    browser.fills("q", "\"mortar and\" from:me").await;
    browser.follows("#search button").await;
    browser.sees("mortar and pestle 22").await;
    browser.follows("a[rel=next]").await;
    browser.sees("mortar and pestle 0").await;
    browser.closes().await;
}
