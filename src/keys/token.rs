//! Tokens and marks of authenticity.
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A new secret of 256 random bits, base64url (43 characters); given out once, stored only as
/// [`token_hash`].
#[must_use]
pub fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// Bytes that nobody can guess.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// What is stored of a token: hex of its SHA-256. No salt, the token itself is random.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The challenge that belongs to a PKCE verifier: base64url of its SHA-256.
///
/// [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)
#[must_use]
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Proof that who holds `secret` wrote `data` (HMAC-SHA-256, base64url); for forms and cookies.
#[must_use]
pub fn mac(secret: &str, data: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, data.as_bytes()))
}

/// Whether `proof` is the [`mac`] of `data`, checked in constant time.
#[must_use]
pub fn mac_ok(secret: &str, data: &str, proof: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    URL_SAFE_NO_PAD
        .decode(proof)
        .is_ok_and(|proof| hmac::verify(&key, data.as_bytes(), &proof).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (new_token(), new_token());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
        assert!(same(&one, &one.clone()) && !same(&one, &other) && !same(&one, ""));
        assert_eq!(
            token_hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn pkce_follows_the_example_of_the_rfc() {
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_mac_holds_for_its_own_secret_and_data_only() {
        let proof = mac("secret", "session:1");
        assert!(mac_ok("secret", "session:1", &proof));
        assert!(!mac_ok("secret", "session:2", &proof));
        assert!(!mac_ok("other", "session:1", &proof));
        assert!(!mac_ok("secret", "session:1", ""));
        assert!(!mac_ok("secret", "session:1", "?"));
    }
}
