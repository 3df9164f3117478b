//! `/@name/health`: how a group is doing, in sentences and pictures that anybody can recount.
use actix_web::{HttpResponse, web};

use super::{
    named::find,
    reader::Reader,
    show,
    views::{
        Page,
        health::{Figure, HealthPage, Part},
        words,
    },
};
use crate::{
    app::App,
    db::{self, actors::Actor},
    error::{Error, Result},
    health::{
        Report,
        draw::{self, Course},
        shape::MIN_PEOPLE,
        words::Message,
    },
    ledger::{Hash, Id},
    types::ActorId,
};

/// The page. Of a private group it is for members.
///
/// # Errors
/// `NotFound` for what is no group, and where nothing of its ledger is known here.
pub async fn show(reader: Reader, path: web::Path<String>) -> Result<HttpResponse> {
    let (acct, domain) = (path.into_inner(), reader.app.domain().to_owned());
    let viewer = reader.member().ok().map(|me| me.actor.clone());
    let viewer_id = viewer.as_ref().map(|viewer| viewer.id);
    let group = reader
        .app
        .read(move |conn| {
            let actor = find(conn, &acct, &domain)?;
            let inside = match viewer_id {
                Some(viewer) => db::follows::exists(conn, viewer, actor.id)?,
                None => false,
            };
            let shown = actor.is_group() && (inside || !actor.is_private_group());
            if shown { Ok(actor) } else { Err(Error::NotFound) }
        })
        .await?;
    let report = reader.app.health(group.id).await?.ok_or(Error::NotFound)?;
    let seen_by = viewer.map(|viewer| Id(viewer.ap_id.to_string()));
    let web = picture(&reader.app, &group, seen_by, report.size).await?;
    let name = show::display_name(&group);
    let url = show::actor_path(&group);
    let page =
        Page { unlisted: !group.discoverable, ..reader.page(&format!("How {name} is doing")) };
    let entries = words::count(report.size, "entry", "entries");
    reader.html(&HealthPage {
        page,
        name,
        lead: lead(&report),
        parts: parts(&report, web),
        missing: said(&report.sentences().missing),
        counted: format!(
            "Counted from {entries} of the ledger, as of {}.",
            report.as_of.date_time().format("%-d %B %Y, %H:%M UTC")
        ),
        export: format!("{}/ledger/export", group.ap_id),
        figures: format!("{}/health", group.ap_id),
        address: if group.local {
            reader.app.node().url(url.trim_start_matches('/'))
        } else {
            group.ap_id.to_string()
        },
        url,
    })
}

/// The sentence that leads.
pub fn lead(report: &Report) -> String {
    report.sentences().shape.first().map(Message::english).unwrap_or_default()
}

fn said(messages: &[Message]) -> Vec<String> {
    messages.iter().map(Message::english).collect()
}

/// The web of help as a picture, the one who looks marked in it; empty where there are too few people.
async fn picture(app: &App, group: &Actor, viewer: Option<Id>, size: u64) -> Result<String> {
    let for_all = viewer.is_none();
    if let Some(picture) = app.picture(group.id, size).filter(|_| for_all) {
        return Ok(picture.to_string());
    }
    let secret = secret(app, group).await?;
    let (tally, as_of, _) = app.tally(group.id).await?;
    let picture = tokio::task::spawn_blocking(move || {
        let web = tally.web(as_of, &secret, viewer.as_ref());
        if u64::try_from(web.dots.len()).unwrap_or_default() < MIN_PEOPLE {
            String::new()
        } else {
            draw::web(&web, "web-of-help")
        }
    })
    .await?;
    if for_all {
        app.keep_picture(group.id, size, picture.as_str().into());
    }
    Ok(picture)
}

/// What only this node knows, and stays the same: by it places in the picture tell nobody who stands
/// there.
async fn secret(app: &App, group: &Actor) -> Result<[u8; 32]> {
    let owner: ActorId = if group.local { group.id } else { app.node_actor().await?.id };
    let keys = app.read(move |conn| Ok(db::actors::keys(conn, owner)?)).await?;
    let group = group.ap_id.to_string();
    Ok(Hash::of(&[b"web of help", keys.ed25519_private.as_bytes(), group.as_bytes()]).0)
}

/// The page's parts: sentences first, pictures beside them.
fn parts(report: &Report, web: String) -> Vec<Part> {
    let sentences = report.sentences();
    let part = |id: &'static str, title: &'static str, messages: &[Message], figures| Part {
        id,
        title,
        sentences: said(messages),
        figures,
    };
    let figure = |title: String, svg: String| Figure { title, svg };
    let drawn = |title: &str, svg: String| {
        if svg.is_empty() { Vec::new() } else { vec![figure(title.to_owned(), svg)] }
    };
    let known = Course::ALL.into_iter().filter(|course| course.is_known(&report.trends));
    let trends = known.map(|course| {
        let id = format!("trend-{course:?}").to_lowercase();
        figure(course.title().english(), draw::trend(&report.trends, course, &id))
    });
    let carried = report.concentration.now.as_ref().map(|concentration| {
        draw::concentration(concentration, report.totals.now.people, "carried")
    });
    let rest = sentences.shape.get(1..).unwrap_or_default();
    let mut parts = vec![
        part("web", "The web of help", rest, drawn("Who helped whom in the last 90 days", web)),
        part("help", "Help", &sentences.help, Vec::new()),
        part("rates", "How it goes", &sentences.rates, trends.collect()),
        part(
            "carried",
            "Who carries the help",
            &sentences.concentration,
            drawn("Filled: those who give half of it", carried.unwrap_or_default()),
        ),
        part("travels", "Where help travels", &sentences.generosity, Vec::new()),
        part(
            "held",
            "Who could take it away",
            &sentences.held,
            drawn(
                "What is in whose hands. Past a dotted line, one has too much of it.",
                draw::held(&report.held, "held-by"),
            ),
        ),
    ];
    parts.retain(|part| !part.sentences.is_empty() || !part.figures.is_empty());
    parts
}
