//! People and groups that go from one server to another.
use serde_json::{Value, json};

use super::{World, world};
use crate::harness::{Database, Member, eventually, id};

stories!(who_moves_keeps_the_followers, a_move_that_one_side_denies_is_none, a_member_moves_away);

const OLD: &str = "https://masto.example/users/mia";
const NEW: &str = "https://lemmy.example/u/mia";

/// Bob follows somebody elsewhere, who accepts.
async fn follows(world: &World, handle: &str, actor: &str) -> String {
    let account = id(&world.bob.finds(handle).await);
    world.bob.api.post(&format!("/api/v1/accounts/{account}/follow"), json!({})).await;
    accepts(world, actor).await;
    account
}

async fn accepts(world: &World, actor: &str) {
    let asked = |b: &Value| b["type"] == "Follow" && b["object"] == actor;
    let follow = world.peer.receives("the Follow", asked).await.body;
    let accept = json!({"id": format!("{actor}/accepts"), "type": "Accept", "actor": actor,
        "object": follow});
    world.sends(actor, &accept).await;
}

async fn following(member: &Member, account: &str) -> bool {
    let path = format!("/api/v1/accounts/relationships?id[]={account}");
    member.api.get(&path).await[0]["following"] == true
}

fn moves(from: &str, to: &str) -> Value {
    json!({"id": format!("{from}#moves/1"), "type": "Move", "actor": from, "object": from,
        "target": to, "to": format!("{from}/followers")})
}

async fn who_moves_keeps_the_followers(database: Database) {
    for (kind, old, new) in [
        ("Person", OLD, NEW),
        ("Group", "https://lemmy.example/c/old", "https://piefed.example/c/new"),
    ] {
        let world = world(database).await;
        let mut before = world.peer.actor(old, kind);
        let mut after = world.peer.actor(new, kind);
        let name = |actor: &str| actor.rsplit('/').next().unwrap().to_owned();
        let host = |actor: &str| actor.split('/').nth(2).unwrap().to_owned();
        let handle = format!("@{}@{}", name(old), host(old));
        let account = follows(&world, &handle, old).await;
        before["movedTo"] = json!(new);
        world.peer.introduces(&before);
        after["alsoKnownAs"] = json!([old]);
        world.peer.introduces(&after);
        world.sends(old, &moves(old, new)).await;
        world
            .peer
            .receives("the end of the old follow", |b| {
                b["type"] == "Undo" && b["object"]["object"] == old
            })
            .await;
        accepts(&world, new).await;
        let handle = format!("@{}@{}", name(new), host(new));
        let there = id(&world.bob.finds(&handle).await);
        eventually("Bob follows the new account", || async {
            following(&world.bob, &there).await.then_some(())
        })
        .await;
        assert!(!following(&world.bob, &account).await);
    }
}

async fn a_move_that_one_side_denies_is_none(database: Database) {
    let world = world(database).await;
    let alice = "https://node.example/u/alice";
    let mut followed = Vec::new();
    // Neither says so; only the old one does; only the new one; and somebody here knows of nothing.
    for (name, old_says, new_says) in
        [("ann", false, false), ("bea", true, false), ("cat", false, true), ("dan", true, false)]
    {
        let (old, there) = (
            format!("https://masto.example/users/{name}"),
            format!("https://lemmy.example/u/{name}"),
        );
        let new = if name == "dan" { alice.to_owned() } else { there };
        let mut before = world.peer.person(&old);
        if old_says {
            before["movedTo"] = json!(new);
            world.peer.introduces(&before);
        }
        if name != "dan" {
            let mut after = world.peer.person(&new);
            after["alsoKnownAs"] = if new_says { json!([old]) } else { json!([]) };
            world.peer.introduces(&after);
        }
        followed.push(follows(&world, &format!("@{name}@masto.example"), &old).await);
        world.sends(&old, &moves(&old, &new)).await;
    }
    // Nobody moves another.
    let mallory = "https://evil.example/u/mallory";
    world.peer.person(mallory);
    let mut forged = moves("https://masto.example/users/ann", "https://lemmy.example/u/ann");
    forged["actor"] = json!(mallory);
    forged["id"] = json!(format!("{mallory}/move"));
    world.is_refused(mallory, &forged).await;
    for name in ["ann", "bea", "cat", "dan"] {
        eventually("both sides are asked", || async {
            let all = world.peer.asked();
            let times = all.iter().filter(|url| url.ends_with(&format!("/users/{name}"))).count();
            (times >= 2).then_some(())
        })
        .await;
    }
    for account in &followed {
        assert!(following(&world.bob, account).await);
    }
}

async fn a_member_moves_away(database: Database) {
    let world = world(database).await;
    world.peer.person(OLD);
    let bob = "https://node.example/u/bob";
    let follow = json!({"id": format!("{OLD}/follow"), "type": "Follow", "actor": OLD,
        "object": bob});
    world.sends(OLD, &follow).await;
    world.tells("masto.example", "the Accept", |b| b["type"] == "Accept").await;
    let mut after = world.peer.person(NEW);
    let to = |password: &str| json!({"moved_to_uri": NEW, "password": password});
    let path = "/api/v1/accounts/move";
    world.bob.api.try_post(path, to("a guess at a password")).await.refused(403);
    world.bob.api.try_post(path, to(Member::PASSWORD)).await.refused(422);
    after["alsoKnownAs"] = json!([bob]);
    world.peer.introduces(&after);
    let done = world.bob.api.try_post(path, to(Member::PASSWORD)).await;
    assert_eq!(done.status, 202, "{}", done.text);
    let told = world.tells("masto.example", "the move", |b| b["type"] == "Move").await;
    assert_eq!((&told["object"], &told["target"]), (&json!(bob), &json!(NEW)));
    let shown = world.node.public().activity("/u/bob").await;
    assert_eq!(shown["movedTo"], NEW);
    world.bob.api.try_post(path, to(Member::PASSWORD)).await.refused(422);

    // And in: an account elsewhere is named as one's own.
    let body = json!({"also_known_as_uris": [OLD]});
    world.alice.api.post("/api/v1/accounts/alias", body).await;
    let shown = world.node.public().activity("/u/alice").await;
    assert_eq!(shown["alsoKnownAs"], json!([OLD]));
}
