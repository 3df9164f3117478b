//! What cannot be told by a file: stolen keys, replays, false documents, bombs, slow and endless
//! servers. Each is refused with a reason and leaves no trace.
use std::io::Write as _;

use commonhold::types::Time;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    PUBLIC,
    hostile::{MALLORY, World, world},
    word,
};
use crate::harness::{Database, Node, Setup, eventually, id, original};

stories!(
    nobody_speaks_with_anothers_key,
    a_request_counts_once_and_as_it_was_signed,
    nobody_takes_anothers_name,
    false_documents_are_no_keys,
    bombs_do_not_go_off,
    threads_and_mentions_are_bounded,
    slow_ones_are_given_up,
    a_slow_body_is_given_up_wherever_it_goes,
);

const MIA: &str = "https://masto.example/users/mia";
const INBOX: &str = "/c/help/inbox";

/// A post to the group that nobody may see.
fn forged(author: &str, number: u32) -> Value {
    let origin = author.split("/u").next().unwrap();
    let note = json!({
        "id": format!("{origin}/forged/{number}"), "type": "Note", "attributedTo": author,
        "to": [PUBLIC], "cc": ["https://node.example/c/help"], "content": "<p>FORGED</p>",
        "published": Time::now().rfc3339(),
    });
    json!({
        "id": format!("{origin}/forged/{number}/create"), "type": "Create", "actor": author,
        "to": [PUBLIC], "cc": ["https://node.example/c/help"], "object": note,
    })
}

impl World {
    /// Nothing of all that was tried is seen by anyone here.
    async fn is_as_before(&self, before: &[(String, Value)]) {
        self.settles("afterwards").await;
        for ((path, was), (_, is)) in before.iter().zip(self.state().await) {
            assert_eq!(*was, is, "{path}");
        }
        let page = self.node.page("/@help").await;
        assert!(!page.text.contains("FORGED"), "{}", page.text);
        assert!(self.node.log().contains("refused an activity"), "the log says why");
    }

    async fn account(&self, url: &str) -> Option<Value> {
        let query = [("q", url), ("resolve", "true"), ("type", "accounts")];
        let request = self.alice.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
        self.alice.api.send(request).await.ok()["accounts"].get(0).cloned()
    }
}

async fn nobody_speaks_with_anothers_key(database: Database) {
    let world = world(database).await;
    // A second party: other servers with a key of their own.
    let mallory = crate::harness::Peer::start(&["thief.example"]).await;
    let before = world.state().await;
    // A signature of hers, said to be Mia's.
    let create = forged(MIA, 1).to_string().into_bytes();
    let key = format!("{MIA}#main-key");
    let (status, said) = mallory.posts(&world.node, INBOX, &key, create).await;
    assert_eq!((status, said.is_empty()), (StatusCode::UNAUTHORIZED, false));
    // Her document lists a key under Mia's name, and one of Mia's under her own.
    let stolen = "https://evil.example/u/thief";
    let mut thief = world.peer.person(stolen);
    for key_id in [key.clone(), format!("{stolen}#main-key")] {
        thief["publicKey"] = mallory.public_key(MIA);
        thief["publicKey"]["id"] = json!(key_id);
        world.peer.introduces(&thief);
        let create = forged(MIA, 2).to_string().into_bytes();
        let (status, _) = mallory.posts(&world.node, INBOX, &key_id, create).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{key_id}");
    }
    // Mia is still who she was: her own key counts, and what she says is heard.
    let honest = world.peer.sends(&world.node, INBOX, MIA, &like(&world, MIA, 1)).await;
    assert!(honest.is_success(), "{honest}");
    let unlike = json!({"id": format!("{MIA}/unlike"), "type": "Undo", "actor": MIA,
        "object": like(&world, MIA, 1)});
    assert!(world.peer.sends(&world.node, INBOX, MIA, &unlike).await.is_success());
    // A neighbour of Mallory's signs for her.
    let create = forged(MALLORY, 3).to_string().into_bytes();
    let neighbour = "https://evil.example/u/victim#main-key";
    let (status, _) = world.peer.posts(&world.node, INBOX, neighbour, create).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    world.is_as_before(&before).await;
}

fn like(world: &World, who: &str, number: u32) -> Value {
    json!({
        "id": format!("{who}/likes/{number}"), "type": "Like", "actor": who,
        "object": world.thread["uri"],
    })
}

async fn a_request_counts_once_and_as_it_was_signed(database: Database) {
    let world = world(database).await;
    let key = format!("{MALLORY}#main-key");
    let body = like(&world, MALLORY, 1).to_string().into_bytes();
    let signed = world.peer.signs(&world.node, INBOX, &key, body.clone()).build().unwrap();
    let http = reqwest::Client::new();
    for _ in 0..3 {
        let again = http.execute(signed.try_clone().unwrap()).await.unwrap();
        assert!(again.status().is_success(), "{}", again.status());
    }
    let path = format!("/api/v1/statuses/{}", id(&world.thread));
    assert_eq!(world.alice.api.get(&path).await["favourites_count"], 1);
    let before = world.state().await;
    // The same signature on anything else.
    let other = |change: &dyn Fn(&mut reqwest::Request)| {
        let mut request = signed.try_clone().unwrap();
        change(&mut request);
        http.execute(request)
    };
    let forged = forged(MALLORY, 1).to_string();
    let answers = [
        other(&|request| *request.body_mut() = Some(forged.clone().into())),
        other(&|request| request.url_mut().set_path("/inbox")),
        other(&|request| drop(request.headers_mut().remove("digest"))),
        other(&|request| drop(request.headers_mut().remove("date"))),
        other(&|request| drop(request.headers_mut().remove("signature"))),
        other(&|request| {
            let old = "Sun, 01 Feb 2026 10:00:00 GMT".parse().unwrap();
            drop(request.headers_mut().insert("date", old));
        }),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "change {number}");
        assert!(!answer.text().await.unwrap().is_empty(), "change {number}");
    }
    world.is_as_before(&before).await;
}

async fn nobody_takes_anothers_name(database: Database) {
    let world = world(database).await;
    let real = world.account(MIA).await.expect("Mia is known");
    let before = world.state().await;
    // At an address of hers Mallory shows a document that is Mia's, or one of ours.
    for (number, claimed) in [MIA, "https://node.example/u/alice"].into_iter().enumerate() {
        let at = format!("https://evil.example/u/false{number}");
        let mut actor = world.peer.person(&at);
        actor["id"] = json!(claimed);
        actor["name"] = json!("FORGED");
        world.peer.serves(&at, &actor);
        assert_eq!(world.account(&at).await, None, "{at} is not {claimed}");
        let key_id = format!("{at}#main-key");
        let create = forged(claimed, 9).to_string().into_bytes();
        let (status, _) = world.peer.posts(&world.node, INBOX, &key_id, create).await;
        assert!(status.is_client_error(), "{claimed}: {status}");
    }
    // Her WebFinger gives out others' people as hers: they keep their own names.
    for (name, who) in [("mia2", MIA), ("alice2", "https://node.example/u/alice")] {
        let handle = format!("{name}@evil.example");
        let finger = json!({"subject": format!("acct:{handle}"), "links": [
            {"rel": "self", "type": "application/activity+json", "href": who}]});
        let at = format!("https://evil.example/.well-known/webfinger?resource=acct:{handle}");
        let bytes = finger.to_string().into_bytes();
        world.peer.serves_bytes(&at, 200, "application/jrd+json", bytes);
        let found = world.account(&format!("@{handle}")).await;
        let named = found.as_ref().map(|account| word(account, "acct").to_owned());
        assert!(!named.is_some_and(|acct| acct.contains("evil")), "{handle} is {found:?}");
    }
    // Her page leads to Mia's: a document counts where it was asked for.
    world.peer.redirects("https://evil.example/u/moved", MIA);
    assert_eq!(world.account("https://evil.example/u/moved").await, None);
    world.peer.redirects("https://evil.example/u/inside", "http://169.254.169.254/latest/");
    assert_eq!(world.account("https://evil.example/u/inside").await, None);
    let now = world.account(MIA).await.expect("Mia is known");
    for key in ["display_name", "acct", "url", "uri"] {
        assert_eq!(real[key], now[key], "{key}");
    }
    world.is_as_before(&before).await;
}

async fn false_documents_are_no_keys(database: Database) {
    let world = world(database).await;
    let before = world.state().await;
    let mut wrong = Vec::new();
    let activity = "application/activity+json";
    for (number, (answer, kind, expected)) in [
        // A picture or a page that reads like an actor was put there by anybody.
        (200, "text/html", StatusCode::UNAUTHORIZED),
        (200, "application/json", StatusCode::UNAUTHORIZED),
        (200, "image/png", StatusCode::UNAUTHORIZED),
        (200, "application/ld+json", StatusCode::UNAUTHORIZED),
        (401, activity, StatusCode::UNAUTHORIZED),
        (403, activity, StatusCode::UNAUTHORIZED),
        (404, activity, StatusCode::UNAUTHORIZED),
        (410, activity, StatusCode::UNAUTHORIZED),
        (500, activity, StatusCode::SERVICE_UNAVAILABLE),
        (503, activity, StatusCode::SERVICE_UNAVAILABLE),
    ]
    .into_iter()
    .enumerate()
    {
        let actor = format!("https://e{number}.evil.example/u/new");
        let document = world.peer.person(&actor).to_string().into_bytes();
        world.peer.serves_bytes(&actor, answer, kind, document);
        let status = world.peer.sends(&world.node, INBOX, &actor, &forged(&actor, 1)).await;
        if status != expected {
            wrong.push(format!("{answer} {kind}: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // That the key of somebody known is away, or its owner, does not remove them.
    world.peer.serves_bytes(MIA, 410, activity, Vec::new());
    let stranger = crate::harness::Peer::start(&["thief.example"]).await;
    let body = forged(MIA, 1).to_string().into_bytes();
    let (status, _) = stranger.posts(&world.node, INBOX, &format!("{MIA}#main-key"), body).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    world.peer.person(MIA);
    world.is_as_before(&before).await;
    assert!(world.account(MIA).await.is_some(), "she is still here");
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn bombs_do_not_go_off(database: Database) {
    let world = world(database).await;
    let before = world.state().await;
    let key = format!("{MALLORY}#main-key");
    let start = format!(
        "{{\"id\":\"https://evil.example/bomb\",\"type\":\"Like\",\"actor\":\"{MALLORY}\",\
         \"object\":{},\"x\":",
        world.thread["uri"]
    );
    let whole = |inner: &str| format!("{start}{inner}}}").into_bytes();
    let deep = whole(&format!("{}{}", "[".repeat(400_000), "]".repeat(400_000)));
    let nested = whole(&format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    let wide = whole(&format!("[{}0]", "0,".repeat(400_000)));
    let keys: Vec<String> = (0..60_000).map(|n| format!("\"k{n}\":0")).collect();
    let many = whole(&format!("{{{}}}", keys.join(",")));
    let long = whole(&format!("\"{}\"", "x".repeat(900_000)));
    let digits = whole(&"9".repeat(900_000));
    for (what, body) in
        [("deep", deep), ("nested", nested), ("wide", wide), ("keys", many), ("text", long)]
    {
        let (status, said) = world.peer.posts(&world.node, INBOX, &key, body).await;
        assert_eq!((status, said.is_empty()), (StatusCode::BAD_REQUEST, false), "{what}");
    }
    let (status, _) = world.peer.posts(&world.node, INBOX, &key, digits).await;
    assert!(!status.is_server_error(), "{status}");
    // Too large, announced or not; packed bodies are no activities.
    let large = whole(&format!("\"{}\"", " ".repeat(1_100_000)));
    let (status, _) = world.peer.posts(&world.node, INBOX, &key, large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let bomb = packed(&vec![b' '; 30_000_000]);
    for encoding in ["gzip", "br", "deflate"] {
        let request = world.peer.signs(&world.node, INBOX, &key, bomb.clone());
        let answer = request.header("Content-Encoding", encoding).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{encoding}: {}", answer.status());
    }
    // A document that unpacks to more than anybody writes.
    let actor = "https://e1.evil.example/u/bomb";
    let mut document = world.peer.person(actor).to_string();
    document.insert_str(1, &" ".repeat(20_000_000));
    let kind = "application/activity+json\r\nContent-Encoding: gzip";
    world.peer.serves_bytes(actor, 200, kind, packed(document.as_bytes()));
    let status = world.peer.sends(&world.node, INBOX, actor, &forged(actor, 1)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.account(actor).await, None);
    world.is_as_before(&before).await;
}

async fn threads_and_mentions_are_bounded(database: Database) {
    let world = world(database).await;
    // A chain of replies that has no beginning: each leads to another.
    let at = |number: u32| format!("https://evil.example/chain/{number}");
    let note = |number: u32| {
        json!({
            "id": at(number), "type": "Note", "attributedTo": MALLORY, "to": [PUBLIC],
            "cc": ["https://node.example/c/help"], "content": "<p>and before that</p>",
            "inReplyTo": at(number + 1), "published": "2026-02-03T10:00:00Z",
        })
    };
    for number in 0..200 {
        world.peer.serves(&at(number), &note(number));
    }
    let create = json!({"id": format!("{}/create", at(0)), "type": "Create", "actor": MALLORY,
        "to": [PUBLIC], "cc": ["https://node.example/c/help"], "object": note(0)});
    assert!(world.peer.sends(&world.node, INBOX, MALLORY, &create).await.is_success());
    world.settles("the chain").await;
    let far = at(60);
    eventually("the chain is followed", || async {
        world.peer.asked().iter().any(|url| *url == at(5)).then_some(())
    })
    .await;
    world.settles("the end of the chain").await;
    assert!(!world.peer.asked().contains(&far), "nobody climbs that far");
    // One post that names somebody a hundred times tells them once.
    let alice = "https://node.example/u/alice";
    let tags: Vec<Value> =
        (0..100).map(|_| json!({"type": "Mention", "href": alice, "name": "@alice"})).collect();
    let mut flood = forged(MALLORY, 7);
    flood["object"]["content"] = json!("<p>Alice, Alice, Alice</p>");
    flood["object"]["tag"] = json!(tags);
    assert!(world.peer.sends(&world.node, INBOX, MALLORY, &flood).await.is_success());
    world.settles("the flood").await;
    let told = world.alice.api.get("/api/v1/notifications?limit=80").await;
    let named = |told: &&Value| told["status"]["content"].to_string().contains("Alice, Alice");
    assert_eq!(told.as_array().unwrap().iter().filter(named).count(), 1, "{told:#}");
    // And what was said is on the wall once.
    let wall = format!("/api/v1/accounts/{}/statuses?limit=40", id(&world.group));
    let wall = world.alice.api.get(&wall).await;
    let uri = flood["object"]["id"].as_str().unwrap();
    let shown = wall.as_array().unwrap().iter().filter(|status| original(status)["uri"] == uri);
    assert_eq!(shown.count(), 1, "{wall:#}");
}

/// A server that takes connections and says nothing.
async fn silent() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    port
}

async fn slow_ones_are_given_up(database: Database) {
    let port = silent().await;
    let hosts = format!("silent.example=127.0.0.1:{port}");
    let node = Setup::new(database).with("DEVELOPMENT_HOSTS", &hosts).start().await;
    let ana = node.member("ana").await;
    // Somebody begins to hand an activity in, and never ends.
    let slow = async {
        let mut stream = TcpStream::connect(("127.0.0.1", node.port)).await.unwrap();
        let head = format!(
            "POST /inbox HTTP/1.1\r\nHost: {}\r\nContent-Type: application/activity+json\r\n\
             Content-Length: 1000\r\n\r\n{{\"id\":",
            node.domain()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Ends when the node hangs up.
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    // Somebody's key is at a server that never answers.
    let actor = format!("http://silent.example:{port}/u/nobody");
    let query = [("q", actor.as_str()), ("resolve", "true")];
    let request = ana.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
    let (answer, found) = tokio::join!(slow, ana.api.send(request));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer:?}");
    assert_eq!(found.ok()["accounts"], json!([]));
    // Others were served all the while, and are now.
    assert!(node.public().try_get("/health").await.status.is_success());
}

/// What the node at `port` answers to these lines and a body that never ends; it must hang up.
async fn never_ends(port: u16, domain: &str, head: &str) -> String {
    let answer = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let chunked = head.contains("chunked");
        let length = if chunked { "" } else { "Content-Length: 900\r\n" };
        let start = if chunked { "1\r\nx\r\n" } else { "x" };
        let request = format!("{head}\r\nHost: {domain}\r\n{length}\r\n{start}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let patience = std::time::Duration::from_secs(60);
    let answer = tokio::time::timeout(patience, answer).await;
    answer.unwrap_or_else(|_| panic!("still held: {head}"))
}

async fn a_slow_body_is_given_up_wherever_it_goes(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let token = format!("Authorization: Bearer {}", ana.token);
    let json = "Content-Type: application/json";
    let form = "Content-Type: application/x-www-form-urlencoded";
    let picture = "Content-Type: multipart/form-data; boundary=b";
    let chunked = "Transfer-Encoding: chunked";
    let preflight = "Origin: http://x.example\r\nAccess-Control-Request-Method: POST";
    let cases = [
        (408, format!("POST /api/v1/statuses HTTP/1.1\r\n{json}\r\n{token}")),
        (408, format!("PUT /api/v1/statuses/1 HTTP/1.1\r\n{form}\r\n{token}\r\n{chunked}")),
        (408, format!("POST /oauth/token HTTP/1.1\r\n{form}")),
        (408, format!("POST /oauth/token HTTP/1.1\r\n{form}\r\n{chunked}")),
        (408, format!("POST /api/v2/media HTTP/1.1\r\n{picture}\r\n{token}")),
        (408, format!("POST /inbox HTTP/1.1\r\n{json}\r\n{chunked}")),
        // Nobody reads these: they are answered at once, and the connection ends with that.
        (404, format!("POST /api/v1/nothing HTTP/1.1\r\n{json}\r\n{chunked}")),
        (404, format!("POST /nothing HTTP/1.1\r\n{json}\r\n{chunked}")),
        (200, format!("GET /api/v2/instance HTTP/1.1\r\n{chunked}")),
        (204, format!("OPTIONS /api/v1/statuses HTTP/1.1\r\n{preflight}\r\n{chunked}")),
    ];
    let mut all = tokio::task::JoinSet::new();
    for (status, head) in cases {
        let (port, domain) = (node.port, node.domain());
        all.spawn(async move {
            let answer = never_ends(port, &domain, &head).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer:?}");
        });
    }
    // Panics with the first that did.
    all.join_all().await;
    assert!(node.public().try_get("/health").await.status.is_success());
}
