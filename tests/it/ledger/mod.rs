//! The ledger of a group: what is written into it, and how anybody reads it.
use serde_json::{Value, json};

mod forgotten;
mod lives;
mod proofs;
mod verified;
mod witnesses;

use crate::harness::{Api, Database, Node, id};

stories!(what_happens_in_a_group_is_in_its_ledger, what_counts_and_what_does_not_is_in_the_ledger,);

/// Reads ledgers as other servers do.
pub struct Reader {
    pub api: Api,
    pub group: String,
}

impl Reader {
    pub fn of(node: &Node, name: &str) -> Self {
        Self { api: node.public(), group: format!("/c/{name}") }
    }

    /// All entries, page by page.
    pub async fn entries(&self) -> Vec<Value> {
        let ledger = self.api.activity(&format!("{}/ledger", self.group)).await;
        let mut next = ledger["first"].as_str().map(str::to_owned);
        let mut all = Vec::new();
        while let Some(page) = next {
            let (_, query) = page.split_once('?').unwrap();
            let page = self.api.activity(&format!("{}/ledger?{query}", self.group)).await;
            all.extend(page["orderedItems"].as_array().unwrap().clone());
            next = page["next"].as_str().map(str::to_owned);
        }
        // It may have grown since.
        assert!(ledger["totalItems"].as_u64().unwrap() <= u64::try_from(all.len()).unwrap());
        all
    }

    /// What the entries say.
    pub async fn payloads(&self) -> Vec<Value> {
        self.entries().await.into_iter().map(|entry| entry["payload"].clone()).collect()
    }

    /// The entries of a type.
    pub async fn of_type(&self, kind: &str) -> Vec<Value> {
        self.payloads().await.into_iter().filter(|entry| entry["type"] == kind).collect()
    }
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["type"].as_str().unwrap()).collect()
}

async fn what_happens_in_a_group_is_in_its_ledger(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let group = node.group("repairs", "We mend things together", "ana").await;
    ben.joins("repairs").await;
    let ledger = Reader::of(&node, "repairs");

    let begun = ledger.payloads().await;
    assert_eq!(kinds(&begun), ["opened", "charter", "steward", "joined", "joined"]);
    assert_eq!(begun[0]["group"], group["uri"]);
    assert_eq!(begun[1]["purpose"], "We mend things together");
    assert_eq!(begun[3]["person"], format!("{}/u/ana", node.origin()));
    for (seq, entry) in begun.iter().enumerate() {
        assert_eq!(entry["seq"], seq);
    }

    let ask = ben.posts("My tap drips, who can #help? @repairs").await;
    let answer = ana.replies(&ana.sees("My tap drips").await, "@ben A new washer").await;
    let answer = ben.sees_below(&ask, "A new washer").await["id"].as_str().map(|_| answer);
    ben.does("thanks", &answer.unwrap()).await;
    ben.posts("It works @repairs").await;
    let told = ledger.payloads().await;
    assert_eq!(kinds(&told[5..]), ["active", "thread", "active", "answered", "receipt"]);
    assert_eq!((&told[6]["ask"], &told[6]["first"]), (&json!(true), &json!(true)));
    assert_eq!(told[9]["helper"], format!("{}/u/ana", node.origin()));
    assert_eq!(told[9]["receiver"], format!("{}/u/ben", node.origin()));
    assert_eq!(told[9]["thread"], ask["uri"]);

    ben.api.post(&format!("/api/v1/accounts/{}/unfollow", id(&group)), json!({})).await;
    let left = ledger.of_type("left").await;
    assert_eq!(left[0]["person"], format!("{}/u/ben", node.origin()));
}

async fn what_counts_and_what_does_not_is_in_the_ledger(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    node.group("repairs", "We mend things together", "ana").await;
    ben.joins("repairs").await;
    let ledger = Reader::of(&node, "repairs");
    let mut answers = Vec::new();
    for text in ["My tap drips", "My door squeaks"] {
        let ask = ben.posts(&format!("{text} @repairs")).await;
        let answer = ana.replies(&ana.sees(text).await, &format!("@ben For {text}")).await;
        ben.sees_below(&ask, &format!("For {text}")).await;
        ben.does("thanks", &answer).await;
        answers.push(answer);
    }
    // The second within a week does not count, and nobody is named for it.
    let uncounted = ledger.of_type("uncounted").await;
    assert_eq!(uncounted.len(), 1);
    assert!(!uncounted[0].to_string().contains("/u/"), "{uncounted:?}");
    let receipts = ledger.of_type("receipt").await;
    assert_eq!(receipts.len(), 1);

    ben.does("unthanks", &answers[0]).await;
    let undone = ledger.of_type("undone").await;
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0]["receipt"], receipts[0]["seq"]);
    assert_eq!(undone[0]["by"], "receiver");
    for entry in ledger.entries().await {
        assert_eq!(entry["row"], entry["payload"]["row"], "{entry}");
    }
}
