//! Members of this node in groups that live on other software, played in each one's own manner.
use commonhold::types::Time;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, Peer, Setup, eventually, id, original, says};

stories!(
    members_take_part_in_groups_elsewhere,
    a_group_elsewhere_says_no,
    servers_are_limited_and_blocked_at_once,
    a_group_hears_no_votes_on_what_is_between_two,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// How a group's server passes things on.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// The activity, and then, of a thread, the post itself.
    Lemmy,
    /// Several activities in one list.
    PieFed,
    /// One activity in each.
    Mbin,
    /// The post itself, and then the activity.
    NodeBb,
}

/// A group on another server, and somebody who lives there.
struct Elsewhere {
    manner: Manner,
    host: &'static str,
    software: &'static str,
}

const GROUPS: [Elsewhere; 4] = [
    Elsewhere { manner: Manner::Lemmy, host: "lemmy.example", software: "lemmy" },
    Elsewhere { manner: Manner::PieFed, host: "piefed.example", software: "piefed" },
    Elsewhere { manner: Manner::Mbin, host: "mbin.example", software: "mbin" },
    Elsewhere { manner: Manner::NodeBb, host: "nodebb.example", software: "nodebb" },
];

impl Elsewhere {
    fn url(&self, path: &str) -> String {
        format!("https://{}/{path}", self.host)
    }

    fn group(&self) -> String {
        self.url("c/garden")
    }

    fn leo(&self) -> String {
        self.url("u/leo")
    }

    fn handle(&self) -> String {
        format!("garden@{}", self.host)
    }

    fn opens(&self, peer: &Peer) {
        peer.actor(&self.group(), "Group");
        peer.person(&self.leo());
        peer.runs(self.host, self.software);
    }

    /// The group passes on an activity, in its server's manner.
    async fn passes_on(&self, peer: &Peer, node: &Node, name: &str, activity: &Value) {
        let object = &activity["object"];
        let is_thread = object["inReplyTo"].is_null() && object["type"].is_string();
        let whole = match self.manner {
            Manner::PieFed => json!([activity]),
            Manner::Lemmy | Manner::Mbin | Manner::NodeBb => activity.clone(),
        };
        let mut announced = vec![whole];
        match self.manner {
            Manner::Lemmy if is_thread => announced.push(object.clone()),
            Manner::NodeBb if object["type"].is_string() => announced.insert(0, object.clone()),
            Manner::Lemmy | Manner::PieFed | Manner::Mbin | Manner::NodeBb => {}
        }
        for (n, object) in announced.iter().enumerate() {
            let announce = json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": self.url(&format!("activities/announce/{name}/{n}")),
                "type": "Announce",
                "actor": self.group(),
                "to": [PUBLIC],
                "cc": [format!("{}/followers", self.group())],
                "object": object,
            });
            let status = peer.sends(node, "/inbox", &self.group(), &announce).await;
            assert_eq!(status, StatusCode::ACCEPTED, "{}: {announce}", self.software);
        }
    }

    /// What Leo writes in the group, as an activity of his.
    fn writes(&self, number: u32, text: &str, parent: Option<&str>) -> Value {
        let id = self.url(&format!("post/{number}"));
        let to = json!([self.group(), PUBLIC]);
        let mut object = json!({
            "id": id, "type": if parent.is_some() { "Note" } else { "Page" },
            "attributedTo": self.leo(), "to": to, "cc": [], "audience": self.group(),
            "content": format!("<p>{text}</p>"), "mediaType": "text/html",
            "published": "2026-03-01T10:00:00Z",
        });
        match parent {
            Some(parent) => object["inReplyTo"] = json!(parent),
            None => object["name"] = json!(format!("About {text}")),
        }
        json!({
            "id": self.url(&format!("activities/create/{number}")), "type": "Create",
            "actor": self.leo(), "to": to, "cc": [], "audience": self.group(), "object": object,
        })
    }
}

async fn joins(peer: &Peer, node: &Node, member: &Member, place: &Elsewhere) -> String {
    let account = id(&member.finds(&place.handle()).await);
    let follow = format!("/api/v1/accounts/{account}/follow");
    let asked = member.api.post(&follow, json!({})).await;
    assert_eq!((&asked["following"], &asked["requested"]), (&json!(false), &json!(true)));
    let group = place.group();
    let request = peer
        .receives("the Follow", |body| body["type"] == "Follow" && body["object"] == *group)
        .await;
    node.knows_software_of(place.host).await;
    let accept = json!({
        "id": place.url("activities/accept/1"), "type": "Accept", "actor": group,
        "object": request.body,
    });
    assert_eq!(peer.sends(node, "/inbox", &group, &accept).await, StatusCode::ACCEPTED);
    let path = format!("/api/v1/accounts/relationships?id[]={account}");
    assert_eq!(member.api.get(&path).await[0]["following"], true);
    account
}

/// A node that knows these servers, and they it.
async fn world(database: Database) -> (Peer, Node) {
    let hosts = ["lemmy.example", "piefed.example", "mbin.example", "nodebb.example"];
    let peer = Peer::start(&hosts).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    for place in &GROUPS {
        place.opens(&peer);
    }
    (peer, node)
}

fn listed(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

async fn members_take_part_in_groups_elsewhere(database: Database) {
    let (peer, node) = world(database).await;
    let ana = node.member("ana").await;
    for place in &GROUPS {
        takes_part(&peer, &node, &ana, place).await;
    }
}

async fn takes_part(peer: &Peer, node: &Node, ana: &Member, place: &Elsewhere) {
    let software = place.software;
    let account = joins(peer, node, ana, place).await;
    let group = place.group();

    // A thread of hers: addressed so that the group's server takes it.
    let thread = ana.posts(&format!("Slugs eat my {software} lettuce @{}", place.handle())).await;
    let uri = thread["uri"].as_str().unwrap().to_owned();
    let is_create = |body: &Value| body["type"] == "Create" && body["object"]["id"] == *uri;
    let create = peer.receives("her thread", is_create).await.body;
    let object = &create["object"];
    assert!(listed(&create["to"]).contains(&&*group) && listed(&create["to"]).contains(&PUBLIC));
    assert_eq!((&object["to"], &object["cc"]), (&create["to"], &create["cc"]));
    assert_eq!((&create["audience"], &object["audience"]), (&json!(group), &json!(group)));
    assert!(object["name"].as_str().is_some_and(|name| name.starts_with("Slugs")), "{object}");
    assert!(object.get("inReplyTo").is_none(), "{object}");
    let expected = if place.manner == Manner::Mbin { "Page" } else { "Note" };
    assert_eq!(object["type"], expected, "{software}");

    // It waits, and says so, until the group passes it on.
    assert_eq!(thread["submission"]["state"], "pending", "{thread}");
    assert_eq!(thread["submission"]["account_id"], account.as_str());
    let page = format!("/@{}/{}", place.handle(), id(&thread));
    assert!(node.page(&page).await.text.contains("Pending"), "{software}");
    place.passes_on(peer, node, "hers", &create).await;
    let path = format!("/api/v1/statuses/{}", id(&thread));
    assert_eq!(ana.api.get(&path).await["submission"]["state"], "confirmed", "{software}");
    assert!(!node.page(&page).await.text.contains("Pending"), "{software}");

    // An answer to it from there, in whatever form, stands below it once.
    let answer = place.writes(7, "try copper", Some(&uri));
    peer.serves(&place.url("post/7"), &answer["object"]);
    place.passes_on(peer, node, "answer", &answer).await;
    ana.sees_below(&thread, "try copper").await;
    let below = ana.thread(&thread).await;
    assert_eq!(below.len(), 1, "{software}: {below:?}");

    // A thread from there: once in the home timeline, once on the group's page.
    let theirs = place.writes(8, &format!("{software} compost"), None);
    peer.serves(&place.url("post/8"), &theirs["object"]);
    place.passes_on(peer, node, "theirs", &theirs).await;
    let shown = ana.sees(&format!("{software} compost")).await;
    let is_it = |status: &Value| says(&status["reblog"], &format!("{software} compost"));
    let home = ana.home().await;
    assert_eq!(home.iter().filter(|status| is_it(status)).count(), 1, "{software}");
    let list = node.page(&format!("/@{}", place.handle())).await.text;
    assert_eq!(list.matches(&format!("About {software} compost")).count(), 1, "{software}");

    // She votes, answers, changes her mind, and takes it back.
    ana.does("favourite", &shown).await;
    let is_like =
        |body: &Value| body["type"] == "Like" && body["object"] == place.url("post/8").as_str();
    let like = peer.receives("her vote", is_like).await.body;
    assert_eq!((&like["audience"], &like["to"]), (&json!(group), &json!([place.leo()])));
    assert_eq!(like["cc"], json!([group]));
    let reply = ana.replies(&shown, "In layers").await;
    let at = reply["uri"].as_str().unwrap().to_owned();
    let is_reply = |body: &Value| body["type"] == "Create" && body["object"]["id"] == *at;
    let sent = peer.receives("her answer", is_reply).await.body;
    assert_eq!(sent["object"]["inReplyTo"], place.url("post/8").as_str());
    assert_eq!((&sent["audience"], &sent["object"]["type"]), (&json!(group), &json!("Note")));
    assert!(sent["object"].get("name").is_none(), "an answer has no title");
    assert_eq!(reply["submission"]["state"], "pending");
    place.passes_on(peer, node, "reply", &sent).await;
    let path = format!("/api/v1/statuses/{}", id(&reply));
    assert_eq!(ana.api.get(&path).await["submission"]["state"], "confirmed", "{software}");
    let boosted = ana.home().await.iter().filter(|s| says(&s["reblog"], "In layers")).count();
    assert_eq!(boosted, 0, "{software}: an answer is no thread");
    let request = ana.api.request(reqwest::Method::PUT, &path);
    ana.api.send(request.json(&json!({"status": "In thin layers"}))).await.ok();
    let is_update = |body: &Value| body["type"] == "Update" && body["object"]["id"] == *at;
    let update = peer.receives("her change", is_update).await.body;
    assert_eq!(update["audience"], *group);
    ana.api.send(ana.api.request(reqwest::Method::DELETE, &path)).await.ok();
    let gone = |body: &Value| body["type"] == "Delete" && body["object"]["id"] == *at;
    let delete = peer.receives("its end", gone).await.body;
    assert_eq!(delete["audience"], *group);

    // Leaving ends the follow there.
    ana.api.post(&format!("/api/v1/accounts/{account}/unfollow"), json!({})).await;
    let ends = |body: &Value| body["type"] == "Undo" && body["object"]["object"] == *group;
    peer.receives("the end of the follow", ends).await;
}

async fn a_group_elsewhere_says_no(database: Database) {
    let (peer, node) = world(database).await;
    let ana = node.member("ana").await;
    let [lemmy, _, _, nodebb] = &GROUPS;

    // A request that waits can be taken back.
    let account = id(&ana.finds(&lemmy.handle()).await);
    ana.api.post(&format!("/api/v1/accounts/{account}/follow"), json!({})).await;
    let is_follow = |body: &Value| body["type"] == "Follow" && body["object"] == *lemmy.group();
    let asked = peer.receives("the Follow", is_follow).await.body;
    let after = ana.api.post(&format!("/api/v1/accounts/{account}/unfollow"), json!({})).await;
    assert_eq!(after["requested"], false);
    let is_undo = |body: &Value| body["type"] == "Undo" && body["object"]["id"] == asked["id"];
    peer.receives("its Undo", is_undo).await;

    // Refused at the door: Lemmy answers 400 to those it banned.
    peer.answers(&lemmy.url("inbox"), 400);
    let state = |status: Value| {
        let (ana, path) = (&ana, format!("/api/v1/statuses/{}", id(&status)));
        async move {
            eventually("the group's no is shown", || async {
                let submission = ana.api.get(&path).await["submission"].clone();
                (submission["state"] == "refused").then_some(submission)
            })
            .await
        }
    };
    let banned = ana.posts(&format!("Let me in @{}", lemmy.handle())).await;
    let page = format!("/@{}/{}", lemmy.handle(), id(&banned));
    let said = state(banned).await;
    assert!(said["reason"].as_str().unwrap().contains("400"), "{said}");
    assert!(node.page(&page).await.text.contains("did not take it"));

    // Turned away with words, and only the author reads them.
    ana.finds(&nodebb.handle()).await;
    let off_topic = ana.posts(&format!("Football @{}", nodebb.handle())).await;
    let uri = off_topic["uri"].as_str().unwrap().to_owned();
    let is_create = |body: &Value| body["type"] == "Create" && body["object"]["id"] == *uri;
    let create = peer.receives("her thread", is_create).await.body;
    let reject = |id: &str, actor: String| {
        json!({
            "id": nodebb.url(id), "type": "Reject", "actor": actor, "object": create["id"],
            "summary": "<p>Off topic</p>",
        })
    };
    let path = format!("/api/v1/statuses/{}", id(&off_topic));
    peer.sends(&node, "/inbox", &nodebb.leo(), &reject("r/1", nodebb.leo())).await;
    let submission = ana.api.get(&path).await["submission"].clone();
    assert_eq!(submission["state"], "pending", "only the group itself says no");
    peer.sends(&node, "/inbox", &nodebb.group(), &reject("r/2", nodebb.group())).await;
    assert_eq!(state(off_topic).await["reason"], "Off topic");
    assert_eq!(node.public().get(&path).await["submission"]["reason"], Value::Null);
}

async fn a_group_hears_no_votes_on_what_is_between_two(database: Database) {
    let (peer, node) = world(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let [lemmy, ..] = &GROUPS;
    joins(&peer, &node, &ana, lemmy).await;
    let theirs = lemmy.writes(1, "for everyone", None);
    lemmy.passes_on(&peer, &node, "all", &theirs).await;
    let thread = ana.sees("for everyone").await;
    let thread = original(&thread);
    let aside = json!({"status": "@ben between us", "visibility": "direct",
        "in_reply_to_id": id(thread)});
    let aside = ana.api.post("/api/v1/statuses", aside).await;
    ben.does("dislike", &aside).await;
    ben.does("favourite", &aside).await;
    // What goes to one server goes in order: after this one no other is on its way.
    ana.does("dislike", thread).await;
    let voted = |body: &Value| body["type"] == "Dislike" && body["object"] == thread["uri"];
    peer.receives("the vote on the thread", voted).await;
    let uri = aside["uri"].as_str().unwrap();
    let is_vote = |body: &Value| body["type"] == "Dislike" || body["type"] == "Like";
    for received in peer.received().iter().filter(|received| is_vote(&received.body)) {
        assert!(!received.body.to_string().contains(uri), "{}", received.body);
    }
}

async fn servers_are_limited_and_blocked_at_once(database: Database) {
    let (peer, node) = world(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let [lemmy, piefed, ..] = &GROUPS;
    joins(&peer, &node, &ana, lemmy).await;
    let theirs = lemmy.writes(1, "before", None);
    lemmy.passes_on(&peer, &node, "before", &theirs).await;
    ana.sees("before").await;
    let public = async || node.public().get("/api/v1/timelines/public?limit=40").await;
    let in_public = async |text: &str| {
        public().await.as_array().unwrap().iter().any(|status| says(status, text))
    };
    assert!(in_public("before").await);

    // At arm's length: not in public lists, not in anybody's notifications, asks before it follows.
    node.run(&["server", "limit", "LEMMY.example"]);
    assert!(!in_public("before").await);
    ana.sees("before").await;
    let greeting = |number: u32, place: &Elsewhere| {
        let mut create = place.writes(number, "hello there", None);
        let at = format!("{}/u/ana", node.origin());
        create["to"] = json!([PUBLIC, at]);
        create["object"]["to"] = json!([PUBLIC, at]);
        create["object"]["published"] = json!(Time::now().rfc3339());
        create["object"]["tag"] = json!([{"type": "Mention", "href": at, "name": "@ana"}]);
        create["object"].as_object_mut().unwrap().remove("audience");
        create
    };
    peer.sends(&node, "/inbox", &lemmy.leo(), &greeting(2, lemmy)).await;
    peer.sends(&node, "/inbox", &piefed.leo(), &greeting(2, piefed)).await;
    ana.is_told("mention", "leo@piefed.example").await;
    let told = ana.api.get("/api/v1/notifications").await.to_string();
    assert!(!told.contains("leo@lemmy.example"), "{told}");
    let follow = |place: &Elsewhere| {
        json!({"id": place.url("f/1"), "type": "Follow", "actor": place.leo(),
            "object": format!("{}/u/ben", node.origin())})
    };
    peer.sends(&node, "/inbox", &lemmy.leo(), &follow(lemmy)).await;
    peer.sends(&node, "/inbox", &piefed.leo(), &follow(piefed)).await;
    ben.is_told("follow", "leo@piefed.example").await;
    ben.is_told("follow_request", "leo@lemmy.example").await;

    // Out: told once, then nothing in, nothing out, nothing shown.
    node.run(&["server", "block", "lemmy.example"]);
    let ends = |body: &Value| body["type"] == "Undo" && body["object"]["object"] == *lemmy.group();
    peer.receives("the end of the follow", ends).await;
    let more = peer.sends(&node, "/inbox", &lemmy.leo(), &lemmy.writes(3, "more", None)).await;
    assert_eq!(more, StatusCode::FORBIDDEN);
    let again = json!({"id": lemmy.url("a/9"), "type": "Announce", "actor": lemmy.group(),
        "to": [PUBLIC], "object": lemmy.url("post/1")});
    let status = peer.sends(&node, "/inbox", &lemmy.group(), &again).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let path = "/api/v2/search?q=leo&type=accounts";
    let found = ana.api.get(path).await.to_string();
    assert!(!found.contains("lemmy.example") && found.contains("piefed.example"), "{found}");
    let shown = public().await.to_string();
    assert!(!shown.contains("lemmy.example/u/leo") && !in_public("before").await, "{shown}");
    let listed = node.run(&["server", "list", "--restricted", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        (&listed[0]["host"], &listed[0]["policy"]),
        (&json!("lemmy.example"), &json!("blocked"))
    );

    // And back.
    node.run(&["server", "allow", "lemmy.example"]);
    assert!(in_public("before").await);
    let more = peer.sends(&node, "/inbox", &lemmy.leo(), &lemmy.writes(4, "more", None)).await;
    assert_eq!(more, StatusCode::ACCEPTED);
}
