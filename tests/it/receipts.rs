//! What counts as help, and what does not: R1 to R4.
use serde_json::{Value, json};

use crate::harness::{Database, Member, Node, Peer, Setup, eventually, id};

stories!(
    help_is_confirmed_in_each_of_its_ways,
    the_button_is_for_the_one_who_asked,
    what_is_not_help_is_not_counted,
    caps_hold,
    a_thank_you_can_be_taken_back,
    young_accounts_are_not_counted,
    help_by_staff_stands_apart,
);

/// Two nodes, a group on the first, and who takes part.
struct World {
    a: Node,
    b: Node,
    group: Value,
    handle: String,
    ana: Member,
    ben: Member,
}

async fn world(database: Database) -> World {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    let group = a.group("repairs", "We mend things together", "ana").await;
    let handle = format!("repairs@{}", a.domain());
    ben.joins(&handle).await;
    World { a, b, group, handle, ana, ben }
}

impl World {
    /// Somebody of this node asks in the group; the thread as the group's node knows it.
    async fn ask(&self, asker: &Member, text: &str) -> (Value, Value) {
        let ask = asker.posts(&format!("{text} @{}", self.handle)).await;
        (ask, self.ana.sees(text).await)
    }

    async fn figures(&self) -> Value {
        self.a.help(&id(&self.group)).await
    }

    /// Waits until the group counts this many receipts.
    async fn counts(&self, receipts: u64) -> Value {
        eventually(&format!("{receipts} receipts are counted"), || async {
            let figures = self.figures().await;
            (figures["receipts"] == receipts).then_some(figures)
        })
        .await
    }
}

async fn help_is_confirmed_in_each_of_its_ways(database: Database) {
    let world = world(database).await;
    let World { a, ana, ben, handle, .. } = &world;
    let chloe = a.member("chloe").await;
    let dora = a.member("dora").await;
    let emil = a.member("emil").await;

    // A reply with the hashtag, whatever its capitals.
    let (ask, here) = world.ask(ben, "My tap drips").await;
    chloe.replies(&here, &format!("@{} A new washer", ben.handle)).await;
    let answer = ben.sees_below(&ask, "A new washer").await;
    ben.replies(&answer, &format!("@{} It works #Thanks", chloe.handle)).await;
    world.counts(1).await;

    // The button, from another node.
    let (ask, here) = world.ask(ben, "My door squeaks").await;
    dora.replies(&here, &format!("@{} Some oil", ben.handle)).await;
    let answer = ben.sees_below(&ask, "Some oil").await;
    let thanked = ben.does("thanks", &answer).await;
    assert_eq!(id(&thanked), id(&answer));
    world.counts(2).await;

    // A post of its own that names who helped.
    ben.posts(&format!("@{} drove me home #thanks @{handle}", emil.handle)).await;
    let figures = world.counts(3).await;
    assert_eq!(figures, Node::figures(3, 3, 1, 3));

    // And on one node, among its own members.
    let (ask, _) = world.ask(ana, "Which glue for wood?").await;
    let answer = ben.replies(&ben.sees("Which glue for wood?").await, "White glue").await;
    let answer = ana.sees_below(&ask, answer["content"].as_str().unwrap()).await;
    ana.does("thanks", &answer).await;
    let figures = world.counts(4).await;
    assert_eq!((&figures["helpers"], &figures["helped"]), (&json!(4), &json!(2)));
    assert_eq!(figures["by_staff"], 0);
    assert_eq!(figures["window_days"], 90);
}

async fn the_button_is_for_the_one_who_asked(database: Database) {
    let world = world(database).await;
    let World { a, ana, ben, .. } = &world;
    let chloe = a.member("chloe").await;
    let (_, here) = world.ask(ben, "My tap drips").await;
    let answer = chloe.replies(&here, "A new washer").await;
    ana.try_does("thanks", &answer).await.refused(403);
    let outside = ana.posts("Not in a group").await;
    let reply = chloe.replies(&outside, "I know").await;
    ana.try_does("thanks", &reply).await.refused(422);
    a.public()
        .try_post(&format!("/api/v1/statuses/{}/thanks", id(&answer)), json!({}))
        .await
        .refused(401);
    a.public().try_get("/api/v1/groups/1/help").await.refused(404);
    assert_eq!(world.figures().await, Node::figures(0, 0, 0, 0));
}

async fn what_is_not_help_is_not_counted(database: Database) {
    let world = world(database).await;
    let World { a, ana, ben, .. } = &world;
    let chloe = a.member("chloe").await;

    // Helping oneself.
    let (ask, _) = world.ask(ben, "My tap drips").await;
    let own = ben.replies(&ask, "I found a washer").await;
    ben.does("thanks", &own).await;
    // A plain like.
    let here = ana.sees("My tap drips").await;
    chloe.replies(&here, &format!("@{} Turn the water off", ben.handle)).await;
    let answer = ben.sees_below(&ask, "Turn the water off").await;
    ben.does("favourite", &answer).await;
    chloe.is_told("favourite", &ben.handle).await;
    // Thanks by somebody else than the asker.
    ana.replies(&answer_here(ana, &here, "Turn the water off").await, "Clever #thanks").await;
    // A bot.
    let bot = a.member("robot").await;
    let request = bot.api.request(reqwest::Method::PATCH, "/api/v1/accounts/update_credentials");
    bot.api.send(request.json(&json!({"bot": true}))).await.ok();
    bot.replies(&here, &format!("@{} beep boop", ben.handle)).await;
    let beep = ben.sees_below(&ask, "beep boop").await;
    assert_eq!(beep["account"]["bot"], true);
    ben.does("thanks", &beep).await;
    // A receiver who blocks the helper, or is blocked.
    let dora = a.member("dora").await;
    dora.replies(&here, &format!("@{} Buy a new tap", ben.handle)).await;
    let rude = ben.sees_below(&ask, "Buy a new tap").await;
    let them = id(&rude["account"]);
    ben.api.post(&format!("/api/v1/accounts/{them}/block"), json!({})).await;
    let tried = ben.try_does("thanks", &rude).await.status;
    assert!(tried.is_success() || tried == 404, "{tried}");

    // One that counts, after all of these: none of them came before it.
    ben.does("thanks", &answer).await;
    assert_eq!(world.counts(1).await, Node::figures(1, 1, 1, 1));
}

async fn answer_here(member: &Member, thread: &Value, text: &str) -> Value {
    member.sees_below(thread, text).await
}

async fn caps_hold(database: Database) {
    let world = world(database).await;
    let World { a, ben, .. } = &world;
    let chloe = a.member("chloe").await;
    // One per thread and pair, by whatever way; one per pair in seven days.
    for (text, answer) in [("My tap drips", "A washer"), ("My door squeaks", "Some oil")] {
        let (ask, here) = world.ask(ben, text).await;
        chloe.replies(&here, &format!("@{} {answer}", ben.handle)).await;
        let answer = ben.sees_below(&ask, answer).await;
        ben.does("thanks", &answer).await;
        ben.replies(&answer, "Yes #thanks").await;
    }
    assert_eq!(world.counts(1).await, Node::figures(1, 1, 1, 1));

    // Five given out per receiver and day.
    let (ask, here) = world.ask(ben, "Who lends me tools?").await;
    for i in 0..6 {
        let helper = a.member(&format!("helper{i}")).await;
        helper.replies(&here, &format!("@{} Tool number {i}", ben.handle)).await;
        let answer = ben.sees_below(&ask, &format!("Tool number {i}")).await;
        ben.does("thanks", &answer).await;
    }
    // What was sent last is seen on the group's node: all thanks before it were, too.
    ben.posts(&format!("That is all @{}", world.handle)).await;
    chloe.joins("repairs").await;
    eventually("the last post arrives", || async {
        let wall = a.public().get(&format!("/api/v1/accounts/{}/statuses", id(&world.group))).await;
        wall.to_string().contains("That is all").then_some(())
    })
    .await;
    assert_eq!(world.counts(5).await, Node::figures(5, 5, 1, 5));
}

async fn a_thank_you_can_be_taken_back(database: Database) {
    let world = world(database).await;
    let World { a, b, ben, .. } = &world;
    let chloe = a.member("chloe").await;
    let (ask, here) = world.ask(ben, "My tap drips").await;
    chloe.replies(&here, &format!("@{} A washer", ben.handle)).await;
    let answer = ben.sees_below(&ask, "A washer").await;

    ben.does("thanks", &answer).await;
    world.counts(1).await;
    ben.does("unthanks", &answer).await;
    world.counts(0).await;

    let thanks = ben.replies(&answer, &format!("@{} #thanks", chloe.handle)).await;
    world.counts(1).await;
    chloe.is_told("mention", &ben.handle).await;
    // Deleting the reply that helped leaves the receipt; deleting the thanks takes it back.
    let path = format!("/api/v1/statuses/{}", id(&thanks));
    ben.api.send(ben.api.request(reqwest::Method::DELETE, &path)).await.ok();
    world.counts(0).await;
    assert_eq!(b.public().try_get(&path).await.status, 404);
}

async fn young_accounts_are_not_counted(database: Database) {
    let setup = Setup::new(database).with("MIN_ACCOUNT_AGE_DAYS", "3");
    let node = setup.start().await;
    let (ana, chloe) = (node.member("ana").await, node.member("chloe").await);
    let group = node.group("repairs", "We mend things together", "ana").await;
    let ask = ana.posts("My tap drips @repairs").await;
    let answer = chloe.replies(&ask, "A washer").await;
    ana.does("thanks", &answer).await;
    assert_eq!(node.help(&id(&group)).await, Node::figures(0, 0, 0, 0));
}

async fn help_by_staff_stands_apart(database: Database) {
    let node = Node::start(database).await;
    let (olga, ana) = (node.operator("olga").await, node.member("ana").await);
    let group = node.group("repairs", "We mend things together", "ana").await;
    let ask = ana.posts("My tap drips @repairs").await;
    let answer = olga.replies(&ask, "A washer").await;
    ana.does("thanks", &answer).await;
    let figures = node.help(&id(&group)).await;
    assert_eq!((&figures["receipts"], &figures["by_staff"]), (&json!(0), &json!(1)), "{figures}");
}

/// A 🙏 from a server that has reactions is a receipt; a plain like is none.
mod reactions {
    use super::*;

    stories!(a_reaction_from_elsewhere_is_counted);

    async fn a_reaction_from_elsewhere_is_counted(database: Database) {
        let peer = Peer::start(&["misskey.example"]).await;
        let node = peer.known_to(Setup::new(database)).start().await;
        let (ana, chloe) = (node.member("ana").await, node.member("chloe").await);
        let group = node.group("repairs", "We mend things together", "ana").await;
        let actor = "https://misskey.example/users/mika";
        peer.person(actor);
        let to = format!("{}/c/repairs", node.origin());
        let follow = json!({
            "id": "https://misskey.example/follows/1", "type": "Follow",
            "actor": actor, "object": to,
        });
        assert!(peer.sends(&node, "/inbox", actor, &follow).await.is_success());
        peer.receives("the Accept", |body| body["type"] == "Accept").await;
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let note = json!({
            "id": "https://misskey.example/notes/1", "type": "Note", "attributedTo": actor,
            "content": "<p>My lamp flickers</p>", "to": [public, to],
            "tag": [{"type": "Mention", "href": to, "name": "@repairs"}],
            "published": "2026-01-01T00:00:00Z",
        });
        peer.serves("https://misskey.example/notes/1", &note);
        let create = json!({
            "id": "https://misskey.example/notes/1/activity", "type": "Create",
            "actor": actor, "object": note, "to": [public, to],
        });
        assert!(peer.sends(&node, "/inbox", actor, &create).await.is_success());
        let ask = ana.sees("My lamp flickers").await;
        let answer = chloe.replies(&ask, "@mika@misskey.example Tighten the bulb").await;
        let sent = peer.receives("the answer", |body| {
            body["type"] == "Create" && body["object"]["content"].to_string().contains("Tighten")
        });
        let sent = sent.await;
        assert_eq!(sent.url, "https://misskey.example/inbox", "once per shared inbox");
        let signature = &sent.headers["signature"];
        for part in ["(request-target)", "host", "date", "digest", "/u/chloe#main-key"] {
            assert!(signature.contains(part), "{part} is not in {signature}");
        }
        assert!(sent.headers["digest"].starts_with("SHA-256="));
        let like = |n: u32, content: Option<&str>| {
            json!({
                "id": format!("https://misskey.example/likes/{n}"), "type": "Like",
                "actor": actor, "object": answer["uri"], "content": content,
            })
        };
        assert!(peer.sends(&node, "/inbox", actor, &like(1, None)).await.is_success());
        chloe.is_told("favourite", "mika@misskey.example").await;
        assert_eq!(node.help(&id(&group)).await, Node::figures(0, 0, 0, 0));
        assert!(peer.sends(&node, "/inbox", actor, &like(2, Some("🙏"))).await.is_success());
        eventually("the reaction is counted", || async {
            (node.help(&id(&group)).await == Node::figures(1, 1, 1, 1)).then_some(())
        })
        .await;
        let undo = json!({
            "id": "https://misskey.example/undos/1", "type": "Undo", "actor": actor,
            "object": like(2, Some("🙏")),
        });
        assert!(peer.sends(&node, "/inbox", actor, &undo).await.is_success());
        eventually("the reaction is taken back", || async {
            (node.help(&id(&group)).await == Node::figures(0, 0, 0, 0)).then_some(())
        })
        .await;
    }
}
