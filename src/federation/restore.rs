//! After a backup was restored: before anything new is written into a ledger here, what its witnesses
//! saw of it and what is not here any more is taken back (`product.md`, L3). Otherwise the node would
//! go on from an older end, and there would be two ledgers, both signed by the group.
use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::witness::Item;
use crate::{
    activitypub::{
        head::{TreeHead, Witness},
        json as wire,
    },
    app::App,
    db::{self, actors::Actor},
    domain::ledger::{Outcome, take_back},
    error::{Error, Result},
    keys::PublicKey,
    ledger::{Hash, canonical},
    types::{ActorId, Time, Uri},
};

/// How long a witness may take to say what it saw.
const PATIENCE: Duration = Duration::from_secs(5);
/// Ledgers whose witnesses are asked side by side.
const SIDE_BY_SIDE: usize = 32;
/// Witnesses that are asked of one ledger.
const MOST: usize = 12;
/// Most entries that are taken back at once: some tens of megabytes.
const MOST_ENTRIES: u64 = 100_000;

/// Asks the witnesses of every ledger here, and takes back what is missing. Nobody is served yet: the
/// start waits some seconds for witnesses that do not answer, and as long as it takes for what one of
/// them has.
pub async fn at_start(app: &App) {
    let groups = match app.read(|conn| Ok(db::witnesses::witnessed(conn)?)).await {
        Ok(groups) => groups,
        Err(error) => return tracing::error!(cause = %error.cause(), "looking for ledgers"),
    };
    for some in groups.chunks(SIDE_BY_SIDE) {
        let asked = some.iter().map(|group| async {
            if let Err(error) = one(app, *group).await {
                tracing::error!(group = group.0, cause = %error.cause(), "asking a ledger's witnesses");
            }
        });
        futures_util::future::join_all(asked).await;
    }
}

/// A head that a witness showed and that the group signed once.
struct Seen {
    peer: String,
    head: TreeHead,
    /// The co-signature it came in.
    witness: Value,
}

async fn one(app: &App, id: ActorId) -> Result<()> {
    let own = app.origin().origin().ascii_serialization();
    let (group, size, key, peers) = app
        .read(move |conn| {
            let size = db::ledger::state(conn, id)?.map_or(0, |state| state.size);
            let key = db::actors::keys(conn, id)?.ed25519_public;
            let witnesses = db::witnesses::names(conn, id, 100)?;
            Ok((db::actors::by_id(conn, id)?, size, key, witnesses))
        })
        .await?;
    let size = u64::try_from(size).map_err(Error::internal)?;
    let key = PublicKey::read(&key)?;
    let origins = peers.iter().filter_map(|peer| Uri::parse(peer).ok());
    let peers: BTreeSet<String> =
        origins.map(|peer| peer.origin().ascii_serialization()).filter(|o| *o != own).collect();
    let asked = peers.into_iter().take(MOST).map(|peer| ask(app, &group, &key, peer, size));
    let seen = futures_util::future::join_all(asked).await;
    let mut longer: Vec<Seen> =
        seen.into_iter().flatten().filter(|seen| seen.head.size > size).collect();
    longer.sort_by_key(|seen| std::cmp::Reverse(seen.head.size));
    let mut outcome = Ok(());
    // Where one cannot show what it signed, the next may.
    for seen in longer {
        outcome = back(app, &group, size, seen).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// What one witness saw; nothing where it does not answer, or says what the group never signed.
async fn ask(app: &App, group: &Actor, key: &PublicKey, peer: String, size: u64) -> Option<Seen> {
    let url = address(group, &peer, size).ok()?;
    let page = match tokio::time::timeout(PATIENCE, app.get_document(&url)).await {
        Ok(Ok(page)) => page,
        Ok(Err(error)) => {
            tracing::warn!(peer, cause = %error.cause(), "a witness does not say what it saw");
            return None;
        }
        Err(_) => {
            tracing::warn!(peer, "a witness does not say in time what it saw");
            return None;
        }
    };
    let witness = page.get("witness")?.clone();
    let (said, _) = Witness::read(&witness).ok()?;
    let (head, proofs) = TreeHead::read(&said.head).ok()?;
    let signed = proofs.iter().any(|proof| proof.is_by(key));
    let ours = head.group == group.ap_id.to_string();
    (ours && signed).then_some(Seen { peer, head, witness })
}

fn address(group: &Actor, peer: &str, from: u64) -> Result<Uri> {
    let mut url = Uri::parse(&format!("{peer}/ledgers/entries"))?;
    url.0.query_pairs_mut().append_pair("group", group.ap_id.as_str());
    url.0.query_pairs_mut().append_pair("from", &from.to_string());
    Ok(url)
}

async fn back(app: &App, group: &Actor, size: u64, seen: Seen) -> Result<()> {
    let Seen { peer, head, witness } = seen;
    let missing = head.size - size;
    tracing::warn!(group = %group.ap_id, peer, missing, "this ledger is shorter than it was");
    if missing > MOST_ENTRIES {
        return Err(Error::invalid("more entries are missing than are taken back at once"));
    }
    let mut items: Vec<Item> = Vec::new();
    while u64::try_from(items.len()).is_ok_and(|have| have < missing) {
        let from = size.saturating_add(u64::try_from(items.len()).map_err(Error::internal)?);
        let url = address(group, &peer, from)?;
        let page = app.get_document(&url).await?;
        let found = wire::many(&page, "orderedItems");
        if found.is_empty() {
            return Err(Error::invalid("a witness shows fewer entries than it signed"));
        }
        for value in found {
            items.push(Item::read(value).ok_or_else(|| Error::invalid("an entry that is none"))?);
        }
    }
    items.truncate(usize::try_from(missing).map_err(Error::internal)?);
    let outcome = keep(app, group, items, &head, &witness).await?;
    match outcome {
        Outcome::Back(count) => {
            tracing::warn!(group = %group.ap_id, peer, count, "entries were taken back");
            Ok(())
        }
        Outcome::Apart => Err(Error::invalid(
            "what its witnesses saw does not continue this ledger: it was written to since",
        )),
        Outcome::Rekeyed => Err(Error::invalid(
            "the group's key was changed in what was lost: restore a newer backup",
        )),
    }
}

/// Writes the entries, the head and who signed it, in one change.
async fn keep(
    app: &App,
    group: &Actor,
    items: Vec<Item>,
    head: &TreeHead,
    witness: &Value,
) -> Result<Outcome> {
    let (said, _) = Witness::read(witness)?;
    let (id, root): (ActorId, (u64, Hash)) = (group.id, (head.size, head.root));
    let row = db::ledger::Head {
        group_id: id,
        size: i64::try_from(head.size).map_err(Error::internal)?,
        document: canonical::write(&said.head)?,
        created_at: Time(head.at.0),
    };
    app.write(move |tx| {
        let lines: Vec<_> = items.iter().map(Item::line).collect();
        let outcome = take_back(tx, id, &lines, root)?;
        if matches!(outcome, Outcome::Back(_)) {
            db::ledger::add_head(tx, &row)?;
        }
        Ok(outcome)
    })
    .await
}
