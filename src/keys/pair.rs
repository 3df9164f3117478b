//! Keys of our own actors: made once, signed with often.
use std::fmt;

use aws_lc_rs::{
    encoding::{
        AsBigEndian, AsDer, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der, PublicKeyX509Der,
    },
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use super::{Algorithm, multibase, pem};
use crate::error::{Error, Result};

/// The keys of one local actor, in the forms they are stored and published in.
#[derive(Clone)]
pub struct KeyPair {
    /// RSA-2048, PEM of `SubjectPublicKeyInfo`; published as `publicKeyPem`.
    pub public_pem: String,
    /// RSA-2048, PEM of PKCS#8. Secret.
    pub private_pem: String,
    /// Ed25519, base64 of the 32 bytes of the seed. Secret.
    pub ed25519_private: String,
    /// Ed25519, multibase (`z6Mk..`); published in `assertionMethod`.
    ///
    /// [FEP-521a](https://w3id.org/fep/521a)
    pub ed25519_multibase: String,
}

impl KeyPair {
    /// Makes new keys. Takes about 50 ms of a processor: never on an async thread.
    ///
    /// # Errors
    /// `Internal` when the system has no randomness.
    pub fn generate() -> Result<Self> {
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).map_err(unspecified)?;
        let public: PublicKeyX509Der = rsa.public_key().as_der().map_err(unspecified)?;
        let private: Pkcs8V1Der = rsa.as_der().map_err(unspecified)?;
        let ed25519 = Ed25519KeyPair::generate().map_err(unspecified)?;
        let seed = ed25519.seed().map_err(unspecified)?;
        let seed: Curve25519SeedBin = seed.as_be_bytes().map_err(unspecified)?;
        Ok(Self {
            public_pem: pem::encode("PUBLIC KEY", public.as_ref()),
            private_pem: pem::encode("PRIVATE KEY", private.as_ref()),
            ed25519_private: STANDARD.encode(seed.as_ref()),
            ed25519_multibase: multibase::ed25519(ed25519.public_key().as_ref()),
        })
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("ed25519_multibase", &self.ed25519_multibase)
            .finish_non_exhaustive()
    }
}

/// A private key, parsed and ready to sign; share it behind an `Arc`.
pub struct SigningKey(Secret);

enum Secret {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads PEM: PKCS#8, or PKCS#1 as older programs wrote it.
    ///
    /// # Errors
    /// `Internal` when it is no private RSA key: ours is stored broken.
    pub fn from_pem(private_pem: &str) -> Result<Self> {
        let key = match pem::decode(private_pem) {
            Some(("PRIVATE KEY", der)) => RsaKeyPair::from_pkcs8(&der),
            Some(("RSA PRIVATE KEY", der)) => RsaKeyPair::from_der(&der),
            _ => return Err(Error::internal("a stored private key is no PEM")),
        };
        key.map(|key| Self(Secret::Rsa(Box::new(key)))).map_err(|rejected| {
            Error::internal(format_args!("a stored private key is unusable: {rejected}"))
        })
    }

    /// Reads an Ed25519 key: base64 of its seed, as [`KeyPair::ed25519_private`] has it.
    ///
    /// # Errors
    /// `Internal` when it is none: ours is stored broken.
    pub fn from_seed(base64: &str) -> Result<Self> {
        let seed =
            STANDARD.decode(base64).map_err(|_| Error::internal("a stored seed is broken"))?;
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|rejected| {
            Error::internal(format_args!("a stored seed is unusable: {rejected}"))
        })?;
        Ok(Self(Secret::Ed25519(key)))
    }

    /// Signs: RSA with RSASSA-PKCS1-v1_5 and SHA-256, a quarter of a millisecond; Ed25519 in a
    /// thirtieth of that.
    ///
    /// # Errors
    /// `Internal` when the library refuses, which it does only without memory.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match &self.0 {
            Secret::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let rng = aws_lc_rs::rand::SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature).map_err(unspecified)?;
                Ok(signature)
            }
            Secret::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Secret::Rsa(_) => Algorithm::RsaSha256,
            Secret::Ed25519(_) => Algorithm::Ed25519,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// A new key pair for Web Push (P-256): public point and private scalar, both base64url.
///
/// [RFC 8292](https://www.rfc-editor.org/rfc/rfc8292)
///
/// # Errors
/// `Internal` when the system has no randomness.
pub fn vapid_keys() -> Result<(String, String)> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(unspecified)?;
    let private: EcPrivateKeyBin = pair.private_key().as_be_bytes().map_err(unspecified)?;
    Ok((
        URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
        URL_SAFE_NO_PAD.encode(private.as_ref()),
    ))
}

fn unspecified(_: aws_lc_rs::error::Unspecified) -> Error {
    Error::internal("the cryptography library failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::PublicKey;

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        let pair = KeyPair::generate().unwrap();
        let signing = SigningKey::from_pem(&pair.private_pem).unwrap();
        let public = PublicKey::from_pem(&pair.public_pem).unwrap();
        let signature = signing.sign(b"message").unwrap();
        assert!(public.verify(Algorithm::RsaSha256, b"message", &signature));
        assert!(!public.verify(Algorithm::RsaSha256, b"another", &signature));
        assert!(!public.verify(Algorithm::RsaSha512, b"message", &signature));
        assert!(!public.verify(Algorithm::Ed25519, b"message", &signature));
        assert!(!public.verify(Algorithm::RsaSha256, b"message", b""));
    }

    #[test]
    fn what_a_seed_signs_its_multikey_verifies() {
        let pair = KeyPair::generate().unwrap();
        let signing = SigningKey::from_seed(&pair.ed25519_private).unwrap();
        let public = PublicKey::read(&pair.ed25519_multibase).unwrap();
        let signature = signing.sign(b"message").unwrap();
        assert_eq!(signing.algorithm(), Algorithm::Ed25519);
        assert!(public.verify(Algorithm::Ed25519, b"message", &signature));
        assert!(!public.verify(Algorithm::Ed25519, b"another", &signature));
    }

    #[test]
    fn the_multibase_key_belongs_to_the_seed() {
        let pair = KeyPair::generate().unwrap();
        assert!(pair.ed25519_multibase.starts_with("z6Mk"), "{}", pair.ed25519_multibase);
        let seed = STANDARD.decode(&pair.ed25519_private).unwrap();
        let again = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        assert_eq!(multibase::ed25519(again.public_key().as_ref()), pair.ed25519_multibase);
    }

    #[test]
    fn debug_shows_no_secret() {
        let pair = KeyPair::generate().unwrap();
        let signing = SigningKey::from_pem(&pair.private_pem).unwrap();
        let shown = format!("{pair:?} {signing:?}");
        assert!(!shown.contains(&pair.ed25519_private) && !shown.contains("PRIVATE"), "{shown}");
    }

    #[test]
    fn a_broken_private_key_is_an_error() {
        for pem in ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
        {
            assert!(SigningKey::from_pem(pem).is_err());
            assert!(SigningKey::from_seed(pem).is_err());
        }
    }

    #[test]
    fn vapid_keys_have_their_sizes() {
        let (public, private) = vapid_keys().unwrap();
        let public = URL_SAFE_NO_PAD.decode(public).unwrap();
        assert_eq!((public.len(), public[0]), (65, 4));
        assert_eq!(URL_SAFE_NO_PAD.decode(private).unwrap().len(), 32);
    }
}
