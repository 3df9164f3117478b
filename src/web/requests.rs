//! `/@group/requests`: who asks to join a private group, for those who look after it.
use actix_web::{HttpResponse, web};

use super::{
    named,
    posted::Posted,
    reader::Reader,
    show,
    views::{FlashKind, Page, operator::RequestsPage},
};
use crate::{
    db::{follows, page::Page as Range},
    domain::groups,
    error::{Error, Result},
};

/// How many people are shown at once.
const MOST: i64 = 50;

/// Who asks to join.
///
/// # Errors
/// `Unauthorized` for visitors, `Forbidden` for everyone but stewards.
pub async fn show(reader: Reader, path: web::Path<String>) -> Result<HttpResponse> {
    let (me, acct, lens) = (reader.member()?.actor.id, path.into_inner(), reader.lens());
    let (group, people) = reader
        .app
        .read(move |conn| {
            let group = named::find(conn, &acct, &lens.domain)?;
            if !group.is_group() {
                return Err(Error::NotFound);
            }
            if !groups::is_steward(conn, group.id, me)? {
                return Err(Error::forbidden("This page is for the stewards of the group."));
            }
            let rows = follows::requests(conn, &[group.id], &Range::newest(MOST + 1))?;
            let askers = rows.iter().map(|(_, actor)| actor);
            let people = show::people(conn, &lens, askers, |_| false)?;
            Ok((group, people))
        })
        .await?;
    let most = usize::try_from(MOST).unwrap_or_default();
    reader.html(&RequestsPage {
        page: Page { unlisted: true, ..reader.page("Who asks to join") },
        group: show::display_name(&group),
        group_url: show::actor_path(&group),
        more: people.len() > most,
        people: people.into_iter().take(most).collect(),
    })
}

/// Lets somebody in, or does not.
///
/// # Errors
/// `Forbidden` for everyone but stewards, `NotFound` where nobody asked.
pub async fn decide(posted: Posted, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, domain) = (reader.member()?.actor.id, reader.app.domain().to_owned());
    let ((group, who), yes) = (path.into_inner(), posted.value("decision") == "yes");
    let (group, who) = reader
        .app
        .write(move |tx| {
            let group = named::find(tx, &group, &domain)?;
            let who = named::find(tx, &who, &domain)?;
            groups::answer(tx, me, group.id, who.id, yes)?;
            Ok((group, who))
        })
        .await?;
    let (group_name, name) = (show::display_name(&group), show::display_name(&who));
    let words = if yes {
        format!("{name} is a member of {group_name} now.")
    } else {
        format!("{name} is not let into {group_name}.")
    };
    let back = format!("{}/requests", show::actor_path(&group));
    Ok(reader.go_saying(&back, FlashKind::Done, words))
}
