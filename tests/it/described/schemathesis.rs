//! Schemathesis reads the document and asks for everything in it: nothing fails, and every answer is
//! what the document says. `COMMONHOLD_API_EXAMPLES=200` makes it a long round ([docs/long-tests.md]).
use std::{env, fs, process::Command};

use super::filled::Filled;
use crate::harness::{Database, venv};

stories!(every_answer_is_as_described);

/// How many requests are made up for each operation, where nothing else is said.
const EXAMPLES: &str = "2";

/// What is left out, and why.
const LEFT_OUT: [(&str, &str); 2] =
    [("streaming_open", "it has no end"), ("streaming_named", "it has no end")];

/// Not that what breaks a schema is refused: forms are read leniently, by design.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance";

async fn every_answer_is_as_described(database: Database) {
    let filled = Filled::start(database).await;
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("openapi.json");
    fs::write(&document, filled.document.to_string()).unwrap();
    let wanted = env::var("COMMONHOLD_API_EXAMPLES").ok();
    let phases = if wanted.is_some() { "coverage,fuzzing" } else { "fuzzing" };

    let mut command = Command::new(venv("schemathesis"));
    command.current_dir(folder.path()).arg("run").arg(&document);
    command.args(["--url", &filled.node.origin()]);
    command.arg("--header").arg(format!("Authorization: Bearer {}", filled.ana.token));
    command.args(["--checks", CHECKS, "--phases", phases]);
    command.args(["--max-examples", wanted.as_deref().unwrap_or(EXAMPLES)]);
    command.args(["--seed", "1", "--generation-database", "none", "--no-shrink"]);
    command.args(["--suppress-health-check", "all", "--continue-on-failure"]);
    command.args(["--request-timeout", "60", "--warnings", "off", "--no-color"]);
    for (operation, _) in LEFT_OUT {
        command.args(["--exclude-operation-id", operation]);
    }
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    let said = String::from_utf8_lossy(&output.stdout);
    let cried = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{cried}");
    assert!(!filled.node.log().contains("panicked"), "{}", filled.node.log());
    // It did ask: nearly everything, and was let in.
    let tested = said.lines().find(|line| line.contains("Tested:")).unwrap_or_default();
    let count: usize = tested.split_whitespace().filter_map(|w| w.parse().ok()).max().unwrap_or(0);
    assert!(count > 200, "{said}");
}
