//! A member's Markdown, read: whom and what it names, and what it looks like.
use std::{collections::BTreeMap, sync::Arc};

use crate::{
    db::{self, actors::Actor},
    domain::{Node, Tx, actors},
    error::Result,
    text::{self, Handle},
    types::ActorId,
};

/// A text that was read.
pub(super) struct Reading {
    /// Its hashtags: lower case, and as written.
    pub tags: Vec<(String, String)>,
    people: BTreeMap<Handle, Actor>,
    node: Arc<Node>,
}

impl Reading {
    /// Reads Markdown. Mentions of actors that are not known here stay text.
    pub fn of(tx: &mut Tx, source: &str) -> Result<Self> {
        let node = tx.node();
        let found = text::scan(source);
        let people = mentioned(tx, &node, &found.mentions)?;
        Ok(Self { tags: found.tags.into_iter().zip(found.written_tags).collect(), people, node })
    }

    /// The actors it names, groups among them.
    pub fn people(&self) -> impl Iterator<Item = &Actor> {
        self.people.values()
    }

    /// Their ids.
    pub fn ids(&self) -> Vec<ActorId> {
        self.people().map(|actor| actor.id).collect()
    }

    /// Its HTML; `source` is the text that was read.
    pub fn html(&self, source: &str) -> String {
        let account = |handle: &Handle| {
            self.people.get(&key(&self.node, handle)).map(|actor| actor.url.clone())
        };
        text::render(source, &text::Links { account: &account, tags: &self.node.url("tags") })
    }
}

/// The actors that mentions lead to, by handle: local ones by name (with or without our own
/// domain), remote ones if they are known.
fn mentioned(tx: &mut Tx, node: &Node, handles: &[Handle]) -> Result<BTreeMap<Handle, Actor>> {
    let mut found = BTreeMap::new();
    for handle in handles.iter().take(100) {
        let handle = key(node, handle);
        let actor = match &handle.host {
            None => db::actors::local_by_name(tx, &handle.name)?,
            Some(host) => db::actors::remote_by_handle(tx, &handle.name, host)?,
        };
        let is_node = |actor: &Actor| actor.name == actors::NODE_NAME;
        if let Some(actor) = actor.filter(|actor| actor.is_active() && !is_node(actor)) {
            found.insert(handle, actor);
        }
    }
    Ok(found)
}

/// A handle as it is looked up: local ones without host and in lower case.
fn key(node: &Node, handle: &Handle) -> Handle {
    match handle.host.as_ref().map(|host| host.to_lowercase()) {
        Some(host) if host != node.domain => Handle { name: handle.name.clone(), host: Some(host) },
        _ => Handle { name: handle.name.to_lowercase(), host: None },
    }
}
