//! Pictures, sound and film: from one's own machine, from other servers, in whatever store.
use std::{path::Path, process::Command, time::Duration};

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::Value;

use crate::harness::{Answer, Api, Member, Node, eventually_within, id};

mod copies;
mod hostile;
mod own;
mod store;
mod uploads;

/// Where a film says it was made.
const PLACE: &str = "+48.2082+016.3738/";

/// What ffmpeg makes of these arguments, as a file with this ending.
pub fn made(arguments: &str, ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("made.{ending}"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin"]).args(arguments.split_whitespace()).arg(&path);
    let done = tokio::task::block_in_place(|| ffmpeg.output());
    let done = done.expect("ffmpeg is there: run `scripts/setup-tests`");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::read(path).unwrap()
}

/// Two seconds of film with sound, 320 by 240, made at [`PLACE`].
pub fn film(ending: &str) -> Vec<u8> {
    let codecs = match ending {
        "webm" => "-c:v libvpx -deadline realtime -c:a libopus",
        _ => "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac",
    };
    let place = format!("-metadata location={PLACE} -metadata comment={PLACE}");
    let source = "-f lavfi -i testsrc=d=2:s=320x240:r=25 -f lavfi -i sine=d=2";
    made(&format!("{source} {codecs} {place}"), ending)
}

/// Seconds of sound.
pub fn sound(seconds: u32, ending: &str) -> Vec<u8> {
    made(&format!("-f lavfi -i sine=d={seconds}"), ending)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Uploads a file, which its sender calls whatever they like.
async fn sends(api: &Api, path: &str, bytes: Vec<u8>, name: &str) -> Answer {
    let kind = if name.contains(".html") { "text/html" } else { "video/mp4" };
    let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str(kind).unwrap();
    api.send(api.request(Method::POST, path).multipart(Form::new().part("file", part))).await
}

/// Uploads a file to the newer method.
async fn uploads(member: &Member, bytes: Vec<u8>) -> Answer {
    sends(&member.api, "/api/v2/media", bytes, "a film.mp4").await
}

/// What becomes of an upload that is worked on later: asked for while it is not ready.
async fn worked_on(member: &Member, media: &Value) -> Answer {
    let path = format!("/api/v1/media/{}", id(media));
    eventually_within(Duration::from_secs(150), "the upload is worked on", || async {
        let answer = member.api.try_get(&path).await;
        (answer.status != 206).then_some(answer)
    })
    .await
}

/// The bytes of a file, whole or a piece, and the answer they came with.
async fn bytes_at(node: &Node, url: &str, range: Option<&str>) -> (reqwest::Response, Vec<u8>) {
    let request = node.public().request(Method::GET, url).header("Accept-Encoding", "gzip");
    let request = match range {
        Some(range) => request.header("Range", range),
        None => request,
    };
    let mut response = request.send().await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    (response, bytes)
}

fn header(response: &reqwest::Response, name: &str) -> String {
    let value = response.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// An ffmpeg that waits until the file `go` is in its folder; gives its path.
fn patient_ffmpeg(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    for name in ["ffmpeg", "ffprobe"] {
        let found = Command::new("which").arg(name).output().unwrap();
        let real = String::from_utf8(found.stdout).unwrap();
        let go = folder.join("go");
        let script = format!(
            "#!/bin/sh\nwhile [ ! -e {} ]; do /bin/sleep 0.1; done\nexec {} \"$@\"\n",
            go.display(),
            real.trim()
        );
        let path = folder.join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder.join("ffmpeg").display().to_string()
}
