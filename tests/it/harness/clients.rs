//! Clients that others wrote, used as people use them: Mastodon.py and toot.
use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Member, Node};

/// A program of the virtual environment that `scripts/setup-tests` makes.
pub fn venv(program: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".cache/venv/bin").join(program);
    assert!(path.exists(), "{} is missing: run `scripts/setup-tests`", path.display());
    path
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Mastodon.py, signed in as one member.
pub struct MastodonPy {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl MastodonPy {
    /// Registers an app and signs `member` in through the node's own forms.
    pub fn signed_in(node: &Node, member: &Member) -> Self {
        let client = Self::open();
        client.ask(&json!({
            "do": "sign_in", "base_url": node.origin(),
            "login": member.email(), "password": Member::PASSWORD,
        }));
        client
    }

    fn open() -> Self {
        let mut child = Command::new(venv("python"))
            .arg(script("mastodon_client.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, pipes: Mutex::new((stdin, stdout)) }
    }

    /// Calls a function of Mastodon.py by its name.
    pub fn call(&self, name: &str, args: Value) -> Value {
        self.ask(&json!({ "do": "call", "name": name, "args": args }))
    }

    /// Calls a function of Mastodon.py with named arguments.
    pub fn call_with(&self, name: &str, args: Value, named: Value) -> Value {
        self.ask(&json!({ "do": "call", "name": name, "args": args, "kwargs": named }))
    }

    /// Opens a stream by the name of the function that does, `stream_user`.
    pub fn listen(&self, name: &str) {
        self.ask(&json!({ "do": "listen", "name": name }));
    }

    /// What the open streams have said so far.
    pub fn heard(&self) -> Vec<Value> {
        self.ask(&json!({ "do": "heard" })).as_array().unwrap().clone()
    }

    /// Asks for pushes at `endpoint`, with keys of its own.
    pub fn subscribes(&self, endpoint: &str, wishes: Value) -> Value {
        self.ask(&json!({ "do": "subscribe", "endpoint": endpoint, "wishes": wishes }))
    }

    /// Opens a push that came there: its headers, and its body as base64.
    pub fn opens(&self, headers: Value, body: &str) -> Value {
        self.ask(&json!({ "do": "open_push", "headers": headers, "body": body }))
    }

    fn ask(&self, command: &Value) -> Value {
        tokio::task::block_in_place(|| {
            let mut pipes = self.pipes.lock().unwrap();
            writeln!(pipes.0, "{command}").unwrap();
            let mut line = String::new();
            pipes.1.read_line(&mut line).unwrap();
            let answer: Value = serde_json::from_str(&line).expect("the client still runs");
            assert!(answer["error"].is_null(), "Mastodon.py, {command}: {}", answer["error"]);
            answer["ok"].clone()
        })
    }
}

impl Drop for MastodonPy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The console client toot, signed in as one member.
pub struct Toot {
    home: TempDir,
}

impl Toot {
    /// Signs `member` in with toot's own log-in and the node's own forms.
    pub fn signed_in(node: &Node, member: &Member) -> Self {
        let toot = Self { home: tempfile::tempdir().unwrap() };
        let mut login = toot.environment(Command::new(venv("python")));
        login.arg(script("toot_login.py"));
        login.args([&node.origin(), &member.email(), Member::PASSWORD]);
        Self::output(login);
        toot
    }

    /// Runs one command and gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let mut command = self.environment(Command::new(venv("toot")));
        command.args(arguments);
        Self::output(command)
    }

    fn environment(&self, mut command: Command) -> Command {
        command
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("XDG_CACHE_HOME", self.home.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::null());
        command
    }

    fn output(mut command: Command) -> String {
        let output = tokio::task::block_in_place(|| command.output().unwrap());
        let (said, cried) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{command:?}: {said}{cried}");
        said.into_owned()
    }
}

/// Opens an authorization URL, signs `member` in by the node's own forms and allows the app; gives
/// `code` and `state`, or what went wrong.
pub fn authorize(url: &str, login: &str, password: &str) -> Result<Value, String> {
    let mut command = Command::new(venv("python"));
    command.arg(script("forms.py")).args([url, login, password]);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Asks the libraries that apps open pushes with (`push_reader.py`).
pub fn push_reader(command: &Value) -> Value {
    let mut child = Command::new(venv("python"))
        .arg(script("push_reader.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    write!(child.stdin.take().unwrap(), "{command}").unwrap();
    let output = tokio::task::block_in_place(|| child.wait_with_output().unwrap());
    assert!(output.status.success(), "the push cannot be opened: {command}");
    serde_json::from_slice(&output.stdout).unwrap()
}
