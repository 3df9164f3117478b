//! `/operator/staff`: who belongs to those who run the node, and the groups that ask about somebody.
use actix_web::{HttpResponse, web};

use super::{
    named,
    operator::{frame, operator},
    posted::Posted,
    reader::Reader,
    refusal,
    show::{self, Cast, Lens},
    views::{
        FlashKind, Form,
        operator::{QuestionLine, StaffLine, StaffPage},
        words,
    },
};
use crate::{
    db::{self, Conn, petitions::Petition},
    domain::staff::{self, Answer},
    error::{Error, Result},
    types::{ActorId, PetitionId},
};

/// How many questions are shown at once; the most urgent first.
const QUESTIONS: i64 = 50;
/// How many declared accounts are shown.
const STAFF: i64 = 500;

/// `2 questions about staff wait for your answer`; empty where none does.
///
/// # Errors
/// `Internal` from the database.
pub fn asked(conn: &mut Conn) -> Result<String> {
    let waiting = u64::try_from(db::petitions::standing_count(conn)?).unwrap_or_default();
    let (one, many) = ("question about staff waits", "questions about staff wait");
    Ok(match waiting {
        0 => String::new(),
        n => format!("{} for your answer", words::count(n, one, many)),
    })
}

/// Who is staff, what is asked about it, and the form to declare somebody.
///
/// # Errors
/// `Forbidden` for everyone but operators.
pub async fn show(reader: Reader) -> Result<HttpResponse> {
    operator(&reader)?;
    page(&reader, Form::default()).await
}

async fn page(reader: &Reader, form: Form) -> Result<HttpResponse> {
    let lens = reader.lens();
    let (questions, operators, staff) = reader
        .app
        .read(move |conn| {
            let operators = db::members::operators(conn)?;
            let operators = show::people(conn, &lens, operators.iter(), |_| true)?;
            Ok((questions(conn, &lens)?, operators, lines(conn, &lens)?))
        })
        .await?;
    let again = !form.is_fine();
    let page = StaffPage { page: frame(reader, "Staff"), questions, operators, staff, form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

fn questions(conn: &mut Conn, lens: &Lens) -> Result<Vec<QuestionLine>> {
    let rows = db::petitions::standing(conn, QUESTIONS)?;
    let named: Vec<ActorId> = rows.iter().flat_map(|row| [row.group_id, row.person_id]).collect();
    let cast = Cast::of(conn, &[], &named)?;
    let line = |row: &Petition| {
        let group = cast.actor(row.group_id);
        let due = staff::ends_at(row);
        QuestionLine {
            id: row.id.to_string(),
            person: cast.person(row.person_id, &lens.domain),
            group: group.map(show::display_name).unwrap_or_default(),
            log_url: group
                .map(|group| format!("{}/log", show::actor_path(group)))
                .unwrap_or_default(),
            since: words::when(row.stands_since.unwrap_or(row.created_at), lens.now),
            due: words::day(due),
            left: words::until(due, lens.now),
        }
    };
    Ok(rows.iter().map(line).collect())
}

fn lines(conn: &mut Conn, lens: &Lens) -> Result<Vec<StaffLine>> {
    let rows = db::staff::list(conn, STAFF)?;
    let declarers: Vec<ActorId> = rows.iter().filter_map(|(row, _)| row.declared_by).collect();
    let cast = Cast::of(conn, &[], &declarers)?;
    let line = |(row, actor): &(db::staff::Declared, db::actors::Actor)| StaffLine {
        person: show::person(actor, &lens.domain, false),
        address: actor.acct(),
        since: words::when(row.since, lens.now),
        by: row
            .declared_by
            .map_or("the command line".to_owned(), |id| cast.person(id, &lens.domain).display),
    };
    Ok(rows.iter().map(line).collect())
}

/// Declares somebody.
///
/// # Errors
/// `Forbidden` for everyone but operators; what is wrong is said on the form.
pub async fn declare(posted: Posted) -> Result<HttpResponse> {
    let form = posted.form();
    match set(&posted, true).await {
        Ok(handle) => {
            let words = format!("{handle} is staff from now on.");
            Ok(posted.reader.go_saying("/operator/staff", FlashKind::Done, words))
        }
        Err(Error::NotFound | Error::Gone) => {
            let why = "Nobody of that address is known here. Look for them with Search first.";
            page(&posted.reader, form.with_problem("address", why)).await
        }
        Err(error @ (Error::Invalid(_) | Error::Conflict(_))) => {
            let why = refusal::sentence(error)?;
            page(&posted.reader, form.with_problem("address", why)).await
        }
        Err(error) => Err(error),
    }
}

/// Ends a declaration.
///
/// # Errors
/// `Forbidden` for everyone but operators, `NotFound` for who is not known.
pub async fn end(posted: Posted) -> Result<HttpResponse> {
    let handle = set(&posted, false).await?;
    let words = format!("{handle} is staff no longer. What was counted as staff's stays so.");
    Ok(posted.reader.go_saying("/operator/staff", FlashKind::Done, words))
}

/// Says of whoever the form names whether they are staff; their handle.
async fn set(posted: &Posted, on: bool) -> Result<String> {
    let reader = &posted.reader;
    let by = Some(operator(reader)?.actor.id);
    let (address, lens) = (posted.trimmed("address").to_owned(), reader.lens());
    reader
        .app
        .write(move |tx| {
            let who = named::find(tx, &address, &lens.domain)?;
            staff::declare(tx, by, who.id, on)?;
            Ok(show::handle(&who, &lens.domain))
        })
        .await
}

/// Answers a group's question.
///
/// # Errors
/// `Forbidden` for everyone but operators, `NotFound` where nothing waits for an answer.
pub async fn answer(posted: Posted, path: web::Path<PetitionId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (by, id) = (Some(operator(reader)?.actor.id), path.into_inner());
    let yes = posted.value("decision") == "yes";
    let answer =
        if yes { Answer::Staff } else { Answer::NotStaff(posted.trimmed("statement").to_owned()) };
    match reader.app.write(move |tx| staff::respond(tx, by, id, &answer)).await {
        Ok(()) => {
            let words = if yes {
                "They are staff from now on, and the group reads it."
            } else {
                "The group reads your answer."
            };
            Ok(reader.go_saying("/operator/staff", FlashKind::Done, words))
        }
        Err(error @ Error::Invalid(_)) => {
            let why = refusal::sentence(error)?;
            Ok(reader.go_saying("/operator/staff", FlashKind::Wrong, why))
        }
        Err(error) => Err(error),
    }
}
