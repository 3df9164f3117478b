//! What comes back: judged by its status and type, read up to a limit.
use std::path::Path;

use actix_web::web::Bytes;
use reqwest::{Response, StatusCode, header::CONTENT_TYPE};
use tokio::io::AsyncWriteExt as _;
use url::Url;

use crate::{
    error::{Error, Result},
    media::HEAD_BYTES,
};

/// What a server says to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Seconds it asks us to wait.
    pub retry_after_secs: Option<u64>,
    /// The beginning of what it wrote, for the log.
    pub text: String,
}

impl Answer {
    /// Reads what matters of a response.
    pub(super) async fn read(response: Response) -> Self {
        let status = response.status().as_u16();
        let retry_after_secs = retry_after(&response);
        let bytes = read(response, 4096).await.unwrap_or_default();
        let text: String = String::from_utf8_lossy(&bytes).chars().take(300).collect();
        Self { status, retry_after_secs, text }
    }

    /// Whether the activity arrived.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// `Retry-After` in seconds, or until a date.
fn retry_after(response: &Response) -> Option<u64> {
    let text = response.headers().get("retry-after")?.to_str().ok()?.trim();
    text.parse().ok().or_else(|| {
        let until = httpdate::parse_http_date(text).ok()?;
        Some(until.duration_since(std::time::SystemTime::now()).unwrap_or_default().as_secs())
    })
}

/// Turns a refusal of the other server into ours.
pub fn expect_success(url: &Url, response: &Response) -> Result<()> {
    let status = response.status();
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND => Err(Error::NotFound),
        StatusCode::GONE => Err(Error::Gone),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Error::forbidden(format!("{url} is not for us ({status})")))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            Err(Error::Unreachable(format!("{url} asks us to come back later ({status})")))
        }
        _ if status.is_server_error() => {
            Err(Error::Unreachable(format!("{url} has a problem ({status})")))
        }
        _ => Err(Error::invalid(format!("{url} answers {status}"))),
    }
}

/// The media type of a response, in lower case, with its parameters.
pub fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

/// Refuses a response whose type is not what was asked for: a picture that reads as JSON must not
/// pass for a document.
pub fn expect_type(response: &Response, good: fn(&str) -> bool) -> Result<()> {
    let kind = content_type(response);
    if good(&kind) {
        Ok(())
    } else {
        Err(Error::invalid(format!("{} is of type {kind:?}", response.url())))
    }
}

/// `application/activity+json`, or `application/ld+json` with the profile of `ActivityStreams`.
pub fn is_activity(kind: &str) -> bool {
    let (essence, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    match essence.trim() {
        "application/activity+json" => true,
        "application/ld+json" => parameters.contains("https://www.w3.org/ns/activitystreams"),
        _ => false,
    }
}

/// `application/json`, or a type built on it.
pub fn is_json(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A page for people.
pub fn is_html(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    matches!(essence, "text/html" | "application/xhtml+xml")
}

/// Reads the body, unpacked, up to `limit_bytes`.
pub async fn read(mut response: Response, limit_bytes: usize) -> Result<Vec<u8>> {
    let too_large = || Error::TooLarge(format!("the answer is larger than {limit_bytes} bytes"));
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).is_ok_and(|length| length > limit_bytes) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > limit_bytes => return Err(too_large()),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(why) => return Err(super::failed(&response.url().clone(), &why)),
        }
    }
}

/// Writes the body, unpacked, to a file; `judge` sees how it begins and says how long it may be.
pub async fn save(
    mut response: Response,
    to: &Path,
    judge: impl FnOnce(&[u8]) -> Result<u64>,
) -> Result<()> {
    let url = response.url().clone();
    let broke = |why: reqwest::Error| super::failed(&url, &why);
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES {
        let Some(chunk) = response.chunk().await.map_err(broke)? else { break };
        head.extend_from_slice(&chunk);
    }
    let limit = judge(head.get(..HEAD_BYTES.min(head.len())).unwrap_or_default())?;
    let too_large = || Error::TooLarge(format!("the file is larger than {limit} bytes"));
    if response.content_length().unwrap_or_default() > limit {
        return Err(too_large());
    }
    let mut file = tokio::fs::File::create(to).await?;
    let mut room = limit;
    let mut next = Some(Bytes::from(head));
    while let Some(chunk) = next {
        let length = u64::try_from(chunk.len()).map_err(Error::internal)?;
        room = room.checked_sub(length).ok_or_else(too_large)?;
        file.write_all(&chunk).await?;
        next = response.chunk().await.map_err(broke)?;
    }
    Ok(file.flush().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_activity_types_are_documents() {
        for (kind, activity, json) in [
            ("application/activity+json", true, true),
            ("application/activity+json; charset=utf-8", true, true),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", true, true),
            (
                "application/ld+json;charset=utf-8;profile=https://www.w3.org/ns/activitystreams",
                true,
                true,
            ),
            ("application/ld+json", false, true),
            ("application/json", false, true),
            ("application/jrd+json; charset=utf-8", false, true),
            ("text/html", false, false),
            ("text/json", false, false),
            ("image/png; x=application/activity+json", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_activity(kind), is_json(kind)), (activity, json), "{kind}");
        }
    }
}
