//! The e-mail address of somebody who signed up: <https://docs.joinmastodon.org/methods/emails/>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Bearer, Ctx},
    describe::{Api, Empty},
    params::Params,
    scopes::Scopes,
};
use crate::{
    db::{self, Conn, members::Member},
    domain::account_links,
    error::{Error, Result},
    keys,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post(
        "/api/v1/emails/confirmations",
        send,
        "Sends the letter again that confirms an e-mail address",
    )
    .may_refuse(&[409])
    .get("/api/v1/emails/check_confirmation", check, "Whether the e-mail address is confirmed");
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Form {
    email: Option<String>,
}

/// Whose token this is: also of those who may not act yet, for whom these two methods are.
fn holder(conn: &mut Conn, token: &str) -> Result<Member> {
    let (token, actor, member) =
        db::oauth::token_with_owner(conn, &keys::token_hash(token))?.ok_or(Error::Unauthorized)?;
    let member =
        member.ok_or_else(|| Error::invalid("This method requires an authenticated user"))?;
    if actor.is_none_or(|actor| actor.deleted_at.is_some()) {
        return Err(Error::Unauthorized);
    }
    let scopes = Scopes::parse(&token.scopes)?;
    if !scopes.cover("write:accounts") && !scopes.cover("read:accounts") {
        return Err(Error::forbidden("This action is outside the authorized scopes"));
    }
    Ok(member)
}

/// Sends the link again, where the address is still to be confirmed; to another address, if they say
/// one.
async fn send(token: Bearer, form: Params<Form>, ctx: Ctx) -> Result<Json<Empty>> {
    let (token, form) = (token.0, form.into_inner());
    ctx.write(move |tx| {
        let member = holder(tx, &token)?;
        if member.confirmed_at.is_some() {
            return Err(Error::forbidden(
                "This method is only available while the e-mail is awaiting confirmation",
            ));
        }
        let another = form.email.filter(|email| email.trim().to_lowercase() != member.email_key);
        match another.filter(|email| !email.trim().is_empty()) {
            Some(email) => {
                account_links::change_email(tx, member.actor_id, &email)?;
                Ok(())
            }
            None => account_links::send_confirmation(tx, member.actor_id),
        }
    })
    .await?;
    Ok(Json(Empty {}))
}

/// Whether the address is confirmed.
async fn check(token: Bearer, ctx: Ctx) -> Result<Json<bool>> {
    let member = ctx.read(move |conn| holder(conn, &token.0)).await?;
    Ok(Json(member.confirmed_at.is_some()))
}
