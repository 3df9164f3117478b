//! The people and groups that live here, and what they show of themselves.
use crate::{
    db::{
        self,
        actors::{Actor, ActorKeys},
    },
    domain::{Fact, Tx, field_links, ledger},
    error::{Error, Result},
    keys::KeyPair,
    text,
    types::{ActorId, ActorKind, Time},
};

/// Longest display name, in characters.
pub const MAX_DISPLAY_NAME: usize = 60;
/// Longest biography, in characters.
pub const MAX_NOTE: usize = 1_000;
/// Most lines of a profile.
pub const MAX_FIELDS: usize = 6;

/// Names nobody may take: they would be read as the node speaking, or clash with its paths.
const RESERVED: &[&str] = &[
    "abuse",
    "actor",
    "admin",
    "administrator",
    "api",
    "auth",
    "commonhold",
    "everyone",
    "help_desk",
    "here",
    "hostmaster",
    "info",
    "mod",
    "moderator",
    "node",
    "noreply",
    "operator",
    "owner",
    "postmaster",
    "root",
    "security",
    "staff",
    "steward",
    "stewards",
    "support",
    "system",
    "webmaster",
];

/// A name as it is stored, or why it cannot be taken: 3-20 of `a-z`, `0-9` and `_`, one set of
/// names for people and groups.
///
/// # Errors
/// `Invalid` with what is allowed.
pub fn check_name(name: &str) -> Result<String> {
    let name = name.trim().trim_start_matches(['@', '!']).to_lowercase();
    let fits = (3..=20).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fits {
        return Err(Error::invalid(
            "A name has 3 to 20 characters: the letters a to z, digits and underscores",
        ));
    }
    if RESERVED.contains(&name.as_str()) {
        return Err(Error::invalid("This name is kept for the server itself, choose another"));
    }
    Ok(name)
}

/// A new local actor and its keys. `name` has been checked.
///
/// # Errors
/// `Conflict` when the name is taken, by somebody who is gone too.
pub fn create(
    tx: &mut Tx,
    kind: ActorKind,
    name: &str,
    display_name: &str,
    keys: KeyPair,
) -> Result<Actor> {
    if db::actors::local_by_name(tx, name)?.is_some() {
        return Err(Error::Conflict(format!("The name {name} is taken")));
    }
    let node = tx.node();
    let path = match kind {
        ActorKind::Group => format!("c/{name}"),
        ActorKind::Application => "actor".to_owned(),
        ActorKind::Person | ActorKind::Service | ActorKind::Organization => format!("u/{name}"),
    };
    let ap_id = node.uri(&path)?;
    let actor = Actor {
        id: ActorId(tx.new_id()),
        kind,
        name: name.to_owned(),
        host: String::new(),
        local: true,
        url: if kind == ActorKind::Application {
            node.url("about")
        } else {
            node.url(&format!("@{name}"))
        },
        inbox: node.uri(&format!("{path}/inbox"))?,
        shared_inbox: Some(node.uri("inbox")?),
        outbox: Some(format!("{ap_id}/outbox")),
        followers_uri: Some(format!("{ap_id}/followers")),
        featured_uri: Some(format!("{ap_id}/featured")),
        moderators_uri: (kind == ActorKind::Group).then(|| format!("{ap_id}/moderators")),
        display_name: text::clean_line(display_name, MAX_DISPLAY_NAME),
        summary: String::new(),
        summary_source: String::new(),
        avatar: None,
        header: None,
        locked: false,
        discoverable: kind != ActorKind::Application,
        fields: "[]".into(),
        public_key: keys.public_pem.clone(),
        key_id: format!("{ap_id}#main-key"),
        moved_to: None,
        suspended_at: None,
        deleted_at: None,
        created_at: tx.now(),
        refreshed_at: tx.now(),
        followers_count: 0,
        following_count: 0,
        posts_count: 0,
        last_post_at: None,
        ap_id,
    };
    db::actors::insert(tx, &actor)?;
    let keys = ActorKeys {
        actor_id: actor.id,
        rsa_private: keys.private_pem,
        ed25519_private: keys.ed25519_private,
        ed25519_public: keys.ed25519_multibase,
        created_at: tx.now(),
    };
    db::actors::insert_keys(tx, &keys)?;
    Ok(actor)
}

/// How long proofs by keys that were replaced still hold, days: as long as deliveries wait.
const FORMER_DAYS: i64 = 7;

/// New keys for a local actor. Those before go on for a week: the news is signed with the old one,
/// as is what was on its way, and what others hand on with a proof by it still counts. Where
/// somebody else may have the old keys they end `at_once`.
///
/// # Errors
/// `Invalid` for an actor of another server.
pub fn rotate_keys(tx: &mut Tx, id: ActorId, keys: KeyPair, at_once: bool) -> Result<Actor> {
    let mut actor = tx.actor(id)?;
    if !actor.local {
        return Err(Error::invalid("keys are made where somebody lives"));
    }
    let (former, now) = (db::actors::keys(tx, id)?, tx.now());
    if at_once {
        db::keys::drop_shown_until(tx, id, Time(i64::MAX))?;
        db::keys::set_former(tx, id, None)?;
    } else {
        db::keys::drop_shown_until(tx, id, now)?;
        let shown = db::keys::PublicKey {
            key_id: former.ed25519_id(&actor),
            actor_id: id,
            material: former.ed25519_public.clone(),
            until: Some(now.plus_days(FORMER_DAYS)),
        };
        db::keys::add(tx, &shown)?;
        let signs = db::keys::FormerKey {
            actor_id: id,
            key_id: actor.key_id.clone(),
            rsa_private: former.rsa_private.clone(),
        };
        db::keys::set_former(tx, id, Some(&signs))?;
    }
    actor.public_key = keys.public_pem;
    // Another id: who does not know it looks it up.
    actor.key_id = format!("{}#main-key-{}", actor.ap_id, now.0);
    actor.refreshed_at = now;
    tx.save_actor(&actor)?;
    let keys = ActorKeys {
        actor_id: id,
        rsa_private: keys.private_pem,
        ed25519_private: keys.ed25519_private,
        ed25519_public: keys.ed25519_multibase,
        created_at: now,
    };
    db::keys::replace(tx, &keys)?;
    let (shown, former) = (Box::new(actor.clone()), Box::new(former));
    tx.record(Fact::KeysReplaced { actor: shown, former });
    tx.record(Fact::ProfileChanged { actor: Box::new(actor.clone()) });
    Ok(actor)
}

/// The name of the node's own actor: no member can have it, since it has a dot.
pub const NODE_NAME: &str = "node.actor";

/// The node's own actor; made on the first start. `keys` are used only then.
///
/// # Errors
/// `Internal` from the database.
pub fn node_actor(tx: &mut Tx, keys: impl FnOnce() -> Result<KeyPair>) -> Result<Actor> {
    match db::actors::local_by_name(tx, NODE_NAME)? {
        Some(actor) => Ok(actor),
        None => create(tx, ActorKind::Application, NODE_NAME, "", keys()?),
    }
}

/// What somebody changes about how they are shown; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// Plain text.
    pub display_name: Option<String>,
    /// Markdown.
    pub note: Option<String>,
    /// Path of the picture under `/media/`; `Some(None)` takes it away.
    pub avatar: Option<Option<String>>,
    /// As `avatar`.
    pub header: Option<Option<String>>,
    /// Follows wait for approval.
    pub locked: Option<bool>,
    /// A program.
    pub bot: Option<bool>,
    /// May be listed.
    pub discoverable: Option<bool>,
    /// Lines of the profile: name and value, plain text.
    pub fields: Option<Vec<(String, String)>>,
}

/// Changes how a local actor is shown.
///
/// # Errors
/// `Invalid` for texts that are too long.
pub fn change_profile(tx: &mut Tx, id: ActorId, change: ProfileChange) -> Result<Actor> {
    let mut actor = tx.actor(id)?;
    let node = tx.node();
    let tags = node.url("tags");
    let links = text::Links { account: &|_| None, tags: &tags };
    if let Some(name) = change.display_name {
        if name.chars().count() > MAX_DISPLAY_NAME {
            return Err(Error::invalid(format!(
                "A display name has at most {MAX_DISPLAY_NAME} characters"
            )));
        }
        actor.display_name = text::clean_line(&name, MAX_DISPLAY_NAME);
    }
    if let Some(note) = change.note {
        if note.chars().count() > MAX_NOTE {
            return Err(Error::invalid(format!("A biography has at most {MAX_NOTE} characters")));
        }
        actor.summary = text::render(&note, &links);
        actor.summary_source = note;
    }
    if let Some(fields) = change.fields {
        let mut fields = written(fields, &links);
        field_links::carry_over(&mut fields, &self::fields(&actor), true, tx.now());
        actor.fields = serde_json::to_string(&fields).map_err(Error::internal)?;
    }
    if let Some(bot) = change.bot.filter(|_| !actor.is_group()) {
        actor.kind = if bot { ActorKind::Service } else { ActorKind::Person };
        tx.record(Fact::CountedOtherwise { actor: id });
    }
    let before = [actor.avatar.clone(), actor.header.clone()];
    actor.avatar = change.avatar.unwrap_or(actor.avatar);
    actor.header = change.header.unwrap_or(actor.header);
    drop_pictures(tx, before, &actor);
    actor.locked = change.locked.unwrap_or(actor.locked);
    actor.discoverable = change.discoverable.unwrap_or(actor.discoverable);
    actor.refreshed_at = tx.now();
    tx.save_actor(&actor)?;
    field_links::read_soon(tx, &actor);
    tx.record(Fact::ProfileChanged { actor: Box::new(actor.clone()) });
    Ok(actor)
}

/// Has the files deleted that showed a local actor and do not any more.
fn drop_pictures(tx: &mut Tx, before: [Option<String>; 2], actor: &Actor) {
    let shown = [&actor.avatar, &actor.header];
    let paths = before.into_iter().flatten();
    let paths: Vec<String> =
        paths.filter(|path| !shown.iter().any(|now| now.as_ref() == Some(path))).collect();
    if !paths.is_empty() {
        tx.record(Fact::PicturesDropped { paths });
    }
}

/// One line of a profile, as stored in `actors.fields`.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Field {
    /// Plain text.
    pub name: String,
    /// Sanitised HTML.
    pub value: String,
    /// When a link in it was found to link back.
    #[serde(default)]
    pub verified_at: Option<Time>,
    /// What was typed; empty for remote actors.
    #[serde(default)]
    pub source: String,
    /// When the page that it links to is read next, if it is.
    #[serde(default)]
    pub check_at: Option<Time>,
    /// How often in a row that page did not link back.
    #[serde(default)]
    pub misses: u8,
}

/// The lines of an actor's profile; none if the row is damaged.
pub fn fields(actor: &Actor) -> Vec<Field> {
    serde_json::from_str(&actor.fields).unwrap_or_default()
}

fn written(fields: Vec<(String, String)>, links: &text::Links) -> Vec<Field> {
    fields
        .into_iter()
        .filter(|(name, value)| !name.trim().is_empty() || !value.trim().is_empty())
        .take(MAX_FIELDS)
        .map(|(name, value)| Field {
            name: text::clean_line(&name, 255),
            value: text::with_me(
                text::render(value.trim(), links)
                    .trim_start_matches("<p>")
                    .trim_end_matches("</p>"),
            ),
            source: value,
            ..Field::default()
        })
        .collect()
}

/// A local actor goes for good: its name stays taken, its posts and follows end.
///
/// Everything that other servers should forget follows from the fact.
///
/// # Errors
/// `Internal` from the database.
pub fn delete(tx: &mut Tx, id: ActorId) -> Result<()> {
    let mut actor = tx.actor(id)?;
    if actor.deleted_at.is_some() {
        return Ok(());
    }
    ledger::note_everywhere(tx, id, &ledger::Note::Left(id))?;
    // Told first: what follows from it needs to know who followed.
    tx.record(Fact::ActorDeleted { actor: Box::new(actor.clone()) });
    actor.deleted_at = Some(tx.now());
    actor.display_name = String::new();
    actor.summary = String::new();
    actor.summary_source = String::new();
    let pictures = [actor.avatar.take(), actor.header.take()];
    drop_pictures(tx, pictures, &actor);
    actor.fields = "[]".into();
    tx.save_actor(&actor)?;
    Ok(())
}

/// How long what somebody elsewhere says of themselves is believed without asking again, seconds.
const FRESH_SECS: i64 = 24 * 3_600;

/// Whether what is known of somebody elsewhere is a day old.
pub fn is_stale(actor: &Actor, now: Time) -> bool {
    !actor.local && actor.deleted_at.is_none() && actor.refreshed_at.plus_secs(FRESH_SECS) <= now
}

/// Somebody elsewhere did something here, or somebody here looks at them: what is known of them is
/// read anew, soon, where it is a day old.
///
/// # Errors
/// `Internal` from the database.
pub fn used(tx: &mut Tx, actor: &Actor) -> Result<()> {
    if is_stale(actor, tx.now()) {
        tx.record(Fact::ActorStale { actor: actor.id });
    }
    Ok(())
}

/// A remote actor is gone, as its own server says.
///
/// # Errors
/// `Internal` from the database.
pub fn remote_gone(tx: &mut Tx, id: ActorId) -> Result<()> {
    let mut actor = tx.actor(id)?;
    if actor.local || actor.deleted_at.is_some() {
        return Ok(());
    }
    actor.deleted_at = Some(tx.now());
    tx.save_actor(&actor)?;
    ledger::note_everywhere(tx, id, &ledger::Note::Left(id))?;
    erase_traces(tx, id)
}

/// Posts and follows of an actor that is gone.
///
/// # Errors
/// `Internal` from the database.
pub fn erase_traces(tx: &mut Tx, id: ActorId) -> Result<()> {
    db::lists::forget(tx, id)?;
    db::filters::forget(tx, id)?;
    db::tags::forget(tx, id)?;
    db::standing::forget(tx, id)?;
    db::conversations::forget(tx, id)?;
    db::scheduled::forget(tx, id)?;
    db::announcements::forget(tx, id)?;
    db::notice_rules::forget(tx, id)?;
    loop {
        let follows = db::follows::some_of_actor(tx, id, 500)?;
        if follows.is_empty() {
            break;
        }
        for follow in follows {
            super::follows::remove(tx, &follow)?;
        }
    }
    loop {
        for removed in db::moderation::removed_of(tx, id, 200)? {
            super::moderation::erase_removed(tx, &removed)?;
        }
        let posts = db::posts::some_of_author(tx, id, 200)?;
        if posts.is_empty() {
            return Ok(());
        }
        for post in posts {
            super::posts::erase(tx, &post)?;
        }
    }
}
