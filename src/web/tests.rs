//! A visitor becomes a member, founds, asks, is helped and says so: through the pages alone.
use std::{collections::BTreeMap, future::Future, pin::Pin};

use actix_web::{
    App as HttpApp,
    dev::ServiceResponse,
    http::{StatusCode, header},
    test, web,
};

use crate::{app::App, config::Config};

pub(super) fn node(settings: &[(&str, &str)]) -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut env = vec![
        ("COMMONHOLD_DATA_DIR".to_owned(), data.clone()),
        ("COMMONHOLD_DATABASE_URL".to_owned(), format!("sqlite:{data}/node.sqlite")),
        ("COMMONHOLD_RATE_LIMITS".to_owned(), "false".to_owned()),
    ];
    env.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let config = Config::load(None, env.into_iter()).unwrap();
    (folder, App::open(config).unwrap())
}

type Answering<'a> = Pin<Box<dyn Future<Output = ServiceResponse> + 'a>>;

/// One browser: keeps cookies, remembers the last page.
pub(super) struct Browser<'a> {
    call: Box<dyn Fn(test::TestRequest) -> Answering<'a> + 'a>,
    cookies: BTreeMap<String, String>,
    pub(super) page: String,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    location: String,
    policy: String,
}

impl<'a> Browser<'a> {
    pub(super) fn new(call: impl Fn(test::TestRequest) -> Answering<'a> + 'a) -> Self {
        Self { call: Box::new(call), cookies: BTreeMap::new(), page: String::new() }
    }

    async fn send(&mut self, request: test::TestRequest) -> Answer {
        let jar: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.insert_header((header::COOKIE, jar.join("; ")));
        let response = (self.call)(request).await;
        for cookie in response.response().cookies() {
            if cookie.value().is_empty() {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        let get = |name: header::HeaderName| {
            response.headers().get(name).map_or("", |v| v.to_str().unwrap()).to_owned()
        };
        let answer = Answer {
            status: response.status(),
            location: get(header::LOCATION),
            policy: get(header::CONTENT_SECURITY_POLICY),
        };
        assert!(!answer.policy.contains("unsafe"), "{}", answer.policy);
        assert!(answer.policy.starts_with("default-src 'none'"), "{}", answer.policy);
        self.page = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        answer
    }

    /// Opens a page and follows where it leads.
    pub(super) async fn opens(&mut self, path: &str) -> Answer {
        let mut answer = self.send(test::TestRequest::get().uri(path)).await;
        for _ in 0..4 {
            if !answer.status.is_redirection() {
                break;
            }
            let path = answer.location.clone();
            answer = self.send(test::TestRequest::get().uri(&path)).await;
        }
        answer
    }

    /// Sends a form with the token of the page it stands on, and follows.
    pub(super) async fn sends(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.token();
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        fields.push(("csrf", &csrf));
        let answer = self.send(test::TestRequest::post().uri(path).set_form(&fields)).await;
        if answer.status.is_redirection() && answer.location.starts_with('/') {
            return self.opens(&answer.location.clone()).await;
        }
        answer
    }

    fn token(&self) -> String {
        let after = self.page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
        after.split('"').next().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(super) fn sees(&self, text: &str) {
        assert!(self.page.contains(text), "no {text:?} in {}", self.page);
    }

    #[track_caller]
    pub(super) fn sees_no(&self, text: &str) {
        assert!(!self.page.contains(text), "{text:?} in {}", self.page);
    }

    /// Fills in the form to join where a person reads it.
    pub(super) async fn asks_to_join(&mut self, name: &str, reason: &str) {
        self.opens("/auth/sign_up").await;
        let email = format!("{name}@example.org");
        let fields = [
            ("username", name),
            ("email", &email),
            ("password", "correct horse"),
            ("reason", reason),
        ];
        self.sends("/auth/sign_up", &fields).await;
    }

    pub(super) async fn signs_in(&mut self, name: &str) {
        self.opens("/auth/sign_in").await;
        self.sends("/auth/sign_in", &[("username", name), ("password", "correct horse")]).await;
    }

    pub(super) async fn signs_up(&mut self, name: &str) {
        self.opens("/auth/sign_up").await;
        let email = format!("{name}@example.org");
        let fields = [("username", name), ("email", &email), ("password", "correct horse")];
        let answer = self.sends("/auth/sign_up", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", self.page);
        self.sees(name);
    }
}

macro_rules! browser {
    ($pages:expr) => {
        Browser::new(|request| {
            Box::pin(async { test::call_service(&$pages, request.to_request()).await })
        })
    };
}

macro_rules! pages {
    ($app:expr) => {
        test::init_service(
            HttpApp::new().app_data(web::Data::new($app.clone())).configure(crate::web::routes),
        )
        .await
    };
}

pub(super) use {browser, pages};

#[actix_web::test]
async fn a_group_is_founded_asked_in_and_someone_says_thanks() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    let mut ana = browser!(pages);
    ana.signs_up("ana").await;
    ana.sees("Start the first group");
    ana.opens("/groups/new").await;
    let why = "So that nothing is thrown away that a neighbour could fix";
    ana.sends("/groups/new", &[("purpose", why), ("title", "Repair café"), ("name", "repairs")])
        .await;
    ana.sees("You are its first member");
    ana.sees(why);
    ana.sees("How to begin");

    let mut ben = browser!(pages);
    ben.opens("/@repairs").await;
    ben.sees("Follow from where you are");
    ben.sees_no("name=\"csrf\"");
    ben.signs_up("ben").await;
    ben.opens("/@repairs").await;
    ben.sends("/@repairs/join", &[]).await;
    ben.sees("You are a member of Repair café now.");
    ben.opens("/new?group=repairs&kind=ask").await;
    let ask = [
        ("group", "repairs"),
        ("kind", "ask"),
        ("visibility", "public"),
        ("title", "My tap drips"),
    ];
    ben.sends("/new", &[&ask[..], &[("body", "")]].concat()).await;
    ben.sees("Write something first.");
    ben.sends("/new", &[&ask[..], &[("body", "All **night**."), ("do", "preview")]].concat()).await;
    ben.sees("<strong>night</strong>");
    ben.sends("/new", &[&ask[..], &[("body", "All **night**.")]].concat()).await;
    ben.sees("<h1 class=\"voice\"><bdi>My tap drips</bdi></h1>");
    ben.sees("Nobody has answered yet");

    ana.opens("/").await;
    ana.sees("My tap drips");
    let thread = path_after(&ana.page, "thread-title\" href=\"");
    ana.opens(&thread).await;
    ana.sees_no("This helped me");
    let reply = path_after(&ana.page, "<form class=\"form\" method=\"post\" action=\"");
    ana.sends(&reply, &[("body", "A new washer."), ("from", "thread")]).await;
    ana.sees("A new washer.");

    ben.opens(&thread).await;
    ben.sees("This helped me");
    let thanks = path_after(&ben.page, "<form method=\"post\" action=\"");
    assert!(thanks.ends_with("/thanks"), "{thanks}");
    ben.sends(&thanks, &[]).await;
    ben.sees("It is counted: ana helped you.");
    ben.sees("What helped");
    ben.opens("/@repairs").await;
    ben.sees("In the last 90 days 1 person helped 1 other here.");
    ben.sees("Every ask has found a hand.");
    ben.opens("/settings/help").await;
    ben.sees("Helped by");
    ben.opens("/settings/help.csv").await;
    ben.sees("\"were helped\",\"'@ana@localhost:8080\"");

    ana.opens("/settings/help").await;
    let decline = path_after(&ana.page, "<form method=\"post\" action=\"");
    ana.sends(&decline, &[]).await;
    ana.sees("the helper did not want it to be");
    ana.sends("/settings/help/counts", &[("leave_out", "1")]).await;
    ana.sees("You are left out");
    ben.opens(&thread).await;
    ben.sends(&thanks.replace("/thanks", "/unthanks"), &[]).await;
    ben.sees("You took the thanks back.");
}

pub(super) fn path_after(page: &str, mark: &str) -> String {
    let rest = page.split(mark).nth(1).unwrap_or_else(|| panic!("no {mark} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn forms_of_strangers_change_nothing() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    let mut ana = browser!(pages);
    ana.signs_up("ana").await;
    ana.opens("/settings").await;
    let token = ana.token();
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")]
    {
        let request = test::TestRequest::post()
            .uri("/settings")
            .insert_header((name, value))
            .insert_header(("host", "localhost:8080"))
            .set_form([("csrf", token.as_str()), ("display_name", "Mallory")]);
        assert_eq!(ana.send(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let request =
        test::TestRequest::post().uri("/settings").set_form([("display_name", "Mallory")]);
    assert_eq!(ana.send(request).await.status, StatusCode::FORBIDDEN);
    ana.sees("no longer good");
    let mut ben = browser!(pages);
    ben.signs_up("ben").await;
    ben.opens("/settings").await;
    let request = test::TestRequest::post()
        .uri("/settings")
        .set_form([("csrf", ben.token().as_str()), ("display_name", "Mallory")]);
    assert_eq!(
        ana.send(request).await.status,
        StatusCode::FORBIDDEN,
        "the token of another session"
    );
    ana.opens("/@ana").await;
    ana.sees_no("Mallory");
}

#[actix_web::test]
async fn visitors_are_taken_to_sign_in_and_back() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    let mut ana = browser!(pages);
    ana.signs_up("ana").await;
    ana.opens("/auth/sign_out").await;
    ana.sends("/auth/sign_out", &[]).await;
    ana.sees("You are signed out.");
    let answer = ana.send(test::TestRequest::get().uri("/new?kind=ask")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    ana.opens(&answer.location).await;
    let next = path_after(&ana.page, "name=\"next\" value=\"");
    ana.sends("/auth/sign_in", &[("username", "ana"), ("password", "wrong"), ("next", &next)])
        .await;
    ana.sees("do not go together");
    ana.sees_no("value=\"wrong\"");
    ana.sends(
        "/auth/sign_in",
        &[("username", "@Ana"), ("password", "correct horse"), ("next", "/new?kind=ask")],
    )
    .await;
    ana.sees("What is it?");
}

#[actix_web::test]
async fn each_way_of_joining_has_its_page() {
    for (mode, words) in [
        ("approval", "Someone who runs this server reads each request"),
        ("invite", "Here one joins by invitation"),
        ("closed", "Nobody new can join on this server right now"),
    ] {
        let (_folder, app) = node(&[("COMMONHOLD_SIGN_UP", mode)]);
        let pages = pages!(app);
        let mut visitor = browser!(pages);
        visitor.opens("/auth/sign_up").await;
        visitor.sees(words);
        if mode == "approval" {
            let fields = [
                ("username", "ana"),
                ("email", "ana@example.org"),
                ("password", "correct horse"),
                ("reason", "I repair bicycles"),
            ];
            visitor.sends("/auth/sign_up", &fields).await;
            visitor.sees("Your request is on its way");
            visitor.opens("/auth/sign_in").await;
            visitor
                .sends("/auth/sign_in", &[("username", "ana"), ("password", "correct horse")])
                .await;
            visitor.sees("let you in");
        }
    }
}

#[actix_web::test]
async fn errors_are_pages_and_the_first_visit_needs_its_link() {
    let (_folder, app) = node(&[]);
    let token = app.write_now(crate::domain::members::first_visit).unwrap().unwrap();
    let pages = pages!(app);
    let mut visitor = browser!(pages);
    for path in ["/nowhere", "/@nobody", "/@nobody/12", "/@nobody/x"] {
        assert_eq!(visitor.opens(path).await.status, StatusCode::NOT_FOUND, "{path}");
        visitor.sees("There is nothing here");
    }
    assert_eq!(visitor.opens("/setup?token=wrong").await.status, StatusCode::FORBIDDEN);
    visitor.opens(&format!("/setup?token={token}")).await;
    visitor.sees("This node is yours to run");
    let fields = [
        ("token", token.as_str()),
        ("title", "Under the Oak"),
        ("username", "olga"),
        ("email", "olga@example.org"),
        ("password", "correct horse"),
    ];
    visitor.sends("/setup", &fields).await;
    visitor.sees("Under the Oak");
    visitor.opens("/about").await;
    visitor.sees("@olga@localhost:8080");
    let mut second = browser!(pages);
    assert_eq!(second.opens(&format!("/setup?token={token}")).await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn an_app_is_let_in_and_gets_its_code() {
    let (_folder, app) = node(&[]);
    let registered = app
        .write_now(|tx| {
            let uris = "urn:ietf:wg:oauth:2.0:oob\ncom.example.app:/back".to_owned();
            crate::domain::oauth::register(tx, "Tusky", None, uris, "read write".to_owned())
        })
        .unwrap();
    let pages = pages!(app);
    let mut ana = browser!(pages);
    ana.signs_up("ana").await;
    let client = registered.app.client_id.as_str();
    let base = format!("/oauth/authorize?response_type=code&client_id={client}&scope=read+write");
    let answer =
        ana.opens(&format!("{base}&redirect_uri=com.example.app%3A%2Fback&state=s%201")).await;
    ana.sees("Tusky");
    assert!(answer.policy.contains("form-action 'self' com.example.app:"), "{}", answer.policy);
    let fields = |uri: &'static str, decision: &'static str| {
        vec![
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", uri),
            ("scope", "read write"),
            ("state", "s 1"),
            ("decision", decision),
        ]
    };
    let answer = ana.sends("/oauth/authorize", &fields("com.example.app:/back", "allow")).await;
    assert!(answer.location.starts_with("com.example.app:/back?code="), "{}", answer.location);
    assert!(answer.location.ends_with("&state=s+1"), "{}", answer.location);

    ana.opens(&format!("{base}&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob")).await;
    let page = ana.page.clone();
    ana.sends("/oauth/authorize", &fields("urn:ietf:wg:oauth:2.0:oob", "allow")).await;
    ana.sees("id=\"code\"");
    ana.page = page;
    let answer = ana.sends("/oauth/authorize", &fields("com.example.app:/back", "deny")).await;
    assert!(answer.location.contains("error=access_denied"), "{}", answer.location);

    let answer = ana.opens(&format!("{base}&redirect_uri=https%3A%2F%2Fevil.example")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = ana.send(test::TestRequest::get().uri(&format!("{base}&force_login=true"))).await;
    assert!(answer.location.starts_with("/auth/sign_in?next="), "{}", answer.location);
    assert!(!answer.location.contains("force"), "{}", answer.location);
}

#[actix_web::test]
async fn programs_are_sent_on_and_visitors_pages_can_be_kept() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    browser!(pages).signs_up("ana").await;
    let mut server = browser!(pages);
    let accept = (header::ACCEPT, "application/activity+json");
    let answer = server.send(test::TestRequest::get().uri("/@ana").insert_header(accept)).await;
    assert_eq!(answer.location, "http://localhost:8080/u/ana");
    let request = test::TestRequest::get().uri("/@ana").to_request();
    let response = test::call_service(&pages, request).await;
    let tag = response.headers().get(header::ETAG).unwrap().clone();
    let again = test::TestRequest::get().uri("/@ana").insert_header((header::IF_NONE_MATCH, tag));
    let response = test::call_service(&pages, again.to_request()).await;
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
}

#[actix_web::test]
async fn ones_own_words_can_be_changed_and_a_poll_voted_in() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    let (mut ana, mut ben) = (browser!(pages), browser!(pages));
    ana.signs_up("ana").await;
    ben.signs_up("ben").await;
    ana.opens("/new").await;
    let fields =
        [("kind", "talk"), ("visibility", "public"), ("body", "When shall we met? #garden")];
    ana.sends("/new", &fields).await;
    let edit = path_after(&ana.page, "<a class=\"button quiet low\" href=\"");
    let edit = edit.replace("/reply", "/edit");
    ana.opens(&edit).await;
    ana.sees("When shall we met? #garden");
    ana.sends(&edit, &[("body", ""), ("title", "")]).await;
    ana.sees("Write something first.");
    ana.sends(&edit, &[("body", "When shall we meet? #garden"), ("title", "A date")]).await;
    ana.sees("Your post is changed.");
    ana.sees("changed since");
    ana.sees("A date");
    ben.opens(&edit.replace("/edit", "/history")).await;
    ben.sees("When shall we met?");
    ben.sees("When shall we meet?");
    assert_eq!(ben.opens(&edit).await.status, StatusCode::NOT_FOUND, "only its author changes it");

    let id = edit.split('/').nth(2).unwrap().to_owned();
    let (post, title) = (id.parse().unwrap(), "After Easter".to_owned());
    let asked = crate::db::polls::Poll {
        id: crate::types::PollId(7),
        post_id: post,
        multiple: false,
        options: serde_json::json!([{"title": "Now", "votes": 0}, {"title": title, "votes": 0}])
            .to_string(),
        voters_count: Some(0),
        ends_at: Some(app.now().plus_days(2)),
        closed_at: None,
        hide_totals: false,
    };
    app.write_now(move |tx| Ok(crate::db::polls::insert(tx, &asked)?)).unwrap();
    let page = format!("/@ana/{id}");
    ben.opens(&page).await;
    ben.sees("After Easter");
    ben.sees("Nobody has voted yet");
    ben.sends(&format!("/posts/{id}/vote"), &[]).await;
    ben.sees("Choose something first.");
    ben.sends(&format!("/posts/{id}/vote"), &[("choice", "1")]).await;
    ben.sees("Your vote is in.");
    ben.sees("100 %");
    ben.sees("your vote");
    ben.sees("1 person voted");
    ben.opens(&page).await;
    ben.sends("/auth/sign_out", &[]).await;
    ben.opens(&page).await;
    ben.sees("closes in 2 days");
    ben.sees_no("your vote");
}

#[actix_web::test]
async fn whoever_is_looked_for_is_found() {
    let (_folder, app) = node(&[]);
    let pages = pages!(app);
    let (mut ana, mut guest) = (browser!(pages), browser!(pages));
    ana.signs_up("ana").await;
    ana.opens("/new").await;
    let body = "Seeds to give away #garden";
    ana.sends("/new", &[("kind", "talk"), ("visibility", "public"), ("body", body)]).await;
    guest.opens("/search").await;
    guest.sees("A name, a word, or any address");
    guest.opens("/search?q=an").await;
    guest.sees("@ana@localhost:8080");
    guest.opens("/search?q=%23gard").await;
    guest.sees("/tags/garden");
    guest.opens("/search?q=zzz").await;
    guest.sees("Nothing here goes by");
    guest.opens("/search?q=%40ana%40localhost%3A8080").await;
    guest.sees("Seeds to give away");
    guest.opens("/search?q=%40ben%40elm.example").await;
    guest.sees("Sign in, and it asks there.");
    guest.opens("/search?q=https%3A%2F%2Felm.example%2Fp%2F1").await;
    guest.sees("Sign in, and it asks there.");
    ana.opens("/search?q=%40nobody%40localhost%3A8080").await;
    ana.sees("Nothing answers at that address");
}
