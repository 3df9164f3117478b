//! Hostile documents that a node gets when it asks: actors and collections.
use serde_json::{Value, json};

use super::{Fate, Sample, Totals, node_example, samples, word};
use crate::harness::{Database, Member, Node, Peer, id};

stories!(strange_documents_are_refused_or_cleaned);

async fn strange_documents_are_refused_or_cleaned(database: Database) {
    let strange = samples(|about| about["delivery"] == "fetched_document");
    let peer = Peer::start(&["*.evil.example", "masto.example", "victim-bank.example"]).await;
    let node = node_example(database, &peer).start().await;
    let alice = node.member("alice").await;
    peer.person("https://masto.example/users/mia");
    let stage = Stage { peer, node, alice };
    let (mut totals, mut wrong) = (Totals::default(), Vec::new());
    for (number, sample) in strange.iter().enumerate() {
        let told = if sample.says("kind") == "collections" {
            stage.lists(number, sample).await
        } else {
            stage.introduces(number, sample).await
        };
        match told {
            Ok(fate) => totals.count(sample, fate),
            Err(why) => wrong.push(format!("{}: {why}", sample.file)),
        }
    }
    totals.print("what a node is shown when it asks:");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), strange.len(), wrong.join("\n"));
    let misled = |url: &String| url.contains("victim-bank");
    assert!(!stage.peer.asked().iter().any(misled), "nobody else is asked");
}

struct Stage {
    peer: Peer,
    node: Node,
    alice: Member,
}

/// Everyone in the pack claims to be the same Mallory: here each has a server of their own.
fn apart(number: usize, bytes: &[u8]) -> Vec<u8> {
    let own = format!("https://e{number}.evil.example");
    String::from_utf8_lossy(bytes).replace("https://evil.example", &own).into_bytes()
}

impl Stage {
    async fn finds(&self, url: &str) -> Result<Option<Value>, String> {
        let query = [("q", url), ("resolve", "true"), ("type", "accounts")];
        let request = self.alice.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
        let answer = self.alice.api.send(request).await;
        if !answer.status.is_success() {
            return Err(format!("search is answered {}", answer.status));
        }
        Ok(answer.json()["accounts"].get(0).cloned())
    }

    /// An actor as it describes itself.
    async fn introduces(&self, number: usize, sample: &Sample) -> Result<Fate, String> {
        let bytes = apart(number, &sample.bytes);
        let document = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        let mallory = format!("https://e{number}.evil.example/u/mallory");
        // Another one of that server, whom a document may claim to be.
        self.peer.person(&format!("https://e{number}.evil.example/u/victim"));
        for name in ["mallory", word(&document, "preferredUsername")] {
            self.peer.introduces(&json!({"id": mallory, "preferredUsername": name}));
        }
        self.peer.serves_bytes(&mallory, 200, "application/activity+json", bytes);
        let found = self.finds(&mallory).await?;
        match (sample.says("expect"), found) {
            ("reject" | "drop", Some(account)) => Err(format!("it is shown: {account}")),
            ("reject" | "drop", None) => Ok(Fate::Refused),
            ("refetch", Some(account)) if account["username"] == "victim" => Ok(Fate::Taken),
            ("refetch", other) => Err(format!("not who it says it is: {other:?}")),
            (_, None) => Err("it is not shown".to_owned()),
            (_, Some(account)) => self.is_harmless(&account).await.map(|()| Fate::Taken),
        }
    }

    async fn is_harmless(&self, account: &Value) -> Result<(), String> {
        let text = account.to_string().to_lowercase();
        let page = self.node.page(&format!("/@{}", word(account, "acct"))).await;
        if !page.status.is_success() || page.text.to_lowercase().contains("<script") {
            return Err(format!("its page is answered {}", page.status));
        }
        let bidi = ['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}', '\u{200b}'];
        let inner = ["<script", "onerror", "169.254.", "127.0.0.1", "javascript:"];
        if text.contains(bidi) || inner.iter().any(|bad| text.contains(bad)) {
            return Err(format!("it is shown as {account}"));
        }
        if word(account, "display_name").trim().is_empty() && word(account, "username").is_empty() {
            return Err(format!("nothing names it: {account}"));
        }
        Ok(())
    }

    /// A collection of a group: it is known for the group's own, and grants nothing.
    async fn lists(&self, number: usize, sample: &Sample) -> Result<Fate, String> {
        let bytes = apart(number, &sample.bytes);
        let list = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        let (url, _) = word(&list, "id").split_once('?').unwrap_or((word(&list, "id"), ""));
        let group = format!("https://e{number}.evil.example/c/trap");
        let mut trap = self.peer.actor(&group, "Group");
        trap["outbox"] = json!(format!("{group}/outbox"));
        trap["featured"] = json!(format!("{group}/featured"));
        trap["attributedTo"] = json!(format!("{group}/moderators"));
        self.peer.introduces(&trap);
        for at in [url, word(&list, "id")] {
            self.peer.serves_bytes(at, 200, "application/activity+json", bytes.clone());
        }
        let account = self.finds(&group).await?.ok_or("the group is not found")?;
        self.is_harmless(&account).await?;
        let path = format!("/api/v1/accounts/{}/follow", id(&account));
        self.alice.api.post(&path, json!({})).await;
        if let Some(other) = self.finds(word(&list, "id")).await? {
            return Err(format!("a list is shown as {other}"));
        }
        let wall = format!("/api/v1/accounts/{}/statuses", id(&account));
        let shown = self.alice.api.get(&wall).await.to_string();
        if shown.contains("FORGED") {
            return Err(format!("a list forges posts: {shown}"));
        }
        Ok(Fate::Ignored)
    }
}
