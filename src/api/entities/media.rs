//! Pictures, sound and film.
use schemars::JsonSchema;
use serde::Serialize;

use super::Id;

/// <https://docs.joinmastodon.org/entities/MediaAttachment/>
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct MediaAttachment {
    pub id: Id,
    /// `image`, `gifv`, `video`, `audio` or `unknown`.
    #[schemars(extend("enum" = ["image", "gifv", "video", "audio", "unknown"]))]
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Null while it is being worked on.
    pub url: Option<String>,
    pub preview_url: Option<String>,
    pub remote_url: Option<String>,
    pub preview_remote_url: Option<String>,
    pub text_url: Option<String>,
    pub meta: Meta,
    pub description: Option<String>,
    pub blurhash: Option<String>,
}

/// Sizes and the point not to crop away.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub(crate) struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub small: Option<Dimensions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
}

/// The file itself: its size, and how it plays.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub(crate) struct Original {
    #[serde(flatten)]
    pub pixels: Option<Dimensions>,
    #[serde(flatten)]
    pub plays: Playing,
}

impl Original {
    /// Nothing is known of it.
    pub fn is_empty(&self) -> bool {
        let Playing { frame_rate, duration, bitrate } = &self.plays;
        self.pixels.is_none() && frame_rate.is_none() && duration.is_none() && bitrate.is_none()
    }
}

/// What is known of sound and film.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub(crate) struct Playing {
    /// Pictures a second, as a fraction: `30000/1001`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Bits a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<i64>,
}

/// The size of a picture in pixels.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(crate) struct Dimensions {
    pub width: i32,
    pub height: i32,
    /// `WxH`.
    pub size: String,
    pub aspect: f64,
}

impl Dimensions {
    /// Of a picture with these sides; `None` if it has none.
    pub fn of(width: i32, height: i32) -> Option<Self> {
        let aspect = f64::from(width) / f64::from(height);
        let real = width > 0 && height > 0;
        real.then(|| Self { width, height, size: format!("{width}x{height}"), aspect })
    }
}

/// From -1 to 1, the middle is 0.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub(crate) struct Focus {
    pub x: f64,
    pub y: f64,
}
