//! Where readers find files of other servers: at this node, under the id of what they belong to.
//!
//! The address holds a piece of the digest of the file's own address. So it is another one when the
//! file is, and nobody learns by trying ids what is in posts they may not read.
use sha2::{Digest as _, Sha256};

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// A medium's.
    File,
    /// The picture of an actor.
    Avatar,
    /// The wide picture of an actor.
    Header,
    /// The picture of a custom emoji.
    Emoji,
    /// The same without movement.
    StillEmoji,
}

impl Belongs {
    /// As addresses have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Avatar => "avatar",
            Self::Header => "header",
            Self::Emoji => "emoji",
            Self::StillEmoji => "emoji-still",
        }
    }

    /// From an address.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::File, Self::Avatar, Self::Header, Self::Emoji, Self::StillEmoji];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// SHA-256 of an address, in hex.
pub fn digest(url: &str) -> String {
    hex::encode(Sha256::digest(url))
}

/// The piece of its digest that stands in addresses.
pub fn tag(url: &str) -> String {
    digest(url).chars().take(24).collect()
}

/// Where the file at `url` is served, below the node's address; `None` for what is no address on the
/// web.
pub fn copy_path(belongs: Belongs, id: i64, url: &str) -> Option<String> {
    let remote = url.starts_with("https://") || url.starts_with("http://");
    remote.then(|| format!("/media/proxy/{}/{id}/{}", belongs.as_str(), tag(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_has_another_address() {
        let path = |url| copy_path(Belongs::Avatar, 7, url).unwrap();
        assert!(path("https://elm.example/a.png").starts_with("/media/proxy/avatar/7/"));
        assert_ne!(path("https://elm.example/a.png"), path("https://elm.example/b.png"));
        assert_eq!(copy_path(Belongs::File, 7, "ab/cd/x.png"), None);
        assert_eq!(Belongs::from_word("header"), Some(Belongs::Header));
        assert_eq!(Belongs::from_word("../"), None);
    }
}
