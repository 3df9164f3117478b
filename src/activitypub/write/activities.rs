//! What we do, told to others.
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use super::{Addressing, PUBLIC, Vocabulary, body, context, document, without_context};
use crate::{
    Result,
    error::Error,
    types::{Time, Uri},
};

/// A new post: [Create](https://www.w3.org/TR/activitypub/#create-activity-outbox). `post` is what
/// [`super::post`] gave; the addressees are the post's own.
pub fn create(id: &Uri, actor: &Uri, post: &Value) -> Value {
    let published = post.get("published");
    about("Create", id, actor, post, published, Vocabulary::Post)
}

/// A post or an actor as it is now. An actor's document has its own context; here it is left out.
pub fn update(id: &Uri, actor: &Uri, object: &Value) -> Value {
    let is_actor = object.get("@context").is_some();
    let vocabulary = if is_actor { Vocabulary::Actor } else { Vocabulary::Post };
    let object = without_context(object);
    about("Update", id, actor, &object, object.get("updated"), vocabulary)
}

/// The same news for the members of a private group alone.
#[must_use]
pub fn inside(mut activity: Value, group: &Uri) -> Value {
    let Addressing { to, cc, audience: _ } =
        Addressing::within(group, Some(&format!("{group}/followers")));
    if let Some(fields) = activity.as_object_mut() {
        fields.insert("to".into(), json!(to));
        fields.insert("cc".into(), json!(cc));
    }
    activity
}

/// An activity addressed to whom its object is; an actor's changes to everyone.
fn about(
    kind: &str,
    id: &Uri,
    actor: &Uri,
    object: &Value,
    published: Option<&Value>,
    vocabulary: Vocabulary,
) -> Value {
    let fields = json!({
        "id": id,
        "type": kind,
        "actor": actor,
        "object": object,
        "to": object.get("to").cloned().unwrap_or_else(|| json!([PUBLIC])),
        "cc": object.get("cc").cloned().unwrap_or_else(|| json!([format!("{actor}/followers")])),
        "audience": object.get("audience"),
        "published": published,
    });
    document(body(fields), vocabulary)
}

/// What is left of a deleted post, served with 410.
pub fn tombstone(id: &Uri, former: &str, deleted: Time) -> Value {
    let body = json!({
        "id": id,
        "type": "Tombstone",
        "formerType": former,
        "deleted": deleted.rfc3339(),
    });
    document(body, Vocabulary::Plain)
}

/// A post is gone: by its author, or, where there is a `reason`, removed by a moderator.
pub fn delete(
    id: &Uri,
    actor: &Uri,
    object: &Uri,
    addressing: &Addressing,
    reason: Option<&str>,
) -> Value {
    let object = match reason {
        // Lemmy takes a removal only with the plain id.
        Some(_) => json!(object),
        None => json!({"id": object, "type": "Tombstone"}),
    };
    addressed("Delete", id, actor, addressing, json!({"object": object, "summary": reason}))
}

/// Asks to follow.
pub fn follow(id: &Uri, actor: &Uri, target: &Uri) -> Value {
    addressed("Follow", id, actor, &Addressing::to(&[target.as_str()]), json!({"object": target}))
}

/// Says yes to a request, which is embedded: Misskey does not look it up.
pub fn accept(id: &Uri, actor: &Uri, request: &Value) -> Value {
    answer("Accept", id, actor, request)
}

/// Says no to a request, or ends what was accepted.
pub fn reject(id: &Uri, actor: &Uri, request: &Value) -> Value {
    answer("Reject", id, actor, request)
}

pub(super) fn answer(kind: &str, id: &Uri, actor: &Uri, request: &Value) -> Value {
    let request = without_context(request);
    let asker = request.get("actor").and_then(Value::as_str).unwrap_or_default().to_owned();
    addressed(kind, id, actor, &Addressing::to(&[&asker]), json!({"object": request}))
}

/// Takes back an activity of ours, which is embedded.
pub fn undo(id: &Uri, actor: &Uri, undone: &Value) -> Value {
    let undone = without_context(undone);
    let fields = json!({
        "id": id,
        "type": "Undo",
        "actor": actor,
        "to": undone.get("to").cloned().unwrap_or_else(|| json!([])),
        "cc": undone.get("cc").cloned().unwrap_or_else(|| json!([])),
        "audience": undone.get("audience"),
        "object": undone,
    });
    document(body(fields), Vocabulary::Plain)
}

/// A vote or a reaction.
#[derive(Clone, Copy, Debug)]
pub struct LikeParts<'a> {
    /// Its id.
    pub id: &'a Uri,
    /// Who likes.
    pub actor: &'a Uri,
    /// The post.
    pub object: &'a Uri,
    /// Who wrote that.
    pub author: &'a Uri,
    /// The group it is in.
    pub group: Option<&'a Uri>,
    /// An emoji, where it is a reaction.
    pub content: Option<&'a str>,
    /// The acknowledgement of help that goes with it.
    pub result: Option<&'a Uri>,
    /// Since when.
    pub published: Time,
}

/// A like; with 🙏 and a `result` it also says that the post helped. The type stays the one text
/// `Like`, which every server knows.
pub fn like(parts: &LikeParts) -> Value {
    let addressing = Addressing {
        to: vec![parts.author.to_string()],
        cc: parts.group.iter().map(ToString::to_string).collect(),
        audience: parts.group.cloned(),
    };
    let fields = json!({
        "object": parts.object,
        "content": parts.content,
        "result": parts.result,
        "published": parts.published.rfc3339(),
    });
    addressed("Like", parts.id, parts.actor, &addressing, fields)
}

/// A downvote; of the parts `content` and `result` say nothing here.
pub fn dislike(parts: &LikeParts) -> Value {
    let addressing = Addressing {
        to: vec![parts.author.to_string()],
        cc: parts.group.iter().map(ToString::to_string).collect(),
        audience: parts.group.cloned(),
    };
    let fields = json!({"object": parts.object, "published": parts.published.rfc3339()});
    addressed("Dislike", parts.id, parts.actor, &addressing, fields)
}

/// A boost: the id of a post, for everyone who follows; `open` to everyone else too.
pub fn announce_object(id: &Uri, actor: &Uri, object: &Uri, open: bool, published: Time) -> Value {
    let addressing =
        if open { to_followers(actor) } else { Addressing::to(&[&format!("{actor}/followers")]) };
    let fields = json!({"object": object, "published": published.rfc3339()});
    addressed("Announce", id, actor, &addressing, fields)
}

/// The same boost, for everyone who comes by but for no list of what is new.
#[must_use]
pub fn quietly(mut announce: Value) -> Value {
    if let Some(fields) = announce.as_object_mut() {
        let (to, cc) = (fields.remove("to"), fields.remove("cc"));
        fields.extend(to.map(|to| ("cc".to_owned(), to)));
        fields.extend(cc.map(|cc| ("to".to_owned(), cc)));
    }
    announce
}

/// A group passes on an activity, exactly as it came:
/// [FEP-1b12](https://w3id.org/fep/1b12). `inner` is that activity's JSON. What is for everyone but
/// for no list (Public in its `cc` alone) is passed on as quietly. A `private`
/// group tells its members and nobody else.
///
/// # Errors
/// When `inner` is not JSON.
pub fn announce_activity(
    id: &Uri,
    group: &Uri,
    inner: &str,
    private: bool,
    published: Time,
) -> Result<String> {
    #[derive(Serialize)]
    struct Announce<'a> {
        #[serde(rename = "@context")]
        context: Value,
        id: &'a Uri,
        #[serde(rename = "type")]
        kind: &'static str,
        actor: &'a Uri,
        to: [String; 1],
        cc: Vec<String>,
        published: String,
        object: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Inner {
        #[serde(default)]
        to: Value,
        #[serde(default)]
        cc: Value,
    }
    let addressed: Inner = serde_json::from_str(inner)?;
    let public = |list: &Value| match list {
        Value::Array(all) => all.iter().any(|one| one == PUBLIC),
        one => one == PUBLIC,
    };
    let members = format!("{group}/followers");
    let quiet = public(&addressed.cc) && !public(&addressed.to);
    let (to, cc) = match (private, quiet) {
        (true, _) => (members, Vec::new()),
        (false, true) => (members, vec![PUBLIC.to_owned()]),
        (false, false) => (PUBLIC.to_owned(), vec![members]),
    };
    let announce = Announce {
        context: context(Vocabulary::Post),
        id,
        kind: "Announce",
        actor: group,
        to: [to],
        cc,
        published: published.rfc3339(),
        object: serde_json::from_str(inner)?,
    };
    serde_json::to_string(&announce).map_err(Error::internal)
}

/// The same Create or Update with a `Page` for a `Note` that begins a thread, where it is one: Mbin
/// files Notes under microblog. A page needs a title: `title` where the note has none.
#[must_use]
pub fn as_page(activity: &Value, title: &str) -> Option<Value> {
    let object = activity.get("object")?.as_object()?;
    if object.get("type")? != "Note" || object.contains_key("inReplyTo") {
        return None;
    }
    let mut activity = activity.clone();
    let object = activity.get_mut("object")?.as_object_mut()?;
    object.insert("type".into(), "Page".into());
    object.entry("name").or_insert_with(|| title.into());
    // What is signed inside is the other form.
    activity.as_object_mut()?.remove("proof");
    Some(activity)
}

/// A report to the moderators of another server, sent by the node so that nobody is exposed.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Its id.
    pub id: &'a Uri,
    /// The node.
    pub actor: &'a Uri,
    /// Reported actor and posts.
    pub objects: &'a [Uri],
    /// What is wrong, plain text.
    pub comment: &'a str,
    /// The group it concerns, on servers with groups.
    pub group: Option<&'a Uri>,
}

/// A report. Servers with groups take one object and a `summary`, others a list and `content`.
pub fn flag(report: &Report) -> Value {
    let addressing = Addressing {
        to: report.group.iter().map(ToString::to_string).collect(),
        cc: Vec::new(),
        audience: report.group.cloned(),
    };
    let object = match (report.group, report.objects) {
        (Some(_), [one, ..]) => json!(one),
        (_, all) => json!(all),
    };
    let fields = json!({"object": object, "content": report.comment, "summary": report.comment});
    addressed("Flag", report.id, report.actor, &addressing, fields)
}

/// What a moderator, or the group itself, does in a group.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// `Add`, `Remove`, `Lock`, `Block`, `ChooseAnswer`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'a Uri,
    /// Who acts.
    pub actor: &'a Uri,
    /// On what.
    pub object: &'a Uri,
    /// The collection, or the group somebody is banned from.
    pub target: Option<&'a str>,
    /// The group.
    pub group: &'a Uri,
    /// The collection of its members, where what goes on there is for them alone.
    pub members: Option<&'a str>,
    /// Why, plain text.
    pub reason: Option<&'a str>,
    /// When it ends.
    pub ends: Option<Time>,
    /// What the banned person wrote goes too.
    pub remove_data: bool,
}

/// An act of moderation: to everyone, with the group in `cc` and `audience`, as Lemmy has it; in a
/// private group to its members.
pub fn act(act: &Act) -> Value {
    let addressing = Addressing::within(act.group, act.members);
    let fields = json!({
        "object": act.object,
        "target": act.target,
        "summary": act.reason,
        "endTime": act.ends.map(Time::rfc3339),
        "removeData": act.remove_data.then_some(true),
    });
    addressed(act.kind, act.id, act.actor, &addressing, fields)
}

/// An actor of ours says where it went.
pub fn moved(id: &Uri, actor: &Uri, target: &Uri) -> Value {
    let fields = json!({"object": actor, "target": target});
    addressed("Move", id, actor, &to_followers(actor), fields)
}

/// The signed statement that somebody was helped, served by itself; a proof is added to it.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledgement<'a> {
    /// Its id.
    pub id: &'a Uri,
    /// Who was helped.
    pub asker: &'a Uri,
    /// Who helped.
    pub helper: &'a Uri,
    /// What was asked.
    pub question: &'a Uri,
    /// What helped.
    pub reply: &'a Uri,
    /// The thread.
    pub context: Option<&'a str>,
    /// When.
    pub published: Time,
}

/// An acknowledgement of help, our own kind of document.
pub fn acknowledgement(parts: &Acknowledgement) -> Value {
    let fields = json!({
        "id": parts.id,
        "type": "HelpAcknowledgement",
        "attributedTo": parts.asker,
        "interactingObject": parts.question,
        "interactionTarget": parts.reply,
        "helper": parts.helper,
        "context": parts.context,
        "published": parts.published.rfc3339(),
    });
    document(body(fields), Vocabulary::Help)
}

/// Somebody wants a group's ledger to forget them; a proof is added to it, which the ledger keeps.
pub fn forget(id: &Uri, actor: &Uri, group: &Uri, published: Time) -> Value {
    let fields = json!({
        "id": id,
        "type": "Forget",
        "actor": actor,
        "object": group,
        "to": [group],
        "published": published.rfc3339(),
    });
    document(body(fields), Vocabulary::Help)
}

fn to_followers(actor: &Uri) -> Addressing {
    let (to, cc) = (vec![PUBLIC.to_owned()], vec![format!("{actor}/followers")]);
    Addressing { to, cc, audience: None }
}

pub(super) fn addressed(
    kind: &str,
    id: &Uri,
    actor: &Uri,
    addressing: &Addressing,
    fields: Value,
) -> Value {
    let mut whole = json!({
        "id": id,
        "type": kind,
        "actor": actor,
        "to": addressing.to,
        "cc": addressing.cc,
        "audience": addressing.audience,
    });
    if let (Value::Object(whole), Value::Object(fields)) = (&mut whole, fields) {
        whole.extend(fields);
    }
    document(body(whole), Vocabulary::Plain)
}
