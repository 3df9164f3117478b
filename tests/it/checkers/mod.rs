//! Programs of others that judge a node from outside. `scripts/setup-tests` installs them.
mod lemmy;
mod lemmy_types;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::harness::{Database, Member, Node, Setup, eventually_within, free_port, says};

stories!(fedify_agrees, activitypub_testing_agrees, fediverse_pasture_agrees);

fn checkers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkers")
}

/// A program that has to be there.
fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: run `scripts/setup-tests`", path.display());
    path
}

fn node_module(path: &str) -> PathBuf {
    installed(checkers().join("node_modules").join(path))
}

/// A program of the virtual environment that `scripts/setup-tests` makes for checkers.
fn python() -> PathBuf {
    installed(Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/checkers/bin/python"))
}

/// Runs a program that must succeed, and gives what it printed.
fn output(command: &mut Command) -> String {
    command.stdin(Stdio::null());
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let cried = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{said}\n{cried}");
    said
}

/// A node with a member, a group and a post.
async fn community(setup: Setup) -> (Node, Member) {
    let node = setup.start().await;
    let ana = node.member("ana").await;
    node.group("repairs", "We mend things together", "ana").await;
    ana.posts("Who has a ladder? @repairs").await;
    (node, ana)
}

async fn fedify_agrees(database: Database) {
    node_module("@fedify/fedify/package.json");
    let (node, ana) = community(Setup::new(database)).await;
    let mut command = Command::new("node");
    command.arg(checkers().join("fedify.mjs"));
    command.args([&*node.origin(), &*ana.token, "repairs", "ana"]);
    let said = output(&mut command);
    assert!(
        said.lines().count() > 15 && said.lines().all(|line| line.starts_with("ok ")),
        "{said}"
    );
    // What it proved, and another handed on, is here.
    ana.sees("Proven by Fedify").await;
}

async fn activitypub_testing_agrees(database: Database) {
    let (node, _) = community(Setup::new(database)).await;
    let program = node_module("activitypub-testing/src/cli.js");
    for path in ["/u/ana", "/c/repairs", "/actor"] {
        let mut command = Command::new("node");
        command.arg(&program).args(["test", "actor", &format!("{}{path}", node.origin())]);
        let said = output(&mut command);
        let rules: Vec<Value> =
            said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let outcome = |rule: &Value| rule["result"]["outcome"].as_str().unwrap_or("").to_owned();
        let failed: Vec<&Value> = rules.iter().filter(|rule| outcome(rule) == "failed").collect();
        assert!(failed.is_empty(), "{path}: {failed:#?}");
        let passed = rules.iter().filter(|rule| outcome(rule) == "passed").count();
        assert!(passed >= 5, "{path}: only {passed} of {} rules apply:\n{said}", rules.len());
    }
}

/// A program that runs beside the test and ends with it.
struct Beside(Child);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a module of fediverse-pasture in `folder`, where it keeps its keys.
async fn pasture(module: &str, port: u16, more: &[&str], folder: &Path) -> Beside {
    let child = Command::new(python())
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-m", module, "--port", &port.to_string()])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let beside = Beside(child);
    let wait = std::time::Duration::from_secs(90);
    eventually_within(wait, &format!("{module} answers"), || async {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
    })
    .await;
    beside
}

async fn fediverse_pasture_agrees(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let (node, ana) = community(Setup::new(database)).await;
    let port = free_port();
    let domain = format!("127.0.0.1:{port}");
    let more = ["--domain", &domain];
    let verifier = pasture("fediverse_pasture.verify_actor", port, &more, folder.path()).await;
    for path in ["/u/ana", "/c/repairs"] {
        let actor = format!("{}{path}", node.public_url());
        let request = reqwest::Client::new().post(format!("http://{domain}/"));
        let request = request.header("Accept", "application/json").form(&[("actor_uri", &actor)]);
        let table: Value = request.send().await.unwrap().json().await.unwrap();
        for (name, result) in judged(&table) {
            // Alice and Dean sign nothing. Who signs is heard, also who has no handle (Emily, Frank)
            // or shows a key to those alone who sign in turn (Claire, Frank).
            let signs = !["alice", "dean"].contains(&name);
            assert_eq!(result["get_actor"], true, "{name} reads {path}: {table:#}");
            assert_eq!(result["post_inbox"], signs, "{name} posts to {path}: {table:#}");
        }
    }
    drop(verifier);

    let port = free_port();
    let one = pasture("fediverse_pasture.one_actor", port, &[], folder.path()).await;
    let mut send = Command::new(python());
    send.current_dir(folder.path()).args(["-m", "fediverse_pasture.send", "--mention"]);
    send.args(["--domain", &format!("http://127.0.0.1:{port}"), "--text", "Sent from the pasture"]);
    output(send.arg(format!("{}/u/ana", node.public_url())));
    crate::harness::eventually("Ana is told", || async {
        let told = ana.api.get("/api/v1/notifications").await;
        let told = told.as_array().unwrap().clone();
        told.iter().any(|one| says(&one["status"], "Sent from the pasture")).then_some(())
    })
    .await;
    drop(one);
}

/// The rows of the table, by the names of the six who tried.
fn judged(table: &Value) -> Vec<(&str, &Value)> {
    let rows = table["result"].as_object().unwrap_or_else(|| panic!("no table: {table:#}"));
    let rows: Vec<(&str, &Value)> = rows
        .iter()
        .filter(|(name, _)| *name != "webfinger")
        .map(|(name, result)| (name.as_str(), result))
        .collect();
    assert!(rows.len() >= 6, "{table:#}");
    rows
}
