//! Web Push from a notification to a device: the push service is played here, what it gets is opened
//! by libraries of others.
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::harness::{
    Answer, Api, Database, MastodonPy, Member, Node, Setup, eventually, id, is_shaped, push_reader,
};

stories!(
    what_a_member_is_told_comes_to_their_devices_sealed,
    a_content_warning_is_all_that_a_push_says,
    only_what_an_app_asked_for_is_sent,
    what_cannot_be_called_or_opened_is_refused,
    an_app_that_is_gone_is_forgotten,
    a_push_service_that_asks_for_time_gets_it,
    a_push_that_is_too_large_comes_without_words,
    a_push_outlives_the_process_that_stored_it,
    what_was_taken_back_is_not_sent_any_more,
    a_push_service_that_hangs_holds_nobody_up,
    who_signs_out_is_told_nothing_more,
);

/// A push service, played by us.
struct Service {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    /// What the next calls are answered, with `Retry-After` in seconds; 201 when there is none left.
    answers: VecDeque<(u16, Option<u64>)>,
    /// Says nothing at all from now on.
    hangs: bool,
    /// How many calls wait for a word.
    hanging: usize,
}

/// One call of it.
#[derive(Clone, Debug)]
struct Call {
    path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
    status: u16,
    at: Instant,
}

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, shared.clone()));
            }
        });
        Self { port, state }
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn endpoint(&self, name: &str) -> String {
        format!("{}/push/{name}", self.origin())
    }

    /// The next calls are answered so, those after them with 201.
    fn answers(&self, answers: &[(u16, Option<u64>)]) {
        self.state.lock().unwrap().answers = answers.iter().copied().collect();
    }

    fn hangs(&self) {
        self.state.lock().unwrap().hangs = true;
    }

    fn calls(&self) -> Vec<Call> {
        self.state.lock().unwrap().calls.clone()
    }

    /// The first so many calls for a name; waits for them.
    async fn called(&self, name: &str, times: usize) -> Vec<Call> {
        let path = format!("/push/{name}");
        eventually(&format!("{name} is called {times} times"), || async {
            let calls: Vec<Call> =
                self.calls().into_iter().filter(|call| call.path == path).collect();
            (calls.len() >= times).then_some(calls)
        })
        .await
    }
}

async fn answer(stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        let path = lines[0].split(' ').nth(1).unwrap().to_owned();
        let headers: HashMap<String, String> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        let (status, after) = {
            let mut state = state.lock().unwrap();
            let (status, after) = state.answers.pop_front().unwrap_or((201, None));
            state.calls.push(Call { path, headers, body, status, at: Instant::now() });
            state.hanging += usize::from(state.hangs);
            (if state.hangs { 0 } else { status }, after)
        };
        if status == 0 {
            // Until the other side gives up.
            let _ = stream.read_u8().await;
            state.lock().unwrap().hanging -= 1;
            return;
        }
        let after = after.map_or_else(String::new, |secs| format!("Retry-After: {secs}\r\n"));
        let said = format!("HTTP/1.1 {status} Played\r\n{after}Content-Length: 0\r\n\r\n");
        if stream.get_mut().write_all(said.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// An app on a device of a member.
struct Device {
    api: Api,
    name: String,
    keys: Value,
    standard: bool,
}

impl Device {
    /// One that knows how to open pushes; it has a token of its own.
    fn of(node: &Node, member: &Member, name: &str, standard: bool) -> Self {
        let printed = node.run(&["member", "token", &member.name, "--scopes", "read push"]);
        let token = printed.split_whitespace().last().unwrap();
        let api = Api::with_token(&node.origin(), token);
        let keys = push_reader(&json!({"do": "keys"}));
        Self { api, name: name.to_owned(), keys, standard }
    }

    async fn try_subscribe(&self, service: &Service, alerts: &[&str], policy: &str) -> Answer {
        let mut form = vec![
            ("subscription[endpoint]".to_owned(), service.endpoint(&self.name)),
            ("subscription[keys][p256dh]".to_owned(), text(&self.keys["p256dh"])),
            ("subscription[keys][auth]".to_owned(), text(&self.keys["auth"])),
            ("subscription[standard]".to_owned(), self.standard.to_string()),
            ("data[policy]".to_owned(), policy.to_owned()),
        ];
        form.extend(alerts.iter().map(|kind| (format!("data[alerts][{kind}]"), "true".to_owned())));
        let request = self.api.request(Method::POST, "/api/v1/push/subscription").form(&form);
        self.api.send(request).await
    }

    async fn subscribes(&self, service: &Service, alerts: &[&str], policy: &str) -> Value {
        self.try_subscribe(service, alerts, policy).await.ok()
    }

    async fn changes(&self, data: Value) -> Answer {
        let request = self.api.request(Method::PUT, "/api/v1/push/subscription");
        self.api.send(request.json(&data)).await
    }

    /// Opens what came for it, once the sender's word is checked: payload, claims and key.
    fn opens(&self, call: &Call) -> Value {
        push_reader(&json!({
            "do": "open", "private": self.keys["private"], "auth": self.keys["auth"],
            "headers": call.headers, "body": STANDARD.encode(&call.body),
        }))
    }

    /// What the how many-th push to it says.
    async fn reads(&self, service: &Service, nth: usize) -> Value {
        let calls = service.called(&self.name, nth).await;
        self.opens(&calls[nth - 1])["payload"].clone()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn what_a_member_is_told_comes_to_their_devices_sealed(database: Database) {
    let setup = Setup::new(database).with("CONTACT_EMAIL", "care@oak.example");
    let (node, service) = (setup.start().await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", true);
    let tablet = Device::of(&node, &ana, "tablet", false);
    let instance = node.public().get("/api/v2/instance").await;
    for (device, standard) in [(&phone, true), (&tablet, false)] {
        let subscription = device.subscribes(&service, &["mention", "follow"], "all").await;
        is_shaped(&subscription, "WebPushSubscription");
        assert_eq!(subscription["standard"], standard);
        assert_eq!(subscription["server_key"], instance["configuration"]["vapid"]["public_key"]);
    }
    let post = bob.posts("Hello @ana, *who* has a <b>ladder</b> & a saw?").await;
    let notification = ana.is_told("mention", "bob").await;
    for device in [&phone, &tablet] {
        let call = service.called(&device.name, 1).await.remove(0);
        assert!(call.body.len() <= 4_096);
        let clear = String::from_utf8_lossy(&call.body).contains("ladder");
        assert!(!clear, "nobody in between reads it");
        let coding = if device.standard { "aes128gcm" } else { "aesgcm" };
        assert_eq!(call.headers["content-encoding"], coding);
        assert_eq!(call.headers["urgency"], "normal");
        let ttl: i64 = call.headers["ttl"].parse().unwrap();
        assert!((172_000..=172_800).contains(&ttl), "{ttl}");
        let opened = device.opens(&call);
        let payload = &opened["payload"];
        assert_eq!(payload["notification_type"], "mention");
        assert_eq!(payload["notification_id"].to_string(), text(&notification["id"]));
        assert_eq!(payload["title"], "bob mentioned you");
        let body = text(&payload["body"]);
        assert!(body.starts_with("Hello @ana, who has a ") && body.ends_with("& a saw?"), "{body}");
        assert_eq!(payload["icon"], notification["account"]["avatar"]);
        assert_eq!(payload["access_token"], "", "a token is not kept in a form that can be sent");
        assert_eq!(payload["preferred_locale"], "en");
        let claims = &opened["claims"];
        assert_eq!(claims["aud"], service.origin());
        assert_eq!(claims["sub"], "mailto:care@oak.example");
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let left = claims["exp"].as_u64().unwrap().saturating_sub(now);
        assert!(left > 60 && left <= 86_400, "{left}");
        let key = text(&opened["key"]);
        assert_eq!(key, text(&instance["configuration"]["vapid"]["public_key"]));
    }
    let _ = id(&post);
    ana.api.post("/api/v1/notifications/clear", json!({})).await;
    bob.joins("ana").await;
    assert_eq!(phone.reads(&service, 2).await["title"], "bob follows you");
}

async fn a_content_warning_is_all_that_a_push_says(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", true);
    phone.subscribes(&service, &["mention"], "all").await;
    let body = json!({"status": "@ana the butler did it", "spoiler_text": "How it <ends>"});
    bob.api.post("/api/v1/statuses", body).await;
    assert_eq!(phone.reads(&service, 1).await["body"], "How it <ends>");
    bob.posts(&format!("@ana {}", "🪚".repeat(400))).await;
    let payload = phone.reads(&service, 2).await;
    let said = payload["body"].as_str().unwrap();
    assert!(said.chars().count() == 140 && said.ends_with('…'), "{said}");
}

async fn only_what_an_app_asked_for_is_sent(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let cid = node.member("cid").await;
    let phone = Device::of(&node, &ana, "phone", true);
    let path = "/api/v1/push/subscription";
    phone.api.try_get(path).await.refused(404);
    phone.changes(json!({"data": {"policy": "none"}})).await.refused(404);
    let set = phone.subscribes(&service, &["mention"], "all").await;
    assert_eq!(
        (&set["alerts"]["mention"], &set["alerts"]["favourite"]),
        (&json!(true), &json!(false))
    );
    assert!(set["alerts"].as_object().unwrap().values().all(Value::is_boolean), "{set}");
    assert_eq!(phone.api.get(path).await, set);

    let mine = ana.posts("A post of mine").await;
    bob.does("favourite", &mine).await;
    bob.posts("@ana one").await;
    assert_eq!(phone.reads(&service, 1).await["body"], "@ana one", "a like is not wanted");

    let changed = phone.changes(
        json!({"data": {"alerts": {"mention": true, "favourite": "1"}, "policy": "followed"}}),
    );
    let changed = changed.await.ok();
    assert_eq!((&changed["policy"], &changed["id"]), (&json!("followed"), &set["id"]));
    bob.posts("@ana two").await;
    ana.joins("cid").await;
    cid.posts("@ana three").await;
    assert_eq!(phone.reads(&service, 2).await["body"], "@ana three", "ana follows cid alone");
    cid.does("favourite", &mine).await;
    let liked = phone.reads(&service, 3).await;
    assert_eq!(liked["notification_type"], "favourite");
    assert_eq!(service.called("phone", 3).await[2].headers["urgency"], "low");

    // Some write it here.
    let changed =
        phone.changes(json!({"data": {"alerts": {"mention": true}}, "policy": "follower"}));
    assert_eq!(changed.await.ok()["policy"], "follower");
    cid.posts("@ana four").await;
    bob.joins("ana").await;
    bob.posts("@ana five").await;
    assert_eq!(phone.reads(&service, 4).await["body"], "@ana five", "bob alone follows ana");

    phone.changes(json!({"policy": "none", "data": {"alerts": {"mention": true}}})).await.ok();
    bob.posts("@ana six").await;
    phone.subscribes(&service, &["mention"], "all").await;
    bob.posts("@ana seven").await;
    assert_eq!(phone.reads(&service, 5).await["body"], "@ana seven");
    let gone = phone.api.send(phone.api.request(Method::DELETE, path)).await;
    assert_eq!(gone.ok(), json!({}));
    phone.api.try_get(path).await.refused(404);
    // Another device, so that there is something to wait for.
    let tablet = Device::of(&node, &ana, "tablet", true);
    tablet.subscribes(&service, &["mention"], "all").await;
    bob.posts("@ana eight").await;
    bob.posts("@ana nine").await;
    service.called("tablet", 2).await;
    assert_eq!(service.called("phone", 5).await.len(), 5);
}

async fn what_cannot_be_called_or_opened_is_refused(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let ana = node.member("ana").await;
    let phone = Device::of(&node, &ana, "phone", true);
    let path = "/api/v1/push/subscription";
    let good = json!({
        "endpoint": service.endpoint("phone"),
        "keys": {"p256dh": phone.keys["p256dh"], "auth": phone.keys["auth"]},
    });
    let refused = async |field: &str, value: Value, word: &str| {
        let mut subscription = good.clone();
        *subscription.pointer_mut(field).unwrap() = value.clone();
        let why = phone.api.try_post(path, json!({"subscription": subscription})).await;
        let why = why.refused(422);
        assert!(why.contains(word), "{field} {value}: {why}");
    };
    for endpoint in [
        "",
        "no address",
        "ftp://push.example/x",
        "file:///etc/passwd",
        "https://me:pw@push.example/",
        "http://10.0.0.1/push",
        "https://192.168.1.1/push",
        "https://[fd00::1]/push",
    ] {
        refused("/endpoint", json!(endpoint), "endpoint").await;
    }
    refused("/endpoint", json!(format!("https://push.example/{}", "x".repeat(3_000))), "endpoint")
        .await;
    let beside = format!("B{}", "A".repeat(86));
    for point in [json!(""), json!("AAAA"), json!(beside), json!("%"), json!({"a": 1})] {
        refused("/keys/p256dh", point, "p256dh").await;
    }
    for auth in ["", "AAAA", "!"] {
        refused("/keys/auth", json!(auth), "auth").await;
    }
    let policy = json!({"subscription": good, "data": {"policy": "friends"}});
    assert!(phone.api.try_post(path, policy).await.refused(422).contains("policy"));
    phone.api.try_post(path, json!({})).await.refused(422);
    phone.api.try_get(path).await.refused(404);

    let printed = node.run(&["member", "token", "ana", "--scopes", "read write follow"]);
    let narrow = Api::with_token(&node.origin(), printed.split_whitespace().last().unwrap());
    narrow.try_post(path, json!({"subscription": good})).await.refused(403);
    node.public().try_get(path).await.refused(401);
    assert_eq!(service.calls().len(), 0);
}

async fn an_app_that_is_gone_is_forgotten(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let path = "/api/v1/push/subscription";
    for (status, name) in [(410, "phone"), (404, "tablet")] {
        let device = Device::of(&node, &ana, name, true);
        device.subscribes(&service, &["mention"], "all").await;
        service.answers(&[(status, None)]);
        bob.posts(&format!("@ana to {name}")).await;
        service.called(name, 1).await;
        eventually("the subscription is forgotten", || async {
            (device.api.try_get(path).await.status == 404).then_some(())
        })
        .await;
    }
    let watch = Device::of(&node, &ana, "watch", true);
    watch.subscribes(&service, &["mention"], "all").await;
    bob.posts("@ana still there?").await;
    service.called("watch", 1).await;
    assert_eq!(service.calls().len(), 3, "each once");
}

async fn a_push_service_that_asks_for_time_gets_it(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", true);
    phone.subscribes(&service, &["mention"], "all").await;
    service.answers(&[(429, Some(5)), (500, None)]);
    bob.posts("@ana patience").await;
    let calls = service.called("phone", 3).await;
    let statuses: Vec<u16> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [429, 500, 201]);
    let waited = calls[1].at - calls[0].at;
    assert!(waited >= Duration::from_secs(5), "it asked for five seconds and got {waited:?}");
    assert_eq!(phone.opens(&calls[2])["payload"]["body"], "@ana patience");
}

async fn a_push_that_is_too_large_comes_without_words(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", false);
    phone.subscribes(&service, &["mention"], "all").await;
    service.answers(&[(413, None)]);
    bob.posts("@ana many words").await;
    let calls = service.called("phone", 2).await;
    assert_eq!(phone.opens(&calls[0])["payload"]["body"], "@ana many words");
    let short = phone.opens(&calls[1])["payload"].clone();
    assert_eq!((&short["body"], &short["title"]), (&json!(""), &json!("bob mentioned you")));
}

async fn a_push_outlives_the_process_that_stored_it(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", true);
    phone.subscribes(&service, &["mention"], "all").await;
    service.answers(&[(503, None)]);
    bob.posts("@ana after all").await;
    service.called("phone", 1).await;
    // Killed before it has noted the answer, it would take the push for one under way, for minutes.
    eventually("the answer is noted", || async {
        node.log().contains("a push service will be tried again").then_some(())
    })
    .await;
    node.restart().await;
    let calls = service.called("phone", 2).await;
    assert_eq!((calls[0].status, calls[1].status), (503, 201));
    assert_eq!(phone.opens(&calls[1])["payload"]["body"], "@ana after all");
    let instance = node.public().get("/api/v2/instance").await;
    let key = &instance["configuration"]["vapid"]["public_key"];
    assert_eq!(&phone.opens(&calls[1])["key"], key, "the same key as before");
}

async fn what_was_taken_back_is_not_sent_any_more(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", true);
    phone.subscribes(&service, &["mention"], "all").await;
    service.answers(&[(503, Some(4))]);
    let regretted = bob.posts("@ana I should not say this").await;
    service.called("phone", 1).await;
    let path = format!("/api/v1/statuses/{}", id(&regretted));
    bob.api.send(bob.api.request(Method::DELETE, &path)).await.ok();
    // Due after it; so is a third, when the first two are through.
    bob.posts("@ana good morning").await;
    assert_eq!(phone.reads(&service, 2).await["body"], "@ana good morning");
    bob.posts("@ana and good night").await;
    assert_eq!(phone.reads(&service, 3).await["body"], "@ana and good night");
}

async fn a_push_service_that_hangs_holds_nobody_up(database: Database) {
    let node = Setup::new(database).with("TASK_WORKERS", "1").start().await;
    let (slow, good) = (Service::start().await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let phone = Device::of(&node, &ana, "phone", true);
    let tablet = Device::of(&node, &ana, "tablet", true);
    phone.subscribes(&slow, &["mention"], "all").await;
    tablet.subscribes(&good, &["mention"], "all").await;
    slow.hangs();
    bob.posts("@ana one").await;
    slow.called("phone", 1).await;
    bob.posts("@ana two").await;
    let calls = good.called("tablet", 2).await;
    let waiting = slow.state.lock().unwrap().hanging;
    assert!(waiting > 0, "the other still says nothing");
    let mut said: Vec<String> =
        calls.iter().map(|call| text(&tablet.opens(call)["payload"]["body"])).collect();
    said.sort();
    assert_eq!(said, ["@ana one", "@ana two"]);
}

async fn who_signs_out_is_told_nothing_more(database: Database) {
    let (node, service) = (Node::start(database).await, Service::start().await);
    let (ana, bob) = (node.member("ana").await, node.member("bob").await);
    let app = MastodonPy::signed_in(&node, &ana);
    let wishes = json!({"mention_events": true, "policy": "all"});
    let set = app.subscribes(&service.endpoint("app"), wishes);
    assert_eq!((&set["alerts"]["mention"], &set["alerts"]["poll"]), (&json!(true), &json!(false)));
    assert_eq!(app.call("push_subscription", json!([]))["id"], set["id"]);
    bob.posts("@ana hello").await;
    let call = service.called("app", 1).await.remove(0);
    let opened = app.opens(json!(call.headers), &STANDARD.encode(&call.body));
    assert_eq!(opened["title"], "bob mentioned you");
    assert_eq!(opened["body"], "@ana hello");

    app.call_with("revoke_access_token", json!([]), json!({"allow_http": true}));
    let tablet = Device::of(&node, &ana, "tablet", true);
    tablet.subscribes(&service, &["mention"], "all").await;
    bob.posts("@ana one").await;
    bob.posts("@ana two").await;
    service.called("tablet", 2).await;
    assert_eq!(service.called("app", 1).await.len(), 1);
    let log = node.log();
    assert!(!log.contains("/push/app") && !log.contains("/push/tablet"), "endpoints are secrets");
}
