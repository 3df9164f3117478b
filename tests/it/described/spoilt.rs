//! Requests that no client would make.
use std::fmt::Write as _;

use serde_json::Value;

/// Numbers that are the same at every run (an LCG).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// A body, and what it says it is.
pub struct Sent {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// What stands in a path where a word is meant; percent-encoded.
const PLACES: [&str; 18] = [
    "%00",
    "%FF",
    "%C0%AF",
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e",
    "-1",
    "+1",
    "1e5",
    "0x10",
    "1.0",
    "9223372036854775808",
    "-9223372036854775808",
    "99999999999999999999999999",
    "%D9%A3",
    "%F0%9F%91%8D",
    "%20",
    "a%0D%0Ab",
    "%25",
];

/// The path, with what is there, or with something else.
pub fn path(template: &str, operation: &Value, chance: &mut Chance) -> String {
    let mut path = template.to_owned();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] != "path" {
            continue;
        }
        let known = parameter["schema"]["enum"].as_array().unwrap();
        let word = if chance.once_in(3) {
            chance.one(&PLACES).to_owned()
        } else {
            encoded(known[chance.below(known.len())].as_str().unwrap().as_bytes())
        };
        let word = if chance.once_in(40) { "9".repeat(3_000) } else { word };
        path = path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &word);
    }
    path
}

fn encoded(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The query: what the operation knows, spoilt.
pub fn query(operation: &Value, chance: &mut Chance) -> String {
    let names: Vec<&str> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    if names.is_empty() && !chance.once_in(4) {
        return String::new();
    }
    let all = pairs(&names, chance);
    // An address of more than 64 KiB is none, and clients do not send it.
    format!("?{}", String::from_utf8_lossy(all.get(..40_000).unwrap_or(&all)))
}

/// Bytes that are a value nowhere.
const VALUES: [&[u8]; 34] = [
    b"",
    b" ",
    b"0",
    b"1",
    b"-1",
    b"-0",
    b"1.5",
    b"1e400",
    b"-1e400",
    b"NaN",
    b"Infinity",
    b"0x7f",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"340282366920938463463374607431768211456",
    b"true",
    b"false",
    b"null",
    b"undefined",
    b"[]",
    b"{}",
    b"\0",
    b"a\0b",
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"public",
    b"@a@b.invalid",
    b"#tag",
    b"2099-13-45T99:99:99Z",
    b"+275760-09-13T00:00:00.001Z",
    b"https://",
    b"\xe2\x80\xae\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9",
];

fn value(chance: &mut Chance) -> Vec<u8> {
    match chance.below(14) {
        0 => vec![b'a'; chance.below(70_000)],
        1 => "\u{1d573}\u{301}".repeat(chance.below(3_000)).into_bytes(),
        2 => (0..chance.below(300)).map(|_| u8::try_from(chance.below(256)).unwrap()).collect(),
        3 => format!("{}", 1_u64 << chance.below(64)).into_bytes(),
        _ => chance.one(&VALUES).to_vec(),
    }
}

/// A name as it is, or with brackets where none belong.
fn name(names: &[&str], chance: &mut Chance) -> String {
    let unknown = ["", "[]", "][", "x", "status", "id", "__proto__", "poll", "source"];
    let known = if names.is_empty() || chance.once_in(6) { &unknown[..] } else { names };
    let name = chance.one(known);
    let end = chance.one(&[
        "",
        "",
        "",
        "",
        "[]",
        "[]",
        "[0]",
        "[0][x]",
        "[][x]",
        "[x][y][z]",
        "[9999999999999999999]",
        "[",
        "]",
        "[a]b",
        "[[]]",
        "[][][][][][][][][][][]",
        "[a][b][c][d][e][f][g][h][i][j]",
        "\0",
    ]);
    format!("{name}{end}")
}

/// `a=1&a[x]=2`, spoilt.
fn pairs(names: &[&str], chance: &mut Chance) -> Vec<u8> {
    let count = if chance.once_in(60) { 3_000 } else { 1 + chance.below(8) };
    let long = count > 100;
    let mut all = Vec::new();
    for _ in 0..count {
        let text = if long { b"1".to_vec() } else { value(chance) };
        // An address has an end.
        let text = &text[..text.len().min(1_500)];
        all.extend(encoded(name(names, chance).as_bytes()).into_bytes());
        all.extend(chance.one(&["=", "=", "=", "=", "", "==", "%3D"]).as_bytes());
        all.extend(encoded(text).into_bytes());
        all.extend(chance.one(&["&", "&", "&", "&&", ";"]).as_bytes());
    }
    if chance.once_in(8) {
        all.extend(b"%zz%");
    }
    all
}

/// A body for the operation.
pub fn sent(document: &Value, operation: &Value, chance: &mut Chance) -> Sent {
    let names = names(document, operation);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match chance.below(9) {
        0..3 => {
            let kind =
                chance.one(&["application/json", "application/json; charset=utf-16", "text/json"]);
            Sent { content_type: kind.to_owned(), bytes: json(&names, chance) }
        }
        3 | 4 => {
            let mut bytes = pairs(&names, chance);
            if chance.once_in(4) {
                bytes.extend(value(chance));
            }
            Sent { content_type: "application/x-www-form-urlencoded".to_owned(), bytes }
        }
        5..8 => multipart(&names, chance),
        _ => {
            let kind = chance.one(&[
                "text/plain",
                "application/xml",
                "application/octet-stream",
                "image/png",
                "x/y; a=b",
                "multipart/mixed; boundary=x",
                "*/*",
            ]);
            let bytes = if chance.once_in(2) { json(&names, chance) } else { value(chance) };
            Sent { content_type: kind.to_owned(), bytes }
        }
    }
}

fn names(document: &Value, operation: &Value) -> Vec<String> {
    let content = &operation["requestBody"]["content"]["multipart/form-data"]["schema"];
    let schema = match content["$ref"].as_str() {
        Some(target) => document.pointer(target.trim_start_matches('#')).unwrap(),
        None => content,
    };
    let mut names = Vec::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        names.push(name.clone());
        for inner in [&member["properties"], &member["items"]["properties"]] {
            let inner = inner.as_object().into_iter().flatten();
            names.extend(inner.map(|(inner, _)| format!("{name}[{inner}]")));
        }
    }
    names
}

/// JSON as text, since much of it is not what a library would write.
fn json(names: &[&str], chance: &mut Chance) -> Vec<u8> {
    match chance.below(16) {
        0 => return b"[]".to_vec(),
        1 => return b"null".to_vec(),
        2 => return "[".repeat(20_000).into_bytes(),
        3 => return "{\"a\":".repeat(20_000).into_bytes(),
        4 => return b"{\"status\":\"\xff\"}".to_vec(),
        _ => {}
    }
    let mut text = String::from("{");
    for number in 0..=chance.below(6) {
        if number > 0 {
            text.push(',');
        }
        // Also twice the same.
        let name = name(names, chance).replace('\0', "\\u0000").replace('"', "");
        let _ = write!(text, "\"{name}\":{}", json_value(chance, 0));
    }
    text.push_str(chance.one(&["}", "}", "}", "}", "}", "", "}}", ",}", "}\u{0}"]));
    text.into_bytes()
}

fn json_value(chance: &mut Chance, depth: usize) -> String {
    let plain = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.5",
        "1e400",
        "-1e-400",
        "1E+2",
        "9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"1\"",
        "\"public\"",
        "\"2099-01-01T00:00:00Z\"",
        "\"@ana\"",
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "[{}]",
        "{\"\":{}}",
        "{\"0\":1,\"1\":2}",
        "\"\\u202e\\ufeff\"",
        "NaN",
        "'x'",
    ];
    match chance.below(12) {
        0 if depth < 12 => {
            format!("[{},{}]", json_value(chance, depth + 1), json_value(chance, depth + 1))
        }
        1 if depth < 12 => format!("{{\"id\":{}}}", json_value(chance, depth + 1)),
        2 if depth < 12 => format!("{{\"options\":[{}]}}", json_value(chance, depth + 1)),
        3 => format!("\"{}\"", "x".repeat(chance.below(60_000))),
        4 if chance.once_in(4) => format!("[{}1]", "1,".repeat(3_000)),
        5 if chance.once_in(4) => format!("{}{}", "[".repeat(100), "]".repeat(100)),
        _ => chance.one(&plain).to_owned(),
    }
}

/// Parts, whole or broken.
fn multipart(names: &[&str], chance: &mut Chance) -> Sent {
    let boundary = chance.one(&["x", "----b", "a b", "\"q\"", ""]);
    let said = chance.one(&["", "", "", "", "-", "y"]);
    let mut bytes = Vec::new();
    for _ in 0..=chance.below(5) {
        bytes.extend(format!("--{boundary}\r\n").into_bytes());
        let name = name(names, chance);
        let header = match chance.below(9) {
            0 => String::new(),
            1 => "Content-Disposition: form-data\r\n".to_owned(),
            2 => format!("content-disposition: form-data; name=\"{name}\"; filename=\"../../x\0.png\"\r\n"),
            3 => format!("Content-Disposition: form-data; name={name}\r\nContent-Type: \u{fffd}\r\n"),
            4 => "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n".to_owned(),
            5 => format!("X: {}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n", "h".repeat(9_000)),
            _ => format!("Content-Disposition: form-data; name=\"{name}\"\r\n"),
        };
        bytes.extend(header.into_bytes());
        bytes.extend(chance.one(&["\r\n", "\r\n", "\r\n", "\r\n", "\n", ""]).as_bytes());
        bytes.extend(value(chance));
        bytes.extend(chance.one(&["\r\n", "\r\n", "\r\n", "\r\n", "\n", ""]).as_bytes());
    }
    if !chance.once_in(4) {
        bytes.extend(format!("--{boundary}--\r\n").into_bytes());
    }
    let kind = if chance.once_in(12) {
        "multipart/form-data".to_owned()
    } else {
        format!("multipart/form-data; boundary={boundary}{said}")
    };
    Sent { content_type: kind, bytes }
}
