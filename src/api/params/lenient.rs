//! Reads a tree into a type, as forgiving as clients need: numbers and booleans as text, a single
//! value where a list is meant, numbered maps as lists.
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::Error,
    },
    forward_to_deserialize_any,
};

use super::tree::Node;

impl Node {
    /// The scalar this stands for: of a repeated name the last one.
    fn scalar(self) -> Result<Self, Error> {
        match self {
            Self::List(mut list) => list.pop().ok_or_else(|| expected("a value"))?.scalar(),
            Self::Map(_) => Err(expected("a value")),
            scalar => Ok(scalar),
        }
    }

    fn truth(self) -> Result<bool, Error> {
        let word = match self.scalar()? {
            Self::Bool(flag) => return Ok(flag),
            other => other.text()?.trim().to_ascii_lowercase(),
        };
        match word.as_str() {
            "true" | "1" | "1.0" | "on" | "t" | "yes" | "y" => Ok(true),
            "false" | "0" | "0.0" | "off" | "f" | "no" | "n" | "" => Ok(false),
            _ => Err(expected("true or false")),
        }
    }

    fn text(self) -> Result<String, Error> {
        Ok(match self.scalar()? {
            Self::Text(text) => text,
            Self::Bool(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::List(_) | Self::Map(_) => return Err(expected("a value")),
        })
    }

    /// A whole number; `86400.0` is one too.
    fn integer(self) -> Result<i128, Error> {
        let text = self.text()?;
        let text = text.trim();
        let whole = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0'));
        whole.map_or(text, |(whole, _)| whole).parse().map_err(|_| expected("a number"))
    }

    fn float(self) -> Result<f64, Error> {
        let number: f64 = self.text()?.trim().parse().map_err(|_| expected("a number"))?;
        if number.is_finite() { Ok(number) } else { Err(expected("a number")) }
    }

    /// The elements of a list, of a numbered map, or a single value; blank ones left out.
    fn elements(self) -> Vec<Self> {
        let nodes = match self {
            Self::List(list) => list,
            Self::Map(entries) => {
                numbered(entries).unwrap_or_else(|entries| vec![Self::Map(entries)])
            }
            scalar => vec![scalar],
        };
        nodes.into_iter().filter(|node| *node != Self::Text(String::new())).collect()
    }
}

type Entries = Vec<(String, Node)>;

/// The values of a map whose keys are numbers, in their order; the map itself if they are not.
fn numbered(mut entries: Entries) -> Result<Vec<Node>, Entries> {
    if entries.iter().any(|(name, _)| name.parse::<u64>().is_err()) {
        return Err(entries);
    }
    entries.sort_by_key(|(name, _)| name.parse::<u64>().unwrap_or_default());
    Ok(entries.into_iter().map(|(_, node)| node).collect())
}

fn expected(what: &str) -> Error {
    Error::custom(format_args!("must be {what}"))
}

macro_rules! integers {
    ($($method:ident $visit:ident $int:ty),+ $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(<$int>::try_from(self.integer()?).map_err(|_| expected("a smaller number"))?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            Self::Bool(flag) => visitor.visit_bool(flag),
            Self::Number(number) => number.deserialize_any(visitor).map_err(Error::custom),
            Self::List(_) => self.deserialize_seq(visitor),
            Self::Map(entries) => visitor.visit_map(Members::of(entries)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.truth()?)
    }

    integers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Elements(self.elements().into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Map(entries) => visitor.visit_map(Members::of(entries)),
            _ => Err(expected("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.text()?.into_deserializer())
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Node {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

struct Elements(std::vec::IntoIter<Node>);

impl<'de> SeqAccess<'de> for Elements {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.0.next().map(|node| seed.deserialize(node)).transpose()
    }
}

/// The members of a map; an error names the member it is about.
struct Members {
    rest: std::vec::IntoIter<(String, Node)>,
    current: Option<(String, Node)>,
}

impl Members {
    fn of(entries: Entries) -> Self {
        Self { rest: entries.into_iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some((name, node)) = self.rest.next() else { return Ok(None) };
        self.current = Some((name.clone(), node));
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (name, node) = self.current.take().ok_or_else(|| expected("an object"))?;
        seed.deserialize(node).map_err(|e| Error::custom(format_args!("{name} {e}")))
    }
}
