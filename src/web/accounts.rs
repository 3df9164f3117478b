//! `/operator/accounts`: an operator helps somebody back into their account.
use actix_web::HttpResponse;

use super::{
    operator::{frame, operator},
    posted::Posted,
    reader::Reader,
    refusal,
    views::{FlashKind, Form, operator::AccountsPage},
};
use crate::{
    db,
    domain::{Tx, account_links, second_step},
    error::{Error, Result},
    types::ActorId,
};

/// The form.
///
/// # Errors
/// `Forbidden` for everyone but operators.
pub async fn show(reader: Reader) -> Result<HttpResponse> {
    operator(&reader)?;
    page(&reader, String::new(), Form::default().with("act", "link"))
}

fn page(reader: &Reader, link: String, form: Form) -> Result<HttpResponse> {
    let again = !form.is_fine();
    let page = AccountsPage { page: frame(reader, "Accounts"), link, form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// What was done.
enum Done {
    /// A link to hand out; its token.
    Link(String),
    /// Nothing more to show.
    Said(&'static str),
}

/// Does what the operator chose, for the account they named.
///
/// # Errors
/// `Forbidden` for everyone but operators; what is wrong is said on the form.
pub async fn help(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let by = operator(reader)?.actor.id;
    let name = posted.trimmed("name").trim_start_matches('@').to_lowercase();
    let act = posted.value("act").to_owned();
    match reader.app.write(move |tx| done(tx, by, &name, &act)).await {
        Ok(Done::Link(token)) => {
            let link = format!("{}auth/reset?token={token}", reader.app.origin());
            page(reader, link, posted.form())
        }
        Ok(Done::Said(words)) => Ok(reader.go_saying("/operator/accounts", FlashKind::Done, words)),
        Err(Error::NotFound) => {
            let form = posted.form().with_problem("name", "Nobody here has that name.");
            page(reader, String::new(), form)
        }
        Err(error) => {
            let form = posted.form().with_problem("name", refusal::sentence(error)?);
            page(reader, String::new(), form)
        }
    }
}

fn done(tx: &mut Tx, by: ActorId, name: &str, act: &str) -> Result<Done> {
    let found = db::members::by_login(tx, name)?.filter(|(_, actor)| actor.deleted_at.is_none());
    let id = found.ok_or(Error::NotFound)?.1.id;
    match act {
        "link" => account_links::hand_out(tx, Some(by), id).map(Done::Link),
        "confirm" => {
            account_links::confirm_by_hand(tx, Some(by), id)?;
            Ok(Done::Said("Their e-mail address counts as confirmed."))
        }
        "two-factor" => {
            second_step::switch_off(tx, Some(by), id)?;
            Ok(Done::Said("No code is asked of them any more."))
        }
        _ => Err(Error::invalid("Choose what to do")),
    }
}
