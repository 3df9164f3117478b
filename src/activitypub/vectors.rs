//! Signed requests and documents with what is expected of each: those of this project
//! (`tests/fixtures/signatures`), and those of `COMMONHOLD_TEST_FIXTURES` where they are at hand.
use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{ActorDoc, json};
use crate::keys::PublicKey;

/// Every vector that has a `request`, or a `document`.
pub fn vectors(with: &str) -> Vec<Value> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/signatures/vectors.json");
    let mut all: Vec<Value> = serde_json::from_slice(&fs::read(own).unwrap()).unwrap();
    let root = std::env::var_os("COMMONHOLD_TEST_FIXTURES");
    let root = root.map_or_else(|| PathBuf::from("../shared/fixtures"), PathBuf::from);
    match fs::read_dir(root.join("signatures")) {
        Ok(files) => {
            let read = |path: PathBuf| fs::read(path).unwrap();
            let paths = files.map(|file| file.unwrap().path());
            all.extend(paths.map(|path| serde_json::from_slice::<Value>(&read(path)).unwrap()));
        }
        Err(_) => eprintln!("no more signatures at {}: only our own are checked", root.display()),
    }
    all.retain(|vector| vector[with].is_object());
    all
}

/// The key called `id`, as the document of its owner (`owner`, or whoever the id is below) lists it.
pub fn listed_key(vector: &Value, owner: Option<&str>, id: &str) -> Option<PublicKey> {
    let owner = owner.unwrap_or_else(|| id.split('#').next().unwrap());
    let mut document = vector["documents"].get(owner)?.clone();
    // Actors in vectors are as short as a signature needs.
    if let Some(actor) = document.as_object_mut() {
        actor.entry("inbox").or_insert_with(|| format!("{owner}/inbox").into());
    }
    let owner = ActorDoc::read(&json::parse(document.to_string().as_bytes()).unwrap()).ok()?;
    let key = owner.keys.iter().find(|key| key.id.as_str() == id)?;
    PublicKey::read(key.material.text()).ok()
}

/// Counts what was judged, by what was expected, and says so.
#[derive(Default)]
pub struct Totals(std::collections::BTreeMap<String, usize>);

impl Totals {
    pub fn count(&mut self, vector: &Value) {
        *self.0.entry(vector["expect"].as_str().unwrap().to_owned()).or_default() += 1;
    }

    pub fn say(&self, what: &str, least: usize) {
        eprintln!("{what}: {:?}, all as expected", self.0);
        assert!(self.0.values().sum::<usize>() >= least, "{what}: only {:?}", self.0);
    }
}
