//! Members' passwords: argon2id, with the parameters OWASP recommends (19 MiB, two passes).
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::error::{Error, Result};

/// Hashes a password for storing, in PHC form. Some 20 ms and 19 MiB: never on an async thread.
///
/// # Errors
/// `Internal` when the system has no randomness.
pub fn hash_password(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(Error::internal)
}

/// Whether the password is the one that was hashed. Never on an async thread.
///
/// `false` too for a hash that cannot be read. Where there is no hash ask [`verify_nobody`].
#[must_use]
pub fn verify_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// `false`, after as long as [`verify_password`] takes: so that nobody learns who is a member here
/// by how fast a sign-in fails.
#[must_use]
pub fn verify_nobody(password: &str) -> bool {
    // The hash is thrown away, the time it takes is what matters.
    let _ = hash_password(password);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_verifies() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse", &hash));
        assert!(!verify_password("correct horsf", &hash));
        assert!(!verify_password("", &hash));
        assert_ne!(hash, hash_password("correct horse").unwrap(), "salted");
    }

    #[test]
    fn nobody_has_no_password() {
        assert!(!verify_nobody("x"));
        assert!(!verify_password("x", ""));
        assert!(!verify_password("x", "$argon2id$nonsense"));
    }
}
