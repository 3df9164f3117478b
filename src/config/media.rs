//! Settings of pictures, sound and film: where files are kept, how much of them, what works on them.
use std::path::PathBuf;

use url::Url;

use super::{
    ConfigError, Secret,
    read::{Settings, TRUE_FALSE, boolean},
};

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In the folder `media` of the data folder.
    Disk,
    /// In a bucket of a store that speaks S3.
    S3 {
        /// The bucket; it is there already.
        bucket: String,
        /// What the names of all files begin with; empty, or without a slash at either end.
        prefix: String,
    },
}

impl StorePlace {
    fn parse(text: &str) -> Option<Self> {
        if text == "disk" {
            return Some(Self::Disk);
        }
        let (bucket, prefix) = {
            let rest = text.strip_prefix("s3://")?;
            rest.split_once('/').unwrap_or((rest, ""))
        };
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let plain =
            |text: &str| !text.is_empty() && text != "." && text != ".." && text.chars().all(name);
        let prefix = prefix.trim_end_matches('/');
        (plain(bucket) && (prefix.is_empty() || prefix.split('/').all(plain)))
            .then(|| Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

/// How to speak to a store that speaks S3.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// Its address; `None`: Amazon's own for the region.
    pub endpoint: Option<Url>,
    /// The region that requests are signed for.
    pub region: String,
    /// Name of the key.
    pub access_key_id: String,
    /// The key itself.
    pub secret_access_key: Option<Secret>,
    /// Whether the bucket is named in the path and not in the host.
    pub path_style: bool,
}

/// Which ffmpeg looks into sound and film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FfmpegChoice {
    /// The one that is found, if there is one.
    Auto,
    /// None, even where there is one.
    Off,
    /// This program; ffprobe lies beside it.
    At(PathBuf),
}

/// Settings of pictures, sound and film.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Where files are kept.
    pub store: StorePlace,
    /// How to speak to a store that speaks S3.
    pub s3: S3Settings,
    /// Bytes that a film or a sound may have.
    pub max_video_bytes: usize,
    /// Bytes that all files of one member may have together; `None`: as many as they like.
    pub quota_bytes: Option<i64>,
    /// Which ffmpeg looks into sound and film.
    pub ffmpeg: FfmpegChoice,
    /// Whether readers get files of other servers from this node.
    pub proxy: bool,
    /// Bytes that copies of files of other servers may take.
    pub cache_bytes: i64,
    /// Days that such a copy is used before it is fetched anew.
    pub cache_days: i64,
}

impl Settings {
    /// The settings of pictures, sound and film, checked.
    pub(super) fn media(&self) -> Result<MediaSettings, ConfigError> {
        let store = self.required(
            "media_store",
            "disk, or s3://BUCKET or s3://BUCKET/PREFIX",
            StorePlace::parse,
        )?;
        let in_s3 = matches!(store, StorePlace::S3 { .. });
        let endpoint =
            self.optional("s3_endpoint", "an https:// address without a path", |text| {
                let url = Url::parse(text).ok()?;
                // A store on this machine or in its own network needs no TLS.
                let good = matches!(url.scheme(), "https" | "http") && url.has_host();
                let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
                (good && bare).then_some(url)
            })?;
        let needs = "must be set when media_store begins with s3://";
        let access_key_id = self.0.get("s3_access_key_id").text;
        if in_s3 && access_key_id.is_empty() {
            return Err(self.wrong("s3_access_key_id", needs));
        }
        let secret_access_key =
            self.optional("s3_secret_access_key", needs, |text| Some(Secret::new(text)))?;
        if in_s3 && secret_access_key.is_none() {
            return Err(self.wrong("s3_secret_access_key", needs));
        }
        let quota: i64 = self.number("member_quota_bytes", 0, 1 << 50)?;
        Ok(MediaSettings {
            store,
            s3: S3Settings {
                endpoint,
                region: self
                    .required("s3_region", "the name of a region", |text| Some(text.to_owned()))?,
                access_key_id,
                secret_access_key,
                path_style: self.required("s3_path_style", TRUE_FALSE, boolean)?,
            },
            max_video_bytes: self.number("max_video_bytes", 100_000, 4_000_000_000)?,
            quota_bytes: (quota > 0).then_some(quota),
            ffmpeg: self.required("ffmpeg", "auto, off, or the path of the program", |text| {
                Some(match text {
                    "auto" => FfmpegChoice::Auto,
                    "off" => FfmpegChoice::Off,
                    path if path.contains('/') => FfmpegChoice::At(path.into()),
                    _ => return None,
                })
            })?,
            proxy: self.required("media_proxy", TRUE_FALSE, boolean)?,
            cache_bytes: self.number("media_cache_bytes", 1_000_000, 1 << 50)?,
            cache_days: self.number("media_cache_days", 1, 3_650)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_the_disk_or_a_bucket() {
        let s3 = |bucket: &str, prefix: &str| {
            Some(StorePlace::S3 { bucket: bucket.into(), prefix: prefix.into() })
        };
        assert_eq!(StorePlace::parse("disk"), Some(StorePlace::Disk));
        assert_eq!(StorePlace::parse("s3://oak-media"), s3("oak-media", ""));
        assert_eq!(StorePlace::parse("s3://oak/nodes/one/"), s3("oak", "nodes/one"));
        for text in ["", "s3://", "s3:///x", "s3://a b", "s3://oak//x", "s3://oak/../x", "gs://x"] {
            assert_eq!(StorePlace::parse(text), None, "{text}");
        }
    }
}
