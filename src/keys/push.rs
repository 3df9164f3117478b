//! Messages to people's devices, sealed so that the push service in between cannot read them, and
//! the word of this node that it sent them.
//!
//! [RFC 8291](https://www.rfc-editor.org/rfc/rfc8291) seals, in the coding of
//! [RFC 8188](https://www.rfc-editor.org/rfc/rfc8188); apps that do not ask for it get
//! [its fourth draft](https://datatracker.ietf.org/doc/html/draft-ietf-webpush-encryption-04), as
//! from Mastodon. [RFC 8292](https://www.rfc-editor.org/rfc/rfc8292) says who sends.
use std::fmt;

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::random;
use crate::{
    error::{Error, Result},
    types::Time,
};

/// The most that a message may hold before it is sealed, bytes: with all that is added, no push
/// service may refuse it (4096, [RFC 8030](https://www.rfc-editor.org/rfc/rfc8030#section-7.2)).
pub const MAX_BYTES: usize = 3_993;
/// Size of the one record a message is, as it says itself.
const RECORD_BYTES: u32 = 4_096;
/// An uncompressed point of P-256.
const POINT_BYTES: usize = 65;

/// Who can open a message: an app's public point and its secret.
#[derive(Clone)]
pub struct Receiver {
    point: Vec<u8>,
    auth: Vec<u8>,
}

/// How a message is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 8291.
    Aes128Gcm,
    /// Its fourth draft.
    AesGcm,
}

/// A sealed message.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// What is sent.
    pub body: Vec<u8>,
    /// Base64url; the draft sends it in a header.
    pub salt: String,
    /// The public point that it was sealed with, base64url; as the salt.
    pub sender: String,
}

impl Receiver {
    /// Reads an app's keys, base64 of either kind.
    ///
    /// # Errors
    /// `Invalid` with what is wrong with them.
    pub fn read(p256dh: &str, auth: &str) -> Result<Self> {
        let point = decode(p256dh).filter(|point| is_point(point)).ok_or_else(|| {
            Error::invalid("Validation failed: the key p256dh is no public point of P-256")
        })?;
        let auth = decode(auth).filter(|auth| auth.len() == 16).ok_or_else(|| {
            Error::invalid("Validation failed: the key auth is no secret of 16 bytes")
        })?;
        Ok(Self { point, auth })
    }

    /// The keys as they are stored, base64url: the point, then the secret.
    #[must_use]
    pub fn texts(&self) -> (String, String) {
        (URL_SAFE_NO_PAD.encode(&self.point), URL_SAFE_NO_PAD.encode(&self.auth))
    }

    /// Seals a message of at most [`MAX_BYTES`].
    ///
    /// # Errors
    /// `TooLarge` for a longer one, `Internal` when the system has no randomness.
    pub fn seal(&self, coding: Coding, message: &[u8]) -> Result<Sealed> {
        let ours = PrivateKey::generate(&ECDH_P256).map_err(unspecified)?;
        self.seal_with(coding, message, &ours, random())
    }

    fn seal_with(
        &self,
        coding: Coding,
        message: &[u8],
        ours: &PrivateKey,
        salt: [u8; 16],
    ) -> Result<Sealed> {
        if message.len() > MAX_BYTES {
            return Err(Error::TooLarge("a push is larger than push services take".into()));
        }
        let sender = ours.compute_public_key().map_err(unspecified)?;
        let sender = sender.as_ref();
        let theirs = UnparsedPublicKey::new(&ECDH_P256, &self.point);
        let auth = Salt::new(HKDF_SHA256, &self.auth);
        let shared =
            agree(ours, theirs, Error::internal("a stored key of an app is broken"), |secret| {
                Ok(auth.extract(secret))
            })?;
        let body = match coding {
            Coding::Aes128Gcm => {
                let input = expand::<32>(&shared, &[b"WebPush: info\0", &self.point, sender])?;
                let keys = Salt::new(HKDF_SHA256, &salt).extract(&input);
                let mut record = message.to_vec();
                // The last record ends in a two.
                record.push(2);
                let sealed = encrypt(
                    &expand::<16>(&keys, &[b"Content-Encoding: aes128gcm\0"])?,
                    expand::<12>(&keys, &[b"Content-Encoding: nonce\0"])?,
                    record,
                )?;
                let point_bytes = u8::try_from(sender.len()).map_err(Error::internal)?;
                let size = RECORD_BYTES.to_be_bytes();
                [&salt[..], &size, &[point_bytes], sender, &sealed].concat()
            }
            Coding::AesGcm => {
                let input = expand::<32>(&shared, &[b"Content-Encoding: auth\0"])?;
                let keys = Salt::new(HKDF_SHA256, &salt).extract(&input);
                let length = |point: &[u8]| u16::try_from(point.len()).map(u16::to_be_bytes);
                let theirs = length(&self.point).map_err(Error::internal)?;
                let our = length(sender).map_err(Error::internal)?;
                let context = [b"P-256\0", &theirs[..], &self.point, &our, sender].concat();
                // No padding: two bytes that say so.
                let record = [&[0, 0], message].concat();
                encrypt(
                    &expand::<16>(&keys, &[b"Content-Encoding: aesgcm\0", &context])?,
                    expand::<12>(&keys, &[b"Content-Encoding: nonce\0", &context])?,
                    record,
                )?
            }
        };
        let sender = URL_SAFE_NO_PAD.encode(sender);
        Ok(Sealed { body, salt: URL_SAFE_NO_PAD.encode(salt), sender })
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver(..)")
    }
}

/// Apps write base64 in each of its ways.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether these bytes are a point that a secret can be agreed on with.
fn is_point(bytes: &[u8]) -> bool {
    bytes.len() == POINT_BYTES
        && bytes.first() == Some(&4)
        && PrivateKey::generate(&ECDH_P256).is_ok_and(|key| {
            agree(&key, UnparsedPublicKey::new(&ECDH_P256, bytes), (), |_| Ok(())).is_ok()
        })
}

/// How many bytes are derived.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(keys: &Prk, info: &[&[u8]]) -> Result<[u8; N]> {
    let mut derived = [0; N];
    let output = keys.expand(info, Bytes(N)).map_err(unspecified)?;
    output.fill(&mut derived).map_err(unspecified)?;
    Ok(derived)
}

fn encrypt(key: &[u8; 16], nonce: [u8; 12], mut record: Vec<u8>) -> Result<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).map_err(unspecified)?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).map_err(unspecified)?;
    Ok(record)
}

/// The key by which push services know this node: VAPID.
pub struct Vapid {
    key: EcdsaKeyPair,
    /// Base64url, as apps are told it.
    public: String,
}

impl Vapid {
    /// Reads the key as [`super::vapid_keys`] makes it.
    ///
    /// # Errors
    /// `Internal` when it is none: ours is stored broken.
    pub fn read(public: &str, private: &str) -> Result<Self> {
        let broken = || Error::internal("the stored key for pushes is broken");
        let (point, scalar) =
            (decode(public).ok_or_else(broken)?, decode(private).ok_or_else(broken)?);
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::from_private_key_and_public_key(kind, &scalar, &point)
            .map_err(|_| broken())?;
        Ok(Self { key, public: public.to_owned() })
    }

    /// The public half, base64url.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// A word to the push service at `audience` (an origin) that holds until `expires`: a JWT.
    /// `subject` is whom to write to when something is wrong, a `mailto:` or `https:` address.
    ///
    /// # Errors
    /// `Internal` when the library refuses.
    pub fn token(&self, audience: &str, subject: &str, expires: Time) -> Result<String> {
        let head = json!({ "typ": "JWT", "alg": "ES256" });
        let claims = json!({ "aud": audience, "exp": expires.0 / 1000, "sub": subject });
        let [head, claims] =
            [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string().as_bytes()));
        let said = format!("{head}.{claims}");
        let signature =
            self.key.sign(&SystemRandom::new(), said.as_bytes()).map_err(unspecified)?;
        Ok(format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}

impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vapid({})", self.public)
    }
}

fn unspecified(_: aws_lc_rs::error::Unspecified) -> Error {
    Error::internal("the cryptography library failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    /// Appendix A of RFC 8291.
    const POINT: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[test]
    fn the_example_of_the_standard_comes_out() {
        let receiver = Receiver::read(POINT, AUTH).unwrap();
        let ours = decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let ours = PrivateKey::from_private_key(&ECDH_P256, &ours).unwrap();
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let message = b"When I grow up, I want to be a watermelon";
        let sealed = receiver.seal_with(Coding::Aes128Gcm, message, &ours, salt).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(&sealed.body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLoc\
             InmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLV\
             WGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn no_message_is_larger_than_push_services_take() {
        let receiver = Receiver::read(POINT, AUTH).unwrap();
        for coding in [Coding::Aes128Gcm, Coding::AesGcm] {
            let sealed = receiver.seal(coding, &[7; MAX_BYTES]).unwrap();
            assert!(sealed.body.len() <= 4_096, "{}", sealed.body.len());
            assert!(matches!(receiver.seal(coding, &[7; MAX_BYTES + 1]), Err(Error::TooLarge(_))));
        }
    }

    #[test]
    fn the_same_message_is_never_sealed_alike() {
        let receiver = Receiver::read(POINT, AUTH).unwrap();
        let [one, other] = [(); 2].map(|()| receiver.seal(Coding::AesGcm, b"same").unwrap());
        assert!(one.salt != other.salt && one.sender != other.sender && one.body != other.body);
    }

    #[test]
    fn only_keys_that_are_some_are_taken() {
        assert!(Receiver::read(&format!("{POINT}="), &format!("{AUTH}==")).is_ok());
        assert!(Receiver::read(&POINT.replace('-', "+").replace('_', "/"), AUTH).is_ok());
        let mut beside = decode(POINT).unwrap();
        *beside.last_mut().unwrap() ^= 1;
        let compressed = [&[2], &decode(POINT).unwrap()[1..33]].concat();
        for point in [&beside[..], &compressed, &[4; 65], &[0; 65], &[0], b"", &[9; 32]] {
            assert!(Receiver::read(&URL_SAFE_NO_PAD.encode(point), AUTH).is_err(), "{point:?}");
        }
        for auth in ["", "BTBZ", "%%", &format!("{AUTH}AAAA")] {
            assert!(matches!(Receiver::read(POINT, auth), Err(Error::Invalid(_))), "{auth}");
        }
    }

    #[test]
    fn push_services_can_check_who_sends() {
        let (public, private) = crate::keys::vapid_keys().unwrap();
        let vapid = Vapid::read(&public, &private).unwrap();
        let token = vapid.token("https://push.example", "mailto:a@b.example", Time(7_000)).unwrap();
        let (said, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(&public).unwrap());
        key.verify(said.as_bytes(), &decode(signature).unwrap()).unwrap();
        let claims = decode(said.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let meant = json!({"aud": "https://push.example", "exp": 7, "sub": "mailto:a@b.example"});
        assert_eq!(claims, meant);
        assert!(!format!("{vapid:?}").contains(&private));
        assert!(Vapid::read(&public, "AAAA").is_err());
    }
}
