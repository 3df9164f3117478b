//! Canonical JSON (RFC 8785) without fractions: one way to write a thing, so that its bytes can be
//! hashed and nothing in them can change unseen.
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::Malformed;

/// The largest integer that every reader keeps: 2^53 - 1.
pub const MOST: u64 = (1 << 53) - 1;
/// Deepest nesting of objects and arrays.
const MAX_DEPTH: u32 = 24;

/// Writes a value in the one way there is.
///
/// # Errors
/// For fractions, integers beyond [`MOST`] and what is nested too deeply.
pub fn write(value: &Value) -> Result<String, Malformed> {
    check(value, 0)?;
    let mut text = Vec::new();
    append(value, 0, &mut text).ok_or("it cannot be written")?;
    String::from_utf8(text).map_err(|why| Malformed::from(why.to_string()))
}

/// An object of these fields, each named once, as [`write`] writes it; `None` where that cannot be.
/// Proofs are checked over it: a fraction of what a writer costs that takes all of RFC 8785.
pub fn fields<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    append_fields(fields.collect(), 0, &mut text)?;
    Some(text)
}

fn append(value: &Value, depth: u32, text: &mut Vec<u8>) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Null | Value::Bool(_) => serde_json::to_writer(text, value).ok(),
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            size.filter(|size| *size <= MOST)?;
            serde_json::to_writer(text, number).ok()
        }
        Value::String(words) => serde_json::to_writer(text, words).ok(),
        Value::Array(items) => {
            text.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                append(item, depth + 1, text)?;
            }
            text.push(b']');
            Some(())
        }
        Value::Object(map) => {
            let fields = map.iter().map(|(name, value)| (name.as_str(), value)).collect();
            append_fields(fields, depth, text)
        }
    }
}

fn append_fields(mut fields: Vec<(&str, &Value)>, depth: u32, text: &mut Vec<u8>) -> Option<()> {
    fields.sort_unstable_by(|(one, _), (other, _)| in_order(one, other));
    text.push(b'{');
    for (at, (name, value)) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut *text, name).ok()?;
        text.push(b':');
        append(value, depth + 1, text)?;
    }
    text.push(b'}');
    Some(())
}

/// The order of UTF-16 code units.
fn in_order(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() {
        return one.cmp(other);
    }
    one.encode_utf16().cmp(other.encode_utf16())
}

fn check(value: &Value, depth: u32) -> Result<(), Malformed> {
    if depth > MAX_DEPTH {
        return Err("nested too deeply".into());
    }
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            size.filter(|size| *size <= MOST).map(drop).ok_or_else(|| "not an integer".into())
        }
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(map) => map.values().try_for_each(|value| check(value, depth + 1)),
    }
}

/// Reads what [`write`] wrote, and no other spelling of it.
///
/// # Errors
/// Says what is not as it would be written.
pub fn read(text: &str) -> Result<Value, Malformed> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    if reader.at == text.len() { Ok(value) } else { Err(reader.wrong("something after the end")) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> Malformed {
        format!("{what}, at byte {} of it", self.at).into()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` if it is the next one.
    fn took(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.took(byte) { Ok(()) } else { Err(self.wrong("not canonical JSON")) }
    }

    fn value(&mut self, depth: u32) -> Result<Value, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("nested too deeply"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            _ => {
                let words = [("true", Value::Bool(true)), ("false", Value::Bool(false))];
                let rest = self.text.get(self.at..).unwrap_or_default();
                let mut words = words.into_iter().chain([("null", Value::Null)]);
                let Some((word, value)) = words.find(|(word, _)| rest.starts_with(word)) else {
                    return Err(self.wrong("not canonical JSON"));
                };
                self.at += word.len();
                Ok(value)
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Malformed> {
        let (mut map, mut last) = (Map::new(), None::<String>);
        self.expect(b'{')?;
        while !self.took(b'}') {
            if last.is_some() {
                self.expect(b',')?;
            }
            let key = self.string()?;
            if last.is_some_and(|last| in_order(&last, &key) != Ordering::Less) {
                return Err(self.wrong("keys out of order"));
            }
            self.expect(b':')?;
            let value = self.value(depth + 1)?;
            map.insert(key.clone(), value);
            last = Some(key);
        }
        Ok(Value::Object(map))
    }

    fn array(&mut self, depth: u32) -> Result<Value, Malformed> {
        let mut items = Vec::new();
        self.expect(b'[')?;
        while !self.took(b']') {
            if !items.is_empty() {
                self.expect(b',')?;
            }
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn integer(&mut self) -> Result<Value, Malformed> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let len = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(..rest.len() - digits.len() + len).unwrap_or_default();
        let zero = digits.starts_with('0') && number != "0";
        let value = number.parse().ok().filter(|value: &i64| value.unsigned_abs() <= MOST && !zero);
        let value = value.ok_or_else(|| self.wrong("not an integer as it is written"))?;
        self.at += number.len();
        Ok(Value::from(value))
    }

    fn string(&mut self) -> Result<String, Malformed> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = |byte: u8| byte != b'"' && byte != b'\\' && byte >= 0x20;
            let len = rest.bytes().take_while(|byte| plain(*byte)).count();
            text.push_str(rest.get(..len).unwrap_or_default());
            self.at += len;
            if self.took(b'"') {
                return Ok(text);
            }
            self.expect(b'\\')?;
            text.push(self.escaped()?);
        }
    }

    /// What follows a backslash: only what cannot be written as it is, each in its one way.
    fn escaped(&mut self) -> Result<char, Malformed> {
        let letter = self.peek().ok_or_else(|| self.wrong("it breaks off"))?;
        self.at += 1;
        match letter {
            b'"' => Ok('"'),
            b'\\' => Ok('\\'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => {
                let code = self.text.get(self.at..self.at + 4).unwrap_or_default();
                let lower = code.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                let code = if lower { u8::from_str_radix(code, 16).ok() } else { None };
                let short = |code: &u8| matches!(code, 8 | 9 | 10 | 12 | 13);
                let code = code.filter(|code| *code < 0x20 && !short(code));
                self.at += 4;
                code.map(char::from).ok_or_else(|| self.wrong("a needless escape"))
            }
            _ => Err(self.wrong("a needless escape")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let most = i64::try_from(MOST).unwrap();
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-most..=most).prop_map(Value::from),
            (-9_i64..9).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\u{0}-\u{7f}]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let key = prop_oneof![any::<String>(), "[a-c\u{1}-\u{1f}\u{ff00}-\u{10010}]{0,3}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::vec((key, inner), 0..6)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    /// The same rule by other means: read leniently, written again, compared.
    fn slowly(text: &str) -> Option<Value> {
        let value: Value = serde_json::from_str(text).ok()?;
        check(&value, 0).ok()?;
        (serde_json_canonicalizer::to_string(&value).ok()? == text).then_some(value)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any_value()) {
            prop_assert_eq!(read(&write(&value).unwrap()).unwrap(), value);
        }

        #[test]
        fn both_ways_to_write_agree(value in any_value()) {
            let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert_eq!(write(&value).unwrap(), theirs);
        }

        #[test]
        fn both_ways_to_read_agree(
            value in any_value(),
            at in any::<prop::sample::Index>(),
            by in prop_oneof![any::<String>(), "[-{}\\[\\]\",:0-9eE.+ u\\\\a-f]{0,3}"],
            len in 0_usize..3,
        ) {
            let mut text: Vec<char> = write(&value).unwrap().chars().collect();
            let at = at.index(text.len());
            text.splice(at..(at + len).min(text.len()), by.chars());
            let text: String = text.into_iter().collect();
            prop_assert_eq!(read(&text).ok(), slowly(&text), "{}", text);
        }

        #[test]
        fn anything_may_be_tried(text in any::<String>()) {
            prop_assert_eq!(read(&text).ok(), slowly(&text));
        }
    }

    #[test]
    fn numbers_are_integers_that_everybody_keeps() {
        for good in ["0", "-1", "9007199254740991", "-9007199254740991"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in ["-0", "00", "01", "-", "1.5", "1.0", "1e3", "9007199254740992", "+1", ""] {
            assert!(read(bad).is_err(), "{bad}");
        }
        for bad in [json!(1.5), json!(MOST + 1), json!([{"a": -9_007_199_254_740_992_i64}])] {
            assert!(write(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_stand_in_the_order_of_utf_16() {
        let text = "{\"a\":1,\"\u{10000}\":2,\"\u{ffff}\":3}";
        assert_eq!(write(&read(text).unwrap()).unwrap(), text);
        assert!(read("{\"\u{ffff}\":3,\"\u{10000}\":2}").is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(25)).is_ok());
        assert!(read(&deep(26)).is_err());
        assert!(read(&deep(100_000)).is_err());
    }
}
