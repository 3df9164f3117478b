//! Nodes with members in a group watch over its ledger: what its host changes is found and named.
use serde_json::{Value, json};

use super::Reader;
use crate::harness::{Database, Member, Node, Setup, eventually, eventually_within};

stories!(
    witnesses_keep_and_sign_what_they_saw,
    a_rewritten_receipt_is_found,
    a_receipt_changed_behind_the_ledger_is_found,
    a_ledger_that_is_cut_back_is_found,
    a_host_that_shows_two_ledgers_is_found,
    a_restored_backup_takes_back_what_witnesses_saw,
);

/// A group on the first node, with a member on each of three, and one receipt.
struct World {
    a: Node,
    b: Node,
    c: Node,
    ana: Member,
    ben: Member,
    chloe: Member,
}

/// `every`: how often witnesses look, seconds.
async fn world(database: Database, every: u32) -> World {
    let setup = || Setup::new(database).with("WITNESS_EVERY_SECS", &every.to_string());
    let (a, b, c) = (setup().start().await, setup().start().await, setup().start().await);
    let ana = a.member("ana").await;
    a.group("repairs", "We mend things together", "ana").await;
    let handle = format!("repairs@{}", a.domain());
    let (ben, chloe) = (b.member("ben").await, c.member("chloe").await);
    ben.joins(&handle).await;
    chloe.joins(&handle).await;
    let ask = ben.posts(&format!("My tap drips @{handle}")).await;
    let here = ana.sees("My tap drips").await;
    ana.replies(&here, &format!("@{} A new washer", ben.handle)).await;
    let answer = ben.sees_below(&ask, "A new washer").await;
    ben.does("thanks", &answer).await;
    let world = World { a, b, c, ana, ben, chloe };
    world.has("receipt", 1).await;
    world
}

impl World {
    fn ledger(&self) -> Reader {
        Reader::of(&self.a, "repairs")
    }

    /// Waits until the ledger has so many entries of a type.
    async fn has(&self, kind: &str, count: usize) {
        eventually(&format!("{count} {kind}"), || async {
            (self.ledger().of_type(kind).await.len() == count).then_some(())
        })
        .await;
    }

    /// Waits until a witness has the whole ledger.
    async fn watched_by(&self, node: &Node) {
        node.run(&["ledger", "look"]);
        eventually_within(std::time::Duration::from_secs(60), "the ledger is copied", || async {
            let size = self.ledger().payloads().await.len();
            let listed: Value =
                serde_json::from_str(&node.run(&["ledger", "list", "--json"])).unwrap();
            (listed["ledgers"][0]["entries"] == size
                && listed["ledgers"][0]["looked_at"] != Value::Null)
                .then_some(())
        })
        .await;
    }

    /// Waits until a witness finds something wrong; the first thing it found.
    async fn fault(&self, node: &Node) -> Value {
        eventually_within(std::time::Duration::from_secs(60), "a fault is found", || async {
            let listed: Value =
                serde_json::from_str(&node.run(&["ledger", "list", "--json"])).unwrap();
            listed["faults"].as_array().unwrap().last().cloned()
        })
        .await
    }

    /// What everyone who opens the group's page on a witness reads, and the evidence behind it.
    async fn shown_on(&self, node: &Node, fault: &Value, words: &str) -> Value {
        let page = node.page(&format!("/@repairs@{}", self.a.domain())).await.text;
        assert!(page.contains("contradicts itself") && page.contains(words), "{page}");
        let file = format!("/ledgers/faults/{}", fault["id"].as_str().unwrap());
        assert!(page.contains(&file));
        let evidence = node.public().get(&file).await;
        assert_eq!(evidence["group"], format!("{}/c/repairs", self.a.origin()));
        evidence
    }
}

async fn witnesses_keep_and_sign_what_they_saw(database: Database) {
    let world = world(database, 1).await;
    world.watched_by(&world.b).await;
    world.watched_by(&world.c).await;
    let witnesses = eventually("both have signed", || async {
        let list = world.a.public().activity("/c/repairs/ledger/witnesses").await;
        let items = list["orderedItems"].as_array().unwrap().clone();
        let by = |node: &Node| {
            items.iter().any(|item| item["witness"] == format!("{}/actor", node.origin()))
        };
        (by(&world.b) && by(&world.c)).then_some(items)
    })
    .await;
    for witness in &witnesses {
        assert_eq!(witness["head"]["ledger"], format!("{}/c/repairs/ledger", world.a.origin()));
        assert_eq!(witness["proof"]["cryptosuite"], "eddsa-jcs-2022");
    }
    // Anybody can ask a witness itself.
    let group = format!("{}/c/repairs", world.a.origin());
    let seen = world.b.public().get(&format!("/ledgers/head?group={group}")).await;
    assert_eq!(seen["witness"], format!("{}/actor", world.b.origin()));
    let page = world.a.page("/@repairs").await.text;
    assert!(page.contains("2 other servers watch"), "{page}");
    let told = world.a.run(&["verify", &format!("{}/@repairs", world.a.origin())]);
    assert!(told.ends_with("PASS\n") && !told.contains("Not checked"), "{told}");
    let hold = told.split(" co-signatures hold").next().unwrap().rsplit(' ').next().unwrap();
    assert!(hold.parse::<usize>().unwrap() >= witnesses.len(), "{told}");
    let list: Value = serde_json::from_str(&world.b.run(&["ledger", "list", "--json"])).unwrap();
    assert_eq!(list["faults"], json!([]));
}

async fn a_rewritten_receipt_is_found(database: Database) {
    let world = world(database, 1).await;
    world.watched_by(&world.b).await;
    let receipt = world.ledger().of_type("receipt").await.remove(0);
    world.a.tampers(
        "UPDATE ledger_entries SET payload = REPLACE(payload, '/u/ana', '/u/eve') \
         WHERE payload LIKE '%\"type\":\"receipt\"%'",
    );
    let fault = world.fault(&world.b).await;
    assert_eq!(
        (&fault["kind"], &fault["subject"]),
        (&json!("rewritten"), &json!(receipt["seq"].to_string()))
    );
    let words = format!("Entry {} was changed", receipt["seq"]);
    let evidence = world.shown_on(&world.b, &fault, &words).await;
    assert_eq!(evidence["evidence"]["known"]["payload"], receipt);
    assert_ne!(evidence["evidence"]["shown"]["payload"], receipt);
}

async fn a_receipt_changed_behind_the_ledger_is_found(database: Database) {
    let world = world(database, 1).await;
    world.watched_by(&world.c).await;
    let receipt = world.ledger().of_type("receipt").await.remove(0);
    world.a.tampers("UPDATE receipts SET via = 'reply'");
    let fault = world.fault(&world.c).await;
    assert_eq!(
        (&fault["kind"], &fault["subject"]),
        (&json!("rewritten"), &json!(receipt["seq"].to_string()))
    );
}

/// Keeps what the ledger is now, to come back to.
const KEEP: &str = "CREATE TABLE kept_entries AS SELECT * FROM ledger_entries; \
    CREATE TABLE kept_heads AS SELECT * FROM ledger_heads; \
    CREATE TABLE kept_state AS SELECT * FROM ledger_state;";
/// Comes back to it.
const BACK: &str = "DELETE FROM ledger_names; DELETE FROM ledger_entries; DELETE FROM ledger_heads; \
    DELETE FROM ledger_state; INSERT INTO ledger_entries SELECT * FROM kept_entries; \
    INSERT INTO ledger_heads SELECT * FROM kept_heads; \
    INSERT INTO ledger_state SELECT * FROM kept_state;";
const FORGET: &str = "DROP TABLE kept_entries; DROP TABLE kept_heads; DROP TABLE kept_state;";

async fn a_ledger_that_is_cut_back_is_found(database: Database) {
    let world = world(database, 1).await;
    world.a.tampers(KEEP);
    let before = world.ledger().payloads().await.len();
    world.chloe.posts(&format!("Who has a ladder? #help @repairs@{}", world.a.domain())).await;
    world.has("thread", 2).await;
    world.watched_by(&world.b).await;
    world.a.tampers(BACK);
    let fault = world.fault(&world.b).await;
    assert_eq!(
        (&fault["kind"], &fault["subject"]),
        (&json!("rewound"), &json!(before.to_string()))
    );
    world.shown_on(&world.b, &fault, "cut back").await;
}

async fn a_host_that_shows_two_ledgers_is_found(database: Database) {
    let world = world(database, 3_600).await;
    // Two ways on from here: one that ben's server is shown, and one that chloe's is.
    world.a.tampers(KEEP);
    let handle = format!("@repairs@{}", world.a.domain());
    world.chloe.posts(&format!("Who has a ladder? #help {handle}")).await;
    world.has("thread", 2).await;
    world.watched_by(&world.b).await;
    world.a.tampers(&KEEP.replace("kept", "first"));
    world.a.tampers(BACK);
    world.ben.posts(&format!("Who has a saw? #help {handle}")).await;
    world.has("thread", 2).await;
    world.watched_by(&world.c).await;
    world.a.tampers(&format!("{FORGET} {}", BACK.replace("kept", "first")));
    world.b.run(&["ledger", "look"]);
    let fault = world.fault(&world.b).await;
    assert_eq!(fault["kind"], "forked");
    let evidence = world.shown_on(&world.b, &fault, "two different ledgers").await;
    assert_ne!(evidence["evidence"]["head"]["root"], evidence["evidence"]["knownRoot"]);
    assert!(evidence["evidence"]["head"]["proof"].is_object());
}

async fn a_restored_backup_takes_back_what_witnesses_saw(database: Database) {
    let world = world(database, 1).await;
    // The backup knows its witness; two asks and a receipt come after it.
    world.watched_by(&world.b).await;
    world.a.tampers(&format!("{KEEP} CREATE TABLE kept_receipts AS SELECT * FROM receipts;"));
    let handle = format!("@repairs@{}", world.a.domain());
    world.chloe.posts(&format!("Who has a ladder? #help {handle}")).await;
    world.has("thread", 2).await;
    let (ana, chloe) = (&world.ana, &world.chloe);
    let ask = chloe.posts(&format!("Who has a saw? #help {handle}")).await;
    ana.replies(&ana.sees("Who has a saw?").await, &format!("@{} I do", chloe.handle)).await;
    let answer = chloe.sees_below(&ask, "I do").await;
    chloe.does("thanks", &answer).await;
    world.has("receipt", 2).await;
    world.watched_by(&world.b).await;
    let before = world.ledger().payloads().await;

    assert!(world.a.stop());
    world.a.tampers(&format!(
        "{BACK} DELETE FROM receipts; INSERT INTO receipts SELECT * FROM kept_receipts;"
    ));
    world.a.restart().await;
    let after = world.ledger().payloads().await;
    assert_eq!(after[..before.len()], before[..], "everything is back in its place");
    let restored = &after[before.len()];
    assert_eq!(restored["type"], "restored");
    let receipt = before.iter().rposition(|entry| entry["type"] == "receipt").unwrap();
    assert_eq!(restored["entries"], json!([receipt]));

    // It goes on from there: nobody sees a fault, and the rules hold across the gap.
    let ask = chloe.posts(&format!("Who has a drill? #help {handle}")).await;
    ana.replies(&ana.sees("Who has a drill?").await, &format!("@{} Me", chloe.handle)).await;
    let answer = chloe.sees_below(&ask, "Me").await;
    chloe.does("thanks", &answer).await;
    world.has("uncounted", 1).await;
    world.watched_by(&world.b).await;
    let listed: Value = serde_json::from_str(&world.b.run(&["ledger", "list", "--json"])).unwrap();
    assert_eq!(listed["faults"], json!([]));
    let page = format!("{}/@repairs", world.a.origin());
    let said = world.a.run_with(&["verify", &page], "");
    let told = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said.status.code(), Some(1), "{told}");
    assert!(told.ends_with("WARN (0 erased)\n") && told.contains("took entries back"), "{told}");
}
