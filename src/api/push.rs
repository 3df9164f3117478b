//! Push: <https://docs.joinmastodon.org/methods/push/>. No subscriptions yet, but clients want the
//! key at log-in already.
use actix_web::web::{self, Json};
use serde_json::{Value, json};

use super::access::{Ctx, Member, scope};
use crate::{
    db::{self, Conn},
    domain::Tx,
    error::{Error, Result},
    keys,
};

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/push/subscription", web::get().to(none))
        .route("/api/v1/push/subscription", web::post().to(refuse))
        .route("/api/v1/push/subscription", web::put().to(none))
        .route("/api/v1/push/subscription", web::delete().to(forget));
}

const PUBLIC: &str = "vapid_public";
const PRIVATE: &str = "vapid_private";

fn known_key(conn: &mut Conn) -> Result<Option<String>> {
    Ok(db::settings::get(conn, PUBLIC)?)
}

/// The public key by which this node signs pushes; made when it is first asked for.
///
/// # Errors
/// `Internal` when it can be neither read nor made.
pub(super) fn vapid_key(tx: &mut Tx) -> Result<String> {
    if let Some(known) = known_key(tx)? {
        return Ok(known);
    }
    db::lock(tx, 1)?;
    if let Some(known) = known_key(tx)? {
        return Ok(known);
    }
    let (public, private) = keys::vapid_keys()?;
    db::settings::set(tx, PRIVATE, &private)?;
    db::settings::set(tx, PUBLIC, &public)?;
    Ok(public)
}

/// The same, for those who only read.
///
/// # Errors
/// As [`vapid_key`].
pub(super) async fn shown_key(ctx: &Ctx) -> Result<String> {
    match ctx.read(known_key).await? {
        Some(known) => Ok(known),
        None => ctx.write(vapid_key).await,
    }
}

async fn none(_: Member<scope::Push>) -> Result<Json<Value>> {
    Err(Error::NotFound)
}

async fn refuse(_: Member<scope::Push>) -> Result<Json<Value>> {
    Err(Error::invalid("This node does not send pushes yet"))
}

async fn forget(_: Member<scope::Push>) -> Json<Value> {
    Json(json!({}))
}
