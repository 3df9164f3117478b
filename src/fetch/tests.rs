use std::{collections::HashMap, io::Write, net::SocketAddr};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::keys::KeyPair;

/// A server that says what it is told to, by the path it is asked for, and keeps what it heard.
struct Peer {
    address: SocketAddr,
    heard: Arc<std::sync::Mutex<Vec<String>>>,
}

const ACTIVITY: &str = "Content-Type: application/activity+json";

/// A response with these header lines and this body.
fn says(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut lines = vec![format!("HTTP/1.1 {status}"), format!("Content-Length: {}", body.len())];
    lines.extend(headers.iter().map(|line| (*line).to_owned()));
    [lines.join("\r\n").as_bytes(), b"\r\n\r\n", body].concat()
}

impl Peer {
    async fn start(answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<std::sync::Mutex<Vec<String>>>::default();
        let (answers, log): (HashMap<_, _>, _) = (answers.into_iter().collect(), heard.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut buffer = vec![0; 65_536];
                let read = stream.read(&mut buffer).await.unwrap();
                let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                log.lock().unwrap().push(request);
                let answer = answers.get(path.as_str()).cloned();
                let answer = answer.unwrap_or_else(|| says("404 Not Found", &[], b""));
                // The client may hang up in the middle; that is what some tests are about.
                let _ = stream.write_all(&answer).await;
            }
        });
        Self { address, heard }
    }

    /// A client for which `oak.test` and all names below `elm.test` are this server.
    fn fetcher(&self) -> Fetcher {
        let hosts = format!("oak.test={0},*.elm.test={0}", self.address);
        let env = [("COMMONHOLD_DEVELOPMENT_HOSTS".to_owned(), hosts)];
        Fetcher::new(&Config::load(None, env.into_iter()).unwrap())
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn document(id: &str) -> Vec<u8> {
    says("200 OK", &[ACTIVITY], json!({ "id": id, "type": "Note" }).to_string().as_bytes())
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

async fn get(peer: &Peer, path: &str) -> Result<Value> {
    peer.fetcher().get_document(&url(&format!("http://oak.test{path}")), None).await
}

#[tokio::test]
async fn a_document_counts_at_its_own_address_only() {
    let peer = Peer::start(vec![
        ("/p/1", document("http://oak.test/p/1")),
        ("/alias", document("http://oak.test/p/1")),
        ("/liar", document("http://oak.test/nowhere")),
        ("/ring", document("http://oak.test/ring2")),
        ("/ring2", document("http://oak.test/ring")),
        ("/foreign", document("http://a.elm.test/p/1")),
        ("/nameless", says("200 OK", &[ACTIVITY], b"{}")),
        ("/numbered", says("200 OK", &[ACTIVITY], b"{\"id\":5}")),
    ])
    .await;
    assert_eq!(get(&peer, "/p/1").await.unwrap()["type"], "Note");
    assert_eq!(get(&peer, "/p/1#key").await.unwrap()["type"], "Note");
    assert_eq!(get(&peer, "/alias").await.unwrap()["id"], "http://oak.test/p/1");
    assert!(matches!(get(&peer, "/liar").await, Err(Error::NotFound)));
    for path in ["/ring", "/foreign", "/nameless", "/numbered"] {
        assert!(matches!(get(&peer, path).await, Err(Error::Invalid(_))), "{path}");
    }
}

#[tokio::test]
async fn one_redirect_on_the_same_server_is_followed() {
    let to = |location: &str| says("302 Found", &[&format!("Location: {location}")], b"");
    let peer = Peer::start(vec![
        ("/p/1", document("http://oak.test/p/1")),
        ("/old", to("/p/1")),
        ("/older", to("/old")),
        ("/away", to("http://a.elm.test/p/1")),
        ("/file", to("file:///etc/passwd")),
        ("/nowhere", says("302 Found", &[], b"")),
    ])
    .await;
    assert_eq!(get(&peer, "/old").await.unwrap()["id"], "http://oak.test/p/1");
    for path in ["/older", "/away", "/file", "/nowhere"] {
        assert!(matches!(get(&peer, path).await, Err(Error::Invalid(_))), "{path}");
    }
}

#[tokio::test]
async fn webfinger_may_lead_elsewhere_but_not_for_ever() {
    let peer = Peer::start(vec![
        ("/.well-known/webfinger", says("301 Moved", &["Location: http://b.elm.test/wf"], b"")),
        ("/wf", says("200 OK", &["Content-Type: application/jrd+json"], b"{\"subject\":\"x\"}")),
        ("/loop", says("301 Moved", &["Location: /loop"], b"")),
        ("/evil", says("301 Moved", &["Location: ftp://oak.test/"], b"")),
        ("/html", says("200 OK", &["Content-Type: text/html"], b"{}")),
    ])
    .await;
    let get =
        async |path: &str| peer.fetcher().get_json(&url(&format!("http://oak.test{path}"))).await;
    assert_eq!(get("/.well-known/webfinger").await.unwrap()["subject"], "x");
    for path in ["/loop", "/evil", "/html"] {
        assert!(matches!(get(path).await, Err(Error::Invalid(_))), "{path}");
    }
}

#[tokio::test]
async fn statuses_and_types_are_told_apart() {
    let body = br#"{"id":"http://oak.test/x"}"#;
    let peer = Peer::start(vec![
        ("/html", says("200 OK", &["Content-Type: text/html"], body)),
        ("/json", says("200 OK", &["Content-Type: application/json"], body)),
        ("/untyped", says("200 OK", &[], body)),
        ("/broken", says("200 OK", &[ACTIVITY], b"{")),
        ("/gone", says("410 Gone", &[ACTIVITY], body)),
        ("/private", says("403 Forbidden", &[], b"")),
        ("/busy", says("503 Busy", &[], b"")),
        ("/later", says("429 Later", &[], b"")),
        ("/teapot", says("418 Teapot", &[], b"")),
    ])
    .await;
    for path in ["/html", "/json", "/untyped", "/teapot"] {
        assert!(matches!(get(&peer, path).await, Err(Error::Invalid(_))), "{path}");
    }
    assert!(matches!(get(&peer, "/broken").await, Err(Error::Malformed(_))));
    assert!(matches!(get(&peer, "/gone").await, Err(Error::Gone)));
    assert!(matches!(get(&peer, "/none").await, Err(Error::NotFound)));
    assert!(matches!(get(&peer, "/private").await, Err(Error::Forbidden(_))));
    for path in ["/busy", "/later"] {
        assert!(matches!(get(&peer, path).await, Err(Error::Unreachable(_))), "{path}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn nothing_larger_than_the_limit_is_read_also_when_packed() {
    let packed = |bytes: &[u8]| says("200 OK", &[ACTIVITY, "Content-Encoding: gzip"], &gzip(bytes));
    let mut endless = b"HTTP/1.1 200 OK\r\n".to_vec();
    endless.extend([ACTIVITY.as_bytes(), b"\r\n\r\n"].concat());
    endless.extend(vec![b' '; 3_000_000]);
    let peer = Peer::start(vec![
        ("/packed", packed(br#"{"id":"http://oak.test/packed"}"#)),
        ("/bomb", packed(&vec![b' '; 20_000_000])),
        ("/big", says("200 OK", &[ACTIVITY], &vec![b' '; 2_000_001])),
        ("/endless", endless),
        ("/picture", says("200 OK", &["Content-Type: image/png"], &[7; 1000])),
    ])
    .await;
    assert_eq!(get(&peer, "/packed").await.unwrap()["id"], "http://oak.test/packed");
    for path in ["/bomb", "/big", "/endless"] {
        assert!(matches!(get(&peer, path).await, Err(Error::TooLarge(_))), "{path}");
    }
    let picture = url("http://oak.test/picture");
    let found = peer.fetcher().get_bytes(&picture, 1000).await.unwrap();
    assert_eq!((found.0.len(), found.1.as_str()), (1000, "image/png"));
    assert!(matches!(peer.fetcher().get_bytes(&picture, 999).await, Err(Error::TooLarge(_))));
}

#[tokio::test]
async fn requests_are_signed_and_deliveries_answered() {
    let busy = says("429 Too Many", &["Retry-After: 120"], b"slow down");
    let peer = Peer::start(vec![
        ("/u/ana", document("http://oak.test/u/ana")),
        ("/inbox", says("202 Accepted", &[], b"")),
        ("/busy", busy),
        ("/q?a=1", says("401 Unauthorized", &[], b"")),
    ])
    .await;
    let key = SigningKey::from_pem(&KeyPair::generate().unwrap().private_pem).unwrap();
    let key_id = "http://localhost:8080/actor#main-key";
    let learned = OnceLock::new();
    let signer = Signer { key_id, key: &key, now: Time::now(), newer: false, learned: &learned };
    let fetcher = peer.fetcher();
    fetcher.get_document(&url("http://oak.test/u/ana"), Some(signer)).await.unwrap();
    let heard = peer.heard().pop().unwrap().to_ascii_lowercase();
    for part in ["signature: keyid=", "host: oak.test\r\n", "user-agent: commonhold/", "\r\ndate: "]
    {
        assert!(heard.contains(part), "{heard}");
    }

    let inbox = url("http://oak.test/inbox");
    let headers = signature::sign_post(key_id, &key, &inbox, b"{}", Time::now()).unwrap();
    let answer = fetcher.post_activity(&inbox, "{}", &headers).await.unwrap();
    assert!(answer.is_success());
    let heard = peer.heard().pop().unwrap().to_ascii_lowercase();
    assert!(heard.contains("content-type: application/activity+json"), "{heard}");
    assert_eq!(heard.matches("\r\nhost: ").count(), 1);

    let answer = fetcher.post_activity(&url("http://oak.test/busy"), "{}", &[]).await.unwrap();
    assert_eq!((answer.status, answer.retry_after_secs), (429, Some(120)));
    assert_eq!(answer.text, "slow down");

    let refused = fetcher.get_document(&url("http://oak.test/q?a=1"), Some(signer)).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    // Once as it is, once without the query, once in the other form.
    let asked = peer.heard().into_iter().filter(|line| line.contains("/q?a=1"));
    let newer: Vec<bool> =
        asked.map(|line| line.to_ascii_lowercase().contains("signature-input: ")).collect();
    assert_eq!(newer, [false, false, true]);
    assert_eq!(learned.get(), None, "it did not work");
}

#[tokio::test]
async fn a_name_with_a_port_of_its_own_is_played_too() {
    let id = "http://oak.test:8541/u/ana";
    let peer =
        Peer::start(vec![("/u/ana", document(id)), ("/inbox", says("202 Accepted", &[], b""))])
            .await;
    let fetcher = peer.fetcher();
    assert_eq!(fetcher.get_document(&url(id), None).await.unwrap()["id"], id);
    let inbox = url("http://oak.test:8541/inbox");
    assert!(fetcher.post_activity(&inbox, "{}", &[]).await.unwrap().is_success());
    for heard in peer.heard() {
        let heard = heard.to_ascii_lowercase();
        assert_eq!(heard.matches("\r\nhost: oak.test:8541\r\n").count(), 1, "{heard}");
    }
    // Another port is another origin, wherever it leads.
    let moved = fetcher.get_document(&url("http://oak.test:8542/u/ana"), None).await;
    assert!(matches!(moved, Err(Error::Invalid(_))), "{moved:?}");
}

#[tokio::test]
async fn outside_development_mode_nothing_of_this_machine_is_reached() {
    let peer = Peer::start(vec![("/p/1", document("http://oak.test/p/1"))]).await;
    let env = [("COMMONHOLD_DOMAIN".to_owned(), "node.example".to_owned())];
    let fetcher = Fetcher::new(&Config::load(None, env.into_iter()).unwrap());
    for target in [
        format!("http://{}/p/1", peer.address),
        format!("https://{}/p/1", peer.address),
        format!("https://localhost:{}/p/1", peer.address.port()),
        "http://oak.test/p/1".into(),
    ] {
        let found = fetcher.get_document(&url(&target), None).await;
        assert!(matches!(found, Err(Error::Invalid(_))), "{target}: {found:?}");
        let sent = fetcher.post_activity(&url(&target), "{}", &[]).await;
        assert!(matches!(sent, Err(Error::Invalid(_))), "{target}");
    }
    assert!(peer.heard().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let peer = Peer::start(vec![]).await;
    let target = url(&format!("http://{closed}/p/1"));
    let found = peer.fetcher().get_document(&target, None).await;
    assert!(matches!(found, Err(Error::Unreachable(_))), "{found:?}");
}
