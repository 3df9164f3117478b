//! Schemas (JSON Schema 2020-12, which `OpenAPI` 3.1 has adopted) that are not derived, and mending those
//! that are.
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::{
    api::entities::{At, Id},
    ledger::Hash,
    types::{
        ActorId, AnnouncementId, ConversationId, FeaturedTagId, FilterId, FilterKeywordId,
        FilterPostId, FollowId, ListId, MediaId, NoticeRequestId, NotificationId, PollId, PostId,
        ScheduledId, Time,
    },
};

/// Digits in a string, at most as many as 64 bits have.
pub(super) fn id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{1,19}$" })
}

macro_rules! ids {
    ($($name:ty),+ $(,)?) => {$(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                "Id".into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": "^[0-9]{1,19}$" })
            }
        }
    )+};
}

ids!(
    Id,
    ActorId,
    AnnouncementId,
    ConversationId,
    FeaturedTagId,
    FilterId,
    FilterKeywordId,
    FilterPostId,
    FollowId,
    ListId,
    MediaId,
    NoticeRequestId,
    NotificationId,
    PollId,
    PostId,
    ScheduledId,
);

impl JsonSchema for At {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
        })
    }
}

/// What a schema is called, for people: `Status`, `[Status]`, `{..}`.
pub(super) fn name_of(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        return target.rsplit('/').next().unwrap_or(target).to_owned();
    }
    match schema["type"].as_str() {
        Some("array") if schema["maxItems"] == 0 => "[]".to_owned(),
        Some("array") => format!("[{}]", name_of(&schema["items"])),
        Some("object") if schema["additionalProperties"].is_object() => {
            format!("{{{}}}", name_of(&schema["additionalProperties"]))
        }
        Some(kind) => kind.to_owned(),
        None => "any".to_owned(),
    }
}

/// Puts a member into an object.
pub(super) fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Takes the description out of a schema.
pub(super) fn take_description(schema: &mut Value) -> Option<Value> {
    schema.as_object_mut()?.remove("description")
}

/// What is asked: a null says nothing, so no parameter needs one; nor does it say anything that what is
/// left out is blank.
pub(super) fn without_nulls(schema: &mut Value) {
    each_member(schema, &|_, member| {
        not_null(member);
        if member.get("default").is_some_and(|default| *default == "" || *default == json!([]))
            && let Some(parts) = member.as_object_mut()
        {
            parts.remove("default");
        }
    });
}

/// What is answered: a member that may be left out is never null.
pub(super) fn left_out_is_not_null(schema: &mut Value) {
    each_member(schema, &|required, member| {
        if !required {
            not_null(member);
        }
    });
}

/// Calls `mend` with each member of each object, and whether it is always there.
fn each_member(schema: &mut Value, mend: &impl Fn(bool, &mut Value)) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, member) in members.into_iter().flatten() {
        mend(required.iter().any(|one| one == name), member);
    }
    match schema {
        Value::Object(parts) => parts.values_mut().for_each(|part| each_member(part, mend)),
        Value::Array(parts) => parts.iter_mut().for_each(|part| each_member(part, mend)),
        _ => {}
    }
}

fn not_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema["type"] = one;
        }
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.retain(|word| !word.is_null());
    }
    if schema.get("default").is_some_and(Value::is_null)
        && let Some(parts) = schema.as_object_mut()
    {
        parts.remove("default");
    }
    let Some(choices) = schema.get_mut("anyOf").and_then(Value::as_array_mut) else { return };
    choices.retain(|choice| choice["type"] != "null");
    if let [one] = choices.as_slice()
        && let (Value::Object(one), Some(parts)) = (one.clone(), schema.as_object_mut())
    {
        parts.remove("anyOf");
        parts.extend(one);
    }
}

/// As ledgers and their figures have it.
impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Milliseconds".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "description": "Milliseconds since 1970, UTC." })
    }
}

impl JsonSchema for Hash {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hash".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}
