//! What is said in a private group, to followers or to one person stays there; every door that is
//! open to the public is tried.
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Api, Database, Member, Node, Peer, Setup, eventually, id, says};

stories!(
    a_private_group_tells_its_members_and_nobody_else,
    stewards_act_for_members_alone,
    members_elsewhere_see_what_stewards_do,
    what_is_for_few_shows_at_no_door,
    what_is_for_few_is_listed_for_them,
    both_sides_agree_on_who_follows,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const MIA: &str = "https://masto.example/users/mia";
const NOSY: &str = "https://masto.example/users/nosy";
const LEO: &str = "https://lemmy.example/u/leo";
const LEMMY: &str = "https://lemmy.example/actor";
const EVIL: &str = "https://evil.example/actor";
/// The word that must not be found.
const WHISPER: &str = "whisper";

/// A node with a private group: ana looks after it, chloe, mia and leo are in; ben follows ana, nosy
/// was turned away.
struct World {
    peer: Peer,
    node: Node,
    ana: Member,
    ben: Member,
    chloe: Member,
    den: Value,
}

fn key(actor: &str) -> String {
    format!("{actor}#main-key")
}

async fn world(database: Database) -> World {
    let peer = Peer::start(&["masto.example", "lemmy.example", "evil.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    for person in [MIA, NOSY, LEO] {
        peer.person(person);
    }
    for server in [LEMMY, EVIL] {
        peer.actor(server, "Application");
    }
    peer.runs("lemmy.example", "lemmy");
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let chloe = node.member("chloe").await;
    let found = ["group", "create", "den", "--purpose", "We talk", "--founder", "ana", "--private"];
    node.run(&found);
    let den = node.public().get("/api/v1/accounts/lookup?acct=den").await;
    let world = World { peer, node, ana, ben, chloe, den };
    world.gathers().await;
    world
}

impl World {
    fn uri(&self, path: &str) -> String {
        format!("{}/{path}", self.node.origin())
    }

    /// Everybody asks to come in; ana decides.
    async fn gathers(&self) {
        let ask = format!("/api/v1/accounts/{}/follow", id(&self.den));
        let asked = self.chloe.api.post(&ask, json!({})).await;
        assert_eq!(asked["requested"], true, "who joins a private group waits");
        for actor in [MIA, LEO, NOSY] {
            let follow = json!({"id": format!("{actor}/follow"), "type": "Follow", "actor": actor,
                "object": self.uri("c/den")});
            let status = self.peer.sends(&self.node, "/inbox", actor, &follow).await;
            assert_eq!(status, StatusCode::ACCEPTED);
        }
        for acct in ["chloe", "mia@masto.example", "leo@lemmy.example"] {
            self.ana.is_told("follow_request", acct).await;
            self.decides(acct, "authorize").await;
        }
        self.decides("nosy@masto.example", "reject").await;
        for (actor, answer) in [(MIA, "Accept"), (LEO, "Accept"), (NOSY, "Reject")] {
            let what = format!("{answer} for {actor}");
            self.peer
                .receives(&what, |body| body["type"] == answer && body["object"]["actor"] == actor)
                .await;
        }
        let none = self.ana.api.get("/api/v1/follow_requests").await;
        assert_eq!(none, json!([]));
        self.ben.joins("ana").await;
        self.node.knows_software_of("lemmy.example").await;
    }

    async fn decides(&self, acct: &str, decision: &str) {
        let waiting = self.ana.api.get("/api/v1/follow_requests").await;
        let waiting = waiting.as_array().unwrap();
        let who = waiting.iter().find(|account| account["acct"] == acct);
        let who = who.unwrap_or_else(|| panic!("{acct} waits for nobody"));
        let path = format!("/api/v1/follow_requests/{}/{decision}", id(who));
        self.ana.api.post(&path, json!({})).await;
    }
}

async fn a_private_group_tells_its_members_and_nobody_else(database: Database) {
    let world = world(database).await;
    let World { peer, node, ana, chloe, .. } = &world;
    let post = ana.posts("A whisper among us @den @nosy@masto.example").await;
    assert_eq!(post["visibility"], "private");
    let uri = post["uri"].as_str().unwrap().to_owned();

    // Mia's server gets the post in her own inbox, leo's what the group passes on.
    let is_create = |body: &Value| body["type"] == "Create" && body["object"]["id"] == *uri;
    let create = peer.receives("the post for mia", is_create).await;
    assert_eq!(create.url, format!("{MIA}/inbox"));
    let members = world.uri("c/den/followers");
    assert_eq!(create.body["to"], json!([world.uri("c/den"), members]));
    let passed_on =
        |body: &Value| body["type"] == "Announce" && body["object"]["object"]["id"] == *uri;
    let announce = peer.receives("the post for leo", passed_on).await;
    assert_eq!(announce.url, "https://lemmy.example/inbox");
    assert_eq!((&announce.body["to"], &announce.body["cc"]), (&json!([members]), &json!([])));
    let said = &announce.headers["collection-synchronization"];
    assert!(said.contains(&format!("collectionId=\"{members}\"")), "{said}");

    // The list behind it names who lives where the asker lives.
    let path = "/c/den/followers/synchronization";
    let (status, list) = peer.asks(node, path, &key(LEMMY)).await;
    assert_eq!(status, StatusCode::OK, "{list}");
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["orderedItems"], json!([LEO]));
    assert_eq!(node.public().try_get(path).await.status, StatusCode::UNAUTHORIZED);

    // Members here have it at home; an answer from elsewhere comes to them too.
    let at_home = chloe.sees("A whisper among us").await;
    let reply = json!({
        "id": "https://lemmy.example/c/1", "type": "Note", "attributedTo": LEO,
        "to": [world.uri("c/den"), members], "cc": [], "audience": world.uri("c/den"),
        "inReplyTo": uri, "content": "<p>And a whisper back</p>",
    });
    let create = json!({"id": "https://lemmy.example/a/1", "type": "Create", "actor": LEO,
        "to": reply["to"], "cc": [], "object": reply});
    assert_eq!(peer.sends(node, "/c/den/inbox", LEO, &create).await, StatusCode::ACCEPTED);
    chloe.sees_below(&at_home, "And a whisper back").await;
    // Who is not in writes for nobody there.
    let mut stranger = create.clone();
    stranger["id"] = json!("https://masto.example/a/2");
    stranger["actor"] = json!(NOSY);
    stranger["object"]["id"] = json!("https://masto.example/n/2");
    stranger["object"]["attributedTo"] = json!(NOSY);
    peer.sends(node, "/c/den/inbox", NOSY, &stranger).await;
    assert_eq!(ana.thread(&post).await.len(), 1);

    // Its end is told to those who had it.
    let path = format!("/api/v1/statuses/{}", id(&post));
    ana.api.send(ana.api.request(Method::DELETE, &path)).await.ok();
    let gone = |body: &Value| body["type"] == "Delete" && body["object"]["id"] == *uri;
    peer.receives("the end for mia", gone).await;
    peer.receives("the end for leo", |body| body["type"] == "Announce" && gone(&body["object"]))
        .await;
    for received in peer.received() {
        let text = received.body.to_string();
        if text.contains(&uri) {
            assert!(!text.contains(PUBLIC), "{text}");
            assert!(!received.url.contains("nosy") && !received.url.contains("evil"), "{text}");
        }
    }
}

/// What the group passes on to leo's server, for its members alone; the inner activity.
async fn told_inside(world: &World, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let is_it = |body: &Value| body["type"] == "Announce" && wanted(&body["object"]);
    let announce = world.peer.receives(what, is_it).await;
    let (den, members) = (world.uri("c/den"), world.uri("c/den/followers"));
    assert_eq!(announce.url, "https://lemmy.example/inbox", "{what}");
    let said = &announce.body;
    assert_eq!((&said["to"], &said["cc"]), (&json!([members]), &json!([])), "{what}");
    let inner = said["object"].clone();
    assert_eq!((&inner["to"], &inner["cc"]), (&json!([den, members]), &json!([])), "{what}");
    inner
}

async fn stewards_act_for_members_alone(database: Database) {
    let world = world(database).await;
    let World { peer, node, ana, den, .. } = &world;
    let post = ana.posts("A whisper to look after @den").await;
    let uri = post["uri"].as_str().unwrap().to_owned();
    told_inside(&world, "the thread", |inner| inner["object"]["id"] == *uri).await;
    let is = |kind: &'static str| {
        let uri = uri.clone();
        move |inner: &Value| inner["type"] == kind && inner["object"] == *uri
    };
    let undoes = |kind: &'static str| {
        move |inner: &Value| inner["type"] == "Undo" && inner["object"]["type"] == kind
    };

    ana.does("lock", &post).await;
    told_inside(&world, "the lock", is("Lock")).await;
    let narrowed = |body: &Value| body["type"] == "Update" && body["object"]["id"] == *uri;
    let update = peer.receives("the narrowed thread for mia", narrowed).await;
    assert_eq!(update.url, format!("{MIA}/inbox"));
    let who = &update.body["object"]["interactionPolicy"]["canReply"]["automaticApproval"];
    assert_eq!(*who, json!([world.uri("u/ana")]));
    ana.does("unlock", &post).await;
    told_inside(&world, "its end", undoes("Lock")).await;
    ana.does("feature", &post).await;
    let pin = told_inside(&world, "the pin", is("Add")).await;
    assert_eq!(pin["target"], world.uri("c/den/featured"));
    for (asker, shown) in [(LEMMY, json!([uri])), (NOSY, json!([])), (EVIL, json!([]))] {
        let (_, list) = peer.asks(node, "/c/den/featured", &key(asker)).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        assert_eq!(list["orderedItems"], shown, "{asker}");
    }
    ana.does("unfeature", &post).await;
    told_inside(&world, "its end", is("Remove")).await;
    let remove = format!("/api/v1/statuses/{}/remove", id(&post));
    ana.api.post(&remove, json!({"reason": "Too loud a whisper"})).await;
    let removal = told_inside(&world, "the removal", is("Delete")).await;
    assert_eq!(removal["summary"], "Too loud a whisper");
    ana.does("restore", &post).await;
    told_inside(&world, "its end", undoes("Delete")).await;

    let leo = id(&ana.finds("leo@lemmy.example").await);
    let stewards = format!("/api/v1/groups/{}/stewards", id(den));
    ana.api.post(&stewards, json!({"account_id": leo})).await;
    let appointed = told_inside(&world, "the steward", |inner| inner["object"] == LEO).await;
    assert_eq!(appointed["target"], world.uri("c/den/moderators"));
    // Leo is one now: what he does is passed on as it came.
    let lock = json!({"id": format!("{LEO}/lock/1"), "type": "Lock", "actor": LEO, "object": uri,
        "to": [world.uri("c/den"), world.uri("c/den/followers")], "cc": []});
    assert_eq!(peer.sends(node, "/c/den/inbox", LEO, &lock).await, StatusCode::ACCEPTED);
    told_inside(&world, "leo's lock", |inner| inner["id"] == lock["id"]).await;
    let request = ana.api.request(Method::DELETE, &format!("{stewards}/{leo}"));
    ana.api.send(request).await.ok();
    let is_dismissal = |inner: &Value| inner["type"] == "Remove" && inner["object"] == LEO;
    told_inside(&world, "the end of it", is_dismissal).await;
    let ban = json!({"account_id": leo, "reason": "No whispers from you"});
    ana.api.post(&format!("/api/v1/groups/{}/bans", id(den)), ban).await;
    let banned = peer.receives("the ban", |body| body["type"] == "Block").await;
    assert_eq!(banned.url, "https://lemmy.example/inbox");
    assert_eq!((&banned.body["object"], &banned.body["cc"]), (&json!(LEO), &json!([])));
    // What comes after it is not for who was in.
    ana.does("unlock", &post).await;
    let marker = ana.posts("The last whisper @den").await;
    let is_marker = |body: &Value| body["object"]["id"] == marker["uri"];
    assert_eq!(peer.receives("it", is_marker).await.url, format!("{MIA}/inbox"));

    for received in peer.received() {
        let (text, url) = (received.body.to_string(), &received.url);
        assert!(!url.contains("nosy") && !url.contains("evil"), "{url}: {text}");
        assert!(!text.contains(PUBLIC), "{url}: {text}");
        assert!(url != "https://lemmy.example/inbox" || !is_marker(&received.body), "{text}");
        let act = received.body["id"].as_str().unwrap();
        let answer = node.public().try_get(act).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}: {}", answer.text);
    }
}

async fn members_elsewhere_see_what_stewards_do(database: Database) {
    let (oak, elm) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (oak.member("ana").await, elm.member("ben").await);
    let (chloe, eve) = (oak.member("chloe").await, elm.member("eve").await);
    oak.run(&["group", "create", "den", "--purpose", "We talk", "--founder", "ana", "--private"]);
    let handle = format!("den@{}", oak.domain());
    for (member, acct) in [(&chloe, "chloe"), (&ben, &*ben.handle)] {
        let den = id(&member.finds(&handle).await);
        member.api.post(&format!("/api/v1/accounts/{den}/follow"), json!({})).await;
        ana.is_told("follow_request", acct).await;
        let waiting = ana.api.get("/api/v1/follow_requests").await;
        let path = format!("/api/v1/follow_requests/{}/authorize", id(&waiting[0]));
        ana.api.post(&path, json!({})).await;
    }
    let den = id(&ben.finds(&handle).await);
    eventually("oak knows what elm runs", || async {
        oak.run(&["server", "list", "--json"]).contains("commonhold").then_some(())
    })
    .await;

    let post = chloe.posts("A whisper across @den").await;
    let there = ben.sees("A whisper across").await;
    // Members answer at once: what is for the group asks nobody's approval.
    let reply = ben.replies(&there, "I hear").await;
    ana.sees_below(&post, "I hear").await;
    let path = format!("/api/v1/statuses/{}", id(&reply));
    eventually("the group passes it on", || async {
        (ben.api.get(&path).await["submission"]["state"] == "confirmed").then_some(())
    })
    .await;

    ana.does("lock", &post).await;
    ana.does("feature", &post).await;
    let pinned = format!("/api/v1/accounts/{den}/statuses?pinned=true");
    eventually("ben sees it pinned", || async {
        let listed = ben.api.get(&pinned).await;
        (listed[0]["id"] == there["id"]).then_some(())
    })
    .await;
    assert_eq!(eve.api.get(&pinned).await, json!([]), "eve is not in");
    let late = json!({"status": "And yet", "in_reply_to_id": id(&there)});
    ben.api.try_post("/api/v1/statuses", late).await.refused(403);

    let path = format!("/api/v1/statuses/{}", id(&there));
    let shown = async || ben.api.try_get(&path).await.status.is_success();
    ana.does("remove", &post).await;
    eventually("ben sees it no more", || async { (!shown().await).then_some(()) }).await;
    ana.does("unlock", &post).await;
    ana.does("restore", &post).await;
    eventually("ben sees it again", || async { shown().await.then_some(()) }).await;
    ben.replies(&there, "Thank you").await;
    ana.sees_below(&post, "Thank you").await;

    // A steward's own post comes back too: nobody deleted it.
    let own = ana.posts("A whisper of her own @den").await;
    let there = ben.sees("A whisper of her own").await;
    let path = format!("/api/v1/statuses/{}", id(&there));
    let shown = async || ben.api.try_get(&path).await.status.is_success();
    ana.does("remove", &own).await;
    eventually("ben sees it no more", || async { (!shown().await).then_some(()) }).await;
    ana.does("restore", &own).await;
    eventually("ben sees it again", || async { shown().await.then_some(()) }).await;
}

/// What a stream has said by the time it carries `last`.
async fn heard_until(mut stream: Response, last: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(last) {
        let piece = stream.chunk().await.unwrap().expect("the stream goes on");
        heard.push_str(&String::from_utf8_lossy(&piece));
    }
    heard
}

async fn listen(api: &Api, stream: &str) -> Response {
    let path = format!("/api/v1/streaming/{stream}");
    api.request(Method::GET, &path).send().await.unwrap()
}

async fn what_is_for_few_shows_at_no_door(database: Database) {
    let world = world(database).await;
    let World { peer, node, ana, ben, den, .. } = &world;
    let streams = [
        listen(&ben.api, "user").await,
        listen(&ben.api, "public").await,
        listen(&ben.api, "hashtag?tag=secret").await,
    ];
    // In the private group, though ben follows her and is named; to one person; to followers of
    // somebody ben does not follow.
    let inside = ana.posts("A whisper in the den #secret @den @ben").await;
    let body = json!({"status": "A whisper to @chloe alone #secret", "visibility": "direct"});
    let direct = ana.api.post("/api/v1/statuses", body).await;
    let body = json!({"status": "A whisper to followers #secret", "visibility": "private"});
    let followers = world.chloe.api.post("/api/v1/statuses", body).await;
    ana.posts("An open #secret, the last word").await;
    for stream in streams {
        let heard = heard_until(stream, "the last word").await;
        assert!(!heard.contains(WHISPER), "{heard}");
    }

    for post in [&inside, &direct, &followers] {
        let uri = post["uri"].as_str().unwrap();
        let path = uri.strip_prefix(&node.origin()).unwrap();
        let short = id(post);
        let author = post["account"]["acct"].as_str().unwrap();
        // Looked up as servers do: unsigned, or signed by whoever is not meant.
        for part in ["", "/replies", "/context", "/likes", "/create"] {
            let path = format!("{path}{part}");
            let request = node.public().request(Method::GET, &path);
            let request = request.header("Accept", "application/activity+json");
            let answer = node.public().send(request).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text);
            for stranger in [NOSY, EVIL] {
                let (status, said) = peer.asks(node, &path, &key(stranger)).await;
                assert_eq!(status, StatusCode::NOT_FOUND, "{path} by {stranger}: {said}");
            }
        }
        // Asked for with an app, without a token and with ben's.
        for api in [&node.public(), &ben.api] {
            for path in [
                format!("/api/v1/statuses/{short}"),
                format!("/api/v1/statuses/{short}/context"),
                format!("/api/v1/statuses/{short}/history"),
                format!("/api/v1/statuses/{short}/source"),
            ] {
                let answer = api.try_get(&path).await;
                assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
                assert!(!answer.text.contains(WHISPER), "{path}: {}", answer.text);
            }
            let refused =
                api.try_post(&format!("/api/v1/statuses/{short}/reblog"), json!({})).await;
            assert!(refused.status.is_client_error(), "{}", refused.text);
        }
        let page = node.page(&format!("/@{author}/{short}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    let (status, _) = peer.asks(node, inside_path(&inside, node), &key(MIA)).await;
    assert_eq!(status, StatusCode::OK, "who is meant reads it");
    let (status, _) = peer.asks(node, inside_path(&inside, node), &key(LEMMY)).await;
    assert_eq!(status, StatusCode::OK, "and the server of who is meant");
    let reblog = ana.try_does("reblog", &inside).await;
    assert!(reblog.status.is_client_error(), "{}", reblog.text);

    // Every list and page that anyone may see.
    let (ana_id, den_id) = (&ana.id, id(den));
    let lists = [
        "/api/v1/timelines/public?limit=40".to_owned(),
        "/api/v1/timelines/tag/secret".to_owned(),
        format!("/api/v1/accounts/{ana_id}/statuses"),
        format!("/api/v1/accounts/{den_id}/statuses"),
        format!("/api/v1/accounts/{}/statuses", world.chloe.id),
        "/api/v2/search?q=whisper".to_owned(),
        format!("/api/v2/search?resolve=true&q={}", inside["uri"].as_str().unwrap()),
        "/u/ana/outbox?page=true".to_owned(),
        "/u/chloe/outbox?page=true".to_owned(),
        "/c/den/outbox?page=true".to_owned(),
        "/c/den/outbox".to_owned(),
        "/c/den/featured".to_owned(),
        "/u/ana/featured".to_owned(),
        format!("/api/v1/groups/{den_id}/help"),
    ];
    let pages = [
        "/",
        "/@den",
        "/@ana",
        "/@chloe",
        "/tags/secret",
        "/@den.rss",
        "/@ana.rss",
        "/@den.atom",
        "/@ana.atom",
        "/tags/secret.rss",
        "/tags/secret.atom",
        "/@den/feed",
        "/about",
    ];
    let pages = pages.iter().map(|page| (*page).to_owned());
    for path in lists.into_iter().chain(pages) {
        for api in [&node.public(), &ben.api] {
            let answer = api.try_get(&path).await;
            assert!(!answer.text.contains(WHISPER), "{path}: {}", answer.text);
        }
    }
    for path in ["/api/v1/timelines/home?limit=40", "/api/v1/notifications?limit=80"] {
        let answer = ben.api.try_get(path).await.text;
        assert!(!answer.contains(WHISPER), "{path}: {answer}");
    }
    // What went over the wire is not to be had by its id.
    for received in peer.received() {
        let text = received.body.to_string();
        if let Some(id) = received.body["id"].as_str().filter(|_| text.contains(WHISPER)) {
            assert!(!text.contains(PUBLIC), "{text}");
            let answer = node.public().try_get(id).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}: {}", answer.text);
        }
    }
}

/// The ids in a collection below a post, as `asker` sees it.
async fn listed(world: &World, post: &Value, part: &str, asker: &str) -> (StatusCode, Value) {
    let path = format!("{}/{part}", inside_path(post, &world.node));
    let (status, body) = world.peer.asks(&world.node, &path, &key(asker)).await;
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let items = body.get("items").or_else(|| body.get("orderedItems"));
    (status, items.cloned().unwrap_or_else(|| body["totalItems"].clone()))
}

async fn what_is_for_few_is_listed_for_them(database: Database) {
    let world = world(database).await;
    let inside = world.ana.posts("A whisper in the den @den").await;
    let answer = world.chloe.replies(&inside, "A whisper back").await;
    let aside = json!({"status": "A whisper to @ana alone", "visibility": "direct",
        "in_reply_to_id": id(&answer)});
    world.chloe.api.post("/api/v1/statuses", aside).await;
    // Who is in has the thread, but for what is between two; so has the server of who is in.
    for asker in [MIA, LEO, LEMMY] {
        for (post, part, ids) in [
            (&inside, "replies", json!([answer["uri"]])),
            (&answer, "replies", json!([])),
            (&inside, "context", json!([inside["uri"], answer["uri"]])),
            (&inside, "likes", json!(0)),
        ] {
            let (status, found) = listed(&world, post, part, asker).await;
            assert_eq!((status, &found), (StatusCode::OK, &ids), "{part} for {asker}");
        }
    }
    // What is between two is listed for the one it was said to.
    let body = json!({"status": "A whisper to @mia@masto.example", "visibility": "direct"});
    let direct = world.ana.api.post("/api/v1/statuses", body).await;
    for part in ["replies", "context", "likes"] {
        assert_eq!(listed(&world, &direct, part, MIA).await.0, StatusCode::OK, "{part}");
        for stranger in [LEO, LEMMY, NOSY, EVIL] {
            let (status, _) = listed(&world, &direct, part, stranger).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{part} for {stranger}");
        }
    }
}

fn inside_path<'p>(post: &'p Value, node: &Node) -> &'p str {
    post["uri"].as_str().unwrap().strip_prefix(&node.origin()).unwrap()
}

async fn both_sides_agree_on_who_follows(database: Database) {
    let world = world(database).await;
    let World { peer, node, ana, ben, chloe, .. } = &world;
    // Ana and chloe follow mia, as this node remembers; mia's server remembers ben.
    for member in [ana, chloe] {
        let account = id(&member.finds("mia@masto.example").await);
        member.api.post(&format!("/api/v1/accounts/{account}/follow"), json!({})).await;
        let me = world.uri(&format!("u/{}", member.name));
        let is_follow = |body: &Value| body["type"] == "Follow" && body["actor"] == *me;
        let request = peer.receives("the follow", is_follow).await.body;
        let accept = json!({"id": format!("{MIA}/accept/{}", member.name), "type": "Accept",
            "actor": MIA, "object": request});
        assert_eq!(peer.sends(node, "/inbox", MIA, &accept).await, StatusCode::ACCEPTED);
    }
    let list = format!("{MIA}/followers_synchronization");
    peer.serves(
        &list,
        &json!({"id": list, "type": "OrderedCollection",
            "orderedItems": [world.uri("u/ana"), world.uri("u/ben")]}),
    );
    let sends = async |number: u32, header: String| {
        let post = json!({"id": format!("{MIA}/s/{number}"), "type": "Note", "attributedTo": MIA,
            "to": [format!("{MIA}/followers")], "cc": [], "content": format!("<p>only {number}</p>")});
        let create = json!({"id": format!("{MIA}/c/{number}"), "type": "Create", "actor": MIA,
            "to": post["to"], "cc": [], "object": post});
        let request = peer.signs(node, "/inbox", &key(MIA), create.to_string().into_bytes());
        let answer = request.header("Collection-Synchronization", header).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
    };
    let digest = "0".repeat(64);
    // A list on another server, or of somebody else, says nothing.
    let foreign = "https://evil.example/list";
    sends(1, format!("collectionId=\"{MIA}/followers\", url=\"{foreign}\", digest=\"{digest}\""))
        .await;
    sends(2, format!("collectionId=\"{NOSY}/followers\", url=\"{list}\", digest=\"{digest}\""))
        .await;
    ana.sees("only 2").await;
    assert!(!peer.asked().iter().any(|url| url == foreign || *url == list));

    sends(3, format!("collectionId=\"{MIA}/followers\", url=\"{list}\", digest=\"{digest}\""))
        .await;
    let account = id(&chloe.finds("mia@masto.example").await);
    let following = async |member: &Member| {
        let path = format!("/api/v1/accounts/relationships?id[]={account}");
        member.api.get(&path).await[0]["following"] == true
    };
    eventually("a follow that mia's server does not know ends", || async {
        (!following(chloe).await).then_some(())
    })
    .await;
    assert!(following(ana).await, "one it knows stays");
    let ben_there = world.uri("u/ben");
    let is_undo = |body: &Value| body["type"] == "Undo" && body["actor"] == *ben_there;
    let undo = peer.receives("the end of a follow that is not known here", is_undo).await.body;
    assert_eq!(
        (&undo["object"]["type"], &undo["object"]["object"]),
        (&json!("Follow"), &json!(MIA))
    );
    assert!(!following(ben).await && says(&ana.sees("only 3").await, "only 3"));
}
