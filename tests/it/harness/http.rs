//! A plain HTTP client that speaks JSON and fails loudly.
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

/// One node's HTTP interface, as one client sees it.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    pub origin: String,
    token: Option<String>,
}

/// What a node answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Api {
    /// Without a token: what the public sees.
    pub fn public(origin: &str) -> Self {
        let http = reqwest::Client::builder()
            // A connection that was idle may be closed just as it is used again.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(60))
            .build()
            .unwrap();
        Self { http, origin: origin.to_owned(), token: None }
    }

    /// As whoever holds `token`.
    pub fn with_token(origin: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::public(origin) }
    }

    /// A request to `path` (or a whole URL), to be changed before [`send`](Self::send).
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        };
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends it, whatever comes back.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the node answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("the body arrives") }
    }

    /// GET, whatever comes back.
    pub async fn try_get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// GET, as ActivityPub servers ask.
    pub async fn activity(&self, path: &str) -> Value {
        let accept = "application/activity+json";
        let answer = self.send(self.request(Method::GET, path).header("Accept", accept)).await;
        answer.ok()
    }

    /// GET, expecting success.
    pub async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.ok()
    }

    /// POST of a form, whatever comes back.
    pub async fn try_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// POST of JSON, whatever comes back.
    pub async fn try_post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// POST of JSON, expecting success.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.try_post(path, body).await.ok()
    }
}

impl Answer {
    /// The JSON of a successful answer.
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text);
        self.json()
    }

    /// The JSON of any answer.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|e| panic!("{}, not JSON ({e}): {}", self.status, self.text))
    }

    /// An answer with this status whose JSON says what went wrong.
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let body = self.json();
        body["error"].as_str().unwrap_or_else(|| panic!("no error in {body}")).to_owned()
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.get(name).map_or("", |value: &HeaderValue| value.to_str().unwrap_or(""))
    }

    /// The URL of a page in the `Link` header, by its relation.
    pub fn link(&self, rel: &str) -> Option<String> {
        let wanted = format!("rel=\"{rel}\"");
        let link = self.header("link");
        let part = link.split(", <").find(|part| part.contains(&wanted))?;
        Some(part.trim_start_matches('<').split('>').next()?.to_owned())
    }
}
