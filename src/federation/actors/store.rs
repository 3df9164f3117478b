//! Writing down what a server says about its actor, made harmless.
use super::admit;
use crate::{
    activitypub::{
        ActorDoc,
        actor::{self, KeyMaterial, PublicKey},
    },
    app::App,
    db::{
        actors::{self, Actor},
        aliases, keys, servers,
    },
    domain::{
        Tx,
        actors::{Field, fields},
        emojis, field_links,
    },
    error::{Error, Result},
    federation::emojis::brought,
    tasks::{self, Task},
    text,
    types::{ActorId, Uri},
};

/// Stores what was read. `host` is that of the handle, where it is not the id's.
pub async fn store(app: &App, document: ActorDoc, host: Option<String>) -> Result<Actor> {
    let id = document.id.clone();
    let known = app.read(move |conn| Ok(actors::by_ap_id(conn, id.as_str())?)).await?;
    if known.is_none() {
        admit(app, &document.id.authority())?;
    }
    app.write(move |tx| {
        let now = tx.now();
        let server = document.id.authority();
        // What it runs decides what its followers get.
        if servers::meet(tx, &server, now)?.checked_at < now.plus_days(-1) {
            tasks::enqueue(tx, &Task::LearnServer { host: server.clone() })?;
        }
        let is_known = known.is_some();
        let before = known.as_ref().map(fields).unwrap_or_default();
        let host = host.or_else(|| known.map(|actor| actor.host)).unwrap_or(server);
        let mut row = row(tx, &document, host);
        let mut said: Vec<Field> = document.fields.iter().map(field).collect();
        field_links::carry_over(&mut said, &before, false, now);
        row.fields = serde_json::to_string(&said).map_err(Error::internal)?;
        let actor = actors::upsert_remote(tx, &row)?;
        field_links::read_soon(tx, &actor);
        let others: Vec<String> = document.also_known_as.iter().map(Uri::to_string).collect();
        if is_known || !others.is_empty() {
            aliases::set(tx, actor.id, &others)?;
        }
        emojis::receive(tx, &actor.ap_id, &brought(&document.emojis))?;
        keys::set_others(tx, actor.id, &other_keys(&document.keys, &actor.key_id))?;
        if actor.is_group() {
            tasks::enqueue(tx, &Task::ReadLists { group: actor.id })?;
        }
        Ok(actor)
    })
    .await
}

fn row(tx: &Tx, document: &ActorDoc, host: String) -> Actor {
    let now = tx.now();
    let key = main_key(&document.keys);
    let address = |uri: &Option<Uri>| uri.as_ref().map(Uri::to_string);
    let name = document.name.as_deref().unwrap_or_default();
    // A name is text; one with markup is a trick.
    let name = if name.contains('<') { text::plain(name) } else { name.to_owned() };
    Actor {
        id: ActorId(tx.new_id()),
        kind: document.kind,
        name: document.preferred_username.clone(),
        host,
        local: false,
        ap_id: document.id.clone(),
        url: document.url.as_ref().unwrap_or(&document.id).to_string(),
        inbox: document.inbox.clone(),
        shared_inbox: document.shared_inbox.clone(),
        outbox: address(&document.outbox),
        followers_uri: address(&document.followers),
        featured_uri: address(&document.featured),
        moderators_uri: address(&document.moderators),
        display_name: text::clean_name(&name),
        summary: text::sanitize(document.summary.as_deref().unwrap_or_default()),
        summary_source: String::new(),
        avatar: document.icon.as_ref().map(|icon| icon.url.to_string()),
        header: document.image.as_ref().map(|image| image.url.to_string()),
        locked: document.manually_approves,
        discoverable: document.discoverable.unwrap_or(true),
        fields: "[]".into(),
        public_key: key.map(|(_, text)| text.to_owned()).unwrap_or_default(),
        key_id: key.map(|(id, _)| id.to_string()).unwrap_or_default(),
        moved_to: address(&document.moved_to),
        suspended_at: None,
        deleted_at: None,
        created_at: now,
        refreshed_at: now,
        followers_count: 0,
        following_count: 0,
        posts_count: 0,
        last_post_at: None,
    }
}

fn field(field: &actor::Field) -> Field {
    Field {
        name: text::clean_line(&field.name, 255),
        value: text::sanitize(&field.value),
        ..Field::default()
    }
}

/// The key an actor signs with: the first in PEM, or of one that has none the first at all.
fn main_key(keys: &[PublicKey]) -> Option<(&Uri, &str)> {
    let pem = keys.iter().find(|key| matches!(key.material, KeyMaterial::Pem(_)));
    pem.or(keys.first()).map(|key| (&key.id, key.material.text()))
}

/// Every other key that we could check a signature with.
fn other_keys(keys: &[PublicKey], main: &str) -> Vec<(String, String)> {
    let mut others: Vec<(String, String)> = Vec::new();
    for key in keys {
        let (id, text) = (key.id.to_string(), key.material.text());
        let new = id != main && others.iter().all(|(known, _)| *known != id);
        if new && crate::keys::PublicKey::read(text).is_ok() {
            others.push((id, text.to_owned()));
        }
    }
    others
}
