//! What files are called: names nobody can guess, the same on disk and in a bucket.
use sha2::{Digest as _, Sha256};

/// What the paths of copies of other servers' files begin with: they need no backup.
pub const CACHE: &str = "cache/";

/// A new name: `ab/cd/<random>.<extension>`.
pub fn fresh(extension: &str) -> String {
    of_digits(&hex::encode(rand::random::<[u8; 16]>()), extension)
}

/// The name of what is made of something secret: the same each time, so that work that is done twice
/// leaves one file.
pub fn derived(secret: &str, part: &str, extension: &str) -> String {
    let mut hash = Sha256::new();
    for piece in ["media file", secret, part] {
        hash.update(piece.len().to_be_bytes());
        hash.update(piece);
    }
    let digits = hex::encode(hash.finalize());
    of_digits(digits.get(..32).unwrap_or_default(), extension)
}

fn of_digits(name: &str, extension: &str) -> String {
    let (first, second) = (name.get(..2).unwrap_or("00"), name.get(2..4).unwrap_or("00"));
    format!("{first}/{second}/{name}.{extension}")
}

/// `ab/cd/<32 hex digits>.<extension>`, also below `cache/`, and nothing else: no path leads out of the
/// store.
pub fn is_ours(path: &str) -> bool {
    let is_hex = |text: &str, len: usize| {
        text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let mut pieces = path.strip_prefix(CACHE).unwrap_or(path).split('/');
    let (Some(first), Some(second), Some(file), None) =
        (pieces.next(), pieces.next(), pieces.next(), pieces.next())
    else {
        return false;
    };
    let Some((name, extension)) = file.split_once('.') else { return false };
    is_hex(first, 2)
        && is_hex(second, 2)
        && is_hex(name, 32)
        && name.starts_with(&format!("{first}{second}"))
        && (2..=4).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_store() {
        let name = "ab".repeat(16);
        assert!(is_ours(&format!("ab/ab/{name}.png")));
        assert!(is_ours(&format!("cache/ab/ab/{name}.png")));
        for path in [
            "../etc/passwd",
            "ab/cd/../../x.png",
            "/ab/cd/x.png",
            "ab/cd/x.png",
            "ab\\cd\\x.png",
            "",
            &format!("ab/ab/.{name}.part"),
            &format!("ab/ab/{name}.png/x"),
            &format!("ab/cd/{name}.png"),
            &format!("ab/ab/{name}.p/g"),
            &format!("cache/cache/ab/ab/{name}.png"),
            &format!("cache//ab/ab/{name}.png"),
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }

    #[test]
    fn names_are_new_or_follow_from_a_secret() {
        assert!(is_ours(&fresh("jpg")) && fresh("jpg") != fresh("jpg"));
        let path = derived("a", "still", "jpg");
        assert!(is_ours(&path), "{path}");
        assert_eq!(path, derived("a", "still", "jpg"));
        assert_ne!(path, derived("as", "till", "jpg"));
    }
}
