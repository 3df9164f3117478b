//! One method on one path, while it is described.
use std::collections::BTreeMap;

use actix_web::http::Method;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::schemas;

/// Who may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Access {
    /// Anyone; a token is not looked at.
    #[default]
    Open,
    /// Anyone; a token must allow one of these scopes.
    Optional(&'static str),
    /// A token with one of these scopes; any token where there is none.
    Token(&'static str),
}

/// What is known of an operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub chapter: &'static str,
    pub method: Method,
    /// With parameters as `{name}`.
    pub path: String,
    /// `lists_all`, of the handler's place in the code.
    pub id: String,
    pub summary: &'static str,
    pub access: Access,
    /// Names of the parameters in the path, in order, with their schemas.
    pub places: Vec<(String, Value)>,
    /// Which of those the handler takes.
    pub taken: Vec<String>,
    /// Parameters of the query and headers.
    pub parameters: Vec<Value>,
    /// The form.
    pub body: Option<Value>,
    /// Fields of the form that are files, and whether they have to be there.
    pub files: Vec<(&'static str, bool)>,
    /// With what it may refuse that others do not.
    pub refusals: &'static [u16],
    /// Answers by their status.
    pub answers: BTreeMap<u16, Value>,
    /// The name of what is answered, for people.
    pub entity: String,
}

/// An operation that is being described, and where its shapes are collected.
pub(crate) struct Draft<'a> {
    pub(super) operation: Operation,
    pub(super) asked: &'a mut SchemaGenerator,
    pub(super) answered: &'a mut SchemaGenerator,
}

impl Draft<'_> {
    pub(super) fn done(self) -> Operation {
        self.operation
    }

    /// A token with one of these scopes is needed.
    pub(crate) fn needs(&mut self, scopes: &'static str) {
        self.operation.access = Access::Token(scopes);
    }

    /// A token is looked at where there is one.
    pub(crate) fn may_have(&mut self, scopes: &'static str) {
        self.operation.access = Access::Optional(scopes);
    }

    /// The parameter `name` of the path is taken, and is an id.
    pub(crate) fn id_in_path(&mut self, name: &str) {
        let known = self.operation.places.iter_mut().find(|(place, _)| place == name);
        if let Some((_, schema)) = known {
            *schema = schemas::id();
        }
        self.operation.taken.push(name.to_owned());
    }

    /// The first `count` parameters of the path are taken, as ids.
    pub(crate) fn ids_in_path(&mut self, count: usize) {
        let names: Vec<String> =
            self.operation.places.iter().take(count).map(|(name, _)| name.clone()).collect();
        for name in &names {
            self.id_in_path(name);
        }
    }

    /// All parameters of the path are taken, as they are.
    pub(crate) fn all_of_path(&mut self) {
        let names = self.operation.places.iter().map(|(name, _)| name.clone());
        let names: Vec<String> = names.collect();
        self.operation.taken.extend(names);
    }

    /// A parameter of the query.
    pub(crate) fn query(&mut self, name: &str, about: &str, schema: &Value) {
        self.operation.parameters.push(json!({
            "name": name, "in": "query", "description": about, "schema": schema,
        }));
    }

    /// A header.
    pub(crate) fn header(&mut self, name: &str, about: &str) {
        self.operation.parameters.push(json!({
            "name": name, "in": "header", "description": about, "schema": { "type": "string" },
        }));
    }

    /// A form: in the body, or in the query where the method has no body.
    pub(crate) fn form<T: JsonSchema>(&mut self) {
        if matches!(self.operation.method, Method::GET | Method::DELETE) {
            self.query_form::<T>();
        } else {
            let mut schema = T::json_schema(self.asked).to_value();
            schemas::without_nulls(&mut schema);
            self.operation.body = Some(schema);
        }
    }

    /// A form in the query.
    pub(crate) fn query_form<T: JsonSchema>(&mut self) {
        let mut schema = T::json_schema(self.asked).to_value();
        schemas::without_nulls(&mut schema);
        let required = schema.get("required").and_then(Value::as_array).cloned();
        let required = required.unwrap_or_default();
        let Some(Value::Object(members)) = schema.get("properties").cloned() else { return };
        for (name, mut member) in members {
            let about = schemas::take_description(&mut member);
            let mut parameter = json!({ "name": name, "in": "query", "schema": member });
            if let Some(about) = about {
                schemas::put(&mut parameter, "description", about);
            }
            if required.contains(&json!(name)) {
                schemas::put(&mut parameter, "required", json!(true));
            }
            self.operation.parameters.push(parameter);
        }
    }

    /// Answers JSON of this type.
    pub(crate) fn json<T: JsonSchema>(&mut self, status: u16, about: &str) {
        let schema = self.answered.subschema_for::<T>().to_value();
        if self.operation.entity.is_empty() {
            self.operation.entity = schemas::name_of(&schema);
        }
        self.content(status, about, "application/json", &schema);
    }

    /// Answers something else.
    pub(crate) fn content(&mut self, status: u16, about: &str, kind: &str, schema: &Value) {
        let mut content = Map::new();
        content.insert(kind.to_owned(), json!({ "schema": schema }));
        let answer = json!({ "description": about, "content": content });
        self.operation.answers.insert(status, answer);
        if self.operation.entity.is_empty() {
            kind.clone_into(&mut self.operation.entity);
        }
    }

    /// Answers nothing but a status.
    pub(crate) fn bare(&mut self, status: u16, about: &str) {
        self.operation.answers.insert(status, json!({ "description": about }));
    }

    /// Answers an error, beside those that every handler may.
    pub(crate) fn error(&mut self, status: u16, about: &str) {
        let schema = json!({ "$ref": "#/components/schemas/Error" });
        let answer = json!({
            "description": about, "content": { "application/json": { "schema": schema } },
        });
        self.operation.answers.insert(status, answer);
    }

    /// A header of the good answers.
    pub(crate) fn answer_header(&mut self, name: &str, about: &str) {
        for (_, answer) in self.operation.answers.iter_mut().filter(|(status, _)| **status < 300) {
            let header = json!({ "description": about, "schema": { "type": "string" } });
            if let Some(answer) = answer.as_object_mut() {
                let headers = answer.entry("headers").or_insert_with(|| json!({}));
                headers[name] = header;
            }
        }
    }
}
