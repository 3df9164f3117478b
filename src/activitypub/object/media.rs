//! Pictures, files and emojis that come with a post or an actor.
use serde_json::Value;

use crate::{
    activitypub::json,
    types::{Time, Uri},
};

/// Longest description of a picture that is kept, in characters.
const MAX_DESCRIPTION_CHARS: usize = 10_000;

/// A picture or another file of a post.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// Where it is.
    pub url: Uri,
    /// Its media type; guessed from its kind where it is not given.
    pub media_type: Option<String>,
    /// What it shows, in words.
    pub description: Option<String>,
    /// The smudge to show while it loads.
    pub blurhash: Option<String>,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// What to keep in view when it is cropped: x and y from -1 to 1.
    pub focus: Option<(f64, f64)>,
}

/// A custom emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// Without colons.
    pub shortcode: String,
    /// The picture.
    pub url: Uri,
    /// The picture's media type, where it is given.
    pub media_type: Option<String>,
    /// Its id, where it has one.
    pub id: Option<Uri>,
    /// When it last changed.
    pub updated: Option<Time>,
}

/// A picture of an actor or a post: where it is and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// Where it is.
    pub url: Uri,
    /// What it shows, in words.
    pub description: Option<String>,
}

impl Icon {
    /// Reads an object, an array, or a plain address.
    pub fn read(of: &Value, key: &str) -> Option<Self> {
        json::many(of, key).iter().find_map(|value| {
            let plain = json::uri(value.as_str().unwrap_or_default()).filter(has_a_name);
            let url = plain.or_else(|| address(value))?;
            let description = json::text(value, "name").or_else(|| json::text(value, "summary"));
            Some(Self { url, description: description.map(short) })
        })
    }
}

impl Emoji {
    /// Reads a tag of type `Emoji`.
    pub fn read(tag: &Value) -> Option<Self> {
        let shortcode = json::text(tag, "name")?.trim_matches(':');
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '@');
        let fits = !shortcode.is_empty() && shortcode.len() <= 100 && shortcode.chars().all(word);
        fits.then_some(())?;
        Some(Self {
            shortcode: shortcode.to_owned(),
            url: Icon::read(tag, "icon")?.url,
            media_type: json::many(tag, "icon")
                .iter()
                .find_map(|icon| json::text(icon, "mediaType"))
                .filter(|given| given.len() < 128)
                .map(str::to_owned),
            id: json::id(tag, "id"),
            updated: json::time(tag, "updated"),
        })
    }
}

impl Attachment {
    /// Reads a `Document`, `Image`, `Video`, `Audio`, or a link to a file.
    pub fn read(value: &Value) -> Option<Self> {
        let url = address(value)?;
        let kind = match json::kinds(value).next().unwrap_or_default() {
            "Image" => Some("image"),
            "Video" => Some("video"),
            "Audio" => Some("audio"),
            _ => None,
        };
        let given = json::text(value, "mediaType").map(|media_type| media_type.trim().to_owned());
        let description =
            ["name", "summary", "content"].iter().find_map(|key| json::text(value, key));
        Some(Self {
            media_type: given
                .filter(|given| given.len() < 128 && given.contains('/'))
                .or_else(|| by_ending(&url).map(str::to_owned))
                .or_else(|| kind.map(|kind| format!("{kind}/*"))),
            url,
            description: description.filter(|text| !text.is_empty()).map(short),
            blurhash: json::text(value, "blurhash")
                .filter(|hash| hash.len() <= 128)
                .map(str::to_owned),
            width: pixels(value, "width"),
            height: pixels(value, "height"),
            focus: focus(value),
        })
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_DESCRIPTION_CHARS).collect()
}

fn pixels(value: &Value, key: &str) -> Option<i64> {
    json::count(value, key).filter(|count| (1..=100_000).contains(count))
}

fn focus(value: &Value) -> Option<(f64, f64)> {
    match json::many(value, "focalPoint") {
        [x, y] => Some((x.as_f64()?.clamp(-1.0, 1.0), y.as_f64()?.clamp(-1.0, 1.0))),
        _ => None,
    }
}

/// Where a file is: `url` or `href`, as text, link or list of links.
fn address(value: &Value) -> Option<Uri> {
    let link = |value: &Value| match value {
        Value::String(text) => json::uri(text),
        other => json::text(other, "href").or_else(|| json::text(other, "url")).and_then(json::uri),
    };
    let links = json::many(value, "url").iter().chain(json::many(value, "href"));
    links.filter_map(link).find(has_a_name)
}

/// A bare IP address is no place for a picture: it leads readers, or us, into a private network.
fn has_a_name(url: &Uri) -> bool {
    url.domain().is_some()
}

/// The media type that the end of an address tells.
fn by_ending(url: &Uri) -> Option<&'static str> {
    let (_, ending) = url.path().rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        _ => return None,
    })
}
