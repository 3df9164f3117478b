//! Names like `poll[options][]` and JSON objects, as one tree.
use serde_json::{Number, Value};

use crate::error::{Error, Result};

/// How deep a name or an object may nest.
const MAX_DEPTH: usize = 8;
/// How many values one request may carry.
const MAX_VALUES: usize = 2_000;

/// What a request says: scalars, lists and maps, whichever way they were written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    Bool(bool),
    Number(Number),
    List(Vec<Node>),
    /// In order of arrival. Keys that are all numbers stand for a list.
    Map(Vec<(String, Node)>),
}

/// Collects the values of one request and counts them.
#[derive(Debug, Default)]
pub(super) struct Tree {
    entries: Vec<(String, Node)>,
    values: usize,
}

impl Tree {
    /// Adds the pairs of a query string or an urlencoded body.
    pub(super) fn add_encoded(&mut self, encoded: &[u8]) -> Result<()> {
        url::form_urlencoded::parse(encoded).try_for_each(|(name, text)| self.add(&name, &text))
    }

    /// Adds one pair of a form.
    pub(super) fn add(&mut self, name: &str, text: &str) -> Result<()> {
        self.count()?;
        let path = path_of(name)?;
        insert(&mut self.entries, &path, Node::Text(clean(text)))
    }

    /// Adds a JSON body.
    pub(super) fn add_json(&mut self, body: &[u8]) -> Result<()> {
        match serde_json::from_slice(body).map_err(|e| Error::Malformed(format!("JSON: {e}")))? {
            Value::Object(object) => object
                .into_iter()
                .filter_map(|(name, value)| Some((name, self.node(value, 1).transpose()?)))
                .collect::<Vec<_>>()
                .into_iter()
                .try_for_each(|(name, node)| self.add_member(&name, node?)),
            Value::Null => Ok(()),
            _ => Err(Error::Malformed("the JSON body is not an object".into())),
        }
    }

    /// A member of the outermost JSON object; bots write `"media_ids[]"` there too.
    fn add_member(&mut self, name: &str, node: Node) -> Result<()> {
        let mut path = path_of(name)?;
        if path.len() > 1 && path.last().is_some_and(String::is_empty) {
            path.pop();
        }
        insert(&mut self.entries, &path, node)
    }

    /// The tree of a JSON value; `None` for null, which says nothing.
    fn node(&mut self, value: Value, depth: usize) -> Result<Option<Node>> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        self.count()?;
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Bool(flag) => Node::Bool(flag),
            Value::Number(number) => Node::Number(number),
            Value::String(text) => Node::Text(clean(&text)),
            Value::Array(values) => {
                let nodes = values.into_iter().filter_map(|v| self.node(v, depth + 1).transpose());
                Node::List(nodes.collect::<Result<_>>()?)
            }
            Value::Object(members) => {
                let nodes = members.into_iter().filter_map(|(name, value)| {
                    let node = self.node(value, depth + 1).transpose()?;
                    Some(node.map(|node| (clean(&name), node)))
                });
                Node::Map(nodes.collect::<Result<_>>()?)
            }
        }))
    }

    fn count(&mut self) -> Result<()> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Error::Malformed("too many parameters".into()));
        }
        Ok(())
    }

    /// This tree, where `stronger` does not say otherwise.
    pub(super) fn overlaid_with(self, stronger: Self) -> Node {
        let mut entries = self.entries;
        entries.retain(|(name, _)| stronger.entries.iter().all(|(other, _)| other != name));
        entries.extend(stronger.entries);
        Node::Map(entries)
    }
}

/// A NUL cannot be stored in `PostgreSQL` and means nothing to anyone.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}

fn too_deep() -> Error {
    Error::Malformed("parameters are nested too deeply".into())
}

/// `poll[options][]` as `poll`, `options` and an empty part. What is no such name stands for itself.
fn path_of(name: &str) -> Result<Vec<String>> {
    let name = clean(name);
    let Some((head, rest)) = name.split_once('[') else { return Ok(vec![name]) };
    let Some(rest) = rest.strip_suffix(']') else { return Ok(vec![name]) };
    let mut path = vec![head.to_owned()];
    path.extend(rest.split("][").map(str::to_owned));
    if path.len() > MAX_DEPTH { Err(too_deep()) } else { Ok(path) }
}

/// Puts `node` where `path` says. A second value for the same name makes a list.
fn insert(entries: &mut Vec<(String, Node)>, path: &[String], node: Node) -> Result<()> {
    let Some((name, rest)) = path.split_first() else { return Ok(()) };
    let slot = entries.iter_mut().find(|(key, _)| key == name).map(|(_, slot)| slot);
    match (slot, rest.first().map(String::as_str)) {
        (None, None) => entries.push((name.clone(), node)),
        (Some(slot), None) => repeat(slot, node),
        (None, Some("")) => {
            entries.push((name.clone(), Node::List(vec![wrap(rest.get(1..), node)?])));
        }
        (Some(Node::List(list)), Some("")) => {
            append(list, rest.get(1..).unwrap_or_default(), node)?;
        }
        (Some(slot @ (Node::Text(_) | Node::Bool(_) | Node::Number(_))), Some("")) => {
            repeat(slot, wrap(rest.get(1..), node)?);
        }
        (None, Some(_)) => {
            let mut inner = Vec::new();
            insert(&mut inner, rest, node)?;
            entries.push((name.clone(), Node::Map(inner)));
        }
        (Some(Node::Map(inner)), Some(part)) if !part.is_empty() => insert(inner, rest, node)?,
        (Some(_), Some(_)) => {
            return Err(Error::Malformed(format!("{name:?} is both a value and a collection")));
        }
    }
    Ok(())
}

/// `node` below the rest of a path: `[][name]` makes maps of its values.
fn wrap(path: Option<&[String]>, node: Node) -> Result<Node> {
    let path = path.unwrap_or_default();
    if path.is_empty() {
        return Ok(node);
    }
    let mut inner = Vec::new();
    insert(&mut inner, path, node)?;
    Ok(Node::Map(inner))
}

/// One more element; `[][a]=1&[][b]=2&[][a]=3` are two elements, as Rails reads it.
fn append(list: &mut Vec<Node>, path: &[String], node: Node) -> Result<()> {
    if let (Some(part), Some(Node::Map(last))) = (path.first(), list.last_mut())
        && last.iter().all(|(name, _)| name != part)
    {
        return insert(last, path, node);
    }
    list.push(wrap(Some(path), node)?);
    Ok(())
}

fn repeat(slot: &mut Node, node: Node) {
    if let Node::List(list) = slot {
        match node {
            Node::List(more) => list.extend(more),
            other => list.push(other),
        }
    } else {
        let first = std::mem::replace(slot, Node::List(Vec::new()));
        *slot = Node::List(vec![first, node]);
    }
}
