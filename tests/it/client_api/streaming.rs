//! What happens is told at once to clients that listen.
use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{Database, MastodonPy, Node, eventually, id};

stories!(
    mastodon_py_hears_the_home_timeline,
    a_web_socket_hears_it_too,
    conversations_filters_and_announcements_are_heard,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_on_one_postgresql_hear_each_other() {
    let one = Node::start(Database::Postgres).await;
    let (ana, ben) = (one.member("ana").await, one.member("ben").await);
    ben.joins("ana").await;
    let two = one.beside().await;
    let py = MastodonPy::signed_in(&two, &ben);
    py.listen("stream_user");
    eventually("what is posted at one is heard at the other", || async {
        ana.posts("Over at the other").await;
        let heard = py.heard();
        heard.iter().any(|e| e["data"].to_string().contains("Over at the other")).then_some(())
    })
    .await;
    let post = ana.posts("@ben and you are told").await;
    let heard = async |kind: &str, text: &str| {
        eventually(&format!("a {kind} with {text:?} is heard"), || async {
            let events = py.heard();
            events.into_iter().find(|e| e["event"] == kind && e["data"].to_string().contains(text))
        })
        .await
    };
    heard("notification", "and you are told").await;
    let path = format!("/api/v1/statuses/{}", id(&post));
    ana.api.send(ana.api.request(reqwest::Method::DELETE, &path)).await.ok();
    heard("delete", &id(&post)).await;
    // The command line is a process, too.
    one.run(&["announcement", "create", "We are two"]);
    heard("announcement", "We are two").await;
}

async fn conversations_filters_and_announcements_are_heard(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let py = MastodonPy::signed_in(&node, &ana);
    py.listen("stream_user");
    py.listen("stream_direct");
    let heard = |kind: &str| py.heard().into_iter().find(|e| e["event"] == kind);
    eventually("both streams are open", || async {
        let body = serde_json::json!({"status": "@ana psst", "visibility": "direct"});
        ben.api.post("/api/v1/statuses", body).await;
        (heard("conversation").is_some() && heard("notification").is_some()).then_some(())
    })
    .await;
    let said = heard("conversation").unwrap();
    assert!(said["data"]["last_status"]["content"].to_string().contains("psst"), "{said}");
    assert_eq!(said["data"]["unread"], true);
    let filter = serde_json::json!({"title": "x", "context": ["home"]});
    ana.api.post("/api/v2/filters", filter).await;
    eventually("that filters changed", || async { heard("filters_changed") }).await;
}

async fn mastodon_py_hears_the_home_timeline(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    ben.joins(&ana.handle).await;
    let py = MastodonPy::signed_in(&b, &ben);
    py.listen("stream_user");
    let heard = async |kind: &str, text: &str| {
        eventually(&format!("a {kind} with {text:?} is heard"), || async {
            let events = py.heard();
            events.into_iter().find(|e| e["event"] == kind && e["data"].to_string().contains(text))
        })
        .await
    };
    // The stream is open once something is heard: say it until then.
    eventually("the stream is open", || async {
        ana.posts("Anybody there?").await;
        (!py.heard().is_empty()).then_some(())
    })
    .await;
    let post = ana.posts(&format!("@{} Your washer has come", ben.handle)).await;
    heard("update", "Your washer has come").await;
    heard("notification", "Your washer has come").await;
    let path = format!("/api/v1/statuses/{}", id(&post));
    let edit = serde_json::json!({"status": format!("@{} Your washers have come", ben.handle)});
    ana.api.send(ana.api.request(reqwest::Method::PUT, &path).json(&edit)).await.ok();
    heard("status.update", "Your washers have come").await;
    ana.api.send(ana.api.request(reqwest::Method::DELETE, &path)).await.ok();
    heard("delete", "").await;
}

async fn a_web_socket_hears_it_too(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let mut socket = TcpStream::connect(("127.0.0.1", node.port)).await.unwrap();
    let hello = format!(
        "GET /api/v1/streaming HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {}\r\n\r\n",
        node.domain(),
        ana.token
    );
    socket.write_all(hello.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let echo = format!("sec-websocket-protocol: {}", ana.token.to_lowercase());
    assert!(head.to_lowercase().contains(&echo), "the token is echoed: {head}");

    say(&mut socket, r#"{"type":"subscribe","stream":"nothing-we-know"}"#).await;
    let answer = next(&mut socket).await;
    assert_eq!(answer["status"], 400, "{answer}");
    say(&mut socket, r#"{"type":"subscribe","stream":"user"}"#).await;
    // A subscription is not confirmed: post until something is heard.
    loop {
        ana.posts("Heard at once").await;
        if timeout(Duration::from_secs(1), socket.readable()).await.is_ok() {
            break;
        }
    }
    let frame = next(&mut socket).await;
    assert_eq!(frame["event"], "update", "{frame}");
    assert_eq!(frame["stream"], serde_json::json!(["user"]));
    let status: Value = serde_json::from_str(frame["payload"].as_str().unwrap()).unwrap();
    assert!(status["content"].as_str().unwrap().contains("Heard at once"));
}

/// One masked text frame.
async fn say(socket: &mut TcpStream, text: &str) {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    let mask = [1, 2, 3, 4];
    let mut frame = vec![0x81, 0x80 | length];
    frame.extend(mask);
    frame.extend(text.bytes().enumerate().map(|(i, byte)| byte ^ mask[i % 4]));
    socket.write_all(&frame).await.unwrap();
}

/// The JSON of the next text frame.
async fn next(socket: &mut TcpStream) -> Value {
    let read = async {
        loop {
            let kind = socket.read_u8().await.unwrap() & 0x0f;
            let length = match socket.read_u8().await.unwrap() & 0x7f {
                126 => usize::from(socket.read_u16().await.unwrap()),
                127 => usize::try_from(socket.read_u64().await.unwrap()).unwrap(),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            socket.read_exact(&mut payload).await.unwrap();
            if kind == 1 {
                return serde_json::from_slice(&payload).unwrap();
            }
        }
    };
    timeout(Duration::from_secs(30), read).await.expect("a frame comes")
}
