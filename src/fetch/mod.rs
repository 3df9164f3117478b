//! The one door out: every request to another server goes through here and keeps its rules.
//!
//! Where we connect to is checked by [`guard`] before every request and at every redirect; nothing
//! takes longer than ten seconds or is larger than its limit, also after unpacking; and a document
//! counts only at the address it gives itself (rule T4).
mod answer;
pub mod guard;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use serde_json::Value;
use url::Url;

use crate::{
    activitypub::json,
    config::Config,
    error::{Error, Result},
    keys::SigningKey,
    signature,
    types::Time,
};
use guard::Guard;

pub use answer::Answer;

/// Longest time for one connection to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest time for everything a call of this module does.
const TOTAL: Duration = Duration::from_secs(10);
/// Longest time for a picture, sound or film.
const FILE_TOTAL: Duration = Duration::from_mins(1);
/// Largest document.
const DOCUMENT_BYTES: usize = 2_000_000;
/// Largest page for people.
const PAGE_BYTES: usize = 1_000_000;
/// Redirects followed where another host may be meant: media, `WebFinger` of split domains.
const REDIRECTS: usize = 3;

const ACCEPT_ACTIVITY: &str = "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// Who signs a request, and when.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The id of the key, with its `#`.
    pub key_id: &'a str,
    /// The key.
    pub key: &'a SigningKey,
    /// The time the signature is dated.
    pub now: Time,
    /// As RFC 9421 has it, and not in the older form.
    pub newer: bool,
    /// Set where the server took the other form only: whether that is the newer one.
    pub learned: &'a OnceLock<bool>,
}

/// The client for other servers; cheap to clone.
#[derive(Clone, Debug)]
pub struct Fetcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    guard: Guard,
    development: bool,
    user_agent: String,
    extra_root: Option<PathBuf>,
    /// Made at the first use: reading the system's root certificates takes time a start has not.
    client: OnceLock<Client>,
}

impl Fetcher {
    /// A client with the rules of `config`.
    pub fn new(config: &Config) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self(Arc::new(Inner {
            guard: Guard::new(config.development, &config.development_hosts),
            development: config.development,
            user_agent: format!("Commonhold/{version} (+{})", config.origin()),
            extra_root: config.development_ca_file.clone(),
            client: OnceLock::new(),
        }))
    }

    /// The `ActivityPub` document at `url`: JSON, of the right type, and at its own address.
    ///
    /// Where the document names another address of the same server as its own, that one is fetched
    /// and must agree with itself.
    ///
    /// # Errors
    /// `NotFound`, `Gone`, `Forbidden` as the other server says; `Unreachable` when it may work
    /// later; `Invalid` when it will not.
    pub async fn get_document(&self, url: &Url, signer: Option<Signer<'_>>) -> Result<Value> {
        in_time(async {
            let (found, document) = self.document(url, signer).await?;
            let id = own_id(&document)?;
            if same_document(&found, &id) {
                return Ok(document);
            }
            if found.origin() != id.origin() {
                return Err(Error::invalid(format!("{found} is a document of {id}")));
            }
            let (found, document) = self.document(&id, signer).await?;
            if same_document(&found, &own_id(&document)?) && same_document(&found, &id) {
                Ok(document)
            } else {
                Err(Error::invalid(format!("{id} is not where it says it is")))
            }
        })
        .await
    }

    /// The JSON at `url` (`WebFinger`, `NodeInfo`), wherever up to three redirects lead.
    ///
    /// # Errors
    /// As [`Fetcher::get_document`].
    pub async fn get_json(&self, url: &Url) -> Result<Value> {
        in_time(async {
            let response = self.follow(url, "application/jrd+json, application/json").await?;
            answer::expect_type(&response, answer::is_json)?;
            let bytes = answer::read(response, DOCUMENT_BYTES).await?;
            Ok(json::parse(&bytes)?)
        })
        .await
    }

    /// The bytes at `url` and their media type, wherever up to three redirects lead.
    ///
    /// # Errors
    /// As [`Fetcher::get_document`]; `TooLarge` beyond `limit_bytes`.
    pub async fn get_bytes(&self, url: &Url, limit_bytes: usize) -> Result<(Vec<u8>, String)> {
        in_time(async {
            let response = self.follow(url, "*/*").await?;
            let kind = answer::content_type(&response);
            Ok((answer::read(response, limit_bytes).await?, kind))
        })
        .await
    }

    /// The page for people at `url` as text, and where it was in the end, wherever up to three
    /// redirects lead.
    ///
    /// # Errors
    /// As [`Fetcher::get_document`]; `Invalid` for what is no HTML, `TooLarge` beyond a megabyte.
    pub async fn get_page(&self, url: &Url) -> Result<(Url, String)> {
        in_time(async {
            let (at, response) = self.follow_to(url, "text/html", TOTAL).await?;
            answer::expect_type(&response, answer::is_html)?;
            let bytes = answer::read(response, PAGE_BYTES).await?;
            // What matters here is ASCII in whatever a page is written.
            Ok((at, String::from_utf8_lossy(&bytes).into_owned()))
        })
        .await
    }

    /// Writes the file at `url` to `to`, wherever up to three redirects lead. `judge` sees how it begins
    /// and says how many bytes it may have.
    ///
    /// # Errors
    /// As [`Fetcher::get_document`]; `TooLarge` beyond the limit; what `judge` says.
    pub async fn get_file(
        &self,
        url: &Url,
        to: &Path,
        judge: impl FnOnce(&[u8]) -> Result<u64>,
    ) -> Result<()> {
        let work = async {
            let response = self.follow_for(url, "*/*", FILE_TOTAL).await?;
            answer::save(response, to, judge).await
        };
        match tokio::time::timeout(FILE_TOTAL, work).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unreachable("the other server took too long".into())),
        }
    }

    /// Delivers `body` to `inbox` with `headers` (signed, see [`signature::sign_post`]). Whatever
    /// the server says is an answer; redirects are not followed.
    ///
    /// # Errors
    /// `Invalid` when `inbox` may not be connected to, `Unreachable` when nobody answers.
    pub async fn post_activity(
        &self,
        inbox: &Url,
        body: impl Into<reqwest::Body>,
        headers: &[(&'static str, String)],
    ) -> Result<Answer> {
        in_time(async {
            let request = self.request(Method::POST, inbox)?.headers(header_map(headers)?);
            let response = request.body(body).send().await.map_err(|why| failed(inbox, &why))?;
            Ok(Answer::read(response).await)
        })
        .await
    }

    /// Whether `url` may be called, as far as it can be seen without looking up its name.
    ///
    /// # Errors
    /// `Invalid` with the rule against it.
    pub fn may_call(&self, url: &Url) -> Result<()> {
        self.0.guard.check(url).map_err(|why| Error::invalid(why.to_string()))
    }

    /// Hands `body` to a push service at `endpoint`; answers and errors as of
    /// [`Fetcher::post_activity`].
    ///
    /// # Errors
    /// As there.
    pub async fn post_push(
        &self,
        endpoint: &Url,
        body: Vec<u8>,
        headers: &[(&'static str, String)],
    ) -> Result<Answer> {
        self.post_activity(endpoint, body, headers).await
    }

    /// One document and the URL it came from in the end.
    async fn document(&self, url: &Url, signer: Option<Signer<'_>>) -> Result<(Url, Value)> {
        let mut url = url.clone();
        url.set_fragment(None);
        let mut response = self.signed_get(&url, signer).await?;
        if let Some(to) = redirect(&url, &response)? {
            if to.origin() != url.origin() {
                return Err(Error::invalid(format!("{url} redirects to another server, {to}")));
            }
            response = self.signed_get(&to, signer).await?;
            url = to;
        }
        answer::expect_success(&url, &response)?;
        answer::expect_type(&response, answer::is_activity)?;
        let bytes = answer::read(response, DOCUMENT_BYTES).await?;
        Ok((url, json::parse(&bytes)?))
    }

    /// GETs `url`; where the query spoils the signature for the other side (it answers 401), once
    /// more with a signature that leaves it out; and where it knows only the other form of
    /// signatures, once more in that.
    async fn signed_get(&self, url: &Url, signer: Option<Signer<'_>>) -> Result<Response> {
        let refused = |response: &Response| response.status() == StatusCode::UNAUTHORIZED;
        let mut response = self.get(url, url, signer).await?;
        if refused(&response) && url.query().is_some() {
            let mut bare = url.clone();
            bare.set_query(None);
            response = self.get(url, &bare, signer).await?;
        }
        let Some(signer) = signer.filter(|_| refused(&response)) else { return Ok(response) };
        let other = Signer { newer: !signer.newer, ..signer };
        let again = self.get(url, url, Some(other)).await?;
        if refused(&again) {
            return Ok(response);
        }
        if again.status().is_success() {
            // Set already where one document took two requests.
            let _ = signer.learned.set(other.newer);
        }
        Ok(again)
    }

    async fn get(
        &self,
        url: &Url,
        signed_as: &Url,
        signer: Option<Signer<'_>>,
    ) -> Result<Response> {
        let mut request = self.request(Method::GET, url)?.header(ACCEPT, ACCEPT_ACTIVITY);
        if let Some(Signer { key_id, key, now, newer, .. }) = signer {
            let sign = if newer { signature::sign_get_rfc9421 } else { signature::sign_get };
            let headers = sign(key_id, key, signed_as, now)?;
            request = request.headers(header_map(&headers)?);
        }
        request.send().await.map_err(|why| failed(url, &why))
    }

    /// GETs `url` unsigned, wherever redirects lead, each checked.
    async fn follow(&self, url: &Url, accept: &'static str) -> Result<Response> {
        self.follow_for(url, accept, TOTAL).await
    }

    /// As [`Fetcher::follow`], for longer or shorter.
    async fn follow_for(
        &self,
        url: &Url,
        accept: &'static str,
        most: Duration,
    ) -> Result<Response> {
        Ok(self.follow_to(url, accept, most).await?.1)
    }

    /// As [`Fetcher::follow_for`], with the address that answered in the end.
    async fn follow_to(
        &self,
        url: &Url,
        accept: &'static str,
        most: Duration,
    ) -> Result<(Url, Response)> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let request = self.request(Method::GET, &url)?.header(ACCEPT, accept).timeout(most);
            let response = request.send().await.map_err(|why| failed(&url, &why))?;
            let Some(to) = redirect(&url, &response)? else {
                answer::expect_success(&url, &response)?;
                return Ok((url, response));
            };
            url = to;
        }
        Err(Error::invalid(format!("{url} redirects too often")))
    }

    /// A request to a URL that may be fetched.
    fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder> {
        self.0.guard.check(url).map_err(|why| Error::invalid(format!("{url}: {why}")))?;
        let (at, host) = self.0.guard.route(url);
        let request = self.client()?.request(method, at);
        Ok(match host {
            Some(host) => request.header(HOST, host),
            None => request,
        })
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.0.client.get() {
            return Ok(client);
        }
        let client = self.0.build()?;
        Ok(self.0.client.get_or_init(|| client))
    }
}

impl Inner {
    fn build(&self) -> Result<Client> {
        let extra = self.extra_root.as_ref().map(extra_root).transpose()?;
        let builder = || {
            Client::builder()
                .user_agent(&self.user_agent)
                .dns_resolver(self.guard.clone())
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .http1_only()
                // A proxy would look names up for itself, past the guard.
                .no_proxy()
                .connect_timeout(CONNECT)
                .timeout(TOTAL)
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(2)
        };
        let with_system = builder().tls_certs_merge(extra.clone()).build();
        match with_system {
            Ok(client) => Ok(client),
            // A bare container may have no root certificates; a test does not need them.
            Err(_) if self.development => builder().tls_certs_only(extra).build(),
            Err(why) => Err(why),
        }
        .map_err(|why| {
            Error::internal(format_args!("no TLS client (are ca-certificates installed?): {why}"))
        })
    }
}

fn extra_root(path: &PathBuf) -> Result<reqwest::Certificate> {
    let pem = std::fs::read(path)
        .map_err(|why| Error::internal(format_args!("reading {}: {why}", path.display())))?;
    reqwest::Certificate::from_pem(&pem)
        .map_err(|why| Error::internal(format_args!("{}: {why}", path.display())))
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(TOTAL, work).await {
        Ok(result) => result,
        Err(_) => Err(Error::Unreachable("the other server took too long".into())),
    }
}

/// Where a response sends us, if it does.
fn redirect(from: &Url, response: &Response) -> Result<Option<Url>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok());
    to.map(Some).ok_or_else(|| Error::invalid(format!("{from} redirects to nowhere")))
}

fn own_id(document: &Value) -> Result<Url> {
    let id = document.get("id").and_then(Value::as_str);
    let url = id.and_then(|id| Url::parse(id).ok());
    url.ok_or_else(|| Error::invalid("the document has no id"))
}

fn same_document(one: &Url, other: &Url) -> bool {
    use url::Position::AfterQuery;
    one[..AfterQuery] == other[..AfterQuery]
}

fn header_map(headers: &[(&'static str, String)]) -> Result<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(Error::internal)?;
        map.insert(HeaderName::from_static(name), value);
    }
    Ok(map)
}

/// What went wrong on the way, with its innermost cause; the outer ones say little.
fn failed(url: &Url, why: &reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = why;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Error::Unreachable(format!("{}: {cause}", authority(url)))
}

fn authority(url: &Url) -> &str {
    &url[url::Position::BeforeHost..url::Position::AfterPort]
}
