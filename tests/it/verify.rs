//! `commonhold verify`, as anybody runs it: at a group's own server, and with a file.
use std::process::Output;

use serde_json::Value;

use crate::harness::{Database, Node};

stories!(anybody_can_check_a_ledger,);

/// The exit code, and the last line of the output.
fn verdict(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stdout);
    (output.status.code(), text.lines().last().unwrap_or_default().to_owned())
}

async fn anybody_can_check_a_ledger(database: Database) {
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    node.group("repairs", "We mend things together", "ana").await;
    ben.joins("repairs").await;
    let ask = ben.posts("My tap drips @repairs").await;
    let answer = ana.replies(&ana.sees("My tap drips").await, "@ben A new washer").await;
    ben.sees_below(&ask, "A new washer").await;
    ben.does("thanks", &answer).await;

    let passed = (Some(0), "PASS".to_owned());
    for address in ["/@repairs", "/c/repairs"] {
        let address = format!("{}{address}", node.origin());
        let output = node.run_with(&["verify", &address], "");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(verdict(&output), passed, "{output:?}");
        assert!(said.starts_with("This ledger holds:"), "{said}");
        assert!(said.contains("1 on the word of the group's server"), "{said}");
    }

    let file = reqwest::get(format!("{}/c/repairs/ledger/export", node.origin())).await.unwrap();
    let file = file.text().await.unwrap();
    assert_eq!(verdict(&node.run_with(&["verify", "-"], &file)), passed);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("repairs.ledger");
    let path = path.to_str().unwrap();
    std::fs::write(path, file.replace("We mend things", "We sell things")).unwrap();
    let (code, line) = verdict(&node.run_with(&["verify", path], ""));
    assert_eq!((code, &*line), (Some(2), "FAIL (entries 1; file)"));
    let json = node.run_with(&["verify", path, "--json"], "");
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["verdict"], &json["line"]), (&"fail".into(), &line.into()));
    assert_eq!(json["findings"][0]["entries"], serde_json::json!([1, 1]));

    // What cannot be checked is neither.
    for nothing in ["/no/such/file", &format!("{}/@nobody", node.origin()), "https://"] {
        assert_eq!(node.run_with(&["verify", nothing], "").status.code(), Some(3), "{nothing}");
    }
    assert_eq!(node.run_with(&["verify", "-"], "").status.code(), Some(3));
}
