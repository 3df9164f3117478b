//! What can be listened to, in the words of the Mastodon API.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{text::normal_tag, types::ListId};

/// One thing a client listens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// The home timeline, and notifications.
    User,
    /// Notifications alone.
    UserNotification,
    /// Public posts of everybody, of local or of remote authors.
    Public {
        /// Whose.
        from: Origin,
        /// Only those with media.
        only_media: bool,
    },
    /// Public posts with a tag.
    Hashtag {
        /// In its normal form.
        tag: String,
        /// As the client wrote it, which is how it knows the stream.
        written: String,
        /// Only of local authors.
        local: bool,
    },
    /// A list; the threads of a group, which every client sees as one, too.
    List(ListId),
    /// What is for the member's eyes only.
    Direct,
}

/// Whose public posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Everybody's.
    All,
    /// Of authors here.
    Local,
    /// Of authors elsewhere.
    Remote,
}

/// How a client asks for a stream, in a frame or in the query.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Wanted {
    /// `user`, `public:local`, `hashtag` ..
    pub stream: String,
    /// Of `hashtag`.
    pub tag: Option<String>,
    /// Of `list`.
    pub list: Option<String>,
}

impl Stream {
    /// The stream a client asks for.
    ///
    /// # Errors
    /// A sentence for the client: no such stream, no tag, no list.
    pub fn wanted(wanted: &Wanted) -> Result<Self, &'static str> {
        let name = wanted.stream.replace('/', ":");
        let (name, only_media) = match name.strip_suffix(":media") {
            Some(rest) if rest.starts_with("public") => (rest, true),
            _ => (name.as_str(), false),
        };
        let public = |from| Ok(Self::Public { from, only_media });
        match name {
            "user" => Ok(Self::User),
            "user:notification" => Ok(Self::UserNotification),
            "public" => public(Origin::All),
            "public:local" => public(Origin::Local),
            "public:remote" => public(Origin::Remote),
            "hashtag" => hashtag(wanted, false),
            "hashtag:local" => hashtag(wanted, true),
            "list" => list(wanted),
            "direct" => Ok(Self::Direct),
            _ => Err("Unknown stream type"),
        }
    }

    /// How the stream is named in every frame: `["hashtag","tagname"]`.
    pub fn name(&self) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::User => words(&["user"]),
            Self::UserNotification => words(&["user:notification"]),
            Self::Public { from, only_media } => {
                let name = match from {
                    Origin::All => "public",
                    Origin::Local => "public:local",
                    Origin::Remote => "public:remote",
                };
                vec![if *only_media { format!("{name}:media") } else { name.to_owned() }]
            }
            Self::Hashtag { written, local: false, .. } => words(&["hashtag", written]),
            Self::Hashtag { written, local: true, .. } => words(&["hashtag:local", written]),
            Self::List(id) => vec!["list".to_owned(), id.to_string()],
            Self::Direct => words(&["direct"]),
        }
    }

    /// Whether only somebody who is logged in can listen.
    pub fn is_personal(&self) -> bool {
        match self {
            Self::User | Self::UserNotification | Self::List(_) | Self::Direct => true,
            Self::Public { .. } | Self::Hashtag { .. } => false,
        }
    }

    /// What a token must allow.
    pub fn scope(&self) -> &'static str {
        match self {
            Self::UserNotification => "read:notifications",
            Self::List(_) => "read:lists read:statuses",
            Self::User | Self::Public { .. } | Self::Hashtag { .. } | Self::Direct => {
                "read:statuses"
            }
        }
    }

    /// Whether notifications are heard on it.
    pub fn has_notifications(&self) -> bool {
        matches!(self, Self::User | Self::UserNotification)
    }
}

fn hashtag(wanted: &Wanted, local: bool) -> Result<Stream, &'static str> {
    let written = wanted.tag.as_deref().unwrap_or_default().trim();
    let tag = normal_tag(written);
    if tag.is_empty() || tag.len() > 400 {
        return Err("Missing tag name parameter");
    }
    Ok(Stream::Hashtag { tag, written: written.to_owned(), local })
}

fn list(wanted: &Wanted) -> Result<Stream, &'static str> {
    let id = wanted.list.as_deref().and_then(|id| id.parse().ok());
    id.map(Stream::List).ok_or("Missing list name parameter")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(stream: &str, tag: Option<&str>, list: Option<&str>) -> Result<Stream, &'static str> {
        Stream::wanted(&Wanted {
            stream: stream.into(),
            tag: tag.map(Into::into),
            list: list.map(Into::into),
        })
    }

    #[test]
    fn a_stream_is_named_as_it_was_asked_for() {
        for name in ["user", "user:notification", "public", "public:local:media", "public:remote"] {
            assert_eq!(wanted(name, None, None).unwrap().name(), [name]);
        }
        assert_eq!(wanted("user/notification", None, None), Ok(Stream::UserNotification));
        assert_eq!(wanted("hashtag", Some("Bikes"), None).unwrap().name(), ["hashtag", "Bikes"]);
        assert_eq!(wanted("list", None, Some("12")).unwrap().name(), ["list", "12"]);
    }

    #[test]
    fn what_does_not_exist_is_refused_with_a_reason() {
        assert_eq!(wanted("mood", None, None), Err("Unknown stream type"));
        assert_eq!(wanted("hashtag", Some(" # "), None), Err("Missing tag name parameter"));
        assert_eq!(wanted("list", None, Some("x")), Err("Missing list name parameter"));
    }
}
