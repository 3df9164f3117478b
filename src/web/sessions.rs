//! `/settings/sign-in`: where one is signed in, whether a code is asked for, and what happened lately.
use actix_web::{HttpResponse, web};

use super::{
    posted::Posted,
    reader::Reader,
    views::{
        FlashKind,
        signing_in::{HappenedLine, SessionLine, SignInSettingsPage},
        words,
    },
};
use crate::{
    db,
    domain::{self, account_news::What, second_step},
    error::Result,
};

/// How much of what happened is shown.
const HAPPENED: i64 = 20;

/// Where one is signed in, and what happened.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn show(reader: Reader) -> Result<HttpResponse> {
    let me = reader.member()?;
    let (id, now, here) = (me.actor.id, reader.app.now(), me.session.token_hash.clone());
    let (two_factor, sessions, happened) = reader
        .app
        .read(move |conn| {
            let two_factor = second_step::on_since(conn, id)?;
            let sessions = db::sessions::of(conn, id, now)?;
            Ok((two_factor, sessions, db::account_news::of(conn, id, HAPPENED)?))
        })
        .await?;
    let session = |row: &db::sessions::Session| SessionLine {
        id: row.short().to_owned(),
        browser: words::browser(&row.agent),
        since: words::when(row.created_at, now),
        seen: words::when(row.seen_at, now),
        here: row.token_hash == here,
    };
    let line = |row: &db::account_news::AccountNews| {
        What::from_word(&row.what).map(|what| HappenedLine {
            what: words::happened(what, &row.detail),
            when: words::when(row.created_at, now),
        })
    };
    reader.html(&SignInSettingsPage {
        page: reader.page("Settings"),
        two_factor: two_factor.map(words::day).unwrap_or_default(),
        sessions: sessions.iter().map(session).collect(),
        happened: happened.iter().filter_map(line).collect(),
    })
}

/// Signs one browser out.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` where there is no such session.
pub async fn end(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, short) = (reader.member()?, path.into_inner());
    let (id, here) = (me.actor.id, me.session.short() == short);
    reader.app.write(move |tx| domain::sessions::end_one(tx, id, &short)).await?;
    if here {
        return Ok(reader.signed_out("You are signed out."));
    }
    Ok(reader.go_saying("/settings/sign-in", FlashKind::Done, "That browser is signed out."))
}

/// Signs every browser out but this one.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn end_others(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = reader.member()?;
    let (id, here) = (me.actor.id, me.session.token_hash.clone());
    reader
        .app
        .write(move |tx| {
            db::sessions::delete_of_actor(tx, id, Some(&here))?;
            // Whoever is about to come in begins anew, too.
            Ok(db::second_steps::forget_halfway_of(tx, id)?)
        })
        .await?;
    let words = "Every other browser is signed out. Apps stay signed in.";
    Ok(reader.go_saying("/settings/sign-in", FlashKind::Done, words))
}
