//! Asking other witnesses what they saw: a host that shows each of them another ledger is found so.
use serde_json::{Value, json};

use super::{Stop, Wrong, compare::root_at, is_signed, kept_head, known};
use crate::{
    activitypub::head::{TreeHead, Witness},
    app::App,
    db::{self, actors::Actor, witnesses::FaultKind},
    error::Result,
    types::Uri,
};

/// Witnesses that are asked in one round.
const MOST: i64 = 20;

/// Compares what other nodes with members of a group saw of its ledger with what was seen from here.
pub(super) async fn ask(app: &App, group: &Actor) -> Result<(), Stop> {
    let (id, from) = (group.id, app.now().0);
    let peers = app
        .read(move |conn| {
            let all = db::witnesses::peers(conn, id, 1_000)?;
            let offset = usize::try_from(from).unwrap_or_default() % all.len().max(1);
            let most = usize::try_from(MOST).unwrap_or_default();
            // Another part of them each time.
            Ok(all
                .iter()
                .cycle()
                .skip(offset)
                .take(most.min(all.len()))
                .cloned()
                .collect::<Vec<_>>())
        })
        .await?;
    let own =
        [app.origin().origin().ascii_serialization(), group.ap_id.origin().ascii_serialization()];
    for peer in peers.into_iter().filter(|peer| !own.contains(peer)) {
        match said(app, group, &peer).await {
            Ok(Some(document)) => judge(app, group, &document).await?,
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(peer, cause = %error.cause(), "another witness says nothing");
            }
        }
    }
    Ok(())
}

/// The head that another node saw, if the group signed it.
async fn said(app: &App, group: &Actor, peer: &str) -> Result<Option<Value>> {
    let mut url = Uri::parse(&format!("{peer}/ledgers/head"))?;
    url.0.query_pairs_mut().append_pair("group", group.ap_id.as_str());
    let document = app.fetcher().get_json(&url).await?;
    let Ok((witness, _)) = Witness::read(&document) else { return Ok(None) };
    // Its own signature does not matter here: the group's does.
    let signed = is_signed(app, group, &witness.head).await?;
    Ok(signed.then_some(witness.head))
}

/// Whether the head that another node saw is a part of what was seen from here. A longer one is
/// compared by them.
async fn judge(app: &App, group: &Actor, document: &Value) -> Result<(), Stop> {
    let Ok((head, _)) = TreeHead::read(document) else { return Ok(()) };
    let known = known(app, group).await?;
    if head.group != group.ap_id.to_string() || head.size > known.size() {
        return Ok(());
    }
    let (id, size) = (group.id, head.size);
    let root = app.read(move |conn| root_at(conn, id, size)).await?;
    if root == head.root {
        return Ok(());
    }
    let evidence = json!({
        "head": document, "known": kept_head(app, group).await?, "knownRoot": root,
    });
    let wrong = Wrong { kind: FaultKind::Forked, subject: size.to_string(), evidence };
    Err(Stop::Wrong(Box::new(wrong)))
}
