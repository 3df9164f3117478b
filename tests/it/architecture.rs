//! Who may import whom, and how long a file may be. Keeps `docs/architecture.md` true.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lowest first: a module imports only itself, its own line where that is said below, and the
/// lines above it.
const LAYERS: &[&[&str]] = &[
    &["error", "types", "keys", "text"],
    &["ledger"],
    &["health"],
    &["db"],
    &["domain", "activitypub"],
    &["verify"],
    &["tasks"],
    &["effects"],
    &["config", "signature", "media", "hub", "fetch", "app"],
    &["federation", "mail", "push"],
    &["api", "web"],
    &["worker", "server"],
    &["main", "cli"],
];

/// Lines whose modules may also use each other: one thing in several files.
const TOGETHER: &[&str] = &["error", "config", "worker"];

/// Longest source file, in lines. A longer one is a folder that nobody made yet.
const MOST_LINES: usize = 600;

#[test]
fn imports_only_point_down() {
    let mut wrong = Vec::new();
    for (rank, layer) in LAYERS.iter().enumerate() {
        let mut allowed = LAYERS[..rank].concat();
        if TOGETHER.contains(&layer[0]) {
            allowed.extend(*layer);
        }
        for module in *layer {
            for (file, import) in imports(module) {
                if import != *module && !allowed.contains(&&*import) {
                    wrong.push(format!("{file} imports crate::{import}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these imports do not point down:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_place() {
    let placed = LAYERS.concat();
    for entry in fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(name == "lib" || placed.contains(&&*name), "{name} stands in no layer");
    }
}

#[test]
fn the_drawing_shows_every_module() {
    let page = fs::read_to_string("docs/architecture.md").unwrap();
    let drawing = page.split("```").nth(1).unwrap();
    let words: Vec<&str> = drawing.split(|c: char| !c.is_alphanumeric()).collect();
    for module in LAYERS.concat() {
        assert!(words.contains(&module), "{module} is not in the drawing of docs/architecture.md");
    }
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = ["src", "tests"]
        .iter()
        .flat_map(|folder| sources(Path::new(folder)))
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > MOST_LINES).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "more than {MOST_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn a_change_writes_the_actors_it_remembers() {
    let around: Vec<String> = sources(Path::new("src"))
        .into_iter()
        .filter(|path| !path.starts_with("src/db") && !path.ends_with("domain/tx.rs"))
        .filter(|path| fs::read_to_string(path).unwrap().contains("actors::update("))
        .map(|path| path.display().to_string())
        .collect();
    assert!(around.is_empty(), "use `Tx::save_actor`: {}", around.join(", "));
    let tx = fs::read_to_string("src/domain/tx.rs").unwrap();
    assert!(tx.contains("actors::update("), "what this test looks for has another name");
}

/// Every Rust source below `path`, or `path` itself.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        entries.flat_map(|entry| sources(&entry.unwrap().path())).collect()
    } else if path.extension().is_some_and(|kind| kind == "rs") && path.exists() {
        vec![path.to_owned()]
    } else {
        Vec::new()
    }
}

/// `(file, module)` for every `crate::module` a module's sources mention outside of comments.
fn imports(module: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let places = [format!("src/{module}.rs"), format!("src/{module}")];
    for path in places.iter().flat_map(|place| sources(Path::new(place))) {
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            let names = match rest.strip_prefix('{') {
                Some(group) => top_level(group),
                None => vec![rest],
            };
            for name in names {
                let name: String =
                    name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if let Some(module) = layer_of(&name) {
                    found.push((path.display().to_string(), module));
                }
            }
        }
    }
    found
}

/// The module that a first name after `crate::` stands for: some are re-exports, or macros.
fn layer_of(name: &str) -> Option<String> {
    match name {
        "" | "text_enum" => None,
        "App" | "Ctx" => Some("app".to_owned()),
        "Error" | "Result" => Some("error".to_owned()),
        "on" | "paged" | "insert_new" => Some("db".to_owned()),
        other => Some(other.to_owned()),
    }
}

/// The comma-separated items of `{…}`, nested groups kept whole.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&group[start..i]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&group[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    items
}
