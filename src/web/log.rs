//! `/@group/log`: what stewards did in a group, and what its members asked of whoever runs the server.
use actix_web::{HttpResponse, web};

use super::{
    named::{self, Part},
    posted::Posted,
    reader::Reader,
    refusal,
    show::{self, Cast, Lens},
    views::{
        FlashKind, Form, Page,
        operator::{ActLine, Answered, AskedLine, GatheringLine, LogPage},
        words,
    },
};
use crate::{
    db::{
        self, Conn,
        actors::Actor,
        moderation::Deed,
        petitions::{Petition, PetitionState},
    },
    domain::staff,
    error::{Error, Result},
    types::{ActorId, PetitionId},
};

/// How many acts stand on a page.
const ACTS: i64 = 30;
/// How many questions to the operator are shown.
const QUESTIONS: i64 = 30;
/// What everybody may see.
const SHOWN: [PetitionState; 4] = [
    PetitionState::Standing,
    PetitionState::Declared,
    PetitionState::Denied,
    PetitionState::Silent,
];

/// What of a group's questions waits for the operator, in a sentence; empty where nothing does.
///
/// # Errors
/// `Internal` from the database.
pub fn waiting(conn: &mut Conn, group: ActorId) -> Result<String> {
    let rows = db::petitions::of_group(conn, group, &[PetitionState::Standing], QUESTIONS)?;
    Ok(match u64::try_from(rows.len()).unwrap_or_default() {
        0 => String::new(),
        n => format!("The operator is asked about {}.", words::count(n, "person", "people")),
    })
}

/// The page. Of a private group it is for members.
///
/// # Errors
/// `NotFound` for what is no group.
pub async fn show(
    reader: Reader,
    path: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    page(&reader, path.into_inner(), part.into_inner(), Form::default()).await
}

async fn page(reader: &Reader, acct: String, part: Part, form: Form) -> Result<HttpResponse> {
    let lens = reader.lens();
    let viewer = reader.me.as_ref().map(|me| me.actor.clone());
    let again = !form.is_fine();
    let frame = reader.page("What was done");
    let page = reader
        .app
        .read(move |conn| {
            let group = readable(conn, &lens, &acct)?;
            let path = format!("{}/log", show::actor_path(&group));
            let mut rows = db::moderation::entries(conn, group.id, &part.range(ACTS))?;
            let pager = part.cut(&mut rows, ACTS, &path, |row| row.id);
            let may_ask = match &viewer {
                Some(viewer) => staff::is_voter(conn, &group, viewer, lens.now)?,
                None => false,
            };
            let gathering = if may_ask { gathering(conn, &lens, group.id)? } else { Vec::new() };
            Ok(LogPage {
                page: Page { unlisted: true, ..frame },
                acts: acts(conn, &lens, &rows)?,
                asked: asked(conn, &lens, group.id)?,
                group: show::display_name(&group),
                group_url: show::actor_path(&group),
                local: group.local,
                pager,
                may_ask,
                gathering,
                form,
            })
        })
        .await?;
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// The group of an address, for who may read what is done in it.
fn readable(conn: &mut Conn, lens: &Lens, acct: &str) -> Result<Actor> {
    let group = named::find(conn, acct, &lens.domain)?;
    let inside = match lens.viewer {
        Some(viewer) => db::follows::exists(conn, viewer, group.id)?,
        None => false,
    };
    let shown = group.is_group() && (inside || !group.is_private_group());
    if shown { Ok(group) } else { Err(Error::NotFound) }
}

fn acts(conn: &mut Conn, lens: &Lens, rows: &[db::moderation::Entry]) -> Result<Vec<ActLine>> {
    let named: Vec<ActorId> =
        rows.iter().flat_map(|row| [Some(row.by_id), row.person_id]).flatten().collect();
    let cast = Cast::of(conn, &[], &named)?;
    let line = |row: &db::moderation::Entry| ActLine {
        by: cast.person(row.by_id, &lens.domain),
        what: what(row.deed),
        person: row.person_id.map(|id| cast.person(id, &lens.domain)),
        reason: row.reason.clone(),
        until: row.ends_at.map(words::day).unwrap_or_default(),
        when: words::when(row.created_at, lens.now),
    };
    Ok(rows.iter().map(line).collect())
}

/// What a steward did, to stand between two names.
fn what(deed: Deed) -> &'static str {
    match deed {
        Deed::Remove => "took out a post by",
        Deed::Restore => "put back a post by",
        Deed::Lock => "closed to answers a thread by",
        Deed::Unlock => "opened again a thread by",
        Deed::Pin => "put first a thread by",
        Deed::Unpin => "put back in line a thread by",
        Deed::Ban => "banned",
        Deed::Unban => "ended the ban of",
        Deed::Appoint => "made a steward of",
        Deed::Dismiss => "ended the stewardship of",
    }
}

fn asked(conn: &mut Conn, lens: &Lens, group: ActorId) -> Result<Vec<AskedLine>> {
    let rows = db::petitions::of_group(conn, group, &SHOWN, QUESTIONS)?;
    // Who was declared before enough asked was not asked about by the group.
    let rows: Vec<Petition> = rows.into_iter().filter(|row| row.stands_since.is_some()).collect();
    let named: Vec<ActorId> =
        rows.iter().flat_map(|row| [Some(row.person_id), row.answered_by]).flatten().collect();
    let cast = Cast::of(conn, &[], &named)?;
    let line = |row: &Petition| {
        let asked = row.stands_since.unwrap_or(row.created_at);
        AskedLine {
            person: cast.person(row.person_id, &lens.domain),
            answered: match row.state {
                PetitionState::Declared => Answered::Staff,
                PetitionState::Denied => Answered::NotStaff,
                PetitionState::Silent => Answered::Never,
                PetitionState::Gathering | PetitionState::Lapsed | PetitionState::Standing => {
                    Answered::Waits
                }
            },
            by: row.answered_by.map(|id| cast.person(id, &lens.domain).display).unwrap_or_default(),
            statement: row.statement.clone(),
            when: words::when(row.closed_at.unwrap_or(asked), lens.now),
            due: words::day(staff::ends_at(row)),
        }
    };
    Ok(rows.iter().map(line).collect())
}

/// What too few ask yet, for those who could ask too.
fn gathering(conn: &mut Conn, lens: &Lens, group: ActorId) -> Result<Vec<GatheringLine>> {
    let rows = db::petitions::of_group(conn, group, &[PetitionState::Gathering], QUESTIONS)?;
    let people: Vec<ActorId> = rows.iter().map(|row| row.person_id).collect();
    let cast = Cast::of(conn, &[], &people)?;
    let mut lines = Vec::new();
    for row in rows {
        let mine = match lens.viewer {
            Some(viewer) => db::petitions::signs(conn, row.id, viewer)?,
            None => false,
        };
        lines.push(GatheringLine {
            id: row.id.to_string(),
            person: cast.person(row.person_id, &lens.domain),
            address: cast.actor(row.person_id).map(Actor::acct).unwrap_or_default(),
            count: format!("{} of {}", db::petitions::signers(conn, row.id)?, staff::ENOUGH),
            mine,
        });
    }
    Ok(lines)
}

/// Asks the operator about somebody, first or along with others.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for what is no group; what is wrong is said on the form.
pub async fn ask(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, lens, acct) = (reader.member()?.actor.id, reader.lens(), path.into_inner());
    let (group, about) = (acct.clone(), posted.trimmed("about").to_owned());
    let asked = reader
        .app
        .write(move |tx| {
            let group = readable(tx, &lens, &group)?;
            let person = named::find(tx, &about, &lens.domain).map_err(|error| match error {
                Error::NotFound | Error::Gone => {
                    Error::invalid("Nobody of that address is known here")
                }
                other => other,
            })?;
            let petition = staff::ask(tx, me, &group, &person)?;
            Ok((show::actor_path(&group), petition))
        })
        .await;
    match asked {
        Ok((path, petition)) => {
            let words = if petition.state == PetitionState::Standing {
                let due = words::day(staff::ends_at(&petition));
                format!("Enough of you ask. The operator has until {due} to answer.")
            } else {
                "You ask. As soon as three of you do, the operator has to answer.".to_owned()
            };
            Ok(reader.go_saying(&format!("{path}/log"), FlashKind::Done, words))
        }
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => {
            let form = posted.form().with_problem("about", refusal::sentence(error)?);
            page(reader, acct, Part::default(), form).await
        }
        Err(error) => Err(error),
    }
}

/// Asks no longer.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for who does not ask, `Conflict` once enough ask.
pub async fn withdraw(
    posted: Posted,
    path: web::Path<(String, PetitionId)>,
) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, lens, (acct, id)) = (reader.member()?.actor.id, reader.lens(), path.into_inner());
    let path = reader
        .app
        .write(move |tx| {
            let group = readable(tx, &lens, &acct)?;
            staff::ask_no_longer(tx, me, id)?;
            Ok(show::actor_path(&group))
        })
        .await?;
    Ok(reader.go_saying(&format!("{path}/log"), FlashKind::Done, "You ask no longer."))
}
