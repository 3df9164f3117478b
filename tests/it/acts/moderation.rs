//! Stewards here and elsewhere, in groups here and elsewhere.
use serde_json::{Value, json};

use super::{GROUP, PUBLIC, World, announces, create, world};
use crate::harness::{Database, eventually, id};

stories!(
    a_steward_removes_and_restores,
    a_locked_thread_takes_no_answers,
    the_banned_do_not_write,
    a_steward_elsewhere_acts_here,
    groups_elsewhere_are_moderated_there,
    members_look_after_groups_elsewhere,
    what_a_refused_ban_hid_comes_back,
);

const LEO: &str = "https://lemmy.example/u/leo";
const MIA: &str = "https://masto.example/users/mia";
const MALLORY: &str = "https://evil.example/u/mallory";
const GARDEN: &str = "https://lemmy.example/c/garden";

fn act(kind: &str, actor: &str, object: &Value, more: Value) -> Value {
    let salt = format!("{kind}{object}{more}").bytes().map(u32::from).sum::<u32>();
    let mut act = json!({
        "id": format!("{actor}/acts/{salt}"), "type": kind, "actor": actor, "object": object,
        "to": [PUBLIC], "cc": [GROUP], "audience": GROUP,
    });
    act.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    act
}

fn undo(act: &Value) -> Value {
    json!({
        "id": format!("{}/undo", act["id"].as_str().unwrap()), "type": "Undo",
        "actor": act["actor"], "object": act, "to": act["to"], "cc": act["cc"],
    })
}

async fn shows(world: &World, post: &Value) -> bool {
    let path = format!("/api/v1/statuses/{}", id(post));
    world.node.public().try_get(&path).await.status.is_success()
}

async fn a_steward_removes_and_restores(database: Database) {
    let world = world(database).await;
    for actor in [LEO, MIA] {
        world.joins(actor).await;
    }
    let spam = world.writes(LEO, "spam", json!({})).await;
    let boost = world.tells("masto.example", "a boost", |b| b["object"] == spam["uri"]).await;
    world.bob.try_does("remove", &spam).await.refused(403);
    let path = format!("/api/v1/statuses/{}/remove", id(&spam));
    world.alice.api.post(&path, json!({"reason": "Not about helping"})).await;

    assert!(!shows(&world, &spam).await, "it is hidden");
    let undone = world.tells("masto.example", "its end", |b| b["type"] == "Undo").await;
    assert_eq!(undone["object"]["id"], boost["id"]);
    let removal = |b: &Value| b["type"] == "Delete" || announces(b, "Delete");
    let told = world.tells("lemmy.example", "the removal", removal).await;
    let told = if told["type"] == "Announce" { told["object"].clone() } else { told };
    assert_eq!(told["summary"], "Not about helping");
    assert_eq!(told["object"], spam["uri"], "Lemmy wants the plain id");
    assert_eq!(world.log().await, [("remove".into(), "Not about helping".into())]);

    // An edit does not bring it back; a steward does.
    world.alice.api.post(&path.replace("/remove", "/restore"), json!({})).await;
    assert!(shows(&world, &spam).await);
    let again = world
        .tells("masto.example", "it again", |b| {
            b["type"] == "Announce" && b["object"] == spam["uri"] && b["id"] != boost["id"]
        })
        .await;
    assert_eq!(again["actor"], GROUP);
    world
        .tells("lemmy.example", "the restoration", |b| {
            let inner = if b["type"] == "Announce" { &b["object"] } else { b };
            inner["type"] == "Undo" && inner["object"]["type"] == "Delete"
        })
        .await;
    assert_eq!(world.log().await.len(), 2);

    // Of what was removed its author's deletion leaves nothing to restore.
    let own = world.bob.posts("Mine @help").await;
    let path = format!("/api/v1/statuses/{}", id(&own));
    world.alice.api.post(&format!("{path}/remove"), json!({})).await;
    world.bob.is_told("moderation_warning", "help").await;
    let request = world.bob.api.request(reqwest::Method::DELETE, &path);
    world.bob.api.send(request).await.ok();
    world.alice.api.try_post(&format!("{path}/restore"), json!({})).await;
    assert_eq!(world.bob.api.try_get(&path).await.status, 404, "nothing is left to restore");
    let again = world.bob.api.request(reqwest::Method::DELETE, &path);
    world.bob.api.send(again).await.refused(404);
}

async fn a_locked_thread_takes_no_answers(database: Database) {
    let world = world(database).await;
    for actor in [LEO, MIA] {
        world.joins(actor).await;
    }
    let thread = world.bob.posts("A quarrel @help").await;
    world.tells("lemmy.example", "the thread", |b| announces(b, "Create")).await;
    let path = format!("/api/v1/statuses/{}", id(&thread));
    world.alice.api.post(&format!("{path}/lock"), json!({"reason": "Cool down"})).await;
    let locked = world.tells("lemmy.example", "the lock", |b| announces(b, "Lock")).await;
    assert_eq!(locked["object"]["object"], thread["uri"]);
    let update = world.tells("masto.example", "the narrowed post", |b| b["type"] == "Update").await;
    let who = &update["object"]["interactionPolicy"]["canReply"]["automaticApproval"];
    assert_eq!(*who, json!(["https://node.example/u/bob"]));

    let body = json!({"status": "And another thing", "in_reply_to_id": id(&thread)});
    world.bob.api.try_post("/api/v1/statuses", body).await.refused(403);
    let note = json!({
        "id": format!("{MIA}/notes/late"), "type": "Note", "attributedTo": MIA, "to": [PUBLIC],
        "cc": [GROUP], "content": "<p>late</p>", "inReplyTo": thread["uri"],
    });
    world.is_refused(MIA, &create(MIA, &note)).await;
    assert!(world.alice.thread(&thread).await.is_empty());

    world.alice.api.post(&format!("{path}/unlock"), json!({})).await;
    world.tells("lemmy.example", "the unlocking", |b| announces(b, "Undo")).await;
    world.bob.replies(&thread, "Sorry").await;
    world.alice.sees_below(&thread, "Sorry").await;

    // What a group pins is the first thing other servers read of it.
    world.alice.api.post(&format!("{path}/feature"), json!({})).await;
    let pinned = world.tells("lemmy.example", "the pin", |b| announces(b, "Add")).await;
    assert_eq!(pinned["object"]["target"], format!("{GROUP}/featured"));
    let featured = world.node.public().activity("/c/help/featured").await;
    assert_eq!(featured["orderedItems"], json!([thread["uri"]]));
    let deeds: Vec<String> = world.log().await.into_iter().map(|(deed, _)| deed).collect();
    assert_eq!(deeds, ["pin", "unlock", "lock"]);
}

async fn the_banned_do_not_write(database: Database) {
    let world = world(database).await;
    world.joins(LEO).await;
    world.joins(MALLORY).await;
    let spam = world.writes(MALLORY, "spam", json!({})).await;
    let more = world.writes(MALLORY, "more", json!({})).await;
    let thread = world.bob.posts("Hello @help").await;
    let path = format!("/api/v1/groups/{}/bans", id(&world.group));
    let body = json!({"account_id": id(&spam["account"]), "reason": "spam", "remove_posts": true,
        "ends_at": "2099-01-01T00:00:00Z"});
    world.bob.api.try_post(&path, body.clone()).await.refused(403);
    let ban = world.alice.api.post(&path, body).await;
    assert_eq!(ban["ends_at"], "2099-01-01T00:00:00.000Z");

    let told = world.tells("lemmy.example", "the ban", |b| announces(b, "Block")).await;
    assert_eq!(told["object"]["target"], GROUP);
    assert_eq!(told["object"]["object"], MALLORY);
    assert_eq!(told["object"]["removeData"], true);
    assert_eq!(told["object"]["endTime"], "2099-01-01T00:00:00.000Z");
    world.tells("evil.example", "the end of membership", |b| b["type"] == "Reject").await;
    eventually("what they wrote is gone", || async {
        (!shows(&world, &spam).await && !shows(&world, &more).await).then_some(())
    })
    .await;

    let reply = json!({
        "id": format!("{MALLORY}/notes/again"), "type": "Note", "attributedTo": MALLORY,
        "to": [PUBLIC], "cc": [GROUP], "content": "<p>again</p>", "inReplyTo": thread["uri"],
    });
    world.is_refused(MALLORY, &create(MALLORY, &reply)).await;
    let mut root = reply.clone();
    root["id"] = json!(format!("{MALLORY}/notes/root"));
    root.as_object_mut().unwrap().remove("inReplyTo");
    world.is_refused(MALLORY, &create(MALLORY, &root)).await;
    let follow = json!({"id": format!("{MALLORY}/f"), "type": "Follow", "actor": MALLORY,
        "object": GROUP});
    world.is_refused(MALLORY, &follow).await;

    let request = world
        .alice
        .api
        .request(reqwest::Method::DELETE, &format!("{path}/{}", id(&spam["account"])));
    world.alice.api.send(request).await.ok();
    world.tells("lemmy.example", "the end of the ban", |b| announces(b, "Undo")).await;
    root["id"] = json!(format!("{MALLORY}/notes/better"));
    world.sends(MALLORY, &create(MALLORY, &root)).await;
    let better = world.finds_post(&root["id"]).await;

    // A microblog would take it for a block by Alice, and end what the two follow of each other.
    let reply = world.alice.replies(&better, "Welcome back").await;
    let is_reply = |body: &Value| body["object"]["id"] == reply["uri"];
    world.tells("evil.example", "what came after the ban", is_reply).await;
    let of_the_ban = |body: &Value| body.to_string().contains("\"Block\"");
    assert!(
        !world.told("evil.example").iter().any(of_the_ban),
        "a ban is between a group and a person"
    );
}

async fn a_steward_elsewhere_acts_here(database: Database) {
    let world = world(database).await;
    for actor in [LEO, MALLORY] {
        world.joins(actor).await;
    }
    let thread = world.bob.posts("Hello @help").await;
    let uri = thread["uri"].clone();
    let lock = act("Lock", LEO, &uri, json!({"summary": "enough"}));
    world.is_refused(LEO, &lock).await;

    let leo = id(&world.alice.finds("@leo@lemmy.example").await);
    let path = format!("/api/v1/groups/{}/stewards", id(&world.group));
    world.alice.api.post(&path, json!({"account_id": leo})).await;
    let listed = world.node.public().activity("/c/help/moderators").await;
    assert_eq!(listed["orderedItems"], json!(["https://node.example/u/alice", LEO]));

    let lock = act("Lock", LEO, &uri, json!({"summary": "enough now"}));
    world.sends(LEO, &lock).await;
    let body = json!({"status": "But", "in_reply_to_id": id(&thread)});
    world.bob.api.try_post("/api/v1/statuses", body).await.refused(403);
    world.sends(LEO, &undo(&lock)).await;
    world.bob.replies(&thread, "But").await;

    let removal = act("Delete", LEO, &uri, json!({"summary": ""}));
    world.is_refused(MALLORY, &act("Delete", MALLORY, &uri, json!({"summary": ""}))).await;
    world.sends(LEO, &removal).await;
    assert!(!shows(&world, &thread).await, "an empty reason is a reason");
    world.sends(LEO, &undo(&removal)).await;
    assert!(shows(&world, &thread).await);

    let ban = json!({"target": GROUP, "removeData": false, "summary": "spam"});
    world.sends(LEO, &act("Block", LEO, &json!(MALLORY), ban)).await;
    let note = json!({
        "id": format!("{MALLORY}/notes/x"), "type": "Note", "attributedTo": MALLORY,
        "to": [PUBLIC], "cc": [GROUP], "content": "<p>x</p>",
    });
    world.is_refused(MALLORY, &create(MALLORY, &note)).await;
    // A steward of the group is nobody to the node as a whole, nor to its founder.
    let site = json!({"target": "https://node.example/"});
    world.is_refused(LEO, &act("Block", LEO, &json!(MALLORY), site)).await;
    let founder = json!("https://node.example/u/alice");
    world.is_refused(LEO, &act("Block", LEO, &founder, json!({"target": GROUP}))).await;
    let deeds: Vec<String> = world.log().await.into_iter().map(|(deed, _)| deed).collect();
    assert_eq!(deeds, ["ban", "restore", "remove", "unlock", "lock", "appoint"]);
}

/// An activity as the garden's group passes it on.
fn passed_on(inner: &Value) -> Value {
    json!({
        "id": format!("{GARDEN}/announce/{}", inner["id"].as_str().unwrap().len()),
        "type": "Announce", "actor": GARDEN, "to": [PUBLIC], "cc": [format!("{GARDEN}/followers")],
        "object": inner,
    })
}

/// A group on lemmy.example that `moderator` moderates, with Alice in it and a thread of Leo's; the
/// group's account and the thread as Alice sees them, and the thread as Leo's server shows it.
async fn garden(world: &World, moderator: &str) -> (String, Value, Value) {
    let mut garden = world.peer.actor(GARDEN, "Group");
    garden["attributedTo"] = json!(format!("{GARDEN}/moderators"));
    garden["featured"] = json!(format!("{GARDEN}/featured"));
    world.peer.introduces(&garden);
    let list = json!({"id": format!("{GARDEN}/moderators"), "type": "OrderedCollection",
        "orderedItems": [moderator]});
    world.peer.serves(&format!("{GARDEN}/moderators"), &list);
    for actor in [LEO, MIA, MALLORY] {
        world.peer.person(actor);
    }
    let account = id(&world.alice.finds("@garden@lemmy.example").await);
    world.alice.api.post(&format!("/api/v1/accounts/{account}/follow"), json!({})).await;
    let follow = world.peer.receives("the Follow", |b| b["type"] == "Follow").await.body;
    let accept = json!({"id": format!("{GARDEN}/accept"), "type": "Accept", "actor": GARDEN,
        "object": follow});
    world.sends(GARDEN, &accept).await;
    let page = json!({
        "id": "https://lemmy.example/post/1", "type": "Page", "attributedTo": LEO, "name": "Pears",
        "content": "<p>Pears</p>", "to": [GARDEN, PUBLIC], "cc": [], "audience": GARDEN,
    });
    world.peer.serves("https://lemmy.example/post/1", &page);
    let mut inner = create(LEO, &page);
    inner["audience"] = json!(GARDEN);
    world.sends(GARDEN, &passed_on(&inner)).await;
    let post = world.finds_post(&page["id"]).await;
    (account, post, page)
}

async fn groups_elsewhere_are_moderated_there(database: Database) {
    let world = world(database).await;
    let (account, post, page) = garden(&world, MIA).await;

    // Nobody but the garden's own says what is out of it.
    let removal = act("Delete", MALLORY, &page["id"], json!({"summary": "no", "audience": GARDEN}));
    world.peer.sends(&world.node, "/inbox", MALLORY, &removal).await;
    // A moderator on a third server, passed on by the garden: its list says so.
    let by_mia =
        act("Delete", MIA, &page["id"], json!({"summary": "off topic", "audience": GARDEN}));
    world.sends(GARDEN, &passed_on(&by_mia)).await;
    eventually("it is out of the garden", || async { (!shows(&world, &post).await).then_some(()) })
        .await;
    world.sends(GARDEN, &passed_on(&undo(&by_mia))).await;
    eventually("it is back", || async { shows(&world, &post).await.then_some(()) }).await;
    let pin = act(
        "Add",
        LEO,
        &page["id"],
        json!({"target": format!("{GARDEN}/featured"), "audience": GARDEN}),
    );
    world.sends(GARDEN, &passed_on(&pin)).await;
    let path = format!("/api/v1/accounts/{account}/statuses?pinned=true");
    eventually("it is pinned", || async {
        let pinned = world.alice.api.get(&path).await;
        pinned.as_array().unwrap().iter().any(|one| id(one) == id(&post)).then_some(())
    })
    .await;
}

async fn members_look_after_groups_elsewhere(database: Database) {
    let world = world(database).await;
    let alice = "https://node.example/u/alice";
    let (account, post, page) = garden(&world, alice).await;
    let path = format!("/api/v1/groups/{account}/stewards");
    eventually("alice is known to look after it", || async {
        let listed = world.node.public().get(&path).await;
        (listed[0]["acct"] == "alice").then_some(())
    })
    .await;
    let act = |deed: &str| format!("/api/v1/statuses/{}/{deed}", id(&post));
    for deed in ["remove", "lock", "feature"] {
        world.bob.api.try_post(&act(deed), json!({})).await.refused(403);
    }
    let mallory = id(&world.alice.finds("@mallory@evil.example").await);
    let bans = format!("/api/v1/groups/{account}/bans");
    let ban = json!({"account_id": mallory, "reason": "spam"});
    world.bob.api.try_post(&bans, ban.clone()).await.refused(403);

    // The garden gets each act, from alice, in the shape it gives its own.
    let tells = async |kind: &'static str| {
        let act = world.tells("lemmy.example", kind, |b| b["type"] == kind && b["actor"] == alice);
        let act = act.await;
        assert_eq!((&act["to"], &act["cc"]), (&json!([PUBLIC]), &json!([GARDEN])), "{act}");
        assert_eq!(act["audience"], GARDEN);
        act
    };
    world.alice.api.post(&act("lock"), json!({"reason": "Enough"})).await;
    let lock = tells("Lock").await;
    assert_eq!((&lock["object"], &lock["summary"]), (&page["id"], &json!("Enough")));
    let body = json!({"status": "But", "in_reply_to_id": id(&post)});
    world.bob.api.try_post("/api/v1/statuses", body).await.refused(403);
    world.alice.api.post(&act("feature"), json!({})).await;
    let pin = tells("Add").await;
    assert_eq!(pin["target"], format!("{GARDEN}/featured"));
    world.alice.api.post(&act("remove"), json!({"reason": "Off topic"})).await;
    let removal = tells("Delete").await;
    assert_eq!((&removal["object"], &removal["summary"]), (&page["id"], &json!("Off topic")));
    world.alice.api.post(&bans, ban).await;
    let block = tells("Block").await;
    assert_eq!((&block["object"], &block["target"]), (&json!(MALLORY), &json!(GARDEN)));
    assert!(!shows(&world, &post).await);
    let to_others = world.peer.received().into_iter().filter(|one| one.body["actor"] == alice);
    let to_others = to_others.filter(|one| !one.url.starts_with("https://lemmy.example/")).count();
    assert_eq!(to_others, 0, "the garden tells the others");

    // It comes home from the garden, and is done already. In her name the garden does nothing more.
    let log = async || {
        let entries = world.alice.api.get(&format!("/api/v1/groups/{account}/log")).await;
        let entries = entries.as_array().unwrap().clone();
        entries.iter().map(|entry| entry["deed"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    world.sends(GARDEN, &passed_on(&removal)).await;
    let mut forged = undo(&removal);
    forged["id"] = json!(format!("{alice}/acts/forged"));
    world.sends(GARDEN, &passed_on(&forged)).await;
    assert_eq!(log().await, ["ban", "remove", "pin", "lock"]);

    world.alice.api.post(&act("restore"), json!({})).await;
    let restored = tells("Undo").await;
    assert_eq!(restored["object"]["id"], removal["id"]);
    assert!(shows(&world, &post).await);

    // What the garden refuses did not happen.
    world.peer.answers("https://lemmy.example/inbox", 400);
    world.alice.api.post(&act("remove"), json!({"reason": "Again"})).await;
    eventually("it is back", || async { shows(&world, &post).await.then_some(()) }).await;
    assert_eq!(log().await, ["restore", "remove", "restore", "ban", "remove", "pin", "lock"]);
}

async fn what_a_refused_ban_hid_comes_back(database: Database) {
    let world = world(database).await;
    let alice = "https://node.example/u/alice";
    let (account, post, _) = garden(&world, alice).await;
    let path = format!("/api/v1/groups/{account}/stewards");
    eventually("alice is known to look after it", || async {
        let listed = world.node.public().get(&path).await;
        (listed[0]["acct"] == "alice").then_some(())
    })
    .await;
    // What she took out by itself stays out.
    let other = json!({
        "id": "https://lemmy.example/post/2", "type": "Page", "attributedTo": LEO, "name": "Rude",
        "content": "<p>Rude</p>", "to": [GARDEN, PUBLIC], "cc": [], "audience": GARDEN,
    });
    world.peer.serves("https://lemmy.example/post/2", &other);
    let mut inner = create(LEO, &other);
    inner["audience"] = json!(GARDEN);
    let mut announced = passed_on(&inner);
    announced["id"] = json!(format!("{GARDEN}/announce/rude"));
    world.sends(GARDEN, &announced).await;
    let rude = world.finds_post(&other["id"]).await;
    let remove = format!("/api/v1/statuses/{}/remove", id(&rude));
    world.alice.api.post(&remove, json!({"reason": "Rude"})).await;
    world.tells("lemmy.example", "the removal", |b| b["type"] == "Delete").await;

    // The garden is away when she bans him, and refuses the ban when it is back.
    world.peer.answers("https://lemmy.example/inbox", 503);
    let ban = json!({"account_id": id(&post["account"]), "remove_posts": true});
    world.alice.api.post(&format!("/api/v1/groups/{account}/bans"), ban).await;
    eventually("it is hidden", || async { (!shows(&world, &post).await).then_some(()) }).await;
    world.tells("lemmy.example", "the ban", |b| b["type"] == "Block").await;
    world.peer.answers("https://lemmy.example/inbox", 400);
    eventually("it is back", || async { shows(&world, &post).await.then_some(()) }).await;
    assert!(!shows(&world, &rude).await);
    let log = world.alice.api.get(&format!("/api/v1/groups/{account}/log")).await;
    let deeds: Vec<&str> =
        log.as_array().unwrap().iter().map(|entry| entry["deed"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["restore", "unban", "remove", "ban", "remove"]);
}
