//! masto.js, the library of Elk and Phanpy, goes through every family of calls (tests/clients/masto).
use std::{
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{Database, Node};

stories!(masto_js_tells_the_same_story);

async fn masto_js_tells_the_same_story(database: Database) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/masto");
    let module = folder.join("node_modules/masto/package.json");
    assert!(module.exists(), "{} is missing: run `scripts/setup-tests`", module.display());
    let node = Node::start(database).await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    node.group("repairs", "We mend things together", "ana").await;
    let announcement = "The shed is closed on Monday";
    node.run(&["announcement", "create", announcement]);

    let mut command = Command::new("node");
    command.arg(folder.join("masto_story.mjs")).stdin(Stdio::null());
    command.args([&*node.origin(), &*ana.token, &*ben.token, "repairs", announcement]);
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    let said = String::from_utf8_lossy(&output.stdout);
    let cried = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{cried}");
    let steps: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(steps.len() > 40, "only {} steps:\n{said}", steps.len());
    assert!(steps.iter().all(|step| step["ok"] == json!(true)), "{said}");

    // What it wrote is what others read.
    let wall = node.public().get(&format!("/api/v1/accounts/{}/statuses", ben.id)).await;
    assert!(wall.to_string().contains("Sold: "), "{wall:#}");
}
