//! Another program that looks into sound and film: ffmpeg, where the machine has it.
//!
//! It is given one local file, is told how to read it (so that no playlist is followed), may use no
//! network, one thread, so much memory and so much time; and it is never called through a shell.
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::Deserialize;
use tokio::{io::AsyncReadExt as _, process::Command, sync::Semaphore};

use super::kind::FileKind;
use crate::{
    config::FfmpegChoice,
    error::{Error, Result},
};

/// Longest time for one call. A task has a minute, and needs three.
const PATIENCE: Duration = Duration::from_secs(18);
/// Most bytes that one piece of memory may have.
const MAX_ALLOC: &str = "300000000";
/// Most bytes of an answer that are read.
const MAX_ANSWER: u64 = 256 << 10;

/// Only one call at a time: films may need a processor each.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Where ffmpeg and ffprobe are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ffmpeg {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

/// What is known of sound and film.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probe {
    /// Of the film, the right way up; none for sound alone.
    pub video: Option<Video>,
    /// Whether there is sound.
    pub audio: bool,
    /// How long it plays, milliseconds.
    pub duration_ms: Option<i64>,
    /// Bits a second.
    pub bit_rate: Option<i64>,
}

/// The pictures of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// Pictures a second, as a fraction: `30000/1001`.
    pub frame_rate: String,
}

impl Video {
    /// Pictures a second.
    pub fn per_second(&self) -> Option<f64> {
        let (over, under) = self.frame_rate.split_once('/')?;
        let (over, under) = (over.parse::<f64>().ok()?, under.parse::<f64>().ok()?);
        (under > 0.0).then(|| over / under)
    }
}

impl Ffmpeg {
    /// The one that the settings mean; `None` where there is none.
    pub fn find(choice: &FfmpegChoice) -> Option<Self> {
        let beside = |ffmpeg: PathBuf| {
            let ffprobe = ffmpeg.with_file_name("ffprobe");
            (ffmpeg.is_file() && ffprobe.is_file()).then_some(Self { ffmpeg, ffprobe })
        };
        match choice {
            FfmpegChoice::Off => None,
            FfmpegChoice::At(path) => beside(path.clone()),
            FfmpegChoice::Auto => {
                let places = std::env::var_os("PATH")?;
                std::env::split_paths(&places).find_map(|folder| beside(folder.join("ffmpeg")))
            }
        }
    }

    /// Where it is, for those who look after the node.
    pub fn path(&self) -> &Path {
        &self.ffmpeg
    }

    /// What a file holds.
    ///
    /// # Errors
    /// `Invalid` when it cannot be read.
    pub async fn probe(&self, file: &Path, kind: FileKind) -> Result<Probe> {
        let mut command = Command::new(&self.ffprobe);
        command.args(["-v", "error", "-protocol_whitelist", "file", "-f", demuxer(kind)]);
        command.args([
            "-show_entries",
            "format=duration,bit_rate:stream=codec_type,width,height,avg_frame_rate:\
             stream_side_data=rotation:stream_disposition=attached_pic",
            "-of",
            "json",
            "-i",
        ]);
        command.arg(local(file));
        let said = run(command).await?.ok_or_else(damaged)?;
        let said: Said = serde_json::from_slice(&said).map_err(|_| damaged())?;
        Ok(said.into_probe())
    }

    /// Writes the same sound and film without anything that tells about their making: other streams,
    /// titles, places, pictures of the cover. Nothing is coded anew.
    ///
    /// # Errors
    /// `Invalid` when it cannot be done.
    pub async fn strip(&self, from: &Path, to: &Path, kind: FileKind) -> Result<()> {
        let mut command = self.reading(from, kind);
        if kind.family() == super::Family::Video {
            command.args(["-map", "0:V:0?"]);
        }
        command.args([
            "-map",
            "0:a:0?",
            "-c",
            "copy",
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
        ]);
        command.args(["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]);
        if kind.has_boxes() {
            // Begins to play before it is all there.
            command.args(["-movflags", "+faststart"]);
        }
        command.args(["-f", muxer(kind), "-y"]).arg(local(to));
        run(command).await?.map(drop).ok_or_else(damaged)
    }

    /// Writes one picture of a film, or a picture that we cannot read, as PNG.
    ///
    /// # Errors
    /// `Invalid` when there is none.
    pub async fn still(&self, from: &Path, to: &Path, kind: FileKind, at_ms: i64) -> Result<()> {
        let mut command = self.command();
        if at_ms > 0 {
            command.args(["-ss", &format!("{}.{:03}", at_ms / 1_000, at_ms % 1_000)]);
        }
        input(&mut command, from, kind);
        command.args(["-map", "0:v:0", "-frames:v", "1", "-an", "-sn", "-dn"]);
        if kind.family() == super::Family::Video {
            command.args(["-vf", "scale='min(1280,iw)':-2"]);
        }
        command.args(["-map_metadata", "-1", "-c:v", "png", "-f", "image2", "-update", "1", "-y"]);
        command.arg(local(to));
        run(command).await?.ok_or_else(damaged)?;
        // Nothing is written where the film ends before.
        if tokio::fs::metadata(to).await.is_ok_and(|file| file.len() > 0) {
            Ok(())
        } else {
            Err(damaged())
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.ffmpeg);
        command.args(["-v", "error", "-nostdin", "-max_alloc", MAX_ALLOC]);
        command
    }

    fn reading(&self, from: &Path, kind: FileKind) -> Command {
        let mut command = self.command();
        input(&mut command, from, kind);
        command
    }
}

fn input(command: &mut Command, from: &Path, kind: FileKind) {
    command.args(["-protocol_whitelist", "file", "-threads", "1", "-max_pixels", "33177600"]);
    command.args(["-f", demuxer(kind), "-i"]).arg(local(from)).args(["-threads", "1"]);
}

/// A file, and no address or option whatever its name is.
fn local(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

fn demuxer(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Mp4 | FileKind::QuickTime | FileKind::M4a | FileKind::Avif | FileKind::Heic => {
            "mov"
        }
        FileKind::WebM => "matroska",
        FileKind::Mp3 => "mp3",
        FileKind::Ogg => "ogg",
        FileKind::Flac => "flac",
        FileKind::Wav => "wav",
        FileKind::Jpeg | FileKind::Png | FileKind::Gif | FileKind::WebP => "image2",
    }
}

fn muxer(kind: FileKind) -> &'static str {
    match kind {
        FileKind::QuickTime => "mov",
        FileKind::M4a => "ipod",
        FileKind::WebM => "webm",
        FileKind::Mp3 => "mp3",
        FileKind::Ogg => "ogg",
        FileKind::Flac => "flac",
        FileKind::Wav => "wav",
        _ => "mp4",
    }
}

/// What the program wrote; `None` where it failed or took too long.
async fn run(mut command: Command) -> Result<Option<Vec<u8>>> {
    let _turn = ONE_AT_A_TIME.acquire().await.map_err(Error::internal)?;
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.current_dir("/").kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|e| Error::internal(format_args!("starting ffmpeg or ffprobe: {e}")))?;
    let work = async {
        let mut said = Vec::new();
        if let Some(output) = child.stdout.take() {
            output.take(MAX_ANSWER).read_to_end(&mut said).await?;
        }
        Ok::<_, std::io::Error>((child.wait().await?, said))
    };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => {
            let (status, said) = done?;
            Ok(status.success().then_some(said))
        }
        Err(_) => Ok(None),
    }
}

fn damaged() -> Error {
    Error::invalid("This file is damaged, or of a kind that cannot be read here.")
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Default, Deserialize)]
struct Format {
    duration: Option<String>,
    bit_rate: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    codec_type: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    avg_frame_rate: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: i64,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Said {
    fn into_probe(self) -> Probe {
        let is = |stream: &Stream, kind: &str| stream.codec_type.as_deref() == Some(kind);
        let film = |stream: &&Stream| is(stream, "video") && stream.disposition.attached_pic == 0;
        let duration = self.format.duration.as_deref().and_then(milliseconds);
        Probe {
            audio: self.streams.iter().any(|stream| is(stream, "audio")),
            video: self.streams.iter().find(film).and_then(Stream::video),
            duration_ms: duration,
            bit_rate: self.format.bit_rate.and_then(|rate| rate.parse().ok()),
        }
    }
}

impl Stream {
    fn video(&self) -> Option<Video> {
        let (width, height) = (self.width?, self.height?);
        let mut turned = self.side_data_list.iter().filter_map(|data| data.rotation);
        let on_its_side = turned.next_back().is_some_and(|angle| (angle / 90.0).abs() % 2.0 > 0.5);
        let (width, height) = if on_its_side { (height, width) } else { (width, height) };
        let frame_rate = self.avg_frame_rate.clone().unwrap_or_default();
        Some(Video { width, height, frame_rate })
    }
}

/// Seconds with up to six decimals, in milliseconds.
fn milliseconds(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: i64 = whole.parse().ok().filter(|secs| (0..1_000_000_000).contains(secs))?;
    Some(whole * 1_000 + digits.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ffprobe_says_is_read() {
        let said = r#"{"programs": [], "streams": [
            {"codec_type": "video", "width": 600, "height": 600, "disposition": {"attached_pic": 1}},
            {"codec_type": "video", "width": 1920, "height": 1080, "avg_frame_rate": "30000/1001",
             "side_data_list": [{"rotation": -90}]},
            {"codec_type": "audio", "avg_frame_rate": "0/0"}],
            "format": {"duration": "12.345678", "bit_rate": "878000"}}"#;
        let probe = serde_json::from_str::<Said>(said).unwrap().into_probe();
        let video = probe.video.clone().unwrap();
        assert_eq!((video.width, video.height), (1080, 1920), "the right way up");
        assert!((video.per_second().unwrap() - 29.97).abs() < 0.01);
        assert_eq!(
            (probe.audio, probe.duration_ms, probe.bit_rate),
            (true, Some(12_345), Some(878_000))
        );
        let nothing = serde_json::from_str::<Said>("{}").unwrap().into_probe();
        assert_eq!(nothing, Probe::default());
    }

    #[test]
    fn times_are_read_or_left_out() {
        assert_eq!(milliseconds("3"), Some(3_000));
        assert_eq!(milliseconds("0.04"), Some(40));
        for text in ["", "N/A", "-1.0", "99999999999999999999"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_off_or_nowhere() {
        assert_eq!(Ffmpeg::find(&FfmpegChoice::Off), None);
        assert_eq!(Ffmpeg::find(&FfmpegChoice::At("/nowhere/ffmpeg".into())), None);
    }
}
