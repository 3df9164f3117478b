//! Authors who approve answers one by one, as GoToSocial has it, in both of its wordings.
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, Peer, Setup, id, says};

stories!(
    an_answer_waits_for_its_approval,
    an_accept_is_an_approval_itself,
    a_public_post_that_names_its_group_lets_no_member_skip_the_approval,
    answers_that_may_not_stand_are_not_shown,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const GUS: &str = "https://gts.example/users/gus";
const EVE: &str = "https://gts.example/users/eve";
const MIA: &str = "https://masto.example/users/mia";
const OTTO: &str = "https://other.example/u/otto";

async fn world(database: Database) -> (Peer, Node, Member) {
    let peer = Peer::start(&["gts.example", "masto.example", "other.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    for person in [GUS, EVE, MIA, OTTO] {
        peer.person(person);
    }
    let ana = node.member("ana").await;
    let follow = json!({"id": format!("{MIA}/follow"), "type": "Follow", "actor": MIA,
        "object": format!("{}/u/ana", node.origin())});
    assert_eq!(peer.sends(&node, "/inbox", MIA, &follow).await, StatusCode::ACCEPTED);
    ana.is_told("follow", "mia@masto.example").await;
    (peer, node, ana)
}

/// A post whose author wants to approve answers, in the words of this or that version.
async fn asks_first(peer: &Peer, ana: &Member, number: u32, at_once: &str, later: &str) -> Value {
    let mut can_reply = json!({});
    can_reply[at_once] = json!([GUS]);
    can_reply[later] = json!([PUBLIC]);
    writes(peer, ana, number, &can_reply).await
}

/// A post of Gus that those may answer.
async fn writes(peer: &Peer, ana: &Member, number: u32, can_reply: &Value) -> Value {
    let url = format!("{GUS}/statuses/{number}");
    peer.serves(
        &url,
        &json!({"id": url, "type": "Note", "attributedTo": GUS, "to": [PUBLIC],
            "cc": [format!("{GUS}/followers")], "content": format!("<p>Thought {number}</p>"),
            "published": "2026-03-01T10:00:00Z", "interactionPolicy": {"canReply": can_reply}}),
    );
    let query = [("q", &*url), ("resolve", "true"), ("type", "statuses")];
    let request = ana.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    ana.api.send(request).await.ok()["statuses"][0].clone()
}

async fn an_answer_waits_for_its_approval(database: Database) {
    let (peer, node, ana) = world(database).await;
    let old = asks_first(&peer, &ana, 1, "always", "approvalRequired").await;
    let new = asks_first(&peer, &ana, 2, "automaticApproval", "manualApproval").await;
    for (number, post) in [(1, &old), (2, &new)] {
        let reply = ana.replies(post, &format!("An answer to {number}")).await;
        let uri = reply["uri"].as_str().unwrap().to_owned();
        assert_eq!(reply["submission"]["state"], "pending", "{reply}");
        let is_create = |body: &Value| body["type"] == "Create" && body["object"]["id"] == *uri;
        // In the new words he is asked, in the old ones he gets it like any other answer.
        let asks =
            |body: &Value| body["type"] == "ReplyRequest" && body["instrument"]["id"] == *uri;
        let is_first = |body: &Value| if number == 1 { is_create(body) } else { asks(body) };
        let first = peer.receives("the answer for gus", is_first).await;
        assert!(first.url.starts_with("https://gts.example/"), "{}", first.url);
        let (object, sent) = if number == 1 {
            (json!(uri), &first.body["object"])
        } else {
            assert_eq!(first.body["object"], post["uri"]);
            let request = json!({"type": "ReplyRequest", "id": first.body["id"],
                "actor": first.body["actor"], "object": post["uri"], "instrument": uri});
            (request, &first.body["instrument"])
        };
        assert_eq!(sent["inReplyTo"], post["uri"]);
        assert!(sent.get("approvedBy").is_none());

        let path = format!("/api/v1/statuses/{}", id(&reply));
        let state = async || ana.api.get(&path).await["submission"]["state"].clone();
        let approval = format!("{GUS}/approvals/{number}");
        let document = |object: &str| {
            let (kind, of) = if number == 1 {
                ("ReplyApproval", "object")
            } else {
                ("ReplyAuthorization", "interactingObject")
            };
            json!({"id": approval, "type": kind, "attributedTo": GUS, of: object,
                "target": format!("{GUS}/statuses/{number}")})
        };
        let says_yes = async |n: u32, actor: &str, result: &str| {
            let accept = json!({"id": format!("{actor}/accept/{number}/{n}"), "type": "Accept",
                "actor": actor, "to": format!("{}/u/ana", node.origin()), "object": object,
                "result": result});
            assert_eq!(peer.sends(&node, "/inbox", actor, &accept).await, StatusCode::ACCEPTED);
        };
        says_yes(1, EVE, &approval).await;
        peer.serves(&approval, &document("https://elsewhere.example/p/1"));
        says_yes(2, GUS, &approval).await;
        says_yes(3, GUS, "https://other.example/approvals/1").await;
        assert_eq!(state().await, "pending", "none of these is an approval");

        peer.serves(&approval, &document(&uri));
        says_yes(4, GUS, &approval).await;
        let is_approved =
            |body: &Value| is_create(body) && body["object"]["approvedBy"] == *approval;
        let told = peer.receives("the answer with its approval", is_approved).await;
        assert_eq!(told.body["id"], format!("{uri}/create/approved"));
        assert_eq!(state().await, "confirmed");
        let document = ana.api.activity(&uri).await;
        assert_eq!(document["approvedBy"], *approval);
        assert_eq!(document["replyAuthorization"], *approval);
        // Mia follows ana: she hears of it once, and not before.
        let for_mia: Vec<Value> = peer
            .received()
            .into_iter()
            .filter(|received| received.url.starts_with("https://masto.example/"))
            .filter(|received| is_create(&received.body))
            .map(|received| received.body)
            .collect();
        assert!(for_mia.iter().all(&is_approved), "{for_mia:?}");
    }

    // And a no.
    let reply = ana.replies(&old, "Another answer").await;
    let reject = json!({"id": format!("{GUS}/reject/1"), "type": "Reject", "actor": GUS,
        "to": format!("{}/u/ana", node.origin()), "object": reply["uri"]});
    assert_eq!(peer.sends(&node, "/inbox", GUS, &reject).await, StatusCode::ACCEPTED);
    let path = format!("/api/v1/statuses/{}", id(&reply));
    assert_eq!(ana.api.get(&path).await["submission"]["state"], "refused");
    let page = node.page(&format!("/@ana/{}", id(&reply))).await.text;
    assert!(page.contains("did not approve it"), "{page}");
    let reply = ana.replies(&new, "Yet another").await;
    let reject = json!({"id": format!("{GUS}/reject/2"), "type": "Reject", "actor": GUS,
        "to": format!("{}/u/ana", node.origin()), "object": {"type": "ReplyRequest",
            "actor": format!("{}/u/ana", node.origin()), "object": new["uri"],
            "instrument": reply["uri"]}});
    assert_eq!(peer.sends(&node, "/inbox", GUS, &reject).await, StatusCode::ACCEPTED);
    let path = format!("/api/v1/statuses/{}", id(&reply));
    assert_eq!(ana.api.get(&path).await["submission"]["state"], "refused");
}

async fn an_accept_is_an_approval_itself(database: Database) {
    let (peer, node, ana) = world(database).await;
    // She follows him; that is for his server to see, which says so at once.
    let followers = json!({"automaticApproval": [GUS, format!("{GUS}/followers")]});
    let post = writes(&peer, &ana, 1, &followers).await;
    let path = format!("/api/v1/accounts/{}/follow", id(&post["account"]));
    ana.api.post(&path, json!({})).await;
    let follow = peer.receives("the Follow", |body| body["type"] == "Follow").await.body;
    let accept = json!({"id": format!("{GUS}/accepts/1"), "type": "Accept", "actor": GUS,
        "object": follow});
    assert_eq!(peer.sends(&node, "/inbox", GUS, &accept).await, StatusCode::ACCEPTED);

    let reply = ana.replies(&post, "An answer").await;
    assert_eq!(reply["submission"]["state"], "pending", "{reply}");
    let accept = json!({"id": format!("{GUS}/accepts/2"), "type": "Accept", "actor": GUS,
        "to": format!("{}/u/ana", node.origin()), "object": reply["uri"], "target": post["uri"]});
    assert_eq!(peer.sends(&node, "/inbox", GUS, &accept).await, StatusCode::ACCEPTED);
    let told = peer
        .receives("the approved answer", |body| {
            body["object"]["id"] == reply["uri"] && body["object"]["approvedBy"] == accept["id"]
        })
        .await;
    assert_eq!(told.body["id"], format!("{}/create/approved", reply["uri"].as_str().unwrap()));

    // Answers of others with such approvals, in the old word and in the new one.
    let uri = post["uri"].as_str().unwrap();
    for (number, word, kind, of) in [
        (7, "approvedBy", "Accept", "object"),
        (8, "replyAuthorization", "ReplyAuthorization", "interactingObject"),
    ] {
        let mut approved = answer(number, uri, &format!("approved {number}"));
        let approval = format!("{GUS}/approvals/{number}");
        approved["object"][word] = json!(approval);
        let mut document = json!({"id": approval, "type": kind, "target": uri});
        document[if kind == "Accept" { "actor" } else { "attributedTo" }] = json!(GUS);
        document[of] = approved["object"]["id"].clone();
        peer.serves(&approval, &document);
        peer.sends(&node, "/inbox", OTTO, &approved).await;
        ana.sees_below(&post, &format!("approved {number}")).await;
    }
}

fn answer(number: u32, parent: &str, text: &str) -> Value {
    let id = format!("https://other.example/n/{number}");
    let note = json!({"id": id, "type": "Note", "attributedTo": OTTO, "to": [PUBLIC], "cc": [],
        "inReplyTo": parent, "content": format!("<p>{text}</p>")});
    json!({"id": format!("{id}/create"), "type": "Create", "actor": OTTO, "to": [PUBLIC], "cc": [],
        "object": note})
}

async fn a_public_post_that_names_its_group_lets_no_member_skip_the_approval(database: Database) {
    let (peer, node, ana) = world(database).await;
    let group = node.group("help", "For questions", "ana").await;
    let group = group["uri"].as_str().unwrap();
    // GoToSocial lets in whom a post mentions: the group, whose follower Ana is.
    let url = format!("{GUS}/statuses/1");
    let note = json!({"id": url, "type": "Note", "attributedTo": GUS, "to": [PUBLIC], "cc": [group],
        "content": "<p>Only with my word</p>", "tag": [{"type": "Mention", "href": group}],
        "interactionPolicy": {"canReply": {
            "automaticApproval": [GUS, group], "manualApproval": [PUBLIC]}}});
    let create = json!({"id": format!("{url}/create"), "type": "Create", "actor": GUS,
        "to": [PUBLIC], "cc": [group], "object": note});
    assert_eq!(peer.sends(&node, "/inbox", GUS, &create).await, StatusCode::ACCEPTED);
    let post = ana.sees("Only with my word").await;
    let reply = ana.replies(&post, "An answer").await;
    assert_eq!(reply["submission"]["state"], "pending", "{reply}");
}

async fn answers_that_may_not_stand_are_not_shown(database: Database) {
    let (peer, node, ana) = world(database).await;
    let post = asks_first(&peer, &ana, 1, "always", "approvalRequired").await;
    let uri = post["uri"].as_str().unwrap();
    let unasked = answer(1, uri, "unasked");
    peer.sends(&node, "/inbox", OTTO, &unasked).await;
    let mut forged = answer(2, uri, "forged");
    let approval = format!("{GUS}/approvals/9");
    forged["object"]["approvedBy"] = json!("https://other.example/approvals/2");
    peer.sends(&node, "/inbox", OTTO, &forged).await;
    let mut approved = answer(3, uri, "approved");
    approved["object"]["approvedBy"] = json!(approval);
    peer.serves(
        &approval,
        &json!({"id": approval, "type": "ReplyApproval", "attributedTo": GUS,
            "object": "https://other.example/n/3", "target": uri}),
    );
    peer.sends(&node, "/inbox", OTTO, &approved).await;
    ana.sees_below(&post, "approved").await;
    let below = ana.thread(&post).await;
    assert!(below.len() == 1 && says(&below[0], "approved"), "{below:?}");

    // To what is for followers only those answer who may read it.
    let body = json!({"status": "For followers", "visibility": "private"});
    let quiet = ana.api.post("/api/v1/statuses", body).await;
    peer.sends(&node, "/inbox", OTTO, &answer(4, quiet["uri"].as_str().unwrap(), "I know")).await;
    let open = ana.posts("For everyone").await;
    peer.sends(&node, "/inbox", OTTO, &answer(5, open["uri"].as_str().unwrap(), "me too")).await;
    ana.sees_below(&open, "me too").await;
    assert_eq!(ana.thread(&quiet).await.len(), 0);
}
