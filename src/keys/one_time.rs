//! Codes that an app on somebody's phone makes: [RFC 6238](https://www.rfc-editor.org/rfc/rfc6238)
//! with SHA-1, six digits and 30 seconds, which is what every such app can do; and codes for when
//! that app is lost.
use totp_rs::{Builder, Secret, Totp};

use super::{random, same};
use crate::error::{Error, Result};

/// How long a code is shown, seconds.
const STEP_SECS: i64 = 30;
/// Letters of a recovery code: none that look like another one.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters of a recovery code; five random bits each.
const CODE_LETTERS: usize = 16;

/// A new secret for an app, 160 random bits in base32.
#[must_use]
pub fn new_app_secret() -> String {
    Secret::new_stack(random::<20>()).to_base32()
}

/// What an app reads out of a QR code: `otpauth://totp/..`. Holds the secret.
///
/// # Errors
/// `Internal` when the stored secret is broken.
pub fn app_address(secret: &str, account: &str, issuer: &str) -> Result<String> {
    // A colon parts the two of them, so neither may have one.
    let (account, issuer) = (account.replace(':', "."), issuer.replace(':', "."));
    let builder = builder(secret)?.with_account_name(account).with_issuer(Some(issuer));
    builder.build().map_err(Error::internal)?.to_url().map_err(Error::internal)
}

/// The time step of which `typed` is the code: that of now, the one before, or the one after.
///
/// # Errors
/// `Internal` when the stored secret is broken.
pub fn step_of(secret: &str, typed: &str, now_secs: i64) -> Result<Option<i64>> {
    let app = app(secret)?;
    let current = now_secs.div_euclid(STEP_SECS);
    let mut found = None;
    // All are looked at, whichever it is: the time it takes tells nothing.
    for step in current.saturating_sub(1)..=current.saturating_add(1) {
        let at = u64::try_from(step.saturating_mul(STEP_SECS)).unwrap_or_default();
        if same(&app.generate(at).to_string(), typed) {
            found = Some(step);
        }
    }
    Ok(found)
}

fn app(secret: &str) -> Result<Totp> {
    builder(secret)?.build().map_err(Error::internal)
}

fn builder(secret: &str) -> Result<Builder> {
    // The library's words would hold the secret.
    let secret = Secret::try_from_base32(secret)
        .map_err(|_| Error::internal("a stored secret of an app is broken"))?;
    Ok(Builder::new().with_secret(secret))
}

/// A new recovery code, 80 random bits: `abcd-efgh-ijkm-npqr`.
#[must_use]
pub fn new_recovery_code() -> String {
    let letters = random::<CODE_LETTERS>();
    let mut code = String::new();
    for (at, byte) in letters.iter().enumerate() {
        if at > 0 && at.is_multiple_of(4) {
            code.push('-');
        }
        let letter = LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'a');
        code.push(char::from(letter));
    }
    code
}

/// A code as it is compared: however it was typed.
#[must_use]
pub fn plain_code(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's appendix B, and its times and codes, the last six digits of each.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(step_of(SECRET, code, time).unwrap(), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn a_clock_may_be_a_step_off_and_no_more() {
        for (time, found) in
            [(59 - 60, None), (59 - 30, Some(1)), (59, Some(1)), (59 + 30, Some(1)), (120, None)]
        {
            assert_eq!(step_of(SECRET, "287082", time).unwrap(), found, "{time}");
        }
        for wrong in ["", "28708", "2870821", "28708a", "+87082", "２８７０８２"] {
            assert_eq!(step_of(SECRET, wrong, 59).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_all_it_needs() {
        let address = app_address(SECRET, "ana@localhost:8080", "Oak & Elm").unwrap();
        assert!(address.starts_with("otpauth://totp/Oak%20%26%20Elm:ana"), "{address}");
        assert!(address.contains(&format!("secret={SECRET}")), "{address}");
        let secret = new_app_secret();
        assert_eq!(secret.len(), 32);
        assert_ne!(secret, new_app_secret());
    }

    #[test]
    fn a_broken_secret_is_not_repeated() {
        let said = step_of("not base32!", "123456", 0).unwrap_err().cause().to_string();
        assert!(!said.contains("not base32"), "{said}");
    }

    #[test]
    fn recovery_codes_are_the_same_however_they_are_typed() {
        let code = new_recovery_code();
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(plain_code(&code).len(), 16);
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(plain_code(&typed), plain_code(&code));
        assert_ne!(code, new_recovery_code());
    }
}
