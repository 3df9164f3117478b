//! First figures of a node as a process: `scripts/bench` runs this and prints what it found.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::doc_markdown,
    clippy::duration_suboptimal_units,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    dead_code,
    unused_imports,
    unused_macros,
    missing_docs
)]

#[macro_use]
#[path = "../tests/it/harness/mod.rs"]
mod harness;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use serde_json::json;

use commonhold::keys::{Algorithm, KeyPair, PublicKey, SigningKey};

use crate::harness::{Database, Member, Node, Peer, Setup, eventually_within, id};

const LONG: Duration = Duration::from_secs(300);
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

#[tokio::main]
async fn main() {
    // `cargo test --benches` asks every benchmark whether it works, without measuring.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // `scripts/bench receives` measures that alone.
    let named: Vec<String> = std::env::args().skip(1).filter(|name| name != "--bench").collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    let mut databases = vec![Database::Sqlite];
    if std::env::var_os("COMMONHOLD_TEST_POSTGRES").is_some() {
        databases.push(Database::Postgres);
    }
    if wanted("signatures") {
        println!("| what | figure |\n|---|---|");
        signatures();
    }
    for database in databases {
        println!("\n## {database:?}\n\n| what | figure |\n|---|---|");
        if wanted("starts") {
            starts(database).await;
        }
        if wanted("reads") {
            reads(database).await;
        }
        if wanted("receives") {
            receives(database).await;
        }
        if wanted("delivers") {
            delivers(database).await;
        }
        if wanted("waits") {
            waits(database).await;
        }
    }
}

fn row(what: &str, figure: &str) {
    println!("| {what} | {figure} |");
}

/// Cold start to the first answered request, and memory at rest after it.
async fn starts(database: Database) {
    let (mut first, mut again) = (Vec::new(), Vec::new());
    let mut memory = 0;
    for _ in 0..5 {
        let node = Node::start(database).await;
        first.push(node.first_start);
        again.push(node.restart().await);
        tokio::time::sleep(Duration::from_secs(5)).await;
        memory = memory.max(resident_kib(&node));
    }
    row("first start, empty folder to first answer (median of 5)", &millis(first));
    row("later start to first answer (median of 5)", &millis(again));
    row("memory at rest, empty database (largest of 5)", &mebibytes(memory));
}

/// Requests per second on one keep-alive connection per client.
async fn reads(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    ben.joins("ana").await;
    for i in 0..1_000 {
        ana.posts(&format!("Post number {i} about **gardens** #garden")).await;
    }
    let home = format!("{}/api/v1/timelines/home", node.origin());
    let bare = wrk(&format!("{}/health", node.origin()), &ben.token);
    let before = cpu(&node);
    let rate = wrk(&home, &ben.token);
    let each = micros(cpu(&node).saturating_sub(before), (rate * 8.0) as usize);
    row(
        "home timeline, 20 of 1,000 posts (8 connections)",
        &format!("{rate:.0} requests/s, {each} of CPU each"),
    );
    row("/health, as what HTTP alone costs", &format!("{bare:.0} requests/s"));
    let public = wrk(&format!("{}/api/v1/timelines/public", node.origin()), &ben.token);
    row("public timeline", &format!("{public:.0} requests/s"));
    row("memory after this", &mebibytes(resident_kib(&node)));
}

fn wrk(url: &str, token: &str) -> f64 {
    let token = format!("Authorization: Bearer {token}");
    let output = Command::new("wrk")
        .args(["-t1", "-c8", "-d8s", "-H", &token, url])
        .output()
        .expect("wrk is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{text}");
    let line = text.lines().find(|line| line.contains("Requests/sec")).expect("wrk says a rate");
    line.split_whitespace().last().unwrap().parse().unwrap()
}

/// Signed Creates by one actor from elsewhere, to a group with one member.
async fn receives(database: Database) {
    const COUNT: usize = 5_000;
    let peer = Peer::start(&["load.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let group = node.group("repairs", "We mend things together", "ana").await;
    let actor = "http://load.example/u/mia";
    peer.person(actor);
    let to = format!("{}/c/repairs", node.origin());
    let signed: Vec<_> = (0..=COUNT)
        .map(|i| {
            let note = json!({
                "id": format!("http://load.example/n/{i}"), "type": "Note",
                "attributedTo": actor, "to": [PUBLIC], "cc": [to],
                "content": format!("<p>Number {i} of many</p>"),
                "published": commonhold::types::Time::now().rfc3339(),
            });
            let create = json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": format!("http://load.example/n/{i}/create"), "type": "Create",
                "actor": actor, "to": [PUBLIC], "cc": [to], "object": note,
            });
            peer.signs(&node, "/inbox", &format!("{actor}#main-key"), create.to_string().into())
        })
        .collect();
    let mut signed = signed.into_iter();
    // The first one makes the node learn of the actor.
    signed.next().unwrap().send().await.unwrap();
    let posts = async || {
        let account = node.public().get(&format!("/api/v1/accounts/{}", id(&group))).await;
        account["statuses_count"].as_u64().unwrap()
    };
    eventually_within(LONG, "the first is there", || async { (posts().await >= 1).then_some(()) })
        .await;
    let (start, before) = (Instant::now(), cpu(&node));
    let mut answers =
        futures_util::stream::iter(signed.map(reqwest::RequestBuilder::send)).buffer_unordered(16);
    while let Some(answer) = answers.next().await {
        assert!(answer.unwrap().status().is_success());
    }
    let taken = start.elapsed();
    drop(ana);
    row(
        "inbox, signed Creates to a group taken (16 connections)",
        &format!("{:.0} activities/s", COUNT as f64 / taken.as_secs_f64()),
    );
    let all = u64::try_from(COUNT + 1).unwrap();
    eventually_within(LONG, "all are there", || async { (posts().await >= all).then_some(()) })
        .await;
    row(
        "the same until all are posts of the group",
        &format!("{:.0} activities/s", COUNT as f64 / start.elapsed().as_secs_f64()),
    );
    row("CPU of the node for each", &micros(cpu(&node).saturating_sub(before), COUNT));
}

/// A node with somebody whom people on so many servers follow.
async fn followed(database: Database, servers: usize) -> (Peer, Node, Member) {
    let peer = Peer::start(&["*.load.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let target = format!("{}/u/ana", node.origin());
    let (peer_ref, node_ref, target) = (&peer, &node, &target);
    let follow = async |i: usize| {
        let actor = format!("http://s{i}.load.example/u/mia");
        peer_ref.person(&actor);
        let follow = json!({
            "id": format!("{actor}/follow"), "type": "Follow", "actor": actor, "object": target,
        });
        assert!(peer_ref.sends(node_ref, "/inbox", &actor, &follow).await.is_success());
    };
    futures_util::stream::iter(0..servers).map(follow).buffer_unordered(8).count().await;
    eventually_within(LONG, "all follows are accepted", || async {
        (peer.count("Accept") >= servers).then_some(())
    })
    .await;
    (peer, node, ana)
}

/// Posts to followers on as many servers as is said.
async fn delivers(database: Database) {
    for (servers, posts) in [(200, 20), (2_000, 2)] {
        let (peer, node, ana) = followed(database, servers).await;
        let (start, before) = (Instant::now(), cpu(&node));
        for i in 0..posts {
            ana.posts(&format!("To everyone, {i}")).await;
        }
        let all = posts * servers;
        eventually_within(LONG, "everyone has it", || async {
            (peer.count("Create") >= all).then_some(())
        })
        .await;
        let rate = all as f64 / start.elapsed().as_secs_f64();
        let each = micros(cpu(&node).saturating_sub(before), all);
        row(
            &format!("deliveries, {posts} posts to {servers} servers"),
            &format!("{rate:.0} deliveries/s, {each} of CPU each"),
        );
    }
}

/// Memory while very much waits for servers that are away.
async fn waits(database: Database) {
    const SERVERS: usize = 2_000;
    const POSTS: usize = 50;
    let (peer, node, ana) = followed(database, SERVERS).await;
    for i in 0..SERVERS {
        peer.answers(&format!("http://s{i}.load.example/inbox"), 503);
    }
    let (before, start) = (resident_kib(&node), Instant::now());
    for i in 0..POSTS {
        ana.posts(&format!("To everyone who is away, {i}")).await;
    }
    let each = start.elapsed().as_secs_f64() * 1e3 / POSTS as f64;
    row("a post to 2,000 servers, until it is acknowledged", &format!("{each:.0} ms"));
    row(
        "memory while 100,000 deliveries wait",
        &format!("{} (before: {})", mebibytes(resident_kib(&node)), mebibytes(before)),
    );
}

/// What the signatures cost by themselves: no node can be cheaper.
fn signatures() {
    let text = vec![7_u8; 256];
    let pair = KeyPair::generate().unwrap();
    let key = SigningKey::from_pem(&pair.private_pem).unwrap();
    let public = PublicKey::from_pem(&pair.public_pem).unwrap();
    let signature = key.sign(&text).unwrap();
    let count = 2_000;
    let start = Instant::now();
    for _ in 0..count {
        std::hint::black_box(key.sign(std::hint::black_box(&text)).unwrap());
    }
    row("RSA-2048, one signature, bare", &micros(start.elapsed(), count));
    let start = Instant::now();
    for _ in 0..count {
        assert!(public.verify(Algorithm::RsaSha256, std::hint::black_box(&text), &signature));
    }
    row("RSA-2048, one verification, bare", &micros(start.elapsed(), count));
}

/// CPU time that the node has used so far, its database server not counted.
fn cpu(node: &Node) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", node.pid())).unwrap();
    // The name, in brackets, may hold spaces; user and system time are fields 14 and 15.
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|field| field.parse::<u64>().unwrap()).sum();
    // Linux counts in hundredths of a second, whatever its own tick.
    Duration::from_millis(ticks * 10)
}

fn micros(all: Duration, count: usize) -> String {
    format!("{:.0} µs", all.as_secs_f64() * 1e6 / count as f64)
}

fn resident_kib(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

fn millis(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("{} ms", times[times.len() / 2].as_millis())
}
