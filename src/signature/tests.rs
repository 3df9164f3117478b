use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::*;
use crate::{
    activitypub::vectors::{Totals, listed_key, vectors},
    keys::{KeyPair, SigningKey},
};

/// A request that owns its parts.
struct Request {
    method: String,
    target: String,
    headers: HeaderMap,
    origin: Url,
    body: Vec<u8>,
}

impl Request {
    fn incoming(&self) -> Incoming<'_> {
        Incoming {
            method: &self.method,
            path_and_query: &self.target,
            headers: &self.headers,
            origin: &self.origin,
            body: &self.body,
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.insert(name.parse().unwrap(), HeaderValue::from_str(value).unwrap());
    }
}

const NOW: Time = Time(1_772_359_200_000);

fn headers<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn request(vector: &Value) -> Request {
    let sent = &vector["request"];
    let url = Url::parse(sent["url"].as_str().unwrap_or("https://node.example/inbox")).unwrap();
    let pairs = sent["headers"].as_object().unwrap().iter();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Request {
        method: sent["method"].as_str().unwrap().into(),
        target: format!("{}{query}", url.path()),
        headers: headers(pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap()))),
        origin: Url::parse("https://node.example/").unwrap(),
        body: match sent["body_base64"].as_str() {
            Some(text) => base64::Engine::decode(&STANDARD, text).unwrap(),
            None => sent["body"].as_str().unwrap_or_default().into(),
        },
    }
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    let mut totals = Totals::default();
    for vector in vectors("request") {
        let (name, expect) = (vector["name"].as_str().unwrap(), vector["expect"].as_str().unwrap());
        let request = request(&vector);
        totals.count(&vector);
        if expect == "parse-only" {
            captured(name, &vector, request);
            continue;
        }
        let now = Time::parse(vector["now"].as_str().unwrap()).unwrap();
        let found = Claim::read(&request.incoming(), now).and_then(|claim| {
            let key = listed_key(&vector, None, &claim.key_id);
            claim.verify(&key.ok_or(Refusal::NotByKey(claim.key_id.clone()))?)
        });
        match expect {
            // Names in upper case are names: the one vector that is free to choose.
            "valid" | "either" => assert_eq!(found, Ok(()), "{name}"),
            "invalid" => assert!(found.is_err(), "{name}"),
            other => panic!("{name}: {other} is no expectation"),
        }
    }
    totals.say("signatures", 45);
}

/// A request of a live server whose `Date` and `Host` were not kept: everything else of it is read,
/// and its digest is that of its body.
fn captured(name: &str, vector: &Value, mut request: Request) {
    let refusal = Claim::read(&request.incoming(), NOW).unwrap_err();
    assert_eq!(refusal, Refusal::MissingHeader("date".into()), "{name}");
    // It is kept with the line end of the file that it was kept in.
    assert_eq!(request.body.pop(), Some(b'\n'), "{name}");
    request.set("date", "Sun, 01 Mar 2026 10:00:00 GMT");
    request.set("content-type", "application/activity+json");
    let claim = Claim::read(&request.incoming(), NOW).unwrap();
    assert!(claim.key_id.ends_with("#main-key"), "{name}: {}", claim.key_id);
    assert_eq!(vector["digest_matches_body"], true);
    request.body.push(b' ');
    let refusal = Claim::read(&request.incoming(), NOW).unwrap_err();
    assert_eq!(refusal, Refusal::WrongDigest, "{name}");
}

fn signed_post(key: &SigningKey, url: &str, body: &[u8]) -> Request {
    let url = Url::parse(url).unwrap();
    let sent = sign_post("https://oak.example/u/ana#main-key", key, &url, body, NOW).unwrap();
    received(&url, "POST", &sent, body)
}

fn received(url: &Url, method: &str, sent: &send::Headers, body: &[u8]) -> Request {
    let host = url.as_str().split('/').nth(2).unwrap();
    let pairs = sent.iter().map(|(name, value)| (*name, value.as_str()));
    Request {
        method: method.into(),
        target: url.as_str().split_once(host).unwrap().1.into(),
        headers: headers(pairs.chain([("host", host)])),
        origin: url.join("/").unwrap(),
        body: body.into(),
    }
}

fn keys() -> (SigningKey, PublicKey) {
    let pair = KeyPair::generate().unwrap();
    (
        SigningKey::from_pem(&pair.private_pem).unwrap(),
        PublicKey::from_pem(&pair.public_pem).unwrap(),
    )
}

fn judge(request: &Request, key: &PublicKey) -> Result<(), Refusal> {
    Claim::read(&request.incoming(), NOW)?.verify(key)
}

#[test]
fn what_we_sign_we_accept() {
    let pair = KeyPair::generate().unwrap();
    let ed25519 = SigningKey::from_seed(&pair.ed25519_private).unwrap();
    let both = [keys(), (ed25519, PublicKey::read(&pair.ed25519_multibase).unwrap())];
    for (signing, public) in &both {
        what_is_signed_is_accepted(signing, public);
    }
}

fn what_is_signed_is_accepted(signing: &SigningKey, public: &PublicKey) {
    for url in ["https://elm.example/inbox", "http://localhost:8081/u/ben/inbox?a=b"] {
        let request = signed_post(signing, url, b"{}");
        assert_eq!(judge(&request, public), Ok(()), "{url}");
        let url = Url::parse(url).unwrap();
        let node = "https://oak.example/actor#main-key";
        let sent = sign_get(node, signing, &url, NOW).unwrap();
        assert_eq!(judge(&received(&url, "GET", &sent, b""), public), Ok(()));
        let sent = sign_get_rfc9421(node, signing, &url, NOW).unwrap();
        assert_eq!(judge(&received(&url, "GET", &sent, b""), public), Ok(()));
        let sent = sign_post_rfc9421("https://oak.example/k", signing, &url, b"{}", NOW).unwrap();
        assert_eq!(judge(&received(&url, "POST", &sent, b"{}"), public), Ok(()));
    }
}

#[test]
fn any_change_on_the_way_is_found() {
    let (signing, public) = keys();
    let sent = || signed_post(&signing, "https://elm.example/inbox", b"{}");

    let mut request = sent();
    request.body = b"[]".to_vec();
    assert_eq!(judge(&request, &public), Err(Refusal::WrongDigest));

    let mut request = sent();
    request.target = "/u/ben/inbox".into();
    assert!(matches!(judge(&request, &public), Err(Refusal::NotByKey(_))));

    let mut request = sent();
    request.origin = Url::parse("https://other.example/").unwrap();
    assert!(matches!(judge(&request, &public), Err(Refusal::NotByKey(_))));

    let mut request = sent();
    request.set("content-type", "text/plain");
    assert!(matches!(judge(&request, &public), Err(Refusal::NotByKey(_))));

    let mut request = sent();
    request.headers.remove("signature");
    assert_eq!(judge(&request, &public), Err(Refusal::Missing));

    assert!(judge(&sent(), &keys().1).is_err(), "another key");
}

#[test]
fn a_proxy_that_renames_the_host_and_another_spelling_do_no_harm() {
    let (signing, public) = keys();
    let mut request = signed_post(&signing, "https://elm.example/inbox", b"{}");
    request.set("host", "127.0.0.1:8080");
    assert_eq!(judge(&request, &public), Ok(()));

    let url = Url::parse("https://elm.example/inbox").unwrap();
    let message =
        "(request-target): get /inbox\nhost: ELM.example:443\ndate: Sun, 01 Mar 2026 10:00:00 GMT";
    let signature = signing.sign(message.as_bytes()).unwrap();
    let signature = base64::Engine::encode(&STANDARD, signature);
    let signature = format!(
        "keyId=\"https://a.example/k\",headers=\"(request-target) host date\",signature=\"{signature}\""
    );
    let sent = vec![("date", "Sun, 01 Mar 2026 10:00:00 GMT".into()), ("signature", signature)];
    let mut request = received(&url, "GET", &sent, b"");
    request.set("host", "ELM.example:443");
    assert_eq!(judge(&request, &public), Ok(()));
}

#[test]
fn a_get_may_leave_out_the_query_and_a_post_may_not() {
    let (signing, public) = keys();
    let url = Url::parse("https://elm.example/c/help/outbox").unwrap();
    let sent = sign_get("https://oak.example/actor#main-key", &signing, &url, NOW).unwrap();
    let mut request = received(&url, "GET", &sent, b"");
    request.target = "/c/help/outbox?page=1".into();
    assert_eq!(judge(&request, &public), Ok(()));

    let mut request = signed_post(&signing, "https://elm.example/inbox", b"{}");
    request.target = "/inbox?page=1".into();
    assert!(judge(&request, &public).is_err());
}

#[test]
fn nonsense_is_refused_and_never_panics() {
    let (_, public) = keys();
    for (name, value) in [
        ("signature", ""),
        ("signature", "="),
        ("signature", "keyId=\"x\""),
        ("signature", "keyId=x,headers=\"\",signature=x"),
        (
            "signature",
            "keyId=\"x\",headers=\"(request-target) host date digest (x)\",signature=\"AAAA\"",
        ),
        ("signature-input", "x"),
        ("signature-input", "sig1=()"),
    ] {
        let pairs = [
            (name, value),
            ("date", "Sun, 01 Mar 2026 10:00:00 GMT"),
            ("digest", "SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="),
        ];
        let request = Request {
            method: "POST".into(),
            target: "/inbox".into(),
            headers: headers(pairs.into_iter()),
            origin: Url::parse("https://elm.example/").unwrap(),
            body: b"{}".to_vec(),
        };
        assert!(judge(&request, &public).is_err(), "{name}: {value}");
    }
}
