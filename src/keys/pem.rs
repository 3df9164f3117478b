//! PEM, as lenient as other servers need and no more.
use base64::{Engine, engine::general_purpose::STANDARD};

/// Reads the first block of `text`: its label (`PUBLIC KEY`) and its bytes.
///
/// Line lengths and line ends do not matter, some servers send all of it in one line.
pub fn decode(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, end) = rest.split_once("-----END ")?;
    if !end.starts_with(label) {
        return None;
    }
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some((label, STANDARD.decode(body).ok()?))
}

/// Writes a block in lines of 64 characters, as every reader wants it.
pub fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while let Some((line, tail)) = rest.split_at_checked(64) {
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_survives_writing_and_reading() {
        for len in [0, 1, 47, 48, 49, 96, 1000] {
            let der = vec![7_u8; len];
            let text = encode("PUBLIC KEY", &der);
            assert!(text.lines().all(|line| line.len() <= 64));
            assert_eq!(decode(&text), Some(("PUBLIC KEY", der)));
        }
    }

    #[test]
    fn one_long_line_is_read_and_nonsense_is_not() {
        assert_eq!(decode("-----BEGIN X-----AAAA-----END X-----"), Some(("X", vec![0, 0, 0])));
        for text in ["", "AAAA", "-----BEGIN X-----AAAA", "-----BEGIN X-----A?-----END X-----"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode("-----BEGIN X-----AAAA-----END Y-----"), None);
    }
}
