//! [draft-cavage-http-signatures-12](https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12):
//! what every server of the fediverse sends.
use std::collections::HashMap;

use super::{Claim, Incoming, Refusal, check_expiry, check_time, decode_base64, digest};
use crate::{keys::Algorithm, types::Time};

/// The parameters of the `Signature` header, by their names in lower case.
type Parameters = HashMap<String, String>;

pub fn read(incoming: &Incoming, now: Time) -> Result<Claim, Refusal> {
    let mut lines = incoming.headers.get_all("signature");
    let line = lines.next().ok_or(Refusal::Missing)?;
    if lines.next().is_some() {
        return Err(Refusal::Malformed("more than one signature"));
    }
    let parameters = parse(line.to_str().map_err(|_| Refusal::Malformed("no text"))?)?;
    let signed = signed_names(&parameters)?;
    check_coverage(incoming, &signed)?;
    check_freshness(incoming, &parameters, &signed, now)?;
    if incoming.needs_digest() {
        digest::check(&incoming.header("digest")?, incoming.body)?;
    }
    let messages = targets(incoming)
        .into_iter()
        .map(|target| message(incoming, &parameters, &signed, target))
        .collect::<Result<_, _>>()?;
    Ok(Claim {
        key_id: required(&parameters, "keyid")?.to_owned(),
        messages,
        signature: decode_base64(required(&parameters, "signature")?)?,
        algorithm: algorithm(parameters.get("algorithm"))?,
    })
}

/// Reads `name="value", name=value`; order, spaces and case of names do not matter.
fn parse(mut text: &str) -> Result<Parameters, Refusal> {
    let mut parameters = Parameters::new();
    loop {
        text = text.trim_start_matches([' ', '\t', ',']);
        if text.is_empty() {
            return Ok(parameters);
        }
        let (name, rest) = text.split_once('=').ok_or(Refusal::Malformed("no parameter"))?;
        let rest = rest.trim_start();
        let (value, rest) = match rest.strip_prefix('"') {
            Some(rest) => rest.split_once('"').ok_or(Refusal::Malformed("an open quote"))?,
            None => rest.split_once(',').unwrap_or((rest, "")),
        };
        let name = name.trim().to_ascii_lowercase();
        if parameters.insert(name, value.trim().to_owned()).is_some() {
            return Err(Refusal::Malformed("a parameter twice"));
        }
        text = rest;
    }
}

fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    parameters.get(name).map(String::as_str).ok_or(Refusal::Malformed("a parameter is missing"))
}

fn signed_names(parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let names = required(parameters, "headers")?;
    let names: Vec<String> = names.split_whitespace().map(str::to_ascii_lowercase).collect();
    if names.len() > 32 { Err(Refusal::Malformed("too many headers")) } else { Ok(names) }
}

fn check_coverage(incoming: &Incoming, signed: &[String]) -> Result<(), Refusal> {
    let covers = |name: &str| signed.iter().any(|signed| signed == name);
    for name in ["(request-target)", "host"] {
        if !covers(name) {
            return Err(Refusal::NotCovered(name));
        }
    }
    if incoming.needs_digest() && !covers("digest") {
        return Err(Refusal::NotCovered("digest"));
    }
    if covers("date") || covers("(created)") {
        Ok(())
    } else {
        Err(Refusal::NotCovered("date or (created)"))
    }
}

fn check_freshness(
    incoming: &Incoming,
    parameters: &Parameters,
    signed: &[String],
    now: Time,
) -> Result<(), Refusal> {
    for name in signed {
        match name.as_str() {
            "date" => check_time(date(&incoming.header("date")?)?, now)?,
            "(created)" => check_time(number(required(parameters, "created")?)?, now)?,
            _ => {}
        }
    }
    let expires = parameters.get("expires").map(|text| number(text)).transpose()?;
    check_expiry(expires, now)
}

fn date(text: &str) -> Result<i64, Refusal> {
    let time = httpdate::parse_http_date(text).map_err(|_| Refusal::Malformed("no date"))?;
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).map_err(|_| Refusal::Malformed("no date"))
}

/// Seconds, where some senders append a fraction.
fn number(text: &str) -> Result<i64, Refusal> {
    let whole = text.split('.').next().unwrap_or_default();
    whole.parse().map_err(|_| Refusal::Malformed("no number"))
}

/// The paths that may have been signed. PieFed (April 2026) leaves out the query, and nothing but
/// the query of a GET may be left out.
fn targets<'a>(incoming: &Incoming<'a>) -> Vec<&'a str> {
    let target = incoming.path_and_query;
    match target.split_once('?') {
        Some((path, _)) if incoming.method == "GET" => vec![target, path],
        _ => vec![target],
    }
}

fn message(
    incoming: &Incoming,
    parameters: &Parameters,
    signed: &[String],
    target: &str,
) -> Result<String, Refusal> {
    let mut lines = Vec::with_capacity(signed.len());
    for name in signed {
        let value = match name.as_str() {
            "(request-target)" => format!("{} {target}", incoming.method.to_ascii_lowercase()),
            "(created)" => required(parameters, "created")?.to_owned(),
            "(expires)" => required(parameters, "expires")?.to_owned(),
            name if name.starts_with('(') => {
                return Err(Refusal::UnknownComponent(name.to_owned()));
            }
            name => incoming.header(name)?,
        };
        lines.push(format!("{name}: {value}"));
    }
    Ok(lines.join("\n"))
}

/// `hs2019` and nothing mean: whatever fits the key.
fn algorithm(name: Option<&String>) -> Result<Option<Algorithm>, Refusal> {
    match name.map(|name| name.to_ascii_lowercase()).as_deref() {
        None | Some("" | "hs2019") => Ok(None),
        Some("rsa-sha256") => Ok(Some(Algorithm::RsaSha256)),
        Some("rsa-sha512") => Ok(Some(Algorithm::RsaSha512)),
        Some("ed25519") => Ok(Some(Algorithm::Ed25519)),
        Some(other) => Err(Refusal::Algorithm(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_every_spelling() {
        for text in [
            r#"keyId="a",created=1,headers="x y""#,
            r#" headers="x y" , CREATED="1", keyid = "a""#,
            r#"keyId="a",created=1,,headers="x y","#,
        ] {
            let found = parse(text).unwrap();
            let value = |name| found.get(name).map(String::as_str);
            assert_eq!((value("keyid"), value("created")), (Some("a"), Some("1")), "{text}");
            assert_eq!(value("headers"), Some("x y"));
        }
        for text in ["keyId", r#"keyId="a"#, r#"keyId="a",keyid="b""#] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sha1_and_strangers_are_no_algorithms() {
        assert_eq!(algorithm(Some(&"RSA-SHA256".into())), Ok(Some(Algorithm::RsaSha256)));
        assert_eq!(algorithm(None), Ok(None));
        for name in ["rsa-sha1", "hmac-sha256", "none", "ecdsa-sha256"] {
            assert_eq!(algorithm(Some(&name.into())), Err(Refusal::Algorithm(name.into())));
        }
    }
}
