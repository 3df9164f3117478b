//! Letters to members: finds the words, makes the link, and hands both to the mail server.
mod words;

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::extension::ClientId,
};

use crate::{
    app::App,
    config::SmtpUrl,
    db::{self, Conn},
    domain::{Tx, account_links, letters::Letter},
    error::{Error, Result},
    keys,
    types::ActorId,
};
use words::Words;

/// How long the mail server may take for a letter; less than a task is hidden from other workers.
const PATIENCE: Duration = Duration::from_secs(45);

/// A letter as it goes out.
struct Sheet {
    to: String,
    words: Words,
}

/// Sends a letter; what it says is looked up now. Nothing where nobody waits for it any more.
///
/// # Errors
/// `Unreachable` where the mail server does not take it now, and may later; `Invalid` where it never
/// will.
pub async fn send(app: &App, letter: Letter) -> Result<()> {
    let Some(url) = app.config().smtp_url.clone() else {
        return Err(Error::invalid("no smtp_url is set any more, so a letter was not sent"));
    };
    let title = app.config().title.clone();
    let sheet = match app.write(move |tx| sheet(tx, letter, &title)).await {
        Ok(Some(sheet)) => sheet,
        // Who it was for may be gone by now.
        Ok(None) | Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    deliver(app, &url, &sheet).await?;
    metrics::counter!("commonhold_letters_sent_total").increment(1);
    Ok(())
}

fn sheet(tx: &mut Tx, letter: Letter, title: &str) -> Result<Option<Sheet>> {
    let named = db::settings::title(tx)?;
    let node = words::Node { name: named.as_deref().unwrap_or(title), origin: tx.node().url("") };
    let sheet = |to: String, words: Words| Ok(Some(Sheet { to, words }));
    match letter {
        Letter::Confirm { member, at: _ } => {
            let name = tx.actor(member)?.name;
            let Some((token, email)) = account_links::confirm_link(tx, member)? else {
                return Ok(None);
            };
            sheet(email, words::confirm(&node, &name, &token))
        }
        Letter::Reset { member, at: _ } => {
            let name = tx.actor(member)?.name;
            let (token, email) = account_links::reset_link(tx, member)?;
            sheet(email, words::reset(&node, &name, &token))
        }
        Letter::AddressAsked { change } => {
            let Some(change) = db::account_links::change_by_id(tx, change)? else {
                return Ok(None);
            };
            let name = tx.actor(change.actor_id)?.name;
            sheet(change.former, words::address_asked(&node, &name, &change.email))
        }
        Letter::PasswordChanged { member, at } => {
            let name = tx.actor(member)?.name;
            sheet(address(tx, member)?, words::password_changed(&node, &name, at))
        }
        Letter::SecondStepOff { member, at } => {
            let name = tx.actor(member)?.name;
            sheet(address(tx, member)?, words::second_step_off(&node, &name, at))
        }
    }
}

fn address(conn: &mut Conn, id: ActorId) -> Result<String> {
    Ok(db::members::by_id(conn, id)?.ok_or(Error::NotFound)?.email)
}

async fn deliver(app: &App, url: &SmtpUrl, sheet: &Sheet) -> Result<()> {
    // The words of these errors may hold an address, or the password of the mail server.
    let to: Mailbox = sheet.to.parse().map_err(|_| unsendable("the member's address is none"))?;
    let from = app.config().mail_from.parse::<Mailbox>();
    let from = from.map_err(|_| unsendable("mail_from is no address"))?;
    let host = app.domain().split(':').next().unwrap_or_default();
    let id = format!("<{}@{host}>", keys::new_token());
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(sheet.words.subject.clone())
        .message_id(Some(id))
        .header(ContentType::TEXT_PLAIN)
        .header(words::AutoSubmitted)
        .body(sheet.words.body.clone())
        .map_err(|_| unsendable("it cannot be written as mail"))?;
    let mailer = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
        .map_err(|_| unsendable("smtp_url cannot be used"))?
        .hello_name(ClientId::Domain(host.to_owned()))
        .timeout(Some(PATIENCE))
        .build();
    match tokio::time::timeout(PATIENCE, mailer.send(message)).await {
        Ok(sent) => sent.map(drop).map_err(|error| refused(&error)),
        Err(_) => Err(Error::Unreachable("the mail server takes too long".to_owned())),
    }
}

/// What a failure means: a server that does not want this letter never will, everything else may be
/// mended. The server's own words may name the member, so only its code is repeated.
fn refused(error: &lettre::transport::smtp::Error) -> Error {
    match error.status().map(|code| code.to_string()) {
        Some(code) if code.starts_with("55") => {
            unsendable(&format!("the mail server refused it with {code}"))
        }
        Some(code) => {
            Error::Unreachable(format!("the mail server does not take it now, with {code}"))
        }
        None => Error::Unreachable(format!("the mail server is not reached: {error}")),
    }
}

fn unsendable(why: &str) -> Error {
    tracing::error!("a letter cannot be sent: {why}");
    Error::invalid(format!("a letter cannot be sent: {why}"))
}
