//! Who reacted with what to a post, as Pleroma and Akkoma show it:
//! <https://docs.akkoma.dev/stable/development/API/pleroma_api/#emoji-reactions>
//!
//! Mastodon's own API has no place for it; there each reaction is a favourite.
use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Json;

use super::{
    access::{Ctx, PathId, Viewer, scope},
    describe::Api,
    entities::{Account, PostReaction, View},
    resolve,
};
use crate::{
    db::{self, Conn, actors::Actor, reactions::Like},
    error::Result,
    media,
    types::PostId,
};

/// Most reactions that are looked at, the newest.
const MOST: i64 = 400;
/// Most accounts that are named of one kind.
const MOST_NAMED: usize = 40;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get(
        "/api/v1/pleroma/statuses/{id}/reactions",
        reactions,
        "Who reacted with what to a post",
    );
}

async fn reactions(
    viewer: Viewer<scope::ReadStatuses>,
    id: PathId<PostId>,
    ctx: Ctx,
) -> Result<Json<Vec<PostReaction>>> {
    let view = viewer.view(&ctx);
    ctx.read(move |conn| {
        let post = resolve::readable_post(conn, view.reader, id.0)?;
        let rows = db::reactions::reactions_to(conn, post.id, MOST)?;
        Ok(Json(view.reactions(conn, &rows)?))
    })
    .await
}

/// Of a reaction with a custom emoji: its server (empty: this one) and its name.
fn custom(like: &Like, actor: &Actor) -> Option<(String, String)> {
    let name = like.content.as_deref()?.strip_prefix(':')?.strip_suffix(':')?;
    let name = name.split('@').next().unwrap_or(name).to_owned();
    Some((if actor.local { String::new() } else { actor.ap_id.authority() }, name))
}

impl View {
    fn reactions(&self, conn: &mut Conn, rows: &[(Like, Actor)]) -> Result<Vec<PostReaction>> {
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (host, name) in rows.iter().filter_map(|(like, actor)| custom(like, actor)) {
            wanted.entry(host).or_default().insert(name);
        }
        let emojis = db::emojis::of_hosts(conn, &wanted)?;
        let mut all: Vec<PostReaction> = Vec::new();
        for (like, actor) in rows {
            let custom = custom(like, actor);
            let row = custom.as_ref().and_then(|key| emojis.get(key));
            let name = match (&custom, row) {
                (Some((host, name)), Some(_)) if !host.is_empty() => format!("{name}@{host}"),
                (Some((_, name)), Some(_)) => name.clone(),
                _ => like.content.clone().unwrap_or_default(),
            };
            let at = all.iter().position(|known| known.name == name);
            let known = if let Some(known) = at.and_then(|at| all.get_mut(at)) {
                known
            } else {
                let url = row.map(|row| media::emoji(&self.origin, self.copies, row, false));
                all.push(PostReaction { name, count: 0, me: false, url, accounts: vec![] });
                let Some(new) = all.last_mut() else { continue };
                new
            };
            known.count += 1;
            known.me |= self.reader == Some(actor.id);
            if known.accounts.len() < MOST_NAMED {
                known.accounts.push(self.account(actor));
            }
        }
        let mut named: Vec<&mut Account> =
            all.iter_mut().flat_map(|reaction| &mut reaction.accounts).collect();
        self.with_emojis(conn, &mut named)?;
        Ok(all)
    }
}
