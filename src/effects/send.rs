//! Storing an activity of ours together with one delivery per inbox it goes to.
use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    activitypub::{PUBLIC, rows::Here, write},
    db::{
        self,
        activities::Activity,
        actors::Actor,
        deliveries::{Delivery, FOR_ALL, PERSONAL},
        posts::Post,
        servers::{ServerClass, ServerPolicy},
    },
    domain::{Node, Tx},
    error::{Error, Result},
    text,
    types::{ActivityId, ActorId, Time, Uri},
};

/// Inboxes by host, each once.
pub(super) type Inboxes = BTreeSet<(String, String)>;

pub(super) fn here(node: &Node) -> Here<'_> {
    Here { origin: &node.origin, domain: &node.domain }
}

/// A fresh id for an activity of ours.
pub(super) fn new_uri(tx: &mut Tx) -> Result<Uri> {
    let id = tx.new_id();
    tx.node().uri(&format!("a/{id}"))
}

/// Stores what `signer` does and whom it is told to. An activity whose id is known is not told
/// twice.
pub(super) fn send(tx: &mut Tx, signer: &Actor, activity: &Value, to: Inboxes) -> Result<()> {
    let body = serde_json::to_string(activity).map_err(Error::internal)?;
    send_text(tx, signer, activity, body, to)
}

/// The same for a post or its change. Where a thread goes to a group on Mbin, that server gets a
/// `Page` under an id of its own: it files every Note under microblog.
pub(super) fn send_thread(
    tx: &mut Tx,
    signer: &Actor,
    post: &Post,
    activity: &Value,
    to: Inboxes,
) -> Result<()> {
    let group = post.group_id.filter(|_| post.is_root());
    let group = group.map(|id| tx.actor(id)).transpose()?;
    let Some(group) = group.filter(|group| !group.local) else {
        return send(tx, signer, activity, to);
    };
    let server = db::servers::by_host(tx, &group.host)?;
    if !server.is_some_and(|server| matches!(&*server.software, "mbin" | "kbin")) {
        return send(tx, signer, activity, to);
    }
    let Some(mut page) = write::as_page(activity, &page_title(post)) else {
        return send(tx, signer, activity, to);
    };
    let (there, elsewhere): (Inboxes, Inboxes) =
        to.into_iter().partition(|(host, _)| *host == group.host);
    if let Some(Value::String(id)) = page.get_mut("id") {
        id.push_str("/page");
    }
    send(tx, signer, &page, there)?;
    send(tx, signer, activity, elsewhere)
}

/// Longest title that is made of a text without one, in characters (Lemmy takes no more).
const MAX_TITLE: usize = 200;

/// What a thread without a title is called where there must be one.
pub(super) fn page_title(post: &Post) -> String {
    text::clean_line(&text::excerpt(&post.content, MAX_TITLE), MAX_TITLE)
}

/// The same where the text matters byte by byte; `shape` is the same activity, for its id and kind.
pub(super) fn send_text(
    tx: &mut Tx,
    signer: &Actor,
    shape: &Value,
    body: String,
    to: Inboxes,
) -> Result<()> {
    let word = |name: &str| shape.get(name).and_then(Value::as_str).map(str::to_owned);
    let object_uri = match shape.get("object") {
        Some(Value::String(uri)) => Some(uri.clone()),
        Some(Value::Object(object)) => object.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let row = Activity {
        id: ActivityId(tx.new_id()),
        ap_id: word("id").ok_or_else(|| Error::internal("an activity of ours without id"))?,
        kind: word("type").unwrap_or_default(),
        actor_id: signer.id,
        object_uri,
        local: true,
        open: is_public(shape),
        body,
        created_at: tx.now(),
    };
    if db::activities::insert(tx, &row)? {
        let priority = if is_about_public(shape, 3) { FOR_ALL } else { PERSONAL };
        deliver(tx, &row, signer.id, priority, to)?;
    }
    Ok(())
}

/// Whether an activity, or what it is about, is public. So all that happens to one thing is sent with
/// one priority, and nothing overtakes what it is about.
fn is_about_public(shape: &Value, levels: usize) -> bool {
    let inner = shape.get("object").filter(|object| levels > 0 && object.is_object());
    is_public(shape) || inner.is_some_and(|inner| is_about_public(inner, levels - 1))
}

/// Sends on, byte for byte, what came from somebody else and is stored.
pub(super) fn forward(tx: &mut Tx, signer: &Actor, ap_id: &str, to: Inboxes) -> Result<()> {
    match db::activities::by_ap_id(tx, ap_id)? {
        Some(stored) => deliver(tx, &stored, signer.id, FOR_ALL, to),
        None => Ok(()),
    }
}

fn is_public(activity: &Value) -> bool {
    ["to", "cc"].iter().any(|field| match activity.get(*field) {
        Some(Value::Array(all)) => all.iter().any(|one| one == PUBLIC),
        Some(one) => one == PUBLIC,
        None => false,
    })
}

fn deliver(
    tx: &mut Tx,
    what: &Activity,
    signer: ActorId,
    priority: i32,
    to: Inboxes,
) -> Result<()> {
    let (now, node) = (tx.now(), tx.node());
    // Our own people hear of it without the wire.
    let to = to.into_iter().filter(|(host, _)| *host != node.domain && !host.is_empty());
    let to: Vec<(String, String)> = to.collect();
    if to.is_empty() {
        return Ok(());
    }
    let mut hosts: Vec<String> = to.iter().map(|(host, _)| host.clone()).collect();
    hosts.dedup();
    let mut shut = db::servers::restricted(tx, &hosts, ServerPolicy::Blocked)?;
    // One delivery is enough to find out that a dead server is back.
    let dead = db::servers::dead_among(tx, &hosts, now)?;
    if !dead.is_empty() {
        shut.extend(db::deliveries::waiting_among(tx, &dead)?);
    }
    let rows: Vec<Delivery> = to
        .into_iter()
        .filter(|(host, _)| !shut.contains(host))
        .map(|(host, inbox)| Delivery {
            id: tx.new_id(),
            activity_id: what.id,
            signer_id: signer,
            host,
            inbox,
            created_at: now,
            priority,
        })
        .collect();
    if !rows.is_empty() {
        tx.rouse();
        db::deliveries::insert_all(tx, &rows)?;
        tx.sends(what.id);
    }
    Ok(())
}

/// Where activities for an actor go; nowhere for our own.
pub(super) fn inbox_of(actor: &Actor) -> Option<(String, String)> {
    (!actor.local && actor.deleted_at.is_none())
        .then(|| (actor.host.clone(), actor.best_inbox().to_string()))
}

/// Inboxes of everyone elsewhere who follows `actor`.
pub(super) fn followers_of(tx: &mut Tx, actor: ActorId) -> Result<Inboxes> {
    Ok(db::follows::remote_inboxes(tx, actor)?.into_iter().collect())
}

/// A group's followers by what their servers want.
pub(super) struct Audience {
    /// Servers that show a boost: the id of a post.
    pub microblogs: Inboxes,
    /// Servers that take a whole activity.
    pub groups: Inboxes,
    /// Those of them that are our own kind.
    commonholds: BTreeSet<String>,
    /// Those of them that file Notes under microblog and want a `Page`.
    want_pages: BTreeSet<String>,
    /// Those of them that read the end of a vote only from who voted.
    want_ends: BTreeSet<String>,
}

/// Software that shows a Note as a microblog post, never as a thread.
const WANT_PAGES: [&str; 2] = ["mbin", "kbin"];
/// Software that reads an announced `Like` but no announced `Undo` (`NodeBB` 4.15).
const WANT_ENDS: [&str; 1] = ["nodebb"];

impl Audience {
    pub(super) fn of(tx: &mut Tx, group: ActorId) -> Result<Self> {
        let all = followers_of(tx, group)?;
        let hosts: Vec<String> = all.iter().map(|(host, _)| host.clone()).collect();
        let classes: Vec<_> = db::servers::by_hosts(tx, &hosts)?;
        let of_class = |wanted: &dyn Fn(ServerClass) -> bool| -> BTreeSet<String> {
            classes.iter().filter(|s| wanted(s.class)).map(|s| s.host.clone()).collect()
        };
        let takes_activities = of_class(&ServerClass::takes_activities);
        let (groups, microblogs) =
            all.into_iter().partition(|(host, _)| takes_activities.contains(host));
        let microblogs = if tx.actor(group)?.is_private_group() {
            each_by_itself(tx, group, &takes_activities)?
        } else {
            microblogs
        };
        let commonholds = of_class(&|class| class == ServerClass::Commonhold);
        let running = |software: &[&str]| -> BTreeSet<String> {
            let those = classes.iter().filter(|server| software.contains(&&*server.software));
            those.map(|server| server.host.clone()).collect()
        };
        let (want_pages, want_ends) = (running(&WANT_PAGES), running(&WANT_ENDS));
        Ok(Self { microblogs, groups, commonholds, want_pages, want_ends })
    }

    /// Whether a server hears of a vote, or of its end, by the group's announcement and only so.
    pub(super) fn hears_votes(&self, host: &str, end: bool) -> bool {
        let announced = self.groups.iter().any(|(known, _)| known == host);
        announced && !self.commonholds.contains(host) && !(end && self.want_ends.contains(host))
    }

    /// Those of `to` that want a `Page`, and the others.
    pub(super) fn pages_and_notes(&self, to: Inboxes) -> (Inboxes, Inboxes) {
        to.into_iter().partition(|(host, _)| self.want_pages.contains(host))
    }

    /// Those who take activities. Also the server that one came from: Lemmy shows what its members
    /// write as pending until the group has passed it on, as we do.
    pub(super) fn groups_but(&self, _: &str) -> Inboxes {
        self.groups.clone()
    }

    /// The same for votes, that nobody waits for: only our own kind counts them as they come back.
    pub(super) fn voters_but(&self, origin_host: &str) -> Inboxes {
        self.groups
            .iter()
            .filter(|(host, _)| host != origin_host || self.commonholds.contains(host))
            .cloned()
            .collect()
    }
}

/// The own inboxes of a private group's members on microblogs: what comes to a shared one and is
/// addressed to a collection that is not its author's, they keep for nobody.
fn each_by_itself(tx: &mut Tx, group: ActorId, others: &BTreeSet<String>) -> Result<Inboxes> {
    let members = db::follows::remote_followers(tx, group)?;
    let microblogs = members.into_iter().filter(|member| !others.contains(&member.host));
    Ok(microblogs.map(|member| (member.host.clone(), member.inbox.to_string())).collect())
}

/// `published` of an announcement is never before that of what is announced: Misskey skips those.
pub(super) fn not_before(now: Time, published: Time) -> Time {
    now.max(published)
}
