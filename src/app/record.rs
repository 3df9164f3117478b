//! A member's own copy of their receipts, in groups here and elsewhere: it shows by itself that they
//! stand in ledgers which the groups signed (`docs/ledger.md`, "A copy of one's own").
use serde_json::{Value, json};

use super::App;
use crate::{
    activitypub::{
        head::TreeHead,
        proof,
        write::{Vocabulary, document},
    },
    db::{self, Conn, actors::Actor},
    effects,
    error::{Error, Result},
    keys::SigningKey,
    ledger::{Entry, Event, tree},
    types::ActorId,
};

/// Most entries of one group, the newest.
const MOST: usize = 5_000;
/// Entries that are read at once.
const PIECE: usize = 500;

/// An entry of a ledger that names somebody, and what it says.
pub struct Own {
    /// As it is kept.
    pub row: db::ledger::Entry,
    /// Read.
    pub entry: Entry,
}

impl App {
    /// The copy, signed by the member.
    ///
    /// # Errors
    /// `Internal` from the database, or where a ledger is damaged.
    pub async fn help_record(&self, person: ActorId) -> Result<Value> {
        let (actor, keys, groups) = self
            .read(move |conn| {
                let actor = db::actors::by_id(conn, person)?;
                let groups = db::ledger::naming_ledgers(conn, person)?;
                let groups: Result<Vec<Actor>> =
                    groups.into_iter().map(|id| Ok(db::actors::by_id(conn, id)?)).collect();
                Ok((actor, db::actors::keys(conn, person)?, groups?))
            })
            .await?;
        let mut ledgers = Vec::new();
        for group in groups {
            ledgers.extend(self.own_part(group, person).await?);
        }
        let at = self.now();
        let body = json!({
            "id": format!("{}#help-record", actor.ap_id),
            "type": "HelpRecord",
            "attributedTo": actor.ap_id,
            "published": at.rfc3339(),
            "key": keys.ed25519_public,
            "ledgers": ledgers,
        });
        let key = SigningKey::from_seed(&keys.ed25519_private)?;
        let method = keys.ed25519_id(&actor);
        proof::with_proof(document(body, Vocabulary::Record), &method, &key, at)
    }

    /// What it has of one group; `None` where nobody signed that group's ledger yet.
    async fn own_part(&self, group: Actor, person: ActorId) -> Result<Option<Value>> {
        let id = group.id;
        let head = if group.local {
            self.write(move |tx| effects::ledger::head(tx, &group)).await?
        } else {
            self.read(move |conn| Ok(db::ledger::newest_head(conn, id)?)).await?
        };
        let Some(head) = head else { return Ok(None) };
        let signed: Value = serde_json::from_str(&head.document)?;
        self.read(move |conn| {
            let size = u64::try_from(head.size).map_err(Error::internal)?;
            let mut entries = Vec::new();
            for own in own_entries(conn, id, person, head.size)? {
                let proof = tree::inclusion(
                    &mut |level, range| db::ledger::tree_nodes(conn, id, level, range),
                    own.entry.seq,
                    size,
                )?;
                let payload: Option<Value> =
                    own.row.payload.as_deref().map(serde_json::from_str).transpose()?;
                let mut item = json!({
                    "commitment": own.row.commitment, "salt": own.row.salt, "payload": payload,
                    "inclusion": proof,
                });
                if let (Some(item), Some(key)) = (item.as_object_mut(), own.row.signed_with) {
                    item.insert("key".into(), key.into());
                }
                entries.push(item);
            }
            if entries.is_empty() {
                return Ok(None);
            }
            let key = group_key(conn, id, &signed)?;
            Ok(Some(json!({ "key": key, "head": signed, "entries": entries })))
        })
        .await
    }
}

/// The receipts that name somebody in the first `size` entries of a ledger, with what became of
/// them; the newest [`MOST`], in order.
///
/// # Errors
/// `Internal` from the database, or where the ledger is damaged.
pub fn own_entries(
    conn: &mut Conn,
    group: ActorId,
    person: ActorId,
    size: i64,
) -> Result<Vec<Own>> {
    let mut named = db::ledger::naming(conn, group, person)?;
    named.retain(|seq| *seq < size);
    let mut found = Vec::new();
    for some in named.chunks(PIECE) {
        for row in db::ledger::these(conn, group, some)? {
            let Some(payload) = &row.payload else { continue };
            let entry = Entry::read(payload).map_err(Error::internal)?;
            let own = matches!(
                entry.event,
                Event::Receipt(_) | Event::Undone { .. } | Event::Kept { .. }
            );
            if own {
                found.push(Own { row, entry });
            }
        }
    }
    let too_many = found.len().saturating_sub(MOST);
    Ok(found.split_off(too_many))
}

/// The key that a head names, as this node knows it.
fn group_key(conn: &mut Conn, group: ActorId, head: &Value) -> Result<Option<String>> {
    if db::actors::by_id(conn, group)?.local {
        return Ok(Some(db::actors::keys(conn, group)?.ed25519_public));
    }
    let Ok((_, proofs)) = TreeHead::read(head) else { return Ok(None) };
    let Some(proof) = proofs.last() else { return Ok(None) };
    let known = db::keys::owner(conn, proof.method.as_str())?;
    Ok(known.filter(|(owner, _)| owner.id == group).map(|(_, key)| key))
}
