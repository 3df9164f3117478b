//! A store that speaks S3, which others wrote: the server of moto.
use std::{
    fs::File,
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use tempfile::TempDir;

use super::{Api, Setup, clients::venv, eventually, free_port};

/// A running store with one bucket, `oak`.
pub struct Bucket {
    port: u16,
    api: Api,
    folder: TempDir,
    child: Mutex<Option<Child>>,
}

impl Bucket {
    pub const SECRET: &'static str = "a-secret-that-no-log-holds";

    pub async fn start() -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new(venv("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let api = Api::public(&format!("http://127.0.0.1:{port}"));
        let bucket = Self { port, api, folder, child: Mutex::new(Some(child)) };
        let most = std::time::Duration::from_secs(120);
        super::eventually_within(most, "the store answers", || async {
            let made = bucket.api.request(reqwest::Method::PUT, "/oak").send().await;
            made.is_ok_and(|answer| answer.status().is_success()).then_some(())
        })
        .await;
        bucket
    }

    /// The setup of a node whose files live here, below `nodes/one`.
    pub fn holds_files_of(&self, setup: Setup) -> Setup {
        setup
            .with("MEDIA_STORE", "s3://oak/nodes/one")
            .with("S3_ENDPOINT", &format!("http://127.0.0.1:{}", self.port))
            .with("S3_ACCESS_KEY_ID", "node")
            .with("S3_SECRET_ACCESS_KEY", Self::SECRET)
    }

    /// The names of everything in the bucket.
    pub async fn names(&self) -> Vec<String> {
        let listed = self.api.try_get("/oak?list-type=2").await;
        assert!(listed.status.is_success(), "{}", listed.text);
        let keys = listed.text.split("<Key>").skip(1);
        keys.filter_map(|rest| rest.split("</Key>").next()).map(str::to_owned).collect()
    }

    /// Waits until the bucket holds so many files.
    pub async fn comes_to_hold(&self, count: usize) {
        eventually(&format!("the bucket holds {count} files"), || async {
            (self.names().await.len() == count).then_some(())
        })
        .await;
    }

    pub fn goes_down(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.goes_down();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("--- log of the store\n{log}");
        }
    }
}
