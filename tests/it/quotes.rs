//! Members quote one another, and others elsewhere, who agree to that or do not.
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Api, Database, Member, Node, Peer, Received, Setup, eventually, id, is_shaped,
};

stories!(
    members_quote_one_another,
    what_is_not_for_everyone_is_not_shown_by_a_quote,
    who_is_quoted_elsewhere_is_asked,
    a_no_and_an_end_are_heeded,
    nobody_is_quoted_who_did_not_say_so,
    others_quote_what_is_written_here,
    quotes_of_others_are_shown_where_they_are_agreed_to,
    whoever_asks_to_answer_is_told,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const MIA: &str = "https://masto.example/users/mia";
const OTTO: &str = "https://other.example/users/otto";
const EVE: &str = "https://evil.example/users/eve";

/// A node, Ana on it, whom Mia follows, and servers we play.
async fn world(database: Database) -> (Peer, Node, Member) {
    let peer = Peer::start(&["masto.example", "other.example", "evil.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    for person in [MIA, OTTO, EVE] {
        peer.person(person);
    }
    let ana = node.member("ana").await;
    let follow = json!({"id": format!("{MIA}/follow"), "type": "Follow", "actor": MIA,
        "object": format!("{}/u/ana", node.origin())});
    assert_eq!(peer.sends(&node, "/inbox", MIA, &follow).await, StatusCode::ACCEPTED);
    ana.is_told("follow", "mia@masto.example").await;
    (peer, node, ana)
}

/// A note of somebody elsewhere that those may quote.
fn note(author: &str, number: u32, more: Value) -> Value {
    let id = format!("{author}/notes/{number}");
    let mut note = json!({"id": id, "type": "Note", "attributedTo": author, "to": [PUBLIC],
        "cc": [format!("{author}/followers")], "content": format!("<p>Thought {number}</p>")});
    note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    note
}

fn for_all() -> Value {
    json!({"interactionPolicy": {"canQuote": {"automaticApproval": [PUBLIC]}}})
}

fn create(note: &Value) -> Value {
    json!({"id": format!("{}/create", note["id"].as_str().unwrap()), "type": "Create",
        "actor": note["attributedTo"], "to": note["to"], "cc": note["cc"], "object": note})
}

/// The post of an id, as a member finds it.
async fn finds(member: &Member, uri: &str) -> Value {
    eventually(&format!("{uri} is here"), || async {
        let query = [("q", uri), ("resolve", "true"), ("type", "statuses")];
        let request = member.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
        member.api.send(request).await.ok()["statuses"].get(0).cloned()
    })
    .await
}

async fn try_quotes(member: &Member, quoted: &Value, more: Value) -> Answer {
    let mut body = json!({"status": "As said there", "quoted_status_id": id(quoted)});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    member.api.try_post("/api/v1/statuses", body).await
}

async fn quotes(member: &Member, quoted: &Value, text: &str) -> Value {
    try_quotes(member, quoted, json!({"status": text})).await.ok()
}

async fn shown(api: &Api, status: &Value) -> Value {
    api.get(&format!("/api/v1/statuses/{}", id(status))).await
}

async fn state(api: &Api, status: &Value) -> Value {
    shown(api, status).await["quote"]["state"].clone()
}

async fn becomes(api: &Api, status: &Value, wanted: &str) {
    eventually(&format!("the quote is {wanted}"), || async {
        (state(api, status).await == wanted).then_some(())
    })
    .await;
}

async fn page(node: &Node, name: &str, status: &Value) -> String {
    node.page(&format!("/@{name}/{}", id(status))).await.text
}

async fn sends(peer: &Peer, node: &Node, actor: &str, activity: &Value) {
    let key = format!("{actor}#main-key");
    let body = activity.to_string().into_bytes();
    let (status, said) = peer.posts(node, "/inbox", &key, body).await;
    assert!(status.is_success(), "{status} {said}: {activity}");
}

async fn members_quote_one_another(database: Database) {
    let node = Setup::new(database).start().await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let post = ana.posts("Prune in winter").await;
    assert_eq!(shown(&ben.api, &post).await["quote_approval"]["current_user"], "automatic");
    let quote = quotes(&ben, &post, "So true").await;
    is_shaped(&quote, "Status");
    assert_eq!(quote["quote"]["state"], "accepted");
    assert_eq!(quote["quote"]["quoted_status"]["id"], post["id"]);
    let told = ana.is_told("quote", "ben").await;
    assert_eq!(told["status"]["id"], quote["id"]);
    assert_eq!(shown(&ana.api, &post).await["quotes_count"], 1);
    let path = format!("/api/v1/statuses/{}/quotes", id(&post));
    assert_eq!(ana.api.get(&path).await[0]["id"], quote["id"]);

    // A quote of a quote names what that one quotes.
    let deeper = quotes(&ana, &quote, "Thank you").await;
    let inner = &deeper["quote"]["quoted_status"]["quote"];
    assert_eq!(*inner, json!({"state": "accepted", "quoted_status_id": post["id"]}));

    // On the wire, and for those who know no quotes.
    let wire = node.public().activity(quote["uri"].as_str().unwrap()).await;
    for word in ["quote", "quoteUrl", "quoteUri", "_misskey_quote"] {
        assert_eq!(wire[word], post["uri"], "{word}");
    }
    let stamp = node.public().activity(wire["quoteAuthorization"].as_str().unwrap()).await;
    assert_eq!(stamp["type"], "QuoteAuthorization");
    assert_eq!(stamp["interactingObject"], quote["uri"]);
    assert_eq!(stamp["interactionTarget"], post["uri"]);
    let link = wire["tag"].as_array().unwrap().iter().find(|tag| tag["type"] == "Link").unwrap();
    assert_eq!(link["href"], post["uri"]);
    assert!(wire["content"].as_str().unwrap().starts_with("<p class=\"quote-inline\">RE: "));
    assert!(wire["source"]["content"].as_str().unwrap().starts_with("RE: <"));
    let text = page(&node, "ben", &quote).await;
    assert!(text.contains("Prune in winter") && text.contains("See the quoted post"), "{text}");

    // The quote stays when the words change, and who quotes hears of changes.
    let edit = |of: &Value, text: &str| {
        let path = format!("/api/v1/statuses/{}", id(of));
        (path, json!({ "status": text }))
    };
    let (path, body) = edit(&quote, "Very true");
    let request = ben.api.request(reqwest::Method::PUT, &path).json(&body);
    assert_eq!(ben.api.send(request).await.ok()["quote"]["state"], "accepted");
    let (path, body) = edit(&post, "Prune in late winter");
    let request = ana.api.request(reqwest::Method::PUT, &path).json(&body);
    ana.api.send(request).await.ok();
    let told = ben.is_told("quoted_update", "ana").await;
    assert_eq!(told["status"]["id"], quote["id"]);

    // She takes it out again; he cannot.
    let path = format!("/api/v1/statuses/{}/quotes/{}/revoke", id(&post), id(&quote));
    ben.api.try_post(&path, json!({})).await.refused(403);
    let revoked = ana.api.post(&path, json!({})).await;
    assert_eq!(revoked["quote"], json!({"state": "revoked", "quoted_status": null}));
    let wire = node.public().activity(quote["uri"].as_str().unwrap()).await;
    assert_eq!(wire["quote"], post["uri"]);
    for word in ["quoteAuthorization", "quoteUrl", "_misskey_quote"] {
        assert_eq!(wire[word], Value::Null, "{word}");
    }
    assert_eq!(shown(&ana.api, &post).await["quotes_count"], 0);
    assert!(!page(&node, "ben", &quote).await.contains("Prune in late winter"));

    // What is deleted is not shown either, nor what is asked for by nobody's leave.
    let request =
        ben.api.request(reqwest::Method::DELETE, &format!("/api/v1/statuses/{}", id(&quote)));
    ben.api.send(request).await.ok();
    assert_eq!(state(&ana.api, &deeper).await, "deleted");
    let body = json!({"status": "Mine", "quote_approval_policy": "nobody"});
    let own = ana.api.post("/api/v1/statuses", body).await;
    assert_eq!(shown(&ben.api, &own).await["quote_approval"]["current_user"], "denied");
    try_quotes(&ben, &own, json!({})).await.refused(422);
    assert_eq!(quotes(&ana, &own, "But mine").await["quote"]["state"], "accepted");
    try_quotes(&ben, &json!({"id": "1"}), json!({})).await.refused(404);
}

async fn what_is_not_for_everyone_is_not_shown_by_a_quote(database: Database) {
    let node = Setup::new(database).start().await;
    let (ana, ben, eve) =
        (node.member("ana").await, node.member("ben").await, node.member("eve").await);
    ben.joins("ana").await;
    let close = json!({"status": "For my followers", "visibility": "private"});
    let close = ana.api.post("/api/v1/statuses", close).await;
    try_quotes(&ben, &close, json!({})).await.refused(422);
    try_quotes(&eve, &close, json!({})).await.refused(404);
    let quote = try_quotes(&ana, &close, json!({"visibility": "public"})).await.ok();
    assert_eq!(quote["visibility"], "private", "it is for no more than what it quotes");

    // Who is named in it may read the quote, and not what it quotes.
    let more = json!({"status": "@eve look", "visibility": "direct"});
    let named = try_quotes(&ana, &close, more).await.ok();
    let for_eve = shown(&eve.api, &named).await;
    assert_eq!(for_eve["quote"], json!({"state": "unauthorized", "quoted_status": null}));
    assert!(!for_eve.to_string().contains("For my followers"), "{for_eve}");

    // Between a few only those are quoted who are among them.
    let open = ana.posts("For everyone").await;
    let direct = json!({"status": "@eve see", "visibility": "direct"});
    try_quotes(&ben, &open, direct).await.refused(422);

    // Blocks and mutes.
    let quote = quotes(&ben, &open, "Indeed").await;
    eve.api.post(&format!("/api/v1/accounts/{}/mute", ana.id), json!({})).await;
    assert_eq!(state(&eve.api, &quote).await, "muted_account");
    eve.api.post(&format!("/api/v1/accounts/{}/block", ana.id), json!({})).await;
    assert_eq!(state(&eve.api, &quote).await, "blocked_account");
    eve.api.post(&format!("/api/v1/accounts/{}/unblock", ana.id), json!({})).await;
    ana.api.post(&format!("/api/v1/accounts/{}/block", eve.id), json!({})).await;
    let seen = shown(&eve.api, &quote).await;
    assert_eq!(seen["quote"], json!({"state": "unauthorized", "quoted_status": null}));
    try_quotes(&eve, &open, json!({})).await.refused(422);
    assert_eq!(state(&ben.api, &quote).await, "accepted");
}

async fn who_is_quoted_elsewhere_is_asked(database: Database) {
    let (peer, node, ana) = world(database).await;
    let quoted = note(OTTO, 1, for_all());
    let uri = quoted["id"].as_str().unwrap();
    peer.serves(uri, &quoted);
    let post = finds(&ana, uri).await;
    assert_eq!(post["quote_approval"]["automatic"], json!(["public"]));
    let quote = quotes(&ana, &post, "Worth a thought").await;
    assert_eq!(quote["quote"], json!({"state": "pending", "quoted_status": null}));
    assert!(page(&node, "ana", &quote).await.contains("has not agreed to that yet"));

    let request = peer.receives("the request", |body| body["type"] == "QuoteRequest").await;
    assert!(request.url.starts_with("https://other.example/"), "{}", request.url);
    let request = request.body;
    assert_eq!(request["object"], *uri);
    assert_eq!(request["instrument"]["id"], quote["uri"]);
    assert_eq!(request["instrument"]["quote"], *uri);
    let is_create = |body: &Value| body["type"] == "Create" && body["object"]["id"] == quote["uri"];
    let sent = peer.receives("the quote, for mia", is_create).await.body;
    assert_eq!(sent["object"]["quote"], *uri);
    assert_eq!(sent["object"].get("quoteAuthorization"), None);

    // Not every yes is one.
    let stamp = format!("{OTTO}/stamps/1");
    let document = |of: &Value, by: &str| {
        json!({"id": stamp, "type": "QuoteAuthorization", "attributedTo": by,
            "interactingObject": of, "interactionTarget": uri})
    };
    let says_yes = async |n: u32, actor: &str, result: &str| {
        let accept = json!({"id": format!("{actor}/accepts/{n}"), "type": "Accept",
            "actor": actor, "object": request["id"], "result": result});
        sends(&peer, &node, actor, &accept).await;
    };
    peer.serves(&stamp, &document(&quote["uri"], OTTO));
    says_yes(1, EVE, &stamp).await;
    says_yes(2, OTTO, &format!("{EVE}/stamps/1")).await;
    peer.serves(&stamp, &document(&json!("https://other.example/p/1"), OTTO));
    says_yes(3, OTTO, &stamp).await;
    peer.serves(&stamp, &document(&quote["uri"], EVE));
    says_yes(4, OTTO, &stamp).await;
    assert_eq!(state(&ana.api, &quote).await, "pending", "none of these is a permission");

    peer.serves(&stamp, &document(&quote["uri"], OTTO));
    says_yes(5, OTTO, &stamp).await;
    becomes(&ana.api, &quote, "accepted").await;
    let is_update =
        |body: &Value| body["type"] == "Update" && body["object"]["quoteAuthorization"] == *stamp;
    peer.receives("the quote with its permission", is_update).await;
    let seen = shown(&ana.api, &quote).await;
    assert_eq!(seen["quote"]["quoted_status"]["id"], post["id"]);
    assert_eq!(seen["edited_at"], Value::Null);
    // Who was asked has the post, and hears what becomes of it.
    let otto_gets = async |kind: &str| {
        eventually(&format!("otto gets the {kind}"), || async {
            let got = |one: &Received| {
                one.url.starts_with("https://other.example/")
                    && one.body["type"] == kind
                    && one.body["object"]["id"] == quote["uri"]
            };
            peer.received().iter().any(got).then_some(())
        })
        .await;
    };
    otto_gets("Update").await;
    assert!(page(&node, "ana", &quote).await.contains("Thought 1"));
    let path = format!("/api/v1/statuses/{}", id(&quote));
    ana.api.send(ana.api.request(reqwest::Method::DELETE, &path)).await.ok();
    otto_gets("Delete").await;
}

async fn a_no_and_an_end_are_heeded(database: Database) {
    let (peer, node, ana) = world(database).await;
    let quoted = note(OTTO, 1, for_all());
    let uri = quoted["id"].as_str().unwrap();
    peer.serves(uri, &quoted);
    let post = finds(&ana, uri).await;
    let asked = async |text: &str| {
        let quote = quotes(&ana, &post, text).await;
        let is_request = |body: &Value| {
            body["type"] == "QuoteRequest" && body["instrument"]["id"] == quote["uri"]
        };
        let request = peer.receives("the request", is_request).await.body;
        (quote, request)
    };
    // As Mastodon says no: with the request, as it came.
    let (quote, request) = asked("Once").await;
    let reject = json!({"id": format!("{OTTO}/rejects/1"), "type": "Reject", "actor": OTTO,
        "object": {"type": "QuoteRequest", "id": request["id"], "actor": request["actor"],
            "object": uri, "instrument": quote["uri"]}});
    sends(&peer, &node, OTTO, &reject).await;
    assert_eq!(state(&ana.api, &quote).await, "rejected");
    let is_plain = |body: &Value| {
        body["type"] == "Update"
            && body["object"]["id"] == quote["uri"]
            && body["object"].get("_misskey_quote").is_none()
    };
    peer.receives("the post without its quote", is_plain).await;

    let (quote, request) = asked("Twice").await;
    let stamp = format!("{OTTO}/stamps/2");
    peer.serves(
        &stamp,
        &json!({"id": stamp, "type": "QuoteAuthorization", "attributedTo": OTTO,
            "interactingObject": quote["uri"], "interactionTarget": uri}),
    );
    let accept = json!({"id": format!("{OTTO}/accepts/2"), "type": "Accept", "actor": OTTO,
        "object": {"type": "QuoteRequest", "actor": request["actor"], "object": uri,
            "instrument": quote["uri"]}, "result": stamp});
    sends(&peer, &node, OTTO, &accept).await;
    becomes(&ana.api, &quote, "accepted").await;
    let delete = |actor: &str| {
        json!({"id": format!("{actor}/deletes/2"), "type": "Delete", "actor": actor,
            "to": [PUBLIC], "object": {"id": stamp, "type": "QuoteAuthorization"}})
    };
    // Another one on the same server ends nothing.
    let other = "https://other.example/users/olga";
    peer.person(other);
    peer.sends(&node, "/inbox", other, &delete(other)).await;
    assert_eq!(state(&ana.api, &quote).await, "accepted");
    sends(&peer, &node, OTTO, &delete(OTTO)).await;
    assert_eq!(state(&ana.api, &quote).await, "revoked");
    assert_eq!(shown(&ana.api, &quote).await["quote"]["quoted_status"], Value::Null);
}

async fn nobody_is_quoted_who_did_not_say_so(database: Database) {
    let (peer, node, ana) = world(database).await;
    let policies = [
        (1, json!({}), "denied"),
        (2, json!({"interactionPolicy": {"canQuote": {"automaticApproval": [OTTO]}}}), "denied"),
        (
            3,
            json!({"interactionPolicy": {"canQuote": {
                "automaticApproval": [format!("{OTTO}/followers")]}}}),
            "denied",
        ),
        (4, json!({"interactionPolicy": {"canQuote": {"manualApproval": [PUBLIC]}}}), "manual"),
        (
            5,
            json!({"interactionPolicy": {"canQuote": {
                "automaticApproval": [format!("{}/u/ana", node.origin())]}}}),
            "automatic",
        ),
        (
            6,
            json!({"interactionPolicy": {"canQuote": {
                "automaticApproval": ["https://other.example/lists/1"]}}}),
            "unknown",
        ),
    ];
    for (number, policy, wanted) in policies {
        let quoted = note(OTTO, number, policy);
        let uri = quoted["id"].as_str().unwrap();
        peer.serves(uri, &quoted);
        let post = finds(&ana, uri).await;
        assert_eq!(post["quote_approval"]["current_user"], wanted, "{number}");
        let answer = try_quotes(&ana, &post, json!({"status": format!("Try {number}")})).await;
        match wanted {
            "denied" => drop(answer.refused(422)),
            _ => assert_eq!(answer.ok()["quote"]["state"], "pending", "{number}"),
        }
    }
}

async fn others_quote_what_is_written_here(database: Database) {
    let (peer, node, ana) = world(database).await;
    let post = ana.posts("Quote me").await;
    let quote = note(MIA, 1, json!({"quote": post["uri"], "quoteUri": post["uri"]}));
    let request = |n: u32, quote: &Value| {
        json!({"id": format!("{MIA}/requests/{n}"), "type": "QuoteRequest", "actor": MIA,
            "object": post["uri"], "instrument": quote})
    };
    let answer = async |n: u32| {
        let id = format!("{MIA}/requests/{n}");
        let answers = |b: &Value| b["object"] == *id || b["object"]["id"] == *id;
        peer.receives("an answer", answers).await.body
    };
    // Who quotes without asking is not shown to quote.
    let unasked = note(
        MIA,
        2,
        json!({"quote": post["uri"],
        "cc": [format!("{}/u/ana", node.origin())]}),
    );
    sends(&peer, &node, MIA, &create(&unasked)).await;
    let seen = finds(&ana, unasked["id"].as_str().unwrap()).await;
    assert_eq!(seen["quote"], json!({"state": "pending", "quoted_status": null}));

    sends(&peer, &node, MIA, &request(1, &quote)).await;
    let accept = answer(1).await;
    assert_eq!(accept["type"], "Accept");
    let told = ana.is_told("quote", "mia@masto.example").await;
    assert_eq!(told["status"]["quote"]["quoted_status"]["id"], post["id"]);
    assert_eq!(told["status"]["uri"], quote["id"]);
    sends(&peer, &node, MIA, &request(2, &unasked)).await;
    answer(2).await;
    becomes(&ana.api, &seen, "accepted").await;
    let path = format!("/api/v1/statuses/{}/quotes", id(&post));
    let all = ana.api.get(&path).await;
    assert_eq!(all.as_array().unwrap().len(), 2, "{all}");

    // What is for a group comes to it, though the request was first.
    let group = node.group("help", "For questions", "ana").await;
    let mention = json!([{"type": "Mention", "href": group["uri"], "name": "@help"}]);
    let in_group =
        note(MIA, 3, json!({"quote": post["uri"], "cc": [group["uri"]], "tag": mention}));
    sends(&peer, &node, MIA, &request(4, &in_group)).await;
    assert_eq!(answer(4).await["type"], "Accept");
    sends(&peer, &node, MIA, &create(&in_group)).await;
    let seen_there = finds(&ana, in_group["id"].as_str().unwrap()).await;
    assert_eq!(seen_there["quote"]["state"], "accepted");
    assert!(node.page("/@help").await.text.contains("Thought 3"));

    // She takes her post out of one of them: everyone is told, and the permission is gone.
    let stamp = accept["result"].as_str().unwrap();
    let path = format!("/api/v1/statuses/{}/quotes/{}/revoke", id(&post), id(&told["status"]));
    ana.api.post(&path, json!({})).await;
    let is_end = |b: &Value| b["type"] == "Delete" && b["object"]["id"] == *stamp;
    let end = peer.receives("the end of the permission", is_end).await.body;
    assert_eq!(end["object"]["type"], "QuoteAuthorization");
    assert_eq!(end["object"]["interactingObject"], quote["id"]);
    node.public().try_get(&stamp.replace(&node.origin(), "")).await.refused(404);
    assert_eq!(state(&ana.api, &told["status"]).await, "revoked");
    // Asking once more does not help.
    sends(&peer, &node, MIA, &request(3, &quote)).await;
    assert_eq!(answer(3).await["type"], "Reject");
}

async fn quotes_of_others_are_shown_where_they_are_agreed_to(database: Database) {
    let (peer, node, ana) = world(database).await;
    // All of it is sent to her.
    let note = |author: &str, number: u32, mut more: Value| {
        more["cc"] = json!([format!("{}/u/ana", node.origin())]);
        note(author, number, more)
    };
    let quoted = note(OTTO, 1, for_all());
    let uri = quoted["id"].as_str().unwrap();
    peer.serves(uri, &quoted);
    let line = format!("<p class=\"quote-inline\">RE: <a href=\"{uri}\">{uri}</a></p>");
    let stamp = |n: u32| format!("{OTTO}/stamps/{n}");
    let permits = |n: u32, of: &str| {
        peer.serves(
            &stamp(n),
            &json!({"id": stamp(n), "type": "QuoteAuthorization", "attributedTo": OTTO,
                "interactingObject": of, "interactionTarget": uri}),
        );
    };
    // What it quotes is not known here yet, and is looked up with its permission.
    let good = note(
        MIA,
        1,
        json!({"quote": uri, "quoteAuthorization": stamp(1),
        "content": format!("{line}<p>Look at that</p>")}),
    );
    permits(1, good["id"].as_str().unwrap());
    sends(&peer, &node, MIA, &create(&good)).await;
    let seen = finds(&ana, good["id"].as_str().unwrap()).await;
    assert_eq!(seen["quote"]["state"], "accepted", "{seen}");
    assert_eq!(seen["quote"]["quoted_status"]["uri"], *uri);
    assert_eq!(seen["content"].as_str().unwrap().matches("RE:").count(), 1, "{seen}");
    let text = page(&node, "mia@masto.example", &seen).await;
    assert!(text.contains("Thought 1") && !text.contains("RE:"), "{text}");

    // A permission for another post, and none at all.
    let stolen = note(EVE, 2, json!({"quote": uri, "quoteAuthorization": stamp(1)}));
    sends(&peer, &node, EVE, &create(&stolen)).await;
    let seen_stolen = finds(&ana, stolen["id"].as_str().unwrap()).await;
    assert_eq!(seen_stolen["quote"], json!({"state": "rejected", "quoted_status": null}));
    let legacy = note(
        MIA,
        3,
        json!({"quoteUrl": uri, "_misskey_quote": uri,
        "content": "<p>Old words<span class=\"quote-inline\"><br><br>RE: there</span></p>"}),
    );
    sends(&peer, &node, MIA, &create(&legacy)).await;
    let seen_legacy = finds(&ana, legacy["id"].as_str().unwrap()).await;
    assert_eq!(seen_legacy["quote"], Value::Null, "who asks nobody shows a link");
    assert!(seen_legacy["content"].as_str().unwrap().contains("RE: there"));
    let own = note(OTTO, 4, json!({"quoteUrl": uri}));
    sends(&peer, &node, OTTO, &create(&own)).await;
    let seen_own = finds(&ana, own["id"].as_str().unwrap()).await;
    assert_eq!(seen_own["quote"]["state"], "accepted", "everyone may quote themselves");

    // One comes later, another one ends.
    let mut later = note(MIA, 5, json!({"quote": uri}));
    sends(&peer, &node, MIA, &create(&later)).await;
    let seen_later = finds(&ana, later["id"].as_str().unwrap()).await;
    assert_eq!(seen_later["quote"]["state"], "pending");
    permits(5, later["id"].as_str().unwrap());
    later["quoteAuthorization"] = json!(stamp(5));
    let update = json!({"id": format!("{MIA}/updates/5"), "type": "Update", "actor": MIA,
        "to": [PUBLIC], "object": later});
    sends(&peer, &node, MIA, &update).await;
    becomes(&ana.api, &seen_later, "accepted").await;
    let delete = json!({"id": format!("{OTTO}/deletes/1"), "type": "Delete", "actor": OTTO,
        "to": [PUBLIC], "object": stamp(1)});
    sends(&peer, &node, OTTO, &delete).await;
    assert_eq!(state(&ana.api, &seen).await, "revoked");
}

async fn whoever_asks_to_answer_is_told(database: Database) {
    let (peer, node, ana) = world(database).await;
    let post = ana.posts("What do you think?").await;
    let asks = async |n: u32, actor: &str, parent: &Value| {
        let reply = note(actor, n, json!({"inReplyTo": parent["uri"]}));
        let request = json!({"id": format!("{actor}/requests/{n}"), "type": "ReplyRequest",
            "actor": actor, "to": format!("{}/u/ana", node.origin()), "object": parent["uri"],
            "instrument": reply});
        peer.sends(&node, "/inbox", actor, &request).await;
        let id = request["id"].clone();
        (reply, peer.receives("an answer", |b| b["object"]["id"] == id).await.body)
    };
    let (reply, accept) = asks(1, MIA, &post).await;
    assert_eq!(accept["type"], "Accept");
    assert_eq!(accept["object"]["type"], "ReplyRequest");
    assert_eq!(accept["object"]["instrument"], reply["id"]);
    let stamp = node.public().activity(accept["result"].as_str().unwrap()).await;
    assert_eq!(stamp["type"], "ReplyAuthorization");
    assert_eq!(stamp["interactingObject"], reply["id"]);
    assert_eq!(stamp["interactionTarget"], post["uri"]);
    assert!(ana.thread(&post).await.is_empty(), "the answer comes by itself");
    sends(&peer, &node, MIA, &create(&reply)).await;
    ana.sees_below(&post, "Thought 1").await;

    let eve = id(&ana.finds("@eve@evil.example").await);
    ana.api.post(&format!("/api/v1/accounts/{eve}/block"), json!({})).await;
    let (_, refused) = asks(2, EVE, &post).await;
    assert_eq!(refused["type"], "Reject");
    assert_eq!(refused["object"]["type"], "ReplyRequest");
}
