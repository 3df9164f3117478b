//! `/settings/apps`: the apps that act for a member, and how to end that.
use actix_web::{HttpResponse, web};

use super::{
    oauth,
    posted::Posted,
    reader::Reader,
    views::{
        FlashKind,
        signing_in::{AppLine, AppsPage},
        words,
    },
};
use crate::{
    db::{self, oauth::App, oauth::Token},
    domain,
    error::{Error, Result},
    types::{AppId, Time},
};

/// Most tokens that are looked at.
const MOST: i64 = 500;
/// What stands for tokens made on the command line, which have no app.
const COMMAND_LINE: &str = "command-line";

/// The apps.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn show(reader: Reader) -> Result<HttpResponse> {
    let (me, now) = (reader.member()?.actor.id, reader.app.now());
    let rows = reader.app.read(move |conn| Ok(db::oauth::tokens_of(conn, me, MOST)?)).await?;
    reader.html(&AppsPage { page: reader.page("Settings"), apps: lines(rows, now) })
}

/// One line for each app, however often it was let in; the last let in first.
fn lines(rows: Vec<(Token, Option<App>)>, now: Time) -> Vec<AppLine> {
    let mut apps: Vec<(Option<App>, Vec<Token>)> = Vec::new();
    for (token, app) in rows {
        match apps.iter_mut().find(|(known, _)| known.as_ref().map(|a| a.id) == token.app_id) {
            Some((_, tokens)) => tokens.push(token),
            None => apps.push((app, vec![token])),
        }
    }
    apps.into_iter().map(|(app, tokens)| line(app, &tokens, now)).collect()
}

fn line(app: Option<App>, tokens: &[Token], now: Time) -> AppLine {
    let scopes: Vec<String> = tokens
        .iter()
        .flat_map(|token| token.scopes.split_whitespace())
        .map(str::to_owned)
        .collect();
    let since = tokens.iter().map(|token| token.created_at).min().unwrap_or(now);
    AppLine {
        id: app.as_ref().map_or_else(|| COMMAND_LINE.to_owned(), |app| app.id.to_string()),
        website: app.as_ref().and_then(|app| app.website.clone()).unwrap_or_default(),
        name: app
            .map_or_else(|| "A script of those who run this server".to_owned(), |app| app.name),
        may: oauth::in_words(&scopes),
        since: words::when(since, now),
    }
}

/// An app acts for the member no longer.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` where it did not.
pub async fn shut_out(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = reader.member()?.actor.id;
    let app: Option<AppId> = match path.as_str() {
        COMMAND_LINE => None,
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    reader.app.write(move |tx| domain::oauth::shut_out(tx, me, app)).await?;
    Ok(reader.go_saying("/settings/apps", FlashKind::Done, "It is signed out, everywhere."))
}
