//! The ledger of a group, for whoever wants to recount: its entries, its signed heads, and proofs
//! that one stands in it and that it only grew (`docs/ledger.md`).
//!
//! Everyone may read it, but for that of a private group: of that everyone sees the heads, and members
//! and their servers the rest (`product.md`, L6).
use std::collections::BTreeSet;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes},
};
use serde_json::json;

use super::{
    asker,
    objects::{document, owner},
    read,
    witness::signed_by,
};
use crate::{
    activitypub::write,
    app::{App, Ctx},
    db::{self, Conn, actors::Actor, ledger::Head, witnesses::CoSignature},
    domain, effects,
    error::{Error, Result},
    health::Report,
    ledger::{
        Hash, Id, Salt,
        export::{Header, Writer},
        line::{self, Body, Line},
        tree,
    },
    types::{ActorId, ActorKind},
};

/// Co-signatures of a file, the newest first.
const MOST_WITNESSES: i64 = 1_000;
/// Entries of one page.
pub(super) const PAGE: i64 = 500;

/// What lies below the id of a group.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/c/{name}/ledger", read().to(ledger))
        .route("/c/{name}/ledger/head", read().to(newest_head))
        .route("/c/{name}/ledger/heads/{size}", read().to(head))
        .route("/c/{name}/ledger/inclusion", read().to(inclusion))
        .route("/c/{name}/ledger/consistency", read().to(consistency))
        .route("/c/{name}/ledger/export", read().to(export))
        .route("/c/{name}/health", read().to(health));
}

/// The group at the beginning of a path, to whoever may know of it.
pub(super) async fn group(app: &App, request: &HttpRequest) -> Result<Actor> {
    let group = owner(app, request).await?;
    if group.is_group() { Ok(group) } else { Err(Error::NotFound) }
}

/// The same for what is not told of a private group.
async fn open_group(app: &App, request: &HttpRequest) -> Result<Actor> {
    let group = group(app, request).await?;
    if !group.is_private_group() {
        return Ok(group);
    }
    let asker = asker::asker(app, request).await?.ok_or(Error::Unauthorized)?;
    let (id, hosts) = (group.id, asker.host.clone());
    let inside = app
        .read(move |conn| {
            let is_server = asker.kind == ActorKind::Application;
            Ok(db::follows::exists(conn, asker.id, id)?
                || is_server && !db::follows::followers_on(conn, id, &hosts)?.is_empty())
        })
        .await?;
    if inside { Ok(group) } else { Err(Error::NotFound) }
}

/// Which part of a ledger is asked for.
#[derive(serde::Deserialize)]
struct Part {
    from: Option<i64>,
}

async fn ledger(app: Ctx, request: HttpRequest, part: web::Query<Part>) -> Result<HttpResponse> {
    let Some(from) = part.from else {
        let group = group(&app, &request).await?;
        let id = group.id;
        let state = app.read(move |conn| Ok(db::ledger::state(conn, id)?)).await?;
        let total = state.map_or(0, |state| state.size);
        let address = address(&group);
        return Ok(document(write::ledger(&address, group.ap_id.as_str(), total).to_string()));
    };
    let group = open_group(&app, &request).await?;
    let (id, from) = (group.id, from.max(0));
    let lines = app.read(move |conn| lines(conn, id, from, PAGE)).await?;
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let address = address(&group);
    let next = (count == PAGE).then(|| format!("{address}?from={}", from.saturating_add(count)));
    let page = format!("{address}?from={from}");
    Ok(document(write::ledger_page(&page, &address, &lines, next.as_deref(), None)))
}

fn address(group: &Actor) -> String {
    format!("{}/ledger", group.ap_id)
}

/// Entries as others read them, with what the table of receipts says of them now: a row that was
/// changed behind the ledger's back shows.
pub(super) fn lines(conn: &mut Conn, group: ActorId, from: i64, limit: i64) -> Result<Vec<String>> {
    let entries = db::ledger::entries(conn, group, from, limit)?;
    let end = entries.last().map_or(from, |entry| entry.seq + 1);
    let mut rows = db::receipts::of_entries(conn, group, from, end)?.into_iter().peekable();
    let line = |entry: db::ledger::Entry| {
        let row = match rows.peek() {
            Some(row) if row.entry == Some(entry.seq) => rows.next(),
            _ => None,
        };
        let row = row.map(|row| domain::ledger::row_hash(&row)).transpose()?;
        Ok(line_of(&entry, row))
    };
    entries.into_iter().map(line).collect()
}

/// One entry as others read it. What is damaged is shown as it is, for everyone to find.
fn line_of(entry: &db::ledger::Entry, row: Option<Hash>) -> String {
    let db::ledger::Entry { commitment, salt, payload, signed_with, .. } = entry;
    let key = signed_with.as_deref().filter(|key| line::is_key(key));
    let whole = |payload: &str| serde_json::from_str::<serde::de::IgnoredAny>(payload).is_ok();
    let body = match (salt, payload) {
        (None, None) => Some(None),
        (Some(salt), Some(payload)) if whole(payload) => {
            Salt::read(salt).map(|salt| Some(Body { payload, salt, row, key }))
        }
        _ => None,
    };
    match (Hash::read(commitment), body) {
        (Some(commitment), Some(body)) => Line { commitment, body }.to_text(),
        _ => json!({ "commitment": commitment, "payload": payload, "salt": salt }).to_string(),
    }
}

/// The newest head; signed now if nobody asked before.
async fn newest_head(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let group = group(&app, &request).await?;
    let head = app.write(move |tx| effects::ledger::head(tx, &group)).await?;
    Ok(document(head.ok_or(Error::NotFound)?.document))
}

async fn head(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let group = group(&app, &request).await?;
    let size = request.match_info().get("size").and_then(|size| size.parse().ok());
    let size: i64 = size.ok_or(Error::NotFound)?;
    let head = app.read(move |conn| Ok(db::ledger::head(conn, group.id, size)?)).await?;
    Ok(document(head.ok_or(Error::NotFound)?.document))
}

/// Which entry of which tree.
#[derive(serde::Deserialize)]
struct Place {
    seq: u64,
    size: u64,
}

async fn inclusion(
    app: Ctx,
    request: HttpRequest,
    place: web::Query<Place>,
) -> Result<HttpResponse> {
    let group = open_group(&app, &request).await?;
    let Place { seq, size } = place.into_inner();
    let proof = app
        .read(move |conn| {
            holds(conn, group.id, size)?;
            tree::inclusion(
                &mut |level, range| db::ledger::tree_nodes(conn, group.id, level, range),
                seq,
                size,
            )
        })
        .await?;
    Ok(proof_of(&proof))
}

/// Between which trees.
#[derive(serde::Deserialize)]
struct Sizes {
    from: u64,
    to: u64,
}

async fn consistency(
    app: Ctx,
    request: HttpRequest,
    sizes: web::Query<Sizes>,
) -> Result<HttpResponse> {
    let group = group(&app, &request).await?;
    let Sizes { from, to } = sizes.into_inner();
    let proof = app
        .read(move |conn| {
            holds(conn, group.id, to)?;
            tree::consistency(
                &mut |level, range| db::ledger::tree_nodes(conn, group.id, level, range),
                from,
                to,
            )
        })
        .await?;
    Ok(proof_of(&proof))
}

fn proof_of(hashes: &[Hash]) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .json(json!({ "proof": hashes }))
}

/// Refuses a tree that is larger than the ledger.
fn holds(conn: &mut Conn, group: ActorId, size: u64) -> Result<()> {
    let known = db::ledger::state(conn, group)?.map_or(0, |state| state.size);
    if i64::try_from(size).is_ok_and(|size| size <= known) {
        return Ok(());
    }
    Err(Error::invalid(format!("This ledger has {known} entries")))
}

/// How the group is doing, as its page shows it.
async fn health(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let group = open_group(&app, &request).await?;
    let report = app.health(group.id).await?.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Cache-Control", "max-age=15"))
        .json(report.document()))
}

/// The whole ledger as a file that `commonhold verify` reads: written while it is sent.
async fn export(app: Ctx, request: HttpRequest) -> Result<HttpResponse> {
    let group = open_group(&app, &request).await?;
    let name = format!("attachment; filename=\"{}.ledger.jsonl\"", group.name);
    let signed = group.clone();
    let head = app.write(move |tx| effects::ledger::head(tx, &signed)).await?;
    let head = head.ok_or(Error::NotFound)?;
    // One of fewer entries is of another ledger, as far as a reader can tell.
    let report = app.health(group.id).await?;
    let report = report.filter(|report| i64::try_from(report.size) == Ok(head.size));
    let (id, size) = (group.id, head.size);
    let (heads, witnesses) = app
        .read(move |conn| {
            let handovers = db::ledger::handovers(conn, id)?;
            Ok((handovers, db::witnesses::all(conn, id, MOST_WITNESSES)?))
        })
        .await?;
    let mut heads: Vec<Head> = heads.into_iter().filter(|other| other.size < size).collect();
    heads.push(head);
    let witnesses = witnesses.into_iter().filter(|witness| witness.size <= size).collect();
    let (app, writer) = (app.get_ref().clone(), Writer::default());
    let file = File { app, group, size, heads, witnesses, report, writer, next: Next::Header };
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Content-Disposition", name))
        .streaming(futures_util::stream::try_unfold(file, File::piece)))
}

/// A file that is being sent.
struct File {
    app: App,
    group: Actor,
    size: i64,
    /// Those at which the group's key changed, and the last.
    heads: Vec<Head>,
    witnesses: Vec<CoSignature>,
    report: Option<Report>,
    writer: Writer,
    next: Next,
}

/// What is sent next.
#[derive(Clone, Copy)]
enum Next {
    Header,
    Entries(i64),
    End,
    Nothing,
}

impl File {
    fn header(&self) -> Result<Header> {
        let sizes = self.heads.iter().map(|head| head.size);
        let sizes = sizes.chain(self.witnesses.iter().map(|witness| witness.size));
        let heads: BTreeSet<u64> =
            sizes.map(u64::try_from).collect::<Result<_, _>>().map_err(Error::internal)?;
        let size = u64::try_from(self.size).map_err(Error::internal)?;
        let group = Id(self.group.ap_id.to_string());
        Ok(Header { group, size, heads: heads.into_iter().collect() })
    }

    async fn piece(mut self) -> Result<Option<(Bytes, Self)>> {
        let text = match self.next {
            Next::Header => {
                self.next = Next::Entries(0);
                let header = self.header()?;
                self.writer.header(&header)?
            }
            Next::Entries(from) if from < self.size => {
                let (id, limit) = (self.group.id, PAGE.min(self.size - from));
                let lines = self.app.read(move |conn| lines(conn, id, from, limit)).await?;
                self.next = Next::Entries(from.saturating_add(limit));
                lines.into_iter().map(|line| self.writer.line(line)).collect()
            }
            Next::Entries(_) => {
                self.next = Next::End;
                let heads = self.heads.iter().map(|head| head.document.clone());
                heads.map(|head| self.writer.line(head)).collect()
            }
            Next::End => {
                self.next = Next::Nothing;
                let mut text = String::new();
                for witness in &self.witnesses {
                    text += &self.writer.document(&signed_by(witness)?)?;
                }
                if let Some(report) = &self.report {
                    text += &self.writer.document(&report.document())?;
                }
                text + &std::mem::take(&mut self.writer).end()
            }
            Next::Nothing => return Ok(None),
        };
        Ok(Some((Bytes::from(text), self)))
    }
}
