//! The whole of it, as [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.1.html).
use actix_web::http::Method;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    ErrorShape,
    operation::{Access, Draft, Operation},
    schemas,
};
use crate::api::access::ASKED;

/// Stands for the node's own address until the document is served.
pub(super) const ORIGIN: &str = "https://origin.invalid";

const ABOUT: &str = "The Mastodon client API as this node has it, and what is ours beside it: groups, \
    help and its thanks, charters, moderation. It is made from the code that answers. Forms may be sent \
    as JSON, urlencoded or multipart, and are read leniently: lists as `k[]=a`, `k[0]=a` or repeated \
    `k=a`, nested fields as `poll[expires_in]=60`, numbers and booleans as text; unknown names and nulls \
    are ignored. How to use it, and where it differs from Mastodon and why: docs/api.md in the source.";

/// What is described so far.
pub(super) struct Document {
    chapters: Vec<(&'static str, &'static str)>,
    pub(super) operations: Vec<Operation>,
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Document {
    pub fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        // What is asked is small and stands where it is used; what is answered has names.
        let asked = settings().with(|settings| settings.inline_subschemas = true);
        Self {
            chapters: Vec::new(),
            operations: Vec::new(),
            asked: asked.for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    pub fn chapter(&mut self, name: &'static str, about: &'static str) {
        self.chapters.push((name, about));
    }

    /// Begins to describe what the handler of this name does.
    pub fn draft(
        &mut self,
        chapter: &'static str,
        method: Method,
        path: &str,
        handler: &str,
        summary: &'static str,
    ) -> Draft<'_> {
        let path = plain(path);
        let places = places(&path);
        let id = self.free_id(handler, &method, &path);
        let operation = Operation {
            chapter,
            method,
            path,
            id,
            summary,
            access: Access::Open,
            places,
            taken: Vec::new(),
            parameters: Vec::new(),
            body: None,
            files: Vec::new(),
            refusals: &[],
            answers: std::collections::BTreeMap::new(),
            entity: String::new(),
        };
        Draft { operation, asked: &mut self.asked, answered: &mut self.answered }
    }

    pub fn add(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// Files of the last operation.
    pub fn files(&mut self, names: &[&'static str]) {
        if let Some(last) = self.operations.last_mut() {
            let read = |name: &&'static str| match name.strip_suffix('!') {
                Some(name) => (name, true),
                None => (*name, false),
            };
            last.files = names.iter().map(read).collect();
        }
    }

    /// With what else the last operation may refuse.
    pub fn may_refuse(&mut self, statuses: &'static [u16]) {
        if let Some(last) = self.operations.last_mut() {
            last.refusals = statuses;
        }
    }

    /// `lists_all` of `commonhold::api::lists::all`; where that is taken, with the method, or the path.
    fn free_id(&self, handler: &str, method: &Method, path: &str) -> String {
        let place = handler.split("::api::").nth(1).unwrap_or(handler);
        let id = place.replace("::", "_");
        let by_path = path.trim_start_matches("/api/").replace(['/', '.', '-'], "_");
        let by_path: String = by_path.chars().filter(|c| !matches!(c, '{' | '}')).collect();
        let candidates = [
            id.clone(),
            format!("{id}_{}", method.as_str().to_lowercase()),
            format!("{id}_{by_path}"),
        ];
        let free = |id: &&String| self.operations.iter().all(|known| known.id != **id);
        let same_path = self.operations.iter().any(|known| known.id == id && known.path == path);
        let found = candidates.iter().enumerate().filter(|(at, _)| *at != 1 || same_path);
        found.map(|(_, id)| id).find(free).unwrap_or(&id).clone()
    }

    /// The document.
    pub fn finish(mut self) -> Value {
        let _ = self.answered.subschema_for::<ErrorShape>();
        let mut shapes = self.answered.take_definitions(true);
        for shape in shapes.values_mut() {
            schemas::left_out_is_not_null(shape);
        }
        let mut paths = Map::new();
        for operation in &self.operations {
            let described = described(operation, &mut shapes);
            let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
            path[operation.method.as_str().to_lowercase()] = described;
        }
        let tags: Vec<Value> = self
            .chapters
            .iter()
            .map(|(name, about)| json!({ "name": name, "description": about }))
            .collect();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Commonhold",
                "version": env!("CARGO_PKG_VERSION"),
                "description": ABOUT,
                "license": {
                    "name": env!("CARGO_PKG_LICENSE"),
                    "identifier": env!("CARGO_PKG_LICENSE"),
                },
            },
            "servers": [{ "url": ORIGIN }],
            "tags": tags,
            "paths": paths,
            "components": {
                "schemas": shapes,
                "responses": errors(),
                "securitySchemes": security_schemes(),
            },
        })
    }
}

/// The path without patterns: `/a/{b:.*}` as `/a/{b}`.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    for (number, part) in path.split('{').enumerate() {
        if number > 0 {
            plain.push('{');
        }
        match part.split_once('}') {
            Some((name, rest)) if number > 0 => {
                plain.push_str(name.split(':').next().unwrap_or(name));
                plain.push('}');
                plain.push_str(rest);
            }
            _ => plain.push_str(part),
        }
    }
    plain
}

fn places(path: &str) -> Vec<(String, Value)> {
    let names = path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    names.map(|(name, _)| (name.to_owned(), json!({ "type": "string", "minLength": 1 }))).collect()
}

fn described(operation: &Operation, shapes: &mut Map<String, Value>) -> Value {
    let mut parameters: Vec<Value> = operation
        .places
        .iter()
        .map(|(name, schema)| {
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(operation.parameters.iter().cloned());
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.chapter],
        "security": security(&operation.access),
        "responses": responses(operation),
    });
    if !parameters.is_empty() {
        schemas::put(&mut described, "parameters", json!(parameters));
    }
    if let Some(body) = &operation.body {
        let body = request_body(operation, body, shapes);
        schemas::put(&mut described, "requestBody", body);
    }
    described
}

/// The form in its encodings, by one name.
fn request_body(operation: &Operation, body: &Value, shapes: &mut Map<String, Value>) -> Value {
    let name = format!("{}_form", operation.id);
    let form = json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
    let needed = body["required"].as_array().is_some_and(|names| !names.is_empty());
    shapes.insert(name, body.clone());
    let mut content = Map::new();
    let file_needed = operation.files.iter().any(|(_, needed)| *needed);
    if !file_needed {
        content.insert("application/json".into(), form.clone());
        content.insert("application/x-www-form-urlencoded".into(), form.clone());
    }
    let multipart = if operation.files.is_empty() { form } else { with_files(operation, body) };
    content.insert("multipart/form-data".into(), multipart);
    json!({ "required": needed || file_needed, "content": content })
}

fn with_files(operation: &Operation, body: &Value) -> Value {
    let mut schema = body.clone();
    let mut members = body["properties"].clone();
    let mut required = body["required"].as_array().cloned().unwrap_or_default();
    for (name, needed) in &operation.files {
        schemas::put(&mut members, name, json!({ "type": "string", "format": "binary" }));
        required.extend(needed.then(|| json!(name)));
    }
    schemas::put(&mut schema, "properties", members);
    schemas::put(&mut schema, "required", json!(required));
    json!({ "schema": schema })
}

/// Any one of the scopes is enough, either way the token is sent for.
fn security(access: &Access) -> Value {
    let (scopes, optional) = match access {
        Access::Open => return json!([]),
        Access::Optional(scopes) => (*scopes, true),
        Access::Token(scopes) => (*scopes, false),
    };
    let mut ways: Vec<Value> = optional.then(|| json!({})).into_iter().collect();
    for scope in scopes.split(' ') {
        let needed: Vec<&str> = Some(scope).filter(|scope| !scope.is_empty()).into_iter().collect();
        ways.push(json!({ "oauth2": needed }));
        ways.push(json!({ "bearer": needed }));
    }
    json!(ways)
}

/// What can go wrong anywhere.
const ERRORS: [(u16, &str, &str); 11] = [
    (400, "Malformed", "The request cannot be read; `error` says where."),
    (401, "Unauthorized", "There is no token, or none that holds."),
    (403, "Forbidden", "The token does not allow it, or the member may not; `error` says why."),
    (404, "NotFound", "It is not there, or not for the caller to know."),
    (408, "TooSlow", "The body took too long to come."),
    (409, "Conflict", "The state of things does not allow it; `error` says why."),
    (410, "Gone", "It was there and was deleted."),
    (413, "TooLarge", "Larger than this node takes."),
    (422, "Invalid", "Understood, and it cannot be done as it stands; `error` says why."),
    (429, "TooMany", "Too much at once; `Retry-After` says in how many seconds to try again."),
    (503, "Unreachable", "Another server is needed and does not answer, or this one is busy."),
];

fn responses(operation: &Operation) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    let takes = !operation.places.is_empty() || !operation.parameters.is_empty();
    let (takes, token) = (takes || operation.body.is_some(), operation.access != Access::Open);
    for (status, name, _) in ERRORS {
        let applies = match status {
            400 => takes,
            401 | 403 => token,
            404 | 422 => takes || token,
            408 | 413 => operation.body.is_some(),
            429 | 503 => true,
            _ => false,
        };
        if applies || operation.refusals.contains(&status) {
            let reference = json!({ "$ref": format!("#/components/responses/{name}") });
            responses.insert(status.to_string(), reference);
        }
    }
    for (status, answer) in &operation.answers {
        responses.insert(status.to_string(), answer.clone());
    }
    Value::Object(responses)
}

fn errors() -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    let all = ERRORS.iter().map(|(status, name, about)| {
        let mut response = json!({
            "description": about,
            "content": { "application/json": { "schema": schema } },
        });
        if *status == 429 {
            let header = json!({ "description": "Seconds.", "schema": { "type": "integer" } });
            schemas::put(&mut response, "headers", json!({ "Retry-After": header }));
        }
        ((*name).to_owned(), response)
    });
    Value::Object(all.collect())
}

/// Every scope, the wide ones first.
fn scopes() -> Map<String, Value> {
    let wide = [
        ("read", "Reads whatever the member may read."),
        ("write", "Changes whatever the member may change."),
        ("follow", "Reads and changes follows, blocks and mutes; the oldest scope."),
    ];
    let mut all: Map<String, Value> =
        wide.iter().map(|(name, about)| ((*name).to_owned(), json!(about))).collect();
    for name in ASKED.iter().flat_map(|scopes| scopes.split(' ')) {
        let about = match name.split_once(':') {
            Some((wide, part)) => format!("The part of `{wide}` that is about {part}."),
            None if name == "push" => "Is told of notifications while no app is open.".to_owned(),
            None => "Reads who the member is, and nothing else.".to_owned(),
        };
        all.entry(name.to_owned()).or_insert_with(|| json!(about));
    }
    all
}

fn security_schemes() -> Value {
    let scopes = scopes();
    json!({
        "oauth2": {
            "type": "oauth2",
            "description": "A wide scope (`read`) covers its parts (`read:statuses`).",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": format!("{ORIGIN}/oauth/authorize"),
                    "tokenUrl": format!("{ORIGIN}/oauth/token"),
                    "scopes": scopes,
                },
                "clientCredentials": {
                    "tokenUrl": format!("{ORIGIN}/oauth/token"),
                    "scopes": scopes,
                },
            },
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token in `Authorization: Bearer`.",
        },
    })
}
