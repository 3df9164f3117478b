//! Other servers, played by us: any number of names on one port of loopback, over http and https.
use std::{
    collections::HashMap,
    io,
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, SystemTime},
};

use aws_lc_rs::{
    digest,
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
};
use tokio_rustls::{TlsAcceptor, rustls};

use super::{Node, Setup, eventually};

/// One party that speaks for many servers.
pub struct Peer {
    port: u16,
    hosts: Vec<String>,
    folder: TempDir,
    key: KeyPair,
    http: reqwest::Client,
    state: Arc<Mutex<State>>,
}

/// Says by its headers what a delivery is answered with.
type Judge = fn(&HashMap<String, String>) -> u16;

#[derive(Default)]
struct State {
    /// What is answered to a GET, by its whole URL without fragment.
    documents: HashMap<String, Document>,
    received: Vec<Received>,
    /// What is answered to a POST, by its whole URL; 202 where nothing is said.
    answers: HashMap<String, u16>,
    asked: Vec<String>,
    /// Words that it falls over: 500.
    stones: Vec<String>,
    /// What a host answers to a delivery, by its headers; 202 where it says nothing.
    judges: HashMap<String, Judge>,
}

#[derive(Clone)]
struct Document {
    status: u16,
    kind: String,
    body: Vec<u8>,
}

/// An activity that a node delivered.
#[derive(Clone, Debug)]
pub struct Received {
    pub url: String,
    pub headers: HashMap<String, String>,
    pub body: Value,
    /// What it was answered.
    pub status: u16,
}

impl Peer {
    /// Starts to answer for these names (`*.example` for all below one).
    pub async fn start(hosts: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let (authority, acceptor) = certify(hosts);
        std::fs::write(folder.path().join("ca.pem"), authority).unwrap();
        let state = Arc::<Mutex<State>>::default();
        tokio::spawn(listen(listener, acceptor, state.clone()));
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        Self { port, hosts, folder, key, http: reqwest::Client::new(), state }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The setup of a node that finds these servers here.
    pub fn known_to(&self, setup: Setup) -> Setup {
        let hosts: Vec<String> =
            self.hosts.iter().map(|host| format!("{host}=127.0.0.1:{}", self.port)).collect();
        setup
            .with("DEVELOPMENT_HOSTS", &hosts.join(","))
            .with("DEVELOPMENT_CA_FILE", &self.folder.path().join("ca.pem").display().to_string())
    }

    /// Answers a GET of `url` with this document.
    pub fn serves(&self, url: &str, document: &Value) {
        let kind = "application/activity+json; charset=utf-8";
        self.serves_bytes(url, 200, kind, document.to_string().into_bytes());
    }

    /// Answers a GET of `url` with these bytes.
    pub fn serves_bytes(&self, url: &str, status: u16, kind: &str, body: Vec<u8>) {
        let document = Document { status, kind: kind.to_owned(), body };
        self.state.lock().unwrap().documents.insert(without_fragment(url), document);
    }

    /// Leads a GET of `url` elsewhere.
    pub fn redirects(&self, url: &str, to: &str) {
        self.serves_bytes(url, 302, &format!("text/plain\r\nLocation: {to}"), Vec::new());
    }

    /// Whether a GET of `url` is answered.
    pub fn has(&self, url: &str) -> bool {
        self.state.lock().unwrap().documents.contains_key(&without_fragment(url))
    }

    /// Makes somebody up at `url`, with our key; found by WebFinger too.
    pub fn person(&self, url: &str) -> Value {
        self.actor(url, "Person")
    }

    /// Makes an actor up at `url`, with our key.
    pub fn actor(&self, url: &str, kind: &str) -> Value {
        let parsed = url::Url::parse(url).unwrap();
        let origin = parsed.origin().ascii_serialization();
        let last = parsed.path_segments().and_then(|mut parts| parts.rfind(|p| !p.is_empty()));
        let name = last.unwrap_or("somebody").trim_start_matches('@').replace('.', "_");
        let actor = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": url,
            "type": kind,
            "preferredUsername": name,
            "name": name,
            "inbox": format!("{url}/inbox"),
            "outbox": format!("{url}/outbox"),
            "followers": format!("{url}/followers"),
            "endpoints": {"sharedInbox": format!("{origin}/inbox")},
            "url": url,
            "published": "2020-01-01T00:00:00Z",
            "publicKey": self.public_key(url),
        });
        self.introduces(&actor);
        actor
    }

    /// Serves an actor as it is, and answers WebFinger for it.
    pub fn introduces(&self, actor: &Value) {
        let id = actor["id"].as_str().unwrap();
        self.serves(id, actor);
        let Some(name) = actor["preferredUsername"].as_str() else { return };
        let Ok(url) = url::Url::parse(id) else { return };
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let finger = json!({
            "subject": format!("acct:{name}@{host}"),
            "links": [{"rel": "self", "type": "application/activity+json", "href": id}],
        });
        let origin = url.origin().ascii_serialization();
        let at = format!("{origin}/.well-known/webfinger?resource=acct:{name}@{host}");
        self.serves_bytes(&at, 200, "application/jrd+json", finger.to_string().into_bytes());
    }

    /// Our key as the `publicKey` of an actor.
    pub fn public_key(&self, owner: &str) -> Value {
        let der = self.key.public_key().as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
        json!({"id": format!("{owner}#main-key"), "owner": owner, "publicKeyPem": pem})
    }

    /// Signs `body` in the name of `actor` and posts it to the node's `inbox` (a path).
    pub async fn sends(&self, node: &Node, inbox: &str, actor: &str, body: &Value) -> StatusCode {
        let key_id = format!("{actor}#main-key");
        self.posts(node, inbox, &key_id, body.to_string().into_bytes()).await.0
    }

    /// Signs these bytes with `key_id` and posts them; gives status and body.
    pub async fn posts(
        &self,
        node: &Node,
        inbox: &str,
        key_id: &str,
        body: Vec<u8>,
    ) -> (StatusCode, String) {
        let request = self.signs(node, inbox, key_id, body);
        let answer = request.send().await.expect("the node answers");
        (answer.status(), answer.text().await.unwrap_or_default())
    }

    /// A request that carries these bytes, signed with `key_id`.
    pub fn signs(
        &self,
        node: &Node,
        inbox: &str,
        key_id: &str,
        body: Vec<u8>,
    ) -> reqwest::RequestBuilder {
        let date = httpdate::fmt_http_date(SystemTime::now());
        let digest = STANDARD.encode(digest::digest(&digest::SHA256, &body));
        let digest = format!("SHA-256={digest}");
        let host = node.domain();
        let kind = "application/activity+json";
        let message = format!(
            "(request-target): post {inbox}\nhost: {host}\ndate: {date}\ndigest: {digest}\n\
             content-type: {kind}"
        );
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .unwrap();
        let signature = format!(
            "keyId=\"{key_id}\",algorithm=\"rsa-sha256\",\
             headers=\"(request-target) host date digest content-type\",signature=\"{}\"",
            STANDARD.encode(signature)
        );
        self.http
            .post(format!("http://127.0.0.1:{}{inbox}", node.port))
            .header("Host", host)
            .header("Date", date)
            .header("Digest", digest)
            .header("Content-Type", kind)
            .header("Signature", signature)
            .body(body)
    }

    /// Asks the node for `path` as servers do, signed with `key_id`; gives status and body.
    pub async fn asks(&self, node: &Node, path: &str, key_id: &str) -> (StatusCode, String) {
        let date = httpdate::fmt_http_date(SystemTime::now());
        let host = node.domain();
        let message = format!("(request-target): get {path}\nhost: {host}\ndate: {date}");
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .unwrap();
        let signature = format!(
            "keyId=\"{key_id}\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date\",\
             signature=\"{}\"",
            STANDARD.encode(signature)
        );
        let request = self
            .http
            .get(format!("http://127.0.0.1:{}{path}", node.port))
            .header("Host", host)
            .header("Date", date)
            .header("Accept", "application/activity+json")
            .header("Signature", signature);
        let answer = request.send().await.expect("the node answers");
        (answer.status(), answer.text().await.unwrap_or_default())
    }

    /// What was delivered to any of our inboxes.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// How many activities of a type were delivered to us.
    pub fn count(&self, kind: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.received.iter().filter(|one| one.body["type"] == kind).count()
    }

    /// Answers every POST to `url` with this status.
    pub fn answers(&self, url: &str, status: u16) {
        self.state.lock().unwrap().answers.insert(url.to_owned(), status);
    }

    /// Those of them that were answered with success.
    pub fn taken(&self) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.status < 300).collect()
    }

    /// Lets `judge` say what a host answers to a delivery with these headers.
    pub fn judges(&self, host: &str, judge: fn(&HashMap<String, String>) -> u16) {
        self.state.lock().unwrap().judges.insert(host.to_owned(), judge);
    }

    /// From now on answers 500 to whatever holds these words.
    pub fn falls_over(&self, words: &str) {
        self.state.lock().unwrap().stones.push(words.to_owned());
    }

    /// Lets a server say what it runs (NodeInfo 2.0).
    pub fn runs(&self, host: &str, software: &str) {
        let at = format!("https://{host}/nodeinfo/2.0");
        let links = json!({"links": [{
            "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": at,
        }]});
        let said = json!({"version": "2.0", "software": {"name": software, "version": "1.0"},
            "protocols": ["activitypub"], "usage": {"users": {}}, "openRegistrations": true});
        let links_at = format!("https://{host}/.well-known/nodeinfo");
        for (url, document) in [(links_at, links), (at, said)] {
            self.serves_bytes(&url, 200, "application/json", document.to_string().into_bytes());
        }
    }

    /// Every URL that a node asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The first activity delivered to us that `wanted` knows; waits for it.
    pub async fn receives(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Received {
        eventually(&format!("{what} is delivered"), || async {
            self.received().into_iter().find(|received| wanted(&received.body))
        })
        .await
    }
}

fn without_fragment(url: &str) -> String {
    // As the one who asks writes it: `https://a.example?p=1` is `https://a.example/?p=1`.
    let url = url::Url::parse(url).map_or_else(|_| url.to_owned(), String::from);
    url.split('#').next().unwrap_or_default().trim_end_matches('/').to_owned()
}

/// A root certificate as PEM, and a server that shows one it signed for these hosts.
fn certify(hosts: &[&str]) -> (String, TlsAcceptor) {
    let root_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = root.self_signed(&root_key).unwrap();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let leaf = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, state) = (acceptor.clone(), state.clone());
        tokio::spawn(async move {
            let mut first = [0];
            // A TLS hello begins with 22, no HTTP method does.
            if stream.peek(&mut first).await.is_ok_and(|n| n == 1) && first[0] == 22 {
                if let Ok(stream) = acceptor.accept(stream).await {
                    answer("https", stream, &state).await;
                }
            } else {
                answer("http", stream, &state).await;
            }
        });
    }
}

/// Answers one request after the other until the other side leaves, as servers do.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(scheme: &str, stream: S, state: &Mutex<State>) {
    let mut stream = BufStream::new(stream);
    while answer_one(scheme, &mut stream, state).await.is_ok() {}
}

/// How long a peer takes between noting what it was asked and answering: milliseconds from
/// `COMMONHOLD_TEST_SLOW_PEER`, else none. A round with 300 finds stories that take "it was asked"
/// for "it is known".
fn dawdling() -> Duration {
    static TIME: LazyLock<Duration> = LazyLock::new(|| {
        let said = std::env::var("COMMONHOLD_TEST_SLOW_PEER").unwrap_or_default();
        Duration::from_millis(said.parse().unwrap_or(0))
    });
    *TIME
}

async fn answer_one<S: AsyncRead + AsyncWrite + Unpin>(
    scheme: &str,
    stream: &mut S,
    state: &Mutex<State>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let host = headers.get("host").cloned().unwrap_or_default();
    let path = path.replace("%3A", ":").replace("%40", "@");
    let url = format!("{scheme}://{host}{path}");
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let document = if method == "POST" {
        let text = String::from_utf8_lossy(&body).into_owned();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let mut state = state.lock().unwrap();
        let judged = state.judges.get(&host).map(|judge| judge(&headers));
        let stumbled = state.stones.iter().any(|words| text.contains(words)).then_some(500);
        let status = judged.or(stumbled).or(state.answers.get(&url).copied()).unwrap_or(202);
        state.received.push(Received { url, headers, body, status });
        Document { status, kind: "text/plain".to_owned(), body: Vec::new() }
    } else {
        let mut state = state.lock().unwrap();
        state.asked.push(url.clone());
        state.documents.get(&without_fragment(&url)).cloned().unwrap_or_else(|| Document {
            status: 404,
            kind: "text/plain".to_owned(),
            body: b"nothing here".to_vec(),
        })
    };
    tokio::time::sleep(dawdling()).await;
    let head = format!(
        "HTTP/1.1 {} Played\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        document.status,
        document.kind,
        document.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&document.body).await?;
    stream.flush().await
}
