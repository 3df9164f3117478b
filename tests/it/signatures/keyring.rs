//! Somebody elsewhere with keys of both kinds, who signs in every form.
use commonhold::{
    activitypub::proof,
    keys::{KeyPair, SigningKey},
    signature::{sign_get, sign_get_rfc9421, sign_post, sign_post_rfc9421},
    types::Time,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Node, Peer};

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Cavage,
    Rfc9421,
}

/// Keys of one actor of a peer.
pub struct Keyring {
    pub actor: String,
    pub pair: KeyPair,
    pub rsa: SigningKey,
    pub ed25519: SigningKey,
    http: reqwest::Client,
}

impl Keyring {
    /// New keys; nobody knows them yet.
    pub fn new(actor: &str) -> Self {
        let pair = KeyPair::generate().unwrap();
        let rsa = SigningKey::from_pem(&pair.private_pem).unwrap();
        let ed25519 = SigningKey::from_seed(&pair.ed25519_private).unwrap();
        Self { actor: actor.to_owned(), pair, rsa, ed25519, http: reqwest::Client::new() }
    }

    /// New keys, and an actor of the peer whose document lists them.
    pub fn of(peer: &Peer, actor: &str) -> Self {
        let ring = Self::new(actor);
        let mut document = peer.person(actor);
        document["publicKey"] = ring.public_key();
        document["assertionMethod"] = json!([ring.multikey()]);
        peer.introduces(&document);
        ring
    }

    pub fn rsa_id(&self) -> String {
        format!("{}#main-key", self.actor)
    }

    pub fn ed25519_id(&self) -> String {
        format!("{}#ed25519-key", self.actor)
    }

    pub fn public_key(&self) -> Value {
        json!({"id": self.rsa_id(), "owner": self.actor, "publicKeyPem": self.pair.public_pem})
    }

    pub fn multikey(&self) -> Value {
        json!({"id": self.ed25519_id(), "type": "Multikey", "controller": self.actor,
               "publicKeyMultibase": self.pair.ed25519_multibase})
    }

    /// A document with this actor's proof.
    pub fn proves(&self, document: Value) -> Value {
        proof::with_proof(document, &self.ed25519_id(), &self.ed25519, Time::now()).unwrap()
    }

    /// Delivers with the RSA key, as most servers do.
    pub async fn sends(&self, node: &Node, body: &Value) -> StatusCode {
        self.sends_as(node, Form::Cavage, (&self.rsa_id(), &self.rsa), body).await
    }

    pub async fn sends_as(
        &self,
        node: &Node,
        form: Form,
        (key_id, key): (&str, &SigningKey),
        body: &Value,
    ) -> StatusCode {
        let body = body.to_string();
        let url = Url::parse(&format!("{}/inbox", node.public_url())).unwrap();
        let sign = match form {
            Form::Cavage => sign_post,
            Form::Rfc9421 => sign_post_rfc9421,
        };
        let headers = sign(key_id, key, &url, body.as_bytes(), Time::now()).unwrap();
        let mut request = self.http.post(format!("http://127.0.0.1:{}/inbox", node.port));
        request = request.header("Host", node.domain()).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status()
    }

    /// Looks something up, signed with the RSA key.
    pub async fn asks(&self, node: &Node, form: Form, path: &str) -> StatusCode {
        let url = Url::parse(&format!("{}{path}", node.public_url())).unwrap();
        let sign = match form {
            Form::Cavage => sign_get,
            Form::Rfc9421 => sign_get_rfc9421,
        };
        let headers = sign(&self.rsa_id(), &self.rsa, &url, Time::now()).unwrap();
        let mut request = self.http.get(format!("http://127.0.0.1:{}{path}", node.port));
        request = request.header("Host", node.domain());
        request = request.header("Accept", "application/activity+json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status()
    }

    /// A Create of a new public note by this actor, called `name`; whoever is in `to` is mentioned.
    pub fn note(&self, name: &str, to: &[&str], text: &str) -> Value {
        let id = format!("{}/{name}", self.actor);
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let to: Vec<&str> = to.iter().copied().chain([public]).collect();
        let mentions: Vec<Value> = to
            .iter()
            .filter(|to| **to != public)
            .map(|to| json!({"type": "Mention", "href": to, "name": "@somebody"}))
            .collect();
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams",
                         "https://w3id.org/security/data-integrity/v1"],
            "id": format!("{id}/create"), "type": "Create", "actor": self.actor, "to": to, "cc": [],
            "object": {
                "id": id, "type": "Note", "attributedTo": self.actor, "to": to, "cc": [],
                "content": format!("<p>{text}</p>"), "tag": mentions,
                "published": Time::now().rfc3339(),
            },
        })
    }
}
