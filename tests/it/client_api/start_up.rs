//! What clients ask when they start, and what breaks them when it is not there.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Database, Node, Setup, are_shaped, is_shaped};

stories!(
    clients_find_all_they_ask_for_at_start,
    a_node_tells_how_lively_its_weeks_were,
    browsers_may_call_from_other_sites,
    rates_are_limited
);

async fn clients_find_all_they_ask_for_at_start(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let public = node.public();
    let instance = public.get("/api/v2/instance").await;
    is_shaped(&instance, "Instance");
    assert_eq!(instance["domain"], node.domain().as_str());
    assert!(instance["version"].as_str().unwrap().starts_with("4."), "{}", instance["version"]);
    assert!(instance["thumbnail"]["url"].is_string());
    let socket = format!("ws://{}", node.domain());
    assert_eq!(instance["configuration"]["urls"]["streaming"], socket.as_str());
    let older = public.get("/api/v1/instance").await;
    is_shaped(&older, "V1Instance");
    assert_eq!(older["uri"], node.domain().as_str());
    assert_eq!(older["urls"]["streaming_api"], socket.as_str());

    let nodeinfo = public.get("/.well-known/nodeinfo").await;
    let schemas = |link: &&Value| link["rel"].as_str().unwrap().contains("/ns/schema/");
    let links: Vec<&Value> = nodeinfo["links"].as_array().unwrap().iter().filter(schemas).collect();
    assert_eq!(links.len(), 2, "{nodeinfo}");
    for link in links {
        let info = public.get(link["href"].as_str().unwrap()).await;
        assert_eq!(info["software"]["name"], "commonhold");
        assert_eq!(info["protocols"], json!(["activitypub"]));
        assert_eq!(info["metadata"]["upstream"]["name"], "mastodon");
    }
    public.get("/nodeinfo/2.0").await;
    let oauth = public.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(oauth["code_challenge_methods_supported"], json!(["S256"]));
    let finger = public.get(&format!("/.well-known/webfinger?resource=acct:{}", ana.handle)).await;
    assert_eq!(finger["subject"], format!("acct:{}", ana.handle));
    let meta = public.try_get("/.well-known/host-meta").await;
    assert!(meta.text.contains("webfinger"), "{}", meta.text);

    for path in [
        "/api/v1/custom_emojis",
        "/api/v1/announcements",
        "/api/v1/filters",
        "/api/v2/filters",
        "/api/v1/lists",
        "/api/v1/mutes",
        "/api/v1/blocks",
        "/api/v1/domain_blocks",
        "/api/v1/follow_requests",
        "/api/v1/followed_tags",
        "/api/v1/favourites",
        "/api/v1/bookmarks",
        "/api/v1/conversations",
        "/api/v1/scheduled_statuses",
        "/api/v1/notifications",
        "/api/v1/instance/peers",
        "/api/v1/instance/rules",
        "/api/v1/trends/tags",
        "/api/v1/trends/statuses",
        "/api/v1/trends/links",
        "/api/v1/suggestions",
        "/api/v2/suggestions",
    ] {
        assert!(ana.api.get(path).await.is_array(), "{path}");
    }
    are_shaped(&json!([ana.api.get(&format!("/api/v1/accounts/{}", ana.id)).await]), "Account");
    let relationships = ana.api.get(&format!("/api/v1/accounts/relationships?id={}", ana.id)).await;
    are_shaped(&relationships, "Relationship");
    let found = ana.api.get("/api/v2/search?q=ana").await;
    is_shaped(&found, "Search");
    assert_eq!(found["accounts"][0]["acct"], "ana");
    ana.api.try_get("/api/v1/push/subscription").await.refused(404);
}

async fn a_node_tells_how_lively_its_weeks_were(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    node.run(&["group", "create", "repairs", "--purpose", "We mend", "--founder", "ana"]);
    let post = ana.posts("A kettle that leaks").await;
    ben.replies(&post, "Which one?").await;
    ben.does("reblog", &post).await;
    let weeks = node.public().get("/api/v1/instance/activity").await;
    let weeks = weeks.as_array().unwrap();
    assert_eq!(weeks.len(), 12);
    let number = |week: &Value, key: &str| week[key].as_str().unwrap().parse::<i64>().unwrap();
    for pair in weeks.windows(2) {
        assert_eq!(number(&pair[0], "week") - number(&pair[1], "week"), 7 * 86_400);
    }
    // A Monday: the fourth day of 1970 was the last of its week.
    assert_eq!(number(&weeks[0], "week") % (7 * 86_400), 4 * 86_400);
    // Two weeks where the story is told around a Sunday's midnight.
    let sum = |key: &str| weeks.iter().map(|week| number(week, key)).sum::<i64>();
    assert_eq!((sum("statuses"), sum("registrations")), (2, 2), "no boosts, no groups");
    assert!((2..=4).contains(&sum("logins")), "each once a week: {weeks:?}");
    assert_eq!(number(&weeks[5], "statuses"), 0);
}

async fn browsers_may_call_from_other_sites(database: Database) {
    let node = Node::start(database).await;
    let public = node.public();
    let preflight = public
        .request(Method::OPTIONS, "/api/v1/statuses")
        .header("Origin", "https://elk.zone")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
    let answer = public.send(preflight).await;
    assert!(answer.status.is_success(), "{}", answer.status);
    let headers = answer.header("access-control-allow-headers").to_lowercase();
    for name in ["authorization", "content-type", "idempotency-key"] {
        assert!(headers.contains(name) || headers == "*", "{name} is not in {headers}");
    }
    for path in ["/api/v2/instance", "/nodeinfo/2.0", "/.well-known/nodeinfo", "/api/v1/nothing"] {
        let asked = public.request(Method::GET, path).header("Origin", "https://elk.zone");
        let answer = public.send(asked).await;
        let allowed: Vec<_> =
            answer.headers.get_all("access-control-allow-origin").iter().collect();
        assert_eq!(allowed, ["*"], "{path}");
        let exposed = answer.header("access-control-expose-headers").to_lowercase();
        assert!(exposed.contains("link") && exposed.contains("x-request-id"), "{path}: {exposed}");
    }
}

async fn rates_are_limited(database: Database) {
    let node = Setup::new(database).with("RATE_LIMITS", "true").start().await;
    let public = node.public();
    let first = public.try_get("/api/v1/timelines/public").await;
    assert!(first.header("x-ratelimit-limit").parse::<u32>().is_ok());
    assert!(first.header("x-ratelimit-reset").ends_with('Z'));
    // Doors that are worth forcing are watched more closely.
    for _ in 0..300 {
        let form = [("grant_type", "password"), ("username", "ana"), ("password", "guess")];
        let answer = public.try_form("/oauth/token", &form).await;
        if answer.status == 429 {
            answer.refused(429);
            assert!(!answer.header("retry-after").is_empty());
            return;
        }
    }
    panic!("300 guesses at a password are let through");
}
