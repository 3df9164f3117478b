//! "This helped me", taking it back, and one's own receipts.
use std::fmt::Write as _;

use actix_web::{HttpResponse, http::header, web};

use super::{
    forget,
    named::Part,
    posted::Posted,
    reader::Reader,
    show::{self, Cast, Lens},
    views::{
        FlashKind,
        help::{HelpSettingsPage, ReceiptLine},
        words,
    },
};
use crate::{
    db::{
        self, Conn,
        page::Page as Range,
        receipts::{self, Reason, Receipt},
    },
    domain::{
        help::{self, Outcome},
        members::{self, Preferences},
    },
    error::Result,
    types::{ActorId, PostId, ReceiptId},
};

/// How many receipts stand on a page.
const PAGE: i64 = 30;
/// How many are read at once for a download, and how often.
const BATCH: i64 = 1_000;
const BATCHES: usize = 100;

/// Why something is not counted, to follow a colon.
pub fn why_not(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::Oneself) => "one cannot help oneself.",
        Some(Reason::Bot) => "one of you is a program.",
        Some(Reason::NotAMember) => "who was helped is not a member of the group.",
        Some(Reason::TooNew) => {
            "the account of who was helped is too new here. Say it again in a few days."
        }
        Some(Reason::OptedOut) => "one of you wants to be left out of counts.",
        Some(Reason::Blocked) => "one of you has blocked the other.",
        Some(Reason::Declined) => "the helper did not want it to be.",
        Some(Reason::OnePerThread) => "help by one person counts once in a thread.",
        Some(Reason::OnePerWeek) => "help by one person for another counts once in seven days.",
        Some(Reason::ThreePerQuarter) => {
            "help by one person for another counts three times in ninety days."
        }
        Some(Reason::FivePerDay) => "five thanks of one person count on one day.",
        None => "it was taken back.",
    }
}

/// Where a post stands, and who wrote it.
fn place(conn: &mut Conn, id: PostId) -> Result<(String, String)> {
    let post = db::posts::by_id(conn, id)?;
    let cast = Cast::of(conn, std::slice::from_ref(&post), &[])?;
    let name = cast.actor(post.author_id).map(show::display_name).unwrap_or_default();
    Ok((cast.post_path(&post), name))
}

/// The button "This helped me".
///
/// # Errors
/// `Forbidden` for anyone but who asked; `Invalid` outside of a group.
pub async fn thank(posted: Posted, path: web::Path<PostId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, id) = (reader.member()?.actor.id, path.into_inner());
    let (outcome, (back, name)) =
        reader.app.write(move |tx| Ok((help::by_button(tx, me, id)?, place(tx, id)?))).await?;
    let words = match outcome {
        Outcome::Counted => format!("Thank you for saying so. It is counted: {name} helped you."),
        Outcome::NotCounted(reason) => format!(
            "Thank you for saying so. {name} sees it. It is not counted: {}",
            why_not(Some(reason))
        ),
        Outcome::Elsewhere => format!(
            "Thank you for saying so. {name} sees it, and the group's own server counts it."
        ),
    };
    Ok(reader.go_saying(&back, FlashKind::Help, words))
}

/// Takes it back.
///
/// # Errors
/// As [`thank`]; `Invalid` after 30 days.
pub async fn take_back(posted: Posted, path: web::Path<PostId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, id) = (reader.member()?.actor.id, path.into_inner());
    let (back, _) = reader
        .app
        .write(move |tx| {
            help::take_back(tx, me, id)?;
            place(tx, id)
        })
        .await?;
    Ok(reader.go_saying(
        &back,
        FlashKind::Done,
        "You took the thanks back. It is no longer counted.",
    ))
}

/// The member's own receipts, for their eyes only.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn own(reader: Reader, part: web::Query<Part>) -> Result<HttpResponse> {
    let me = reader.member()?;
    let (actor, opted_out) = (me.actor.clone(), me.member.opted_out);
    let (lens, part, person) = (reader.lens(), part.into_inner(), actor.id);
    let ((receipts, pager), (ledger_lines, groups)) = reader
        .app
        .read(move |conn| {
            let mut rows = receipts::of_person(conn, person, &part.range(PAGE))?;
            let pager = part.cut(&mut rows, PAGE, "/settings/help", |row| row.id.0);
            let told = forget::told(conn, &lens, &actor)?;
            Ok(((lines(conn, &lens, person, &rows)?, pager), told))
        })
        .await?;
    let mut page = reader.page("Help you gave and got");
    page.unlisted = true;
    let page = HelpSettingsPage { page, receipts, ledger_lines, groups, opted_out, pager };
    reader.html(&page)
}

fn lines(
    conn: &mut Conn,
    lens: &Lens,
    person: ActorId,
    rows: &[Receipt],
) -> Result<Vec<ReceiptLine>> {
    let actors: Vec<ActorId> =
        rows.iter().flat_map(|row| [row.helper_id, row.receiver_id, row.group_id]).collect();
    let cast = Cast::of(conn, &[], &actors)?;
    let line = |row: &Receipt| {
        let given = row.helper_id == person;
        let other = if given { row.receiver_id } else { row.helper_id };
        let group = cast.actor(row.group_id);
        let group_url = group.map(show::actor_path).unwrap_or_default();
        let post = row.reply_id.unwrap_or(row.thread_id);
        ReceiptLine {
            id: row.id.to_string(),
            when: words::when(row.created_at, lens.now),
            given,
            other: cast.person(other, &lens.domain),
            post_url: format!("{group_url}/{post}"),
            group: group.map(show::display_name).unwrap_or_default(),
            group_url,
            note: note(row),
            declinable: given && row.counted && row.undone_at.is_none(),
        }
    };
    Ok(rows.iter().map(line).collect())
}

fn note(row: &Receipt) -> String {
    if row.undone_at.is_some() {
        "taken back".to_owned()
    } else if !row.counted {
        format!("not counted: {}", why_not(row.reason).trim_end_matches('.'))
    } else if row.staff {
        "counted apart, as help by those who run a server".to_owned()
    } else {
        String::new()
    }
}

/// The helper does not want a receipt counted.
///
/// # Errors
/// `NotFound` for a receipt about somebody else's help.
pub async fn decline(posted: Posted, path: web::Path<ReceiptId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, id) = (reader.member()?.actor.id, path.into_inner());
    reader.app.write(move |tx| help::decline(tx, me, id)).await?;
    let words = "It is no longer counted. The two of you still see it.";
    Ok(reader.go_saying("/settings/help", FlashKind::Done, words))
}

/// "Leave me out of counts", and in again.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn counts(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = reader.member()?.actor.id;
    let out = !posted.value("leave_out").is_empty();
    let change = Preferences { opted_out: Some(out), ..Preferences::default() };
    reader.app.write(move |tx| members::change_preferences(tx, me, change)).await?;
    let words = if out {
        "From now on no help by you or for you is counted."
    } else {
        "From now on help by you and for you is counted again."
    };
    Ok(reader.go_saying("/settings/help", FlashKind::Done, words))
}

/// One receipt as it is taken along.
#[derive(serde::Serialize)]
struct Taken {
    at: String,
    you: &'static str,
    other: String,
    group: String,
    post: String,
    counted: bool,
    note: String,
}

/// All receipts of the member, as a file.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn download(reader: Reader, form: web::Path<String>) -> Result<HttpResponse> {
    let person = reader.member()?.actor.id;
    let (lens, form) = (reader.lens(), form.into_inner());
    let taken = reader.app.read(move |conn| taken(conn, &lens, person)).await?;
    let (kind, body) = match form.as_str() {
        "json" => ("application/json", serde_json::to_string_pretty(&taken)?),
        _ => ("text/csv; charset=utf-8", csv(&taken)),
    };
    let file = if form == "json" { "help.json" } else { "help.csv" };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

fn taken(conn: &mut Conn, lens: &Lens, person: ActorId) -> Result<Vec<Taken>> {
    let origin = lens.origin.as_str().trim_end_matches('/').to_owned();
    let (mut all, mut older) = (Vec::new(), None);
    for _ in 0..BATCHES {
        let range = Range { max_id: older, ..Range::newest(BATCH) };
        let rows = receipts::of_person(conn, person, &range)?;
        older = rows.last().map(|row| row.id.0);
        let lines = lines(conn, lens, person, &rows)?;
        all.extend(rows.iter().zip(lines).map(|(row, line)| Taken {
            at: row.created_at.rfc3339(),
            you: if line.given { "helped" } else { "were helped" },
            other: line.other.handle,
            group: line.group,
            post: format!("{origin}{}", line.post_url),
            counted: row.counted && row.undone_at.is_none(),
            note: line.note,
        }));
        if older.is_none() {
            break;
        }
    }
    Ok(all)
}

fn csv(taken: &[Taken]) -> String {
    let mut out = String::from("at,you,other,group,post,counted,note\r\n");
    for row in taken {
        let counted = if row.counted { "yes" } else { "no" };
        let cells =
            [row.at.as_str(), row.you, &row.other, &row.group, &row.post, counted, &row.note];
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        let _ = write!(out, "{}\r\n", cells.join(",")); // writing to a String cannot fail
    }
    out
}

/// One cell. What a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('"', "\"\"");
    if formula { format!("\"'{text}\"") } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_a_formula() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("@ben@elm.example"), "\"'@ben@elm.example\"");
        assert_eq!(cell("plain"), "\"plain\"");
    }
}
