//! Groups that live here pass on what happens in them.
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    activitypub::{PUBLIC, write},
    db::{actors::Actor, posts::Post},
    domain::{Tx, posts},
    effects::send::{Audience, Inboxes, page_title, send_text},
    error::Result,
};

/// The local group that a post is for, which passes on what happens to it: an open one to whoever
/// wants it, a private one to its members alone.
pub(super) fn passing_group(tx: &mut Tx, post: &Post) -> Result<Option<Actor>> {
    let Some(id) = post.group_id.filter(|id| *id != post.author_id) else { return Ok(None) };
    let group = tx.actor(id)?;
    let for_it = posts::is_for_group(&group, post.visibility);
    Ok((for_it && group.local && group.is_active()).then_some(group))
}

/// A local group embeds an activity, byte for byte, for servers that take that.
pub(super) fn announce(tx: &mut Tx, group: &Actor, inner: &str, to: Inboxes) -> Result<()> {
    announce_as(tx, group, inner, "", to)
}

/// The same for what one of ours wrote. Some servers want a `Page` where others want a `Note`.
pub(super) fn announce_written(
    tx: &mut Tx,
    group: &Actor,
    post: &Post,
    written: &Value,
    audience: &Audience,
) -> Result<()> {
    let all = audience.groups_but("");
    let Some(page) = write::as_page(written, &page_title(post)) else {
        return announce(tx, group, &written.to_string(), all);
    };
    let (pages, notes) = audience.pages_and_notes(all);
    if !pages.is_empty() {
        announce_as(tx, group, &page.to_string(), " as a page", pages)?;
    }
    announce(tx, group, &written.to_string(), notes)
}

/// `form` tells several announcements of one activity apart.
fn announce_as(tx: &mut Tx, group: &Actor, inner: &str, form: &str, to: Inboxes) -> Result<()> {
    let shape: Value = serde_json::from_str(inner)?;
    let inner_id = shape.get("id").and_then(Value::as_str).unwrap_or(inner);
    let hash = hex::encode(Sha256::digest(format!("{} {inner_id}{form}", group.ap_id)));
    let short: String = hash.chars().take(32).collect();
    let id = tx.node().uri(&format!("a/announce/{short}"))?;
    let private = group.is_private_group();
    let body = write::announce_activity(&id, &group.ap_id, inner, private, tx.now())?;
    let public: &[&str] = if private { &[] } else { &[PUBLIC] };
    let shape = json!({"id": id, "type": "Announce", "object": inner_id, "to": public});
    send_text(tx, group, &shape, body, to)
}
