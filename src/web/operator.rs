//! For those who run the node: who may come in, and how it gets on with other servers.
use actix_web::{HttpResponse, web};

use super::{
    joining,
    posted::Posted,
    reader::{Reader, SignedIn},
    refusal,
    show::{self, Lens},
    staff,
    views::{
        FlashKind, Form, Page,
        operator::{InviteLine, InvitesPage, OperatorPage, WaitingLine},
        words,
    },
};
use crate::{
    db::{self, Conn},
    domain::sign_ups,
    error::{Error, Result},
    types::ActorId,
};

/// How many sign-ups are shown at once; the longest waiting first.
const WAITING: i64 = 50;
/// How many invites are shown.
const INVITES: i64 = 100;

/// The member, if they run the node.
///
/// # Errors
/// `Unauthorized` for visitors, `Forbidden` for other members.
pub fn operator(reader: &Reader) -> Result<&SignedIn> {
    let me = reader.member()?;
    if me.member.operator {
        return Ok(me);
    }
    Err(Error::forbidden("This page is for those who run this server."))
}

/// The frame of an operator's page.
pub fn frame(reader: &Reader, title: &str) -> Page {
    Page { unlisted: true, ..reader.page(title) }
}

/// Who waits to be let in.
///
/// # Errors
/// `Forbidden` for everyone but operators.
pub async fn sign_ups(reader: Reader) -> Result<HttpResponse> {
    operator(&reader)?;
    let lens = reader.lens();
    let ((waiting, more), asked) =
        reader.app.read(move |conn| Ok((waiting(conn, &lens)?, staff::asked(conn)?))).await?;
    reader.html(&OperatorPage {
        page: frame(&reader, "Who waits"),
        mode: joining::mode(reader.app.config().sign_up),
        waiting,
        more,
        asked,
    })
}

fn waiting(conn: &mut Conn, lens: &Lens) -> Result<(Vec<WaitingLine>, bool)> {
    let rows = db::members::waiting(conn, WAITING + 1)?;
    let most = usize::try_from(WAITING).unwrap_or_default();
    let more = rows.len() > most;
    let line = |(member, actor): &(db::members::Member, db::actors::Actor)| WaitingLine {
        person: show::person(actor, &lens.domain, false),
        name: actor.name.clone(),
        email: member.email.clone(),
        unconfirmed: member.confirmed_at.is_none(),
        reason: member.sign_up_reason.clone(),
        when: words::when(member.created_at, lens.now),
    };
    Ok((rows.iter().take(most).map(line).collect(), more))
}

/// Lets somebody in, or turns them away.
///
/// # Errors
/// `Forbidden` for everyone but operators, `NotFound` where nobody waits.
pub async fn decide(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (by, name) = (Some(operator(reader)?.actor.id), path.into_inner());
    let yes = posted.value("decision") == "yes";
    let reason = posted.trimmed("reason").to_owned();
    let asked = name.clone();
    reader
        .app
        .write(move |tx| {
            let actor = db::actors::local_by_name(tx, &asked)?.ok_or(Error::NotFound)?;
            if yes {
                sign_ups::approve(tx, by, actor.id)
            } else {
                sign_ups::deny(tx, by, actor.id, &reason)
            }
        })
        .await?;
    let words = if yes {
        format!("{name} is in, and can sign in now.")
    } else {
        format!("{name} is turned away. They read why when they sign in.")
    };
    Ok(reader.go_saying("/operator", FlashKind::Done, words))
}

/// The invites that hold, and the form to make one.
///
/// # Errors
/// `Forbidden` for everyone but operators.
pub async fn invites(reader: Reader) -> Result<HttpResponse> {
    operator(&reader)?;
    let form = Form::default().with("uses", "1").with("days", "7");
    invites_page(&reader, form, String::new()).await
}

async fn invites_page(reader: &Reader, form: Form, link: String) -> Result<HttpResponse> {
    let lens = reader.lens();
    let invites = reader.app.read(move |conn| lines(conn, &lens)).await?;
    let again = !form.is_fine();
    let mode = joining::mode(reader.app.config().sign_up);
    let page = InvitesPage { page: frame(reader, "Invites"), mode, link, invites, form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

fn lines(conn: &mut Conn, lens: &Lens) -> Result<Vec<InviteLine>> {
    let rows = db::invites::open(conn, lens.now, INVITES)?;
    let people: Vec<ActorId> = rows.iter().map(|invite| invite.inviter_id).collect();
    let cast = show::Cast::of(conn, &[], &people)?;
    let line = |invite: &db::invites::Invite| InviteLine {
        id: invite.short().to_owned(),
        by: cast.person(invite.inviter_id, &lens.domain),
        when: words::when(invite.created_at, lens.now),
        left: words::count(u64::try_from(invite.uses_left).unwrap_or_default(), "person", "people"),
        ends: words::until(invite.expires_at, lens.now),
    };
    Ok(rows.iter().map(line).collect())
}

/// Makes an invite; its link is shown with this answer and never again.
///
/// # Errors
/// `Forbidden` for everyone but operators; what is wrong is said on the form.
pub async fn invite(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = operator(reader)?.actor.id;
    let number = |name: &str| posted.trimmed(name).parse::<i32>().unwrap_or(0);
    let (uses, days) = (number("uses"), i64::from(number("days")));
    let made = reader.app.write(move |tx| sign_ups::invite(tx, Some(me), me, uses, days)).await;
    match made {
        Ok((code, _)) => {
            let link = format!("{}auth/sign_up?invite={code}", reader.app.origin());
            invites_page(reader, posted.form(), link).await
        }
        Err(error) => {
            let why = refusal::sentence(error)?;
            let field = if why.contains("days") { "days" } else { "uses" };
            let form = posted.form().with_problem(field, why);
            invites_page(reader, form, String::new()).await
        }
    }
}

/// Ends an invite.
///
/// # Errors
/// `Forbidden` for everyone but operators, `NotFound` where there is none.
pub async fn revoke(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (by, id) = (Some(operator(reader)?.actor.id), path.into_inner());
    reader.app.write(move |tx| sign_ups::revoke(tx, by, &id)).await?;
    let words = "That invite has ended. Who came with it stays.";
    Ok(reader.go_saying("/operator/invites", FlashKind::Done, words))
}
