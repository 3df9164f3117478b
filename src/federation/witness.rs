//! Being a witness: of each group elsewhere that people here are members of, this node keeps the
//! ledger as its host showed it, checks that it only grows, and signs that it saw it (`product.md`,
//! L3). A host that shows something else later, or something else to others, is found out.
mod compare;
mod host;
mod peers;
mod served;

pub use host::Item;
pub use served::{routes, signed_by};

use serde_json::{Value, json};

use super::actors::{by_key, refetch_key};
use crate::{
    activitypub::head::{Signer, TreeHead, Witness},
    app::App,
    db::{
        self,
        actors::Actor,
        witnesses::{CoSignature, FaultKind, Followed},
    },
    domain::ledger::copy,
    error::{Error, Result},
    ledger::{canonical, tree::Frontier},
    tasks,
    types::{ActorId, Time, Uri},
};

/// What was found wrong with a ledger, and what shows it.
struct Wrong {
    kind: FaultKind,
    /// Which entry, or which size.
    subject: String,
    evidence: Value,
}

/// Why a round ended early.
enum Stop {
    /// The ledger contradicts itself.
    Wrong(Box<Wrong>),
    /// It cannot be read just now, or at all.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Begins a round: every ledger that is followed from here is looked at soon.
///
/// # Errors
/// `Internal` from the database.
pub async fn round(app: &App) -> Result<()> {
    app.write(|tx| {
        copy::let_go(tx)?;
        tasks::look_at_ledgers(tx).map(drop)
    })
    .await
}

/// Looks at the ledger of a group elsewhere: what is new, what was known, and what other witnesses
/// saw.
///
/// # Errors
/// `Internal`, `TooMany` or `Unreachable` when it is to be tried again.
pub async fn look(app: &App, group: ActorId) -> Result<()> {
    let (group, followed) = app
        .read(move |conn| {
            let followed = db::follows::has_local_follower(conn, group)?;
            Ok((db::actors::by_id(conn, group)?, followed))
        })
        .await?;
    if group.local || !group.is_group() || !group.is_active() || !followed {
        return Ok(());
    }
    let (trouble, outcome) = match see(app, &group).await {
        Ok(()) => (None, Ok(())),
        Err(Stop::Wrong(wrong)) => {
            let why = accuse(app, &group, *wrong).await?;
            (Some(why), Ok(()))
        }
        // One that has no ledger yet, or none at all.
        Err(Stop::Failed(Error::NotFound)) => return Ok(()),
        Err(Stop::Failed(error)) => (Some(error.cause().to_string()), Err(error)),
    };
    note(app, &group, trouble).await?;
    outcome
}

/// Writes down when the host last showed its ledger, and what is the matter with it.
async fn note(app: &App, group: &Actor, trouble: Option<String>) -> Result<()> {
    let group_id = group.id;
    app.write(move |tx| {
        let now = tx.now();
        let mut row = of(tx, group_id)?;
        if trouble.is_none() {
            row.looked_at = now;
        }
        row.trouble = trouble;
        db::witnesses::set_followed(tx, &row)?;
        Ok(())
    })
    .await
}

fn of(conn: &mut db::Conn, group_id: ActorId) -> Result<Followed> {
    let new = Followed { group_id, read_again: 0, looked_at: Time(0), trouble: None };
    Ok(db::witnesses::followed(conn, group_id)?.unwrap_or(new))
}

async fn see(app: &App, group: &Actor) -> Result<(), Stop> {
    let (head, document) = host::head(app, group).await?;
    let id = group.id;
    let known = app.read(move |conn| copy::known(conn, id)).await?;
    compare::fits(app, group, &known, &head, &document).await?;
    if head.size > known.size() {
        let mut at = known.size();
        while at < head.size {
            let to = head.size.min(at.saturating_add(host::PIECE));
            let items = host::entries(app, group, at, to).await?;
            let proof = host::consistency(app, group, to, head.size).await?;
            if !host::keep(app, group, items, &head, proof).await? {
                let wrong = compare::contradiction(app, group, at, &document).await?;
                return Err(Stop::Wrong(Box::new(wrong)));
            }
            at = to;
        }
        sign(app, group, &head, &document, known.size()).await?;
    }
    compare::again(app, group, &head).await?;
    peers::ask(app, group).await
}

/// Whether a head is signed by the group's key: the one it had when it was signed, or its newest.
async fn is_signed(app: &App, group: &Actor, document: &Value) -> Result<bool> {
    let Ok((_, proofs)) = TreeHead::read(document) else { return Ok(false) };
    let Some(proof) = proofs.first() else { return Ok(false) };
    let method = proof.method.to_string();
    let owner = by_key(app, &method).await?;
    if owner.actor.id == group.id && proof.is_by(&owner.key) {
        return Ok(true);
    }
    match refetch_key(app, &method).await {
        Ok(owner) => Ok(owner.actor.id == group.id && proof.is_by(&owner.key)),
        Err(Error::Unauthorized) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Signs a head that continues the one before, keeps that and tells the host.
async fn sign(
    app: &App,
    group: &Actor,
    head: &TreeHead,
    document: &Value,
    from: u64,
) -> Result<()> {
    let (node, signing) = (app.node_actor().await?, app.node_signing().await?);
    let node_id = node.id;
    let keys = app.read(move |conn| Ok(db::actors::keys(conn, node_id)?)).await?;
    let signed_with = keys.ed25519_public;
    let witness = Witness {
        id: app.node().url(&format!("ledgers/{}/{}", group.id, head.size)),
        witness: node.ap_id.to_string(),
        head: document.clone(),
        from,
        at: app.now(),
    };
    let signer = Signer { method: &signing.ed25519.id, key: &signing.ed25519.key };
    let (group_id, text) = (group.id, canonical::write(&witness.signed(signer)?)?);
    let row = CoSignature {
        group_id,
        witness: witness.witness,
        size: i64::try_from(head.size).map_err(Error::internal)?,
        document: text.clone(),
        signed_with,
        created_at: app.now(),
    };
    let head = db::ledger::Head {
        group_id,
        size: row.size,
        document: canonical::write(document)?,
        created_at: app.now(),
    };
    app.write(move |tx| {
        db::ledger::add_head(tx, &head)?;
        db::witnesses::add(tx, &row)?;
        db::witnesses::trim(tx, row.group_id, &row.witness, served::KEPT)?;
        Ok(())
    })
    .await?;
    let to = Uri::parse(&format!("{}/ledger/witnesses", group.ap_id))?;
    let headers = [("content-type", crate::activitypub::CONTENT_TYPE.to_owned())];
    // Whoever wants to know asks us: a host that does not take it loses nothing but a name.
    if let Err(error) = app.fetcher().post_activity(&to, text, &headers).await {
        tracing::debug!(cause = %error.cause(), "a host did not take a co-signature");
    }
    Ok(())
}

/// Notes that a ledger contradicts itself, and says why in a sentence.
async fn accuse(app: &App, group: &Actor, wrong: Wrong) -> Result<String> {
    let Wrong { kind, subject, evidence } = wrong;
    let why = copy::sentence(kind, &subject);
    let evidence = json!({
        "type": "LedgerFault", "group": group.ap_id, "kind": kind, "subject": subject,
        "found": app.now().rfc3339(), "by": app.node_actor().await?.ap_id, "evidence": evidence,
    });
    let (id, about) = (group.id, subject.clone());
    let new = app.write(move |tx| copy::fault(tx, id, kind, &about, &evidence)).await?;
    if new {
        tracing::error!(group = %group.ap_id, kind = %kind, subject, "a ledger contradicts itself. {why}");
    }
    Ok(why)
}

/// The newest head that is kept of a ledger elsewhere.
async fn kept_head(app: &App, group: &Actor) -> Result<Value> {
    let id = group.id;
    let head = app.read(move |conn| Ok(db::ledger::newest_head(conn, id)?)).await?;
    match head {
        Some(head) => Ok(serde_json::from_str(&head.document)?),
        None => Ok(Value::Null),
    }
}

/// The copy of a ledger as far as it has come.
async fn known(app: &App, group: &Actor) -> Result<Frontier> {
    let id = group.id;
    app.read(move |conn| copy::known(conn, id)).await
}
