//! Keys and signatures as text: base58 behind a `z`, as Multikeys and integrity proofs have them.

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Longest text that is read; an RSA key of 8192 bits has some 1420 letters.
const MAX_LETTERS: usize = 1_500;

/// An Ed25519 public key as [FEP-521a](https://w3id.org/fep/521a) writes it: `z6Mk..`.
#[must_use]
pub fn ed25519(public: &[u8]) -> String {
    encode(&[&[0xed, 0x01], public].concat())
}

/// Bytes as base58 (Bitcoin's letters) behind a `z`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = convert::<256, 58>(bytes.iter().skip(zeros));
    let letter = |digit: &u32| usize::try_from(*digit).ok().and_then(|at| ALPHABET.get(at));
    let letters = digits.iter().rev().filter_map(letter).copied().map(char::from);
    std::iter::once('z').chain(std::iter::repeat_n('1', zeros)).chain(letters).collect()
}

/// The bytes of [`encode`]; `None` for what is no such text.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix('z').filter(|text| text.len() <= MAX_LETTERS)?;
    let digit = |letter: u8| ALPHABET.iter().position(|known| *known == letter);
    let digit = |letter: u8| digit(letter).and_then(|at| u8::try_from(at).ok());
    let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let bytes = convert::<58, 256>(digits.iter().skip(zeros));
    let bytes = bytes.iter().rev().filter_map(|byte| u8::try_from(*byte).ok());
    Some(std::iter::repeat_n(0, zeros).chain(bytes).collect())
}

/// The number that these digits (the greatest first) make, in another base, the least digit first.
/// Both are known when this is compiled: dividing by what is not known took most of the time.
fn convert<'a, const FROM: u32, const TO: u32>(digits: impl Iterator<Item = &'a u8>) -> Vec<u32> {
    let mut converted: Vec<u32> = Vec::new();
    for digit in digits {
        let mut carry = u32::from(*digit);
        for place in &mut converted {
            carry += *place * FROM;
            *place = carry % TO;
            carry /= TO;
        }
        while carry > 0 {
            converted.push(carry % TO);
            carry /= TO;
        }
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base58_is_bitcoins() {
        for (bytes, text) in [
            (&b"Hello World!"[..], "z2NEpo7TZRRrLZSi2U"),
            (b"", "z"),
            (b"\0", "z1"),
            (b"\0\0\x28\x7f\xb4\xcd", "z11233QC4"),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_base58_is_none() {
        for text in ["", "6Mk", "z0", "zO", "zI", "zl", "z ü", "mAAAA", &"z".repeat(2_000)] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
