//! The real program as a child process, on a free port of loopback.
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use commonhold::{App, config::Config};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Answer, Api, Database, Fresh, Member, database::tamper, eventually};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_commonhold");

/// What a node is started with: settings by the names of the environment.
#[derive(Clone)]
pub struct Setup {
    database: Database,
    settings: Vec<(String, String)>,
    terminal: bool,
}

impl Setup {
    pub fn new(database: Database) -> Self {
        Self { database, settings: Vec::new(), terminal: false }
    }

    /// Started by somebody who sits at a terminal: some things are said there only.
    pub fn in_a_terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    /// One more setting, or another value for one: `with("SIGN_UP", "closed")`.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.settings.push((format!("COMMONHOLD_{key}"), value.to_owned()));
        self
    }

    pub async fn start(self) -> Node {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let database = self.database.fresh(folder.path());
        let mut settings = vec![
            ("COMMONHOLD_DOMAIN".to_owned(), format!("localhost:{port}")),
            ("COMMONHOLD_PUBLIC_URL".to_owned(), format!("http://localhost:{port}")),
            ("COMMONHOLD_LISTEN".to_owned(), format!("127.0.0.1:{port}")),
            ("COMMONHOLD_DATA_DIR".to_owned(), folder.path().join("data").display().to_string()),
            ("COMMONHOLD_DATABASE_URL".to_owned(), database.url.clone()),
            ("COMMONHOLD_DEVELOPMENT".to_owned(), "true".to_owned()),
            ("COMMONHOLD_SIGN_UP".to_owned(), "open".to_owned()),
            ("COMMONHOLD_RATE_LIMITS".to_owned(), "false".to_owned()),
        ];
        settings.extend(self.settings);
        let child = Mutex::new(None);
        let (first_start, terminal) = (Duration::ZERO, self.terminal);
        let kept = Some(database);
        let mut node =
            Node { port, first_start, folder, settings, terminal, child, _database: kept };
        node.first_start = node.launch().await;
        node
    }
}

/// What is inside of a node, without its server: nobody reaches it, and its clock can be moved.
pub struct Inside {
    pub app: App,
    _database: Fresh,
    _folder: TempDir,
}

impl Setup {
    /// Opens the node's inside alone.
    pub fn inside(self) -> Inside {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let database = self.database.fresh(folder.path());
        let mut settings = vec![
            ("COMMONHOLD_DATABASE_URL".to_owned(), database.url.clone()),
            ("COMMONHOLD_DATA_DIR".to_owned(), data.display().to_string()),
            ("COMMONHOLD_DEVELOPMENT".to_owned(), "true".to_owned()),
            ("COMMONHOLD_RATE_LIMITS".to_owned(), "false".to_owned()),
        ];
        settings.extend(self.settings);
        let app = App::open(Config::load(None, settings.into_iter()).unwrap()).unwrap();
        Inside { app, _database: database, _folder: folder }
    }
}

/// A running node.
pub struct Node {
    pub port: u16,
    /// From nothing to the first answer.
    pub first_start: Duration,
    folder: TempDir,
    settings: Vec<(String, String)>,
    terminal: bool,
    child: Mutex<Option<Child>>,
    /// Its own, unless it stands beside another.
    _database: Option<Fresh>,
}

impl Node {
    /// A node that nobody knows yet.
    pub async fn start(database: Database) -> Self {
        Setup::new(database).start().await
    }

    /// Where it is reached from this machine.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// What stands after the @ of its handles.
    pub fn domain(&self) -> String {
        self.setting("COMMONHOLD_DOMAIN")
    }

    /// Where its ids and links live.
    pub fn public_url(&self) -> String {
        self.setting("COMMONHOLD_PUBLIC_URL")
    }

    fn setting(&self, key: &str) -> String {
        let found = self.settings.iter().rev().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// What anyone sees who is not signed in.
    pub fn public(&self) -> Api {
        Api::public(&self.origin())
    }

    /// A page as a visitor's browser ends up with it: redirects within the node are followed.
    pub async fn page(&self, path: &str) -> Answer {
        let mut answer = self.public().try_get(path).await;
        for _ in 0..3 {
            if !answer.status.is_redirection() {
                break;
            }
            let to = answer.header("location").to_owned();
            let path = to.strip_prefix(&self.public_url()).unwrap_or(&to);
            assert!(path.starts_with('/'), "{to} leads away");
            answer = self.public().try_get(path).await;
        }
        answer
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// All it has written since its first start.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// How much it has written, in bytes.
    pub fn log_size(&self) -> u64 {
        fs::metadata(self.log_path()).map_or(0, |file| file.len())
    }

    /// What it has written after so many bytes.
    pub fn log_from(&self, start: u64) -> String {
        let mut file = File::open(self.log_path()).unwrap();
        file.seek(SeekFrom::Start(start)).unwrap();
        let mut text = Vec::new();
        file.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The program, set up as this node is.
    pub fn command(&self) -> Command {
        command(self.folder.path(), &self.settings)
    }

    /// Starts the process and waits until it answers; gives the time that took.
    async fn launch(&self) -> Duration {
        let log = File::options().create(true).append(true).open(self.log_path()).unwrap();
        let mut command = if self.terminal {
            // Debian's `script` gives it a terminal, and passes on what is shown there.
            let mut script = command_of("script", self.folder.path(), &self.settings);
            script.args(["-qefc", PROGRAM, "/dev/null"]);
            script
        } else {
            self.command()
        };
        let start = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        *self.child.lock().unwrap() = Some(child);
        let public = self.public();
        loop {
            if let Some(status) = self.exited() {
                panic!("the node stopped with {status}:\n{}", self.log());
            }
            let health = public.request(reqwest::Method::GET, "/health").send().await;
            if health.is_ok_and(|answer| answer.status().is_success()) {
                return start.elapsed();
            }
            assert!(start.elapsed().as_secs() < 30, "no answer from /health:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }

    fn exited(&self) -> Option<std::process::ExitStatus> {
        let mut child = self.child.lock().unwrap();
        child.as_mut().and_then(|child| child.try_wait().unwrap())
    }

    /// Its operator changes its database by hand, while it runs.
    pub fn tampers(&self, sql: &str) {
        let url = self.settings.iter().find(|(key, _)| key == "COMMONHOLD_DATABASE_URL");
        tamper(&url.unwrap().1, sql);
    }

    /// Dies at once, as in a power failure.
    pub fn kill9(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            if self.terminal {
                // The child is the terminal; the node in it would outlive it.
                let id = child.id().to_string();
                let _ = Command::new("pkill").args(["-KILL", "-P", &id]).status();
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts again where it was killed.
    pub async fn restart(&self) -> Duration {
        self.kill9();
        self.launch().await
    }

    /// One more process of the same node, on a port of its own.
    pub async fn beside(&self) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let mut settings = self.settings.clone();
        settings.retain(|(key, _)| key != "COMMONHOLD_LISTEN");
        settings.push(("COMMONHOLD_LISTEN".to_owned(), format!("127.0.0.1:{port}")));
        let child = Mutex::new(None);
        let (first_start, terminal) = (Duration::ZERO, false);
        let mut other =
            Self { port, first_start, folder, settings, terminal, child, _database: None };
        other.first_start = other.launch().await;
        other
    }

    /// Asks it to stop (SIGTERM) and waits; `true` when it left in order.
    pub fn stop(&self) -> bool {
        let Some(mut child) = self.child.lock().unwrap().take() else { return true };
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(asked.unwrap().success());
        child.wait().unwrap().success()
    }

    /// With what exit code it ended by itself, if it did.
    pub fn ended(&self) -> Option<i32> {
        self.child.lock().unwrap().as_mut()?.try_wait().unwrap()?.code()
    }

    /// The process id, for those who measure.
    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().as_ref().expect("the node runs").id()
    }

    /// Runs a command of the program beside the running node; `input` goes to its stdin.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone before it is written to.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        said(arguments, &self.run_with(arguments, ""))
    }

    /// Waits until the node knows what a server runs. That it has asked is not enough: what was
    /// answered is kept a moment later.
    pub async fn knows_software_of(&self, host: &str) {
        eventually(&format!("what {host} runs is known"), || async {
            let listed = self.run(&["server", "list", "--json"]);
            let listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
            listed.iter().any(|one| one["host"] == host && one["software"] != "").then_some(())
        })
        .await;
    }

    /// A new member with a token; the password is [`Member::PASSWORD`].
    pub async fn member(&self, name: &str) -> Member {
        self.member_made_with(name, &[]).await
    }

    /// A new member who runs the node.
    pub async fn operator(&self, name: &str) -> Member {
        self.member_made_with(name, &["--operator"]).await
    }

    async fn member_made_with(&self, name: &str, more: &[&str]) -> Member {
        let email = format!("{name}@example.org");
        let mut create = vec!["member", "create", name, "--email", &email, "--password-stdin"];
        create.extend(more);
        said(&create, &self.run_with(&create, &format!("{}\n", Member::PASSWORD)));
        let printed = self.run(&["member", "token", name, "--scopes", "read write follow push"]);
        let token = printed.split_whitespace().last().expect("a token is printed");
        Member::new(self, name, token).await
    }

    /// A new group, founded by a member of this node; its account as the public sees it.
    pub async fn group(&self, name: &str, purpose: &str, founder: &str) -> Value {
        self.run(&["group", "create", name, "--purpose", purpose, "--founder", founder]);
        self.public().get(&format!("/api/v1/accounts/lookup?acct={name}")).await
    }

    /// What the group's help figures say.
    pub async fn help(&self, group_id: &str) -> Value {
        self.public().get(&format!("/api/v1/groups/{group_id}/help")).await
    }

    /// Figures with this many counted receipts, in the order of the page.
    pub fn figures(receipts: u64, helpers: u64, helped: u64, across_nodes: u64) -> Value {
        json!({
            "window_days": 90, "receipts": receipts, "helpers": helpers, "helped": helped,
            "across_nodes": across_nodes, "by_staff": 0,
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            eprintln!("--- log of {}\n{}", self.origin(), tail(&self.log(), 200));
        }
    }
}

/// The program in `folder` with these settings and no others.
pub fn command(folder: &Path, settings: &[(String, String)]) -> Command {
    command_of(PROGRAM, folder, settings)
}

fn command_of(program: &str, folder: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("COMMONHOLD_")) {
        command.env_remove(key);
    }
    command.current_dir(folder).envs(settings.iter().cloned());
    command
}

fn said(arguments: &[&str], output: &Output) -> String {
    assert!(
        output.status.success(),
        "`{}` failed: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A port of loopback that nobody listens on, below those that outgoing connections take: a node
/// that is restarted must find its own still free.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = 12_000;
    let start = u16::try_from(std::process::id() % u32::from(span)).unwrap();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(step < span, "no port is free");
        let port = 20_000 + (start + step) % span;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
