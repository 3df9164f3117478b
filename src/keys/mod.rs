//! Everything secret: actors' keys, passwords, tokens; made, checked and signed with here.
//!
//! One rule for all of it: `Debug` never shows a secret, and comparing takes the same time whether
//! it holds or not.
pub mod multibase;
pub mod one_time;
mod pair;
mod password;
mod pem;
mod public;
pub mod push;
mod token;

pub use pair::{KeyPair, SigningKey, vapid_keys};
pub use password::{hash_password, verify_nobody, verify_password};
pub use public::{Algorithm, PublicKey};
pub use token::{mac, mac_ok, new_token, random, s256, same, token_hash};
