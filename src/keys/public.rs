//! Keys of others: read from their documents, never trusted to be well formed.
use std::fmt;

use aws_lc_rs::signature::{
    ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA512, RsaParameters, UnparsedPublicKey, VerificationAlgorithm,
};

use super::{multibase, pem};
use crate::error::{Error, Result};

/// How a signature is made; SHA-1 is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what the fediverse uses.
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// RSASSA-PSS with SHA-512.
    RsaPssSha512,
    /// Ed25519.
    Ed25519,
}

/// A public key, parsed once and checked to be strong enough.
#[derive(Clone)]
pub enum PublicKey {
    /// RSA of at least 2048 bits.
    Rsa {
        /// Ready for the common algorithm.
        sha256: ParsedPublicKey,
        /// For the rare ones.
        der: Box<[u8]>,
    },
    /// Ed25519.
    Ed25519(ParsedPublicKey),
}

/// What precedes the 32 bytes of an Ed25519 key in `SubjectPublicKeyInfo`.
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

impl PublicKey {
    /// Reads a key in either form: PEM, or multibase (`z..`).
    ///
    /// # Errors
    /// As [`PublicKey::from_pem`].
    pub fn read(text: &str) -> Result<Self> {
        if text.starts_with('z') { Self::from_multibase(text) } else { Self::from_pem(text) }
    }

    /// Reads a [Multikey](https://w3id.org/fep/521a)'s `publicKeyMultibase`: Ed25519, or RSA as
    /// PKCS#1.
    ///
    /// # Errors
    /// `Invalid` when it is neither, or RSA of less than 2048 bits.
    pub fn from_multibase(text: &str) -> Result<Self> {
        let bytes = multibase::decode(text);
        let bytes = bytes.ok_or_else(|| Error::invalid("the key is no base58"))?;
        match bytes.as_slice() {
            // Multicodecs `ed25519-pub` and `rsa-pub`.
            [0xed, 0x01, raw @ ..] => Self::from_ed25519(raw),
            [0x85, 0x24, der @ ..] => Self::from_der(der),
            _ => Err(Error::invalid("the key is neither RSA nor Ed25519")),
        }
    }

    /// Reads PEM: `SubjectPublicKeyInfo` of RSA or Ed25519, or PKCS#1 of RSA.
    ///
    /// # Errors
    /// `Invalid` when it is none of these, or RSA of less than 2048 bits.
    pub fn from_pem(text: &str) -> Result<Self> {
        // 8192 bits in PEM are under 1.5 kB; more is nothing we would verify with.
        if text.len() > 4096 {
            return Err(Error::invalid("the public key is too long"));
        }
        let (label, der) =
            pem::decode(text).ok_or_else(|| Error::invalid("the public key is no PEM"))?;
        match label {
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::from_der(&der),
            _ => Err(Error::invalid("the PEM is no public key")),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self> {
        if let Some(raw) = der.strip_prefix(&ED25519_SPKI) {
            return Self::from_ed25519(raw);
        }
        let broken = || Error::invalid("the public key is neither RSA nor Ed25519");
        let rsa = aws_lc_rs::rsa::PublicKey::from_der(der).map_err(|_| broken())?;
        let bits = RsaParameters::public_modulus_len(rsa.as_ref()).map_err(|_| broken())?;
        if bits < 2048 {
            return Err(Error::invalid(format!("an RSA key of {bits} bits is too weak")));
        }
        let sha256 = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, rsa.as_ref())
            .map_err(|_| broken())?;
        Ok(Self::Rsa { sha256, der: rsa.as_ref().into() })
    }

    fn from_ed25519(raw: &[u8]) -> Result<Self> {
        ParsedPublicKey::new(&ED25519, raw)
            .map(Self::Ed25519)
            .map_err(|_| Error::invalid("the Ed25519 key is broken"))
    }

    /// Whether `signature` was made over `message` by the private half, in this way and no other.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Rsa { sha256, .. }, Algorithm::RsaSha256) => {
                sha256.verify_sig(message, signature).is_ok()
            }
            (Self::Rsa { der, .. }, Algorithm::RsaSha512) => {
                rare(&RSA_PKCS1_2048_8192_SHA512, der, message, signature)
            }
            (Self::Rsa { der, .. }, Algorithm::RsaPssSha512) => {
                rare(&RSA_PSS_2048_8192_SHA512, der, message, signature)
            }
            (Self::Ed25519(key), Algorithm::Ed25519) => key.verify_sig(message, signature).is_ok(),
            (Self::Rsa { .. }, Algorithm::Ed25519)
            | (
                Self::Ed25519(_),
                Algorithm::RsaSha256 | Algorithm::RsaSha512 | Algorithm::RsaPssSha512,
            ) => false,
        }
    }

    /// Whether it is an RSA key.
    pub fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }
}

fn rare(
    algorithm: &'static dyn VerificationAlgorithm,
    der: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    UnparsedPublicKey::new(algorithm, der).verify(message, signature).is_ok()
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_rsa() { "PublicKey(RSA)" } else { "PublicKey(Ed25519)" })
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::{AsDer, PublicKeyX509Der},
        signature::{Ed25519KeyPair, KeyPair as _},
    };

    use super::*;
    use crate::keys::{KeyPair, SigningKey};

    /// RSA of 1024 bits.
    const WEAK: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDvcT7lOmGHJROIlNf+EO10WHSd
m01IfiVp1A/2FHZ34/fBjoCwburgVXhtHVA8nG2vwc1TgDgCzk6U+9v7mQpxruix
btgxJnaaa4NyjNUzWeNrC6uhFj84FF0jRbAyf9Qep7y/6qlk2eIkHna1lYpMVtRR
ETYnInpnAME23b8fbwIDAQAB
-----END PUBLIC KEY-----";

    #[test]
    fn both_forms_of_an_rsa_key_are_read() {
        let pair = KeyPair::generate().unwrap();
        let (_, spki) = pem::decode(&pair.public_pem).unwrap();
        let pkcs1 = aws_lc_rs::rsa::PublicKey::from_der(&spki).unwrap();
        let pkcs1 = pem::encode("RSA PUBLIC KEY", pkcs1.as_ref());
        let signature = SigningKey::from_pem(&pair.private_pem).unwrap().sign(b"x").unwrap();
        for pem in [pair.public_pem, pkcs1] {
            assert!(PublicKey::from_pem(&pem).unwrap().verify(
                Algorithm::RsaSha256,
                b"x",
                &signature
            ));
        }
    }

    #[test]
    fn ed25519_is_read_and_verifies() {
        let pair = Ed25519KeyPair::generate().unwrap();
        let spki: PublicKeyX509Der = pair.public_key().as_der().unwrap();
        let key = PublicKey::from_pem(&pem::encode("PUBLIC KEY", spki.as_ref())).unwrap();
        let signature = pair.sign(b"x");
        assert!(!key.is_rsa());
        assert!(key.verify(Algorithm::Ed25519, b"x", signature.as_ref()));
        assert!(!key.verify(Algorithm::Ed25519, b"y", signature.as_ref()));
        assert!(!key.verify(Algorithm::RsaSha256, b"x", signature.as_ref()));
    }

    #[test]
    fn multikeys_are_read_and_verify() {
        let pair = KeyPair::generate().unwrap();
        let (_, spki) = pem::decode(&pair.public_pem).unwrap();
        let pkcs1 = aws_lc_rs::rsa::PublicKey::from_der(&spki).unwrap();
        let text = multibase::encode(&[&[0x85, 0x24], pkcs1.as_ref()].concat());
        assert!(text.starts_with("z4MX"), "{text}");
        let signature = SigningKey::from_pem(&pair.private_pem).unwrap().sign(b"x").unwrap();
        let key = PublicKey::read(&text).unwrap();
        assert!(key.verify(Algorithm::RsaSha256, b"x", &signature));
        assert!(!PublicKey::read(&pair.ed25519_multibase).unwrap().is_rsa());
        for broken in ["z", "z6Mk", "z0OIl", "zzzz", &"z".repeat(5000)] {
            assert!(PublicKey::read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn weak_and_broken_keys_are_refused() {
        let refused = |pem: &str| PublicKey::from_pem(pem).unwrap_err().to_string();
        assert_eq!(refused(WEAK), "an RSA key of 1024 bits is too weak");
        assert_eq!(refused(""), "the public key is no PEM");
        assert_eq!(refused(&"A".repeat(5000)), "the public key is too long");
        let private = KeyPair::generate().unwrap().private_pem;
        assert_eq!(refused(&private), "the PEM is no public key");
        let nonsense = pem::encode("PUBLIC KEY", &[1, 2, 3]);
        assert_eq!(refused(&nonsense), "the public key is neither RSA nor Ed25519");
        let short = pem::encode("PUBLIC KEY", &[&ED25519_SPKI[..], &[0; 31]].concat());
        assert_eq!(refused(&short), "the Ed25519 key is broken");
    }
}
