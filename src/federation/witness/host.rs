//! Reading a ledger where it lives.
use serde_json::{Value, json};

use super::{Stop, Wrong, is_signed, kept_head};
use crate::{
    activitypub::{head::TreeHead, json as wire},
    app::App,
    db::{actors::Actor, witnesses::FaultKind},
    domain::ledger::copy::{self, Shown},
    error::{Error, Result},
    ledger::{
        Hash, Salt, canonical,
        line::{Body, Line, is_key},
    },
    types::Uri,
};

/// Entries that are read and written into the copy at once at most: some ten megabytes.
pub(super) const PIECE: u64 = 20_000;

/// An entry as it was read.
pub struct Item {
    commitment: Hash,
    payload: Option<String>,
    salt: Option<Salt>,
    row: Option<Hash>,
    key: Option<String>,
}

impl Item {
    /// Reads what another server shows.
    pub fn read(value: &Value) -> Option<Self> {
        let hash = |name: &str| wire::text(value, name).and_then(Hash::read);
        let payload = match value.get("payload") {
            Some(payload @ Value::Object(_)) => Some(canonical::write(payload).ok()?),
            _ => None,
        };
        Some(Self {
            commitment: hash("commitment")?,
            payload,
            salt: wire::text(value, "salt").and_then(Salt::read),
            row: hash("row"),
            key: wire::text(value, "key").filter(|key| is_key(key)).map(str::to_owned),
        })
    }

    /// Whether what it said is not shown any more.
    pub fn is_gone(&self) -> bool {
        self.payload.is_none()
    }

    /// The same as a line.
    pub fn line(&self) -> Line<'_> {
        let body = match (&self.payload, self.salt) {
            (Some(payload), Some(salt)) => {
                Some(Body { payload, salt, row: self.row, key: self.key.as_deref() })
            }
            _ => None,
        };
        Line { commitment: self.commitment, body }
    }
}

/// The newest head that the host shows, and that the group signed.
pub(super) async fn head(app: &App, group: &Actor) -> Result<(TreeHead, Value), Stop> {
    let url = Uri::parse(&format!("{}/ledger/head", group.ap_id)).map_err(Error::from)?;
    let document = app.get_document(&url).await?;
    let read = TreeHead::read(&document).map(|(head, _)| head);
    let head = read.map_err(|why| Error::invalid(why.to_string()))?;
    if head.group != group.ap_id.to_string() {
        return Err(Error::invalid("the head is of another ledger").into());
    }
    if !is_signed(app, group, &document).await? {
        let evidence = json!({"head": document, "known": kept_head(app, group).await?});
        let subject = head.size.to_string();
        return Err(Stop::Wrong(Box::new(Wrong { kind: FaultKind::Signature, subject, evidence })));
    }
    Ok((head, document))
}

/// The entries of a page, as they are and read; those that cannot be read as `None`.
pub(super) async fn page(
    app: &App,
    group: &Actor,
    from: u64,
) -> Result<Vec<(Value, Option<Item>)>> {
    let url = Uri::parse(&format!("{}/ledger?from={from}", group.ap_id))?;
    let mut page = app.get_document(&url).await?;
    let Some(Value::Array(items)) = page.get_mut("orderedItems").map(Value::take) else {
        return Err(Error::invalid("the ledger has a page without entries"));
    };
    Ok(items.into_iter().map(|value| (value.clone(), Item::read(&value))).collect())
}

/// The entries from `from` to before `to`.
pub(super) async fn entries(
    app: &App,
    group: &Actor,
    from: u64,
    to: u64,
) -> Result<Vec<Item>, Stop> {
    let count = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let mut all: Vec<Item> = Vec::new();
    while all.len() < count {
        let at = from.saturating_add(u64::try_from(all.len()).unwrap_or(u64::MAX));
        let page = page(app, group, at).await?;
        if page.is_empty() {
            break;
        }
        for (value, item) in page {
            let seq = from.saturating_add(u64::try_from(all.len()).unwrap_or(u64::MAX));
            let Some(item) = item else {
                let evidence = json!({ "shown": value });
                let wrong =
                    Wrong { kind: FaultKind::Rewritten, subject: seq.to_string(), evidence };
                return Err(Stop::Wrong(Box::new(wrong)));
            };
            all.push(item);
        }
    }
    if all.len() < count {
        return Err(Error::Unreachable("the host shows fewer entries than it signed".into()).into());
    }
    all.truncate(count);
    Ok(all)
}

/// That the first `from` entries are the beginning of the first `to`, as the host says.
pub(super) async fn consistency(app: &App, group: &Actor, from: u64, to: u64) -> Result<Vec<Hash>> {
    if from == to {
        return Ok(Vec::new());
    }
    let url = Uri::parse(&format!("{}/ledger/consistency?from={from}&to={to}", group.ap_id))?;
    let answer = app.fetcher().get_json(&url).await?;
    let hashes = wire::many(&answer, "proof").iter().map(|hash| Hash::read(hash.as_str()?));
    hashes.collect::<Option<_>>().ok_or_else(|| Error::invalid("a proof that is none"))
}

/// Adds entries to the copy, if they are the beginning of what the head covers.
pub(super) async fn keep(
    app: &App,
    group: &Actor,
    items: Vec<Item>,
    head: &TreeHead,
    proof: Vec<Hash>,
) -> Result<bool> {
    let (id, head) = (group.id, (head.size, head.root));
    app.write(move |tx| {
        let lines = items.iter().map(Item::line).collect();
        copy::extend(tx, id, &Shown { lines, head, proof })
    })
    .await
}
