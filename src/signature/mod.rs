//! Signatures on requests: draft-cavage-12, as every server sends it today, and RFC 9421.
//!
//! Reading is in two steps. [`Claim::read`] checks all that needs no key (what is covered, for whom,
//! when, the digest), so that no key is fetched for a request that cannot count; [`Claim::verify`]
//! then needs the key that [`Claim::key_id`] names. Who owns that key is for the caller to find out.
mod cavage;
mod digest;
mod rfc9421;
mod send;
#[cfg(test)]
mod tests;

use actix_web::http::header::HeaderMap;
use url::Url;

use crate::{
    keys::{Algorithm, PublicKey},
    types::{Time, Uri},
};

pub use send::{sign_get, sign_get_rfc9421, sign_post, sign_post_rfc9421};

/// A request as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// What stands in the request line: `/inbox?x=1`.
    pub path_and_query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// Where this node is reached; a signature made for another host does not count here.
    pub origin: &'a Url,
    /// The bytes of the body, as they came.
    pub body: &'a [u8],
}

/// Why a signature does not count; for the log, and for a puzzled peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is none.
    #[error("the request is not signed")]
    Missing,
    /// It cannot be read.
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    /// Something that must be signed is not.
    #[error("the signature does not cover {0}")]
    NotCovered(&'static str),
    /// It covers something we do not know how to check.
    #[error("the signature covers {0:?}, which is unknown here")]
    UnknownComponent(String),
    /// It covers a header that did not arrive.
    #[error("the signed header {0:?} is missing")]
    MissingHeader(String),
    /// Too old, or from the future.
    #[error("the signature is dated {0} seconds from now")]
    OutsideWindow(i64),
    /// Its own time is over.
    #[error("the signature has expired")]
    Expired,
    /// The body is not what was signed.
    #[error("the digest does not match the body")]
    WrongDigest,
    /// No digest we can check.
    #[error("there is no SHA-256 digest of the body")]
    NoDigest,
    /// An algorithm that is broken, or unknown.
    #[error("the algorithm {0:?} is not accepted")]
    Algorithm(String),
    /// The key did not make it.
    #[error("the signature was not made by {0}")]
    NotByKey(String),
}

/// A signature whose every statement holds, if its key does.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The key it says it was made with; an http(s) URL.
    pub key_id: String,
    /// What was signed; more than one where senders differ in how they write it.
    messages: Vec<String>,
    signature: Vec<u8>,
    /// `None`: whatever fits the key.
    algorithm: Option<Algorithm>,
}

impl Claim {
    /// Reads the signature of a request and checks everything but the key.
    ///
    /// # Errors
    /// A [`Refusal`]; an honest sender never sees one but with a wrong clock.
    pub fn read(incoming: &Incoming, now: Time) -> Result<Self, Refusal> {
        let claim = if incoming.headers.contains_key("signature-input") {
            rfc9421::read(incoming, now)?
        } else {
            cavage::read(incoming, now)?
        };
        if claim.key_id.len() > 2048 || Uri::parse(&claim.key_id).is_err() {
            return Err(Refusal::Malformed("the key id is no URL"));
        }
        Ok(claim)
    }

    /// Whether `key` made it.
    ///
    /// # Errors
    /// [`Refusal::NotByKey`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), Refusal> {
        let fitting: &[Algorithm] = match &self.algorithm {
            Some(algorithm) => std::slice::from_ref(algorithm),
            None if key.is_rsa() => {
                &[Algorithm::RsaSha256, Algorithm::RsaSha512, Algorithm::RsaPssSha512]
            }
            None => &[Algorithm::Ed25519],
        };
        let made = |message: &String| {
            fitting.iter().any(|way| key.verify(*way, message.as_bytes(), &self.signature))
        };
        if self.messages.iter().any(made) {
            Ok(())
        } else {
            Err(Refusal::NotByKey(self.key_id.clone()))
        }
    }
}

impl Incoming<'_> {
    /// A header as it is signed: every line of it, trimmed, joined with commas.
    fn header(&self, name: &str) -> Result<String, Refusal> {
        if name == "host" {
            return Ok(self.host());
        }
        let mut values = Vec::new();
        for value in self.headers.get_all(name) {
            let text = value.to_str().map_err(|_| Refusal::Malformed("a header is no text"))?;
            values.push(text.trim());
        }
        if values.is_empty() {
            return Err(Refusal::MissingHeader(name.to_owned()));
        }
        Ok(values.join(", "))
    }

    /// The host the sender must have signed: ours, in the sender's spelling where that differs only
    /// in case or by the scheme's own port.
    ///
    /// A proxy that puts its own name into `Host` does no harm: ours is what is checked.
    fn host(&self) -> String {
        let ours = self.authority();
        let sent = self.headers.get("host").and_then(|value| value.to_str().ok());
        let same = |sent: &&str| {
            let url = Url::parse(&format!("{}://{sent}/", self.origin.scheme()));
            url.is_ok_and(|url| url.origin() == self.origin.origin())
        };
        sent.filter(same).map_or(ours, str::to_owned)
    }

    /// Our host, with the port where it is not the scheme's own.
    fn authority(&self) -> String {
        let host = self.origin.host_str().unwrap_or_default();
        self.origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether there is a body that must be signed too.
    fn needs_digest(&self) -> bool {
        !matches!(self.method, "GET" | "HEAD") || !self.body.is_empty()
    }
}

/// Twelve hours old or an hour ahead at most, the bounds of Mastodon.
fn check_time(secs: i64, now: Time) -> Result<(), Refusal> {
    let ahead = secs.saturating_sub(now.secs());
    if (-43_200..=3_600).contains(&ahead) { Ok(()) } else { Err(Refusal::OutsideWindow(ahead)) }
}

fn check_expiry(expires: Option<i64>, now: Time) -> Result<(), Refusal> {
    match expires {
        Some(expires) if expires < now.secs() => Err(Refusal::Expired),
        _ => Ok(()),
    }
}

fn decode_base64(text: &str) -> Result<Vec<u8>, Refusal> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    match STANDARD.decode(text) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(Refusal::Malformed("no base64")),
    }
}
