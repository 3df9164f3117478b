//! What an operator sets, and what happens when it cannot be.
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::{Database, Node, PROGRAM, command, free_port};

/// Starts a node that should stop by itself, and gives what it said.
fn start_with(settings: &[(&str, &str)]) -> (Output, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let listen = format!("127.0.0.1:{}", free_port());
    let mut all = vec![("COMMONHOLD_LISTEN".to_owned(), listen)];
    all.extend(
        settings.iter().map(|(key, value)| (format!("COMMONHOLD_{key}"), (*value).to_owned())),
    );
    // `timeout` ends a node that starts after all: 124 is its word for it.
    let mut started = Command::new("timeout");
    started.args(["10", PROGRAM]);
    let plain = command(folder.path(), &all);
    for (key, value) in plain.get_envs() {
        match value {
            Some(value) => started.env(key, value),
            None => started.env_remove(key),
        };
    }
    started.current_dir(folder.path());
    (started.output().unwrap(), folder)
}

fn refused(settings: &[(&str, &str)], words: &[&str]) {
    let (output, _folder) = start_with(settings);
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_ne!(output.status.code(), Some(124), "{settings:?} does not stop the start: {said}");
    assert!(!output.status.success(), "{settings:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{settings:?} is answered without {word:?}: {said}");
    }
}

#[test]
fn wrong_values_stop_the_start_and_say_what_is_allowed() {
    refused(&[("SIGN_UP", "sometimes")], &["sign_up", "sometimes", "approval", "closed"]);
    refused(&[("RATE_LIMITS", "perhaps")], &["rate_limits", "perhaps", "true"]);
    refused(&[("LOG_FORMAT", "xml")], &["log_format", "xml", "json"]);
    refused(&[("LISTEN", "nowhere")], &["listen", "nowhere"]);
    refused(&[("MIN_ACCOUNT_AGE_DAYS", "-1")], &["min_account_age_days", "-1"]);
    refused(&[("PUBLIC_URL", "gopher://hole")], &["public_url", "gopher://hole"]);
    refused(&[("TRUSTED_PROXIES", "everyone")], &["trusted_proxies", "everyone"]);
}

#[test]
fn secrets_are_hidden_in_complaints() {
    let settings = [("DATABASE_URL", "mysql://ana:hunter2@db/x")];
    let (output, _folder) = start_with(&settings);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("database_url") && said.contains("postgres"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn development_mode_is_for_this_machine_only() {
    let open = format!("0.0.0.0:{}", free_port());
    refused(&[("DEVELOPMENT", "true"), ("LISTEN", &open)], &["development", "0.0.0.0"]);
    // Without a domain it is the default, so it is refused there too.
    refused(&[("LISTEN", &open)], &["development", "0.0.0.0"]);
}

#[test]
fn a_file_is_read_and_its_mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.toml");
    std::fs::write(&file, "sing_up = \"open\"\n").unwrap();
    let run = |arguments: &[&str]| command(folder.path(), &[]).args(arguments).output().unwrap();
    let path = file.to_str().unwrap();
    let wrong = run(&["--config", path, "config", "check"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(
        !wrong.status.success() && said.contains("sing_up") && said.contains("sign_up"),
        "{said}"
    );
    std::fs::write(&file, "title = \"The Oak\"\n").unwrap();
    let right = run(&["--config", path, "config", "check"]);
    let said = String::from_utf8_lossy(&right.stdout).into_owned();
    assert!(right.status.success() && said.contains("The Oak"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_health_answer_and_the_node_stops_in_order() {
    let node = Node::start(Database::Sqlite).await;
    node.member("ana").await.posts("Counted").await;
    let health = node.public().try_get("/health").await;
    assert!(health.status.is_success());
    assert!(!health.header("x-request-id").is_empty());
    let metrics = node.public().try_get("/metrics").await;
    assert!(metrics.status.is_success(), "{}", metrics.status);
    assert!(metrics.text.contains("# TYPE"), "{}", metrics.text);
    assert!(node.stop(), "SIGTERM ends in order:\n{}", node.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_at_rest_is_small() {
    let node = Node::start(Database::Sqlite).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    // A release build stays under 60 MiB (`docs/benchmarks.md`); this one carries its debug data.
    assert!(kib < 100 * 1024, "{kib} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_can_be_json_and_hold_no_secret() {
    let setup = crate::harness::Setup::new(Database::Sqlite).with("LOG_FORMAT", "json");
    let node = setup.start().await;
    let ana = node.member("ana").await;
    ana.posts("Hello").await;
    let form = [("grant_type", "password"), ("username", "ana"), ("password", "wrong-secret-word")];
    node.public().try_form("/oauth/token", &form).await;
    node.stop();
    let log = node.log();
    assert!(!log.contains(&ana.token) && !log.contains("wrong-secret-word"), "{log}");
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    assert!(!lines.is_empty(), "{log}");
    for line in lines {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{entry}");
    }
}
