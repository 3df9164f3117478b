//! Digests of bodies: `Digest` (RFC 3230) and `Content-Digest` (RFC 9530).
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256, Sha512};

use super::Refusal;

/// `SHA-256=..`, as the fediverse writes it.
pub fn digest(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)))
}

/// `sha-256=:..:`.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Checks either header: every digest we can make must match, and SHA-256 must be among them.
pub fn check(header: &str, body: &[u8]) -> Result<(), Refusal> {
    let mut strong = false;
    for part in header.split(',') {
        let Some((name, value)) = part.trim().split_once('=') else { continue };
        let value = value.trim().trim_matches(':');
        let ours = match name.trim().to_ascii_lowercase().as_str() {
            "sha-256" => {
                strong = true;
                STANDARD.encode(Sha256::digest(body))
            }
            "sha-512" => STANDARD.encode(Sha512::digest(body)),
            _ => continue,
        };
        if ours != value {
            return Err(Refusal::WrongDigest);
        }
    }
    if strong { Ok(()) } else { Err(Refusal::NoDigest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_digest_must_match() {
        let sha512 = STANDARD.encode(Sha512::digest(b"x"));
        let (old, new) = (digest(b"x"), content_digest(b"x"));
        for (header, found) in [
            (old.clone(), Ok(())),
            (new.clone(), Ok(())),
            (old.to_lowercase().replace("sha-256=", "Sha-256="), Err(Refusal::WrongDigest)),
            (format!("{old},SHA-512={sha512}"), Ok(())),
            (format!("md5=zzz, {old}"), Ok(())),
            (format!("{old},SHA-512=AAAA"), Err(Refusal::WrongDigest)),
            (format!("{old},{}", digest(b"y")), Err(Refusal::WrongDigest)),
            (format!("SHA-512={sha512}"), Err(Refusal::NoDigest)),
            (String::new(), Err(Refusal::NoDigest)),
            ("SHA-256=".into(), Err(Refusal::WrongDigest)),
        ] {
            assert_eq!(check(&header, b"x"), found, "{header}");
        }
        assert_eq!(check(&old, b"y"), Err(Refusal::WrongDigest));
    }
}
