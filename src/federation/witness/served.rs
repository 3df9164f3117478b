//! What witnesses hand in here, and what this node says of what it saw.
use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes},
};
use serde_json::Value;

use super::super::{
    actors::by_key,
    asker::asker,
    here,
    ledger::{PAGE, group, lines},
    objects::document,
    read,
    signed::admit,
};
use crate::{
    activitypub::{
        head::{TreeHead, Witness},
        json, write,
    },
    app::{App, Ctx},
    db::{self, actors::Actor, witnesses::CoSignature},
    error::{Error, Result},
    ledger::canonical,
    types::{ActorKind, Uri},
};

/// Largest co-signature.
const MOST_BYTES: usize = 16_384;
/// Co-signatures of one witness that are kept, the newest: each vouches for those before it.
pub(super) const KEPT: i64 = 50;
/// Co-signatures that are listed.
const LISTED: i64 = 200;

/// Below the groups that live here, and below `/ledgers` what was seen of others.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/c/{name}/ledger/witnesses", read().to(list))
        .service(
            web::resource("/c/{name}/ledger/witnesses")
                .app_data(web::PayloadConfig::new(MOST_BYTES))
                .route(web::post().to(hand_in)),
        )
        .route("/ledgers/head", read().to(seen))
        .route("/ledgers/entries", read().to(entries))
        .route("/ledgers/faults/{id}", read().to(fault));
}

/// Who co-signed the ledger of a group.
async fn list(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let group = group(&app, &request).await?;
    let id = group.id;
    let rows = app.read(move |conn| Ok(db::witnesses::all(conn, id, LISTED)?)).await?;
    let items = rows.iter().map(signed_by).collect::<Result<Vec<Value>>>()?;
    let address = format!("{}/ledger/witnesses", group.ap_id);
    Ok(document(write::ordered_collection(&address, &items, None).to_string()))
}

/// A co-signature with the key that it was signed with then.
///
/// # Errors
/// `Internal` for one that is stored broken.
pub fn signed_by(row: &CoSignature) -> Result<Value> {
    let mut document: Value = serde_json::from_str(&row.document).map_err(Error::internal)?;
    if let Value::Object(fields) = &mut document {
        fields.insert("key".into(), row.signed_with.clone().into());
    }
    Ok(document)
}

/// A node with members in a group says that it saw the group's ledger.
async fn hand_in(app: Ctx, request: HttpRequest, body: Bytes) -> Result<HttpResponse> {
    let group = group(&app, &request).await?;
    let document = json::parse(&body)?;
    let row = checked(&app, &group, &document).await?;
    let known = app
        .write(move |tx| {
            let known = db::ledger::head(tx, row.group_id, row.size)?;
            let ours = known.is_some_and(|known| same_head(&known.document, &document));
            if ours {
                db::witnesses::add(tx, &row)?;
                db::witnesses::trim(tx, row.group_id, &row.witness, KEPT)?;
            }
            Ok(ours)
        })
        .await?;
    if !known {
        return Err(Error::invalid("that head was not signed here"));
    }
    Ok(HttpResponse::Accepted().finish())
}

fn same_head(known: &str, witness: &Value) -> bool {
    let known: Option<Value> = serde_json::from_str(known).ok();
    known.is_some() && known.as_ref() == witness.get("head")
}

/// A co-signature by the actor of a node that has members in the group.
async fn checked(app: &App, group: &Actor, document: &Value) -> Result<CoSignature> {
    let (witness, proofs) = Witness::read(document)?;
    let (head, _) = TreeHead::read(&witness.head)?;
    if head.group != group.ap_id.to_string() {
        return Err(Error::invalid("the head is of another ledger"));
    }
    let proof = proofs.first().ok_or(Error::Unauthorized)?;
    let owner = by_key(app, proof.method.as_ref()).await?;
    let is_witness = owner.actor.ap_id.to_string() == witness.witness
        && owner.actor.kind == ActorKind::Application;
    if !is_witness || !proof.is_by(&owner.key) {
        return Err(Error::Unauthorized);
    }
    let (id, host, method) = (group.id, owner.actor.host.clone(), proof.method.clone());
    let (members, key) = app
        .read(move |conn| {
            if db::servers::is_blocked(conn, &host)? {
                return Err(Error::forbidden("this server is blocked here"));
            }
            let members = db::follows::followers_on(conn, id, &host)?;
            Ok((members, db::keys::owner(conn, method.as_str())?))
        })
        .await?;
    if members.is_empty() {
        return Err(Error::forbidden("nobody from there is a member"));
    }
    let (_, signed_with) = key.ok_or(Error::Unauthorized)?;
    Ok(CoSignature {
        group_id: group.id,
        witness: witness.witness,
        size: i64::try_from(head.size).map_err(Error::internal)?,
        document: canonical::write(document)?,
        signed_with,
        created_at: app.now(),
    })
}

/// Whose ledger is asked for.
#[derive(serde::Deserialize)]
struct Whose {
    group: String,
}

/// The newest head of a ledger elsewhere that this node signed.
async fn seen(app: Ctx, whose: web::Query<Whose>) -> Result<HttpResponse> {
    let group = Uri::parse(&whose.group)?;
    let node = here(&app).url("/actor");
    let row = app
        .read(move |conn| {
            let group = db::actors::by_ap_id(conn, group.as_str())?;
            let group = group.filter(|group| !group.local && !group.is_private_group());
            let group = group.ok_or(Error::NotFound)?;
            Ok(db::witnesses::newest_of(conn, group.id, &node)?)
        })
        .await?;
    Ok(document(row.ok_or(Error::NotFound)?.document))
}

/// Which part of a ledger elsewhere is asked for.
#[derive(serde::Deserialize)]
struct Copied {
    group: String,
    #[serde(default)]
    from: i64,
}

/// The copy of a ledger elsewhere, with the newest head of it that this node signed: what its host
/// takes back after a loss. That of a private group is for its host alone.
async fn entries(app: Ctx, request: HttpRequest, part: web::Query<Copied>) -> Result<HttpResponse> {
    admit(&app, &request).await?;
    let part = part.into_inner();
    let uri = Uri::parse(&part.group)?;
    let group = app.read(move |conn| Ok(db::actors::by_ap_id(conn, uri.as_str())?)).await?;
    let group = group.filter(|group| !group.local && group.is_group()).ok_or(Error::NotFound)?;
    if group.is_private_group() {
        let asker = asker(&app, &request).await?.ok_or(Error::NotFound)?;
        let is_host = asker.host == group.host && asker.kind == ActorKind::Application;
        if asker.id != group.id && !is_host {
            return Err(Error::NotFound);
        }
    }
    let (id, from, node) = (group.id, part.from.max(0), here(&app).url("/actor"));
    let (witness, lines) = app
        .read(move |conn| {
            let witness = db::witnesses::newest_of(conn, id, &node)?.ok_or(Error::NotFound)?;
            Ok((witness, lines(conn, id, from, PAGE)?))
        })
        .await?;
    let query = request.query_string();
    let address = here(&app).url(&format!("/ledgers/entries?{query}"));
    let ledger = format!("{}/ledger", group.ap_id);
    let witness: Value = serde_json::from_str(&witness.document)?;
    let body = write::ledger_page(&address, &ledger, &lines, None, Some(&witness));
    Ok(document(body))
}

/// What shows that a ledger contradicts itself, as a file.
async fn fault(app: Ctx, id: web::Path<i64>) -> Result<HttpResponse> {
    let found = app.read(move |conn| Ok(db::witnesses::fault(conn, *id)?)).await?;
    let found = found.ok_or(Error::NotFound)?;
    let name = format!("attachment; filename=\"ledger-fault-{}.json\"", found.id);
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Content-Disposition", name))
        .body(found.evidence))
}
