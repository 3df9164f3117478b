//! [RFC 9421](https://www.rfc-editor.org/rfc/rfc9421): what Mastodon (from 4.5), Fedify, Mitra and
//! others send, or fall back to.
use super::{Claim, Incoming, Refusal, check_expiry, check_time, decode_base64, digest};
use crate::{keys::Algorithm, types::Time};

pub fn read(incoming: &Incoming, now: Time) -> Result<Claim, Refusal> {
    let inputs = incoming.header("signature-input")?;
    let signatures = incoming.header("signature").map_err(|_| Refusal::Missing)?;
    let input = Input::parse(&inputs)?;
    check_coverage(incoming, &input.components)?;
    check_time(input.created.ok_or(Refusal::NotCovered("created"))?, now)?;
    check_expiry(input.expires, now)?;
    if incoming.needs_digest() {
        digest::check(&incoming.header("content-digest")?, incoming.body)?;
    }
    Ok(Claim {
        messages: vec![message(incoming, &input)?],
        signature: signature(&signatures, &input.label)?,
        algorithm: algorithm(input.algorithm.as_deref())?,
        key_id: input.key_id.ok_or(Refusal::Malformed("no keyid"))?,
    })
}

/// The first member of `Signature-Input`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Input {
    label: String,
    components: Vec<String>,
    /// From the opening parenthesis on, as it was written: it is signed too.
    written: String,
    created: Option<i64>,
    expires: Option<i64>,
    key_id: Option<String>,
    algorithm: Option<String>,
}

impl Input {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let (label, rest) = text.split_once('=').ok_or(Refusal::Malformed("no label"))?;
        let mut reader = Reader { rest };
        let mut input = Self { label: label.trim().to_owned(), ..Self::default() };
        reader.expect('(')?;
        while !reader.skip(")") {
            input.components.push(reader.string()?);
            // Parameters (;req, ;bs, ;name="..") change what a component means.
            if reader.rest.starts_with(';') {
                return Err(Refusal::UnknownComponent("a component with parameters".into()));
            }
            if input.components.len() > 32 {
                return Err(Refusal::Malformed("too many components"));
            }
        }
        while reader.skip(";") {
            let (name, value) = reader.parameter()?;
            match name {
                "created" => input.created = Some(number(&value)?),
                "expires" => input.expires = Some(number(&value)?),
                "keyid" => input.key_id = Some(value),
                "alg" => input.algorithm = Some(value),
                _ => {} // nonce, tag: signed, and nothing to us
            }
        }
        let written = rest.strip_suffix(reader.rest).unwrap_or(rest);
        written.trim().clone_into(&mut input.written);
        match reader.rest.trim_start().chars().next() {
            None | Some(',') => Ok(input),
            Some(_) => Err(Refusal::Malformed("something after the parameters")),
        }
    }
}

/// Reads the few forms of structured fields (RFC 8941) that occur here.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Takes `mark` if it comes next, after spaces.
    fn skip(&mut self, mark: &str) -> bool {
        let after = self.rest.trim_start_matches(' ').strip_prefix(mark);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn expect(&mut self, mark: char) -> Result<(), Refusal> {
        let mut buffer = [0; 4];
        let found = self.skip(mark.encode_utf8(&mut buffer));
        if found { Ok(()) } else { Err(Refusal::Malformed("a mark is missing")) }
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.expect('"')?;
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => match chars.next() {
                    Some(c @ ('"' | '\\')) => text.push(c),
                    _ => return Err(Refusal::Malformed("a wrong escape")),
                },
                Some(c) => text.push(c),
                None => return Err(Refusal::Malformed("an open quote")),
            }
        }
        self.rest = chars.as_str();
        Ok(text)
    }

    /// `name=value`, the value a string or anything up to the next mark.
    fn parameter(&mut self) -> Result<(&'a str, String), Refusal> {
        let (name, rest) = self.rest.split_once('=').ok_or(Refusal::Malformed("no parameter"))?;
        self.rest = rest;
        if rest.starts_with('"') {
            return Ok((name.trim(), self.string()?));
        }
        let end = rest.find([';', ',', ' ']).unwrap_or(rest.len());
        let (value, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = rest;
        Ok((name.trim(), value.to_owned()))
    }
}

fn number(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::Malformed("no number"))
}

/// The bytes that `label` names in the `Signature` header.
fn signature(header: &str, label: &str) -> Result<Vec<u8>, Refusal> {
    let named = header.split(',').find_map(|member| {
        let (name, value) = member.trim().split_once('=')?;
        (name == label).then(|| value.trim())
    });
    let bytes = named.and_then(|value| value.strip_prefix(':')?.strip_suffix(':'));
    decode_base64(bytes.ok_or(Refusal::Malformed("no signature of that label"))?)
}

fn check_coverage(incoming: &Incoming, components: &[String]) -> Result<(), Refusal> {
    let covers = |name: &str| components.iter().any(|component| component == name);
    let query = incoming.path_and_query.contains('?');
    let target = covers("@target-uri")
        || (covers("@authority")
            && (covers("@request-target") || covers("@path") && (covers("@query") || !query)));
    if !covers("@method") {
        Err(Refusal::NotCovered("@method"))
    } else if !target {
        Err(Refusal::NotCovered("@target-uri"))
    } else if incoming.needs_digest() && !covers("content-digest") {
        Err(Refusal::NotCovered("content-digest"))
    } else {
        Ok(())
    }
}

fn message(incoming: &Incoming, input: &Input) -> Result<String, Refusal> {
    let mut lines: Vec<String> = Vec::with_capacity(input.components.len() + 1);
    for (at, name) in input.components.iter().enumerate() {
        if input.components.iter().take(at).any(|earlier| earlier == name) {
            return Err(Refusal::Malformed("a component twice"));
        }
        lines.push(format!("\"{name}\": {}", component(incoming, name)?));
    }
    lines.push(format!("\"@signature-params\": {}", input.written));
    Ok(lines.join("\n"))
}

fn component(incoming: &Incoming, name: &str) -> Result<String, Refusal> {
    let target = incoming.path_and_query;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(match name {
        "@method" => incoming.method.to_owned(),
        "@authority" => incoming.authority(),
        "@scheme" => incoming.origin.scheme().to_owned(),
        "@target-uri" => {
            format!("{}://{}{target}", incoming.origin.scheme(), incoming.authority())
        }
        "@request-target" => target.to_owned(),
        "@path" => path.to_owned(),
        "@query" => format!("?{query}"),
        name if name.starts_with('@') || name.bytes().any(|b| b.is_ascii_uppercase()) => {
            return Err(Refusal::UnknownComponent(name.to_owned()));
        }
        name => incoming.header(name)?,
    })
}

fn algorithm(name: Option<&str>) -> Result<Option<Algorithm>, Refusal> {
    match name {
        None => Ok(None),
        Some("rsa-v1_5-sha256") => Ok(Some(Algorithm::RsaSha256)),
        Some("rsa-v1_5-sha512") => Ok(Some(Algorithm::RsaSha512)),
        Some("rsa-pss-sha512") => Ok(Some(Algorithm::RsaPssSha512)),
        Some("ed25519") => Ok(Some(Algorithm::Ed25519)),
        Some(other) => Err(Refusal::Algorithm(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_read_and_kept_as_it_was_written() {
        let text =
            r#"sig1=("@method" "date");created=5;keyid="https://a/\"k\"";alg="x";tag=y, sig2=()"#;
        let input = Input::parse(text).unwrap();
        assert_eq!(input.label, "sig1");
        assert_eq!(input.components, ["@method", "date"]);
        assert_eq!((input.created, input.expires), (Some(5), None));
        assert_eq!(input.key_id.as_deref(), Some("https://a/\"k\""));
        assert_eq!(
            input.written,
            r#"("@method" "date");created=5;keyid="https://a/\"k\"";alg="x";tag=y"#
        );
        assert_eq!(Input::parse("s=()").unwrap().components, [""; 0]);
    }

    #[test]
    fn broken_inputs_are_refused_without_panic() {
        for text in [
            "",
            "sig1",
            "sig1=",
            "sig1=(",
            "sig1=(\"a",
            "sig1=(\"a\\x\")",
            "sig1=(a)",
            "sig1=(\"a\";req)",
            "sig1=(\"a\");created=x",
            "sig1=(\"a\");created",
            "sig1=(\"a\") x",
            "sig1=(\"a\");keyid=\"ü",
        ] {
            assert!(Input::parse(text).is_err(), "{text}");
        }
        assert!(signature("sig1=:AAAA:", "sig2").is_err());
        assert!(signature("sig1=AAAA", "sig1").is_err());
        assert_eq!(signature("x=:BBBB:, sig1=:AAAA:", "sig1").unwrap(), [0, 0, 0]);
    }
}
