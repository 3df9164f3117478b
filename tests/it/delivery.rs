//! What is on its way arrives: in the right order, once, and whatever dies meanwhile.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::harness::{Database, Node, Peer, Setup, eventually, eventually_within, id};

stories!(
    what_is_for_one_goes_before_what_is_for_all,
    what_a_server_falls_over_holds_nothing_up,
    whoever_dies_nothing_is_lost_or_done_twice,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

async fn follows(peer: &Peer, node: &Node, actor: &str, target: &str) {
    peer.person(actor);
    let follow = json!({
        "id": format!("{actor}/follow"), "type": "Follow", "actor": actor, "object": target,
    });
    assert!(peer.sends(node, "/inbox", actor, &follow).await.is_success());
    let accepts = format!("the Accept for {actor}");
    peer.receives(&accepts, |body| body["type"] == "Accept" && body["object"]["actor"] == actor)
        .await;
}

/// A server was away while much was posted. When it is back, a personal word comes first.
async fn what_is_for_one_goes_before_what_is_for_all(database: Database) {
    let peer = Peer::start(&["away.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let mia = "http://away.example/u/mia";
    follows(&peer, &node, mia, &format!("{}/u/ana", node.origin())).await;
    let inbox = "http://away.example/inbox";
    peer.answers(inbox, 503);
    for i in 0..30 {
        ana.posts(&format!("To everyone, {i}")).await;
    }
    peer.receives("the first try", |body| body["type"] == "Create").await;
    let word = json!({"status": "Only for you, @mia@away.example", "visibility": "direct"});
    ana.api.post("/api/v1/statuses", word).await;
    let tried = peer.received().len();
    peer.answers(inbox, 202);
    let is_create = |body: &Value| body["type"] == "Create";
    eventually("all of it arrives", || async {
        let after: Vec<Value> =
            peer.received().into_iter().skip(tried).map(|one| one.body).filter(is_create).collect();
        let ids: BTreeSet<String> = after.iter().map(|body| body["id"].to_string()).collect();
        (ids.len() > 30).then_some(after)
    })
    .await;
    let after: Vec<Value> = peer.received().into_iter().skip(tried).map(|one| one.body).collect();
    let personal = after.iter().position(|body| body.to_string().contains("Only for you"));
    // One of the others may have been under way already when the server came back.
    assert!(personal.unwrap() <= 1, "it came as number {personal:?} of {}", after.len());
    let others: Vec<&str> = after
        .iter()
        .filter_map(|body| body["object"]["content"].as_str())
        .filter(|content| content.contains("To everyone"))
        .collect();
    let number = |content: &&str| -> usize {
        let digits: String = content.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    let mut order: Vec<usize> = others.iter().map(number).collect();
    order.dedup();
    assert!(order.is_sorted(), "the others keep their order: {order:?}");
}

/// A server answers 500 to one activity, time and again. All others arrive.
async fn what_a_server_falls_over_holds_nothing_up(database: Database) {
    let peer = Peer::start(&["clumsy.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let mia = "http://clumsy.example/u/mia";
    follows(&peer, &node, mia, &format!("{}/u/ana", node.origin())).await;
    peer.falls_over("the stone");
    ana.posts("Here is the stone").await;
    for i in 0..3 {
        ana.posts(&format!("After it, {i}")).await;
    }
    for i in 0..3 {
        let text = format!("After it, {i}");
        peer.receives(&text, |body| body.to_string().contains(&text)).await;
    }
    let tries = || {
        let all = peer.received();
        all.iter().filter(|one| one.body.to_string().contains("the stone")).count()
    };
    let so_far = tries();
    eventually("it is tried again", || async { (tries() > so_far).then_some(()) }).await;
}

/// How much happens while the node dies; `scripts/crash` asks for more.
fn size(name: &str, small: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(small)
}

/// Activities flow in and out of a node that is killed again and again, in the middle of both.
async fn whoever_dies_nothing_is_lost_or_done_twice(database: Database) {
    let (count, crashes) =
        (size("COMMONHOLD_CRASH_ACTIVITIES", 240), size("COMMONHOLD_CRASHES", 4));
    let long = std::time::Duration::from_secs(120 + u64::try_from(count / 10).unwrap());
    let peer = Peer::start(&["crash.example", "reader.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    node.member("ana").await;
    let group = node.group("repairs", "We mend things together", "ana").await;
    let uri = format!("{}/c/repairs", node.origin());
    follows(&peer, &node, "http://reader.example/u/fay", &uri).await;
    let actor = "http://crash.example/u/mia";
    peer.person(actor);

    let (acknowledged, done) = (AtomicUsize::new(0), watch::channel(0));
    let alive = watch::channel(true);
    let hand_in = async |i: usize| {
        let note = json!({
            "id": format!("http://crash.example/n/{i}"), "type": "Note", "attributedTo": actor,
            "to": [PUBLIC], "cc": [uri], "content": format!("<p>Number {i}</p>"),
            "published": commonhold::types::Time::now().rfc3339(),
        });
        let create = json!({
            "id": format!("http://crash.example/n/{i}/create"), "type": "Create", "actor": actor,
            "to": [PUBLIC], "cc": [uri], "object": note,
        });
        let key = format!("{actor}#main-key");
        loop {
            alive.1.clone().wait_for(|alive| *alive).await.unwrap();
            let sent =
                peer.signs(&node, "/inbox", &key, create.to_string().into_bytes()).send().await;
            // As any server does: what was not taken is handed in again.
            if sent.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            tokio::task::yield_now().await;
        }
        let so_far = acknowledged.fetch_add(1, Ordering::SeqCst) + 1;
        done.0.send_replace(so_far);
    };
    let senders = stream::iter(0..count).map(hand_in).buffer_unordered(16).count();
    let killer = async {
        for crash in 1..=crashes {
            // Spread over the whole, and never at the same place in two runs.
            let jitter = rand::random_range(0..=count / (4 * crashes));
            let at = (count * crash / (crashes + 1) + jitter).min(count);
            done.1.clone().wait_for(|so_far| *so_far >= at).await.unwrap();
            alive.0.send_replace(false);
            node.kill9();
            node.restart().await;
            alive.0.send_replace(true);
        }
    };
    tokio::join!(senders, killer);

    // Nothing that was taken is lost, and nothing is there twice.
    let account = format!("/api/v1/accounts/{}", id(&group));
    let boosts = u64::try_from(count).unwrap();
    let posts = || async { node.public().get(&account).await["statuses_count"].as_u64() };
    assert_eq!(posts().await, Some(boosts), "posts that the group passes on");
    let mut found = BTreeSet::new();
    let mut page = Some(format!("{account}/statuses?limit=40"));
    while let Some(path) = page {
        let answer = node.public().try_get(&path).await;
        for status in answer.ok().as_array().unwrap() {
            assert!(found.insert(status["reblog"]["uri"].to_string()), "twice: {status}");
        }
        page = answer.link("next").map(|next| next.replace(&node.origin(), ""));
    }
    assert_eq!(found.len(), count);
    // And everyone elsewhere hears of each: by one id, however often it had to be sent.
    let heard = eventually_within(long, "the reader's server hears of all", || async {
        let mut heard: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in peer.received().iter().filter(|one| one.body["type"] == "Announce") {
            let object = one.body["object"].as_str().unwrap_or_default().to_owned();
            heard.entry(object).or_default().insert(one.body["id"].to_string());
        }
        (heard.len() == count).then_some(heard)
    })
    .await;
    assert!(peer.count("Announce") >= count, "each is sent at least once");
    let twice: Vec<_> = heard.iter().filter(|(_, ids)| ids.len() != 1).collect();
    assert!(twice.is_empty(), "announced under several ids: {twice:?}");
}
