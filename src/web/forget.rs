//! What ledgers say of a member beside the receipts of groups here, a copy of it to take along, and
//! being forgotten.
use actix_web::{HttpResponse, http::header, web};

use super::{
    posted::Posted,
    reader::Reader,
    show::{self, Cast, Lens},
    views::{
        FlashKind, Page,
        help::{ForgetLine, LedgerLine},
        pages::ConfirmPage,
        words,
    },
};
use crate::{
    app::{Own, own_entries},
    db::{self, Conn, actors::Actor},
    domain::ledger,
    error::{Error, Result},
    ledger::{
        Event, Id, canonical,
        entry::{Side, Undoer},
    },
    types::ActorId,
};

/// Most lines of one group that are shown, the newest.
const MOST_LINES: usize = 100;

/// Receipts in groups elsewhere, as their ledgers have them, and halves that are left of receipts
/// with somebody who was forgotten; and every group whose ledger names the member.
pub fn told(
    conn: &mut Conn,
    lens: &Lens,
    person: &Actor,
) -> Result<(Vec<LedgerLine>, Vec<ForgetLine>)> {
    let (mut lines, mut groups) = (Vec::new(), Vec::new());
    for group in db::ledger::naming_ledgers(conn, person.id)? {
        let group = db::actors::by_id(conn, group)?;
        let entries = own_entries(conn, group.id, person.id, i64::MAX)?;
        for own in entries.iter().rev().take(MOST_LINES) {
            lines.extend(line(conn, lens, person, &group, own)?);
        }
        groups.push(ForgetLine {
            name: show::display_name(&group),
            url: show::actor_path(&group),
            action: format!("/settings/help/forget/{}", group.id),
        });
    }
    lines.sort_by(|one, other| other.when.iso.cmp(&one.when.iso));
    Ok((lines, groups))
}

/// One line; `None` for what stands in the table of receipts already.
fn line(
    conn: &mut Conn,
    lens: &Lens,
    person: &Actor,
    group: &Actor,
    own: &Own,
) -> Result<Option<LedgerLine>> {
    let me = Id(person.ap_id.to_string());
    let words = match &own.entry.event {
        Event::Kept { side: Side::Helper, .. } => {
            "You helped somebody who has since been forgotten".to_owned()
        }
        Event::Kept { side: Side::Receiver, .. } => {
            "Somebody who has since been forgotten helped you".to_owned()
        }
        _ if group.local => return Ok(None),
        Event::Receipt(receipt) => {
            let given = receipt.helper == me;
            let other = if given { &receipt.receiver } else { &receipt.helper };
            let known = db::actors::by_ap_id(conn, other.as_str())?;
            let cast = Cast::of(conn, &[], &known.iter().map(|one| one.id).collect::<Vec<_>>())?;
            let other = known.map_or_else(
                || other.to_string(),
                |known| cast.person(known.id, &lens.domain).display,
            );
            if given { format!("You helped {other}") } else { format!("{other} helped you") }
        }
        Event::Undone { receipt, by } => match by {
            Undoer::Receiver => format!("Thanks were taken back (entry {receipt})"),
            Undoer::Helper => format!("Declined by who helped (entry {receipt})"),
            Undoer::Host => format!("Taken back by the group's server (entry {receipt})"),
        },
        _ => return Ok(None),
    };
    Ok(Some(LedgerLine {
        when: words::when(own.entry.at, lens.now),
        words,
        entry: own.entry.seq,
        group: show::display_name(group),
        group_url: show::actor_path(group),
    }))
}

/// A copy of all receipts that shows by itself where they stand, as a file.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn copy(reader: Reader) -> Result<HttpResponse> {
    let person = reader.member()?.actor.id;
    let record = reader.app.help_record(person).await?;
    let text = canonical::write(&record).map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"help-signed.json\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text + "\n"))
}

async fn group(reader: &Reader, id: ActorId) -> Result<Actor> {
    let group = reader.app.read(move |conn| Ok(db::actors::by_id(conn, id)?)).await?;
    if group.is_group() { Ok(group) } else { Err(Error::NotFound) }
}

/// Asks before somebody is forgotten in a group.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for what is no group.
pub async fn form(reader: Reader, path: web::Path<ActorId>) -> Result<HttpResponse> {
    reader.member()?;
    let group = group(&reader, path.into_inner()).await?;
    let name = show::display_name(&group);
    reader.html(&ConfirmPage {
        page: Page { unlisted: true, ..reader.page("Be forgotten") },
        heading: format!("Be forgotten in {name}?"),
        lines: vec![
            format!(
                "You leave {name}. Everything its ledger says of you is erased: that you joined, \
                 when you took part, whom you helped and who helped you. This cannot be undone."
            ),
            "It costs you your vote there, and your own receipts: take a copy of them first if \
             you want to keep it."
                .into(),
            "People you helped, and who helped you, keep a half of each receipt that names only \
             themselves. What you did as a steward stays, since others have a right to know it. \
             Your posts stay too; you can delete those yourself."
                .into(),
            "In place of what was erased stands that you asked for it, with your name and \
             signature. Otherwise a server could erase what it likes and say that somebody \
             wanted it."
                .into(),
        ],
        action: format!("/settings/help/forget/{}", group.id),
        button: "Forget me there".into(),
        dangerous: true,
        back: "/settings/help".into(),
        back_words: "Keep everything as it is".into(),
    })
}

/// Has a group's ledger forget the member.
///
/// # Errors
/// As [`form`].
pub async fn forget(posted: Posted, path: web::Path<ActorId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = reader.member()?.actor.id;
    let group = group(reader, path.into_inner()).await?;
    let name = show::display_name(&group);
    let local = group.local;
    reader.app.write(move |tx| ledger::ask_to_forget(tx, me, &group)).await?;
    let words = if local {
        format!("{name} has forgotten you: what its ledger said of you is erased.")
    } else {
        format!(
            "You have left {name}, and its server is asked to erase what its ledger says of you."
        )
    };
    Ok(reader.go_saying("/settings/help", FlashKind::Done, words))
}
