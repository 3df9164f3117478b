//! How much one client may ask for: by address, by token, and less at the doors that are worth
//! forcing.
use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use actix_web::{
    Error as ActixError, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::client;
use crate::{config::Config, error::Error, types::Time};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The counters of one process.
#[derive(Debug)]
pub struct Limits {
    /// Everything from one address.
    address: Counter<IpAddr>,
    /// The API with one token.
    token: Counter<u64>,
    /// Signing in and up, from one address.
    doors: Counter<IpAddr>,
    /// Uploads from one address.
    uploads: Counter<IpAddr>,
    /// Activities from one address.
    inbox: Counter<IpAddr>,
    /// Turns tokens into keys, so that none lies about in memory.
    hasher: RandomState,
}

/// What a request counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not counted: fixed files, and what watches the node.
    Free,
    /// Everything else.
    Plain,
    /// A password or a registration may be tried here.
    Door,
    /// Costs work and space.
    Upload,
    /// From another server.
    Inbox,
}

/// Where a client stands with one counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    /// Until all of the limit is free again.
    reset_secs: u64,
    /// Seconds to wait, when it was too much.
    wait_secs: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            address: Counter::new(3_000, minutes(5)),
            token: Counter::new(1_500, minutes(5)),
            doors: Counter::new(30, minutes(5)),
            uploads: Counter::new(60, minutes(30)),
            inbox: Counter::new(600, minutes(1)),
            hasher: RandomState::new(),
        }
    }
}

impl Limits {
    /// Counts a request; the standing that binds most.
    fn count(&self, kind: Kind, address: IpAddr, token: Option<&[u8]>) -> Option<Standing> {
        let address = client::network(address);
        match kind {
            Kind::Free => None,
            Kind::Inbox => Some(self.inbox.count(&address)),
            Kind::Door => Some(self.doors.count(&address)),
            Kind::Upload => Some(self.uploads.count(&address)),
            Kind::Plain => {
                let by_address = self.address.count(&address);
                let token = token.filter(|_| by_address.wait_secs.is_none());
                let by_token = token.map(|token| self.token.count(&self.hasher.hash_one(token)));
                Some(by_token.unwrap_or(by_address))
            }
        }
    }

    /// Forgets clients that have not been here lately; to be called every minute or so.
    pub fn tidy(&self) {
        self.address.tidy();
        self.token.tidy();
        self.doors.tidy();
        self.uploads.tidy();
        self.inbox.tidy();
    }
}

/// One limit and who stands where with it.
#[derive(Debug)]
struct Counter<K: Hash + Eq + Clone> {
    limit: u32,
    window: Duration,
    clients: Limiter<K>,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    /// `limit` per `window`, refilled steadily.
    fn new(limit: u32, window: Duration) -> Self {
        let burst = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(window / burst.get())
            .map_or(Quota::per_second(burst), |quota| quota.allow_burst(burst));
        let clients = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self { limit, window, clients }
    }

    fn count(&self, key: &K) -> Standing {
        let (remaining, wait_secs) = match self.clients.check_key(key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                (0, Some(wait.as_secs().saturating_add(1)))
            }
        };
        let used = u64::from(self.limit.saturating_sub(remaining));
        let reset_secs = self.window.as_secs() * used / u64::from(self.limit.max(1)) + 1;
        Standing { limit: self.limit, remaining, reset_secs, wait_secs }
    }

    fn tidy(&self) {
        self.clients.retain_recent();
        self.clients.shrink_to_fit();
    }
}

/// Refuses what is too much, and tells API clients where they stand.
pub async fn enforce<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let Some(limits) = request.app_data::<Data<Limits>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let kind = kind(request.method(), request.path());
    let token = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let Some(standing) = limits.count(kind, client::address(&request), token) else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let api = request.path().starts_with("/api/");
    let mut response = match standing.wait_secs {
        Some(secs) => {
            metrics::counter!("commonhold_limited_total").increment(1);
            let answer = refusal(&request, secs);
            request.into_response(answer).map_into_right_body()
        }
        None => next.call(request).await?.map_into_left_body(),
    };
    if api {
        tell(&mut response, standing);
    }
    Ok(response)
}

/// A page for a browser, JSON for a client, one line for everyone else.
fn refusal(request: &ServiceRequest, secs: u64) -> HttpResponse {
    use actix_web::ResponseError as _;
    let error = Error::TooMany(secs);
    if super::speaks_json(request.path()) {
        return error.error_response();
    }
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        let title = request.app_data::<Data<Config>>().map_or("", |config| &config.title);
        return crate::web::too_many(title, secs);
    }
    HttpResponse::TooManyRequests()
        .insert_header(("Retry-After", secs.to_string()))
        .content_type("text/plain; charset=utf-8")
        .body(error.to_string())
}

/// The three headers of Mastodon; the reset as a time, which every client reads.
fn tell<B>(response: &mut ServiceResponse<B>, standing: Standing) {
    let reset = Time::now().plus_secs(i64::try_from(standing.reset_secs).unwrap_or(3_600));
    for (name, value) in [
        (HeaderName::from_static("x-ratelimit-limit"), standing.limit.to_string()),
        (HeaderName::from_static("x-ratelimit-remaining"), standing.remaining.to_string()),
        (HeaderName::from_static("x-ratelimit-reset"), reset.rfc3339()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn kind(method: &Method, path: &str) -> Kind {
    if matches!(path, "/health" | "/metrics")
        || path.starts_with("/static/")
        || path.starts_with("/media/")
    {
        return Kind::Free;
    }
    if method != Method::POST {
        return Kind::Plain;
    }
    match path {
        "/oauth/token" | "/api/v1/apps" | "/api/v1/accounts" | "/setup" => Kind::Door,
        "/api/v1/media" | "/api/v2/media" => Kind::Upload,
        _ if path.starts_with("/auth/") => Kind::Door,
        _ if path.ends_with("/inbox") => Kind::Inbox,
        _ => Kind::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_counts_as_what_it_is() {
        let (get, post) = (Method::GET, Method::POST);
        for (method, path, expected) in [
            (&get, "/health", Kind::Free),
            (&get, "/static/app.css", Kind::Free),
            (&get, "/auth/sign_in", Kind::Plain),
            (&post, "/auth/sign_in", Kind::Door),
            (&post, "/oauth/token", Kind::Door),
            (&post, "/api/v1/statuses", Kind::Plain),
            (&post, "/api/v2/media", Kind::Upload),
            (&post, "/inbox", Kind::Inbox),
            (&post, "/c/help/inbox", Kind::Inbox),
            (&get, "/c/help/inbox", Kind::Plain),
        ] {
            assert_eq!(kind(method, path), expected, "{path}");
        }
    }

    #[test]
    fn too_much_is_refused_and_others_are_not_touched() {
        let limits = Limits::default();
        let (one, other) = ("203.0.113.9".parse().unwrap(), "203.0.113.10".parse().unwrap());
        let waits = |address| limits.count(Kind::Door, address, None).unwrap().wait_secs.is_some();
        assert!((0..30).all(|_| !waits(one)));
        assert!(waits(one));
        assert!(!waits(other));
        assert_eq!(limits.count(Kind::Free, one, None), None);
    }

    #[test]
    fn a_token_has_its_own_count_below_that_of_the_address() {
        let limits = Limits::default();
        let address = "203.0.113.9".parse().unwrap();
        let plain = |token: Option<&[u8]>| limits.count(Kind::Plain, address, token).unwrap();
        let first = plain(Some(b"Bearer a"));
        assert_eq!((first.limit, first.remaining), (1_500, 1_499));
        assert_eq!(plain(Some(b"Bearer b")).remaining, 1_499);
        let bare = plain(None);
        assert_eq!((bare.limit, bare.remaining), (3_000, 2_997));
        for n in 0..3_000_u32 {
            plain(Some(&n.to_be_bytes()));
        }
        assert!(plain(Some(b"Bearer c")).wait_secs.is_some(), "made-up tokens do not help");
    }
}
