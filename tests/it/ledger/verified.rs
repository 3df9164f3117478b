//! Anybody recounts a group with `commonhold verify`, at its own server or from a file; what was
//! changed behind its back fails, by number.
use std::process::Output;

use serde_json::{Value, json};

use super::Reader;
use crate::harness::{Database, Member, Node};

stories!(
    a_sound_ledger_passes,
    a_changed_payload_fails,
    a_changed_receipt_fails,
    a_page_that_says_something_else_fails,
    a_change_of_key_is_handed_over,
    the_page_says_how_a_group_is_doing,
);

struct World {
    node: Node,
    ben: Member,
    answer: Value,
}

/// A group with one receipt, and the number of its entry.
async fn world(database: Database) -> (World, Value) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    node.group("repairs", "We mend things together", "ana").await;
    ben.joins("repairs").await;
    let ask = ben.posts("My tap drips, who can #help? @repairs").await;
    let answer = ana.replies(&ana.sees("My tap drips").await, "@ben A new washer").await;
    ben.sees_below(&ask, "A new washer").await;
    ben.does("thanks", &answer).await;
    let receipt = Reader::of(&node, "repairs").of_type("receipt").await.remove(0);
    (World { node, ben, answer }, receipt["seq"].clone())
}

impl World {
    /// What `commonhold verify` says of the group's page: its exit code and its last line.
    fn verdict(&self) -> (Option<i32>, String) {
        let page = format!("{}/@repairs", self.node.origin());
        said(&self.node.run_with(&["verify", &page], ""))
    }

    /// The same of the file that the page offers.
    async fn verdict_of_file(&self) -> (Option<i32>, String) {
        let file = self.node.public().try_get("/c/repairs/ledger/export").await;
        assert_eq!(file.status, 200);
        said(&self.node.run_with(&["verify", "-"], &file.text))
    }
}

fn said(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.trim_end().lines().last().unwrap_or_default().to_owned();
    (output.status.code(), last)
}

async fn a_sound_ledger_passes(database: Database) {
    let (world, _) = world(database).await;
    assert_eq!(world.verdict(), (Some(0), "PASS".to_owned()));
    assert_eq!(world.verdict_of_file().await, (Some(0), "PASS".to_owned()));
    let page = format!("{}/@repairs", world.node.origin());
    let told: Value = serde_json::from_str(&world.node.run(&["verify", &page, "--json"])).unwrap();
    assert_eq!(told["verdict"], "pass", "{told}");
    // Thanks that were taken back are an entry of their own, and hold as well.
    world.ben.does("unthanks", &world.answer).await;
    assert_eq!(world.verdict(), (Some(0), "PASS".to_owned()));
}

async fn a_changed_payload_fails(database: Database) {
    let (world, seq) = world(database).await;
    world.node.tampers(
        "UPDATE ledger_entries SET payload = REPLACE(payload, '/u/ana', '/u/eve') \
         WHERE payload LIKE '%\"type\":\"receipt\"%'",
    );
    let (code, line) = world.verdict();
    assert_eq!(code, Some(2));
    assert!(line.starts_with(&format!("FAIL (entries {seq}")), "{line}");
    let (code, line) = world.verdict_of_file().await;
    assert_eq!(code, Some(2));
    assert!(line.starts_with(&format!("FAIL (entries {seq}")), "{line}");
}

async fn a_changed_receipt_fails(database: Database) {
    let (world, seq) = world(database).await;
    world.node.tampers("UPDATE receipts SET via = 'reply'");
    assert_eq!(world.verdict(), (Some(2), format!("FAIL (entries {seq})")));
}

async fn a_page_that_says_something_else_fails(database: Database) {
    let (world, _) = world(database).await;
    world.node.public().get("/c/repairs/health").await;
    world.node.tampers(
        "UPDATE health_reports SET report = REPLACE(report, '\"receipts\":1', '\"receipts\":9')",
    );
    let (code, line) = world.verdict();
    assert_eq!(code, Some(2));
    assert!(line.contains("health"), "{line}");
}

async fn a_change_of_key_is_handed_over(database: Database) {
    let (world, _) = world(database).await;
    world.node.run(&["group", "rotate-keys", "repairs"]);
    world.ben.posts("It still drips @repairs").await;
    world.node.run(&["group", "rotate-keys", "repairs", "--at-once"]);
    let keys = Reader::of(&world.node, "repairs").of_type("key").await;
    assert_eq!(keys.len(), 2);
    assert_eq!(world.verdict(), (Some(0), "PASS".to_owned()));
    assert_eq!(world.verdict_of_file().await, (Some(0), "PASS".to_owned()));
}

async fn the_page_says_how_a_group_is_doing(database: Database) {
    let (world, _) = world(database).await;
    let page = world.node.page("/@repairs/health").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("2 people took part in the last 90 days"), "{}", page.text);
    assert!(page.text.contains("commonhold verify"), "{}", page.text);
    let group = world.node.page("/@repairs").await.text;
    assert!(group.contains("/@repairs/health"), "{group}");
    let report = world.node.public().get("/c/repairs/health").await;
    assert_eq!(report["totals"]["now"]["receipts"], 1);
    assert_eq!(report["type"], "HealthReport");
    assert_eq!(report["form"]["numbers"], json!(null), "no shape is told of two people");
}
