//! Signing what we send.
use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use url::{Position, Url};

use super::digest;
use crate::{
    activitypub::CONTENT_TYPE,
    error::Result,
    keys::{Algorithm, SigningKey},
    types::Time,
};

/// Headers to send, in order; `Host` is added by the client and is signed as it will be.
pub type Headers = Vec<(&'static str, String)>;

/// Signs the delivery of `body` to `url` (draft-cavage).
///
/// # Errors
/// `Internal` when the key cannot sign.
pub fn sign_post(
    key_id: &str,
    key: &SigningKey,
    url: &Url,
    body: &[u8],
    now: Time,
) -> Result<Headers> {
    let date = date(now);
    let digest = digest::digest(body);
    let message = format!(
        "(request-target): post {}\nhost: {}\ndate: {date}\ndigest: {digest}\ncontent-type: {CONTENT_TYPE}",
        target(url),
        host(url),
    );
    let signature =
        cavage(key_id, key, "(request-target) host date digest content-type", &message)?;
    Ok(vec![
        ("date", date),
        ("digest", digest),
        ("content-type", CONTENT_TYPE.to_owned()),
        ("signature", signature),
    ])
}

/// Signs a GET of `url` (draft-cavage).
///
/// # Errors
/// `Internal` when the key cannot sign.
pub fn sign_get(key_id: &str, key: &SigningKey, url: &Url, now: Time) -> Result<Headers> {
    let date = date(now);
    let message =
        format!("(request-target): get {}\nhost: {}\ndate: {date}", target(url), host(url));
    let signature = cavage(key_id, key, "(request-target) host date", &message)?;
    Ok(vec![("date", date), ("signature", signature)])
}

/// Signs a GET of `url` as RFC 9421 has it, for servers that answer 401 to the older form.
///
/// # Errors
/// `Internal` when the key cannot sign.
pub fn sign_get_rfc9421(key_id: &str, key: &SigningKey, url: &Url, now: Time) -> Result<Headers> {
    let input = format!(r#"("@method" "@target-uri");created={};keyid="{key_id}""#, now.secs());
    let uri = &url[..Position::AfterQuery];
    let message =
        format!("\"@method\": GET\n\"@target-uri\": {uri}\n\"@signature-params\": {input}");
    let signature = STANDARD.encode(key.sign(message.as_bytes())?);
    Ok(vec![
        ("date", date(now)),
        ("signature-input", format!("sig1={input}")),
        ("signature", format!("sig1=:{signature}:")),
    ])
}

/// Signs the delivery of `body` to `url` as RFC 9421 has it, for servers that answer 400 or 401 to
/// the older form.
///
/// # Errors
/// `Internal` when the key cannot sign.
pub fn sign_post_rfc9421(
    key_id: &str,
    key: &SigningKey,
    url: &Url,
    body: &[u8],
    now: Time,
) -> Result<Headers> {
    let digest = digest::content_digest(body);
    let input = format!(
        r#"("@method" "@target-uri" "content-digest" "content-type");created={};keyid="{key_id}""#,
        now.secs()
    );
    let uri = &url[..Position::AfterQuery];
    let message = format!(
        "\"@method\": POST\n\"@target-uri\": {uri}\n\"content-digest\": {digest}\n\
         \"content-type\": {CONTENT_TYPE}\n\"@signature-params\": {input}"
    );
    let signature = STANDARD.encode(key.sign(message.as_bytes())?);
    Ok(vec![
        ("date", date(now)),
        ("content-digest", digest),
        ("content-type", CONTENT_TYPE.to_owned()),
        ("signature-input", format!("sig1={input}")),
        ("signature", format!("sig1=:{signature}:")),
    ])
}

fn cavage(key_id: &str, key: &SigningKey, headers: &str, message: &str) -> Result<String> {
    let signature = STANDARD.encode(key.sign(message.as_bytes())?);
    // Misskey and PieFed want the parameter; only the name for "look at the key" fits Ed25519.
    let algorithm = if key.algorithm() == Algorithm::Ed25519 { "hs2019" } else { "rsa-sha256" };
    Ok(format!(
        r#"keyId="{key_id}",algorithm="{algorithm}",headers="{headers}",signature="{signature}""#
    ))
}

/// The date as HTTP headers have it.
fn date(now: Time) -> String {
    let secs = u64::try_from(now.secs()).unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(secs))
}

fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// The `Host` that a client sends for `url`.
fn host(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
